// Package plan decides what the goods ledger writes: from rows that were asked for to rows that are to be saved, without
// a database and without a clock.
//
// A [Ledger] holds the rows that an operation depends on. Its methods change them in memory and refuse what the rules of
// package stock forbid; [Ledger.Changes] lists what is to be written. After an error a ledger must not be saved.
package plan

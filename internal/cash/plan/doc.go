// Package plan decides what the money ledger and the cash book write: postings, payments, balances, and the events of the
// cash book. Its functions go from values to values; package cash asks for the rows and saves the result.
//
// A [Ledger] is made from the rows that were asked for, changed by its methods in the order of the business, and ends as
// [Changes].
package plan

// Package demo is the shop that serve --demo fills an empty database with: a grocery of two branches with the history
// of its last ninety days, in which every documented member of every response has a value.
//
// It owns no tables. All data are written by operations of the business packages, each run at the instant of its step:
// [generator] moves the clock of its transaction, so that the ledgers and the rules hold as in a real shop. Two fills at
// the same instant create the same shop; a later one creates the same shop with later dates.
//
// All persons are invented: contact numbers begin with 0900, which no network uses, numbers of papers with provinces that
// do not exist, and mail addresses and images are in domains that are reserved for examples.
package demo

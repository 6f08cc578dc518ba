// Package demo is the shop that serve --demo fills an empty database with: a grocery of two branches with the history
// of its last ninety days, in which every documented member of every answer occurs.
//
// It owns no tables. Whatever is in the shop got there through an operation of a room, run at the instant at which it
// would have happened: [story] moves the clock of its transaction, so that the ledgers and the rules hold as they do
// in a shop that was really at work. Two fills at one instant make the same shop; a later one makes the same shop later.
//
// Nobody is meant: the contact numbers begin with 0900, which no network uses, the numbers of papers with provinces
// that do not exist, and mail and pictures live on domains that are reserved for examples.
package demo

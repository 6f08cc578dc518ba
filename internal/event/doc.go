// Package event is the log of what changed in a shop.
//
// A package that changes a record calls Emit of the record's [Kind] inside its transaction. At the end of the transaction,
// each changed record is rendered once and appended to the log with the next numbers of the shop. The log is the source of
// the webhooks, of the feed that programs poll, and of replays.
//
// Invariants:
//
//  1. in order: the numbers of a shop's events rise in the order of their commits, and their instants never go back, so
//     that a reader of number n has not missed one below it; old ones are dropped from the beginning only. The numbers jump
//     where a backup was restored or a replica was promoted: a reader of the history that was lost is refused
//  2. whole: a change and its event are in one commit
//  3. final: an event shows the record as the commit left it, with the changes of all events with lower numbers
//
// Events of the type [Internal] are for the program itself: they are not delivered, and their numbers are missing in what
// clients read.
//
// The numbers are those of the shop's head (package db).
//
// It owns the table events.
package event

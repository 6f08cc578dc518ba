// Package event is the log of what changed in a shop.
//
// A room that changes a noun calls Emit of the noun's [Kind] inside its transaction. At the end of the transaction, when
// everything stands as it will be, the log renders each changed record once and appends what it says with the next
// numbers of the shop. The log is the source of the webhooks, of the feed that programs poll, and of replays.
//
// What holds:
//
//  1. gapless: the events of a shop are numbered 1, 2, 3 … in the order of their commits, so that whoever has seen
//     number n has not missed one below it; old ones are dropped from the beginning only
//  2. whole: a change and its event are in one commit
//  3. final: an event shows the record as the commit left it, and all that lower numbers have told of
//
// The counter of a shop is the last row that a transaction locks: everybody waits for it, so nobody keeps it long.
//
// It owns the tables events and event_heads.
package event

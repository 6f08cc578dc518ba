// Package audit is the log of who has changed what in a shop: people, programs and commands. It owns the table audit_log.
//
// An operation that has changed something adds one entry, in its transaction. Documents are named with the numbers of their events,
// which show them; of other records the entry has the members that have changed, with the values before and after. What was refused
// to who tries to come in is written later, in batches within a bound ([Refusals]).
//
// Invariants:
//
//  1. Complete: a change and its entry are in one commit, and an operation has one entry.
//  2. In order: the entries of a shop are numbered without gaps in the order of their commits, and their instants never go back.
//  3. Unchanged: no statement updates an entry, and only [Prune] removes some, from the oldest on, which is itself an entry. Each entry
//     has the hash of itself and the one before, and the shop's head that of the newest, so that [Check] finds what was altered,
//     added or removed later. Who can write the whole database can make a new chain: a number and its hash that are kept elsewhere
//     show that, too.
//  4. Passwords, PINs, secrets and tokens are in no entry; of the number of a bank account there are the last four digits.
package audit

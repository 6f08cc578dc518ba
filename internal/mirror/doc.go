// Package mirror keeps a copy of a shop of another system that speaks the KiotViet Public API: it pulls the shop's lists, keeps them
// fresh, and compares the copy with the source. It owns the table mirror_lists; the business packages write the records, as rows of
// their own with the source's ids, codes and dates.
//
// Invariants:
//
//  1. A page of a list and how far the list is read are written by one transaction: a pull that is cut at any point goes on with the
//     next page, and repeats at most one.
//  2. Documents are history: they post nothing. What branches have and what customers owe comes as adjustments of the ledgers, so that
//     these balance.
//  3. What the mirror shows of a record is what the source shows of it, member by member, once what has changed there is pulled.
//
// docs/decisions/0030-mirror.md has the reasons, and what is not mirrored.
package mirror

// Package plan decides, without a database, whether vouchers can pay for a document, and how much. It gets vouchers and
// campaigns as values and sets in them what is to be written; package promo asks and saves.
package plan

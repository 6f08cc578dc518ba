// Package plan resolves, without a database, the customer and the carrier of a document, and what a new or
// changed customer is. It gets what was asked for as values and returns rows to write; package party asks and saves.
package plan

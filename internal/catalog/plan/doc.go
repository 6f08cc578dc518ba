// Package plan holds what plans of documents need of the catalog, as values: products as lines name them, the base units that
// a line moves, price books, and what stock.update shows of a product. It does not reach the database; package catalog reads
// what it needs.
package plan

// Package plan has the values that plans of documents need of the catalog: products as lines name them, the base units that
// a line moves, price books, and what stock.update shows of a product. It does not reach the database; package catalog reads
// what it needs.
package plan

// Package salestest simulates the sales of a shop without a database.
//
// A [Memory] holds the rows of a shop. It builds the facts of an operation as package sales asks for them, runs the plan,
// and applies what the plan decides as package sales saves it. A [Generator] makes random operations for it, and a [Model]
// keeps the books of the same shop in the simplest way: sums of documents. The two are compared after each operation.
//
// Everything follows from a seed, so that a finding can be repeated.
package salestest

// Package stock is the goods ledger: how much of what is where, what it cost, and what is promised.
//
// It knows product ids and quantities, not products: catalog turns a unit into its base and a combo into its materials
// before anything comes here, so every quantity is one of base units.
//
// Goods never appear or vanish. A posting moves a positive quantity of a product from a place to a place; places are
// branches and four outside ones. Nothing is deleted: what no longer holds is moved back by its mirror.
//
// The invariants, in the words of [Check] and of the property test:
//
//  1. conservation: what left all places of a product equals what entered them
//  2. projection: a branch's level is what came in minus what went out
//  3. once: a document posts each line of a step at most once
//  4. floor: no branch goes below zero unless the shop allows it
//  5. reservation: what a level calls reserved is what open documents hold
//  6. batches and serials add up to the level
//
// It owns the tables stock_levels, stock_postings, stock_reservations, stock_batches, stock_batch_levels,
// stock_serials and stock_serial_postings.
package stock

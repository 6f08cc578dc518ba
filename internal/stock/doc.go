// Package stock is the goods ledger: how much of what is where, what it cost, and what is promised.
//
// It knows product ids and quantities, not products: catalog turns a unit into its base and a combo into its materials
// before anything comes here, so every quantity is one of base units.
//
// Goods never appear or vanish. A posting moves a positive quantity of a product from a location to a location; locations
// are branches and four outside ones, and one of the two is a branch: between branches goods pass through Transit. What
// has moved is never changed or deleted: what is no longer valid is moved back by its mirror. When it moved for the books,
// and at what cost, may be corrected.
//
// An operation asks for the rows that it depends on ([Ask]), changes them in memory (package plan, without a database),
// and saves what has changed ([Save]).
//
// The invariants, in the words of [Check] and of the property tests:
//
//  1. conservation: what left all locations of a product equals what entered them
//  2. projection: a branch's level is what came in minus what went out
//  3. once: a document posts each line of a step at most once
//  4. floor: no branch goes below zero unless the shop allows it
//  5. reservation: what a level calls reserved is what open documents hold; on order: what a level calls on order is what
//     open orders to suppliers still await
//  6. lots and serials add up to the level
//  7. cost: what goods cost follows from the order of all movements
//
// The seventh in full. A movement is what a document has moved, all its steps together, of a product and lot between a
// branch and an outside location; so a document that was changed counts as if it had been entered right at first, and one
// that was voided moves nothing. Movements count in the order of when they were effective, those of one instant in the
// order in which the ledger first recorded them, those of one step of a document so that its goods come in, leave, and
// come in from Transit. In that order, beginning with nothing:
//
//   - What comes in costs what its document says. If that says nothing, it costs what it cost when it left with the
//     document that is its origin (the same one for goods out of Transit, the invoice for goods that a customer brings
//     back), provided that was before; else the branch's average.
//   - What leaves costs the branch's average.
//   - What comes in mixes with what the branch has: the average becomes the worth of both, each rounded, divided by their
//     quantity. A branch that has nothing, or less, takes the new cost as it is.
//   - A stock take that says a cost sets the average to it.
//   - All postings of a movement have its cost, and a level has the average after its last movement.
//
// A document that is entered, changed or voided as the last one finds the cost of its goods at the level. One that is
// back-dated, or old, changes the costs of what follows it: up to 50 postings are revalued at once; more are left to
// [RecostAll], which revalues them in the background while sales go on, at the old average until it has come to the end.
// Until then the level is recosting, and stock_recosts has the position from which on; Check skips its product.
//
// It owns the tables stock_levels, stock_postings, stock_recosts, stock_reservations, stock_awaited, stock_batches,
// stock_batch_levels, stock_serials and stock_serial_postings.
package stock

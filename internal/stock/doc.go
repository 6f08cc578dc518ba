// Package stock is the goods ledger: quantities, costs and reservations of products at locations.
//
// It has product ids and quantities, not products: catalog converts a unit into its base unit and a combo into its
// materials, so every quantity is in base units.
//
// Goods never appear or vanish. A posting moves a positive quantity of a product from a location to a location; locations
// are branches and four outside ones, and one of the two is a branch: between branches goods pass through Transit. A
// posting is never deleted: one that is no longer valid is reversed by another. Only its effective date and cost may be
// corrected.
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
// The seventh in full. A movement is the sum of all steps of a document for a product and lot between a branch and an
// outside location; so a changed document counts as if it had been entered in its last form, and a void one as nothing.
// Movements are ordered by effective date, those of one instant by when the ledger first recorded them, those of one step
// of a document by phase: receipts, issues, receipts from Transit. In that order, beginning with nothing:
//
//   - A receipt has the cost that its document gives. Without one it has the cost of the issue by the document of origin
//     (the same one for goods out of Transit, the invoice for goods that a customer returns), provided that was before;
//     else the branch's average.
//   - An issue has the branch's average as its cost.
//   - A receipt changes the average: the value of both quantities, each rounded, divided by their sum. At a branch that
//     has nothing, or less, the average becomes the new cost.
//   - A stock take with a cost sets the average to it.
//   - All postings of a movement have its cost, and a level has the average after its last movement.
//
// A document that is the last one takes the cost of its goods from the level. One that is backdated, or old, changes the
// costs of later movements: up to 50 postings are revalued at once; more are left to [RecostAll], which revalues them in
// the background, while sales use the old average until it is done.
// Until then the level is recosting, and stock_recosts has the position from which on; Check skips its product.
//
// It owns the tables stock_levels, stock_postings, stock_recosts, stock_reservations, stock_awaited, stock_batches,
// stock_batch_levels, stock_serials and stock_serial_postings.
package stock

package stock

import (
	"fmt"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock/plan"
)

// invariants are the statements that find what breaks each invariant: product, branch, and the two numbers that differ.
var invariants = []struct{ name, sql string }{
	{"conservation: a posting moves a positive quantity between two different places", `
		SELECT product_id, from_place, quantity, to_place FROM stock_postings
		WHERE retailer_id = :retailer AND (quantity <= 0 OR from_place = to_place)`},
	{"projection: a branch's level is what came in minus what went out", `
		SELECT product_id, branch_id, CAST(SUM(level) AS BIGINT), CAST(SUM(moved) AS BIGINT) FROM (
			SELECT product_id, branch_id, on_hand AS level, 0 AS moved FROM stock_levels WHERE retailer_id = :retailer
			UNION ALL
			SELECT product_id, to_place, 0, quantity FROM stock_postings WHERE retailer_id = :retailer AND to_place > 0
			UNION ALL
			SELECT product_id, from_place, 0, -quantity FROM stock_postings WHERE retailer_id = :retailer AND from_place > 0
		) t GROUP BY product_id, branch_id HAVING SUM(level) <> SUM(moved)`},
	{"reservation: what a level calls reserved is what open documents hold", `
		SELECT product_id, branch_id, CAST(SUM(level) AS BIGINT), CAST(SUM(held) AS BIGINT) FROM (
			SELECT product_id, branch_id, reserved AS level, 0 AS held FROM stock_levels WHERE retailer_id = :retailer
			UNION ALL
			SELECT product_id, branch_id, 0, quantity FROM stock_reservations WHERE retailer_id = :retailer
		) t GROUP BY product_id, branch_id HAVING SUM(level) <> SUM(held) OR SUM(level) < 0`},
	{"on order: what a level calls on order is what open orders to suppliers still await", `
		SELECT product_id, branch_id, CAST(SUM(level) AS BIGINT), CAST(SUM(awaited) AS BIGINT) FROM (
			SELECT product_id, branch_id, on_order AS level, 0 AS awaited FROM stock_levels WHERE retailer_id = :retailer
			UNION ALL
			SELECT product_id, branch_id, 0, quantity FROM stock_awaited WHERE retailer_id = :retailer
		) t GROUP BY product_id, branch_id HAVING SUM(level) <> SUM(awaited) OR SUM(level) < 0`},
	{"lots: what the lots of a product have adds up to its level", `
		SELECT b.product_id, b.branch_id, CAST(SUM(b.on_hand) AS BIGINT), MAX(l.on_hand)
		FROM stock_batch_levels b
		JOIN stock_levels l ON l.retailer_id = :retailer AND l.product_id = b.product_id AND l.branch_id = b.branch_id
		WHERE b.retailer_id = :retailer GROUP BY b.product_id, b.branch_id
		HAVING SUM(b.on_hand) <> MAX(l.on_hand) OR MIN(b.on_hand) < 0`},
	{"serials: as many serials are in stock as the level says", `
		SELECT s.product_id, s.branch_id, CAST(SUM(s.status) * 10000 AS BIGINT), MAX(l.on_hand)
		FROM stock_serials s
		JOIN stock_levels l ON l.retailer_id = :retailer AND l.product_id = s.product_id AND l.branch_id = s.branch_id
		WHERE s.retailer_id = :retailer GROUP BY s.product_id, s.branch_id
		HAVING SUM(s.status) * 10000 <> MAX(l.on_hand)`},
	{"serials: a posting of serials moves as many as its quantity", `
		SELECT p.product_id, p.document_id, COUNT(*) * 10000, MAX(p.quantity)
		FROM stock_serial_postings s
		JOIN stock_postings p ON p.retailer_id = :retailer AND p.kind = s.kind AND p.document_id = s.document_id
			AND p.step = s.step AND p.line = s.line
		WHERE s.retailer_id = :retailer GROUP BY p.product_id, p.document_id, p.kind, p.step, p.line
		HAVING COUNT(*) * 10000 <> MAX(p.quantity)`},
}

// floor is checked only where the shop does not sell what it does not have.
const floor = `
	SELECT product_id, branch_id, on_hand, 0 FROM stock_levels WHERE retailer_id = :retailer AND on_hand < 0`

// Check looks for what breaks the invariants of the package comment and returns one line for each finding. limits are
// those under which the shop has always sold; invariant 3 is the primary key of stock_postings.
func Check(tx *db.Tx, limits Limits) ([]string, error) {
	var findings []string
	find := func(name, sql string) error {
		return tx.Each(func(row db.Row) error {
			findings = append(findings, fmt.Sprintf("%s: product %d, place %d: %v and %v", name, row.Int64(0), row.Int64(1),
				taphoa.Quantity(row.Int64(2)), taphoa.Quantity(row.Int64(3))))
			return nil
		}, sql)
	}
	for _, i := range invariants {
		if err := find(i.name, i.sql); err != nil {
			return nil, err
		}
	}
	if !limits.BelowZero {
		if err := find("floor: no branch goes below zero", floor); err != nil {
			return nil, err
		}
	}
	costs, err := checkCosts(tx)
	return append(findings, costs...), err
}

// checkCosts works out the costs of all products from their first posting on and returns where the ledger has others.
// Products that are left to [RecostAll] are skipped.
func checkCosts(tx *db.Tx) (findings []string, err error) {
	products, err := db.All[int64](tx, `
		SELECT DISTINCT l.product_id FROM stock_levels l WHERE l.retailer_id = :retailer AND NOT EXISTS (
			SELECT 1 FROM stock_recosts r WHERE r.retailer_id = :retailer AND r.product_id = l.product_id)
		ORDER BY l.product_id`)
	for some := range slices.Chunk(products, 50) {
		levels, err := db.All[plan.LevelState](tx, `
			SELECT `+costLevelColumns+` FROM stock_levels
			WHERE retailer_id = :retailer AND product_id IN ? ORDER BY product_id, branch_id`, some)
		if err != nil {
			return nil, err
		}
		rows, err := db.All[plan.PostingRow](tx, `
			SELECT `+postingColumns+` FROM stock_postings
			WHERE retailer_id = :retailer AND product_id IN ? ORDER BY product_id`, some)
		if err != nil {
			return nil, err
		}
		for len(levels) > 0 {
			product := levels[0].ProductID
			ls := slices.IndexFunc(append(levels, plan.LevelState{}), func(l plan.LevelState) bool { return l.ProductID != product })
			rs := slices.IndexFunc(append(rows, plan.PostingRow{}), func(r plan.PostingRow) bool { return r.ProductID != product })
			for _, e := range plan.CheckCosts(levels[:ls], rows[:rs]) {
				findings = append(findings, fmt.Sprintf("cost: what goods cost follows from the order of all movements: product %d, place %d: %v and %v",
					product, e.BranchID, e.Has, e.Want))
			}
			levels, rows = levels[ls:], rows[rs:]
		}
	}
	return findings, err
}

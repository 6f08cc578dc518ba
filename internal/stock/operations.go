package stock

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock/plan"
)

// The operations of this file ask, plan and save by themselves, for callers that do not plan yet.

// Post is [plan.Ledger.Post].
func Post(tx *db.Tx, doc Document, want []Posting, limits Limits) (used bool, err error) {
	var q Question
	q.AddPostings(doc, want)
	err = do(tx, q, func(l *plan.Ledger) (err error) {
		used, err = l.Post(doc, want, limits)
		return err
	})
	return used, err
}

// Reserve is [plan.Ledger.Reserve].
func Reserve(tx *db.Tx, kind string, documentID int64, want []BranchQuantity, limits Limits) error {
	q := Question{Levels: keys(want), Reserving: []plan.DocumentRef{{Kind: kind, ID: documentID}}}
	return do(tx, q, func(l *plan.Ledger) error { return l.Reserve(kind, documentID, want, limits) })
}

// SetOnOrder is [plan.Ledger.SetOnOrder].
func SetOnOrder(tx *db.Tx, kind string, documentID int64, want []BranchQuantity) error {
	q := Question{Levels: keys(want), OnOrder: []plan.DocumentRef{{Kind: kind, ID: documentID}}}
	return do(tx, q, func(l *plan.Ledger) error { return l.SetOnOrder(kind, documentID, want) })
}

// SetStock is [plan.Ledger.SetStock].
func SetStock(tx *db.Tx, counts []Count) error {
	var q Question
	for _, c := range counts {
		q.Levels = append(q.Levels, plan.LevelKey{ProductID: c.ProductID, BranchID: c.BranchID})
	}
	return do(tx, q, func(l *plan.Ledger) error {
		return l.SetStock(counts, func() (int64, error) { return tx.NewID("stocktakes") })
	})
}

// Book is what the ledger has now of counted lines.
func Book(tx *db.Tx, lines []CountedLine) ([]BookQuantity, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	b := tx.Batch()
	ledger := Ask(tx, b, countQuestion(lines))
	if err := b.Run(); err != nil {
		return nil, err
	}
	l, err := ledger()
	if err != nil {
		return nil, err
	}
	book := make([]BookQuantity, len(lines))
	for i := range lines {
		book[i] = l.Book(&lines[i])
	}
	return book, nil
}

// ApplyStockTake is [plan.Ledger.ApplyStockTake].
func ApplyStockTake(tx *db.Tx, doc Document, lines []CountedLine) (costs []taphoa.Money, used bool, err error) {
	err = do(tx, countQuestion(lines), func(l *plan.Ledger) (err error) {
		costs, used, err = l.ApplyStockTake(doc, lines)
		return err
	})
	return costs, used, err
}

// countQuestion asks for the goods of counted lines.
func countQuestion(lines []CountedLine) (q Question) {
	for _, c := range lines {
		key := plan.LevelKey{ProductID: c.ProductID, BranchID: c.BranchID}
		q.Levels = append(q.Levels, key)
		if c.BatchID != 0 {
			q.LotIDs = append(q.LotIDs, c.BatchID)
		}
		if c.BySerial {
			q.SerialsAt = append(q.SerialsAt, key)
		}
		for _, number := range slices.Concat(c.Serials, c.Book.Serials) {
			q.Serials = append(q.Serials, plan.SerialKey{ProductID: c.ProductID, Number: number})
		}
	}
	return q
}

// do asks, plans and saves.
func do(tx *db.Tx, q Question, plan func(*plan.Ledger) error) error {
	b := tx.Batch()
	ledger := Ask(tx, b, q)
	if err := b.Run(); err != nil {
		return err
	}
	l, err := ledger()
	if err == nil {
		err = plan(l)
	}
	if err != nil {
		return err
	}
	return Save(tx, l)
}

func keys(all []BranchQuantity) []plan.LevelKey {
	keys := make([]plan.LevelKey, len(all))
	for i, q := range all {
		keys[i] = plan.LevelKey{ProductID: q.ProductID, BranchID: q.BranchID}
	}
	return keys
}

// LotKey is a product and one of its lots, 0 for none.
type LotKey struct{ ProductID, BatchID int64 }

// Corrected returns what counts and written stocks have added to the books of a branch, or taken off them, in all: of some
// products, in base units.
func Corrected(tx *db.Tx, branchID int64, products []int64) (map[LotKey]taphoa.Quantity, error) {
	sums := map[LotKey]taphoa.Quantity{}
	return sums, tx.Each(func(row db.Row) error {
		sums[LotKey{row.Int64(0), row.Int64(1)}] = taphoa.Quantity(row.Int64(2))
		return nil
	}, `
		SELECT product_id, batch_id, CAST(SUM(CASE WHEN to_place = ? THEN quantity ELSE -quantity END) AS BIGINT)
		FROM stock_postings
		WHERE retailer_id = :retailer AND product_id IN ? AND (from_place = ? AND to_place = ? OR from_place = ? AND to_place = ?)
		GROUP BY product_id, batch_id`, branchID, products, Adjustment, branchID, branchID, Adjustment)
}

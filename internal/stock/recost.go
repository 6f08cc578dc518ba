package stock

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock/plan"
)

// Only tests change these.
var (
	// inlineRecostMax is how many postings a document's step may revalue by itself; what is more is left to [RecostAll].
	inlineRecostMax = 50
	// recostBatchSize is how many postings of a branch are revalued in one transaction: sales of the same goods wait for no
	// more, and each batch waits for those that sell before it.
	recostBatchSize = 1000
)

// errOpeningUnknown reports that the quantity on hand at the beginning of a window is unknown.
var errOpeningUnknown = errors.New("stock: what was on hand where revaluing begins is not known")

// recostInline revalues levels whose costs a plan has invalidated, product by product, as long as those are at most
// most postings. Levels that were recosting before go on, and so do those on which others depend that were not asked for.
func recostInline(tx *db.Tx, levels []*plan.LevelState, most int) error {
	levels = slices.SortedFunc(slices.Values(levels), func(a, b *plan.LevelState) int {
		return cmp.Or(cmp.Compare(a.ProductID, b.ProductID), cmp.Compare(a.BranchID, b.BranchID))
	})
	for len(levels) > 0 && most > 0 {
		product := levels[0].ProductID
		end := slices.IndexFunc(levels, func(l *plan.LevelState) bool { return l.ProductID != product })
		if end < 0 {
			end = len(levels)
		}
		w := &plan.Window{ProductID: product, Levels: levels[:end]}
		levels = levels[end:]
		if err := readWindow(tx, w, most); err != nil {
			return err
		}
		if w.StopBefore != (plan.CostOrder{}) {
			most--
			continue
		}
		most -= len(w.Rows)
		r, err := revalue(tx, w)
		if err != nil {
			return err
		}
		saveCosts(tx, r)
	}
	return nil
}

// readWindow fetches up to limit postings of each level of a window, and their openings.
func readWindow(tx *db.Tx, w *plan.Window, limit int) error {
	w.Openings = make(map[int64]plan.Opening, len(w.Levels))
	for _, l := range w.Levels {
		rows, next, err := readLevel(tx, l, limit)
		if err != nil {
			return err
		}
		opening := plan.Opening{OnHand: l.RecostFrom.OnHand}
		if next == (plan.CostOrder{}) {
			opening.OnHand = taphoa.Some(l.OnHand)
			for i := range rows {
				opening.OnHand.Value -= rows[i].Net()
			}
		} else if w.StopBefore == (plan.CostOrder{}) || next.Compare(w.StopBefore) < 0 {
			w.StopBefore = next
		}
		opening.Average, _, err = db.One[taphoa.Money](tx, `
			SELECT COALESCE(average, cost) FROM stock_postings
			WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ? AND (effective_at, entered_at) < (?, ?)
			ORDER BY effective_at DESC, entered_at DESC LIMIT 1`, w.ProductID, l.BranchID, l.RecostFrom.EffectiveAt, l.RecostFrom.EnteredAt)
		if err != nil {
			return err
		}
		w.Openings[l.BranchID] = opening
		w.Rows = append(w.Rows, rows...)
	}
	if w.StopBefore != (plan.CostOrder{}) {
		w.Rows = slices.DeleteFunc(w.Rows, func(r plan.PostingRow) bool { return r.CostOrder.Compare(w.StopBefore) >= 0 })
	}
	return nil
}

// readLevel fetches postings of a level from its RecostFrom on, all of one position or none, and returns the position of
// the next one if there is one.
func readLevel(tx *db.Tx, l *plan.LevelState, limit int) (rows []plan.PostingRow, next plan.CostOrder, err error) {
	for ; ; limit *= 2 {
		rows, err = db.All[plan.PostingRow](tx, `
			SELECT `+postingColumns+` FROM stock_postings
			WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ? AND (effective_at, entered_at) >= (?, ?)
			ORDER BY effective_at, entered_at LIMIT ?`, l.ProductID, l.BranchID, l.RecostFrom.EffectiveAt, l.RecostFrom.EnteredAt, limit+1)
		if err != nil || len(rows) <= limit {
			return rows, plan.CostOrder{}, err
		}
		if next = rows[limit].CostOrder; next != rows[0].CostOrder {
			return rows, next, nil
		}
	}
}

// revalue fetches the origins and the dependents of a window, and works out its costs.
func revalue(tx *db.Tx, w *plan.Window) (*plan.Revaluation, error) {
	if w.OpeningUnknown() {
		return nil, errOpeningUnknown
	}
	var origins, sources []plan.DocumentRef
	for i := range w.Rows {
		if r := &w.Rows[i]; r.OriginID != 0 {
			origins = append(origins, plan.DocumentRef{Kind: r.OriginKind, ID: r.OriginID})
		}
		if r := &w.Rows[i]; !r.To.IsBranch() {
			sources = append(sources, r.DocumentRef)
		}
	}
	b := tx.Batch()
	var rows []*db.Rows[plan.PostingRow]
	for _, d := range byKind(origins) {
		rows = append(rows, db.Want[plan.PostingRow](b, `
			SELECT `+postingColumns+` FROM stock_postings
			WHERE retailer_id = :retailer AND kind = ? AND document_id IN ? AND +product_id = ?`, d.kind, unique(d.ids), w.ProductID))
	}
	var dependents []*db.Rows[plan.DependentReceipt]
	for _, d := range byKind(sources) {
		dependents = append(dependents, db.Want[plan.DependentReceipt](b, `
			SELECT `+dependentColumns+` FROM stock_postings
			WHERE retailer_id = :retailer AND origin_kind = ? AND origin_id IN ? AND origin_id > 0 AND +product_id = ?`,
			d.kind, unique(d.ids), w.ProductID))
	}
	if err := b.Run(); err != nil {
		return nil, err
	}
	w.Origins, w.Dependents = all(rows), all(dependents)
	return w.Revalue(tx.Now), nil
}

// saveCosts updates postings to the costs of a revaluation.
func saveCosts(tx *db.Tx, r *plan.Revaluation) {
	for i := range r.Costs {
		c := &r.Costs[i]
		tx.Queue(`
			UPDATE stock_postings SET cost = :cost, average = :average
			WHERE retailer_id = :retailer AND product_id = :product_id AND branch_id = :branch_id
				AND (effective_at, entered_at) >= (?, ?) AND (effective_at, entered_at) <= (?, ?)
				AND kind = :kind AND batch_id = :batch_id AND (from_place = :outside OR to_place = :outside)
				AND (cost <> :cost OR COALESCE(average, cost) <> :average)`,
			c, c.First.EffectiveAt, c.First.EnteredAt, c.Last.EffectiveAt, c.Last.EnteredAt)
	}
}

// unique are values without repetitions, sorted.
func unique[T cmp.Ordered](values []T) []T {
	return slices.Compact(slices.Sorted(slices.Values(values)))
}

// recostingProduct is a product of a shop some of whose levels are recosting.
type recostingProduct struct{ RetailerID, ProductID int64 }

// Waiting counts the levels of a shop that are left to [RecostAll].
func Waiting(tx *db.Tx) (int64, error) {
	n, _, err := db.One[int64](tx, `SELECT COUNT(*) FROM stock_recosts WHERE retailer_id = :retailer`)
	return n, err
}

// RecostAll computes all costs, in all shops, that backdated documents and changes of old ones have left to it: batch
// by batch, each in a short transaction of its own, while sales go on. Several may run at once.
func RecostAll(ctx context.Context, d *db.DB) error {
	for {
		var products []recostingProduct
		err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
			products, err = db.All[recostingProduct](tx.Everywhere(), `
				SELECT DISTINCT retailer_id, product_id FROM stock_recosts
				ORDER BY retailer_id, product_id LIMIT 1000`)
			return err
		})
		if err != nil || len(products) == 0 {
			return err
		}
		var failed error // of one product: the others are not to wait for it
		for _, p := range products {
			for done := false; !done && err == nil; {
				done, err = recostBatch(ctx, d, p)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			failed, err = errors.Join(failed, err), nil
		}
		if failed != nil {
			return failed
		}
	}
}

// recostBatch revalues the next postings of a product and reports that it has come to their end.
func recostBatch(ctx context.Context, d *db.DB, of recostingProduct) (done bool, err error) {
	actor := db.Actor{Retailer: of.RetailerID}
	var found []plan.RecostFrom
	err = d.Read(ctx, actor, func(tx *db.Tx) (err error) {
		found, err = db.All[plan.RecostFrom](tx, `
			SELECT `+recostFromColumns+` FROM stock_recosts WHERE retailer_id = :retailer AND product_id = ? ORDER BY branch_id`,
			of.ProductID)
		for i := range found {
			if err == nil {
				err = countOnHand(tx, &found[i]) // slow, but in a transaction that only reads
			}
		}
		return err
	})
	if err != nil || len(found) == 0 {
		return true, err
	}
	var outside []plan.DependentReceipt
	err = d.Write(ctx, actor, func(tx *db.Tx) (err error) {
		outside, done, err = advance(tx, of.ProductID, found)
		return err
	})
	if errors.Is(err, errOpeningUnknown) { // another transaction has moved a RecostFrom
		return false, nil
	}
	if err != nil || len(outside) == 0 {
		return done, err
	}
	return false, d.Write(ctx, actor, func(tx *db.Tx) error { return setAllRecosting(tx, outside) })
}

// countOnHand finds out what was on hand before a RecostFrom, unless it is known.
func countOnHand(tx *db.Tx, from *plan.RecostFrom) (err error) {
	if from.OnHand.Has() {
		return nil
	}
	from.OnHand.State = taphoa.OptValue
	from.OnHand.Value, _, err = db.One[taphoa.Quantity](tx, `
		SELECT on_hand - CAST(COALESCE((
			SELECT SUM(CASE WHEN to_place = branch_id THEN quantity ELSE -quantity END) FROM stock_postings
			WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ? AND (effective_at, entered_at) >= (?, ?)), 0) AS BIGINT)
		FROM stock_levels WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ?`,
		from.ProductID, from.BranchID, from.EffectiveAt, from.EnteredAt, from.ProductID, from.BranchID)
	return err
}

// readRecosting reads levels of products, all that there are, with their RecostFrom.
func readRecosting(tx *db.Tx, products []int64) ([]plan.LevelState, error) {
	b := tx.Batch()
	levels := db.Want[plan.LevelState](b, `
		SELECT `+costLevelColumns+` FROM stock_levels WHERE retailer_id = :retailer AND product_id IN ?
		ORDER BY product_id, branch_id`, unique(products))
	from := wantRecostFrom(b, products)
	err := b.Run()
	setRecostFrom(levels.All(), from.All())
	return levels.All(), err
}

// advance revalues the next postings of a product at the levels whose RecostFrom were found.
func advance(tx *db.Tx, productID int64, found []plan.RecostFrom) (outside []plan.DependentReceipt, done bool, err error) {
	levels, err := readRecosting(tx, []int64{productID})
	if err != nil {
		return nil, false, err
	}
	w := &plan.Window{ProductID: productID}
	for i := range levels {
		l := &levels[i]
		at := slices.IndexFunc(found, func(f plan.RecostFrom) bool { return f.BranchID == l.BranchID })
		if at < 0 || !l.IsRecosting() {
			continue
		}
		if !l.RecostFrom.OnHand.Has() && l.RecostFrom.CostOrder == found[at].CostOrder {
			l.RecostFrom.OnHand = found[at].OnHand
		}
		w.Levels = append(w.Levels, l)
	}
	if err := readWindow(tx, w, recostBatchSize); err != nil {
		return nil, false, err
	}
	r, err := revalue(tx, w)
	if err != nil {
		return nil, false, err
	}
	if len(r.Outside) > 0 {
		return r.Outside, false, nil
	}
	saveCosts(tx, r)
	var recosting []plan.RecostFrom
	var ended []plan.LevelState
	for _, l := range w.Levels {
		if l.IsRecosting() {
			recosting = append(recosting, *l.RecostFrom)
			continue
		}
		tx.Queue(`DELETE FROM stock_recosts WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ?`, productID, l.BranchID)
		ended = append(ended, *l)
	}
	saveRecostFrom(tx, recosting)
	db.Upsert(tx, "stock_levels", []string{"product_id", "branch_id"}, ended...)
	for _, l := range r.Levels {
		levelChanged.Emit(tx, l.Key())
	}
	return nil, w.StopBefore == (plan.CostOrder{}), nil
}

// setAllRecosting sets the levels of receipts recosting, before the costs that they take from their origins change.
func setAllRecosting(tx *db.Tx, receipts []plan.DependentReceipt) error {
	var products []int64
	for _, d := range receipts {
		products = append(products, d.ProductID)
	}
	levels, err := readRecosting(tx, products)
	if err != nil {
		return err
	}
	var changed []*plan.LevelState
	for _, d := range receipts {
		at := slices.IndexFunc(levels, func(l plan.LevelState) bool {
			return l.ProductID == d.ProductID && l.BranchID == d.BranchID
		})
		if l := &levels[at]; l.SetRecostFrom(d.CostOrder) && !slices.Contains(changed, l) {
			changed = append(changed, l)
		}
	}
	saveLevels(tx, changed)
	return nil
}

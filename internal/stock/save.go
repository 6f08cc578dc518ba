package stock

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock/plan"
)

// Save writes what a plan changes, once, and emits stock.update for the changed levels. Levels, lots and serials are
// written as they are to be, not by how much they change: writes of a shop follow one another (ADR 0017), so nothing has
// changed them since they were asked for. Two ledgers of one operation must not be open at once, though.
//
// It reads in one case: costs that the plan has invalidated, by a backdated movement or one that takes its cost from
// another document, are computed again here. Which postings that concerns is known only when the plan's own are among them, so it cannot
// be asked beforehand.
func Save(tx *db.Tx, l *plan.Ledger) error { return SaveShown(tx, l, nil) }

// Show returns the data of stock.update for changed levels, one item for each, in the order of product and branch; ok is
// false if that must be read.
type Show func(levels []plan.Level) (data []taphoa.StockData, ok bool)

// SaveShown is [Save] for an operation that has the data of stock.update, so that nothing is read.
func SaveShown(tx *db.Tx, l *plan.Ledger, show Show) error {
	c := l.Changes()
	for i := range c.Terms {
		tx.Queue(`
			UPDATE stock_postings SET effective_at = :effective_at, own_cost = :own_cost, sets_cost = :sets_cost,
				origin_kind = :origin_kind, origin_id = :origin_id
			WHERE retailer_id = :retailer AND kind = :kind AND document_id = :document_id AND +product_id = :product_id
				AND branch_id = :branch_id AND batch_id = :batch_id AND (from_place = :outside OR to_place = :outside)`, &c.Terms[i])
	}
	db.Upsert(tx, "stock_batch_levels", []string{"batch_id", "branch_id"}, values(c.Lots)...)
	db.Upsert(tx, "stock_serials", []string{"product_id", "serial_number"}, values(c.Serials)...)
	savePostings(tx, c.Postings)
	kept, ended := holdings(c.Reservations)
	db.Upsert(tx, "stock_reservations", holdingKey, kept...)
	for _, e := range ended {
		tx.Queue(`
			DELETE FROM stock_reservations
			WHERE retailer_id = :retailer AND kind = :kind AND document_id = :document_id AND branch_id = :branch_id AND product_id IN ?`,
			&e.holder, e.products)
	}
	kept, ended = holdings(c.OnOrder)
	db.Upsert(tx, "stock_awaited", holdingKey, kept...)
	for _, e := range ended {
		tx.Queue(`
			DELETE FROM stock_awaited
			WHERE retailer_id = :retailer AND kind = :kind AND document_id = :document_id AND branch_id = :branch_id AND product_id IN ?`,
			&e.holder, e.products)
	}
	if err := recostInline(tx, c.Recost, inlineRecostMax*c.Steps); err != nil {
		return err
	}
	saveLevels(tx, c.Levels)
	emitChanged(tx, l.Changed(), show)
	for _, r := range c.OnOrder {
		awaitedChanged.Emit(tx, r.ProductID)
	}
	return nil
}

func emitChanged(tx *db.Tx, levels []plan.Level, show Show) {
	if show != nil {
		if data, ok := show(levels); ok {
			for i := range data {
				levelChanged.EmitData(tx, plan.LevelKey{ProductID: data[i].ProductID, BranchID: data[i].BranchID}, data[i])
			}
			return
		}
	}
	slices.SortFunc(levels, func(a, b plan.Level) int {
		return cmp.Or(cmp.Compare(a.ProductID, b.ProductID), cmp.Compare(a.BranchID, b.BranchID))
	})
	for _, level := range levels {
		levelChanged.Emit(tx, level.Key())
	}
}

// postingRow is a row of stock_postings.
type postingRow struct {
	plan.PostingRow
	Average  taphoa.Opt[taphoa.Money] // none: the same as Cost
	PostedAt taphoa.Time
}

func savePostings(tx *db.Tx, postings []*plan.PostingRow) {
	rows := make([]postingRow, len(postings))
	var serials []serialPosting
	for i, p := range postings {
		rows[i] = postingRow{PostingRow: *p, PostedAt: tx.Now}
		if p.CostTerms != (plan.CostTerms{}) || p.Average != p.Cost {
			rows[i].Average = taphoa.Some(p.Average)
		}
		for _, number := range p.Serials {
			serials = append(serials, serialPosting{p.DocumentRef, p.Step, p.Line, number})
		}
	}
	db.Insert(tx, "stock_postings", rows...)
	db.Insert(tx, "stock_serial_postings", serials...)
}

var holdingKey = []string{"kind", "document_id", "product_id", "branch_id"}

// holder is a document that reserves or expects something at a branch.
type holder struct {
	plan.DocumentRef
	BranchID int64
}

// endedHoldings are products of which a document no longer reserves or expects anything at a branch.
type endedHoldings struct {
	holder
	products []int64
}

// holdings separates what documents reserve or expect from what they no longer do.
func holdings(all []*plan.Reservation) (kept []plan.Reservation, ended []endedHoldings) {
	for _, r := range all {
		if r.Quantity > 0 {
			kept = append(kept, *r)
			continue
		}
		h := holder{r.DocumentRef, r.BranchID}
		at := slices.IndexFunc(ended, func(e endedHoldings) bool { return e.holder == h })
		if at < 0 {
			at, ended = len(ended), append(ended, endedHoldings{holder: h})
		}
		ended[at].products = append(ended[at].products, r.ProductID)
	}
	return kept, ended
}

// saveLevels writes levels, and from where on they are recosting.
func saveLevels(tx *db.Tx, levels []*plan.LevelState) {
	var recostFrom []plan.RecostFrom
	for _, l := range levels {
		if l.RecostFromChanged() {
			recostFrom = append(recostFrom, *l.RecostFrom)
		}
	}
	saveRecostFrom(tx, recostFrom)
	db.Upsert(tx, "stock_levels", []string{"product_id", "branch_id"}, values(levels)...)
}

func saveRecostFrom(tx *db.Tx, rows []plan.RecostFrom) {
	db.Upsert(tx, "stock_recosts", []string{"product_id", "branch_id"}, rows...)
}

// values are what pointers point to.
func values[T any](pointers []*T) []T {
	all := make([]T, len(pointers))
	for i, p := range pointers {
		all[i] = *p
	}
	return all
}

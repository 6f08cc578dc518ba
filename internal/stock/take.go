package stock

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Count is what a stock take finds of a product at a branch: how much, at what cost, or one of the two.
type Count struct {
	ProductID, BranchID int64
	OnHand              taphoa.Opt[taphoa.Quantity]
	Cost                taphoa.Opt[taphoa.Money]
}

// Take is a stock take: it sets levels and costs to what was counted, by posting the difference from or to the place
// of adjustments. It counts what is there after all that the ledger knows of, also what is dated later than now.
func Take(tx *db.Tx, counts []Count) error {
	spots := make([]spot, len(counts))
	for i, c := range counts {
		spots[i] = spot{c.ProductID, c.BranchID}
	}
	levels, err := lock(tx, spots)
	if err != nil || len(counts) == 0 {
		return err
	}
	open := flows{}
	for i, c := range counts {
		if c.OnHand.Or(0) > taphoa.QuantityMax || c.OnHand.Or(0) < -taphoa.QuantityMax {
			return tooMuch()
		}
		if c.Cost.Or(0) < 0 || c.Cost.Or(0) > taphoa.MoneyMax {
			return taphoa.Refuse(taphoa.CodeProduct, "cost", "Giá vốn (cost) phải từ 0 đến %v", taphoa.MoneyMax)
		}
		level := levels[spots[i]]
		gone, err := level.OnHand.Sub(c.OnHand.Or(level.OnHand))
		if err != nil {
			return tooMuch()
		}
		f := open.at(lane{product: c.ProductID, branch: c.BranchID, outside: Adjustment})
		f.quantity, f.at = gone, max(tx.Clock, level.EnteredAt)
		if c.Cost.Has() {
			f.terms, f.recount = terms{OwnCost: c.Cost, SetsCost: true}, gone == 0
		}
	}
	if len(open.inOrder()) == 0 {
		return nil
	}
	id, err := tx.NewID("stocktakes")
	if err != nil {
		return err
	}
	_, err = book(tx, Document{Kind: "stocktake", ID: id}, open, nil, Limits{BelowZero: true, BelowReserved: true})
	return err
}

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
// of adjustments.
func Take(tx *db.Tx, counts []Count) error {
	spots := make([]spot, len(counts))
	for i, c := range counts {
		spots[i] = spot{c.ProductID, c.BranchID}
	}
	levels, err := lock(tx, spots)
	if err != nil || len(counts) == 0 {
		return err
	}
	var moves []Posting
	for _, c := range counts {
		if c.OnHand.Or(0) > taphoa.QuantityMax || c.OnHand.Or(0) < -taphoa.QuantityMax {
			return tooMuch()
		}
		if c.Cost.Or(0) < 0 || c.Cost.Or(0) > taphoa.MoneyMax {
			return taphoa.Refuse(taphoa.CodeProduct, "cost", "Giá vốn (cost) phải từ 0 đến %v", taphoa.MoneyMax)
		}
		level := levels[spot{c.ProductID, c.BranchID}]
		delta, err := c.OnHand.Or(level.OnHand).Sub(level.OnHand)
		if err != nil {
			return tooMuch()
		}
		move := Posting{ProductID: c.ProductID, From: Adjustment, To: Place(c.BranchID), Quantity: delta, Cost: c.Cost}
		if delta < 0 {
			move.From, move.To, move.Quantity = move.To, move.From, -delta
		}
		if delta != 0 {
			moves = append(moves, move)
		}
	}
	if len(moves) > 0 {
		id, err := tx.NewID("stocktakes")
		if err != nil {
			return err
		}
		doc := Document{Kind: "stocktake", ID: id, EffectiveAt: tx.Now}
		if _, err := Settle(tx, doc, moves, Limits{BelowZero: true, BelowReserved: true}); err != nil {
			return err
		}
	}
	for _, c := range counts {
		if c.Cost.Has() {
			tx.Queue(`
				UPDATE stock_levels SET cost = ?, changed_at = :now
				WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ?`, c.Cost.Value, c.ProductID, c.BranchID)
			levelChanged.Emit(tx, spot{c.ProductID, c.BranchID})
		}
	}
	return nil
}

package stock

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Goods are a quantity of a product at a branch.
type Goods struct {
	ProductID, BranchID int64
	Quantity            taphoa.Quantity
}

// Reserve makes what a document holds back for its customer equal to want: everything for a new order, nothing for one
// that is done or voided. It answers a [*Short] when more is promised than is free and limits forbid that.
func Reserve(tx *db.Tx, kind string, documentID int64, want []Goods, limits Limits) error {
	held, err := db.All[Goods](tx, `
		SELECT product_id, branch_id, quantity FROM stock_reservations
		WHERE retailer_id = :retailer AND kind = ? AND document_id = ?`, kind, documentID)
	if err != nil {
		return err
	}
	wanted, delta, changed, err := compare(want, held)
	if err != nil || len(changed) == 0 {
		return err
	}
	levels, err := lock(tx, changed)
	if err != nil {
		return err
	}
	for _, s := range changed {
		level, d := levels[s], delta[s]
		reserved, err := level.Reserved.Add(d)
		if err != nil {
			return tooMuch()
		}
		if d > 0 && !limits.BelowZero && reserved > level.OnHand {
			return &Short{ProductID: s.product, BranchID: s.branch, Free: max(0, level.OnHand-level.Reserved)}
		}
		setReservation(tx, kind, documentID, s, wanted[s], d)
	}
	return nil
}

// compare answers what is wanted, how that differs from what is held, and where it does, in the order of locking.
func compare(want, held []Goods) (wanted, delta map[spot]taphoa.Quantity, changed []spot, err error) {
	wanted, delta = map[spot]taphoa.Quantity{}, map[spot]taphoa.Quantity{}
	for _, g := range want {
		s := spot{g.ProductID, g.BranchID}
		sum, err := wanted[s].Add(g.Quantity)
		if err != nil || g.Quantity > taphoa.QuantityMax {
			return nil, nil, nil, tooMuch()
		}
		wanted[s], delta[s] = sum, sum
	}
	for _, g := range held {
		delta[spot{g.ProductID, g.BranchID}] -= g.Quantity
	}
	for s, d := range delta {
		if d != 0 {
			changed = append(changed, s)
		}
	}
	slices.SortFunc(changed, func(a, b spot) int {
		return cmp.Or(cmp.Compare(a.branch, b.branch), cmp.Compare(a.product, b.product))
	})
	return wanted, delta, changed, nil
}

func setReservation(tx *db.Tx, kind string, documentID int64, s spot, quantity, delta taphoa.Quantity) {
	if quantity > 0 {
		tx.Queue(`
			INSERT INTO stock_reservations (retailer_id, kind, document_id, product_id, branch_id, quantity)
			VALUES (:retailer, ?, ?, ?, ?, ?)
			ON CONFLICT (retailer_id, kind, document_id, product_id, branch_id) DO UPDATE SET quantity = excluded.quantity`,
			kind, documentID, s.product, s.branch, quantity)
	} else {
		tx.Queue(`
			DELETE FROM stock_reservations
			WHERE retailer_id = :retailer AND kind = ? AND document_id = ? AND product_id = ? AND branch_id = ?`,
			kind, documentID, s.product, s.branch)
	}
	tx.Queue(`
		UPDATE stock_levels SET reserved = reserved + ?, changed_at = :now
		WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ?`, delta, s.product, s.branch)
	levelChanged.Emit(tx, s)
}

package stock

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Await makes what a document still expects from a supplier equal to want: everything for an order that was confirmed,
// the rest when some has come, nothing when it is done or voided.
func Await(tx *db.Tx, kind string, documentID int64, want []Goods) error {
	held, err := db.All[Goods](tx, `
		SELECT product_id, branch_id, quantity FROM stock_awaited
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
		if _, err := levels[s].OnOrder.Add(delta[s]); err != nil {
			return tooMuch()
		}
		setAwaited(tx, kind, documentID, s, wanted[s], delta[s])
		awaitedChanged.Emit(tx, s.product)
	}
	return nil
}

func setAwaited(tx *db.Tx, kind string, documentID int64, s spot, quantity, delta taphoa.Quantity) {
	if quantity > 0 {
		tx.Queue(`
			INSERT INTO stock_awaited (retailer_id, kind, document_id, product_id, branch_id, quantity)
			VALUES (:retailer, ?, ?, ?, ?, ?)
			ON CONFLICT (retailer_id, kind, document_id, product_id, branch_id) DO UPDATE SET quantity = excluded.quantity`,
			kind, documentID, s.product, s.branch, quantity)
	} else {
		tx.Queue(`
			DELETE FROM stock_awaited
			WHERE retailer_id = :retailer AND kind = ? AND document_id = ? AND product_id = ? AND branch_id = ?`,
			kind, documentID, s.product, s.branch)
	}
	tx.Queue(`
		UPDATE stock_levels SET on_order = on_order + ?, changed_at = :now
		WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ?`, delta, s.product, s.branch)
}

package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/text"
)

// updateOrderProgress sets status and quantities on order of an order to a supplier by what its purchase orders have
// posted: completed when all was received, partly received when some was, otherwise confirmed. A void order stays void.
func updateOrderProgress(tx *db.Tx, o *supplierOrder) error {
	if o.Status == taphoa.OrderSupplierVoided {
		return nil
	}
	open, received, err := outstanding(tx, o)
	if err != nil {
		return err
	}
	switch {
	case len(open) == 0:
		o.Status = taphoa.OrderSupplierCompleted
	case received:
		o.Status = taphoa.OrderSupplierPartly
	default:
		o.Status = taphoa.OrderSupplierConfirmed
	}
	if err := stock.SetOnOrder(tx, orderSupplierKind, o.ID, open); err != nil {
		return err
	}
	saveOrderSupplier(tx, o, true)
	return nil
}

// outstanding returns the ordered quantities that no purchase order has received, and whether any was received.
func outstanding(tx *db.Tx, o *supplierOrder) (open []stock.BranchQuantity, received bool, err error) {
	arrived := map[int64]taphoa.Quantity{}
	err = tx.Each(func(row db.Row) error {
		arrived[row.Int64(0)] = taphoa.Quantity(row.Int64(1))
		return nil
	}, `
		SELECT p.product_id, CAST(SUM(CASE WHEN p.to_place > 0 THEN p.quantity ELSE -p.quantity END) AS BIGINT)
		FROM purchase_orders d
		JOIN stock_postings p ON p.retailer_id = :retailer AND p.kind = 'purchase' AND p.document_id = d.id
		WHERE d.retailer_id = :retailer AND d.order_supplier_id = ? GROUP BY p.product_id`, o.ID)
	if err != nil {
		return nil, false, err
	}
	for _, g := range orderedGoods(o) { // lines of one product share what was received
		n := min(g.Quantity, arrived[g.ProductID])
		arrived[g.ProductID] -= n
		received = received || n > 0
		if g.Quantity -= n; g.Quantity > 0 {
			open = append(open, g)
		}
	}
	return open, received, nil
}

// lockPurchaseOrderSupplier locks and returns the order to a supplier that a purchase order receives, who finds it or not; nil without one.
func lockPurchaseOrderSupplier(tx *db.Tx, purchaseID int64) (*supplierOrder, error) {
	type ref struct{ OrderSupplierID taphoa.Opt[int64] }
	at, _, err := db.One[ref](tx, `SELECT order_supplier_id FROM purchase_orders WHERE retailer_id = :retailer AND id = ?`, purchaseID)
	if err != nil || !at.OrderSupplierID.Has() {
		return nil, err
	}
	return lockOrderSupplierWith(tx, "d.id = ?", at.OrderSupplierID.Value)
}

// lockReceivedOrder locks and returns the open order to a supplier that a new purchase order names by id or code; nil if it
// names none. Branch and supplier default to those of the order; another branch is refused.
func lockReceivedOrder(tx *db.Tx, in *taphoa.PurchaseOrderInput) (*supplierOrder, error) {
	id := in.OrderSupplierID.Or(0)
	if code := text.CodeKey(in.OrderSupplierCode.Or("")); id == 0 && code != "" {
		which, args := tx.Found(orderSupplierDocuments, "d.code_key = ?", code)
		found, known, err := db.One[int64](tx, `SELECT d.id FROM order_suppliers d WHERE d.retailer_id = :retailer AND `+which, args...)
		if err == nil && !known {
			err = refusePurchase("orderSupplierCode", "Phiếu đặt hàng nhập %s (orderSupplierCode) không tồn tại", in.OrderSupplierCode.Value)
		}
		if err != nil {
			return nil, err
		}
		id = found
	}
	if id == 0 {
		return nil, nil
	}
	o, err := lockOrderSupplier(tx, id)
	if err != nil {
		return nil, err
	}
	if o.Status != taphoa.OrderSupplierConfirmed && o.Status != taphoa.OrderSupplierPartly {
		return nil, refusePurchase("orderSupplierId", "Phiếu đặt hàng nhập %s (orderSupplierId) đang ở trạng thái %s, không thể nhập hàng", o.Code, taphoa.Term(taphoa.OrderSupplierStatusValue(o.Status)))
	}
	if in.BranchID.Or(o.BranchID) != o.BranchID {
		return nil, refusePurchase("branchId", "Phiếu đặt hàng nhập %s (orderSupplierId) là của chi nhánh khác (branchId)", o.Code)
	}
	if in.BranchID = taphoa.Some(o.BranchID); in.SupplierID.Or(0) == 0 && in.Supplier == nil {
		in.SupplierID = o.SupplierID
	}
	return o, nil
}

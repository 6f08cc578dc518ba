package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock"
)

// followPurchases brings an order to a supplier in line with its purchase orders, by what these have moved: completed
// when all has come, received in part when some has, open when nothing has any more. What has not come stays on order.
// One that is void stays void.
func followPurchases(tx *db.Tx, o *supplierOrder) error {
	if o.Status == taphoa.OrderSupplierVoided {
		return nil
	}
	left, received, err := leftToCome(tx, o)
	if err != nil {
		return err
	}
	switch {
	case len(left) == 0:
		o.Status = taphoa.OrderSupplierCompleted
	case received:
		o.Status = taphoa.OrderSupplierPartly
	default:
		o.Status = taphoa.OrderSupplierConfirmed
	}
	if err := stock.SetOnOrder(tx, awaited, o.ID, left); err != nil {
		return err
	}
	saveOrderSupplier(tx, o)
	return nil
}

// leftToCome is what an order has ordered and its purchase orders have not brought, and whether they have brought
// anything of it.
func leftToCome(tx *db.Tx, o *supplierOrder) (left []stock.BranchQuantity, received bool, err error) {
	come := map[int64]taphoa.Quantity{}
	err = tx.Each(func(row db.Row) error {
		come[row.Int64(0)] = taphoa.Quantity(row.Int64(1))
		return nil
	}, `
		SELECT p.product_id, CAST(SUM(CASE WHEN p.to_place > 0 THEN p.quantity ELSE -p.quantity END) AS BIGINT)
		FROM purchase_orders d
		JOIN stock_postings p ON p.retailer_id = :retailer AND p.kind = 'purchase' AND p.document_id = d.id
		WHERE d.retailer_id = :retailer AND d.order_supplier_id = ? GROUP BY p.product_id`, o.ID)
	if err != nil {
		return nil, false, err
	}
	for _, g := range orderedGoods(o) { // lines of one product share what has come
		part := min(g.Quantity, come[g.ProductID])
		come[g.ProductID] -= part
		received = received || part > 0
		if g.Quantity -= part; g.Quantity > 0 {
			left = append(left, g)
		}
	}
	return left, received, nil
}

// orderOf answers the order to a supplier that a purchase order receives, locked; nil without one.
func orderOf(tx *db.Tx, purchaseID int64) (*supplierOrder, error) {
	type ref struct{ OrderSupplierID taphoa.Opt[int64] }
	at, _, err := db.One[ref](tx, `SELECT order_supplier_id FROM purchase_orders WHERE retailer_id = :retailer AND id = ?`, purchaseID)
	if err != nil || !at.OrderSupplierID.Has() {
		return nil, err
	}
	return lockOrderSupplier(tx, at.OrderSupplierID.Value)
}

// orderToReceive answers the open order to a supplier that a new purchase order names by id or code, locked; nil when it
// names none. Branch and supplier are those of the order unless the request names others; the branch must be the same.
func orderToReceive(tx *db.Tx, in *taphoa.PurchaseOrderInput) (*supplierOrder, error) {
	id := in.OrderSupplierID.Or(0)
	if code := codeKey(in.OrderSupplierCode.Or("")); id == 0 && code != "" {
		found, known, err := db.One[int64](tx, `SELECT id FROM order_suppliers WHERE retailer_id = :retailer AND code_key = ?`, code)
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

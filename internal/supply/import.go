package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/text"
	"github.com/taphoa/taphoa/internal/wire"
)

// ImportPurchaseOrders writes purchase orders as another system shows them, as history: they post nothing here, neither goods nor money.
// The ledgers have what came of them.
func ImportPurchaseOrders(tx *db.Tx, orders []taphoa.PurchaseOrder) error {
	rows, ids := make([]purchaseRow, len(orders)), make([]int64, len(orders))
	codes := db.Freed{Column: "code_key", Set: "code_key = '~' || id"}
	named := org.Named{Users: map[int64]string{}, Branches: map[int64]string{}}
	var lines []purchaseLineRow
	var surcharges []purchaseSurchargeRow
	var products []taphoa.InvoiceDetail
	for i := range orders {
		o, r := &orders[i], &rows[i]
		plan.CopyFields(r, o)
		r.CodeKey, r.History, r.ChangedAt, r.HistoryOrderCode = text.CodeKey(o.Code), true, o.ModifiedDate.Or(o.CreatedDate), o.OrderSupplierCode
		if len(o.Payments) > 0 {
			r.HistoryPayments = taphoa.Some(string(wire.Append(nil, o.Payments)))
		}
		ids[i], codes.Values = o.ID, append(codes.Values, r.CodeKey)
		named.Branches[o.BranchID] = o.BranchName
		if o.PurchaseByID.Has() {
			named.Users[o.PurchaseByID.Value] = o.PurchaseName.Or("")
		}
		number := int64(0)
		for j := range o.PurchaseOrderDetails {
			l, err := importedLine(tx, &o.PurchaseOrderDetails[j])
			if err != nil {
				return err
			}
			l.PurchaseOrderID, l.LineNumber = o.ID, max(l.LineNumber, number+1)
			number = l.LineNumber
			lines = append(lines, l)
			products = append(products, taphoa.InvoiceDetail{ProductID: l.ProductID, ProductCode: l.ProductCode, ProductName: l.ProductName})
		}
		for j, s := range o.Surcharges {
			surcharges = append(surcharges, purchaseSurchargeRow{PurchaseSurcharge: s, PurchaseOrderID: o.ID, LineNumber: int64(j + 1)})
		}
	}
	if err := org.ImportNamed(tx, &named); err != nil {
		return err
	}
	if err := catalog.ImportUnlisted(tx, products); err != nil {
		return err
	}
	if err := db.Import(tx, "purchase_orders", rows, func(r *purchaseRow) int64 { return r.ID }, codes); err != nil {
		return err
	}
	tx.Queue(`DELETE FROM purchase_order_lines WHERE retailer_id = :retailer AND purchase_order_id IN ?`, ids)
	tx.Queue(`DELETE FROM purchase_order_surcharges WHERE retailer_id = :retailer AND purchase_order_id IN ?`, ids)
	db.Insert(tx, "purchase_order_lines", lines...)
	db.Insert(tx, "purchase_order_surcharges", surcharges...)
	purchaseUpdated.Emit(tx, ids...)
	return nil
}

// importedLine is a line, with its lot.
func importedLine(tx *db.Tx, d *taphoa.PurchaseOrderDetail) (purchaseLineRow, error) {
	l := purchaseLineRow{PurchaseOrderDetail: *d}
	if len(d.PurchaseOrderDetailTaxes) > 0 {
		t := &d.PurchaseOrderDetailTaxes[0]
		l.TaxID, l.TaxRowID, l.DetailTax = taphoa.Some(t.TaxID), taphoa.Some(t.ID), t.DetailTax
	}
	lot := d.ProductBatchExpire
	if lot == nil || lot.ID == 0 {
		return l, nil
	}
	l.BatchID = taphoa.Some(lot.ID)
	return l, stock.ImportLot(tx, lot.ID, lot.ProductID, lot.BatchName, lot.ExpireDate, lot.CreatedDate)
}

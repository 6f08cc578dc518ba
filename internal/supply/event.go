package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

// These events are ours: the vendor has none for documents of goods that come in or change branch.
var (
	purchaseUpdated = documentEvent("purchaseorder.update", "purchase_orders d "+purchaseJoins, "d", purchaseColumns,
		func(d *taphoa.PurchaseOrder) int64 { return d.ID }, fillAllOfPurchases)
	orderSupplierUpdated = documentEvent("ordersupplier.update", "order_suppliers d "+orderSupplierJoins, "d", orderSupplierColumns,
		func(d *taphoa.OrderSupplier) int64 { return d.ID }, fillOrderSuppliers)
	transferUpdated = documentEvent("transfer.update", "transfers t "+transferJoins, "t", transferColumns,
		func(d *taphoa.Transfer) int64 { return d.ID }, fillTransfers)
)

// documentEvent returns the kind of event whose data are documents as the API shows them.
func documentEvent[T any](kind, tables, alias, columns string, id func(*T) int64, fill func(*db.Tx, []T) error) event.Kind[int64] {
	return event.Kind[int64]{Type: kind, PascalCase: true, Data: func(tx *db.Tx, ids []int64) (any, error) {
		documents, err := db.All[T](tx, "SELECT "+columns+" FROM "+tables+
			" WHERE "+alias+".retailer_id = :retailer AND "+alias+".id IN ? ORDER BY "+alias+".id", ids)
		documents = event.InOrder(ids, documents, id)
		if err == nil {
			err = fill(tx, documents)
		}
		return documents, err
	}}
}

func fillAllOfPurchases(tx *db.Tx, orders []taphoa.PurchaseOrder) error {
	return fillPurchases(tx, orders, true)
}

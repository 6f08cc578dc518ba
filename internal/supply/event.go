package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

// The events of this room are ours: the vendor has none for what comes in.
var purchaseUpdated = event.Kind[int64]{Type: "purchaseorder.update", Nouns: true, Data: func(tx *db.Tx, ids []int64) (any, error) {
	orders, err := db.All[taphoa.PurchaseOrder](tx, "SELECT "+purchaseColumns+" FROM purchase_orders d "+purchaseJoins+
		" WHERE d.retailer_id = :retailer AND d.id IN ? ORDER BY d.id", ids)
	if err == nil {
		err = fillPurchases(tx, orders, true)
	}
	return orders, err
}}

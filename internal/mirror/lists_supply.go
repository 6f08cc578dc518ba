package mirror

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/supply"
)

// supplyLists are documents with suppliers.
var supplyLists = []mirrored{
	&list[taphoa.PurchaseOrderQuery, taphoa.PurchaseOrder]{
		name: "purchaseorders", id: func(o *taphoa.PurchaseOrder) int64 { return o.ID },
		fetch: func(c *client.Client) client.List[taphoa.PurchaseOrderQuery, taphoa.PurchaseOrder] {
			return c.ListPurchaseOrders
		},
		query: func(p taphoa.Paging, since taphoa.Opt[taphoa.Time]) *taphoa.PurchaseOrderQuery {
			return &taphoa.PurchaseOrderQuery{Paging: p, LastModifiedFrom: since, IncludePayment: true}
		},
		apply: supply.ImportPurchaseOrders, show: supply.ListPurchaseOrders,
		ours: func(o *taphoa.PurchaseOrder) { o.Allocations = nil },
		concerns: []concern[taphoa.PurchaseOrder]{
			partner(suppliers, func(o *taphoa.PurchaseOrder) (taphoa.Opt[int64], taphoa.Opt[string]) {
				return o.SupplierID, o.SupplierCode
			}),
			{products, func(o *taphoa.PurchaseOrder, found map[int64]string) {
				for i := range o.PurchaseOrderDetails {
					found[o.PurchaseOrderDetails[i].ProductID] = o.PurchaseOrderDetails[i].ProductName
				}
			}},
		},
	},
}

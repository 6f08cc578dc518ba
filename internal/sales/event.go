package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/sales/plan"
)

var (
	orderUpdated   = event.Kind[int64]{Type: "order.update", Data: orderData}
	invoiceUpdated = event.Kind[int64]{Type: "invoice.update", Data: invoiceData}

	// The vendor has no event for returns.
	returnUpdated = event.Kind[int64]{Type: "return.update", PascalCase: true, Data: func(tx *db.Tx, ids []int64) (any, error) {
		rows, err := db.All[plan.ReturnRow](tx, "SELECT "+returnColumns+" FROM returns d WHERE d.retailer_id = :retailer AND d.id IN ? ORDER BY d.id", ids)
		if err != nil {
			return nil, err
		}
		return showReturns(tx, event.InOrder(ids, rows, func(r *plan.ReturnRow) int64 { return r.ID }), plan.Everything)
	}}
)

func orderData(tx *db.Tx, ids []int64) (any, error) {
	rows, err := db.All[plan.OrderRow](tx, "SELECT "+orderColumns+" FROM orders d WHERE d.retailer_id = :retailer AND d.id IN ? ORDER BY d.id", ids)
	if err != nil {
		return nil, err
	}
	orders, err := showOrders(tx, event.InOrder(ids, rows, func(r *plan.OrderRow) int64 { return r.ID }), plan.Includes{})
	data := make([]taphoa.OrderData, len(orders))
	for i := range orders {
		data[i] = plan.OrderEvent(&orders[i])
	}
	return data, err
}

func invoiceData(tx *db.Tx, ids []int64) (any, error) {
	rows, err := db.All[plan.InvoiceRow](tx, "SELECT "+invoiceColumns+" FROM invoices d WHERE d.retailer_id = :retailer AND d.id IN ? ORDER BY d.id", ids)
	if err != nil {
		return nil, err
	}
	invoices, err := showInvoices(tx, event.InOrder(ids, rows, func(r *plan.InvoiceRow) int64 { return r.ID }), plan.Includes{Payments: true, Delivery: true})
	data := make([]taphoa.InvoiceData, len(invoices))
	for i := range invoices {
		data[i] = plan.InvoiceEvent(&invoices[i])
	}
	return data, err
}

package plan

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
)

// OlderInvoice is an invoice as a document of an account whose money is not allocated yet; d is its delivery, nil if it has none.
func OlderInvoice(v *InvoiceRow, d *Delivery) cashplan.OlderDocument {
	return cashplan.OlderDocument{
		PartnerDocument: v.document(), Amount: v.due(), Held: d.held(v), Paid: v.TotalPayment, OrderID: v.OrderID.Or(0),
	}
}

// OlderReturn is a return as a document of an account whose money is not allocated yet.
func OlderReturn(r *ReturnRow) cashplan.OlderDocument {
	d := cashplan.OlderDocument{PartnerDocument: r.document(), Amount: r.credit(), Paid: r.TotalPayment}
	if r.InvoiceID.Has() {
		d.Source = cashplan.DocumentRef{Kind: KindInvoice.Name, ID: r.InvoiceID.Value}
	}
	return d
}

// OlderOrder is an order with payments, as customer, whose account is to be allocated, sees it; 0 is a walk-in.
func OlderOrder(o *OrderRow, customer int64) cashplan.OlderOrder {
	return cashplan.OlderOrder{
		ID: o.ID, IsOwn: o.CustomerID.Or(0) == customer, Paid: o.TotalPayment,
		Ended: o.Status == taphoa.OrderCompleted || o.Status == taphoa.OrderVoided,
	}
}

package event

import "slices"

// Types are all events that clients can register for: those of the vendor (contract webhooks, events), and ours behind
// them.
var Types = []string{
	"customer.update", "customer.delete", "product.update", "product.delete", "stock.update", "order.update",
	"invoice.update", "pricebook.update", "pricebook.delete", "pricebookdetail.update", "pricebookdetail.delete",
	"category.update", "category.delete", "branch.update", "branch.delete",

	"return.update", "purchaseorder.update", "ordersupplier.update", "transfer.update",
	"supplier.update", "supplier.delete", "cashflow.update",
}

// Known reports whether there is such a type of event.
func Known(kind string) bool { return slices.Contains(Types, kind) }

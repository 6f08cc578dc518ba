package sales

import (
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// invoice asks for the row and the lines of an invoice, and of the order that it was made from, in the first batch. What
// they have besides is asked for by [question.invoiceParts] in the second one.
func (q *question) invoice(id int64) {
	row := db.Want[plan.InvoiceRow](q.batch, `SELECT `+db.Columns[plan.InvoiceRow]("d")+` FROM invoices d WHERE d.retailer_id = :retailer AND d.id = ?`, id)
	lines := db.Want[plan.InvoiceLineRow](q.batch, `
		SELECT `+db.Columns[plan.InvoiceLineRow]("l")+` FROM invoice_lines l
		WHERE l.retailer_id = :retailer AND l.invoice_id = ? ORDER BY l.line`, id)
	const orderOf = `(SELECT i.order_id FROM invoices i WHERE i.retailer_id = :retailer AND i.id = ?)`
	order := db.Want[plan.OrderRow](q.batch, `SELECT `+db.Columns[plan.OrderRow]("d")+` FROM orders d WHERE d.retailer_id = :retailer AND d.id = `+orderOf, id)
	orderLines := db.Want[plan.OrderLineRow](q.batch, `
		SELECT `+db.Columns[plan.OrderLineRow]("l")+` FROM order_lines l
		WHERE l.retailer_id = :retailer AND l.order_id = `+orderOf+` ORDER BY l.line`, id)
	q.then = append(q.then, func() error {
		if r, found := row.One(); found {
			q.facts.Invoice = &plan.StoredInvoice{Invoice: plan.Invoice{Row: r, Lines: lines.All()}}
		}
		if r, found := order.One(); found {
			q.facts.Order = &plan.StoredOrder{Order: plan.Order{Row: r, Lines: orderLines.All()}}
		}
		return nil
	})
	q.usedVouchers(`(invoice_id = ? OR invoice_id IS NULL AND order_id =
		(SELECT i.order_id FROM invoices i WHERE i.retailer_id = :retailer AND i.id = ?))`, id, id)
}

// usedVouchers asks for the vouchers that have paid for a document.
func (q *question) usedVouchers(payments string, ids ...any) {
	applied := db.Want[int64](q.batch, `
		SELECT voucher_id FROM payments
		WHERE retailer_id = :retailer AND `+payments+` AND status = 0 AND voucher_id IS NOT NULL ORDER BY id`, ids...)
	q.then = append(q.then, func() error { q.applied = applied.All(); return nil })
}

// invoiceParts asks for what a stored invoice, and its order, have besides their lines: taxes, surcharges, delivery,
// payments, postings, returns, and who has bought. lines are those of a request that changes it.
func (q *question) invoiceParts(v *plan.StoredInvoice, lines []taphoa.DetailInput, withGroups bool) error {
	id, stored := v.Row.ID, v.Quantities()
	if v.Row.HasTaxes {
		q.taxes(plan.KindInvoice.Name, id, &v.Taxes)
	}
	if v.Row.HasSurcharges {
		q.surcharges(plan.KindInvoice.Name, id, &v.Surcharges)
	}
	if v.Row.UsingCod {
		q.storedDelivery(plan.KindInvoice.Name, id, &v.Delivery)
	}
	for _, l := range v.Lines {
		if l.BatchID.Has() {
			q.stock.LotIDs = append(q.stock.LotIDs, l.BatchID.Value)
		}
	}
	if slices.ContainsFunc(v.Lines, func(l plan.InvoiceLineRow) bool { return l.ReturnQuantity > 0 }) {
		q.returned(v)
	}
	q.buyer(v.Row.CustomerID, withGroups)
	q.account(v.Row.CustomerID)
	q.cash.Invoices = append(q.cash.Invoices, id)
	q.cash.Documents = append(q.cash.Documents, cashplan.DocumentRef{Kind: "invoice", ID: id})
	q.stock.Posted = append(q.stock.Posted, stockplan.DocumentRef{Kind: "invoice", ID: id})
	if o := q.facts.Order; o != nil {
		q.orderParts(o)
		q.account(o.Row.CustomerID)
		stored = append(stored, o.Quantities()...)
	}
	if err := q.items(lines, stored, v.Row.BranchID); err != nil {
		return err
	}
	if o := q.facts.Order; o != nil {
		q.storedGoods(o.Quantities(), o.Row.BranchID)
	}
	return nil
}

// returned asks for the first valid return of an invoice.
func (q *question) returned(v *plan.StoredInvoice) {
	first := db.Want[plan.ReturnRow](q.batch, `
		SELECT `+returnColumns+` FROM returns d WHERE d.retailer_id = :retailer AND d.invoice_id = ? AND d.status = 1 ORDER BY d.id LIMIT 1`, v.Row.ID)
	q.then = append(q.then, func() error {
		v.Returned, _ = first.One()
		return nil
	})
}

package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// order asks for the row and the lines of an order in the first batch, and with vouchers for those that have paid for it.
// What the order has besides is asked for by [question.orderParts] in the second one.
func (q *question) order(id int64, withVouchers bool) {
	if withVouchers {
		q.usedVouchers("order_id = ?", id)
	}
	row := db.Want[plan.OrderRow](q.batch, `SELECT `+db.Columns[plan.OrderRow]("d")+` FROM orders d WHERE d.retailer_id = :retailer AND d.id = ?`, id)
	lines := db.Want[plan.OrderLineRow](q.batch, `
		SELECT `+db.Columns[plan.OrderLineRow]("l")+` FROM order_lines l
		WHERE l.retailer_id = :retailer AND l.order_id = ? ORDER BY l.line`, id)
	q.then = append(q.then, func() error {
		if r, found := row.One(); found {
			q.facts.Order = &plan.StoredOrder{Order: plan.Order{Row: r, Lines: lines.All()}}
		}
		return nil
	})
}

// orderParts asks for what a stored order has besides its lines, for its payments, its reservations, its buyer, and for
// what its valid invoices have of it.
func (q *question) orderParts(o *plan.StoredOrder) {
	id := o.Row.ID
	if o.Row.HasTaxes {
		q.taxes(plan.KindOrder.Name, id, &o.Taxes)
	}
	if o.Row.UsingCod {
		q.storedDelivery(plan.KindOrder.Name, id, &o.Delivery)
	}
	if o.Row.HasSurcharges {
		q.surcharges(plan.KindOrder.Name, id, &o.Surcharges)
		q.charged(o)
	}
	q.invoiced(o)
	if o.Row.UsingCod {
		q.codAgreed(o)
	}
	if o.Row.HasTaxes {
		q.invoicedTaxes(o)
	}
	q.orderLedgers(id)
}

// invoiced asks for the lines of the valid invoices of an order.
func (q *question) invoiced(o *plan.StoredOrder) {
	invoiced := db.Want[plan.InvoicedLine](q.batch, `
		SELECT `+db.Columns[plan.InvoiceLineRow]("l")+`, i.discount_ratio AS invoice_ratio, i.code AS invoice_code,
			i.purchase_date AS invoice_date, i.customer_id AS invoice_customer_id,
			CASE WHEN i.goods_returned THEN 0 ELSE i.total - i.total_payment END AS invoice_open
		FROM invoices i
		JOIN invoice_lines l ON l.retailer_id = :retailer AND l.invoice_id = i.id
		WHERE i.retailer_id = :retailer AND i.order_id = ? AND i.status <> 2
		ORDER BY l.invoice_id, l.line`, o.Row.ID)
	q.then = append(q.then, func() error { o.Invoiced = invoiced.All(); return nil })
}

// codAgreed asks for what carriers collect on the deliveries of an order.
func (q *question) codAgreed(o *plan.StoredOrder) {
	agreed := db.Want[taphoa.Money](q.batch, `
			SELECT d.price_cod_payment FROM invoices i
			JOIN deliveries d ON d.retailer_id = :retailer AND d.document = 'invoice' AND d.document_id = i.id
			WHERE i.retailer_id = :retailer AND i.order_id = ? AND i.status <> 2
				AND d.using_price_cod AND d.price_cod_payment > 0 AND NOT (d.status IN ?)
			ORDER BY i.id`, o.Row.ID, []int64{taphoa.DeliveryReturned, taphoa.DeliveryCancelled})
	q.then = append(q.then, func() error {
		for _, amount := range agreed.All() {
			o.CodAgreed += amount
		}
		return nil
	})
}

// orderLedgers asks for the payments and the reservations of an order.
func (q *question) orderLedgers(id int64) {
	q.cash.Orders = append(q.cash.Orders, id)
	q.stock.Reserving = append(q.stock.Reserving, stockplan.DocumentRef{Kind: "order", ID: id})
}

// invoicedTaxes asks for the taxes of the lines of the valid invoices of an order.
func (q *question) invoicedTaxes(o *plan.StoredOrder) {
	rows := db.Want[plan.LineTaxRow](q.batch, `
		SELECT `+db.Columns[plan.LineTaxRow]("t")+`
		FROM invoices i
		JOIN line_taxes t ON t.retailer_id = :retailer AND t.document = 'invoice' AND t.document_id = i.id
		WHERE i.retailer_id = :retailer AND i.order_id = ? AND i.status <> 2
		ORDER BY t.document_id, t.line, t.id`, o.Row.ID)
	q.then = append(q.then, func() error { o.InvoicedTaxes = rows.All(); return nil })
}

// charged asks what the valid invoices of an order charge of its surcharges.
func (q *question) charged(o *plan.StoredOrder) {
	rows := askCharges(q.batch, []int64{o.Row.ID})
	q.then = append(q.then, func() error {
		o.Charged = map[int64]plan.Charge{}
		for _, r := range rows.All() {
			o.Charged[r.SurchargeID] = r.Charge
		}
		return nil
	})
}

func (q *question) taxes(document string, id int64, to *[]plan.LineTaxRow) {
	rows := askTaxes(q.batch, document, []int64{id})
	q.then = append(q.then, func() error { *to = rows.All(); return nil })
}

func (q *question) surcharges(document string, id int64, to *[]plan.SurchargeRow) {
	rows := askSurcharges(q.batch, document, []int64{id})
	q.then = append(q.then, func() error { *to = rows.All(); return nil })
}

// storedDelivery asks for a delivery with its carrier.
func (q *question) storedDelivery(document string, id int64, to **plan.Delivery) {
	rows := askDeliveries(q.batch, document, []int64{id})
	q.then = append(q.then, func() error {
		if r, found := rows.One(); found {
			*to = r.delivery()
		}
		return nil
	})
}

// withoutLots are the lines of an order, which keeps neither lots nor serials.
func withoutLots(in []taphoa.DetailInput) []taphoa.DetailInput {
	lines := make([]taphoa.DetailInput, len(in))
	for i := range in {
		lines[i] = in[i]
		lines[i].SerialNumbers, lines[i].ProductBatchExpireID, lines[i].ProductBatchExpire = taphoa.Opt[string]{}, taphoa.Opt[int64]{}, nil
	}
	return lines
}

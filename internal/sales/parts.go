package sales

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/sales/plan"
)

// askTaxes asks for the taxes of documents' lines.
func askTaxes(b *db.Batch, document string, ids []int64) *db.Rows[plan.LineTaxRow] {
	if len(ids) == 0 {
		return nil
	}
	return db.Want[plan.LineTaxRow](b, `
		SELECT `+db.Columns[plan.LineTaxRow]("t")+` FROM line_taxes t
		WHERE t.retailer_id = :retailer AND t.document = ? AND t.document_id IN ? ORDER BY t.document_id, t.line, t.id`, document, ids)
}

// askSurcharges asks for the surcharges of documents.
func askSurcharges(b *db.Batch, document string, ids []int64) *db.Rows[plan.SurchargeRow] {
	if len(ids) == 0 {
		return nil
	}
	return db.Want[plan.SurchargeRow](b, `
		SELECT `+db.Columns[plan.SurchargeRow]("s")+` FROM document_surcharges s
		WHERE s.retailer_id = :retailer AND s.document = ? AND s.document_id IN ? ORDER BY s.document_id, s.line`, document, ids)
}

// askHistoryPayments asks for the payments of documents of history.
func askHistoryPayments(b *db.Batch, document string, ids []int64) *db.Rows[plan.HistoryPaymentRow] {
	if len(ids) == 0 {
		return nil
	}
	return db.Want[plan.HistoryPaymentRow](b, `
		SELECT `+db.Columns[plan.HistoryPaymentRow]("p")+` FROM history_payments p
		WHERE p.retailer_id = :retailer AND p.document = ? AND p.document_id IN ? ORDER BY p.document_id, p.line`, document, ids)
}

func historyPayments(rows []plan.HistoryPaymentRow) []taphoa.Payment {
	shown := make([]taphoa.Payment, len(rows))
	for i := range rows {
		shown[i] = rows[i].Payment()
	}
	return shown
}

// charge is what the valid invoices of an order charge of a surcharge.
type charge struct {
	OrderID, SurchargeID int64
	plan.Charge
}

// askCharges asks what the valid invoices of orders charge of their surcharges.
func askCharges(b *db.Batch, ids []int64) *db.Rows[charge] {
	if len(ids) == 0 {
		return nil
	}
	return db.Want[charge](b, `
		SELECT i.order_id, COALESCE(c.surcharge_id, 0) AS surcharge_id, MIN(i.id) AS invoice_id,
			CAST(SUM(c.price) AS BIGINT) AS amount
		FROM invoices i
		JOIN document_surcharges c ON c.retailer_id = :retailer AND c.document = 'invoice' AND c.document_id = i.id
		WHERE i.retailer_id = :retailer AND i.order_id IN ? AND i.status <> 2
		GROUP BY i.order_id, COALESCE(c.surcharge_id, 0)`, ids)
}

// carriedDelivery is a delivery with its carrier.
type carriedDelivery struct {
	plan.DeliveryRow
	CarrierCode, CarrierName, CarrierAddress, CarrierNumber, CarrierEmail taphoa.Opt[string]
}

// askDeliveries asks for the deliveries of documents, with their carriers.
func askDeliveries(b *db.Batch, document string, ids []int64) *db.Rows[carriedDelivery] {
	if len(ids) == 0 {
		return nil
	}
	return db.Want[carriedDelivery](b, `
		SELECT `+db.Columns[plan.DeliveryRow]("d")+`, p.code AS carrier_code, p.name AS carrier_name, p.address AS carrier_address,
			p.contact_number AS carrier_number, p.email AS carrier_email
		FROM deliveries d
		LEFT JOIN delivery_partners p ON p.retailer_id = :retailer AND p.id = d.partner_delivery_id
		WHERE d.retailer_id = :retailer AND d.document = ? AND d.document_id IN ?`, document, ids)
}

func (d *carriedDelivery) delivery() *plan.Delivery {
	shown := &plan.Delivery{Row: d.DeliveryRow}
	if d.CarrierCode.Has() {
		shown.Carrier = taphoa.Some(partyplan.CarrierRef{ID: d.PartnerDeliveryID.Value, PartnerDelivery: taphoa.PartnerDelivery{
			Code: d.CarrierCode, Name: d.CarrierName, Address: d.CarrierAddress, ContactNumber: d.CarrierNumber, Email: d.CarrierEmail,
		}})
	}
	return shown
}

// header is what of a document's row says which parts it has.
type header struct {
	id                                            int64
	hasTaxes, hasSurcharges, hasDelivery, history bool
}

// pageParts are what the documents of a page have besides their lines, by document.
type pageParts struct {
	taxes      map[int64][]plan.LineTaxRow
	surcharges map[int64][]plan.SurchargeRow
	deliveries map[int64]*plan.Delivery
	settled    map[int64]plan.Settled
}

// askPageParts asks for the parts of a page that an answer includes. payments says which payments are those of the
// documents.
func askPageParts(
	tx *db.Tx, b *db.Batch, kind *plan.Kind, page []header, in plan.Includes, payments cash.Question,
) func() (*pageParts, error) {
	with := func(has func(h *header) bool) (ids []int64) {
		for i := range page {
			if has(&page[i]) {
				ids = append(ids, page[i].id)
			}
		}
		return ids
	}
	taxes := askTaxes(b, kind.Name, with(func(h *header) bool { return h.hasTaxes }))
	surcharges := askSurcharges(b, kind.Name, with(func(h *header) bool { return in.Surcharges && h.hasSurcharges }))
	deliveries := askDeliveries(b, kind.Name, with(func(h *header) bool { return in.Delivery && h.hasDelivery }))
	history := askHistoryPayments(b, kind.Name, with(func(h *header) bool { return in.Payments && h.history }))
	ledger := func() (*cashplan.Ledger, error) { return nil, nil }
	if in.Payments {
		ledger = cash.Ask(tx, b, payments)
	}
	return func() (*pageParts, error) {
		p := &pageParts{
			taxes:      byDocument(taxes.All(), func(t *plan.LineTaxRow) int64 { return t.DocumentID }),
			surcharges: byDocument(surcharges.All(), func(s *plan.SurchargeRow) int64 { return s.DocumentID }),
			deliveries: map[int64]*plan.Delivery{}, settled: map[int64]plan.Settled{},
		}
		for _, d := range deliveries.All() {
			p.deliveries[d.DocumentID] = d.delivery()
		}
		l, err := ledger()
		if err != nil || l == nil {
			return p, err
		}
		paid := byDocument(history.All(), func(p *plan.HistoryPaymentRow) int64 { return p.DocumentID })
		for i := range page {
			id := page[i].id
			if page[i].history {
				p.settled[id] = plan.Settled{Payments: historyPayments(paid[id])}
			} else if kind == &plan.KindOrder {
				p.settled[id] = plan.Settled{Payments: l.ShownOrderPayments(id)}
			} else {
				p.settled[id] = plan.SettledBy(l, cashplan.DocumentRef{Kind: kind.Name, ID: id})
			}
		}
		return p, nil
	}
}

// byDocument cuts rows, which are in the order of documents, into those of each document.
func byDocument[T any](rows []T, id func(*T) int64) map[int64][]T {
	parts := map[int64][]T{}
	for len(rows) > 0 {
		document := id(&rows[0])
		n := slices.IndexFunc(rows, func(r T) bool { return id(&r) != document })
		if n < 0 {
			n = len(rows)
		}
		parts[document], rows = rows[:n:n], rows[n:]
	}
	return parts
}

package sales

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	docplan "github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/sales/plan"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/text"
)

// imported are documents of a kind as another system shows them, as rows of their tables. They are history: they post nothing here,
// neither goods nor money nor points. The ledgers have what came of them.
type imported struct {
	kind     *plan.Kind
	ids      []int64
	codes    db.Freed
	named    org.Named
	products []taphoa.InvoiceDetail // of the lines

	taxes      []plan.LineTaxRow
	surcharges []plan.SurchargeRow
	payments   []plan.HistoryPaymentRow
	deliveries []plan.DeliveryRow
}

func newImported(kind *plan.Kind) *imported {
	return &imported{
		kind: kind, codes: db.Freed{Column: "code_key", Set: "code_key = '~' || id"},
		named: org.Named{Users: map[int64]string{}, Branches: map[int64]string{}, Channels: map[int64]*taphoa.SaleChannelInfo{}},
	}
}

// add adds a document.
func (m *imported) add(id int64, codeKey string) {
	m.ids, m.codes.Values = append(m.ids, id), append(m.codes.Values, codeKey)
}

// addTax adds the tax of a line of the document that was added last; shown is how the document shows it.
func addTax[Tax any](m *imported, line int64, shown *Tax) {
	t := plan.LineTaxRow{Document: m.kind.Name, DocumentID: m.ids[len(m.ids)-1], Line: line}
	docplan.CopyFields(&t, shown)
	m.taxes = append(m.taxes, t)
}

// addParts adds what else the document that was added last shows.
func (m *imported) addParts(tx *db.Tx, surcharges []taphoa.DocumentSurcharge, payments []taphoa.Payment, delivery *taphoa.Delivery) error {
	id := m.ids[len(m.ids)-1]
	for i := range surcharges {
		row := plan.SurchargeRow{Document: m.kind.Name, DocumentID: id, Line: int64(i)}
		docplan.CopyFields(&row, &surcharges[i])
		m.surcharges = append(m.surcharges, row)
	}
	for i := range payments {
		row := plan.HistoryPaymentRow{Document: m.kind.Name, DocumentID: id, Line: int64(i)}
		docplan.CopyFields(&row, &payments[i])
		m.payments = append(m.payments, row)
	}
	if delivery == nil {
		return nil
	}
	row := plan.DeliveryRow{Document: m.kind.Name, DocumentID: id}
	docplan.CopyFields(&row, delivery)
	row.Status = delivery.Status.Or(taphoa.DeliveryWaiting)
	var err error
	row.PartnerDeliveryID, err = party.ImportCarrier(tx, row.PartnerDeliveryID, delivery.PartnerDelivery)
	m.deliveries = append(m.deliveries, row)
	return err
}

// write writes what the documents name, and their rows and parts in place of those that they had.
func write[Row, Line any](tx *db.Tx, m *imported, table string, rows []Row, id func(*Row) int64, linesTable, key string, lines []Line) error {
	if err := org.ImportNamed(tx, &m.named); err != nil {
		return err
	}
	if err := catalog.ImportUnlisted(tx, m.products); err != nil {
		return err
	}
	if err := db.Import(tx, table, rows, id, m.codes); err != nil {
		return err
	}
	tx.Queue("DELETE FROM "+linesTable+" WHERE retailer_id = :retailer AND "+key+" IN ?", m.ids)
	tx.Queue(`DELETE FROM line_taxes WHERE retailer_id = :retailer AND document = ? AND document_id IN ?`, m.kind.Name, m.ids)
	tx.Queue(`DELETE FROM document_surcharges WHERE retailer_id = :retailer AND document = ? AND document_id IN ?`, m.kind.Name, m.ids)
	tx.Queue(`DELETE FROM deliveries WHERE retailer_id = :retailer AND document = ? AND document_id IN ?`, m.kind.Name, m.ids)
	tx.Queue(`DELETE FROM history_payments WHERE retailer_id = :retailer AND document = ? AND document_id IN ?`, m.kind.Name, m.ids)
	db.Insert(tx, linesTable, lines...)
	db.Insert(tx, "line_taxes", m.taxes...)
	db.Insert(tx, "document_surcharges", m.surcharges...)
	db.Insert(tx, "deliveries", m.deliveries...)
	db.Insert(tx, "history_payments", m.payments...)
	return nil
}

// ImportInvoices writes invoices as another system shows them, as history.
func ImportInvoices(tx *db.Tx, invoices []taphoa.Invoice) error {
	m, rows, lines := newImported(&plan.KindInvoice), make([]plan.InvoiceRow, len(invoices)), []plan.InvoiceLineRow(nil)
	for i := range invoices {
		v, r := &invoices[i], &rows[i]
		docplan.CopyFields(r, v)
		r.CodeKey, r.History, r.ChangedAt = text.CodeKey(v.Code), true, v.ModifiedDate.Or(v.CreatedDate)
		r.HasSurcharges, r.UsingCod = len(v.InvoiceOrderSurcharges) > 0, v.UsingCod || v.InvoiceDelivery != nil
		r.HasTaxes = slices.ContainsFunc(v.InvoiceDetails, func(d taphoa.InvoiceDetail) bool { return len(d.InvoiceDetailTaxs) > 0 })
		m.add(v.ID, r.CodeKey)
		m.named.Users[v.SoldByID.Value], m.named.Branches[v.BranchID] = v.SoldByName.Value, v.BranchName
		m.named.Channels[v.SaleChannelID.Value] = v.SaleChannel
		m.products = append(m.products, v.InvoiceDetails...)
		for j := range v.InvoiceDetails {
			d, l := &v.InvoiceDetails[j], plan.InvoiceLineRow{InvoiceID: v.ID, Line: int64(j)}
			docplan.CopyFields(&l, d)
			if lot := d.ProductBatchExpire; lot != nil && lot.ID != 0 {
				l.BatchID = taphoa.Some(lot.ID)
				if err := stock.ImportLot(tx, lot.ID, lot.ProductID, lot.BatchName, lot.ExpireDate, lot.CreatedDate); err != nil {
					return err
				}
			}
			for k := range d.InvoiceDetailTaxs {
				addTax(m, l.Line, &d.InvoiceDetailTaxs[k])
			}
			lines = append(lines, l)
		}
		if err := m.addParts(tx, v.InvoiceOrderSurcharges, v.Payments, v.InvoiceDelivery); err != nil {
			return err
		}
	}
	err := write(tx, m, "invoices", rows, func(r *plan.InvoiceRow) int64 { return r.ID }, "invoice_lines", "invoice_id", lines)
	invoiceUpdated.Emit(tx, m.ids...)
	return err
}

// ImportOrders writes orders as another system shows them, as history: what they reserve, products have.
func ImportOrders(tx *db.Tx, orders []taphoa.Order) error {
	m, rows, lines := newImported(&plan.KindOrder), make([]plan.OrderRow, len(orders)), []plan.OrderLineRow(nil)
	for i := range orders {
		o, r := &orders[i], &rows[i]
		docplan.CopyFields(r, o)
		r.CodeKey, r.History, r.ChangedAt = text.CodeKey(o.Code), true, o.ModifiedDate.Or(o.CreatedDate)
		r.HasSurcharges, r.UsingCod = len(o.InvoiceOrderSurcharges) > 0, o.UsingCod || o.OrderDelivery != nil
		r.HasTaxes = slices.ContainsFunc(o.OrderDetails, func(d taphoa.OrderDetail) bool { return len(d.OrderDetailTaxs) > 0 })
		r.OpenStatus, r.CashierID = o.Status, o.SoldByID.Value
		m.add(o.ID, r.CodeKey)
		m.named.Users[o.SoldByID.Value], m.named.Branches[o.BranchID] = o.SoldByName.Value, o.BranchName
		m.named.Channels[o.SaleChannelID.Value] = o.SaleChannel
		for j := range o.OrderDetails {
			d, l := &o.OrderDetails[j], plan.OrderLineRow{OrderID: o.ID, Line: int64(j)}
			docplan.CopyFields(&l, d)
			for k := range d.OrderDetailTaxs {
				addTax(m, l.Line, &d.OrderDetailTaxs[k])
			}
			lines = append(lines, l)
			m.products = append(m.products, taphoa.InvoiceDetail{ProductID: d.ProductID, ProductCode: d.ProductCode, ProductName: d.ProductName, Price: d.Price})
		}
		if err := m.addParts(tx, o.InvoiceOrderSurcharges, o.Payments, o.OrderDelivery); err != nil {
			return err
		}
	}
	err := write(tx, m, "orders", rows, func(r *plan.OrderRow) int64 { return r.ID }, "order_lines", "order_id", lines)
	orderUpdated.Emit(tx, m.ids...)
	return err
}

// ImportReturns writes returns as another system shows them, as history.
func ImportReturns(tx *db.Tx, returns []taphoa.Return) error {
	sellers, err := returnedSellers(tx, returns)
	if err != nil {
		return err
	}
	m, rows, lines := newImported(&plan.KindReturn), make([]plan.ReturnRow, len(returns)), []plan.ReturnLineRow(nil)
	for i := range returns {
		v, r := &returns[i], &rows[i]
		docplan.CopyFields(r, v)
		r.CodeKey, r.History, r.ChangedAt, r.SoldByID = text.CodeKey(v.Code), true, v.ModifiedDate.Or(v.CreatedDate), sellers[i]
		r.HasTaxes = slices.ContainsFunc(v.ReturnDetails, func(d taphoa.ReturnDetail) bool { return len(d.ReturnDetailTaxs) > 0 })
		m.add(v.ID, r.CodeKey)
		m.named.Users[v.ReceivedByID], m.named.Branches[v.BranchID] = "", v.BranchName
		for j := range v.ReturnDetails {
			d, l := &v.ReturnDetails[j], plan.ReturnLineRow{ReturnID: v.ID}
			docplan.CopyFields(&l, d)
			l.Line = d.LineNumber
			for k := range d.ReturnDetailTaxs {
				addTax(m, l.Line, &d.ReturnDetailTaxs[k])
			}
			lines = append(lines, l)
			m.products = append(m.products, taphoa.InvoiceDetail{ProductID: d.ProductID, ProductCode: d.ProductCode, ProductName: d.ProductName, Price: d.Price})
		}
		if err := m.addParts(tx, nil, v.Payments, nil); err != nil {
			return err
		}
	}
	err = write(tx, m, "returns", rows, func(r *plan.ReturnRow) int64 { return r.ID }, "return_lines", "return_id", lines)
	returnUpdated.Emit(tx, m.ids...)
	return err
}

// returnedSellers finds who had sold what returns bring back: these show a name alone, of the seller of their invoice or else of a user.
func returnedSellers(tx *db.Tx, returns []taphoa.Return) ([]taphoa.Opt[int64], error) {
	directory, err := org.GetDirectory(tx)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for i := range returns {
		ids = append(ids, returns[i].InvoiceID.Value)
	}
	type sale struct {
		ID       int64
		SoldByID taphoa.Opt[int64]
	}
	sales, err := db.All[sale](tx, `SELECT id, sold_by_id FROM invoices WHERE retailer_id = :retailer AND id IN ?`, ids)
	if err != nil {
		return nil, err
	}
	byInvoice := map[int64]taphoa.Opt[int64]{}
	for _, s := range sales {
		byInvoice[s.ID] = s.SoldByID
	}
	sellers := make([]taphoa.Opt[int64], len(returns))
	for i := range returns {
		name := returns[i].SoldByName.Or("")
		if by := byInvoice[returns[i].InvoiceID.Value]; name != "" && directory.Users[by.Value].GivenName == name {
			sellers[i] = by
			continue
		}
		for id, u := range directory.Users {
			if name != "" && u.GivenName == name && (!sellers[i].Has() || id < sellers[i].Value) {
				sellers[i] = taphoa.Some(id)
			}
		}
	}
	return sellers, nil
}

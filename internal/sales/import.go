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

// ImportInvoices writes invoices as another system shows them, as history: they post nothing here, neither goods nor money nor points.
// The ledgers have what came of them.
func ImportInvoices(tx *db.Tx, invoices []taphoa.Invoice) error {
	rows, ids := make([]plan.InvoiceRow, len(invoices)), make([]int64, len(invoices))
	codes := db.Freed{Column: "code_key", Set: "code_key = '~' || id"}
	named := org.Named{Users: map[int64]string{}, Branches: map[int64]string{}, Channels: map[int64]*taphoa.SaleChannelInfo{}}
	var lines []taphoa.InvoiceDetail
	for i := range invoices {
		v, r := &invoices[i], &rows[i]
		docplan.CopyFields(r, v)
		r.CodeKey, r.History, r.ChangedAt = text.CodeKey(v.Code), true, v.ModifiedDate.Or(v.CreatedDate)
		r.HasSurcharges, r.UsingCod = len(v.InvoiceOrderSurcharges) > 0, v.UsingCod || v.InvoiceDelivery != nil
		r.HasTaxes = slices.ContainsFunc(v.InvoiceDetails, func(d taphoa.InvoiceDetail) bool { return len(d.InvoiceDetailTaxs) > 0 })
		ids[i], codes.Values = v.ID, append(codes.Values, r.CodeKey)
		named.Users[v.SoldByID.Value], named.Branches[v.BranchID] = v.SoldByName.Value, v.BranchName
		named.Channels[v.SaleChannelID.Value] = v.SaleChannel
		lines = append(lines, v.InvoiceDetails...)
	}
	if err := org.ImportNamed(tx, &named); err != nil {
		return err
	}
	if err := catalog.ImportUnlisted(tx, lines); err != nil {
		return err
	}
	if err := db.Import(tx, "invoices", rows, func(r *plan.InvoiceRow) int64 { return r.ID }, codes); err != nil {
		return err
	}
	tx.Queue(`DELETE FROM invoice_lines WHERE retailer_id = :retailer AND invoice_id IN ?`, ids)
	tx.Queue(`DELETE FROM line_taxes WHERE retailer_id = :retailer AND document = ? AND document_id IN ?`, plan.KindInvoice.Name, ids)
	tx.Queue(`DELETE FROM document_surcharges WHERE retailer_id = :retailer AND document = ? AND document_id IN ?`, plan.KindInvoice.Name, ids)
	tx.Queue(`DELETE FROM deliveries WHERE retailer_id = :retailer AND document = ? AND document_id IN ?`, plan.KindInvoice.Name, ids)
	tx.Queue(`DELETE FROM history_payments WHERE retailer_id = :retailer AND document = ? AND document_id IN ?`, plan.KindInvoice.Name, ids)
	for i := range invoices {
		if err := importInvoiceParts(tx, &invoices[i]); err != nil {
			return err
		}
	}
	invoiceUpdated.Emit(tx, ids...)
	return nil
}

// importInvoiceParts writes what other tables have of an invoice.
func importInvoiceParts(tx *db.Tx, v *taphoa.Invoice) error {
	lines, taxes := make([]plan.InvoiceLineRow, len(v.InvoiceDetails)), []plan.LineTaxRow(nil)
	for i := range v.InvoiceDetails {
		d, l := &v.InvoiceDetails[i], &lines[i]
		docplan.CopyFields(l, d)
		l.InvoiceID, l.Line = v.ID, int64(i)
		if lot := d.ProductBatchExpire; lot != nil && lot.ID != 0 {
			l.BatchID = taphoa.Some(lot.ID)
			if err := stock.ImportLot(tx, lot.ID, lot.ProductID, lot.BatchName, lot.ExpireDate, lot.CreatedDate); err != nil {
				return err
			}
		}
		for j := range d.InvoiceDetailTaxs {
			var t plan.LineTaxRow
			docplan.CopyFields(&t, &d.InvoiceDetailTaxs[j])
			t.Document, t.DocumentID, t.Line = plan.KindInvoice.Name, v.ID, l.Line
			taxes = append(taxes, t)
		}
	}
	db.Insert(tx, "invoice_lines", lines...)
	db.Insert(tx, "line_taxes", taxes...)
	surcharges := make([]plan.SurchargeRow, len(v.InvoiceOrderSurcharges))
	for i := range surcharges {
		docplan.CopyFields(&surcharges[i], &v.InvoiceOrderSurcharges[i])
		surcharges[i].Document, surcharges[i].DocumentID, surcharges[i].Line = plan.KindInvoice.Name, v.ID, int64(i)
	}
	db.Insert(tx, "document_surcharges", surcharges...)
	payments := make([]plan.HistoryPaymentRow, len(v.Payments))
	for i := range payments {
		docplan.CopyFields(&payments[i], &v.Payments[i])
		payments[i].Document, payments[i].DocumentID, payments[i].Line = plan.KindInvoice.Name, v.ID, int64(i)
	}
	db.Insert(tx, "history_payments", payments...)
	if v.InvoiceDelivery == nil {
		return nil
	}
	row := plan.DeliveryRow{Document: plan.KindInvoice.Name, DocumentID: v.ID}
	docplan.CopyFields(&row, v.InvoiceDelivery)
	row.Status = v.InvoiceDelivery.Status.Or(taphoa.DeliveryWaiting)
	var err error
	row.PartnerDeliveryID, err = party.ImportCarrier(tx, row.PartnerDeliveryID, v.InvoiceDelivery.PartnerDelivery)
	db.Insert(tx, "deliveries", row)
	return err
}

package sales

import (
	"cmp"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// einvoicesMax is how many invoices one request may name.
const einvoicesMax = 1000

// UpdateEInvoices records what other systems have issued as electronic invoices for invoices of the shop: all of them or
// none. What was recorded before is replaced (contract einvoices, updateEInvoiceInfo). Taphoa issues none itself, hence
// none is out of reach.
func UpdateEInvoices(tx *db.Tx, in *taphoa.EInvoiceUpdate) (taphoa.Message, error) {
	ids, err := checkEInvoices(in.Data)
	if err != nil {
		return taphoa.Message{}, err
	}
	slices.Sort(ids)
	type invoice struct{ ID, BranchID int64 }
	sql, args := tx.Found(invoiceDocuments, `SELECT d.id, d.branch_id FROM invoices d WHERE d.retailer_id = :retailer AND d.id IN ?`, ids)
	known, err := db.All[invoice](tx, sql+" ORDER BY d.id :lock", args...)
	if err != nil {
		return taphoa.Message{}, err
	}
	recorded, err := db.All[int64](tx, `SELECT invoice_id FROM einvoices WHERE retailer_id = :retailer AND invoice_id IN ? ORDER BY invoice_id`, ids)
	if err != nil {
		return taphoa.Message{}, err
	}
	actor := tx.Actor()
	for i := range in.Data {
		e := &in.Data[i]
		at, found := slices.BinarySearchFunc(known, e.InvoiceID.Value, func(v invoice, id int64) int { return cmp.Compare(v.ID, id) })
		if !found {
			return taphoa.Message{}, taphoa.NotFound(taphoa.CodeInvoice, "Hóa đơn %d (invoiceId) không tồn tại", e.InvoiceID.Value)
		}
		if err := actor.May(known[at].BranchID); err != nil {
			return taphoa.Message{}, err
		}
		tx.Queue(`
			INSERT INTO einvoices (retailer_id, invoice_id, invoice_ref_id, partner_transaction_code, partner, status, invoice_number,
				type, publish_date, serial, modified_date)
			VALUES (:retailer, :invoice_id, :invoice_ref_id, :partner_transaction_code, :partner, :status, :invoice_number,
				:type, :publish_date, :serial, :now)
			ON CONFLICT (retailer_id, invoice_id) DO UPDATE SET invoice_ref_id = excluded.invoice_ref_id,
				partner_transaction_code = excluded.partner_transaction_code, partner = excluded.partner, status = excluded.status,
				invoice_number = excluded.invoice_number, type = excluded.type, publish_date = excluded.publish_date,
				serial = excluded.serial, modified_date = excluded.modified_date`, e)
		if _, found := slices.BinarySearch(recorded, e.InvoiceID.Value); !found {
			tx.Count("einvoices", 1, e.InvoiceID.Value)
		}
	}
	return taphoa.Message{Message: taphoa.MessageUpdated}, nil
}

// checkEInvoices checks the members of each, and returns the ids of their invoices.
func checkEInvoices(data []taphoa.EInvoiceInfo) ([]int64, error) {
	refuse := func(i int, field, format string, args ...any) error {
		return taphoa.Refuse(taphoa.CodeInvoice, field, format, args...).About(field, "Dòng %d: %s", i+1)
	}
	if len(data) == 0 || len(data) > einvoicesMax {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "data", "Danh sách hóa đơn điện tử (data) phải có từ 1 đến %d dòng", einvoicesMax)
	}
	var ids []int64
	for i := range data {
		e := &data[i]
		if slices.Contains(ids, e.InvoiceID.Or(0)) {
			return nil, refuse(i, "invoiceId", "hóa đơn %d (invoiceId) bị lặp lại", e.InvoiceID.Value)
		}
		ids = append(ids, e.InvoiceID.Or(0))
		if e.InvoiceRefID = taphoa.Some(strings.TrimSpace(e.InvoiceRefID.Or(""))); e.InvoiceRefID.Value == "" {
			return nil, refuse(i, "invoiceRefId", "mã hóa đơn điện tử (invoiceRefId) không được để trống")
		}
		for _, n := range []struct {
			field string
			value taphoa.Opt[int64]
			below int
		}{
			{"partner", e.Partner, len(taphoa.EInvoicePartners)},
			{"status", e.Status, len(taphoa.EInvoiceStatuses)},
			{"type", e.Type, 2},
		} {
			if v := n.value.Or(-1); v < 0 || v >= int64(n.below) {
				return nil, refuse(i, n.field, "giá trị %s phải từ 0 đến %d", n.field, n.below-1)
			}
		}
	}
	return ids, nil
}

var einvoiceOrders = db.Orders{
	"invoiceid": db.Number("e.invoice_id"), "invoicecode": db.Named("invoices", "code", "e.invoice_id"),
	"invoicerefid": db.Text("e.invoice_ref_id"), "partnertransactioncode": db.Text("e.partner_transaction_code").OrNull(),
	"partner": db.Number("e.partner"), "status": db.Number("e.status"), "type": db.Number("e.type"),
	"partnervalue":  db.Labels("e.partner", int64(len(taphoa.EInvoicePartners)-1), func(n int64) string { return taphoa.EInvoicePartners[n] }),
	"statusvalue":   db.Labels("e.status", int64(len(taphoa.EInvoiceStatuses)-1), func(n int64) string { return taphoa.EInvoiceStatuses[n] }),
	"invoicenumber": db.Text("e.invoice_number").OrNull(), "publishdate": db.Number("e.publish_date").OrNull(),
	"serial": db.Text("e.serial").OrNull(), "modifieddate": db.Number("e.modified_date"),
}

// ListEInvoices lists what is known of electronic invoices.
func ListEInvoices(tx *db.Tx, in *taphoa.EInvoiceQuery) (taphoa.Page[taphoa.EInvoice], error) {
	list := db.List{
		Table: "einvoices e", ID: "invoice_id",
		Columns: `e.invoice_id, i.code AS invoice_code, e.invoice_ref_id, e.partner_transaction_code, e.partner, e.status,
			e.invoice_number, e.type, e.publish_date, e.serial, e.modified_date`,
		Joins:  `JOIN invoices i ON i.retailer_id = :retailer AND i.id = e.invoice_id`,
		Orders: einvoiceOrders,
	}
	if !findsAll(tx, invoiceDocuments) {
		sql, args := tx.Found(invoiceDocuments, "EXISTS (SELECT 1 FROM invoices d WHERE d.retailer_id = :retailer AND d.id = e.invoice_id")
		list.Where(sql+")", args...)
	}
	list.If(len(in.InvoiceIDs) > 0, "e.invoice_id IN ?", in.InvoiceIDs).
		If(len(in.Status) > 0, "e.status IN ?", in.Status).
		If(in.LastModifiedFrom.Has(), "e.modified_date >= ?", in.LastModifiedFrom.Value)
	page, err := db.ListPage[taphoa.EInvoice](tx, &list, in.Paging)
	for i := range page.Data {
		e := &page.Data[i]
		e.PartnerValue, e.StatusValue = taphoa.EInvoicePartners[e.Partner], taphoa.EInvoiceStatuses[e.Status]
	}
	return page, err
}

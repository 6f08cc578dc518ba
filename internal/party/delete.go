package party

import (
	"cmp"
	"maps"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
)

// openDocument is a document that is not finished.
type openDocument struct {
	Kind  string
	ID    int64
	Code  string
	Total taphoa.Money
}

// deletion is a partner who is to be deleted.
type deletion struct {
	refusal string // the code of a refusal
	called  string
	account cash.Account
	view    string           // that hides the debt
	amounts right.Right      // to see those of its documents
	known   *db.Rows[string] // its code
	open    *db.Rows[openDocument]
}

// check refuses to delete a partner with a debt, whichever side owes it, or whom a document names that is not finished: no
// list would show any more who it is.
func (d *deletion) check(tx *db.Tx, b *db.Batch, unknown error) error {
	if err := b.Run(); err != nil {
		return err
	}
	partner, found := d.known.One()
	if !found {
		return unknown
	}
	refuse := func(sentence string, args ...any) error {
		return taphoa.Refuse(d.refusal, "id", sentence, append([]any{taphoa.Term(d.called), partner}, args...)...)
	}
	debt, err := cash.Debt(tx, d.account)
	document, open := d.open.One()
	switch {
	case err != nil:
		return err
	case debt != 0 && tx.Actor().Own.Hides(d.view):
		return refuse(stillDebt)
	case debt > 0:
		return refuse("%s %s còn nợ %v nên không thể xóa, hãy thu nợ trước", debt)
	case debt < 0:
		return refuse("%s %s còn được gian hàng nợ %v nên không thể xóa, hãy trả nợ trước", -debt)
	case open:
		ref := cash.DocumentRef{Kind: document.Kind, ID: document.ID}
		seen, err := cash.Seen(tx, []cash.DocumentRef{ref})
		plain := refuse("%s %s có chứng từ chưa hoàn thành nên không thể xóa, hãy hoàn thành hoặc hủy chứng từ đó trước")
		if err != nil || !seen(ref) {
			return cmp.Or(err, plain)
		}
		return tx.Actor().Tell(d.amounts, refuse(
			"%s %s có chứng từ %s (%v) chưa hoàn thành nên không thể xóa, hãy hoàn thành hoặc hủy chứng từ đó trước",
			document.Code, document.Total), plain)
	}
	audit.Record(tx, d.account.ID, partner)
	return nil
}

const stillDebt = "%s %s còn công nợ nên không thể xóa, hãy thanh toán hết công nợ trước"

// customerDeletable refuses a customer with a debt, with an open order, or with an invoice that is in progress or whose
// delivery is under way.
func customerDeletable(tx *db.Tx, id int64) error {
	b := tx.Batch()
	d := deletion{
		refusal: taphoa.CodeCustomer, called: "Khách hàng", account: cash.Customer(id), view: "debt", amounts: right.Anyone,
		known: db.Want[string](b, `SELECT code FROM customers WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, id),
		open: db.Want[openDocument](b, `
			SELECT 'order' AS kind, id, code, total FROM orders WHERE retailer_id = :retailer AND customer_id = ? AND status IN ?
			UNION ALL
			SELECT 'invoice', v.id, v.code, v.total FROM invoices v
			LEFT JOIN deliveries d ON d.retailer_id = :retailer AND d.document = 'invoice' AND d.document_id = v.id
			WHERE v.retailer_id = :retailer AND v.customer_id = ? AND (v.status = ? OR v.status <> ? AND NOT (d.status IN ?))
			ORDER BY code LIMIT 1`,
			id, slices.Sorted(maps.Keys(taphoa.OrderTransitions)), id, taphoa.InvoiceProcessing, taphoa.InvoiceVoid,
			[]int64{taphoa.DeliveryDelivered, taphoa.DeliveryReturned}),
	}
	return d.check(tx, b, unknownCustomer())
}

// supplierDeletable refuses a supplier with a debt, with an open order, or with a draft of a purchase.
func supplierDeletable(tx *db.Tx, id int64) error {
	b := tx.Batch()
	d := deletion{
		refusal: taphoa.CodeValidate, called: "Nhà cung cấp", account: cash.Supplier(id), view: "purchase,debt", amounts: right.SeePurchasePrices,
		known: db.Want[string](b, `SELECT code FROM suppliers WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, id),
		open: db.Want[openDocument](b, `
			SELECT 'ordersupplier' AS kind, id, code, total FROM order_suppliers WHERE retailer_id = :retailer AND supplier_id = ? AND status IN ?
			UNION ALL
			SELECT 'purchase', id, code, total FROM purchase_orders WHERE retailer_id = :retailer AND supplier_id = ? AND status = ?
			ORDER BY code LIMIT 1`,
			id, slices.Sorted(maps.Keys(taphoa.OrderSupplierMoves)), id, taphoa.PurchaseDraft),
	}
	return d.check(tx, b, unknownSupplier())
}

package sales

import (
	"fmt"

	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
)

// outdated are the statements that find documents which earlier versions made and today's rules would not: what they
// are, and their codes. Void ones are left out.
var outdated = []db.Finding{
	{What: "orders with amounts that are not whole", SQL: `
		SELECT d.code FROM orders d WHERE d.retailer_id = :retailer AND NOT d.history AND d.status <> 4 AND (d.total % 10000 <> 0 OR d.total_payment % 10000 <> 0)
		ORDER BY d.id`},
	{What: "invoices with amounts that are not whole", SQL: `
		SELECT d.code FROM invoices d WHERE d.retailer_id = :retailer AND NOT d.history AND d.status <> 2 AND (d.total % 10000 <> 0 OR d.total_payment % 10000 <> 0)
		ORDER BY d.id`},
	{What: "returns with amounts that are not whole", SQL: `
		SELECT d.code FROM returns d WHERE d.retailer_id = :retailer AND NOT d.history AND d.status <> 2 AND (d.return_total % 10000 <> 0 OR d.total_payment % 10000 <> 0)
		ORDER BY d.id`},
	{What: "orders whose lines, discount, tax and surcharges do not come to the total", SQL: sumsOf("orders", "order_lines", "order_id", "order", 4)},
	{What: "invoices whose lines, discount, tax and surcharges do not come to the total", SQL: sumsOf("invoices", "invoice_lines", "invoice_id", "invoice", 2)},
	{What: "invoices without a customer that are paid beyond the total", SQL: `
		SELECT d.code FROM invoices d
		WHERE d.retailer_id = :retailer AND NOT d.history AND d.status <> 2 AND d.customer_id IS NULL AND d.total_payment > d.total ORDER BY d.id`},
	{What: "orders without a customer that are paid beyond the total", SQL: `
		SELECT d.code FROM orders d
		WHERE d.retailer_id = :retailer AND NOT d.history AND d.status <> 4 AND d.customer_id IS NULL AND d.total_payment > d.total ORDER BY d.id`},
}

// sumsOf is the statement that finds documents whose parts do not come to the total.
func sumsOf(table, lines, key, kind string, void int) string {
	return fmt.Sprintf(`
		SELECT d.code FROM %s d
		WHERE d.retailer_id = :retailer AND NOT d.history AND d.status <> %d AND d.total <> -COALESCE(d.discount, 0) + COALESCE(d.total_tax, 0)
			+ (SELECT COALESCE(CAST(SUM(l.sub_total) AS BIGINT), 0) FROM %s l WHERE l.retailer_id = :retailer AND l.%s = d.id)
			+ (SELECT COALESCE(CAST(SUM(s.price) AS BIGINT), 0) FROM document_surcharges s
				WHERE s.retailer_id = :retailer AND s.document = '%s' AND s.document_id = d.id)
		ORDER BY d.id`, table, void, lines, key, kind)
}

// Outdated returns a line for each kind of documents which earlier versions made and today's rules would not.
func Outdated(tx *db.Tx) ([]string, error) { return db.Findings(tx, outdated) }

// MisdatedReceipts returns the receipts that were booked with an order, an invoice or a return, and bear the date of their
// booking instead of that of the document, as earlier versions did; at most some.
func MisdatedReceipts(tx *db.Tx, some int64) ([]cash.Misdated, error) {
	return db.All[cash.Misdated](tx, `
		SELECT payment_id, code, document, trans_date, document_date FROM (
			SELECT p.id AS payment_id, p.code, d.code AS document, p.trans_date, d.purchase_date AS document_date
			FROM orders d JOIN payments p ON p.retailer_id = :retailer AND p.order_id = d.id
			WHERE d.retailer_id = :retailer AND `+cash.IsMisdated("d.purchase_date")+`
			UNION ALL
			SELECT p.id, p.code, d.code, p.trans_date, d.purchase_date
			FROM invoices d JOIN payments p ON p.retailer_id = :retailer AND p.invoice_id = d.id AND p.order_id IS NULL
			WHERE d.retailer_id = :retailer AND `+cash.IsMisdated("d.purchase_date")+`
			UNION ALL
			SELECT p.id, p.code, d.code, p.trans_date, d.return_date
			FROM returns d JOIN payments p ON p.retailer_id = :retailer AND p.return_id = d.id
			WHERE d.retailer_id = :retailer AND `+cash.IsMisdated("d.return_date")+`
		) m ORDER BY payment_id LIMIT ?`, some)
}

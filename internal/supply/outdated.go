package supply

import (
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
)

// Outdated returns a line for each kind of documents which earlier versions made and today's rules would not.
func Outdated(tx *db.Tx) ([]string, error) {
	return db.Findings(tx, []db.Finding{{What: "purchases with amounts that are not whole", SQL: `
		SELECT d.code FROM purchase_orders d
		WHERE d.retailer_id = :retailer AND NOT d.history AND d.status <> 4 AND (d.total % 10000 <> 0 OR d.total_payment % 10000 <> 0) ORDER BY d.id`}})
}

// MisdatedReceipts returns the payments that were booked with a purchase, and bear the date of its booking instead of that
// of the purchase, as earlier versions did; at most some.
func MisdatedReceipts(tx *db.Tx, some int64) ([]cash.Misdated, error) {
	return db.All[cash.Misdated](tx, `
		SELECT p.id AS payment_id, p.code, d.code AS document, p.trans_date, d.purchase_date AS document_date
		FROM purchase_orders d JOIN payments p ON p.retailer_id = :retailer AND p.purchase_id = d.id
		WHERE d.retailer_id = :retailer AND `+cash.IsMisdated("d.purchase_date")+`
		ORDER BY p.id LIMIT ?`, some)
}

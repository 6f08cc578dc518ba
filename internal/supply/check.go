package supply

import (
	"fmt"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock"
)

// Check looks for what breaks the invariants of the package comment and answers one line for each finding.
func Check(tx *db.Tx) ([]string, error) {
	type finding struct {
		ProductID, DocumentID int64
		Quantity              taphoa.Quantity
	}
	rows, err := db.All[finding](tx, `
		SELECT p.product_id, p.document_id, CAST(SUM(CASE WHEN p.to_place = ? THEN p.quantity ELSE -p.quantity END) AS BIGINT) AS quantity
		FROM stock_postings p
		JOIN transfers t ON t.retailer_id = :retailer AND t.id = p.document_id
		WHERE p.retailer_id = :retailer AND p.kind = 'transfer' AND (p.from_place = ? OR p.to_place = ?)
		GROUP BY p.product_id, p.document_id, t.status
		HAVING SUM(CASE WHEN p.to_place = ? THEN p.quantity ELSE -p.quantity END) <> 0 AND t.status <> ?
			OR SUM(CASE WHEN p.to_place = ? THEN p.quantity ELSE -p.quantity END) < 0`,
		stock.Transit, stock.Transit, stock.Transit, stock.Transit, taphoa.TransferSent, stock.Transit)
	var findings []string
	for _, r := range rows {
		findings = append(findings, fmt.Sprintf("transit: only transfers under way have goods there: product %d, transfer %d: %v", r.ProductID, r.DocumentID, r.Quantity))
	}
	return findings, err
}

package stock

import (
	"github.com/taphoa/taphoa/internal/db"
)

// FindInTransit returns what a document has sent into transit and not taken back, by product, lot and branch.
func FindInTransit(tx *db.Tx, kind string, documentID int64) ([]InTransit, error) {
	return db.All[InTransit](tx, `
		SELECT product_id, batch_id, branch_id, CAST(SUM(CASE WHEN to_place = ? THEN quantity ELSE -quantity END) AS BIGINT) AS quantity
		FROM stock_postings
		WHERE retailer_id = :retailer AND kind = ? AND document_id = ? AND (to_place = ? OR from_place = ?)
		GROUP BY product_id, batch_id, branch_id
		HAVING SUM(CASE WHEN to_place = ? THEN quantity ELSE -quantity END) > 0
		ORDER BY product_id, batch_id, branch_id`, Transit, kind, documentID, Transit, Transit, Transit)
}

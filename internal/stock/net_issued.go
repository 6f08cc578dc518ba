package stock

import (
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock/plan"
)

// AskNetIssued asks for the net quantities that documents of a kind have issued from branches, in the order of products
// and lots. Reversed postings cancel out.
func AskNetIssued(b *db.Batch, kind string, documentIDs []int64) *db.Rows[plan.NetIssued] {
	if len(documentIDs) == 0 {
		return nil
	}
	return db.Want[plan.NetIssued](b, `
		SELECT product_id, batch_id, CAST(SUM(CASE WHEN from_place > 0 THEN quantity ELSE -quantity END) AS BIGINT) AS quantity
		FROM stock_postings
		WHERE retailer_id = :retailer AND kind = ? AND document_id IN ? AND (from_place < 0 OR to_place < 0)
		GROUP BY product_id, batch_id
		HAVING SUM(CASE WHEN from_place > 0 THEN quantity ELSE -quantity END) <> 0
		ORDER BY product_id, batch_id`, kind, documentIDs)
}

package stock

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Left is what documents have taken out of the branches of a product and batch, minus what they have brought back.
type Left struct {
	ProductID, BatchID int64
	Quantity           taphoa.Quantity // of base units; negative when more came in
}

// WhatLeft answers what documents of a kind have taken out of the branches, in the order of products and batches. What
// was moved back by a mirror is not among it.
func WhatLeft(tx *db.Tx, kind string, documentIDs []int64) ([]Left, error) {
	if len(documentIDs) == 0 {
		return nil, nil
	}
	return db.All[Left](tx, `
		SELECT product_id, batch_id, CAST(SUM(CASE WHEN from_place > 0 THEN quantity ELSE -quantity END) AS BIGINT) AS quantity
		FROM stock_postings
		WHERE retailer_id = :retailer AND kind = ? AND document_id IN ? AND (from_place < 0 OR to_place < 0)
		GROUP BY product_id, batch_id
		HAVING SUM(CASE WHEN from_place > 0 THEN quantity ELSE -quantity END) <> 0
		ORDER BY product_id, batch_id`, kind, documentIDs)
}

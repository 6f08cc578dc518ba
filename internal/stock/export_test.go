package stock

import (
	"context"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
)

// SmallWalks lets re-costing go in small steps until the end of a test, so that short histories have many of them.
func SmallWalks(t *testing.T, atOnce, inChunk int) {
	a, b := inlineRecostMax, recostBatchSize
	inlineRecostMax, recostBatchSize = atOnce, inChunk
	t.Cleanup(func() { inlineRecostMax, recostBatchSize = a, b })
}

// RecostSome brings the costs of a product on by one chunk.
func RecostSome(ctx context.Context, d *db.DB, retailerID, productID int64) error {
	_, err := recostBatch(ctx, d, recostingProduct{retailerID, productID})
	return err
}

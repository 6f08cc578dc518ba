package stock

import (
	"context"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
)

// SmallRecosts sets small batches of revaluation until the end of a test, so that short histories have many of them.
func SmallRecosts(t *testing.T, atOnce, inBatch int) {
	a, b := inlineRecostMax, recostBatchSize
	inlineRecostMax, recostBatchSize = atOnce, inBatch
	t.Cleanup(func() { inlineRecostMax, recostBatchSize = a, b })
}

// RecostSome revalues one batch of a product.
func RecostSome(ctx context.Context, d *db.DB, retailerID, productID int64) error {
	_, err := recostBatch(ctx, d, recostingProduct{retailerID, productID})
	return err
}

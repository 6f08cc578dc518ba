package stock

import (
	"context"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
)

// SmallRecosts makes revaluing go in small steps until the end of a test, so that short histories have many of them.
func SmallRecosts(t *testing.T, atOnce, inBatch int) {
	a, b := inlineRecostMax, recostBatchSize
	inlineRecostMax, recostBatchSize = atOnce, inBatch
	t.Cleanup(func() { inlineRecostMax, recostBatchSize = a, b })
}

// RecostSome brings the costs of a product on by one batch.
func RecostSome(ctx context.Context, d *db.DB, retailerID, productID int64) error {
	_, err := recostBatch(ctx, d, recostingProduct{retailerID, productID})
	return err
}

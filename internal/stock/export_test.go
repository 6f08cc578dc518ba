package stock

import (
	"context"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock/plan"
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

// ChooseLots is [plan.Ledger.ChooseLots] now.
func ChooseLots(tx *db.Tx, productID, branchID int64, quantity taphoa.Quantity) (lots []LotQuantity, err error) {
	q := Question{Lots: []plan.LevelKey{{ProductID: productID, BranchID: branchID}}}
	err = do(tx, q, func(l *plan.Ledger) (err error) {
		lots, err = l.ChooseLots(productID, branchID, quantity, tx.Clock)
		return err
	})
	return lots, err
}

package mirror_test

import (
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestPurchasesAreFollowed: goods are bought with freight and tax and paid in part, a draft is completed, and the first is voided. What
// was paid at once changes the supplier's totals, and not the date.
func TestPurchasesAreFollowed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		clock.Set(taphoa.TimeOf(time.Now()))
		s := openSource(t)
		c := s.mirror(t, d, s.client)
		branch := do(s, s.client.ListBranches, &taphoa.BranchQuery{}).Data[0]
		farm := do(s, s.client.ListSuppliers, &taphoa.SupplierQuery{}).Data[0]
		product := do(s, s.client.ListProducts, &taphoa.ProductQuery{ProductType: []int64{2}, IsActive: taphoa.Some(true)}).Data[0]
		buy := taphoa.PurchaseOrderInput{
			BranchID: taphoa.Some(branch.ID), SupplierID: taphoa.Some(farm.ID), PaidAmount: taphoa.Some(taphoa.Dong(30_000)), PaymentMethod: taphoa.Some("Cash"),
			Description: taphoa.Some("Hàng Tết"), Discount: taphoa.Some(taphoa.Dong(5_000)),
			Surcharges: []taphoa.PurchaseSurchargeIn{{Name: taphoa.Some("Xe ôm"), Value: taphoa.Some(taphoa.Dong(20_000))}},
			PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{
				{ProductID: taphoa.Some(product.ID), Quantity: taphoa.Some(taphoa.Units(10)), Price: taphoa.Some(taphoa.Dong(8_000))},
				{ProductID: taphoa.Some(product.ID), Quantity: taphoa.Some(taphoa.Units(2)), Price: taphoa.Some(taphoa.Dong(0))},
			},
		}
		s.age()
		c.pull()
		first := do(s, s.client.CreatePurchaseOrder, &buy)
		draft := buy
		draft.IsDraft, draft.PaidAmount = taphoa.Some("1"), taphoa.Opt[taphoa.Money]{}
		second := do(s, s.client.CreatePurchaseOrder, &draft)
		c.pull()
		c.equal()

		s.age()
		c.pull()
		do(s, s.client.UpdatePurchaseOrder, &taphoa.PurchaseOrderUpdate{ByID: taphoa.ByID{ID: second.ID}, PurchaseOrderInput: taphoa.PurchaseOrderInput{
			IsDraft: taphoa.Some("0"), PaidAmount: taphoa.Some(second.Total), PaymentMethod: taphoa.Some("Cash"), // paid at once
		}})
		c.pull()
		c.equal()

		do(s, s.client.DeletePurchaseOrder, &taphoa.PurchaseOrderDelete{ID: first.ID, IsVoidPayment: true})
		c.pull()
		c.equal()
	})
}

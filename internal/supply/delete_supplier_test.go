package supply_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/supply"
)

// TestASupplierWithDebtOrOpenDocumentsIsNotDeleted: no list would show any more whom the shop owes, or what is still to come from
// whom.
func TestASupplierWithDebtOrOpenDocumentsIsNotDeleted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		o := s.orderFrom(s.orderInput(taphoa.OrderSupplierDraft, ordered(tea, 3, 10_000)))
		remove := func(tx *db.Tx) error {
			_, err := party.DeleteSupplier(tx, &taphoa.ByID{ID: o.SupplierID.Value})
			return err
		}
		pay := func(p *taphoa.PurchaseOrder, amount int64) {
			t.Helper()
			s.write(func(tx *db.Tx) error {
				_, err := supply.UpdatePurchaseOrder(tx, &taphoa.PurchaseOrderUpdate{
					ByID: taphoa.ByID{ID: p.ID}, PurchaseOrderInput: taphoa.PurchaseOrderInput{PaidAmount: taphoa.Some(taphoa.Dong(amount))},
				})
				return err
			})
		}
		s.refusedLike("id", "Nhà cung cấp NCC1 có chứng từ "+o.Code+" (30000) chưa hoàn thành", remove)
		s.write(reorder(o.ID, taphoa.OrderSupplierInput{Status: taphoa.Some[int64](taphoa.OrderSupplierConfirmed)}))
		s.refusedLike("id", "có chứng từ "+o.Code+" (30000) chưa hoàn thành", remove)
		first := s.receive(o.ID, false, bought(tea, 1, 10_000))
		s.refusedLike("id", "Nhà cung cấp NCC1 còn được gian hàng nợ 10000 nên không thể xóa", remove)
		s.write(unbuy(first.ID))
		s.write(cancel(o.ID))
		draft := &taphoa.PurchaseOrder{}
		s.write(func(tx *db.Tx) (err error) {
			draft, err = supply.CreatePurchaseOrder(tx, &taphoa.PurchaseOrderInput{
				BranchID: taphoa.Some(s.branches[0]), Supplier: &taphoa.DocumentSupplier{Code: taphoa.Some("NCC1")}, IsDraft: taphoa.Some("true"),
				PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{bought(tea, 2, 10_000)},
			})
			return err
		})
		s.refusedLike("id", "có chứng từ "+draft.Code+" (20000) chưa hoàn thành", remove)
		pay(draft, 5_000)
		s.refusedLike("id", "Nhà cung cấp NCC1 còn nợ 5000 nên không thể xóa, hãy thu nợ trước", remove)
		s.write(func(tx *db.Tx) error {
			_, err := supply.DeletePurchaseOrder(tx, &taphoa.PurchaseOrderDelete{ID: draft.ID, IsVoidPayment: true})
			return err
		})
		s.write(remove)
	})
}

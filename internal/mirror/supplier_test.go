package mirror_test

import (
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestSuppliersAreFollowed: two suppliers change their codes, one comes into groups and is owed money, one is paid, and one
// leaves.
func TestSuppliersAreFollowed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		clock.Set(taphoa.TimeOf(time.Now()))
		s := openSource(t)
		c := s.mirror(t, d, s.client)
		c.pull()
		branch := do(s, s.client.ListBranches, &taphoa.BranchQuery{}).Data[0]
		make := func(code, name, phone string) taphoa.Supplier {
			return do(s, s.client.CreateSupplier, &taphoa.SupplierInput{
				Code: taphoa.Some(code), Name: taphoa.Some(name), ContactNumber: taphoa.Some(phone), BranchID: taphoa.Some(branch.ID),
			}).Data
		}
		farm, mill := make("NCCRAU", "Vườn rau Củ Chi", "0909111222"), make("NCCGAO", "Gạo Cai Lậy", "0909333444")
		gone := make("NCCDI", "Kho cũ", "0909555666")
		c.pull()
		c.equal()

		code := func(id int64, code string) {
			do(s, s.client.UpdateSupplier, &taphoa.SupplierUpdate{ID: id, SupplierInput: taphoa.SupplierInput{Code: taphoa.Some(code)}})
		}
		code(farm.ID, "TAM")
		code(mill.ID, "NCCRAU")
		code(farm.ID, "NCCGAO")
		local, fresh := do(s, s.client.CreateSupplierGroup, &taphoa.SupplierGroupInput{Name: "Địa phương"}), do(s, s.client.CreateSupplierGroup, &taphoa.SupplierGroupInput{Name: "Tươi sống"})
		do(s, s.client.UpdateSupplier, &taphoa.SupplierUpdate{ID: farm.ID, SupplierInput: taphoa.SupplierInput{
			GroupIDs: taphoa.Some([]int64{local.ID, fresh.ID}),
		}})
		do(s, s.client.CreateDebtAdjustment, &taphoa.DebtAdjustmentInput{
			PartnerType: taphoa.Some(taphoa.PartnerSupplier), PartnerID: taphoa.Some(farm.ID), Debt: taphoa.Some(taphoa.Dong(300_000)),
		})
		do(s, s.client.UpdateSupplier, &taphoa.SupplierUpdate{ID: farm.ID, SupplierInput: taphoa.SupplierInput{Comments: taphoa.Some("Nợ đầu kỳ")}})
		do(s, s.client.DeleteSupplier, &taphoa.ByID{ID: gone.ID})
		c.pull()
		c.equal()

		do(s, s.client.CreateCashFlow, &taphoa.CashFlowInput{
			BranchID: taphoa.Some(branch.ID), Amount: taphoa.Some(taphoa.Dong(-120_000)), Method: "Cash", IsReceipt: taphoa.Some(false),
			PartnerType: taphoa.Some(taphoa.PartnerSupplier), PartnerID: taphoa.Some(farm.ID), UsedForFinancialReporting: taphoa.Some(int64(0)),
		})
		do(s, s.client.DeleteSupplier, &taphoa.ByID{ID: mill.ID})
		c.pull()
		c.equal()
		if owed := do(s, s.client.ListSuppliers, &taphoa.SupplierQuery{Code: "NCCGAO"}).Data[0].Debt; owed != taphoa.Dong(180_000) {
			t.Errorf("the shop owes %v", owed)
		}
	})
}

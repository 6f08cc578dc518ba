package supply_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/supply"
)

func rebuy(id int64, in taphoa.PurchaseOrderInput) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := supply.UpdatePurchaseOrder(tx, &taphoa.PurchaseOrderUpdate{ByID: taphoa.ByID{ID: id}, PurchaseOrderInput: in})
		return err
	}
}

func TestAStatusThatDoesNotExistIsRefusedAlsoBesideADraft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		s.buy(tea, 0, 10, 1_000)
		draft := taphoa.Some(true)
		sent, counting := s.create(s.transfer(1, of(tea, 1))), s.count(1, counted(tea, 5))
		placed := s.orderFrom(s.orderInput(1, ordered(tea, 5, 1_000)))
		bill := s.receive(placed.ID, true, bought(tea, 1, 1_000))
		for _, status := range []int64{99, -1, 6} {
			said := taphoa.Some(status)
			for _, isDraft := range []taphoa.Opt[bool]{{}, draft, taphoa.Some(false)} {
				s.refusedLike("status", "2 (Đang chuyển), 3 (Đã nhận) hoặc 4 (Đã hủy)", update(sent.ID, taphoa.TransferInput{Status: said, IsDraft: isDraft}))
				s.refusedLike("status", "2 (Đã cân bằng kho) hoặc 3 (Đã hủy)", recount(counting.ID, taphoa.StockTakeInput{Status: said, IsDraft: isDraft}))
				s.refusedLike("status", "3 (Hoàn thành) hoặc 4 (Đã hủy)", reorder(placed.ID, taphoa.OrderSupplierInput{Status: said, IsDraft: isDraft}))
				s.refusedLike("status", "hoặc 3 (Đã nhận)", func(tx *db.Tx) error {
					in := s.transfer(status, of(tea, 1))
					in.IsDraft = isDraft
					_, err := supply.CreateTransfer(tx, in)
					return err
				})
				s.refusedLike("status", "hoặc 2 (Đã cân bằng kho)", func(tx *db.Tx) error {
					in := s.countInput(status, counted(tea, 5))
					in.IsDraft = isDraft
					_, err := supply.CreateStockTake(tx, in)
					return err
				})
			}
			s.refusedLike("status", "hãy dùng DELETE", rebuy(bill.ID, taphoa.PurchaseOrderInput{Status: taphoa.Some(taphoa.Quantity(status * taphoa.Scale).String()), IsDraft: taphoa.Some("true")}))
		}
	})
}

func TestAStatusOfZeroIsNotSaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		s.buy(tea, 0, 10, 1_000)
		zero := taphoa.Some[int64](0)
		sent, counting := s.create(s.transfer(1, of(tea, 1))), s.count(1, counted(tea, 5))
		placed := s.orderFrom(s.orderInput(1, ordered(tea, 5, 1_000)))
		bill := s.receive(placed.ID, true, bought(tea, 1, 1_000))
		s.write(update(sent.ID, taphoa.TransferInput{Status: zero}))
		s.write(recount(counting.ID, taphoa.StockTakeInput{Status: zero}))
		s.write(reorder(placed.ID, taphoa.OrderSupplierInput{Status: zero}))
		s.write(rebuy(bill.ID, taphoa.PurchaseOrderInput{Status: taphoa.Some("0")}))
		s.has("nothing has moved", tea, 0, 10, "1000")
		if o := s.placed(placed.ID); o.Status != taphoa.OrderSupplierConfirmed {
			t.Errorf("the order has the status %d", o.Status)
		}
		s.write(rebuy(bill.ID, taphoa.PurchaseOrderInput{IsDraft: taphoa.Some("0")})) // which is no draft any more
		s.has("received", tea, 0, 11, "1000")
	})
}

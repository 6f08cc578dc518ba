package sales_test

import (
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/stock"
)

func TestAnInvoiceOfAnOrderSellsTheLotsThatExpireFirst(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		milk := s.goods(taphoa.ProductInput{Name: taphoa.Some("Sữa"), Code: taphoa.Some("SUA"), IsBatchExpireControl: taphoa.Some(true)})
		var soon, fresh int64
		s.write(func(tx *db.Tx) (err error) {
			if soon, err = stock.ResolveLot(tx, milk, "1", tx.Now); err == nil {
				fresh, err = stock.ResolveLot(tx, milk, "2", tx.Now+24*3600*1_000_000)
			}
			return err
		})
		s.buy(milk, 4, 5_000, soon)
		s.buy(milk, 10, 6_000, fresh)
		ordered := line(milk, 2)
		ordered.ProductBatchExpireID = taphoa.Some(fresh) // which an order does not keep
		in := func() *taphoa.OrderInput {
			return &taphoa.OrderInput{BranchID: taphoa.Some(s.branch), OrderDetails: []taphoa.DetailInput{ordered}}
		}
		var o *taphoa.Order
		order := func() {
			s.write(func(tx *db.Tx) (err error) { o, err = sales.CreateOrder(tx, in()); return err })
		}
		order()
		s.write(func(tx *db.Tx) error {
			_, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}, OrderInput: taphoa.OrderInput{MakeInvoice: true}})
			return err
		})
		order()
		s.write(func(tx *db.Tx) error {
			_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)})
			return err
		})
		s.write(func(tx *db.Tx) error {
			now := in()
			now.MakeInvoice = true
			_, err := sales.CreateOrder(tx, now)
			return err
		})
		s.read(func(tx *db.Tx) error {
			lots, err := stock.ProductLots(tx, []int64{milk})
			want := map[int64]taphoa.Quantity{soon: 0, fresh: taphoa.Units(8)}
			for _, lot := range lots {
				if lot.OnHand != want[lot.ID] {
					t.Errorf("lot %s has %v, want %v", lot.BatchName, lot.OnHand, want[lot.ID])
				}
			}
			return err
		})
		s.balanced()
	})
}

func TestChangesOfOneInstantAreAllWritten(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		wrapping := s.goods(taphoa.ProductInput{
			Name: taphoa.Some("Gói quà"), Code: taphoa.Some("GOI"), Type: taphoa.Some(taphoa.ProductService),
		})
		plain, red := line(wrapping, 1), line(wrapping, 1)
		red.Note = taphoa.Some("Giấy đỏ")
		s.write(func(tx *db.Tx) error { // all requests of a group have the instant of its transaction
			o, err := sales.CreateOrder(tx, &taphoa.OrderInput{BranchID: taphoa.Some(s.branch), OrderDetails: []taphoa.DetailInput{plain}})
			if err != nil {
				return err
			}
			for _, in := range []taphoa.OrderInput{
				{Description: taphoa.Some("Tết")},
				{OrderDetails: []taphoa.DetailInput{red}},
				{OrderDelivery: &taphoa.DeliveryInput{Receiver: taphoa.Some("Lan")}},
				{OrderDelivery: &taphoa.DeliveryInput{Receiver: taphoa.Some("Mai")}},
			} {
				if _, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}, OrderInput: in}); err != nil {
					return err
				}
			}
			if o, err = sales.GetOrder(tx, &taphoa.ByID{ID: o.ID}); err != nil {
				return err
			}
			if o.OrderDetails[0].Note != red.Note || o.OrderDelivery.Receiver != taphoa.Some("Mai") || o.Description != taphoa.Some("Tết") {
				t.Errorf("the order is %+v for %+v", o, o.OrderDelivery)
			}
			return nil
		})
		s.write(func(tx *db.Tx) error {
			v, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{BranchID: taphoa.Some(s.branch), InvoiceDetails: []taphoa.DetailInput{plain}})
			if err != nil {
				return err
			}
			for _, in := range []taphoa.InvoiceInput{{Description: taphoa.Some("Tết")}, {InvoiceDetails: []taphoa.DetailInput{red}}} {
				if _, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: in}); err != nil {
					return err
				}
			}
			if v, err = sales.GetInvoice(tx, &taphoa.ByID{ID: v.ID}); err == nil && v.InvoiceDetails[0].Note != red.Note {
				t.Errorf("the invoice is %+v", v)
			}
			return err
		})
	})
}

// TestLinesTooSmallAloneAreSoldTogether: a combo has 0.3 of its material, so that 0.0001 of it moves nothing, but twice as
// much does.
func TestLinesTooSmallAloneAreSoldTogether(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		basket := s.goods(taphoa.ProductInput{
			Name: taphoa.Some("Giỏ quà"), Code: taphoa.Some("QUA"), Type: taphoa.Some(taphoa.ProductCombo),
			ProductFormulas: []taphoa.MaterialInput{{MaterialID: s.sugar, Quantity: 0.3 * taphoa.Scale}},
		})
		tiny := taphoa.DetailInput{ProductID: taphoa.Some(basket), Quantity: taphoa.Some(taphoa.Quantity(0.0001 * taphoa.Scale))}
		v := s.invoice(taphoa.InvoiceInput{BranchID: taphoa.Some(s.branch), InvoiceDetails: []taphoa.DetailInput{tiny, tiny}})
		if len(v.InvoiceDetails) != 1 || v.InvoiceDetails[0].Quantity != 0.0002*taphoa.Scale {
			t.Errorf("sold %+v", v.InvoiceDetails)
		}
		s.balanced()
	})
}

// TestNoExpiredLotIsSoldUnlessItIsNamed: yesterday's milk stays, today's is sold, what has no date comes last.
func TestNoExpiredLotIsSoldUnlessItIsNamed(t *testing.T) {
	inStore(t, []string{"AllowSellWhenOutStock", "true"}, func(t *testing.T, s *store) {
		milk := s.goods(taphoa.ProductInput{Name: taphoa.Some("Sữa"), Code: taphoa.Some("SUA"), IsBatchExpireControl: taphoa.Some(true)})
		lots := map[string]int64{}
		today := s.clock.Now().Day()
		for name, expires := range map[string]taphoa.Time{"yesterday": today - 1, "today": today, "tomorrow": today.Add(day), "undated": 0} {
			s.write(func(tx *db.Tx) (err error) {
				lots[name], err = stock.ResolveLot(tx, milk, name, expires)
				return err
			})
			s.buy(milk, 2, 5_000, lots[name])
		}
		left := func(when string, want map[string]int64) {
			t.Helper()
			s.read(func(tx *db.Tx) error {
				all, err := stock.ProductLots(tx, []int64{milk})
				for _, lot := range all {
					if lot.OnHand != taphoa.Units(want[lot.BatchName]) {
						t.Errorf("%s: lot %s has %v, want %d", when, lot.BatchName, lot.OnHand, want[lot.BatchName])
					}
				}
				return err
			})
		}
		s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(milk, 3)}})
		left("three are sold", map[string]int64{"yesterday": 2, "today": 0, "tomorrow": 1, "undated": 2})
		s.refusedLike("Các lô còn hạn sử dụng chỉ có 3, 2 đã hết hạn", func(tx *db.Tx) error {
			_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{BranchID: taphoa.Some(s.branch), InvoiceDetails: []taphoa.DetailInput{line(milk, 4)}})
			return err
		})
		named := line(milk, 1)
		named.ProductBatchExpireID = taphoa.Some(lots["yesterday"])
		s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{named}})
		old := taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(milk, 1)}, PurchaseDate: taphoa.Some(today - 2)} // when it had not expired
		s.invoice(old)
		left("one is named, one was sold the day before", map[string]int64{"yesterday": 0, "today": 0, "tomorrow": 1, "undated": 2})
		s.refusedLike("Các lô hàng chỉ có 3", func(tx *db.Tx) error {
			_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{BranchID: taphoa.Some(s.branch), InvoiceDetails: []taphoa.DetailInput{line(milk, 4)}})
			return err
		})
		again, err := int64(0), error(nil)
		s.write(func(tx *db.Tx) error {
			again, err = stock.ResolveLot(tx, milk, "tomorrow", today.Add(2*day-time.Second))
			return err
		})
		if again != lots["tomorrow"] {
			t.Error("a bare date of the same day is another lot")
		}
	})
}

// TestARefusalNamesItsOwnSetting: goods that orders have reserved are there.
func TestARefusalNamesItsOwnSetting(t *testing.T) {
	inStore(t, []string{"AllowSellWhenOutStock", "false", "AllowSellWhenOrderOutStock", "false"}, func(t *testing.T, s *store) {
		s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 99)}})
		for quantity, words := range map[int64]string{2: "khi hàng đã được đặt” đang không được bật: chỉ còn 1", 101: "khi hết tồn kho”"} {
			s.refusedLike(words, func(tx *db.Tx) error {
				_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{BranchID: taphoa.Some(s.branch), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, quantity)}})
				return err
			})
		}
		s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}})
	})
}

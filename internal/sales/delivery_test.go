package sales_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/sales"
)

// inState is what a request says of a delivery's state.
func inState(state int64) *taphoa.DeliveryInput {
	return &taphoa.DeliveryInput{Status: taphoa.Some(state)}
}

// parcel is an invoice of two coffees, 100,000, of which 30,000 are paid and the rest is to be collected on delivery.
func (s *store) parcel(state int64) *taphoa.Invoice {
	s.t.Helper()
	return s.invoice(s.parcelInput(state))
}

func (s *store) parcelInput(state int64) taphoa.InvoiceInput {
	return taphoa.InvoiceInput{
		BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.customer), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)},
		TotalPayment:   taphoa.Some(taphoa.Dong(30_000)),
		DeliveryDetail: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true), Status: taphoa.Some(state)},
	}
}

// reachable are the states that follow each state of a delivery.
var reachable = func() map[int64][]int64 {
	waits, sent, returns := []int64{1, 7, 8}, []int64{2, 9, 10}, []int64{4, 11, 12}
	all := map[int64][]int64{3: {3, 4, 5}, 5: {5}, 6: {6, 5}}
	for _, from := range waits {
		all[from] = slices.Concat(waits, sent, returns, []int64{3, 5, 6})
	}
	for _, from := range sent {
		all[from] = slices.Concat(sent, returns, []int64{3, 5, 6})
	}
	for _, from := range returns {
		all[from] = slices.Concat(returns, []int64{3, 5, 6})
	}
	return all
}()

func TestADeliveryGoesForwardOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock, "AllowSellWhenOutStock", "true")
		var kept, owed int64 // what has not come back, and what the customer owes
		s.write(func(tx *db.Tx) error {
			for from := range int64(12) {
				for to := range int64(12) {
					goods, debt, err := s.pair(tx, from+1, to+1)
					if err != nil {
						return err
					}
					kept, owed = kept+goods, owed+debt
				}
			}
			return nil
		})
		s.expect("after all pairs of states", 100-kept, 0, 0)
		s.read(func(tx *db.Tx) error {
			debts, _, err := db.One[taphoa.Money](tx, `SELECT CAST(SUM(balance) AS BIGINT) FROM cash_balances WHERE retailer_id = :retailer`)
			if debts != taphoa.Dong(owed) {
				t.Errorf("all customers owe %v, want %d", debts, owed)
			}
			return err
		})
	})
}

// pair brings a parcel from one state to another and checks what becomes of it: how many goods are gone, and what is owed.
func (s *store) pair(tx *db.Tx, from, to int64) (goods, debt int64, err error) {
	in := s.parcelInput(from)
	in.CustomerID, in.Customer = taphoa.Opt[int64]{}, &taphoa.DocumentCustomer{Name: taphoa.Some("Khách lạ")} // without credit
	v, err := sales.CreateInvoice(tx, &in)
	if err != nil {
		return 0, 0, err
	}
	change := taphoa.InvoiceInput{Description: taphoa.Some("Gọi trước"), DeliveryDetail: inState(to)}
	change.DeliveryDetail.Address = taphoa.Some("1 Hàng Bạc")
	if v, err = sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: change}); err != nil {
		return 0, 0, err
	}
	state := from
	if slices.Contains(reachable[from], to) {
		state = to
	}
	status, paid := int64(taphoa.InvoiceProcessing), int64(30_000)
	goods = 2
	switch {
	case state == taphoa.DeliveryReturned:
		goods, debt, paid, status = 0, -30_000, 0, taphoa.InvoiceUndeliverable
	case state == taphoa.DeliveryCancelled:
		debt, status = 70_000, taphoa.InvoiceUndeliverable
	case state == taphoa.DeliveryDelivered || from == taphoa.DeliveryDelivered:
		paid, status = 100_000, taphoa.InvoiceCompleted
	default:
		debt = 70_000
	}
	if v.InvoiceDelivery.Status.Value != state || v.Status != status || v.TotalPayment != taphoa.Dong(paid) {
		s.t.Errorf("%d to %d: state %v, want %d; status %d, want %d; paid %v, want %d", from, to, v.InvoiceDelivery.Status.Value, state,
			v.Status, status, v.TotalPayment, paid)
	}
	if v.Description.Value != "Gọi trước" || v.InvoiceDelivery.Address.Value != "1 Hàng Bạc" {
		s.t.Errorf("%d to %d: the rest was not carried out: %+v", from, to, v.InvoiceDelivery)
	}
	warned := len(v.Warnings) == 1 && strings.Contains(v.Warnings[0], taphoa.DeliveryStatusValue(from)) &&
		strings.Contains(v.Warnings[0], taphoa.DeliveryStatusValue(to))
	if passedOver := state != to; warned != passedOver || !passedOver && len(v.Warnings) > 0 {
		s.t.Errorf("%d to %d: warnings %q", from, to, v.Warnings)
	}
	return goods, debt, nil
}

func TestGoodsThatCameBackAreNotGivenAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		v := s.parcel(2)
		s.change(v, taphoa.InvoiceInput{DeliveryDetail: inState(5)})
		s.expect("came back", 100, 0, -30_000)
		now := s.change(v, taphoa.InvoiceInput{DeliveryDetail: inState(3), CodPaymentMethod: taphoa.Some("Cash")})
		if now.Status != taphoa.InvoiceUndeliverable || now.InvoiceDelivery.Status.Value != 5 || len(now.Warnings) != 1 {
			t.Errorf("status %d, delivery %+v, warnings %q", now.Status, now.InvoiceDelivery, now.Warnings)
		}
		s.refusedLike("Không giao được", updateInvoice(v.ID, taphoa.InvoiceInput{Status: taphoa.Some[int64](1)}))
		s.refusedLike("Đã chuyển hoàn", updateInvoice(v.ID, taphoa.InvoiceInput{Status: taphoa.Some[int64](3)}))
		s.expect("still", 100, 0, -30_000)
	})
}

func TestWhatWasCollectedIsGivenBackWithTheGoods(t *testing.T) {
	for name, states := range map[string][]int64{"a late report": {3, 2, 5}, "by the way back": {3, 4, 11, 5}, "delivered again": {3, 4, 3, 5}} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
				s := openStore(t, d, clock)
				o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 2)}, TotalPayment: taphoa.Some(taphoa.Dong(30_000))})
				in := s.parcelInput(1)
				in.OrderID, in.TotalPayment = taphoa.Some(o.ID), taphoa.Opt[taphoa.Money]{}
				v := s.invoice(in)
				for _, state := range states {
					// clients send back what they have read
					v = s.change(v, taphoa.InvoiceInput{DeliveryDetail: inState(state), TotalPayment: taphoa.Some(v.TotalPayment)})
					if state == 3 && (v.TotalPayment != v.Total || len(v.Payments) != 2) {
						t.Errorf("delivered: paid %v by %+v", v.TotalPayment, v.Payments)
					}
				}
				if v.TotalPayment != 0 || len(v.Payments) != 1 || v.Payments[0].Status != taphoa.PaymentVoided { // the deposit is credit
					t.Errorf("came back: paid %v by %+v", v.TotalPayment, v.Payments)
				}
				s.expect("came back", 100, 0, -30_000)
				s.read(func(tx *db.Tx) error {
					now, err := sales.GetOrder(tx, &taphoa.ByID{ID: o.ID})
					if err == nil && now.TotalPayment != taphoa.Dong(30_000) {
						t.Errorf("the order has been paid %v", now.TotalPayment)
					}
					return err
				})
			})
		})
	}
}

func TestWhatAnEarlierVersionHasCollectedIsGivenBackToo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		v := s.parcel(3)
		s.write(func(tx *db.Tx) error {
			tx.Queue(`UPDATE payments SET cash_flow_group_id = 1 WHERE retailer_id = :retailer`)
			return nil
		})
		v = s.change(v, taphoa.InvoiceInput{DeliveryDetail: inState(5)})
		if v.Payments[0].Status != taphoa.PaymentPaid || v.Payments[1].Status != taphoa.PaymentVoided {
			t.Errorf("payments %+v", v.Payments)
		}
		s.expect("came back", 100, 0, -30_000)
	})
}

func TestHowMoneyWasCollectedPaysNothingAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		lines := []taphoa.DetailInput{line(s.coffee, 1)}
		for name, in := range map[string]taphoa.InvoiceInput{
			"without a delivery":        {InvoiceDetails: lines},
			"a parcel without money":    {InvoiceDetails: lines, DeliveryDetail: inState(2)},
			"delivered, without money":  {InvoiceDetails: lines, DeliveryDetail: inState(3)},
			"under way, with an amount": {InvoiceDetails: lines, DeliveryDetail: &taphoa.DeliveryInput{PriceCodPayment: taphoa.Some(taphoa.Dong(50_000))}},
		} {
			v := s.invoice(in)
			for _, said := range []taphoa.InvoiceInput{{CodPaymentMethod: taphoa.Some("Cash")}, {CodPaymentAccount: taphoa.Some(s.bank)}} {
				if now := s.change(v, said); now.TotalPayment != 0 || len(now.Payments) > 0 {
					t.Errorf("%s: paid %v by %+v", name, now.TotalPayment, now.Payments)
				}
			}
			for _, method := range []string{"Voucher", "vàng"} {
				s.refusedLike("(codPaymentMethod) không hợp lệ", updateInvoice(v.ID, taphoa.InvoiceInput{CodPaymentMethod: taphoa.Some(method)}))
			}
		}
	})
}

func TestNoMoreIsCollectedThanIsOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		for asked, want := range map[int64]int64{999_999: 70_000, 70_000: 70_000, 20_000: 20_000, 0: 0} {
			in := s.parcelInput(1)
			in.DeliveryDetail.PriceCodPayment = taphoa.Some(taphoa.Dong(asked))
			v := s.change(s.invoice(in), taphoa.InvoiceInput{Status: taphoa.Some[int64](1), CodPaymentMethod: taphoa.Some("Tranfer")})
			if v.InvoiceDelivery.Status.Value != 3 || v.Status != 1 || v.TotalPayment != taphoa.Dong(30_000+want) {
				t.Errorf("asked for %d: paid %v, delivery %+v", asked, v.TotalPayment, v.InvoiceDelivery)
			}
			if want > 0 && (len(v.Payments) != 2 || v.Payments[1].Method != taphoa.MethodTransfer) {
				t.Errorf("payments %+v", v.Payments)
			}
		}
		// what is said to be collected after the parcel has arrived, is
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, DeliveryDetail: inState(3)})
		for range 2 {
			v = s.change(v, taphoa.InvoiceInput{DeliveryDetail: &taphoa.DeliveryInput{PriceCodPayment: taphoa.Some(taphoa.Dong(60_000))}})
			if v.TotalPayment != taphoa.Dong(60_000) || !v.InvoiceDelivery.UsingPriceCod {
				t.Errorf("paid %v, delivery %+v", v.TotalPayment, v.InvoiceDelivery)
			}
		}
		s.read(func(tx *db.Tx) error {
			page, err := cash.ListCashFlow(tx, &taphoa.CashFlowQuery{Paging: taphoa.Paging{PageSize: 50}, CashFlowGroupID: []int64{4}})
			if err == nil && len(page.Data) != 4 {
				t.Errorf("%d receipts are of carriers", len(page.Data))
			}
			return err
		})
	})
}

func TestADeliveryDoesNotOpenACompletedInvoice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}})
		for _, c := range []struct {
			in            *taphoa.DeliveryInput
			state, status int64
		}{
			{&taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true)}, 1, 1}, {inState(9), 9, 1}, {inState(3), 3, 1}, {inState(4), 4, 1}, {inState(5), 5, 5},
		} {
			v = s.change(v, taphoa.InvoiceInput{DeliveryDetail: c.in})
			if v.InvoiceDelivery.Status.Value != c.state || v.Status != c.status || !v.UsingCod {
				t.Errorf("status %d, delivery %+v, want %d and %d", v.Status, v.InvoiceDelivery, c.status, c.state)
			}
		}
		s.expect("came back", 100, 0, 0)
	})
}

func TestAnUndeliverableInvoiceIsOpenedByARequestForItOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		v := s.parcel(2)
		for _, c := range []struct {
			in            taphoa.InvoiceInput
			state, status int64
		}{
			{taphoa.InvoiceInput{Status: taphoa.Some[int64](5)}, 2, 5},
			{taphoa.InvoiceInput{DeliveryDetail: inState(10)}, 10, 5},
			{taphoa.InvoiceInput{Status: taphoa.Some[int64](3)}, 10, 3},
			{taphoa.InvoiceInput{Status: taphoa.Some[int64](5)}, 10, 5},
			{taphoa.InvoiceInput{DeliveryDetail: inState(3)}, 3, 1}, // it has arrived after all
		} {
			v = s.change(v, c.in)
			if v.InvoiceDelivery.Status.Value != c.state || v.Status != c.status {
				t.Errorf("status %d, delivery %+v, want %d and %d", v.Status, v.InvoiceDelivery, c.status, c.state)
			}
		}
		v = s.parcel(6)
		s.refusedLike("Đã hủy, không thể chuyển hóa đơn sang Đang xử lý (status)", updateInvoice(v.ID, taphoa.InvoiceInput{Status: taphoa.Some[int64](3)}))
		v = s.parcel(2)
		s.refusedLike("Giao thành công, không thể chuyển hóa đơn sang Không giao được (status)",
			updateInvoice(v.ID, taphoa.InvoiceInput{Status: taphoa.Some[int64](5), DeliveryDetail: inState(3)}))
	})
}

func TestAnInvoiceThatIsCreatedAsCompletedHasBeenDelivered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		completed := taphoa.Some[int64](taphoa.InvoiceCompleted)
		in := s.parcelInput(0)
		in.Status, in.CodPaymentMethod, in.CodPaymentAccount = completed, taphoa.Some("Transfer"), taphoa.Some(s.bank)
		v := s.invoice(in)
		o := s.order(taphoa.OrderInput{
			OrderDetails: []taphoa.DetailInput{line(s.coffee, 2)}, TotalPayment: taphoa.Some(taphoa.Dong(30_000)), OrderDelivery: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true)},
		})
		ofOrder := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), Status: completed})
		for _, v := range []*taphoa.Invoice{v, ofOrder} {
			if v.Status != 1 || v.InvoiceDelivery.Status.Value != 3 || v.TotalPayment != v.Total || len(v.Payments) != 2 || v.Payments[1].Amount != taphoa.Dong(70_000) {
				t.Errorf("status %d, delivery %+v, payments %+v", v.Status, v.InvoiceDelivery, v.Payments)
			}
		}
		s.expect("both delivered", 96, 0, 0)
		yesterday := clock.Now() - 24*3600*1_000_000
		v = s.change(v, taphoa.InvoiceInput{PurchaseDate: taphoa.Some(yesterday)}) // what was collected is not dated like the invoice
		if v.Payments[0].TransDate != yesterday || v.Payments[1].TransDate != clock.Now() {
			t.Errorf("payments %+v", v.Payments)
		}
		in = s.parcelInput(5)
		in.Status = completed
		if v := s.invoice(in); v.Status != 5 || v.InvoiceDelivery.Status.Value != 5 || len(v.Warnings) != 1 {
			t.Errorf("status %d, delivery %+v, warnings %q", v.Status, v.InvoiceDelivery, v.Warnings)
		}
	})
}

func TestNoInvoiceWaitsForADeliveryThatItHasNot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		using := taphoa.Some(true)
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}, UsingCod: using})
		changed := s.change(v, taphoa.InvoiceInput{UsingCod: using})
		for _, v := range []*taphoa.Invoice{v, changed} {
			if v.Status != taphoa.InvoiceCompleted || v.UsingCod || v.InvoiceDelivery != nil || len(v.Warnings) != 1 || !strings.Contains(v.Warnings[0], "deliveryDetail") {
				t.Errorf("status %d, usingCod %v, delivery %+v, warnings %q", v.Status, v.UsingCod, v.InvoiceDelivery, v.Warnings)
			}
		}
		o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 1)}, UsingCod: using})
		if o.UsingCod || len(o.Warnings) != 1 || !strings.Contains(o.Warnings[0], "orderDelivery") {
			t.Errorf("usingCod %v, warnings %q", o.UsingCod, o.Warnings)
		}
		o = s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 1)}, OrderDelivery: inState(3), MakeInvoice: true})
		if o.OrderDelivery == nil || len(o.Warnings) != 1 || !strings.Contains(o.Warnings[0], "Giao thành công") {
			t.Errorf("delivery %+v, warnings %q", o.OrderDelivery, o.Warnings)
		}
	})
}

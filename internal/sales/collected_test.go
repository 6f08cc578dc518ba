package sales_test

import (
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/party"
)

func TestALineAddedAfterThePrepaidParcelArrivedIsOwed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		delivery := &taphoa.DeliveryInput{Status: taphoa.Some[int64](1), UsingPriceCod: taphoa.Some(true)}
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, DeliveryDetail: delivery})
		v = s.change(v, taphoa.InvoiceInput{TotalPayment: dong(100_000)})
		v = s.change(v, taphoa.InvoiceInput{DeliveryDetail: inState(3)})
		v = s.change(v, taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 4)}})
		if v.Total != taphoa.Dong(200_000) || v.TotalPayment != taphoa.Dong(100_000) {
			t.Errorf("of %v, %v are paid", v.Total, v.TotalPayment)
		}
		s.expect("two more", 96, 0, 100_000)
		if v = s.change(v, taphoa.InvoiceInput{DeliveryDetail: inState(5)}); v.Payments[0].Status != taphoa.PaymentPaid {
			t.Errorf("the prepayment is void: %+v", v.Payments)
		}
		s.expect("came back", 100, 0, -100_000)
	})
}

func TestWhatAnOrderCollectsIsCollectedOnceByItsInvoices(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		for agreed, want := range map[int64][2]int64{50_000: {50_000, 0}, 120_000: {100_000, 20_000}, 200_000: {100_000, 100_000}} {
			o := s.order(taphoa.OrderInput{
				OrderDetails:  []taphoa.DetailInput{line(s.coffee, 4)},
				OrderDelivery: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true), PriceCodPayment: taphoa.Some(taphoa.Dong(agreed))},
			})
			for _, collected := range want {
				v := s.invoice(taphoa.InvoiceInput{
					OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, Status: taphoa.Some[int64](1),
				})
				if v.TotalPayment != taphoa.Dong(collected) || v.InvoiceDelivery.PriceCodPayment.Value != taphoa.Dong(collected) {
					t.Errorf("of %d, %v are collected, want %d", agreed, v.TotalPayment, collected)
				}
			}
		}
	})
}

func TestPaymentsThatTheDeliveryOfAChangeNamesAreBooked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, DeliveryDetail: inState(1)})
		v = s.change(v, taphoa.InvoiceInput{DeliveryDetail: &taphoa.DeliveryInput{
			Payments: []taphoa.PaymentInput{{Method: "Cash", Amount: taphoa.Dong(10_000)}},
		}})
		if v.TotalPayment != taphoa.Dong(10_000) || len(v.Payments) != 1 {
			t.Errorf("paid %v by %+v", v.TotalPayment, v.Payments)
		}
		v = s.change(v, taphoa.InvoiceInput{DeliveryDetail: &taphoa.DeliveryInput{Payments: []taphoa.PaymentInput{ // as it was read
			{Method: "Cash", Amount: taphoa.Dong(10_000), ID: taphoa.Some(v.Payments[0].ID)},
		}}})
		if v.TotalPayment != taphoa.Dong(10_000) {
			t.Errorf("written back, %v are paid", v.TotalPayment)
		}
	})
}

func TestAParcelOnItsWayBackAfterItArrivedIsNotCancelled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		v := s.parcel(3)
		v = s.change(v, taphoa.InvoiceInput{DeliveryDetail: inState(4)})
		v = s.change(v, taphoa.InvoiceInput{DeliveryDetail: inState(6)})
		if v.Status != taphoa.InvoiceCompleted || v.InvoiceDelivery.Status.Value != 4 || len(v.Warnings) != 1 {
			t.Errorf("status %d, delivery %+v, warnings %q", v.Status, v.InvoiceDelivery, v.Warnings)
		}
		s.expect("on its way back", 98, 0, 0)
	})
}

func TestACustomerWhoseCancelledParcelIsStillOutIsNotDeleted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		remove := func(tx *db.Tx) error { _, err := party.DeleteCustomer(tx, &taphoa.ByID{ID: s.customer}); return err }
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, TotalPayment: dong(100_000), DeliveryDetail: inState(6)})
		s.refusedLike("chưa hoàn thành", remove)
		s.change(v, taphoa.InvoiceInput{DeliveryDetail: inState(5)})
		s.refusedLike("còn được gian hàng nợ 100000", remove)
	})
}

func TestWhatOnlyANewInvoiceTakesIsPassedOverWithAWarning(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, Discount: dong(1_000)})
		same := taphoa.InvoiceInput{BranchID: taphoa.Some(v.BranchID), CustomerID: v.CustomerID, Discount: dong(1_000), DiscountRatio: v.DiscountRatio}
		if now := s.change(v, same); len(now.Warnings) > 0 {
			t.Errorf("written back: %q", now.Warnings)
		}
		for name, in := range map[string]taphoa.InvoiceInput{
			"branchId": {BranchID: taphoa.Some(v.BranchID + 99)}, "orderId": {OrderID: taphoa.Some[int64](99)},
			"customerId": {CustomerID: taphoa.Some(s.customer + 99)}, "discount": {Discount: dong(2_000)},
			"discountRatio": {DiscountRatio: taphoa.Some(taphoa.Ratio(5))}, "surchages": {Surcharges: []taphoa.SurchargeWrite{{Price: dong(5_000)}}},
		} {
			now := s.change(v, in)
			if len(now.Warnings) != 1 || !strings.Contains(now.Warnings[0], "Bỏ qua "+name+":") || now.Total != v.Total {
				t.Errorf("%s: %q, total %v", name, now.Warnings, now.Total)
			}
		}
	})
}

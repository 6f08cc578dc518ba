package sales_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/sales"
)

func (s *store) set(name, value string) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error { return org.SetSetting(tx, name, value) })
}

// shown are an order and an invoice as each way of reading shows them.
func (s *store) shown(orderID, invoiceID int64, withDelivery bool) (orders []*taphoa.Order, invoices []*taphoa.Invoice) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		o, err := sales.GetOrder(tx, &taphoa.ByID{ID: orderID})
		if err != nil {
			return err
		}
		byCode, err := sales.GetOrderByCode(tx, &taphoa.ByCode{Code: o.Code})
		if err != nil {
			return err
		}
		v, err := sales.GetInvoice(tx, &taphoa.ByID{ID: invoiceID})
		if err != nil {
			return err
		}
		invoiceByCode, err := sales.GetInvoiceByCode(tx, &taphoa.ByCode{Code: v.Code})
		if err != nil {
			return err
		}
		page := taphoa.Paging{PageSize: 1}
		listed, err := sales.ListOrders(tx, &taphoa.OrderQuery{Paging: page, IncludeOrderDelivery: withDelivery})
		if err != nil {
			return err
		}
		listedInvoices, err := sales.ListInvoices(tx, &taphoa.InvoiceQuery{Paging: page, IncludeInvoiceDelivery: withDelivery})
		if err != nil {
			return err
		}
		orders, invoices = []*taphoa.Order{o, byCode, &listed.Data[0]}, []*taphoa.Invoice{v, invoiceByCode, &listedInvoices.Data[0]}
		return nil
	})
	return orders, invoices
}

func TestADeliveryIsHiddenWhileTheShopHasNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		lines := []taphoa.DetailInput{line(s.coffee, 1)}
		o := s.order(taphoa.OrderInput{OrderDetails: lines, OrderDelivery: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true)}})
		v := s.parcel(2)
		s.set("UseDelivery", "false")
		orders, invoices := s.shown(o.ID, v.ID, false)
		s.write(func(tx *db.Tx) error {
			now, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}, OrderInput: taphoa.OrderInput{Description: taphoa.Some("Gọi trước")}})
			orders = append(orders, now)
			return err
		})
		invoices = append(invoices, s.change(v, taphoa.InvoiceInput{Description: taphoa.Some("Gọi trước")}))
		for _, o := range orders {
			if o.UsingCod || o.OrderDelivery != nil {
				t.Errorf("usingCod %v, delivery %+v", o.UsingCod, o.OrderDelivery)
			}
		}
		for _, v := range invoices {
			if v.UsingCod || v.InvoiceDelivery != nil {
				t.Errorf("usingCod %v, delivery %+v", v.UsingCod, v.InvoiceDelivery)
			}
		}
		const sentence = "Thiết lập “Sử dụng tính năng giao hàng” đang không được bật"
		for _, in := range []taphoa.InvoiceInput{
			{DeliveryDetail: inState(3)}, {UsingCod: taphoa.Some(true)}, {CodPaymentMethod: taphoa.Some("Cash")}, {CodPaymentAccount: taphoa.Some(s.bank)},
		} {
			s.refused(sentence, updateInvoice(v.ID, in))
			in.BranchID, in.InvoiceDetails = taphoa.Some(s.branch), lines
			s.refused(sentence, func(tx *db.Tx) error { _, err := sales.CreateInvoice(tx, &in); return err })
		}
		for _, in := range []taphoa.OrderInput{{OrderDelivery: &taphoa.DeliveryInput{}}, {UsingCod: taphoa.Some(true)}} {
			s.refused("Thiết lập “Sử dụng tính năng giao hàng.” đang không được bật", updateOrder(o.ID, in))
		}
		if made := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)}); made.Status != taphoa.InvoiceCompleted {
			t.Errorf("the invoice of an order waits for a delivery that nobody sees: status %d", made.Status)
		}
		s.set("UseDelivery", "true")
		if now := s.look(v); now.InvoiceDelivery == nil || now.InvoiceDelivery.Status.Value != 2 || !now.InvoiceDelivery.UsingPriceCod {
			t.Errorf("delivery %+v", now.InvoiceDelivery)
		}
	})
}

func TestCollectionIsHiddenWhileTheShopHasNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		lines := []taphoa.DetailInput{line(s.coffee, 1)}
		o := s.order(taphoa.OrderInput{OrderDetails: lines, OrderDelivery: &taphoa.DeliveryInput{PriceCodPayment: taphoa.Some(taphoa.Dong(50_000))}})
		v := s.parcel(2)
		s.set("UseCod", "false")
		orders, invoices := s.shown(o.ID, v.ID, true)
		sentBack := &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(false), Receiver: taphoa.Some("Lan")} // as it was shown
		invoices = append(invoices, s.change(v, taphoa.InvoiceInput{DeliveryDetail: sentBack}))
		deliveries := []*taphoa.Delivery{}
		for _, o := range orders {
			deliveries = append(deliveries, o.OrderDelivery)
		}
		for _, v := range invoices {
			deliveries = append(deliveries, v.InvoiceDelivery)
		}
		deliveries = append(deliveries, s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)}).InvoiceDelivery)
		for i, d := range deliveries {
			if d == nil || d.UsingPriceCod || d.PriceCodPayment.Given() {
				t.Errorf("%d: %+v", i, d)
			}
		}
		const sentence = "Thiết lập “Quản lý thu hộ tiền” đang không được bật"
		for _, in := range []taphoa.InvoiceInput{
			{DeliveryDetail: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true)}},
			{CodPaymentMethod: taphoa.Some("Cash")},
			{DeliveryDetail: &taphoa.DeliveryInput{PriceCodPayment: taphoa.Some(taphoa.Dong(1))}},
			{CodPaymentAccount: taphoa.Some(s.bank)},
		} {
			s.refused(sentence, updateInvoice(v.ID, in))
			in.BranchID, in.InvoiceDetails = taphoa.Some(s.branch), lines
			s.refused(sentence, func(tx *db.Tx) error { _, err := sales.CreateInvoice(tx, &in); return err })
		}
		s.set("UseCod", "true")
		if now := s.look(v).InvoiceDelivery; !now.UsingPriceCod || now.PriceCodPayment.Value != taphoa.Dong(70_000) || now.Receiver.Value != "Lan" {
			t.Errorf("delivery %+v", now)
		}
	})
}

func TestNoOrderIsInvoicedWhileTheShopTakesNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 2)}})
		s.set("AllowOrder", "false")
		for _, in := range []taphoa.InvoiceInput{
			{OrderID: taphoa.Some(o.ID)},
			{OrderID: taphoa.Some(o.ID), BranchID: taphoa.Some(s.branch), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}},
			{OrderID: taphoa.Some[int64](987_654), BranchID: taphoa.Some(s.branch), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}},
		} {
			s.refused("Thiết lập “Cho phép đặt hàng” đang không được bật.", func(tx *db.Tx) error { _, err := sales.CreateInvoice(tx, &in); return err })
		}
		s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}})
		s.expect("in the end", 99, 2, 50_000)
	})
}

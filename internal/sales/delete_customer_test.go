package sales_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
)

// TestACustomerWithDebtOrOpenDocumentsIsNotDeleted: no list would show any more who owes the money, or whose the goods are.
func TestACustomerWithDebtOrOpenDocumentsIsNotDeleted(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		remove := func(tx *db.Tx) error {
			_, err := party.DeleteCustomer(tx, &taphoa.ByID{ID: s.customer})
			return err
		}
		kept := func(sentence string) {
			t.Helper()
			s.refused("Khách hàng KH000001 "+sentence, remove)
			s.read(func(tx *db.Tx) error {
				_, err := party.GetCustomer(tx, &taphoa.ByID{ID: s.customer})
				return err
			})
		}
		two := []taphoa.DetailInput{line(s.coffee, 2)}
		parcel := func(status int64) *taphoa.DeliveryInput { return &taphoa.DeliveryInput{Status: taphoa.Some(status)} }
		void := func(v *taphoa.Invoice) {
			t.Helper()
			s.write(func(tx *db.Tx) error {
				_, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: v.ID, IsVoidPayment: true})
				return err
			})
		}

		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: two, TotalPayment: dong(30_000)})
		kept("còn nợ 70000 nên không thể xóa, hãy thu nợ trước")
		void(v)
		v = s.invoice(taphoa.InvoiceInput{InvoiceDetails: two, TotalPayment: dong(130_000)})
		kept("còn được gian hàng nợ 30000 nên không thể xóa, hãy trả nợ trước")
		void(v)
		for _, status := range []int64{taphoa.DeliveryWaiting, taphoa.DeliveryUnderWay, 4, 12} {
			v = s.invoice(taphoa.InvoiceInput{InvoiceDetails: two, TotalPayment: dong(100_000), DeliveryDetail: parcel(status)})
			kept("có chứng từ " + v.Code + " (100000) chưa hoàn thành nên không thể xóa, hãy hoàn thành hoặc hủy chứng từ đó trước")
			void(v)
		}
		v = s.invoice(taphoa.InvoiceInput{InvoiceDetails: two, TotalPayment: dong(100_000), Status: taphoa.Some[int64](taphoa.InvoiceProcessing)})
		kept("có chứng từ " + v.Code + " (100000) chưa hoàn thành nên không thể xóa, hãy hoàn thành hoặc hủy chứng từ đó trước")
		void(v)
		for _, status := range []int64{taphoa.OrderDraft, taphoa.OrderConfirmed} {
			o := s.order(taphoa.OrderInput{OrderDetails: two, Status: taphoa.Some(status)})
			kept("có chứng từ " + o.Code + " (100000) chưa hoàn thành nên không thể xóa, hãy hoàn thành hoặc hủy chứng từ đó trước")
			s.write(func(tx *db.Tx) error { _, err := sales.DeleteOrder(tx, &taphoa.OrderDelete{ID: o.ID}); return err })
		}
		o := s.order(taphoa.OrderInput{OrderDetails: two})
		s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}, TotalPayment: dong(50_000)})
		kept("có chứng từ " + o.Code + " (100000) chưa hoàn thành nên không thể xóa, hãy hoàn thành hoặc hủy chứng từ đó trước")
		s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), TotalPayment: dong(50_000)})
		s.invoice(taphoa.InvoiceInput{InvoiceDetails: two, TotalPayment: dong(100_000), DeliveryDetail: parcel(taphoa.DeliveryDelivered)})
		s.write(func(tx *db.Tx) error {
			_, err := debt.CreateCashFlow(tx, &taphoa.CashFlowInput{
				BranchID: taphoa.Some(s.branch), Amount: dong(-1), Method: "Cash", PartnerType: taphoa.Some("C"), PartnerID: taphoa.Some(s.customer),
			})
			return err
		})
		kept("còn nợ 1 nên không thể xóa, hãy thu nợ trước")
		s.write(func(tx *db.Tx) error {
			_, err := debt.CreateCashFlow(tx, &taphoa.CashFlowInput{
				BranchID: taphoa.Some(s.branch), Amount: dong(1), Method: "Cash", PartnerType: taphoa.Some("C"), PartnerID: taphoa.Some(s.customer),
			})
			return err
		})
		s.write(remove) // all is paid, and has arrived
	})
}

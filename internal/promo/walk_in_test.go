package promo_test

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales"
)

// drawer checks what the drawer holds, and that the cash book comes to it, with vouchers or without.
func (s *store) drawer(when string, want int64) {
	s.t.Helper()
	var entered taphoa.Money
	for _, e := range done(s, cash.ListCashFlow, &taphoa.CashFlowQuery{Paging: taphoa.Paging{PageSize: 100}, Method: []string{"Cash", "Voucher"}}).Data {
		if e.Status == taphoa.PaymentPaid {
			entered += e.Amount
		}
	}
	s.write(func(tx *db.Tx) error {
		held, err := cash.Balance(tx, cash.Drawer(s.branch))
		if held != taphoa.Dong(want) || entered != held {
			s.t.Errorf("%s: the drawer holds %v, the cash book comes to %v, want %d", when, held, entered, want)
		}
		return err
	})
	s.sound()
}

// TestAWalkInsVoucherPaysBeforeMoney: 100,000 with a voucher of 20,000 take 80,000 of whatever else is given. A voucher gives no
// change: it pays what is left, the rest is forfeited, and one for which nothing is left is refused.
func TestAWalkInsVoucherPaysBeforeMoney(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		combined := s.campaign(func(in *taphoa.VoucherCampaignInput) { in.UseVoucherCombineInvoice = taphoa.Some(true) })
		vouchers := s.vouchers(combined, "V", 16)
		next := func() taphoa.Voucher { v := vouchers[0]; vouchers = vouchers[1:]; return v }
		sale := func(lines []taphoa.DetailInput, vouchers ...taphoa.Voucher) *taphoa.InvoiceInput {
			in := s.sale(vouchers...)
			in.CustomerID = taphoa.Opt[int64]{}
			if lines != nil {
				in.InvoiceDetails = lines
			}
			return in
		}
		booked := func(when, want string, payments []taphoa.Payment) {
			t.Helper()
			text := ""
			for _, p := range payments {
				text += fmt.Sprint(p.Method, " ", p.Amount, " ")
			}
			if text != want {
				t.Errorf("%s: booked %q, want %q", when, text, want)
			}
		}
		card := func(amount int64) taphoa.PaymentInput {
			return taphoa.PaymentInput{Method: "Card", Amount: taphoa.Dong(amount)}
		}

		in := sale(nil, next())
		in.TotalPayment = taphoa.Some(taphoa.Dong(100_000))
		v := done(s, sales.CreateInvoice, in)
		booked("cash for all", "Cash 80000 Voucher 20000 ", v.Payments)
		if v.TotalPayment != taphoa.Dong(100_000) {
			t.Errorf("paid %v", v.TotalPayment)
		}
		s.drawer("cash for all", 80_000)

		gift := next()
		in = sale(nil, gift)
		in.Payments = append(in.Payments, card(80_001))
		refused(s, "payments.amount", "chỉ còn phải trả 80000, không thể thu 80001 bằng Card", sales.CreateInvoice, in)
		s.is(gift, taphoa.CodeReleased)
		in.Payments[1].Amount = taphoa.Dong(80_000)
		booked("a card for the rest", "Card 80000 Voucher 20000 ", done(s, sales.CreateInvoice, in).Payments)
		s.drawer("a card for the rest", 80_000)

		salt := []taphoa.DetailInput{line(s.salt, 1)}
		gift = next()
		in = sale(salt, gift)
		in.TotalPayment = taphoa.Some(taphoa.Dong(10_000))
		booked("more than the total", "Voucher 10000 ", done(s, sales.CreateInvoice, in).Payments)
		s.is(gift, taphoa.CodeUsed)

		three := []taphoa.DetailInput{line(s.salt, 3)}
		first, second := next(), next()
		in = sale(three, first, second)
		in.Payments = append(in.Payments, card(1))
		refused(s, "payments.amount", "chỉ còn phải trả 0, không thể thu 1 bằng Card", sales.CreateInvoice, in)
		booked("two of them", "Voucher 20000 Voucher 10000 ", done(s, sales.CreateInvoice, sale(three, first, second)).Payments)
		refused(s, "payments.voucherId", "Không còn số tiền nào", sales.CreateInvoice, sale(salt, next(), next()))
		refused(s, "payments.voucherId", "Không còn số tiền nào", sales.UpdateInvoice, &taphoa.InvoiceUpdate{
			ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{IsApplyVoucher: true, Payments: with(next())},
		})

		order := s.order(next())
		order.CustomerID, order.TotalPayment = taphoa.Opt[int64]{}, taphoa.Some(taphoa.Dong(500_000))
		o := done(s, sales.CreateOrder, order)
		booked("a deposit", "Cash 80000 Voucher 20000 ", o.Payments)
		order = s.order(next())
		order.CustomerID, order.TotalPayment, order.MakeInvoice = taphoa.Opt[int64]{}, taphoa.Some(taphoa.Dong(500_000)), true
		booked("an order that is invoiced at once", "Cash 80000 Voucher 20000 ", done(s, sales.CreateOrder, order).Payments)
		s.drawer("orders", 240_000)

		order = s.order()
		order.CustomerID, order.TotalPayment = taphoa.Opt[int64]{}, taphoa.Some(taphoa.Dong(30_000))
		o = done(s, sales.CreateOrder, order)
		o = done(s, sales.UpdateOrder, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}, OrderInput: taphoa.OrderInput{
			IsApplyVoucher: true, Payments: with(next()), TotalPayment: taphoa.Some(taphoa.Dong(200_000)), MakeInvoice: true,
		}})
		booked("the rest of an order", "Cash 30000 Cash 50000 Voucher 20000 ", o.Payments)
		s.drawer("the rest of an order", 320_000)
	})
}

// TestACustomersVoucherPaysWhatMoneyLeaves, and forfeits the rest.
func TestACustomersVoucherPaysWhatMoneyLeaves(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		gift := s.vouchers(s.campaign(nil), "V", 1)[0]
		in := s.sale(gift)
		in.TotalPayment = taphoa.Some(taphoa.Dong(100_000))
		refused(s, "payments.voucherId", "Không còn số tiền nào", sales.CreateInvoice, in)
		in.TotalPayment = taphoa.Some(taphoa.Dong(95_000))
		if v := done(s, sales.CreateInvoice, in); v.TotalPayment != taphoa.Dong(100_000) || v.Payments[1].Amount != taphoa.Dong(5_000) {
			t.Errorf("paid %v by %+v", v.TotalPayment, v.Payments)
		}
		s.drawer("paid", 95_000)
		s.owes(0)
	})
}

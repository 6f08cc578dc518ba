package promo_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/sales"
)

// TestAVoucherIsNotPaidBackInMoney: of 100,000, 20,000 were paid by voucher and 30,000 in cash. The first tea back
// leaves 50,000, the second nothing, of which 20,000 belong to the shop: by a discount of the return, or by a fee.
func TestAVoucherIsNotPaidBackInMoney(t *testing.T) {
	inStore(t, func(t *testing.T, s *store) {
		v := s.vouchers(s.campaign(nil), "V", 1)[0]
		in := s.sale(v)
		in.TotalPayment = taphoa.Some(taphoa.Dong(30_000))
		sold := done(s, sales.CreateInvoice, in)
		back := func(fee int64) *taphoa.ReturnInput {
			return &taphoa.ReturnInput{
				InvoiceID: taphoa.Some(sold.ID), ReturnFee: taphoa.Some(taphoa.Dong(fee)),
				ReturnDetails: []taphoa.ReturnDetailInput{{DetailInput: line(s.tea, 1)}},
			}
		}
		done(s, sales.CreateReturn, back(0))
		s.owes(0)
		for fee, discount := range map[int64]int64{0: 20_000, 19_999: 1, 20_000: 0} {
			r := done(s, sales.CreateReturn, back(fee))
			if r.ReturnTotal != taphoa.Dong(30_000) || r.ReturnDiscount.Value != taphoa.Dong(discount) {
				t.Errorf("with a fee of %d the return is worth %v, its discount %v", fee, r.ReturnTotal, r.ReturnDiscount.Value)
			}
			s.owes(-30_000)
			done(s, sales.DeleteReturn, &taphoa.ReturnDelete{ID: r.ID})
		}
		byVoucher := back(20_000)
		byVoucher.Payments = with(v)
		refused(s, "method", "bằng voucher", sales.CreateReturn, byVoucher)
		last := done(s, sales.CreateReturn, back(20_000))
		s.owes(-30_000)
		refused(s, "returnFee", "phải từ 20000 trở lên", sales.UpdateReturn, &taphoa.ReturnUpdate{
			ByID: taphoa.ByID{ID: last.ID}, ReturnInput: taphoa.ReturnInput{ReturnFee: taphoa.Some(taphoa.Dong(5_000))},
		})
		done(s, sales.UpdateReturn, &taphoa.ReturnUpdate{
			ByID: taphoa.ByID{ID: last.ID}, ReturnInput: taphoa.ReturnInput{TotalPayment: taphoa.Some(taphoa.Dong(30_000))},
		})
		s.owes(0)
		s.is(v, taphoa.CodeUsed)
	})
}

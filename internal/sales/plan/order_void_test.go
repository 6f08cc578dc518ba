package plan

import (
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
)

func TestAVoidOrderReleasesItsGoodsAndItsVouchers(t *testing.T) {
	const cash, gift, ofInvoice = 81, 82, 83
	deposits := func(r *orderRows) {
		paidWith(cash, 30_000, taphoa.MethodCash, 0)(r)
		paidWith(gift, 20_000, taphoa.MethodVoucher, 0)(r)
		paidWith(ofInvoice, 10_000, taphoa.MethodCash, 70)(r)
	}
	kept := func(r *orderRows) { // voided before, its cash stayed
		paidWith(cash, 30_000, taphoa.MethodCash, 0)(r)
		r.order.Row.Status = taphoa.OrderVoided
	}
	for name, c := range map[string]struct {
		stored   func(*orderRows)
		payments bool
		voided   []int64
		paid     int64
		released int
		changed  bool
	}{
		"nothing paid":        {status(taphoa.OrderDraft), true, nil, 0, 0, true},
		"money stays":         {deposits, false, []int64{gift}, 40_000, 1, true},
		"money is voided":     {deposits, true, []int64{cash, gift}, 10_000, 1, true},
		"again":               {kept, false, nil, 30_000, 0, false},
		"again, but payments": {kept, true, []int64{cash}, 0, 0, true},
	} {
		f := orderFacts(c.stored)
		s, err := VoidOrder(f, c.payments)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var voided []int64
		for _, p := range f.Cash.Payments(func(p *cashplan.PaymentRow) bool { return !p.Paid() }) {
			voided = append(voided, p.ID)
		}
		o := &s.Order.Row
		if !slices.Equal(voided, c.voided) || o.TotalPayment != dong(c.paid) || len(f.Vouchers.Released()) != c.released || o.Status != taphoa.OrderVoided {
			t.Errorf("%s: voided %v, %v vouchers released, order %+v", name, voided, f.Vouchers.Released(), o)
		}
		if changed := *o != f.Order.Row; changed != c.changed || changed != (o.ChangedAt == now) {
			t.Errorf("%s: changed: %v, at %v", name, changed, o.ChangedAt)
		}
		if f.reserved(hanoi) != [2]taphoa.Quantity{} {
			t.Errorf("%s: %v are reserved", name, f.reserved(hanoi))
		}
	}
}

func TestAnOrderIsNotVoided(t *testing.T) {
	unknown := orderFacts()
	unknown.Order = nil
	for name, c := range map[string]struct {
		f            *Facts
		field, words string
	}{
		"while the shop takes none": {orderFacts(func(r *orderRows) { r.settings.AllowOrder = false }), "", orderingOff},
		"that does not exist":       {unknown, "", "không tồn tại"},
		"that is completed":         {orderFacts(status(taphoa.OrderCompleted)), "status", "cần hủy hóa đơn"},
	} {
		_, err := VoidOrder(c.f, true)
		refusedWith(t, name, err, taphoa.CodeOrder, c.field, c.words)
	}
}

package debt_test

import (
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/supply"
)

// buy receives rice for thousands on a day, or as a draft.
func (s *wholesale) buy(supplier int64, day string, thousands, paid int64, draft string) {
	s.t.Helper()
	ask(s, supply.CreatePurchaseOrder, &taphoa.PurchaseOrderInput{
		BranchID: taphoa.Some(s.branch), SupplierID: taphoa.Some(supplier), PurchaseDate: taphoa.Some(when(s.t, day)),
		PaidAmount: taphoa.Some(taphoa.Dong(paid * 1_000)), IsDraft: taphoa.Some(draft),
		PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{{
			ProductID: taphoa.Some(s.rice), Quantity: taphoa.Some(taphoa.Units(thousands)), Price: taphoa.Some(taphoa.Dong(1_000)),
		}},
	})
}

// TestDebtsToASupplierByAge pays a mill, which gives 15 days: 100 were open on 1 September, goods came for 800 on 1 October, of which
// 200 were paid at once, and for 300 on 10 November. The 400 of 5 November pay the opening balance and 300 of the first goods. On the
// 12th 50 came back, which are owed again, and 120 were paid for goods that are still to come.
func TestDebtsToASupplierByAge(t *testing.T) {
	eachWholesale(t, func(t *testing.T, s *wholesale) {
		mill := ask(s, party.CreateSupplier, &taphoa.SupplierInput{Name: taphoa.Some("Nhà máy xay"), PaymentDays: taphoa.Some[int64](15)}).ID
		ask(s, debt.CreateAdjustment, &taphoa.DebtAdjustmentInput{
			Type: taphoa.Some("opening"), PartnerType: taphoa.Some("S"), PartnerID: taphoa.Some(mill), DocumentDate: taphoa.Some(when(t, "2026-09-01")),
			Debt: taphoa.Some(taphoa.Dong(100_000)), Reason: taphoa.Some("Nợ cũ"),
		})
		s.buy(mill, "2026-10-01", 800, 200, "0")
		s.buy(mill, "2026-11-10", 300, 0, "0")
		s.pay("S", mill, "2026-11-05", -400)
		s.pay("S", mill, "2026-11-12", 50)
		s.buy(mill, "2026-11-22", 500, 120, "1")
		for day, want := range map[string]string{
			"2026-09-15": "100 0 0 0 0 0 0 100",
			"2026-10-31": "0 600 100 0 0 0 0 700", // 15 days, and 45 of the opening balance
			"2026-11-10": "300 300 0 0 0 0 0 600", // 25 days of the first goods
			"2026-11-21": "350 0 300 0 0 0 0 650", // 36 days
			"2026-11-22": "350 0 300 0 0 0 120 530",
			"":           "350 0 300 0 0 0 120 530",
		} {
			s.expectAges(s.ageing("S", day), map[string]string{"Nhà máy xay": want}, want)
		}
		s.clock.Set(when(t, "2026-11-23"))
		s.expectAges(s.ageing("S", "2026-11-22"), map[string]string{"Nhà máy xay": "350 0 300 0 0 0 120 530"}, "350 0 300 0 0 0 120 530")
		v := ask(s, debt.SupplierStatement, period(mill, taphoa.Opt[taphoa.Time]{}, taphoa.Some(when(t, "2026-09-30"))))
		if have := lines(&v); !strings.HasPrefix(have, "09-01 adjustment ") || !strings.HasSuffix(have, " 100 0 100 due 2026-09-16") ||
			v.Data[0].Description.Or("") != "Nợ cũ" {
			t.Errorf("%s %+v", have, v.Data)
		}
	})
}

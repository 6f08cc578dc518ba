package debt_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/supply"
)

// lines are those of a statement, its amounts in thousands: date, type, code, debit, credit, balance, due date.
func lines(v *taphoa.Statement) string {
	var b strings.Builder
	for _, l := range v.Data {
		fmt.Fprintf(&b, "%s %s %s %s", l.Date.String()[5:10], l.Type, l.Code, thousands(l.Debit, l.Credit, l.Balance))
		if l.DueDate.Has() {
			fmt.Fprint(&b, " due ", l.DueDate.Value.String()[:10])
		}
		if l.IsVoid {
			b.WriteString(" void")
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String())
}

func frame(v *taphoa.Statement) string {
	return fmt.Sprintf("%s of %d", thousands(v.OpeningBalance, v.TotalDebit, v.TotalCredit, v.ClosingBalance), v.Total)
}

func period(id int64, from, to taphoa.Opt[taphoa.Time]) *taphoa.StatementQuery {
	return &taphoa.StatementQuery{ByID: taphoa.ByID{ID: id}, OffsetPaging: taphoa.OffsetPaging{PageSize: 100}, From: from, To: to}
}

func TestAStatementHasWhatMovedTheAccountAndTheRunningBalance(t *testing.T) {
	eachWholesale(t, func(t *testing.T, s *wholesale) {
		hoa, _ := s.hoa()
		all := []string{
			"08-01 invoice HD000001 400 0 400 due 2026-08-31",
			"08-01 payment TTHD000001 0 100 300",
			"09-15 invoice HD000002 300 0 600 due 2026-10-15",
			"09-20 payment TT000001 0 350 250",
			"10-10 invoice HD000003 200 0 450 due 2026-11-09",
			"11-01 invoice HD000004 500 0 950 due 2026-12-01",
			"11-02 return TH000001 0 50 900",
			"11-05 payment TT000002 0 100 800",
			"11-22 payment TT000002 100 0 900 void",
		}
		some := taphoa.Some[taphoa.Time]
		none := taphoa.Opt[taphoa.Time]{}
		for name, c := range map[string]struct {
			in    *taphoa.StatementQuery
			lines []string
			frame string
		}{
			"all":           {period(hoa, none, none), all, "0 1500 600 900 of 9"},
			"from and to":   {period(hoa, some(when(t, "2026-09-20")), some(when(t, "2026-11-02"))), all[3:7], "600 700 400 900 of 4"},
			"from":          {period(hoa, some(when(t, "2026-11-03")), none), all[7:], "900 100 100 900 of 2"},
			"before it all": {period(hoa, none, some(when(t, "2026-07-31"))), nil, "0 0 0 0 of 0"},
			"after it all":  {period(hoa, some(when(t, "2026-12-01")), none), nil, "900 0 0 900 of 0"},
			"the voided receipt stands until it is voided": {period(hoa, some(when(t, "2026-11-05")), some(when(t, "2026-11-21"))), all[7:8], "900 0 100 800 of 1"},
		} {
			v := ask(s, debt.CustomerStatement, c.in)
			if have := lines(&v); have != strings.Join(c.lines, "\n") || frame(&v) != c.frame {
				t.Errorf("%s: %s\n%s\nwant %s\n%s", name, frame(&v), have, c.frame, strings.Join(c.lines, "\n"))
			}
		}
		for at := int64(0); at < 10; at += 2 {
			in := period(hoa, some(when(t, "2026-08-02")), none)
			in.PageSize, in.CurrentItem = 2, at
			v := ask(s, debt.CustomerStatement, in)
			if have, want := lines(&v), strings.Join(all[min(9, 2+at):min(9, 4+at)], "\n"); have != want || frame(&v) != "300 1100 500 900 of 7" {
				t.Errorf("from line %d: %s\n%s\nwant\n%s", at, frame(&v), have, want)
			}
		}
		if v := ask(s, debt.CustomerStatement, period(hoa, none, none)); v.ClosingBalance != ask(s, party.GetCustomer, &taphoa.ByID{ID: hoa}).Debt {
			t.Errorf("the statement ends with %v", v.ClosingBalance)
		}
	})
}

func TestAStatementLeavesOutWhatMovedNothing(t *testing.T) {
	eachWholesale(t, func(t *testing.T, s *wholesale) {
		lan := s.customer("Lan")
		void := s.sell(lan, "2026-11-01", 30)
		ask(s, sales.DeleteInvoice, &taphoa.InvoiceDelete{ID: void.ID})
		at := s.pay("C", lan, "2026-11-22", 10) // at the instant of the clock, at which it is voided
		ask(s, debt.VoidCashFlow, &taphoa.ByID{ID: at.ID})
		changed := s.sell(lan, "2026-11-02", 50)
		ask(s, sales.UpdateInvoice, &taphoa.InvoiceUpdate{
			ByID:         taphoa.ByID{ID: changed.ID},
			InvoiceInput: taphoa.InvoiceInput{Description: taphoa.Some("giao sáng"), InvoiceDetails: rice(s, 40)},
		})
		v := ask(s, debt.CustomerStatement, period(lan, taphoa.Opt[taphoa.Time]{}, taphoa.Opt[taphoa.Time]{}))
		if have := lines(&v); have != "11-02 invoice HD000002 40 0 40 due 2026-11-02" || v.Data[0].Description.Or("") != "giao sáng" {
			t.Errorf("%s %+v", have, v.Data)
		}
		for _, op := range []func() error{
			func() error {
				return s.d.Read(t.Context(), s.who, func(tx *db.Tx) error {
					_, err := debt.CustomerStatement(tx, &taphoa.StatementQuery{ByID: taphoa.ByID{ID: 99}})
					return err
				})
			},
			func() error {
				return s.d.Read(t.Context(), s.who, func(tx *db.Tx) error {
					_, err := debt.SupplierStatement(tx, &taphoa.StatementQuery{ByID: taphoa.ByID{ID: lan}})
					return err
				})
			},
		} {
			if err := op(); err == nil || !strings.Contains(err.Error(), "không tồn tại") {
				t.Errorf("an unknown partner: %v", err)
			}
		}
	})
}

func TestAStatementOfASupplierHasWhatTheShopOwes(t *testing.T) {
	eachWholesale(t, func(t *testing.T, s *wholesale) {
		mill := ask(s, party.CreateSupplier, &taphoa.SupplierInput{Name: taphoa.Some("Nhà máy xay"), PaymentDays: taphoa.Some[int64](15)}).ID
		buy := func(day string, thousands, paid int64) {
			t.Helper()
			ask(s, supply.CreatePurchaseOrder, &taphoa.PurchaseOrderInput{
				BranchID: taphoa.Some(s.branch), SupplierID: taphoa.Some(mill), PurchaseDate: taphoa.Some(when(t, day)), PaidAmount: taphoa.Some(taphoa.Dong(paid * 1_000)),
				PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{{
					ProductID: taphoa.Some(s.rice), Quantity: taphoa.Some(taphoa.Units(thousands)), Price: taphoa.Some(taphoa.Dong(1_000)),
				}},
			})
		}
		buy("2026-10-01", 800, 200)
		buy("2026-11-10", 300, 0)
		s.pay("S", mill, "2026-11-05", -400)
		s.pay("S", mill, "2026-11-12", 50) // money that came back
		want := []string{
			"10-01 purchaseOrder PN000001 800 0 800 due 2026-10-16",
			"10-01 payment PCPN000001 0 200 600",
			"11-05 payment PC000001 0 400 200",
			"11-10 purchaseOrder PN000002 300 0 500 due 2026-11-25",
			"11-12 payment TT000001 50 0 550",
		}
		v := ask(s, debt.SupplierStatement, period(mill, taphoa.Opt[taphoa.Time]{}, taphoa.Opt[taphoa.Time]{}))
		if have := lines(&v); have != strings.Join(want, "\n") || frame(&v) != "0 1150 600 550 of 5" {
			t.Errorf("%s\n%s", frame(&v), have)
		}
		if owed := ask(s, cash.Debt, cash.Supplier(mill)); owed != -v.ClosingBalance {
			t.Errorf("the balance is %v, the statement ends with %v", owed, v.ClosingBalance)
		}
		from := ask(s, debt.SupplierStatement, period(mill, taphoa.Some(when(t, "2026-11-10")), taphoa.Opt[taphoa.Time]{}))
		if have := lines(&from); have != strings.Join(want[3:], "\n") || frame(&from) != "200 350 0 550 of 2" {
			t.Errorf("%s\n%s", frame(&from), have)
		}
		for day, owed := range map[string]int64{"2026-09-30": 0, "2026-10-01": 600, "2026-11-05": 200, "2026-11-10": 500, "2026-11-12": 550} {
			if a := s.ageing("S", day); a.Sums.Debt != taphoa.Dong(owed*1_000) {
				t.Errorf("%s: the shop owes %v, want %d thousand", day, a.Sums.Debt, owed)
			} else {
				s.adds(day, a.Sums)
			}
		}
	})
}

package debt_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/sales"
)

// hoa is a wholesale customer who has 30 days. On 1 August she buys for 400 and pays 100, on 15 September for 300, on 10 October
// for 200 and on 1 November for 500. She pays 350 on 20 September: 300 of the first invoice and 50 of the second. On 2 November she
// brings back for 50 of the first, which is paid, so that the second takes it. The 100 of 5 November pay the second, and are
// voided on the 22nd.
func (s *wholesale) hoa() (hoa int64, first *taphoa.Invoice) {
	s.t.Helper()
	hoa = s.customer("Hoa", 30)
	first = s.sell(hoa, "2026-08-01", 400, 100)
	s.sell(hoa, "2026-09-15", 300)
	s.sell(hoa, "2026-10-10", 200)
	s.sell(hoa, "2026-11-01", 500)
	s.pay("C", hoa, "2026-09-20", 350)
	s.bring(first.ID, "2026-11-02", 50)
	wrong := s.pay("C", hoa, "2026-11-05", 100)
	s.clock.Advance(3600)
	ask(s, debt.VoidCashFlow, &taphoa.ByID{ID: wrong.ID})
	return hoa, first
}

func TestDebtsByAgeAsAtADate(t *testing.T) {
	eachWholesale(t, func(t *testing.T, s *wholesale) {
		s.hoa()
		for _, c := range []struct{ day, want string }{
			{"2026-07-31", ""},
			{"2026-08-01", "300 0 0 0 0 0 0 300"},
			{"2026-08-31", "300 0 0 0 0 0 0 300"},     // due on that day
			{"2026-09-01", "0 300 0 0 0 0 0 300"},     // a day overdue
			{"2026-09-30", "250 0 0 0 0 0 0 250"},     // the second, due on 15 October
			{"2026-10-31", "200 250 0 0 0 0 0 450"},   // 16 days overdue; the third is due on 9 November
			{"2026-11-10", "500 300 0 0 0 0 0 800"},   // 300 - 50 - 50 - 100 of the second, the third, and the fourth
			{"2026-11-21", "500 200 100 0 0 0 0 800"}, // 37 days of the second; the receipt is not yet voided
			{"2026-11-22", "500 200 200 0 0 0 0 900"}, // it is
			{"", "500 200 200 0 0 0 0 900"},
			{"2027-01-13", "0 0 500 400 0 0 0 900"}, // as now: 90 days of the second, 65 of the third, 43 of the fourth
			{"2027-01-14", "0 0 500 200 200 0 0 900"},
		} {
			want := map[string]string{"Hoa": c.want}
			sums := c.want
			if c.want == "" {
				want, sums = nil, "0 0 0 0 0 0 0 0"
			}
			s.expectAges(s.ageing("C", c.day), want, sums)
		}
	})
}

func TestCreditDepositsAndParcelsHaveTheirPlaceInDebtsByAge(t *testing.T) {
	eachWholesale(t, func(t *testing.T, s *wholesale) {
		nam, tu, lan := s.customer("Năm"), s.customer("Tư", 10), s.customer("Lan", 0)
		s.pay("C", nam, "2026-11-10", 30) // in advance
		order := ask(s, sales.CreateOrder, &taphoa.OrderInput{
			BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(tu), OrderDetails: rice(s, 90), TotalPayment: taphoa.Some(taphoa.Dong(70_000)),
		})
		s.sell(tu, "2026-11-21", 40)
		ask(s, sales.CreateInvoice, &taphoa.InvoiceInput{ // a parcel, beside which she has credit
			BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(lan), InvoiceDetails: rice(s, 60),
			DeliveryDetail: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true)},
		})
		s.pay("C", lan, "2026-11-22", 20)
		before := map[string]string{"Năm": "0 0 0 0 0 30 0 -30", "Tư": "40 0 0 0 0 0 0 40"}
		after := map[string]string{"Năm": "0 0 0 0 0 30 0 -30", "Tư": "40 0 0 0 0 0 70 -30", "Lan": "60 0 0 0 0 20 0 40"}
		s.expectAges(s.ageing("C", "2026-11-21"), before, "40 0 0 0 0 30 0 10")
		s.expectAges(s.ageing("C", "2026-11-22"), after, "100 0 0 0 0 50 70 -20")
		s.clock.Set(when(t, "2026-11-24"))
		s.expectAges(s.ageing("C", "2026-11-22"), after, "100 0 0 0 0 50 70 -20")
		ask(s, sales.DeleteOrder, &taphoa.OrderDelete{ID: order.ID}) // the deposit is credit, which pays the invoice
		ended := map[string]string{"Năm": after["Năm"], "Tư": "0 0 0 0 0 30 0 -30", "Lan": "0 60 0 0 0 20 0 40"}
		s.expectAges(s.ageing("C", ""), ended, "0 60 0 0 0 80 0 -20")
		s.clock.Set(when(t, "2026-11-25"))
		s.expectAges(s.ageing("C", "2026-11-24"), ended, "0 60 0 0 0 80 0 -20")
	})
}

// rice are the lines of a sale of rice for thousands.
func rice(s *wholesale, thousands int64) []taphoa.DetailInput {
	return []taphoa.DetailInput{{ProductID: taphoa.Some(s.rice), Quantity: taphoa.Some(taphoa.Units(thousands))}}
}

// TestLaterDaysLeaveEarlierOnesAsTheyWere lets a shop sell, receive, take back and void at random, day by day, and notes the debts
// of each evening as what is open then says. They are found again from what was booked, whatever came later. Orders do not end: what
// is left of a deposit then pays older documents as of its own date.
func TestLaterDaysLeaveEarlierOnesAsTheyWere(t *testing.T) {
	eachWholesale(t, func(t *testing.T, s *wholesale) {
		random := rand.New(rand.NewPCG(14, uint64(len(t.Name()))))
		customers := []int64{s.customer("Một"), s.customer("Hai", 2), s.customer("Ba", 40)}
		var evenings []taphoa.Ageing
		var invoices []*taphoa.Invoice
		var receipts []int64
		for range 40 {
			today := s.clock.Now().String()[:10]
			for range 1 + random.IntN(4) {
				customer, amount := customers[random.IntN(len(customers))], 1+random.Int64N(200)
				switch random.IntN(9) {
				case 0, 1, 2:
					invoices = append(invoices, s.sell(customer, today, amount, amount*random.Int64N(3)/4))
				case 3, 4:
					receipts = append(receipts, s.pay("C", customer, today, amount).ID)
				case 5:
					receipts = append(receipts, s.pay("C", customer, today, -amount).ID)
				case 6:
					ask(s, sales.CreateOrder, &taphoa.OrderInput{
						BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(customer), TotalPayment: taphoa.Some(taphoa.Dong(amount * 500)),
						OrderDetails: rice(s, amount),
					})
				case 7:
					if len(receipts) > 0 {
						ask(s, debt.VoidCashFlow, &taphoa.ByID{ID: receipts[random.IntN(len(receipts))]})
					}
				case 8:
					if n := len(invoices); n > 0 {
						s.bring(invoices[n-1].ID, today, int64(invoices[n-1].Total/taphoa.Dong(1_000)))
						invoices = invoices[:n-1]
					}
				}
				s.clock.Advance(600)
			}
			evenings = append(evenings, s.ageing("C", ""))
			s.clock.Set(when(t, s.clock.Now().Add(24 * time.Hour).String()[:10]))
		}
		for _, want := range evenings {
			have := s.ageing("C", want.Date.String()[:10])
			if have.Timestamp = want.Timestamp; !reflect.DeepEqual(have, want) {
				t.Errorf("%v:\n%+v\nwas\n%+v", want.Date, have, want)
			}
		}
	})
}

func TestDebtsByAgeAreSortedAndPaged(t *testing.T) {
	eachWholesale(t, func(t *testing.T, s *wholesale) {
		for n, name := range []string{"Cúc", "An", "Bình"} {
			s.sell(s.customer(name), "2026-11-20", []int64{20, 30, 20}[n])
		}
		for _, c := range []struct {
			by, direction string
			want          string
		}{
			{"", "", "Cúc An Bình"},
			{"", "desc", "Bình An Cúc"},
			{"name", "", "An Bình Cúc"},
			{"Debt", "DESC", "An Bình Cúc"},
			{"days1To30", "asc", "Cúc Bình An"},
			{"code", "desc", "Bình An Cúc"},
			{"nothing", "", "Cúc An Bình"},
		} {
			for _, day := range []taphoa.Opt[taphoa.Time]{{}, taphoa.Some(when(t, "2026-11-21"))} {
				var names []string
				for at := int64(0); at < 4; at += 2 {
					v := ask(s, debt.ListAgeing, &taphoa.AgeingQuery{
						OffsetPaging: taphoa.OffsetPaging{PageSize: 2, CurrentItem: at}, OrderBy: c.by, OrderDirection: c.direction, PartnerType: " c", Date: day,
					})
					for _, r := range v.Data {
						names = append(names, r.Name)
					}
					if v.Total != 3 || v.PageSize != 2 || v.Sums.Debt != taphoa.Dong(70_000) {
						t.Errorf("the frame is %+v", v)
					}
				}
				if have := strings.Join(names, " "); have != c.want {
					t.Errorf("by %s %s: %s, want %s", c.by, c.direction, have, c.want)
				}
			}
		}
		err := s.d.Read(t.Context(), s.who, func(tx *db.Tx) error {
			_, err := debt.ListAgeing(tx, &taphoa.AgeingQuery{PartnerType: "O"})
			return err
		})
		if refusal, ok := errors.AsType[*taphoa.Error](err); !ok || refusal.Field != "partnerType" {
			t.Errorf("other partners: %v", err)
		}
	})
}

func TestTheOpenDocumentsOfAPartner(t *testing.T) {
	eachWholesale(t, func(t *testing.T, s *wholesale) {
		hoa, _ := s.hoa()
		ask(s, sales.CreateInvoice, &taphoa.InvoiceInput{
			BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(hoa), InvoiceDetails: rice(s, 60),
			DeliveryDetail: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true)},
		})
		in := &taphoa.OpenDocumentQuery{PartnerType: "c", PartnerID: hoa, OffsetPaging: taphoa.OffsetPaging{PageSize: 10}}
		show := func() (all []string) {
			v := ask(s, debt.ListOpenDocuments, in)
			for _, d := range v.Data {
				all = append(all, fmt.Sprintf("%s %s %s due %.10v, %d days", d.Type, d.Code, thousands(d.Open, d.Held), d.DueDate.Value, d.DaysOverdue))
			}
			return append(all, fmt.Sprint("of ", v.Total))
		}
		want := []string{
			"invoice HD000002 200 0 due 2026-10-15, 38 days", "invoice HD000003 200 0 due 2026-11-09, 13 days",
			"invoice HD000004 500 0 due 2026-12-01, 0 days", "invoice HD000005 60 60 due 2026-12-22, 0 days", "of 4",
		}
		if have := show(); !slices.Equal(have, want) {
			t.Errorf("%q", have)
		}
		in.PageSize, in.CurrentItem = 1, 1
		if have := show(); !slices.Equal(have, []string{want[1], "of 4"}) {
			t.Errorf("the second: %q", have)
		}
		in.PageSize, in.CurrentItem = 10, 0
		s.pay("C", hoa, "2026-11-22", 1_000) // 900 for what is not held, and 100 in advance
		if have := show(); !slices.Equal(have, []string{"payment TT000003 -100 0 due , 0 days", "invoice HD000005 60 60 due 2026-12-22, 0 days", "of 2"}) {
			t.Errorf("paid: %q", have)
		}
	})
}

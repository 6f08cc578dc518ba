package debt_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
)

// wholesale is a shop that sells rice at 1,000 a kilogram.
type wholesale struct {
	t            *testing.T
	d            *db.DB
	clock        *dbtest.Clock
	who          db.Actor
	branch, rice int64
}

func eachWholesale(t *testing.T, test func(t *testing.T, s *wholesale)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := &wholesale{t: t, d: d, clock: clock}
		s.write(func(tx *db.Tx) error {
			shop, err := org.CreateShop(tx, "taphoa", "Tạp hoá")
			s.who = db.Actor{Retailer: shop.RetailerID, User: tx.User}
			return err
		})
		s.branch = ask(s, org.ListBranches, &taphoa.BranchQuery{Paging: taphoa.Paging{PageSize: 10}}).Data[0].ID
		s.rice = ask(s, catalog.CreateProduct, &taphoa.ProductInput{
			Name: taphoa.Some("Gạo"), BasePrice: taphoa.Some(taphoa.Dong(1_000)), Inventories: []taphoa.InventoryInput{{
				BranchID: s.branch, OnHand: taphoa.Some(taphoa.Units(100_000)), Cost: taphoa.Some(taphoa.Dong(800)),
			}},
		}).ID
		test(t, s)
	})
}

func (s *wholesale) write(op func(*db.Tx) error) {
	s.t.Helper()
	if err := s.d.Write(s.t.Context(), s.who, op); err != nil {
		s.t.Fatal(err)
	}
}

// ask runs an operation that must succeed.
func ask[In, Out any](s *wholesale, op func(*db.Tx, In) (Out, error), in In) (out Out) {
	s.t.Helper()
	s.write(func(tx *db.Tx) (err error) {
		out, err = op(tx, in)
		return err
	})
	return out
}

// when is nine in the morning of a day.
func when(t *testing.T, day string) taphoa.Time {
	t.Helper()
	at, err := taphoa.ParseTime(day + "T09:00:00")
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func (s *wholesale) customer(name string, days ...int64) int64 {
	s.t.Helper()
	in := &taphoa.CustomerInput{Name: taphoa.Some(name)}
	for _, d := range days {
		in.PaymentDays = taphoa.Some(d)
	}
	return ask(s, party.CreateCustomer, in).ID
}

// sell sells rice for thousands on a day; what is paid at once comes after it.
func (s *wholesale) sell(customer int64, day string, thousands int64, paid ...int64) *taphoa.Invoice {
	s.t.Helper()
	in := &taphoa.InvoiceInput{
		BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(customer), PurchaseDate: taphoa.Some(when(s.t, day)),
		InvoiceDetails: []taphoa.DetailInput{{ProductID: taphoa.Some(s.rice), Quantity: taphoa.Some(taphoa.Units(thousands))}},
	}
	for _, p := range paid {
		in.TotalPayment = taphoa.Some(taphoa.Dong(p * 1_000))
	}
	return ask(s, sales.CreateInvoice, in)
}

// bring takes rice of an invoice back for thousands.
func (s *wholesale) bring(invoice int64, day string, thousands int64) *taphoa.Return {
	s.t.Helper()
	return ask(s, sales.CreateReturn, &taphoa.ReturnInput{
		InvoiceID: taphoa.Some(invoice), ReturnDate: taphoa.Some(when(s.t, day)), ReturnDetails: []taphoa.ReturnDetailInput{{
			DetailInput: taphoa.DetailInput{ProductID: taphoa.Some(s.rice), Quantity: taphoa.Some(taphoa.Units(thousands))},
		}},
	})
}

// pay books a free receipt of thousands of a partner; a negative one is a payment.
func (s *wholesale) pay(letter string, partner int64, day string, thousands int64) taphoa.CashFlow {
	s.t.Helper()
	return ask(s, debt.CreateCashFlow, &taphoa.CashFlowInput{
		BranchID: taphoa.Some(s.branch), Amount: taphoa.Some(taphoa.Dong(thousands * 1_000)), PartnerType: taphoa.Some(letter),
		PartnerID: taphoa.Some(partner), TransDate: taphoa.Some(when(s.t, day)),
	})
}

func (s *wholesale) ageing(letter, day string) taphoa.Ageing {
	s.t.Helper()
	q := &taphoa.AgeingQuery{PartnerType: letter, OffsetPaging: taphoa.OffsetPaging{PageSize: 100}}
	if day != "" {
		q.Date = taphoa.Some(when(s.t, day))
	}
	return ask(s, debt.ListAgeing, q)
}

// thousands are amounts without their zeros.
func thousands(amounts ...taphoa.Money) string {
	texts := make([]string, len(amounts))
	for i, a := range amounts {
		texts[i] = fmt.Sprint(int64(a / taphoa.Dong(1_000)))
	}
	return strings.Join(texts, " ")
}

// row is an ageing in thousands: not due, 1–30, 31–60, 61–90 and over 90 days, credit, deposits and debt.
func row(a taphoa.AgeingSums) string {
	return thousands(a.NotDue, a.Days1To30, a.Days31To60, a.Days61To90, a.DaysOver90, a.Credit, a.Deposits, a.Debt)
}

// expectAges compares an ageing with rows in thousands by name, and the sums; the members of each are the debt.
func (s *wholesale) expectAges(a taphoa.Ageing, want map[string]string, sums string) {
	s.t.Helper()
	day := a.Date.String()[:10]
	for _, r := range a.Data {
		if want[r.Name] != row(r.AgeingSums) {
			s.t.Errorf("%s: %s has %s, want %s", day, r.Name, row(r.AgeingSums), want[r.Name])
		}
		s.adds(day, r.AgeingSums)
	}
	if len(a.Data) != len(want) || int(a.Total) != len(want) {
		s.t.Errorf("%s: %d partners of %d, want %d", day, len(a.Data), a.Total, len(want))
	}
	if s.adds(day, a.Sums); row(a.Sums) != sums {
		s.t.Errorf("%s: the sums are %s, want %s", day, row(a.Sums), sums)
	}
}

func (s *wholesale) adds(day string, a taphoa.AgeingSums) {
	s.t.Helper()
	if a.NotDue+a.Days1To30+a.Days31To60+a.Days61To90+a.DaysOver90-a.Credit-a.Deposits != a.Debt {
		s.t.Errorf("%s: %s does not add up", day, row(a))
	}
}

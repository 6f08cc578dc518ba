package sales_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
)

// eventsOf counts the events of a type since the last call, and the records in them, of which it returns the ids.
func (s *store) eventsOf(kind string, after *int64) (events int, ids []int64) {
	s.t.Helper()
	feed := do(s, event.Feed, &taphoa.EventQuery{After: taphoa.Some(*after), Limit: taphoa.EventLimitMax})
	*after = feed.Next
	for _, e := range feed.Data {
		var records []struct {
			ID int64 `json:"Id"`
		}
		if e.Type != kind {
			continue
		}
		if err := json.Unmarshal(e.Data, &records); err != nil {
			s.t.Fatal(err)
		}
		events++
		for _, r := range records {
			ids = append(ids, r.ID)
		}
	}
	return events, ids
}

// poller learns of customers by their events and by lastModifiedFrom.
type poller struct {
	s     *store
	after int64
}

func (s *store) poll() *poller {
	f := &poller{s: s}
	s.eventsOf("customer.update", &f.after)
	return f
}

// sees runs an operation and checks that the customer is told of in just one event, or that none is told of.
func (f *poller) sees(when string, told bool, op func()) {
	s := f.s
	s.t.Helper()
	s.clock.Advance(60)
	before := s.get(s.customer)
	op()
	events, ids := s.eventsOf("customer.update", &f.after)
	now := s.get(s.customer)
	modified := do(s, party.ListCustomers, &taphoa.CustomerQuery{
		Paging: taphoa.Paging{PageSize: 10}, LastModifiedFrom: taphoa.Some(s.clock.Now()),
	}).Data
	if !told {
		if events != 0 || len(modified) != 0 || now.ModifiedDate != before.ModifiedDate || now.Debt != before.Debt {
			s.t.Errorf("%s: %d events, %d modified, debt %v to %v", when, events, len(modified), before.Debt, now.Debt)
		}
		return
	}
	if events != 1 || len(ids) != 1 || ids[0] != s.customer || len(modified) != 1 || modified[0].ID != s.customer ||
		now.ModifiedDate != taphoa.Some(s.clock.Now()) || now.Debt == before.Debt {
		s.t.Errorf("%s: %d events of %v, %d modified, modified %v, debt %v to %v", when, events, ids, len(modified), now.ModifiedDate, before.Debt, now.Debt)
	}
}

func TestWhoHasMovedIsToldOnce(t *testing.T) {
	inStore(t, []string{"RewardPointRate", "10000"}, func(t *testing.T, s *store) {
		f := s.poll()
		two := []taphoa.DetailInput{line(s.coffee, 2)} // 100,000
		var paid, owed *taphoa.Invoice
		f.sees("paid at once", false, func() {
			paid = s.invoice(taphoa.InvoiceInput{InvoiceDetails: two, TotalPayment: dong(100_000)})
		})
		f.sees("on credit", true, func() { owed = s.invoice(taphoa.InvoiceInput{InvoiceDetails: two}) })
		f.sees("a note", false, func() { s.change(owed, taphoa.InvoiceInput{Description: taphoa.Some("giao chiều")}) })
		f.sees("another line", true, func() {
			s.change(owed, taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 3)}})
		})
		f.sees("a payment", true, func() {
			do(s, sales.PayInvoice, &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(owed.ID), Amount: dong(40_000)})
		})
		receipt := taphoa.CashFlowInput{
			BranchID: taphoa.Some(s.branch), Amount: dong(150_000), PartnerType: taphoa.Some("C"), PartnerID: taphoa.Some(s.customer),
		}
		var flow taphoa.CashFlow
		f.sees("a receipt", true, func() { flow = do(s, debt.CreateCashFlow, &receipt) })
		s.expect("40,000 too much", 95, 0, -40_000)
		f.sees("a void receipt", true, func() { do(s, debt.VoidCashFlow, &taphoa.ByID{ID: flow.ID}) })
		income := receipt
		income.UsedForFinancialReporting = taphoa.Some[int64](1)
		f.sees("no debt", false, func() { do(s, debt.CreateCashFlow, &income) })
		f.sees("back on credit", true, func() { s.bring(owed, taphoa.ReturnInput{}, back(s.coffee, 1)) })
		f.sees("paid back", false, func() {
			s.bring(paid, taphoa.ReturnInput{TotalPayment: dong(50_000)}, back(s.coffee, 1))
		})
		s.expect("60,000 are open", 97, 0, 60_000)
		f.sees("an order", false, func() { s.order(taphoa.OrderInput{OrderDetails: two}) })
		var o *taphoa.Order
		f.sees("a deposit", true, func() { o = s.order(taphoa.OrderInput{OrderDetails: two, TotalPayment: dong(30_000)}) })
		f.sees("the order is invoiced", true, func() { do(s, sales.UpdateOrder, makeInvoice(o.ID)) })
		f.sees("an order with its invoice", true, func() { s.order(taphoa.OrderInput{OrderDetails: two, MakeInvoice: true}) })
		f.sees("one that is paid", false, func() {
			s.order(taphoa.OrderInput{OrderDetails: two, MakeInvoice: true, TotalPayment: dong(100_000)})
		})
		var kept *taphoa.Invoice
		f.sees("paid once more", false, func() { kept = s.invoice(taphoa.InvoiceInput{InvoiceDetails: two, TotalPayment: dong(100_000)}) })
		f.sees("a void with its payment", false, func() { do(s, sales.DeleteInvoice, &taphoa.InvoiceDelete{ID: kept.ID, IsVoidPayment: true}) })
		kept = s.invoice(taphoa.InvoiceInput{InvoiceDetails: two, TotalPayment: dong(100_000)})
		f.sees("a void that keeps the money", true, func() { do(s, sales.DeleteInvoice, &taphoa.InvoiceDelete{ID: kept.ID}) })
		f.sees("a walk-in", false, func() { s.invoice(taphoa.InvoiceInput{CustomerID: taphoa.Some[int64](0), InvoiceDetails: two}) })
	})
}

func makeInvoice(id int64) *taphoa.OrderUpdate {
	return &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: id}, OrderInput: taphoa.OrderInput{MakeInvoice: true}}
}

func TestWhoIsNewIsToldOfOnceAndWhoIsDeletedNoMore(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		f := s.poll()
		s.clock.Advance(60)
		in := taphoa.InvoiceInput{
			CustomerID: taphoa.Null[int64](), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)},
			Customer: &taphoa.DocumentCustomer{Name: taphoa.Some("Anh Tư"), ContactNumber: taphoa.Some("0911111111")},
		}
		v := s.invoice(in)
		events, ids := s.eventsOf("customer.update", &f.after)
		newcomer := s.get(v.CustomerID.Value)
		if events != 1 || len(ids) != 1 || ids[0] != newcomer.ID || newcomer.ModifiedDate.Has() || newcomer.Debt != taphoa.Dong(100_000) {
			t.Errorf("%d events of %v, the customer is %+v", events, ids, newcomer)
		}
		do(s, sales.PayInvoice, &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(v.ID), Amount: dong(100_000)})
		do(s, party.DeleteCustomer, &taphoa.ByID{ID: newcomer.ID})
		deleted := s.clock.Now()
		s.eventsOf("customer.update", &f.after)
		s.clock.Advance(60)
		do(s, sales.DeleteInvoice, &taphoa.InvoiceDelete{ID: v.ID}) // his 100,000 are credit
		if events, ids := s.eventsOf("customer.update", &f.after); events != 0 {
			t.Errorf("the events have %v", ids)
		}
		s.read(func(tx *db.Tx) error {
			changed, _, err := db.One[taphoa.Time](tx, `SELECT changed_at FROM customers WHERE retailer_id = :retailer AND id = ?`, newcomer.ID)
			if changed != deleted {
				t.Errorf("the deleted customer has changed at %v, want %v", changed, deleted)
			}
			return err
		})
	})
}

func TestASaleThatIsPaidAtOnceCostsNoStatementMore(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, TotalPayment: dong(100_000)}) // fills what is kept
		count := func(payment int64) (all int, ofCustomers []string) {
			in := taphoa.InvoiceInput{
				BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.customer), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)},
				TotalPayment: dong(payment),
			}
			ctx := db.WithTrace(t.Context(), &db.Trace{Statement: func(sql string, _ []any) {
				all++
				if strings.Contains(sql, "customers") {
					ofCustomers = append(ofCustomers, strings.Join(strings.Fields(sql), " "))
				}
			}})
			err := s.d.Write(ctx, s.who, func(tx *db.Tx) error {
				_, err := sales.CreateInvoice(tx, &in)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return all, ofCustomers
		}
		paid, asked := count(100_000)
		if len(asked) != 2 || !strings.HasPrefix(asked[0], "SELECT") || !strings.HasPrefix(asked[1], "UPDATE") || strings.Contains(asked[1], "modified_date") {
			t.Errorf("paid at once: %q", asked)
		}
		owed, asked := count(0)
		if len(asked) != 3 || !strings.Contains(asked[1], "total_invoiced = total_invoiced + ") || !strings.Contains(asked[1], "modified_date") {
			t.Errorf("on credit: %q", asked)
		}
		t.Logf("%d statements for a sale that is paid, %d for one on credit", paid, owed)
	})
}

func TestASupplierWhoseDebtHasMovedIsToldOnce(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		id := do(s, party.CreateSupplier, &taphoa.SupplierInput{Name: taphoa.Some("Vinamilk")}).ID
		var after int64
		s.eventsOf("supplier.update", &after)
		told := func(when string, want int, op func()) {
			t.Helper()
			s.clock.Advance(60)
			op()
			events, ids := s.eventsOf("supplier.update", &after)
			found := do(s, party.ListSuppliers, &taphoa.SupplierQuery{
				Paging: taphoa.Paging{PageSize: 10}, LastModifiedFrom: taphoa.Some(s.clock.Now()),
			}).Data
			if events != want || len(ids) != want || len(found) != want || want == 1 && (ids[0] != id || found[0].ModifiedDate != taphoa.Some(s.clock.Now())) {
				t.Errorf("%s: %d events of %v, %+v is modified", when, events, ids, found)
			}
		}
		payment := taphoa.CashFlowInput{
			BranchID: taphoa.Some(s.branch), Amount: dong(-500_000), PartnerType: taphoa.Some("S"), PartnerID: taphoa.Some(id),
		}
		var flow taphoa.CashFlow
		told("an advance", 1, func() { flow = do(s, debt.CreateCashFlow, &payment) })
		told("a void one", 1, func() { do(s, debt.VoidCashFlow, &taphoa.ByID{ID: flow.ID}) })
		told("void again", 0, func() { do(s, debt.VoidCashFlow, &taphoa.ByID{ID: flow.ID}) })
		told("an expense", 0, func() {
			payment.UsedForFinancialReporting = taphoa.Some[int64](1)
			do(s, debt.CreateCashFlow, &payment)
		})
	})
}

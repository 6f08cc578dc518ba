package sales_test

import (
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales"
)

const day = 24 * time.Hour

// receipts are the dates and amounts of the cash book, by the order of entries.
func (s *store) receipts() (all []taphoa.CashFlow) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		page, err := cash.ListCashFlow(tx, &taphoa.CashFlowQuery{Paging: taphoa.Paging{PageSize: 100, OrderBy: "id", OrderDirection: "asc"}})
		all = page.Data
		return err
	})
	return all
}

// booked checks when the entries of the cash book are dated, from the first to the last.
func (s *store) booked(when string, want ...taphoa.Time) {
	s.t.Helper()
	entries := s.receipts()
	if len(entries) != len(want) {
		s.t.Errorf("%s: %d entries, want %d", when, len(entries), len(want))
		return
	}
	for i, e := range entries {
		if e.TransDate != want[i] {
			s.t.Errorf("%s: entry %d of %v is dated %v, want %v", when, i+1, e.Amount, e.TransDate, want[i])
		}
	}
	s.balanced()
}

// TestMoneyIsDatedLikeItsDocument: what the request for a document books is in the cash book of the document's day, but
// never later than now. What comes later is of its own day. Moving the document moves what came with it.
func TestMoneyIsDatedLikeItsDocument(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		now := s.clock.Now()
		october, christmas := now.Add(-34*day), now.Add(33*day)
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, PurchaseDate: taphoa.Some(october), TotalPayment: dong(40_000)})
		s.booked("an invoice of October", october)
		s.clock.Advance(60)
		now = s.clock.Now()
		own := taphoa.PaymentInput{Method: "Cash", Amount: taphoa.Dong(10_000), TransDate: taphoa.Some(october.Add(3 * day))}
		s.write(func(tx *db.Tx) error {
			_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{
				TotalPayment: dong(60_000), Payments: []taphoa.PaymentInput{own},
			}})
			return err
		})
		s.booked("paid on: now, and with a date of its own", october, now, october.Add(3*day))
		s.write(func(tx *db.Tx) error {
			_, err := sales.PayInvoice(tx, &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(v.ID), Amount: dong(10_000), Method: "cash"})
			if err == nil {
				_, err = sales.PayInvoice(tx, &taphoa.InvoicePaymentInput{
					InvoiceID: taphoa.Some(v.ID), Amount: dong(20_000), Method: "cash", TransDate: taphoa.Some(october.Add(day)),
				})
			}
			return err
		})
		s.booked("by POST /payments", october, now, october.Add(3*day), now, october.Add(day))
		s.write(func(tx *db.Tx) error {
			in := taphoa.InvoiceInput{PurchaseDate: taphoa.Some(october.Add(-day))}
			_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: in})
			return err
		})
		s.booked("the invoice is moved", october.Add(-day), now, october.Add(3*day), now, october.Add(day))
		s.write(func(tx *db.Tx) error {
			in := taphoa.InvoiceInput{PurchaseDate: taphoa.Some(christmas)}
			_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: in})
			return err
		})
		s.booked("it is moved to Christmas", now, now, october.Add(3*day), now, october.Add(day))
		s.write(func(tx *db.Tx) error {
			in := taphoa.InvoiceInput{PurchaseDate: taphoa.Some(october)}
			_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: in})
			return err
		})
		s.booked("and back", october, now, october.Add(3*day), now, october.Add(day))
	})
}

// TestADepositKeepsTheDateOfItsOrder, also when the order becomes an invoice. The deposit for Christmas is today's.
func TestADepositKeepsTheDateOfItsOrder(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		now := s.clock.Now()
		october := now.Add(-34 * day)
		s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 1)}, PurchaseDate: taphoa.Some(now.Add(33 * day)), TotalPayment: dong(5_000)})
		o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 1)}, PurchaseDate: taphoa.Some(october), TotalPayment: dong(10_000)})
		s.booked("two deposits", now, october)
		s.clock.Advance(60)
		later := s.clock.Now()
		s.write(func(tx *db.Tx) error {
			_, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}, OrderInput: taphoa.OrderInput{TotalPayment: dong(30_000)}})
			return err
		})
		s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), TotalPayment: dong(20_000), PurchaseDate: taphoa.Some(october.Add(day))})
		s.booked("one is invoiced", now, october, later, october.Add(day))
		s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 1)}, PurchaseDate: taphoa.Some(october), TotalPayment: dong(50_000), MakeInvoice: true})
		s.booked("makeInvoice is now", now, october, later, october.Add(day), later)
		moved := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 1)}, PurchaseDate: taphoa.Some(october), TotalPayment: dong(7_000)})
		s.write(func(tx *db.Tx) error {
			in := taphoa.OrderInput{PurchaseDate: taphoa.Some(october.Add(2 * day))}
			_, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: moved.ID}, OrderInput: in})
			return err
		})
		s.booked("an order is moved", now, october, later, october.Add(day), later, october.Add(2*day))
	})
}

// TestWhatIsPaidBackIsDatedLikeTheReturn, and what is collected on delivery is of the day on which it comes.
func TestWhatIsPaidBackIsDatedLikeTheReturn(t *testing.T) {
	inStore(t, []string{"UseCod", "true"}, func(t *testing.T, s *store) {
		now := s.clock.Now()
		october := now.Add(-34 * day)
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2)}, PurchaseDate: taphoa.Some(october), TotalPayment: dong(100_000)})
		r := s.bring(v, taphoa.ReturnInput{ReturnDate: taphoa.Some(october.Add(day)), TotalPayment: dong(50_000)}, back(s.coffee, 1))
		s.booked("a return of October", october, october.Add(day))
		s.write(func(tx *db.Tx) error {
			_, err := sales.UpdateReturn(tx, &taphoa.ReturnUpdate{ByID: taphoa.ByID{ID: r.ID}, ReturnInput: taphoa.ReturnInput{ReturnDate: taphoa.Some(october.Add(2 * day))}})
			return err
		})
		s.booked("it is moved", october, october.Add(2*day))
		cod := &taphoa.DeliveryInput{Receiver: taphoa.Some("Lan"), UsingPriceCod: taphoa.Some(true), Status: taphoa.Some[int64](taphoa.DeliveryDelivered)}
		s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}, PurchaseDate: taphoa.Some(october), DeliveryDetail: cod})
		s.booked("collected on delivery", october, october.Add(2*day), now)
	})
}

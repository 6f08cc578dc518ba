package sales_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/sales"
)

// receipt enters a receipt of the store's customer that belongs to no document, or with a negative amount a payment, n days ago.
func (s *store) receipt(amount, daysAgo int64, documents ...taphoa.PaidDocumentInput) taphoa.CashFlow {
	s.t.Helper()
	return do(s, debt.CreateCashFlow, s.entry(amount, daysAgo, documents...))
}

func (s *store) entry(amount, daysAgo int64, documents ...taphoa.PaidDocumentInput) *taphoa.CashFlowInput {
	return &taphoa.CashFlowInput{
		BranchID: taphoa.Some(s.branch), Amount: dong(amount), PartnerType: taphoa.Some("C"), PartnerID: taphoa.Some(s.customer), Documents: documents,
		TransDate: taphoa.Some(s.clock.Now() - taphoa.Time(daysAgo*24*3600*1_000_000)),
	}
}

// sold is an invoice over n cups of coffee at 50,000, n days ago.
func (s *store) sold(cups, daysAgo int64, in taphoa.InvoiceInput) *taphoa.Invoice {
	s.t.Helper()
	in.InvoiceDetails = []taphoa.DetailInput{line(s.coffee, cups)}
	in.PurchaseDate = taphoa.Some(s.clock.Now() - taphoa.Time(daysAgo*24*3600*1_000_000))
	return s.invoice(in)
}

// paid checks what an invoice shows as paid: by payments, and by allocations.
func (s *store) paid(when string, v *taphoa.Invoice, payments, allocations int64) *taphoa.Invoice {
	s.t.Helper()
	now := s.look(v)
	var byMoney, byOthers taphoa.Money
	for _, p := range now.Payments {
		if p.Status == taphoa.PaymentPaid {
			byMoney += p.Amount
		}
	}
	for _, a := range now.Allocations {
		byOthers += a.Amount
	}
	if byMoney != taphoa.Dong(payments) || byOthers != taphoa.Dong(allocations) || now.TotalPayment != byMoney+byOthers {
		s.t.Errorf("%s: %s of %v shows %v paid, by money %v and by others %v; want %d and %d", when, now.Code, now.Total, now.TotalPayment,
			byMoney, byOthers, payments, allocations)
	}
	return now
}

func (s *store) pays(v *taphoa.Invoice, amount int64) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := sales.PayInvoice(tx, &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(v.ID), Amount: dong(amount), Method: "Cash"})
		return err
	}
}

func TestAFreeReceiptPaysTheOldestInvoices(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		second, first := s.sold(4, 5, taphoa.InvoiceInput{}), s.sold(6, 9, taphoa.InvoiceInput{})
		e := s.receipt(300_000+50_000, 2)
		s.paid("of nine days ago", first, 300_000, 0)
		s.paid("of five days ago", second, 50_000, 0)
		if len(e.Documents) != 2 || e.Documents[0] != (taphoa.PaidDocument{Type: "invoice", ID: first.ID, Code: first.Code, Amount: taphoa.Dong(300_000)}) ||
			e.Documents[1].Code != second.Code || e.Documents[1].Amount != taphoa.Dong(50_000) || e.Amount != taphoa.Dong(350_000) {
			t.Errorf("the receipt is %+v", e)
		}
		s.refusedLike("chỉ còn nợ 150000, không thể thu 340000", s.pays(second, 340_000))
		s.refusedLike("không còn nợ", s.pays(first, 1))
		s.expect("in part", 90, 0, 150_000)

		do(s, debt.VoidCashFlow, &taphoa.ByID{ID: e.ID})
		s.paid("voided", first, 0, 0)
		s.paid("voided", second, 0, 0)
		s.expect("voided", 90, 0, 500_000)
		s.receipt(600_000, 0)
		s.paid("beyond the debt", first, 300_000, 0)
		s.paid("beyond the debt", second, 200_000, 0)
		s.expect("beyond the debt", 90, 0, -100_000)
		third := s.sold(3, 0, taphoa.InvoiceInput{TotalPayment: dong(20_000)})
		s.paid("takes what is left", third, 120_000, 0)
		s.expect("all spent", 87, 0, 30_000)
	})
}

func TestAnExchangeIsSettledToTheLastDong(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		old := s.sold(19, 3, taphoa.InvoiceInput{TotalPayment: dong(950_000)})
		r := s.bring(old, taphoa.ReturnInput{})
		s.expect("brought back", 100, 0, -950_000)
		v := s.sold(20, 0, taphoa.InvoiceInput{TotalPayment: dong(50_000)})
		now := s.paid("exchanged", v, 50_000, 950_000)
		if a := now.Allocations[0]; a.Document != "return" || a.ID != r.ID || a.Code != r.Code {
			t.Errorf("the rest is paid by %+v", a)
		}
		s.read(func(tx *db.Tx) error {
			r, err := sales.GetReturn(tx, &taphoa.ByID{ID: r.ID})
			if r.TotalPayment != 0 || len(r.Allocations) != 1 || r.Allocations[0].Code != v.Code || r.Allocations[0].Document != "invoice" {
				t.Errorf("the return has paid %v, %+v", r.TotalPayment, r.Allocations)
			}
			return err
		})
		s.refusedLike("không còn nợ", s.pays(v, 950_000))
		s.expect("settled", 80, 0, 0)
		s.refusedLike("chỉ còn 0 chưa trả khách", func(tx *db.Tx) error { // the credit is spent
			_, err := sales.UpdateReturn(tx, &taphoa.ReturnUpdate{ByID: taphoa.ByID{ID: r.ID}, ReturnInput: taphoa.ReturnInput{TotalPayment: dong(1)}})
			return err
		})
		do(s, sales.DeleteInvoice, &taphoa.InvoiceDelete{ID: v.ID, IsVoidPayment: true})
		s.expect("voided", 100, 0, -950_000)
	})
}

// TestADepositPaysTheInvoicesOfItsOrderInTurn, each at most what it leaves open.
func TestADepositPaysTheInvoicesOfItsOrderInTurn(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 6)}, TotalPayment: dong(150_000)})
		older := s.sold(1, 9, taphoa.InvoiceInput{})
		s.expect("the deposit is the order's", 99, 6, -100_000)
		s.paid("beside a deposit", older, 0, 0)
		first := s.partOf(o, s.coffee, taphoa.Units(2))
		s.paid("the first", first, 100_000, 0)
		second := s.partOf(o, s.coffee, taphoa.Units(4))
		s.paid("the second", second, 50_000, 0)
		s.refusedLike("chỉ còn nợ 150000", s.pays(second, 200_000))
		s.expect("both", 93, 0, 200_000)
		do(s, sales.DeleteInvoice, &taphoa.InvoiceDelete{ID: first.ID})
		s.paid("what the first had", second, 150_000, 0)
		s.read(func(tx *db.Tx) error {
			now, err := sales.GetOrder(tx, &taphoa.ByID{ID: o.ID})
			if now.TotalPayment != taphoa.Dong(150_000) || now.Status != taphoa.OrderDelivering {
				t.Errorf("the order is %s and paid %v", now.StatusValue, now.TotalPayment)
			}
			return err
		})
		s.expect("the first is void", 95, 2, 100_000)
		do(s, sales.DeleteInvoice, &taphoa.InvoiceDelete{ID: second.ID})
		do(s, sales.DeleteOrder, &taphoa.OrderDelete{ID: o.ID})
		s.paid("the order has ended, and its deposit is credit", older, 50_000, 0)
		s.expect("ended", 99, 0, -100_000)
	})
}

func TestWhatIsCollectedOnDeliveryIsLeftOut(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		parcel := s.sold(2, 5, taphoa.InvoiceInput{DeliveryDetail: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true)}})
		s.receipt(100_000, 1)
		s.paid("beside a free receipt", parcel, 0, 0)
		s.expect("sent", 98, 0, 0)
		s.write(s.pays(parcel, 40_000))
		now := s.paid("by name", parcel, 40_000, 0)
		if cod := now.InvoiceDelivery.PriceCodPayment.Value; cod != taphoa.Dong(60_000) {
			t.Errorf("%v are still to be collected", cod)
		}
		now = s.change(now, taphoa.InvoiceInput{DeliveryDetail: &taphoa.DeliveryInput{PriceCodPayment: now.InvoiceDelivery.PriceCodPayment}, TotalPayment: taphoa.Some(now.TotalPayment)})
		if s.paid("sent back as it was read", now, 40_000, 0); now.InvoiceDelivery.PriceCodPayment.Value != taphoa.Dong(60_000) {
			t.Errorf("then %v", now.InvoiceDelivery.PriceCodPayment)
		}
		s.change(parcel, taphoa.InvoiceInput{DeliveryDetail: inState(3)})
		s.paid("arrived", parcel, 100_000, 0)
		s.expect("the receipt is still credit", 98, 0, -100_000)

		lost := s.sold(1, 0, taphoa.InvoiceInput{DeliveryDetail: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true)}})
		s.paid("sent", lost, 0, 0)
		s.change(lost, taphoa.InvoiceInput{DeliveryDetail: inState(6)})
		s.paid("not delivered, and owed", lost, 50_000, 0)
	})
}

// TestATotalThatFallsBelowWhatIsPaidFreesTheYoungest allocation first, which pays what else is open.
func TestATotalThatFallsBelowWhatIsPaidFreesTheYoungest(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		v := s.sold(10, 9, taphoa.InvoiceInput{TotalPayment: dong(200_000)})
		s.clock.Advance(60)
		r := s.receipt(300_000, 0)
		s.clock.Advance(60)
		other := s.sold(4, 0, taphoa.InvoiceInput{})
		s.paid("all", v, 500_000, 0)
		v = s.change(v, taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 7)}})
		s.paid("three cups less", v, 350_000, 0)
		s.paid("what was freed", other, 150_000, 0)
		v = s.change(v, taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 8)}})
		s.paid("one cup more", v, 350_000, 0)
		s.expect("in the end", 88, 0, 100_000)
		s.read(func(tx *db.Tx) error {
			e, err := cash.GetCashFlow(tx, &taphoa.ByID{ID: r.ID})
			if len(e.Documents) != 2 || e.Documents[0].Amount+e.Documents[1].Amount != taphoa.Dong(300_000) {
				t.Errorf("the receipt pays %+v", e.Documents)
			}
			return err
		})
	})
}

// TestAPayoutSettlesCredit, the oldest first; beyond it the customer owes it.
func TestAPayoutSettlesCredit(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		v := s.sold(4, 9, taphoa.InvoiceInput{TotalPayment: dong(200_000)})
		r := s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 2))
		payout := s.receipt(-150_000, 0)
		if len(payout.Documents) != 1 || payout.Documents[0].Code != r.Code || payout.Documents[0].Amount != taphoa.Dong(100_000) {
			t.Errorf("the payout is of %+v", payout.Documents)
		}
		s.read(func(tx *db.Tx) error {
			now, err := sales.GetReturn(tx, &taphoa.ByID{ID: r.ID})
			if now.TotalPayment != taphoa.Dong(100_000) || len(now.Payments) != 1 || now.Payments[0].Amount != -taphoa.Dong(100_000) {
				t.Errorf("the return has paid out %v by %+v", now.TotalPayment, now.Payments)
			}
			return err
		})
		s.expect("50,000 too much", 98, 0, 50_000)
		s.receipt(80_000, 0)
		s.expect("paid back, and more", 98, 0, -30_000)
		s.paid("the next takes the rest", s.sold(1, 0, taphoa.InvoiceInput{}), 30_000, 0)
	})
}

func TestAReceiptPaysWhatItNames(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		old, named := s.sold(2, 9, taphoa.InvoiceInput{}), s.sold(4, 1, taphoa.InvoiceInput{})
		name := func(v *taphoa.Invoice, amount taphoa.Opt[taphoa.Money]) taphoa.PaidDocumentInput {
			return taphoa.PaidDocumentInput{Type: "invoice", ID: taphoa.Some(v.ID), Amount: amount}
		}
		none := taphoa.Opt[taphoa.Money]{}
		for words, in := range map[string]*taphoa.CashFlowInput{
			"chỉ còn nợ 200000, không thể trả 200001": s.entry(300_000, 0, name(named, dong(200_001))),
			"không quá 100000 còn lại của phiếu":      s.entry(100_000, 0, name(named, dong(100_001))),
			"không còn nợ hoặc không phải":            s.entry(100_000, 0, taphoa.PaidDocumentInput{Type: "invoice", ID: taphoa.Some[int64](99)}),
			"phải lớn hơn 0":                          s.entry(100_000, 0, name(named, dong(0))),
		} {
			s.refusedLike(words, func(tx *db.Tx) error {
				_, err := debt.CreateCashFlow(tx, in)
				return err
			})
		}
		s.receipt(150_000, 0, name(named, dong(120_000)))
		s.paid("named", named, 120_000, 0)
		s.paid("the rest", old, 30_000, 0)
		s.receipt(100_000, 0, name(named, none))
		s.paid("all that it leaves open", named, 200_000, 0)
		s.paid("and then the oldest", old, 50_000, 0)
		s.expect("in the end", 94, 0, 50_000)
	})
}

// TestTotalPaymentIsComparedWithTheInvoicesOwnReceipts, and what comes back as it was read says nothing.
func TestTotalPaymentIsComparedWithTheInvoicesOwnReceipts(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		v := s.sold(6, 2, taphoa.InvoiceInput{})
		s.receipt(100_000, 1)
		v = s.paid("by a free receipt", v, 100_000, 0)
		v = s.change(v, taphoa.InvoiceInput{TotalPayment: taphoa.Some(v.TotalPayment)})
		s.paid("read and sent back", v, 100_000, 0)
		v = s.change(v, taphoa.InvoiceInput{TotalPayment: dong(50_000)})
		s.paid("50,000 were received for it", v, 150_000, 0)
		v = s.change(v, taphoa.InvoiceInput{TotalPayment: dong(50_000)})
		s.paid("sent twice", v, 150_000, 0)
		s.expect("in the end", 94, 0, 150_000)
		s.refusedLike("không thể giảm xuống 40000", updateInvoice(v.ID, taphoa.InvoiceInput{TotalPayment: dong(40_000)}))
	})
}

func TestTwoClientsPayAnInvoiceAtOnce(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		v := s.sold(2, 0, taphoa.InvoiceInput{})
		var group sync.WaitGroup
		refusals := make(chan string, 2)
		for range 2 {
			group.Go(func() {
				err := s.d.Write(t.Context(), s.who, s.pays(v, 60_000))
				if refusal := (*taphoa.Error)(nil); errors.As(err, &refusal) {
					refusals <- refusal.Message
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		close(refusals)
		var said []string
		for words := range refusals {
			said = append(said, words)
		}
		if len(said) != 1 || !strings.Contains(said[0], "chỉ còn nợ 40000, không thể thu 60000") {
			t.Errorf("refused: %q", said)
		}
		s.paid("once", v, 60_000, 0)
		s.expect("once", 98, 0, 40_000)
	})
}

// TestAWalkInHasNoAccount: what comes back pays the invoice that it names, and nothing else.
func TestAWalkInHasNoAccount(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		walkIn := taphoa.InvoiceInput{CustomerID: taphoa.Null[int64]()}
		v, other := s.sold(4, 1, walkIn), s.sold(1, 2, walkIn)
		r := s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 1))
		s.paid("a cup came back", v, 0, 50_000)
		s.paid("which pays no other", other, 0, 0)
		s.refusedLike("chỉ còn nợ 150000", s.pays(v, 150_001))
		s.write(s.pays(v, 150_000))
		s.paid("paid", v, 150_000, 50_000)
		s.voidReturn(r, false)
		s.paid("the return is void", v, 150_000, 0)
		s.refusedLike("documents", func(tx *db.Tx) error {
			in := s.entry(10_000, 0, taphoa.PaidDocumentInput{Type: "invoice", ID: taphoa.Some(v.ID)})
			in.PartnerType, in.PartnerID = taphoa.Some("O"), taphoa.Opt[int64]{}
			_, err := debt.CreateCashFlow(tx, in)
			return err
		})
	})
}

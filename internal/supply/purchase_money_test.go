package supply_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/supply"
)

// goods buys sugar for a number of thousands.
func (s *buyer) goods(thousands, paid int64, changes ...func(*taphoa.PurchaseOrderInput)) taphoa.PurchaseOrder {
	s.t.Helper()
	in := taphoa.PurchaseOrderInput{PurchaseOrderDetails: []taphoa.PurchaseOrderDetailIn{line(s.sugar, thousands, 1_000)}}
	if paid != 0 {
		in.PaidAmount = taphoa.Some(taphoa.Dong(paid * 1_000))
	}
	for _, change := range changes {
		change(&in)
	}
	s.clock.Advance(60)
	return s.buy(in)
}

func asDraft(in *taphoa.PurchaseOrderInput) { in.IsDraft = taphoa.Some("1") }
func unnamed(in *taphoa.PurchaseOrderInput) { in.SupplierID = taphoa.Null[int64]() }

// paying pays a purchase later.
func paying(id, amount int64, to *taphoa.InvoicePayment) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		paid, err := debt.Pay(tx, &taphoa.InvoicePaymentInput{PurchaseOrderID: taphoa.Some(id), Amount: taphoa.Some(taphoa.Dong(amount))})
		if err == nil && to != nil {
			*to = paid
		}
		return err
	}
}

// voucher pays the supplier by an entry of the cash book that may name purchases.
func (s *buyer) voucher(amount int64, to *taphoa.CashFlow, documents ...taphoa.PaidDocumentInput) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		v, err := debt.CreateCashFlow(tx, &taphoa.CashFlowInput{
			BranchID: taphoa.Some(s.branch), PartnerType: taphoa.Some("S"), PartnerID: taphoa.Some(s.supplier),
			Amount: taphoa.Some(taphoa.Dong(-amount)), Documents: documents,
		})
		if err == nil && to != nil {
			*to = v
		}
		return err
	}
}

func purchaseOf(id, amount int64) taphoa.PaidDocumentInput {
	in := taphoa.PaidDocumentInput{Type: "purchaseOrder", ID: taphoa.Some(id)}
	if amount != 0 {
		in.Amount = taphoa.Some(taphoa.Dong(amount))
	}
	return in
}

// shows checks what a purchase shows of its money: how many thousands it is paid, by which payments.
func (s *buyer) shows(when string, id, thousands int64, payments string) {
	s.t.Helper()
	o := s.get(id)
	var got []string
	for _, p := range o.Payments {
		text := fmt.Sprintf("%s %v", p.Code, p.Amount)
		if p.Status == taphoa.PaymentVoided {
			text += " void"
		}
		got = append(got, text)
	}
	if o.TotalPayment != taphoa.Dong(thousands*1_000) || strings.Join(got, ", ") != payments {
		s.t.Errorf("%s: %s is paid %v by %s, want %d,000 by %s", when, o.Code, o.TotalPayment, strings.Join(got, ", "), thousands, payments)
	}
}

// owes checks what the shop owes the supplier in thousands, and the invariants of the supplier's account.
func (s *buyer) owes(when string, thousands int64) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		from, err := party.GetSupplierByCode(tx, &taphoa.ByCode{Code: "NCC1"})
		if err != nil {
			return err
		}
		page, err := supply.ListPurchaseOrders(tx, &taphoa.PurchaseOrderQuery{
			Paging: taphoa.Paging{PageSize: 100}, SupplierIDs: []int64{s.supplier}, IncludePayment: true,
		})
		if err != nil {
			return err
		}
		owed, err := s.credit(tx, page.Data)
		for _, o := range page.Data {
			if o.Status == taphoa.PurchaseCompleted {
				owed += o.Total
			}
			owed -= o.TotalPayment
		}
		if from.Debt != taphoa.Dong(thousands*1_000) || owed != from.Debt {
			s.t.Errorf("%s: the shop owes %v, by its documents %v, want %d,000", when, from.Debt, owed, thousands)
		}
		findings, err2 := cash.Check(tx)
		for _, f := range findings {
			s.t.Error(when, f)
		}
		return errors.Join(err, err2)
	})
}

// told is the data of the last event about purchases.
func (s *buyer) told() (data string) {
	s.t.Helper()
	s.read(func(tx *db.Tx) (err error) {
		data, _, err = db.One[string](tx, `
			SELECT data FROM events WHERE retailer_id = :retailer AND type = 'purchaseorder.update' ORDER BY seq DESC LIMIT 1`)
		return err
	})
	return data
}

// credit is what the suppliers have been paid beyond their purchases, as a negative number. It checks that totalPayment = Σ payments +
// Σ allocations, that what is open is what is not paid, and that there is no credit beside it.
func (s *buyer) credit(tx *db.Tx, purchases []taphoa.PurchaseOrder) (rest taphoa.Money, err error) {
	type item struct {
		Kind       string
		DocumentID int64
		OpenAmount taphoa.Money
	}
	items, err := db.All[item](tx, `
		SELECT kind, document_id, open_amount FROM open_items WHERE retailer_id = :retailer AND account_type = 'S'`)
	if err != nil {
		return 0, err
	}
	open, owed, credit := map[int64]taphoa.Money{}, false, false
	for _, i := range items {
		owed, credit = owed || i.OpenAmount > 0, credit || i.OpenAmount < 0
		if i.Kind == "purchase" {
			open[i.DocumentID] = i.OpenAmount
		} else {
			rest += i.OpenAmount
		}
	}
	if owed && credit {
		s.t.Errorf("credit is left beside what is open: %+v", items)
	}
	for _, o := range purchases {
		var paid taphoa.Money
		for _, p := range o.Payments {
			if p.Status == taphoa.PaymentPaid {
				paid += p.Amount
			}
		}
		for _, a := range o.Allocations {
			paid += a.Amount
		}
		if paid != o.TotalPayment {
			s.t.Errorf("purchase %s says that %v are paid, its payments %v", o.Code, o.TotalPayment, paid)
		}
		left := taphoa.Money(0)
		if o.Status == taphoa.PurchaseCompleted && o.SupplierID.Has() {
			left = o.Total - o.TotalPayment
		}
		if open[o.ID] != left {
			s.t.Errorf("purchase %s leaves %v open, its account %v", o.Code, left, open[o.ID])
		}
	}
	return rest, nil
}

// TestASupplierIsPaidInThreePartsOverTwoReceipts, and one of them is voided.
func TestASupplierIsPaidInThreePartsOverTwoReceipts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		a, b := s.goods(300, 0), s.goods(200, 0)
		s.owes("two receipts", 500)

		var first taphoa.InvoicePayment
		s.write(paying(a.ID, 100_000, &first))
		if first.PurchaseOrderID != a.ID || first.InvoiceID != 0 || first.DocumentCode != "PN000001" || first.PaymentCode != "PCPN000001" ||
			first.Amount != taphoa.Dong(100_000) || first.Method != "Cash" {
			t.Errorf("the answer is %+v", first)
		}
		s.shows("part 1", a.ID, 100, "PCPN000001 100000")
		s.owes("part 1", 400)

		clock.Advance(60)
		var second, third taphoa.CashFlow
		s.write(s.voucher(250_000, &second)) // 200 are left of the first receipt, so 50 pay the second
		s.shows("part 2", a.ID, 300, "PCPN000001 100000, PC000001 200000")
		s.shows("part 2", b.ID, 50, "PC000001 50000")
		s.owes("part 2", 150)
		if want := []taphoa.PaidDocument{
			{Type: "purchaseOrder", ID: a.ID, Code: "PN000001", Amount: taphoa.Dong(200_000)},
			{Type: "purchaseOrder", ID: b.ID, Code: "PN000002", Amount: taphoa.Dong(50_000)},
		}; !slices.Equal(second.Documents, want) {
			t.Errorf("part 2 pays %+v", second.Documents)
		}
		if told := s.told(); strings.Count(told, `"TotalPayment":`) != 2 || !strings.Contains(told, `"TotalPayment":300000,`) ||
			!strings.Contains(told, `"TotalPayment":50000,`) {
			t.Errorf("the event says %s", told)
		}
		for _, id := range []int64{a.ID, b.ID} { // pollers see that they are paid
			if at := s.get(id).ModifiedDate; at.Value != clock.Now() {
				t.Errorf("purchase %d was modified at %v", id, at)
			}
		}
		s.refused("purchaseOrderId", paying(a.ID, 1, nil), "PN000001", "không còn nợ")
		s.refused("documents.amount", s.voucher(200_000, nil, purchaseOf(b.ID, 150_001)), "PN000002", "150000")
		s.refused("documents.id", s.voucher(200_000, nil, purchaseOf(a.ID, 0)), "không còn nợ")

		s.write(s.voucher(150_000, &third, purchaseOf(b.ID, 0)))
		s.shows("part 3", b.ID, 200, "PC000001 50000, PC000002 150000")
		s.owes("part 3", 0)

		clock.Advance(60)
		void := func(id int64) func(*db.Tx) error {
			return func(tx *db.Tx) error { _, err := debt.VoidCashFlow(tx, &taphoa.ByID{ID: id}); return err }
		}
		s.write(void(second.ID))
		s.shows("part 2 is voided", a.ID, 100, "PCPN000001 100000")
		s.shows("part 2 is voided", b.ID, 150, "PC000002 150000")
		s.owes("part 2 is voided", 250)
		s.refused("id", void(first.PaymentID), "PCPN000001", "hủy từ chứng từ đó")

		s.refused("amount", paying(a.ID, 200_001, nil), "PN000001", "chỉ còn nợ 200000")
		s.write(s.voucher(260_000, nil, purchaseOf(b.ID, 40_000))) // 40 pay the second, 200 the first, 10 the second again
		s.shows("paid again", a.ID, 300, "PCPN000001 100000, PC000003 200000")
		s.shows("paid again", b.ID, 200, "PC000002 150000, PC000003 50000")
		s.owes("paid again, and 10 in advance", -10)
	})
}

// TestAnAdvanceBelongsToItsDraft until that is completed, or is no more.
func TestAnAdvanceBelongsToItsDraft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		draft := s.goods(300, 100, asDraft)
		other := s.goods(50, 0)
		s.shows("paid in advance", draft.ID, 100, "PCPN000001 100000")
		s.shows("the advance is of another one", other.ID, 0, "")
		s.owes("50 less the advance", -50)
		s.write(s.changing(draft.ID, taphoa.PurchaseOrderInput{PaidAmount: taphoa.Some(taphoa.Dong(100_000))}, nil))
		s.refused("purchaseOrderId", paying(draft.ID, 1_000, nil), "PN000001", "Phiếu tạm")
		s.write(s.changing(draft.ID, taphoa.PurchaseOrderInput{IsDraft: taphoa.Some("0"), PaidAmount: taphoa.Some(taphoa.Dong(150_000))}, nil))
		s.shows("completed", draft.ID, 150, "PCPN000001 100000, PCPN000002 50000")
		s.owes("completed", 200)

		// What the advance has beyond the total pays what is open: 40 of 90.
		lower := s.goods(90, 90, asDraft)
		fewer := []taphoa.PurchaseOrderDetailIn{line(s.sugar, 50, 1_000)}
		s.write(s.changing(lower.ID, taphoa.PurchaseOrderInput{PurchaseOrderDetails: fewer, Status: taphoa.Some("3")}, nil))
		s.shows("fewer goods have come", lower.ID, 50, "PCPN000003 50000")
		s.shows("the oldest one takes the rest", draft.ID, 190, "PCPN000001 100000, PCPN000002 50000, PCPN000003 40000")
		s.owes("fewer goods have come", 160)

		// A draft that is deleted leaves its advance of 250: 110 and 50 are open, 90 are credit.
		gone := s.goods(400, 250, asDraft)
		s.owes("another advance", -90)
		s.write(s.voiding(gone.ID, false))
		s.shows("deleted", gone.ID, 0, "PCPN000004 0")
		s.shows("deleted", draft.ID, 300, "PCPN000001 100000, PCPN000002 50000, PCPN000003 40000, PCPN000004 110000")
		s.shows("deleted", other.ID, 50, "PCPN000004 50000")
		s.owes("deleted", -90)
		s.write(s.voiding(gone.ID, true)) // its payment pays others, and stays
		s.owes("deleted again", -90)
		wiped := s.goods(70, 70, asDraft)
		s.write(s.voiding(wiped.ID, true))
		s.shows("deleted with its payment", wiped.ID, 0, "PCPN000005 70000 void")
		s.owes("deleted with its payment", -90)
	})
}

// TestASupplierRepaysAnAdvance, and more than that: what is too much is owed like a purchase.
func TestASupplierRepaysAnAdvance(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		first := s.goods(300, 400)
		var back taphoa.CashFlow
		s.write(s.voucher(-130_000, &back))
		if want := []taphoa.PaidDocument{{Type: "payment", ID: first.Payments[0].ID, Code: "PCPN000001", Amount: taphoa.Dong(100_000)}}; !slices.Equal(back.Documents, want) {
			t.Errorf("it repays %+v", back.Documents)
		}
		s.shows("130 come back for 100", first.ID, 300, "PCPN000001 300000")
		s.owes("130 come back for 100", 30)
		s.write(s.voucher(50_000, nil)) // 30 settle what came back too much
		s.owes("50 are paid", -20)
		next := s.goods(70, 0)
		s.shows("the next one", next.ID, 20, "PC000001 20000")
		s.owes("the next one", 50)
	})
}

// TestTheNextPurchaseTakesWhatWasPaidTooMuch.
func TestTheNextPurchaseTakesWhatWasPaidTooMuch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		first := s.goods(300, 400)
		s.shows("100 too much", first.ID, 300, "PCPN000001 300000")
		s.owes("100 too much", -100)
		next := s.goods(250, 0)
		if next.TotalPayment != taphoa.Dong(100_000) || len(next.Payments) != 1 || next.Payments[0].PurchaseOrderID != next.ID {
			t.Errorf("the next one says %v by %+v", next.TotalPayment, next.Payments)
		}
		s.shows("the next one", next.ID, 100, "PCPN000001 100000")
		s.owes("the next one", 150)
		s.refused("amount", paying(next.ID, 150_001, nil), "chỉ còn nợ 150000")
		s.write(s.voiding(next.ID, true)) // the payment is of the first one
		s.shows("the next one is void", next.ID, 0, "")
		s.owes("the next one is void", -100)

		third := s.goods(250, 0)
		s.write(s.voiding(first.ID, true)) // its payment pays the third one, too: it stays, and 150 more pay that
		s.shows("the first one is void", first.ID, 0, "PCPN000001 0")
		s.shows("the first one is void", third.ID, 250, "PCPN000001 250000")
		s.owes("the first one is void", -150)
		s.write(s.voiding(third.ID, true))
		s.owes("all are void", -400)
		s.write(s.voiding(first.ID, true)) // now it pays nothing
		s.shows("and the payment", first.ID, 0, "PCPN000001 400000 void")
		s.owes("and the payment", 0)
	})
}

// TestAnUnnamedSupplierIsPaidNoMoreThanTheTotal: there is no account for the rest.
func TestAnUnnamedSupplierIsPaidNoMoreThanTheTotal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		lines := []taphoa.PurchaseOrderDetailIn{line(s.sugar, 300, 1_000)}
		for _, isDraft := range []string{"0", "1"} {
			in := taphoa.PurchaseOrderInput{PurchaseOrderDetails: lines, IsDraft: taphoa.Some(isDraft), SupplierID: taphoa.Null[int64]()}
			in.PaidAmount = taphoa.Some(taphoa.Dong(300_001))
			s.refused("paidAmount", s.creating(in, nil), "300000", "300001", "(paidAmount)")
			in.PaidAmount = taphoa.Some(taphoa.Dong(100_000))
			in.Payments = []taphoa.PurchasePaymentInput{{Amount: taphoa.Dong(200_001), Method: "Cash"}}
			s.refused("payments.amount", s.creating(in, nil), "300000", "300001", "(payments.amount)")
		}
		draft := s.goods(300, 200, asDraft, unnamed)
		fewer := []taphoa.PurchaseOrderDetailIn{line(s.sugar, 199, 1_000)}
		s.refused("paidAmount", s.changing(draft.ID, taphoa.PurchaseOrderInput{PurchaseOrderDetails: fewer}, nil), "199000", "200000")
		s.refused("paidAmount", s.changing(draft.ID, taphoa.PurchaseOrderInput{Status: taphoa.Some("3"), PaidAmount: taphoa.Some(taphoa.Dong(300_001))}, nil), "300000")
		s.write(s.changing(draft.ID, taphoa.PurchaseOrderInput{Status: taphoa.Some("3")}, nil))
		s.shows("completed", draft.ID, 200, "PCPN000001 200000")
		s.refused("amount", paying(draft.ID, 100_001, nil), "chỉ còn nợ 100000")
		s.write(paying(draft.ID, 60_000, nil))
		s.write(paying(draft.ID, 40_000, nil))
		s.shows("paid", draft.ID, 300, "PCPN000001 200000, PCPN000002 60000, PCPN000003 40000")
		another := s.goods(10, 0, unnamed)
		s.write(s.voiding(draft.ID, false))
		s.shows("void", draft.ID, 0, "PCPN000001 0, PCPN000002 0, PCPN000003 0")
		s.shows("unnamed suppliers have no credit", another.ID, 0, "")
		s.write(s.voiding(draft.ID, true))
		s.shows("void with its payments", draft.ID, 0, "PCPN000001 200000 void, PCPN000002 60000 void, PCPN000003 40000 void")
		s.owes("nothing is of the named one", 0)
	})
}

// TestTwoWhoPayAPurchaseAtOnce cannot pay more than it leaves open.
func TestTwoWhoPayAPurchaseAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		o := s.goods(300, 0)
		var refusals [2]error
		var group sync.WaitGroup
		for i := range refusals {
			group.Go(func() { refusals[i] = d.Write(t.Context(), s.who, paying(o.ID, 200_000, nil)) })
		}
		group.Wait()
		if (refusals[0] == nil) == (refusals[1] == nil) {
			t.Fatalf("one is to be refused: %v", refusals)
		}
		if err := errors.Join(refusals[:]...); !strings.Contains(err.Error(), "chỉ còn nợ 100000") {
			t.Errorf("the refusal is %v", err)
		}
		s.shows("one has paid", o.ID, 200, "PCPN000001 200000")
		s.owes("one has paid", 100)
	})
}

// TestWhatCannotBePaid: a payment names one document that is owed.
func TestWhatCannotBePaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		o, gone := s.goods(300, 0), s.goods(10, 0)
		s.write(s.voiding(gone.ID, false))
		some := taphoa.Some(taphoa.Dong(1_000))
		for _, c := range []struct {
			field, word string
			in          taphoa.InvoicePaymentInput
		}{
			{"invoiceId", "purchaseOrderId", taphoa.InvoicePaymentInput{Amount: some}},
			{"purchaseOrderId", "invoiceId", taphoa.InvoicePaymentInput{Amount: some, InvoiceID: taphoa.Some(o.ID), PurchaseOrderID: taphoa.Some(o.ID)}},
			{"", "không tồn tại", taphoa.InvoicePaymentInput{Amount: some, PurchaseOrderID: taphoa.Some[int64](987)}},
			{"purchaseOrderId", "Đã hủy", taphoa.InvoicePaymentInput{Amount: some, PurchaseOrderID: taphoa.Some(gone.ID)}},
			{"amount", "lớn hơn 0", taphoa.InvoicePaymentInput{PurchaseOrderID: taphoa.Some(o.ID)}},
			{"amount", "lớn hơn 0", taphoa.InvoicePaymentInput{Amount: taphoa.Some(taphoa.Dong(-1)), PurchaseOrderID: taphoa.Some(o.ID)}},
			{"amount", "chỉ còn nợ 300000", taphoa.InvoicePaymentInput{Amount: taphoa.Some(taphoa.Money(int64(1<<63 - 1))), PurchaseOrderID: taphoa.Some(o.ID)}},
			{"method", "voucher", taphoa.InvoicePaymentInput{Amount: some, PurchaseOrderID: taphoa.Some(o.ID), Method: "Voucher"}},
			{"method", "Shell", taphoa.InvoicePaymentInput{Amount: some, PurchaseOrderID: taphoa.Some(o.ID), Method: "Shell"}},
			{"accountId", "987", taphoa.InvoicePaymentInput{Amount: some, PurchaseOrderID: taphoa.Some(o.ID), Method: "Card", AccountID: taphoa.Some[int64](987)}},
		} {
			s.refused(c.field, func(tx *db.Tx) error { _, err := debt.Pay(tx, &c.in); return err }, c.word)
		}
		s.owes("after all refusals", 300)
	})
}

// TestAnOrderToASupplierShowsWhatItsPurchasesArePaid, also by money of the account.
func TestAnOrderToASupplierShowsWhatItsPurchasesArePaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		o := s.orderFrom(s.orderInput(taphoa.OrderSupplierConfirmed, ordered(tea, 3, 10_000)))
		paid := func(when string, want int64) {
			t.Helper()
			s.read(func(tx *db.Tx) error {
				got, err := supply.GetOrderSupplier(tx, &taphoa.ByID{ID: o.ID})
				if err == nil && got.Data[0].PaidAmount != taphoa.Dong(want) {
					t.Errorf("%s: the order is paid %v, want %d", when, got.Data[0].PaidAmount, want)
				}
				return err
			})
		}
		first := s.receive(o.ID, false, bought(tea, 1, 10_000))
		s.write(func(tx *db.Tx) error {
			_, err := debt.CreateCashFlow(tx, &taphoa.CashFlowInput{
				BranchID: taphoa.Some(s.branches[0]), PartnerType: taphoa.Some("S"), PartnerID: o.SupplierID, Amount: taphoa.Some(taphoa.Dong(-14_000)),
			})
			return err
		})
		paid("one has come, 14 are paid", 10_000)
		s.receive(o.ID, false, bought(tea, 2, 10_000))
		paid("and two, which take 4", 14_000)
		s.write(paying(first.ID+1, 6_000, nil))
		paid("6 more", 20_000)
		s.write(unbuy(first.ID))
		paid("the first is void, and frees 10 for the 20 of the other", 20_000)
		s.balanced()
	})
}

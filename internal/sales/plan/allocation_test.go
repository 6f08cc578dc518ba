package plan_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
	"github.com/taphoa/taphoa/internal/salestest"
)

// applied is what payments pay of the documents that they were booked for, in thousands, in the order in which they were made.
func applied(m *salestest.Memory) string {
	var ids []int64
	for id := range m.Payments {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	all := make([]int64, 0, len(ids))
	for _, id := range ids {
		all = append(all, int64(m.Payments[id].Applied/taphoa.Dong(1_000)))
	}
	return fmt.Sprint(all)
}

// now lets a minute pass, and runs an operation that must not be refused.
func now[T any](t *testing.T, m *salestest.Memory, op *salestest.Operation) T {
	t.Helper()
	m.Clock += 60_000_000
	return apply[T](t, m, op)
}

func sells(customer int64, lines ...taphoa.DetailInput) *salestest.Operation {
	return &salestest.Operation{Invoice: &taphoa.InvoiceInput{
		BranchID: taphoa.Some[int64](1), CustomerID: taphoa.SomeIf(customer), InvoiceDetails: lines,
	}}
}

func inCash(amount int64) taphoa.PaymentInput {
	return taphoa.PaymentInput{Method: "Cash", Amount: taphoa.Dong(amount)}
}

func becomes(v *taphoa.Invoice, lines ...taphoa.DetailInput) *salestest.Operation {
	in := &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}}
	in.InvoiceDetails = lines
	return &salestest.Operation{ChangeInvoice: in}
}

func paysInvoice(v *taphoa.Invoice, amount int64) *salestest.Operation {
	return &salestest.Operation{PayInvoice: &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(v.ID), Amount: taphoa.Some(taphoa.Dong(amount))}}
}

func ofShop(s *orgplan.Settings) { s.PricingMode, s.AllowSellWhenOutStock = taphoa.PricingDirect, true }

// Of an invoice of 100,000 that two payments of one request and a later one have paid, 50,000 are freed: first the later one, then
// the second of the request.
func TestTheYoungestPaymentIsFreedFirst(t *testing.T) {
	m := shop(ofShop)
	op := sells(1, line(5, 1, 100_000))
	op.Invoice.Payments = []taphoa.PaymentInput{inCash(40_000), inCash(50_000)}
	v := now[*taphoa.Invoice](t, m, op)
	now[taphoa.InvoicePayment](t, m, paysInvoice(v, 10_000))
	if got := applied(m); got != "[40 50 10]" {
		t.Errorf("an invoice of 100,000 is paid %s", got)
	}
	if v = now[*taphoa.Invoice](t, m, becomes(v, line(5, 1, 50_000))); applied(m) != "[40 10 0]" || v.TotalPayment != taphoa.Dong(50_000) {
		t.Errorf("of 50,000 it is paid %v: %s, want [40 10 0]", v.TotalPayment, applied(m))
	}
}

// A walk-in has paid 100,000, and no account has what is left of it while the invoice comes to 60,000: it pays the invoice again as
// soon as that comes to more.
func TestAWalkInsMoneyPaysItsInvoiceAgain(t *testing.T) {
	m := shop(ofShop)
	op := sells(0, line(5, 1, 100_000))
	op.Invoice.TotalPayment = taphoa.Some(taphoa.Dong(100_000))
	v := now[*taphoa.Invoice](t, m, op)
	for _, step := range []struct{ total, paid int64 }{{60_000, 60_000}, {90_000, 90_000}, {120_000, 100_000}} {
		v = now[*taphoa.Invoice](t, m, becomes(v, line(5, 1, step.total)))
		if v.Total != taphoa.Dong(step.total) || v.TotalPayment != taphoa.Dong(step.paid) {
			t.Errorf("of %v the walk-in has paid %v, want %d of %d", v.Total, v.TotalPayment, step.paid, step.total)
		}
	}
	if _, _, err := m.Apply(paysInvoice(v, 20_001)); err == nil {
		t.Error("a walk-in who has paid 100,000 of 120,000 can pay 20,001")
	}
	now[taphoa.InvoicePayment](t, m, paysInvoice(v, 20_000))
}

// A walk-in's order has an invoice of 100,000 that nothing has paid. What he pays on the order then pays the invoice, and cannot be
// collected for it again; when the invoice is void, the order has it for the next one.
func TestAWalkInsDepositPaysTheInvoicesOfHisOrder(t *testing.T) {
	m := shop(ofShop)
	o := now[*taphoa.Order](t, m, &salestest.Operation{Order: &taphoa.OrderInput{
		BranchID: taphoa.Some[int64](1), OrderDetails: []taphoa.DetailInput{line(5, 3, 100_000)},
	}})
	part := func(n int64) *taphoa.Invoice {
		return now[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &taphoa.InvoiceInput{
			OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line(5, n, 100_000)},
		}})
	}
	first, second := part(1), part(1)
	deposit := &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}}
	deposit.TotalPayment = taphoa.Some(taphoa.Dong(120_000))
	now[*taphoa.Order](t, m, &salestest.Operation{ChangeOrder: deposit})
	paid := func(when string, want ...int64) {
		t.Helper()
		for i, v := range []*taphoa.Invoice{first, second} {
			if got := m.Invoices[v.ID].Row.TotalPayment; got != taphoa.Dong(want[i]) {
				t.Errorf("%s: invoice %s is paid %v, want %d", when, v.Code, got, want[i])
			}
		}
	}
	paid("with a deposit of 120,000", 100_000, 20_000)
	if _, _, err := m.Apply(paysInvoice(first, 1)); err == nil {
		t.Error("what the deposit has paid can be collected again")
	}
	now[*taphoa.InvoiceVoided](t, m, &salestest.Operation{VoidInvoice: &taphoa.InvoiceDelete{ID: first.ID}})
	paid("without the first invoice", 0, 100_000)
	if third := part(2); third.TotalPayment != taphoa.Dong(20_000) {
		t.Errorf("the third invoice has %v of the deposit, want 20,000", third.TotalPayment)
	}
}

// An invoice that is for another customer than its order is paid by a voucher. When it is void, the order cannot have the voucher,
// and no customer gets it as credit: it is released.
func TestAVoucherOfAnothersOrderIsReleased(t *testing.T) {
	m := shop(ofShop)
	o := now[*taphoa.Order](t, m, &salestest.Operation{Order: &taphoa.OrderInput{
		BranchID: taphoa.Some[int64](1), CustomerID: taphoa.Some[int64](1), OrderDetails: []taphoa.DetailInput{line(5, 1, 100_000)},
	}})
	v := now[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &taphoa.InvoiceInput{
		OrderID: taphoa.Some(o.ID), CustomerID: taphoa.Some[int64](2), IsApplyVoucher: true,
		Payments: []taphoa.PaymentInput{{Method: "Voucher", VoucherID: taphoa.Some[int64](1)}},
	}})
	if v.TotalPayment != taphoa.Dong(20_000) || m.Vouchers[1].Status != taphoa.CodeUsed {
		t.Errorf("the voucher has paid %v", v.TotalPayment)
	}
	now[*taphoa.InvoiceVoided](t, m, &salestest.Operation{VoidInvoice: &taphoa.InvoiceDelete{ID: v.ID}})
	if credit := len(m.OpenItems); credit != 0 || m.Vouchers[1].Status != taphoa.CodeReleased {
		t.Errorf("%d open items, and a voucher with the status %d", credit, m.Vouchers[1].Status)
	}
}

// A payment of an order's invoice is freed and pays again because of another document: the order shows what it counts there.
func TestAnOrderShowsWhatItsInvoicesArePaidByOthers(t *testing.T) {
	m := shop(ofShop)
	order := &taphoa.OrderInput{BranchID: taphoa.Some[int64](1), CustomerID: taphoa.Some[int64](1), OrderDetails: []taphoa.DetailInput{line(5, 1, 100_000)}}
	o := now[*taphoa.Order](t, m, &salestest.Operation{Order: order})
	paid := func(when string, want int64) {
		t.Helper()
		if got := m.Orders[o.ID].Row.TotalPayment; got != taphoa.Dong(want) {
			t.Errorf("%s: the order is paid %v, want %d", when, got, want)
		}
	}
	free := &taphoa.CashFlowInput{
		BranchID: taphoa.Some[int64](1), PartnerType: taphoa.Some("C"), PartnerID: taphoa.Some[int64](1), Amount: taphoa.Some(taphoa.Dong(70_000)),
	}
	v := now[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)}})
	receipt := now[taphoa.CashFlow](t, m, &salestest.Operation{Entry: free})
	paid("with a free receipt of 70,000", 0)
	more := &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}}
	more.TotalPayment = taphoa.Some(taphoa.Dong(90_000))
	now[*taphoa.Invoice](t, m, &salestest.Operation{ChangeInvoice: more})
	paid("with 90,000 for its invoice, of which 60,000 are credit", 30_000)
	now[taphoa.CashFlowVoided](t, m, &salestest.Operation{VoidEntry: &taphoa.ByID{ID: receipt.ID}})
	paid("without the free receipt", 90_000)
}

// The invoice of an order was paid by a free receipt, so a deposit of 60,000 rests on the order. Without the receipt the deposit pays
// the invoice before anything else does: 40,000 can be collected, and no more.
func TestADepositPaysWhatWasOpenedMeanwhile(t *testing.T) {
	m := shop(ofShop)
	order := &taphoa.OrderInput{BranchID: taphoa.Some[int64](1), CustomerID: taphoa.Some[int64](1), OrderDetails: []taphoa.DetailInput{line(5, 2, 100_000)}}
	o := now[*taphoa.Order](t, m, &salestest.Operation{Order: order})
	v := now[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &taphoa.InvoiceInput{
		OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line(5, 1, 100_000)},
	}})
	receipt := now[taphoa.CashFlow](t, m, &salestest.Operation{Entry: &taphoa.CashFlowInput{
		BranchID: taphoa.Some[int64](1), PartnerType: taphoa.Some("C"), PartnerID: taphoa.Some[int64](1), Amount: taphoa.Some(taphoa.Dong(100_000)),
	}})
	deposit := &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}}
	deposit.TotalPayment = taphoa.Some(taphoa.Dong(60_000))
	now[*taphoa.Order](t, m, &salestest.Operation{ChangeOrder: deposit})
	now[taphoa.CashFlowVoided](t, m, &salestest.Operation{VoidEntry: &taphoa.ByID{ID: receipt.ID}})
	if _, _, err := m.Apply(paysInvoice(v, 40_001)); err == nil {
		t.Error("40,001 is collected of 40,000")
	}
	now[taphoa.InvoicePayment](t, m, paysInvoice(v, 40_000))
	if paid := m.Invoices[v.ID].Row.TotalPayment; paid != taphoa.Dong(100_000) {
		t.Errorf("the invoice is paid %v, want 100,000", paid)
	}
}

// An invoice that gets other lines and another date at once is of the new date in its customer's account, too: what is paid for
// another one of the day before does not go to it first.
func TestAnInvoiceIsMovedWithItsLines(t *testing.T) {
	m := shop(ofShop)
	early, late := now[*taphoa.Invoice](t, m, sells(1, line(5, 1, 100_000))), now[*taphoa.Invoice](t, m, sells(1, line(5, 1, 100_000)))
	op := becomes(early, line(5, 1, 90_000))
	op.ChangeInvoice.PurchaseDate = taphoa.Some(m.Clock + 30_000_000)
	m.Clock += 60_000_000
	now[*taphoa.Invoice](t, m, op)
	now[taphoa.CashFlow](t, m, &salestest.Operation{Entry: &taphoa.CashFlowInput{
		BranchID: taphoa.Some[int64](1), PartnerType: taphoa.Some("C"), PartnerID: taphoa.Some[int64](1), Amount: taphoa.Some(taphoa.Dong(110_000)),
	}})
	if first, second := m.Invoices[late.ID].Row.TotalPayment, m.Invoices[early.ID].Row.TotalPayment; first != taphoa.Dong(100_000) || second != taphoa.Dong(10_000) {
		t.Errorf("the earlier invoice is paid %v, the one that was moved %v; want 100,000 and 10,000", first, second)
	}
	for _, p := range m.CashPostings[cashplan.DocumentRef{Kind: "invoice", ID: early.ID}] {
		if p.EffectiveAt != op.ChangeInvoice.PurchaseDate.Value {
			t.Errorf("the invoice has moved money at %v", p.EffectiveAt)
		}
	}
}

// A receipt pays an invoice because another one was voided, and the invoice is then moved behind that: nothing is paid before it is
// owed.
func TestNoAllocationIsOlderThanItsDocuments(t *testing.T) {
	m := shop(ofShop)
	v := now[*taphoa.Invoice](t, m, sells(1, line(5, 1, 100_000)))
	free := func() taphoa.CashFlow {
		return now[taphoa.CashFlow](t, m, &salestest.Operation{Entry: &taphoa.CashFlowInput{
			BranchID: taphoa.Some[int64](1), PartnerType: taphoa.Some("C"), PartnerID: taphoa.Some[int64](1), Amount: taphoa.Some(taphoa.Dong(100_000)),
		}})
	}
	first, second := free(), free()
	now[taphoa.CashFlowVoided](t, m, &salestest.Operation{VoidEntry: &taphoa.ByID{ID: first.ID}})
	effective := func(when string, want taphoa.Time) {
		t.Helper()
		for _, a := range m.Allocations {
			if a.CreditorID != second.ID || a.EffectiveAt != want {
				t.Errorf("%s: payment %d pays the invoice from %v on, want %d from %v on", when, a.CreditorID, a.EffectiveAt, second.ID, want)
			}
		}
	}
	effective("voided", m.Clock)
	op := &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}}
	op.PurchaseDate = taphoa.Some(m.Clock + 30_000_000)
	m.Clock += 60_000_000
	now[*taphoa.Invoice](t, m, &salestest.Operation{ChangeInvoice: op})
	effective("moved", op.PurchaseDate.Value)
}

// A walk-in pays 30,000 in cash and a voucher of 20,000 for an order of 50,000 that is completed without an invoice: the voucher has
// paid for it and is not given back, and the cash is the rest.
func TestAVoucherStaysWithAnOrderThatIsCompletedByHand(t *testing.T) {
	m := shop(ofShop)
	o := now[*taphoa.Order](t, m, &salestest.Operation{Order: &taphoa.OrderInput{
		BranchID: taphoa.Some[int64](1), OrderDetails: []taphoa.DetailInput{line(5, 1, 50_000)},
	}})
	in := &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}}
	in.Status, in.IsApplyVoucher = taphoa.Some[int64](taphoa.OrderCompleted), true
	in.Payments = []taphoa.PaymentInput{inCash(50_000), {Method: "Voucher", VoucherID: taphoa.Some[int64](1)}}
	o = now[*taphoa.Order](t, m, &salestest.Operation{ChangeOrder: in})
	if o.TotalPayment != taphoa.Dong(50_000) || m.Vouchers[1].Status != taphoa.CodeUsed {
		t.Errorf("the order is paid %v, and the voucher has the status %d", o.TotalPayment, m.Vouchers[1].Status)
	}
}

// The payments of an invoice that is void already are voided. Its order, which was put under way by hand since, stays so.
func TestVoidingPaymentsOfAVoidInvoiceLeavesItsOrder(t *testing.T) {
	m := shop(ofShop)
	o := now[*taphoa.Order](t, m, &salestest.Operation{Order: &taphoa.OrderInput{
		BranchID: taphoa.Some[int64](1), CustomerID: taphoa.Some[int64](1), OrderDetails: []taphoa.DetailInput{line(5, 1, 100_000)},
	}})
	v := now[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &taphoa.InvoiceInput{
		OrderID: taphoa.Some(o.ID), CustomerID: taphoa.Some[int64](2), TotalPayment: taphoa.Some(taphoa.Dong(40_000)),
	}})
	now[*taphoa.InvoiceVoided](t, m, &salestest.Operation{VoidInvoice: &taphoa.InvoiceDelete{ID: v.ID}})
	in := &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}}
	in.Status = taphoa.Some[int64](taphoa.OrderDelivering)
	now[*taphoa.Order](t, m, &salestest.Operation{ChangeOrder: in})
	now[*taphoa.InvoiceVoided](t, m, &salestest.Operation{VoidInvoice: &taphoa.InvoiceDelete{ID: v.ID, IsVoidPayment: true}})
	if status, open := m.Orders[o.ID].Row.Status, len(m.OpenItems); status != taphoa.OrderDelivering || open != 0 {
		t.Errorf("the order has the status %d, and %d documents are open", status, open)
	}
}

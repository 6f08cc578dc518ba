package salestest

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	salesplan "github.com/taphoa/taphoa/internal/sales/plan"
)

// tender is what a request pays, or what was booked of it.
type tender struct{ vouchers, accounts, cash taphoa.Money }

func (t *tender) add(method string, amount taphoa.Money) {
	switch strings.ToLower(method) {
	case "voucher":
		t.vouchers += amount
	case "", "cash":
		t.cash += amount
	default:
		t.accounts += amount
	}
}

// tendered is what an operation pays beyond what was paid before, without its vouchers. given says what vouchers are to pay at most.
func (b *Model) tendered(op *Operation, s *salesplan.Sale, booked []*cashplan.PaymentRow) (t tender, given map[int64]taphoa.Money) {
	total, method, list, already := taphoa.Money(0), "", []taphoa.PaymentInput(nil), taphoa.Money(0)
	var apply bool
	switch {
	case op.Order != nil:
		in := op.Order
		total, method, list, apply = in.TotalPayment.Or(0), in.Method.Or(""), in.Payments, in.IsApplyVoucher
	case op.ChangeOrder != nil:
		in := op.ChangeOrder
		total, method, list, apply = in.TotalPayment.Or(0), in.Method.Or(""), in.Payments, in.IsApplyVoucher
		already = s.Order.Stored.Row.TotalPayment
	case op.Invoice != nil:
		in := op.Invoice
		total, method, list, apply = in.TotalPayment.Or(0), in.Method.Or(""), in.Payments, in.IsApplyVoucher
	case op.ChangeInvoice != nil:
		in := op.ChangeInvoice
		total, method, list, apply = in.TotalPayment.Or(0), in.Method.Or(""), in.Payments, in.IsApplyVoucher
		already = b.receivedFor(s.Invoice.Row.ID, booked)
		if total.RoundDong() == s.Invoice.Stored.Row.TotalPayment { // as it was shown
			total = 0
		}
	}
	if total = total.RoundDong(); total > already {
		t.add(method, total-already)
	}
	given = map[int64]taphoa.Money{}
	for _, p := range list {
		if p.Method != "Voucher" {
			t.add(p.Method, p.Amount.RoundDong())
		} else if apply {
			given[p.VoucherID.Or(0)] = p.Amount.RoundDong()
		}
	}
	return t, given
}

// receivedFor is what was received for an invoice, or came with its order, before some payments were booked.
func (b *Model) receivedFor(invoiceID int64, booked []*cashplan.PaymentRow) (sum taphoa.Money) {
	for _, p := range b.m.Payments {
		if p.Paid() && p.InvoiceID.Or(0) == invoiceID && !slices.Contains(booked, p) {
			sum += p.Amount
		}
	}
	for _, a := range b.m.Allocations {
		if p := b.m.Payments[a.CreditorID]; a.CreatedDate != b.m.Clock && a.CreditorKind == "payment" && a.DebtorKind == "invoice" && a.DebtorID == invoiceID && p.OrderID.Has() {
			sum += a.Amount
		}
	}
	return sum
}

// checkWalkIn checks what a walk-in's request has booked: its vouchers first, then its transfers and cards as they are, then its
// cash up to the total.
func (b *Model) checkWalkIn(op *Operation, s *salesplan.Sale, booked []*cashplan.PaymentRow) {
	if op.VoidOrder != nil || op.VoidInvoice != nil || op.PayInvoice != nil || s.Return != nil {
		return
	}
	var code string
	var open taphoa.Money
	switch v := s.Invoice; {
	case v == nil:
		o := b.m.Orders[s.Order.Row.ID]
		if o.Row.CustomerID.Has() || o.Row.Status == taphoa.OrderVoided {
			return
		}
		code, open = o.Row.Code, o.Row.Total
		if s.Order.Stored != nil { // a voucher may have been released since
			open -= s.Order.Stored.Row.TotalPayment
		}
		for _, p := range booked {
			open -= p.Amount // as below
		}
	case v.Row.CustomerID.Has() || v.Row.Status == taphoa.InvoiceVoid, v.Stored == nil && v.Row.GoodsReturned:
		return
	case v.Row.CodCollected && (v.Stored == nil || !v.Stored.Row.CodCollected): // the carrier has paid, too
		return
	default:
		code, open = v.Row.Code, v.Row.Total-v.Row.TotalPayment
		if v.Stored != nil && v.Row.GoodsReturned {
			open = -v.Row.TotalPayment
		}
	}
	asked, given := b.tendered(op, s, booked)
	var has tender
	for _, p := range booked {
		has.add(string(p.Method), p.Amount)
		open += p.Amount
		if amount := given[p.VoucherID.Or(0)]; amount != 0 && amount < p.Amount {
			b.find("voucher %d pays %v for %s, asked for %v", p.VoucherID.Value, p.Amount, code, amount)
		}
	}
	left := max(0, open-has.vouchers-asked.accounts)
	if has.accounts != asked.accounts || has.vouchers+has.accounts > max(0, open) || has.cash != min(asked.cash, left) {
		b.find("%s of a walk-in leaves %v open: of %v it has booked %v", code, open, asked, has)
	}
}

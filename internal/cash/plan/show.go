package plan

import (
	"strings"

	"github.com/taphoa/taphoa"
)

// ShownPayments are the payments of an invoice, a return or a purchase as it shows them, by id: those that were booked for it, with
// what they pay of it, which is nothing once they have been freed, or voided; and others that pay it.
func (l *Ledger) ShownPayments(ref DocumentRef) []taphoa.Payment {
	shown := []taphoa.Payment{}
	for i := range l.payments {
		p := &l.payments[i]
		part := p.Applied
		switch {
		case p.own() != ref:
			if part = 0; len(l.allocations) > 0 {
				part = l.part(p, ref)
			}
			if part == 0 {
				continue
			}
		case !p.Paid():
			part = p.Amount
		}
		v := l.Shown(&p.PaymentRow)
		v.Amount = part
		shown = append(shown, v)
	}
	return shown
}

// part is what allocations let a payment that was booked for something else pay of a document, with the sign of its amount.
func (l *Ledger) part(p *payment, ref DocumentRef) (sum taphoa.Money) {
	for _, a := range l.valid(func(a *AllocationRow) bool {
		return a.Creditor() == p.ref() && a.Debtor() == ref || a.Debtor() == p.ref() && a.Creditor() == ref
	}) {
		sum += a.Amount
	}
	if p.Amount < 0 {
		sum = -sum
	}
	return sum
}

// ShownOrderPayments are the payments of an order as it shows them: its deposits, and what its invoices have been paid.
func (l *Ledger) ShownOrderPayments(orderID int64) []taphoa.Payment {
	shown := []taphoa.Payment{}
	for i := range l.payments {
		p := &l.payments[i].PaymentRow
		if p.OrderID.Or(0) != orderID {
			continue
		}
		v := l.Shown(p)
		if p.Paid() {
			v.Amount = p.PaidOnOrder()
		}
		shown = append(shown, v)
	}
	return shown
}

// PaidOnOrder is what a payment of an order counts there: a deposit wholly, one of an invoice as far as it pays the invoice.
func (p *PaymentRow) PaidOnOrder() taphoa.Money {
	switch {
	case !p.Paid():
		return 0
	case p.InvoiceID.Has():
		return p.Applied
	}
	return p.Amount
}

// ShownAllocations are what settles a document, or what it settles, beside money and vouchers, in the order in which it was made.
func (l *Ledger) ShownAllocations(ref DocumentRef) (shown []taphoa.Allocation) {
	for _, a := range l.valid(func(a *AllocationRow) bool { return a.Creditor() == ref || a.Debtor() == ref }) {
		other, code := a.Creditor(), a.CreditorCode
		if other == ref {
			other, code = a.Debtor(), a.DebtorCode
		}
		if code == "" {
			code = l.codes[other]
		}
		if other.Kind != kindPayment {
			shown = append(shown, taphoa.Allocation{Document: DocumentType(other.Kind), ID: other.ID, Code: code, Amount: a.Amount, Date: a.EffectiveAt})
		}
	}
	return shown
}

// DocumentType is how responses call a kind of documents.
func DocumentType(kind string) string {
	if kind == "purchase" {
		return "purchaseOrder"
	}
	return kind
}

// Ref is a document as responses and requests call its kind.
func Ref(documentType string, id int64) DocumentRef {
	kind := strings.ToLower(strings.TrimSpace(documentType))
	if kind == "purchaseorder" {
		kind = "purchase"
	}
	return DocumentRef{kind, id}
}

// ShownDocuments are the documents that a payment pays, or that pay it out: the one that it was booked for first, then by age, and
// the order that has what is left of a deposit. known is false if a code was not asked for.
func (l *Ledger) ShownDocuments(paymentID int64) (shown []taphoa.PaidDocument, known bool) {
	known = true
	p := l.paymentOf(DocumentRef{kindPayment, paymentID})
	if p == nil || !p.Paid() {
		return nil, true
	}
	add := func(ref DocumentRef, code string, amount taphoa.Money) {
		if code == "" {
			code = l.codes[ref]
		}
		known = known && code != ""
		shown = append(shown, taphoa.PaidDocument{Type: DocumentType(ref.Kind), ID: ref.ID, Code: code, Amount: amount})
	}
	if p.Applied != 0 {
		add(p.own(), "", p.Applied.Abs())
	}
	for _, a := range l.valid(func(a *AllocationRow) bool { return a.Creditor() == p.ref() || a.Debtor() == p.ref() }) {
		if a.Creditor() == p.ref() {
			add(a.Debtor(), a.DebtorCode, a.Amount)
		} else {
			add(a.Creditor(), a.CreditorCode, a.Amount)
		}
	}
	if p.OrderID.Has() && !p.InvoiceID.Has() {
		i, _ := l.itemOf(p)
		if left := l.Rest(p.ID) + i.OpenAmount; left > 0 {
			add(DocumentRef{"order", p.OrderID.Value}, "", left)
		}
	}
	return shown, known
}

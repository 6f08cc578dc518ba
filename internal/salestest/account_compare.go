package salestest

import (
	"strings"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	salesplan "github.com/taphoa/taphoa/internal/sales/plan"
)

func lower(documentType string) string { return strings.ToLower(strings.TrimSpace(documentType)) }

// checkVoids checks which payments go with the document that they were booked for: when a request says so, those that pay nothing
// else; otherwise none, but for vouchers.
func (b *accountBooks) checkVoids(op *Operation, s *salesplan.Sale, rows []*cashplan.PaymentRow) {
	var ref cashplan.DocumentRef
	var order int64
	var voids bool
	switch {
	case op.VoidInvoice != nil:
		ref, voids = cashplan.DocumentRef{Kind: "invoice", ID: op.VoidInvoice.ID}, op.VoidInvoice.IsVoidPayment
	case op.VoidReturn != nil:
		ref, voids = cashplan.DocumentRef{Kind: "return", ID: op.VoidReturn.ID}, op.VoidReturn.IsVoidPayment
	case op.VoidOrder != nil:
		order, voids = s.Order.Row.ID, op.VoidOrder.IsVoidPayment
	default:
		return
	}
	for _, p := range rows {
		d := b.documents[paymentRef(p.ID)]
		if d == nil || d.amount == 0 || d.voucher || d.own != ref || order != d.order {
			continue
		}
		paysOthers := false
		for _, t := range b.account(d.customer).settled {
			paysOthers = paysOthers || t.isSideOf(d) && !t.own
		}
		if want := !voids || paysOthers; p.Paid() != want {
			b.find("payment %s, which pays others (%v), has the status %d after %+v", p.Code, paysOthers, p.Status, op)
		}
	}
}

// pair are the two documents of a settlement, and when it was made: 0 for what a payment pays of its own document.
type pair struct {
	creditor, debtor cashplan.DocumentRef
	made             taphoa.Time
}

// compare compares accounts with what the shop has.
func (b *accountBooks) compare(customers map[int64]bool) {
	pairs, has, from := map[pair]taphoa.Money{}, map[pair]taphoa.Money{}, map[pair]taphoa.Time{}
	for customer := range customers {
		for _, s := range b.account(customer).settled {
			p := pair{s.creditor.ref, s.debtor.ref, s.made}
			if s.own {
				p.made = 0
			}
			pairs[p], from[p] = s.amount, s.from
		}
		for _, d := range b.account(customer).documents {
			b.compareDocument(d, has)
		}
	}
	for _, a := range b.m.Allocations {
		if !customers[a.AccountID] {
			continue
		}
		p := pair{a.Creditor(), a.Debtor(), a.CreatedDate}
		has[p] += a.Amount
		c, d := b.documents[p.creditor], b.documents[p.debtor]
		if c == nil || d == nil || a.CreditorDate != c.date || a.DebtorDate != d.date || a.EffectiveAt != max(c.date, d.date, from[p]) {
			b.find("the allocation %+v is of documents of other dates: %+v and %+v, or not from %d on", a, c, d, from[p])
		}
	}
	for p, amount := range pairs {
		if has[p] != amount {
			b.find("since %d %v pays %v of %v, want %v", p.made, p.creditor, has[p], p.debtor, amount)
		}
		delete(has, p)
	}
	for p, amount := range has {
		if amount != 0 {
			b.find("since %d %v pays %v of %v, want nothing", p.made, p.creditor, amount, p.debtor)
		}
	}
}

// compareDocument compares what a document has been paid and leaves open, and notes what a payment pays of its own document.
func (b *accountBooks) compareDocument(d *bookedDocument, has map[pair]taphoa.Money) {
	var paid, out taphoa.Money
	for _, s := range b.account(d.customer).settled {
		if s.debtor == d {
			paid += s.amount
		} else if s.creditor == d && s.debtor.ref.Kind == "payment" {
			out += s.amount
		}
	}
	switch d.ref.Kind {
	case "invoice":
		if v := &b.m.Invoices[d.ref.ID].Row; v.TotalPayment != paid {
			b.find("invoice %s of %v is paid %v, want %v", v.Code, d.amount, v.TotalPayment, paid)
		}
	case "return":
		if r := &b.m.Returns[d.ref.ID].Row; r.TotalPayment != out {
			b.find("return %s of %v has paid out %v, want %v", r.Code, d.amount, r.TotalPayment, out)
		}
	case "payment":
		p := b.m.Payments[d.ref.ID]
		switch {
		case p.Applied == 0:
		case p.Amount > 0:
			has[pair{d.ref, d.own, 0}] += p.Applied
		default:
			has[pair{d.own, d.ref, 0}] -= p.Applied
		}
	}
	if d.customer == 0 {
		return
	}
	open := b.open(d)
	if !d.debtor {
		open = -open
	}
	row, stored := b.m.OpenItems[ItemKey{cashplan.Customer(d.customer), d.ref}]
	if row.OpenAmount != open || row.HeldAmount != d.held || stored && row.DocumentDate != d.date {
		b.find("%v of %v leaves %v open and %v held at %d, want %v and %v at %d", d.ref, d.amount, row.OpenAmount, row.HeldAmount,
			row.DocumentDate, open, d.held, d.date)
	}
}

// compareOrders compares what all orders have been paid: deposits count wholly, payments for invoices with what they pay of them.
func (b *accountBooks) compareOrders(customers map[int64]bool) {
	for _, id := range b.m.OrderIDs {
		o := &b.m.Orders[id].Row
		if !customers[o.CustomerID.Or(0)] {
			continue
		}
		var want taphoa.Money
		for _, p := range b.m.PaymentsOfOrder(id) {
			d := b.documents[paymentRef(p.ID)]
			if d == nil {
				continue
			}
			if d.order == id {
				want += d.amount
				continue
			}
			for _, s := range b.account(d.customer).settled {
				if s.own && s.isSideOf(d) {
					want += s.amount
				}
			}
		}
		if o.TotalPayment != want {
			b.find("order %s is paid %v, want %v", o.Code, o.TotalPayment, want)
		}
	}
}

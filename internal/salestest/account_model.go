package salestest

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	salesplan "github.com/taphoa/taphoa/internal/sales/plan"
)

// accountBooks are the accounts of customers, kept in the simplest way: a list of documents, and a list of what settles what. It
// takes what documents are worth, their dates and what was booked as they are, and decides by itself which money pays what. It
// knows neither the ledger, nor open items, nor allocations.
type accountBooks struct {
	m         *Memory
	documents map[cashplan.DocumentRef]*bookedDocument
	accounts  map[int64]*accountBook // 0 is everybody without a name
	find      func(format string, args ...any)
}

// accountBook is the account of a customer.
type accountBook struct {
	documents []*bookedDocument
	settled   []*settlement // in the order in which it was made
}

// bookedDocument is an invoice, a return or a payment.
type bookedDocument struct {
	ref      cashplan.DocumentRef
	customer int64
	date     taphoa.Time
	debtor   bool
	amount   taphoa.Money
	held     taphoa.Money         // what is to be collected on delivery
	own      cashplan.DocumentRef // of a payment: what it was booked for
	order    int64                // of a deposit
	onOrder  taphoa.Money         // what of a deposit is neither spent nor credit
	voucher  bool
	made     taphoa.Time
}

// settlement is what a creditor document settles of a debtor document.
type settlement struct {
	creditor, debtor *bookedDocument
	amount           taphoa.Money
	made             taphoa.Time // what a payment pays of its own document is as old as the payment
	own              bool
	from             taphoa.Time // when it was made because a payment was voided, if that was after both dates; else 0
}

func newAccountBooks(m *Memory, find func(format string, args ...any)) *accountBooks {
	return &accountBooks{
		m: m, documents: map[cashplan.DocumentRef]*bookedDocument{}, accounts: map[int64]*accountBook{}, find: find,
	}
}

func (b *accountBooks) account(customer int64) *accountBook {
	a := b.accounts[customer]
	if a == nil {
		a = &accountBook{}
		b.accounts[customer] = a
	}
	return a
}

// document returns the document of a reference, a new one if it is not known.
func (b *accountBooks) document(ref cashplan.DocumentRef, customer int64) *bookedDocument {
	d := b.documents[ref]
	if d == nil {
		d = &bookedDocument{ref: ref, customer: customer, made: b.m.Clock}
		b.documents[ref] = d
		b.account(customer).documents = append(b.account(customer).documents, d)
	}
	return d
}

// isSideOf reports whether a document is one of the two of a settlement.
func (s *settlement) isSideOf(d *bookedDocument) bool { return s.creditor == d || s.debtor == d }

// settledOf is how much of a document is settled, or settles others.
func (b *accountBooks) settledOf(d *bookedDocument) (sum taphoa.Money) {
	for _, s := range b.account(d.customer).settled {
		if s.isSideOf(d) {
			sum += s.amount
		}
	}
	return sum
}

// open is what a document leaves open, or has left as credit.
func (b *accountBooks) open(d *bookedDocument) taphoa.Money {
	return d.amount - d.onOrder - b.settledOf(d)
}

// settle lets one of two documents settle the other, as far as both are open, and returns how much.
func (b *accountBooks) settle(one, other *bookedDocument, most taphoa.Money, from taphoa.Time) taphoa.Money {
	amount := min(most, b.open(one), b.open(other))
	if amount <= 0 || one.customer != other.customer || one.debtor == other.debtor {
		return 0
	}
	s := &settlement{creditor: one, debtor: other, amount: amount, made: b.m.Clock, from: from}
	s.dated()
	if one.debtor {
		s.creditor, s.debtor = other, one
	}
	for _, side := range []*bookedDocument{one, other} {
		if side.own == s.creditor.ref || side.own == s.debtor.ref {
			s.own, s.made = true, side.made
		}
	}
	a := b.account(one.customer)
	for _, same := range a.settled {
		if same.creditor == s.creditor && same.debtor == s.debtor && (s.own || same.made == s.made) {
			same.amount += amount
			return amount
		}
	}
	a.settled = append(a.settled, s)
	return amount
}

// dated forgets when a settlement was made once it is of a later date.
func (s *settlement) dated() {
	if s.from <= max(s.creditor.date, s.debtor.date) {
		s.from = 0
	}
}

// move moves a document to a date.
func (b *accountBooks) move(d *bookedDocument, to taphoa.Time) {
	d.date = to
	for _, s := range b.account(d.customer).settled {
		if s.isSideOf(d) {
			s.dated()
		}
	}
}

// free takes an amount off what settles a document: the youngest first, vouchers last.
func (b *accountBooks) free(d *bookedDocument, amount taphoa.Money) {
	a := b.account(d.customer)
	var all []*settlement
	for _, s := range a.settled {
		if s.isSideOf(d) {
			all = append(all, s)
		}
	}
	slices.Reverse(all)
	rank := func(s *settlement) int {
		switch {
		case s.creditor.voucher:
			return 2
		case s.own:
			return 1 // of the same request its own money has paid first
		}
		return 0
	}
	slices.SortStableFunc(all, func(s, t *settlement) int {
		if rank(s) == 2 || rank(t) == 2 {
			if order := cmp.Compare(rank(s), rank(t)); order != 0 {
				return order
			}
		}
		return cmp.Or(cmp.Compare(t.made, s.made), cmp.Compare(rank(s), rank(t)))
	})
	for _, s := range all {
		part := min(amount, s.amount)
		s.amount -= part
		amount -= part
	}
	a.settled = slices.DeleteFunc(a.settled, func(s *settlement) bool { return s.amount == 0 })
}

// isWorth notes what a document is worth, which may be less than what settles it.
func (b *accountBooks) isWorth(d *bookedDocument, amount taphoa.Money) {
	d.amount = amount
	if over := b.settledOf(d) - amount; over > 0 {
		b.free(d, over)
	}
}

// enter enters an operation that the shop has accepted, and returns the customers whose accounts it has touched.
func (b *accountBooks) enter(op *Operation, s *salesplan.Sale) map[int64]bool {
	touched, rows := map[int64]bool{}, b.paymentsOf(op, s)
	if s != nil && s.Order != nil && s.Order.Stored != nil { // what was opened meanwhile
		b.spendDeposits(s.Order.Stored.Row.ID, s.Order.Stored.Row.Status, 0)
	}
	b.checkVoids(op, s, rows)
	var from taphoa.Time
	for _, p := range rows {
		if b.enterKnown(p) {
			from = b.m.Clock
		}
		touched[p.PartnerID] = true
	}
	var invoice, back *bookedDocument
	if s != nil && s.Return != nil {
		back = b.enterReturn(&b.m.Returns[s.Return.Row.ID].Row)
		touched[back.customer] = true
	}
	if s != nil && s.Invoice != nil {
		invoice = b.enterInvoice(b.m.Invoices[s.Invoice.Row.ID])
		touched[invoice.customer] = true
	}
	for _, p := range rows {
		if b.enterNew(op, p, from) && !p.Paid() { // the voucher of a parcel that came back before it was recorded
			from = b.m.Clock
		}
	}
	b.payNamed(op, rows, from)
	if back != nil && invoice != nil {
		b.settle(back, invoice, back.amount, from)
	}
	if s != nil && s.Order != nil {
		touched[s.Order.Row.CustomerID.Or(0)] = true
		b.spendDeposits(s.Order.Row.ID, b.m.Orders[s.Order.Row.ID].Row.Status, from)
	}
	for customer := range touched {
		b.allocate(customer, from)
	}
	return touched
}

// paymentsOf are the payments of the documents of an operation, by id.
func (b *accountBooks) paymentsOf(op *Operation, s *salesplan.Sale) (rows []*cashplan.PaymentRow) {
	switch {
	case op.Entry != nil:
		rows = append(rows, b.m.Payments[b.m.EntryIDs[len(b.m.EntryIDs)-1]])
	case op.VoidEntry != nil:
		rows = append(rows, b.m.Payments[op.VoidEntry.ID])
	case s != nil:
		if s.Order != nil {
			rows = append(rows, b.m.PaymentsOfOrder(s.Order.Row.ID)...)
		}
		if s.Invoice != nil {
			rows = append(rows, b.m.PaymentsOfInvoice(s.Invoice.Row.ID)...)
		}
		if s.Return != nil {
			rows = append(rows, b.m.PaymentsOfReturn(s.Return.Row.ID)...)
		}
	}
	slices.SortFunc(rows, func(p, q *cashplan.PaymentRow) int { return cmp.Compare(p.ID, q.ID) })
	rows = slices.Compact(rows)
	return slices.DeleteFunc(rows, func(p *cashplan.PaymentRow) bool { return !changesDebt(p) })
}

func paymentRef(id int64) cashplan.DocumentRef {
	return cashplan.DocumentRef{Kind: "payment", ID: id}
}

// ownOf is the document that a payment was booked for.
func ownOf(p *cashplan.PaymentRow) cashplan.DocumentRef {
	switch {
	case p.InvoiceID.Has():
		return cashplan.DocumentRef{Kind: "invoice", ID: p.InvoiceID.Value}
	case p.ReturnID.Has():
		return cashplan.DocumentRef{Kind: "return", ID: p.ReturnID.Value}
	}
	return cashplan.DocumentRef{}
}

// enterKnown enters what has become of a payment from before: it may be voided, of another date, or its order's again. It
// reports whether it was voided now.
func (b *accountBooks) enterKnown(p *cashplan.PaymentRow) (voided bool) {
	d := b.documents[paymentRef(p.ID)]
	if d == nil {
		return false
	}
	a := b.account(d.customer)
	if !p.Paid() && d.amount != 0 {
		d.amount, d.onOrder, voided = 0, 0, true
		a.settled = slices.DeleteFunc(a.settled, func(s *settlement) bool { return s.isSideOf(d) })
	}
	if own := ownOf(p); own != d.own { // the invoice of an order was voided
		a.settled = slices.DeleteFunc(a.settled, func(s *settlement) bool { return s.isSideOf(d) && s.own })
		d.own, d.order = own, p.OrderID.Or(0)
	}
	b.move(d, p.TransDate)
	return voided
}

func (b *accountBooks) enterInvoice(v *salesplan.Invoice) *bookedDocument {
	d := b.document(cashplan.DocumentRef{Kind: "invoice", ID: v.Row.ID}, v.Row.CustomerID.Or(0))
	d.debtor, d.held = true, 0
	b.move(d, v.Row.PurchaseDate)
	due := v.Row.Total
	if v.Row.GoodsReturned {
		due = 0
	}
	b.isWorth(d, due)
	b.payAgain(d)
	if v.Delivery == nil || !v.Delivery.Row.UsingPriceCod {
		return d
	}
	switch v.Delivery.Row.Status {
	case taphoa.DeliveryDelivered, taphoa.DeliveryReturned, taphoa.DeliveryCancelled:
	default:
		d.held = min(due, v.Delivery.Row.PriceCodPayment.Or(due))
	}
	return d
}

func (b *accountBooks) enterReturn(r *salesplan.ReturnRow) *bookedDocument {
	d := b.document(cashplan.DocumentRef{Kind: "return", ID: r.ID}, r.CustomerID.Or(0))
	b.move(d, r.ReturnDate)
	worth := r.ReturnTotal
	if r.Status == taphoa.ReturnVoid {
		worth = 0
	}
	b.isWorth(d, worth)
	b.payAgain(d)
	return d
}

// enterNew enters a payment if it is new: it pays the document that it was booked for. It reports whether it is new.
func (b *accountBooks) enterNew(op *Operation, p *cashplan.PaymentRow, from taphoa.Time) bool {
	ref := paymentRef(p.ID)
	if b.documents[ref] != nil {
		return false
	}
	d := b.document(ref, p.PartnerID)
	d.date, d.debtor, d.own, d.voucher = p.TransDate, p.Amount < 0, ownOf(p), p.VoucherID.Has()
	if d.own == (cashplan.DocumentRef{}) {
		d.order = p.OrderID.Or(0)
	}
	if p.Paid() {
		d.amount = p.Amount.Abs()
	}
	if own := b.documents[d.own]; own != nil {
		b.settle(d, own, d.amount, from)
	}
	if beyond := b.open(d); beyond != 0 && (op.PayInvoice != nil || d.debtor && d.own.Kind == "return") {
		b.find("payment %s of %v goes by %v beyond what %v leaves open", p.Code, p.Amount, beyond, d.own)
	}
	return true
}

// payNamed lets a new entry pay the documents that its request names.
func (b *accountBooks) payNamed(op *Operation, rows []*cashplan.PaymentRow, from taphoa.Time) {
	if op.Entry == nil || len(op.Entry.Documents) == 0 {
		return
	}
	if len(rows) == 0 {
		b.find("an entry that is none of a customer's account pays documents")
		return
	}
	d := b.documents[paymentRef(rows[0].ID)]
	for _, in := range op.Entry.Documents {
		named := b.documents[cashplan.DocumentRef{Kind: lower(in.Type), ID: in.ID.Or(0)}]
		if named == nil {
			b.find("an entry pays the document %+v", in)
			continue
		}
		want := in.Amount.Or(min(b.open(d), b.open(named))).RoundDong()
		if paid := b.settle(d, named, want, from); paid != want || paid == 0 {
			b.find("an entry names %v of %+v, of which it can pay %v", want, in, paid)
		}
	}
}

// spendDeposits lets the deposits of an order pay its invoices in turn, vouchers first. What is left stays on it, and is credit
// once it has ended.
func (b *accountBooks) spendDeposits(order, status int64, from taphoa.Time) {
	ended := status == taphoa.OrderCompleted || status == taphoa.OrderVoided
	for _, vouchers := range []bool{true, false} {
		for _, p := range b.m.PaymentsOfOrder(order) {
			d := b.documents[paymentRef(p.ID)]
			if d == nil || d.order != order || d.voucher != vouchers {
				continue
			}
			d.onOrder = 0
			for _, id := range b.m.orderInvoices[order] {
				if invoice := b.documents[cashplan.DocumentRef{Kind: "invoice", ID: id}]; invoice != nil {
					b.settle(d, invoice, d.amount, from)
				}
			}
			if !ended || vouchers {
				d.onOrder = b.open(d)
			}
		}
	}
}

// payAgain lets what is left of a walk-in's payments pay what they were booked for.
func (b *accountBooks) payAgain(d *bookedDocument) {
	if d.customer != 0 {
		return
	}
	for _, p := range b.account(0).documents {
		if p.own == d.ref {
			b.settle(p, d, p.amount, 0)
		}
	}
}

// allocate is the rule: credit settles what is open, the oldest of both first, but for what is to be collected on delivery. Walk-ins
// have no credit.
func (b *accountBooks) allocate(customer int64, from taphoa.Time) {
	if customer == 0 {
		return
	}
	var debtors, creditors []*bookedDocument
	for _, d := range b.account(customer).documents {
		switch open := b.open(d); {
		case open <= 0:
		case d.debtor:
			debtors = append(debtors, d)
		default:
			creditors = append(creditors, d)
		}
	}
	byAge := func(d, e *bookedDocument) int {
		return cmp.Or(cmp.Compare(d.date, e.date), cmp.Compare(d.ref.ID, e.ref.ID), cmp.Compare(d.ref.Kind, e.ref.Kind))
	}
	slices.SortFunc(debtors, byAge)
	slices.SortFunc(creditors, byAge)
	for _, d := range debtors {
		for _, c := range creditors {
			b.settle(c, d, b.open(d)-min(d.held, b.open(d)), from)
		}
	}
}

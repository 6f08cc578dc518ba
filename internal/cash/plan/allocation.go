package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/taphoa/taphoa"
)

// PartnerDocument is a document of a partner's account. The account of a debtor document is settled by creditor documents:
// invoices of a customer, purchases of a supplier, and payouts and adjustments that are no credit.
type PartnerDocument struct {
	Account Account
	Ref     DocumentRef
	Code    string // may be given later, to [Ledger.Name]
	Date    taphoa.Time
	Debtor  bool
}

// OpenItemRow is a row of the table open_items: what a document leaves open.
type OpenItemRow struct {
	AccountType  string
	AccountID    int64
	Kind         string
	DocumentID   int64
	Code         string
	DocumentDate taphoa.Time
	OpenAmount   taphoa.Money // positive of a debtor document, negative of a creditor document
	HeldAmount   taphoa.Money // what is to be collected on delivery, and not settled by itself; may be more than is open
}

func (r *OpenItemRow) account() Account { return Account{r.AccountType, r.AccountID} }
func (r *OpenItemRow) ref() DocumentRef { return DocumentRef{r.Kind, r.DocumentID} }

// AllocationRow is a row of the table allocations: what a creditor document settles of a debtor document. What a payment pays
// of the document that it was booked for is [PaymentRow.Applied].
type AllocationRow struct {
	ID           int64
	AccountType  string
	AccountID    int64
	CreditorKind string
	CreditorID   int64
	CreditorCode string
	CreditorDate taphoa.Time
	DebtorKind   string
	DebtorID     int64
	DebtorCode   string
	DebtorDate   taphoa.Time
	Amount       taphoa.Money
	EffectiveAt  taphoa.Time // the later date of both, or when it was made because something else was voided
	EndedAt      taphoa.Time // 0 while it is valid
	CreatedDate  taphoa.Time
}

// Creditor is the document that settles.
func (r *AllocationRow) Creditor() DocumentRef { return DocumentRef{r.CreditorKind, r.CreditorID} }

// Debtor is the document that is settled.
func (r *AllocationRow) Debtor() DocumentRef { return DocumentRef{r.DebtorKind, r.DebtorID} }

// openItem is what a document leaves open as planned so far.
type openItem struct {
	OpenItemRow
	stored *OpenItemRow // nil for one that is not stored
	debtor bool
}

// free is what may be settled by itself.
func (i *openItem) free() taphoa.Money { return max(0, i.OpenAmount-max(0, i.HeldAmount)) }

// allocation is an allocation as planned so far. One that is removed has the amount 0.
type allocation struct {
	AllocationRow
	stored *AllocationRow // nil for a new one
}

// item is a document in the ledger, as it is there or as it is told.
func (l *Ledger) item(d *PartnerDocument) *openItem {
	for _, i := range l.items {
		if i.ref() == d.Ref && i.account() == d.Account {
			return i
		}
	}
	i := &openItem{OpenItemRow: OpenItemRow{
		AccountType: d.Account.Type, AccountID: d.Account.ID, Kind: d.Ref.Kind, DocumentID: d.Ref.ID, Code: d.Code, DocumentDate: d.Date,
	}, debtor: d.Debtor}
	l.items = append(l.items, i)
	return i
}

// itemOf is the document of a payment; none for one that is no partner's.
func (l *Ledger) itemOf(p *payment) (*openItem, bool) {
	account := p.partnerAccount()
	if account.Type != typeCustomer && account.Type != typeSupplier {
		return nil, false
	}
	return l.item(&PartnerDocument{
		Account: account, Ref: p.ref(), Code: p.Code, Date: p.TransDate, Debtor: p.Amount > 0 == (account.Type == typeSupplier),
	}), true
}

// valid are the allocations for which which is true, of those that are not removed.
func (l *Ledger) valid(which func(*AllocationRow) bool) (all []*allocation) {
	for _, a := range l.allocations {
		if a.Amount > 0 && a.EndedAt == 0 && which(&a.AllocationRow) {
			all = append(all, a)
		}
	}
	return all
}

// settledOf is what allocations and the payments that were booked for a document settle of it.
func (l *Ledger) settledOf(ref DocumentRef) (sum taphoa.Money) {
	for _, a := range l.valid(func(a *AllocationRow) bool { return a.Creditor() == ref || a.Debtor() == ref }) {
		sum += a.Amount
	}
	for i := range l.payments {
		if p := &l.payments[i]; p.Paid() && p.own() == ref {
			sum += p.Applied.Abs()
		}
	}
	return sum
}

// Know tells the ledger a stored document, whose payments and allocations were asked for, and its amount. What it leaves open is
// stored for partners with a name.
func (l *Ledger) Know(d PartnerDocument, amount taphoa.Money) {
	l.Name(d.Ref, d.Code)
	i := l.item(&d)
	if d.Account.ID != 0 && l.asked[d.Account] {
		return
	}
	if i.OpenAmount = max(0, amount-l.settledOf(d.Ref)); !d.Debtor {
		i.OpenAmount = -i.OpenAmount
	}
}

// Change adds to the amount of a document: what a new one is worth, or takes off what it is worth no more. Of one that is settled by
// more than its amount then, the youngest allocations are freed, vouchers last.
func (l *Ledger) Change(d PartnerDocument, by taphoa.Money) {
	i := l.item(&d)
	if !d.Debtor {
		by = -by
	}
	i.OpenAmount += by
	if i.debtor && i.OpenAmount < 0 {
		l.freeYoungest(i, -i.OpenAmount)
	} else if !i.debtor && i.OpenAmount > 0 {
		l.freeYoungest(i, i.OpenAmount)
	}
	if i.AccountID == 0 {
		l.payAgain(i)
	}
}

// Hold keeps what is to be collected on delivery of a document from being settled by itself.
func (l *Ledger) Hold(d PartnerDocument, amount taphoa.Money) { l.item(&d).HeldAmount = amount }

// Open is what a document in the ledger leaves open, or has left as credit.
func (l *Ledger) Open(d PartnerDocument) taphoa.Money { return l.item(&d).OpenAmount.Abs() }

// Name gives the code of a document that was made in this operation.
func (l *Ledger) Name(ref DocumentRef, code string) { l.codes[ref] = code }

// Settled is by how much more, or less, a document is paid than it is stored: what its payments and allocations have come to.
// Of a return, and of what else is credit, that is money alone: its allocations to invoices are none.
func (l *Ledger) Settled(ref DocumentRef) taphoa.Money { return l.settled[ref] }

// note notes that a part of a debtor document is settled by a creditor document.
func (l *Ledger) note(creditor, debtor DocumentRef, amount taphoa.Money) {
	l.settled[debtor] += amount
	if debtor.Kind == kindPayment { // money paid out
		l.settled[creditor] += amount
	}
}

// apply adds to what a payment pays of the document that it was booked for. The order of an invoice is paid as much more.
func (l *Ledger) apply(p *payment, amount taphoa.Money) {
	p.apply(amount)
	if p.OrderID.Has() {
		l.settled[DocumentRef{"order", p.OrderID.Value}] += amount
	}
}

// allocate lets a creditor document settle a part of a debtor document.
func (l *Ledger) allocate(creditor, debtor *openItem, amount taphoa.Money) {
	if amount <= 0 {
		return
	}
	creditor.OpenAmount += amount
	debtor.OpenAmount -= amount
	l.note(creditor.ref(), debtor.ref(), amount)
	for _, sides := range [2][2]*openItem{{creditor, debtor}, {debtor, creditor}} { // a receipt of an invoice, a refund of a return
		if p := l.paymentOf(sides[0].ref()); p != nil && p.own() == sides[1].ref() {
			l.apply(p, amount)
			return
		}
	}
	same := l.valid(func(a *AllocationRow) bool {
		return a.Creditor() == creditor.ref() && a.Debtor() == debtor.ref() && a.CreatedDate == l.ctx.Now
	})
	if len(same) > 0 {
		same[0].Amount += amount
		return
	}
	l.allocations = append(l.allocations, l.newAllocation(creditor, debtor, amount))
}

func (l *Ledger) newAllocation(creditor, debtor *openItem, amount taphoa.Money) *allocation {
	return &allocation{AllocationRow: AllocationRow{
		ID: l.ctx.ID("allocations"), AccountType: creditor.AccountType, AccountID: creditor.AccountID,
		CreditorKind: creditor.Kind, CreditorID: creditor.DocumentID, CreditorCode: creditor.Code, CreditorDate: creditor.DocumentDate,
		DebtorKind: debtor.Kind, DebtorID: debtor.DocumentID, DebtorCode: debtor.Code, DebtorDate: debtor.DocumentDate,
		Amount: amount, EffectiveAt: max(creditor.DocumentDate, debtor.DocumentDate, l.voidedAt), CreatedDate: l.ctx.Now,
	}}
}

// portion is a part of a document that is settled: by an allocation, or by a payment that was booked for it or books it.
type portion struct {
	allocation *allocation
	payment    *payment
}

// portions are those of a document, the youngest first and vouchers last.
func (l *Ledger) portions(ref DocumentRef) (all []portion) {
	for _, a := range l.valid(func(a *AllocationRow) bool { return a.Creditor() == ref || a.Debtor() == ref }) {
		all = append(all, portion{allocation: a})
	}
	for i := range l.payments {
		if p := &l.payments[i]; p.Paid() && p.Applied != 0 && (p.own() == ref || p.ref() == ref) {
			all = append(all, portion{payment: p})
		}
	}
	slices.SortFunc(all, func(a, b portion) int { return slices.Compare(l.ageOf(b), l.ageOf(a)) })
	return all
}

// ageOf is what the youngest portion has most of. A voucher, which may pay through its order, is old; a request's own money has paid
// before what it has allocated.
func (l *Ledger) ageOf(p portion) []int64 {
	if pays := p.payment; pays != nil {
		return []int64{noVoucher(pays), int64(pays.CreatedDate), 0, pays.ID}
	}
	a := p.allocation
	return []int64{noVoucher(l.paymentOf(a.Creditor())), int64(a.CreatedDate), 1, a.ID}
}

// noVoucher is 0 for a payment by voucher, and 1 for whatever else.
func noVoucher(p *payment) int64 {
	if p != nil && p.VoucherID.Has() {
		return 0
	}
	return 1
}

// freeYoungest frees so much of a document, the youngest portions first.
func (l *Ledger) freeYoungest(i *openItem, amount taphoa.Money) {
	for _, p := range l.portions(i.ref()) {
		if amount == 0 {
			return
		}
		amount -= l.release(p, amount, 0)
	}
}

// release takes up to an amount back from a portion, and returns how much. ended is when it ends; 0 for one that is as if it had
// never been.
func (l *Ledger) release(from portion, most taphoa.Money, ended taphoa.Time) taphoa.Money {
	var creditor, debtor *openItem
	var amount taphoa.Money
	if a := from.allocation; a != nil {
		amount = min(most, a.Amount)
		creditor, debtor = l.sidesOf(&a.AllocationRow)
		a.Amount -= amount
	} else {
		p := from.payment
		amount = min(most, p.Applied.Abs())
		pays, _ := l.itemOf(p)
		creditor, debtor = pays, l.item(&PartnerDocument{Account: pays.account(), Ref: p.own(), Debtor: !pays.debtor})
		if pays.debtor { // a refund
			creditor, debtor = debtor, creditor
		}
		l.apply(p, -amount)
	}
	creditor.OpenAmount -= amount
	debtor.OpenAmount += amount
	l.note(creditor.ref(), debtor.ref(), -amount)
	if ended != 0 {
		past := l.newAllocation(creditor, debtor, amount)
		past.EffectiveAt, past.EndedAt = max(creditor.DocumentDate, debtor.DocumentDate), ended
		if from.allocation != nil {
			past.EffectiveAt, past.CreatedDate = from.allocation.EffectiveAt, from.allocation.CreatedDate
		}
		if past.EffectiveAt < ended {
			l.allocations = append(l.allocations, past)
		}
	}
	return amount
}

// sidesOf are the documents of an allocation.
func (l *Ledger) sidesOf(a *AllocationRow) (creditor, debtor *openItem) {
	account := Account{a.AccountType, a.AccountID}
	creditor = l.item(&PartnerDocument{Account: account, Ref: a.Creditor(), Code: a.CreditorCode, Date: a.CreditorDate})
	debtor = l.item(&PartnerDocument{Account: account, Ref: a.Debtor(), Code: a.DebtorCode, Date: a.DebtorDate, Debtor: true})
	return creditor, debtor
}

// PayNamed lets a creditor document settle a debtor document that it names, up to an amount, and returns how much.
func (l *Ledger) PayNamed(creditor, debtor PartnerDocument, most taphoa.Money) taphoa.Money {
	c, d := l.item(&creditor), l.item(&debtor)
	amount := max(0, min(most, -c.OpenAmount, d.OpenAmount))
	if creditor.Account != debtor.Account {
		return 0
	}
	l.allocate(c, d, amount)
	return amount
}

// Deposits are the payments that belong to a document which is no debtor document: an order, or a draft of a purchase. They pay
// the debtor documents that it has become, in their order, each at most what it leaves open; vouchers first. What is left
// stays with them until they are freed: then it is credit, but for vouchers.
//
// which tells the payments, kind and ids the debtor documents.
func (l *Ledger) Deposits(which func(*PaymentRow) bool, kind string, ids []int64, freed bool) {
	for _, vouchers := range []bool{true, false} {
		for n := range l.payments {
			p := &l.payments[n]
			if !p.Paid() || p.Applied != 0 || p.VoucherID.Has() != vouchers || !which(&p.PaymentRow) {
				continue
			}
			i, partner := l.itemOf(p)
			if !partner {
				continue
			}
			i.OpenAmount = l.settledOf(i.ref()) - p.Amount.Abs()
			for _, id := range ids {
				for _, d := range l.items {
					if d.ref() == (DocumentRef{kind, id}) && d.account() == i.account() {
						l.allocate(i, d, min(-i.OpenAmount, max(0, d.OpenAmount)))
					}
				}
			}
			if !freed || vouchers || i.AccountID == 0 {
				i.OpenAmount = 0
			}
		}
	}
}

// Rest is what a payment has left beside what it pays.
func (l *Ledger) Rest(paymentID int64) taphoa.Money {
	if p := l.paymentOf(DocumentRef{kindPayment, paymentID}); p != nil && p.Paid() {
		return p.Amount.Abs() - p.Applied.Abs() - l.settledOf(p.ref())
	}
	return 0
}

// Part is what a payment that was booked for something else pays of a document.
func (l *Ledger) Part(paymentID int64, ref DocumentRef) taphoa.Money {
	if p := l.paymentOf(DocumentRef{kindPayment, paymentID}); p != nil {
		return l.part(p, ref)
	}
	return 0
}

// VouchersOf is what vouchers have paid of a document.
func (l *Ledger) VouchersOf(ref DocumentRef) (sum taphoa.Money) {
	for i := range l.payments {
		switch p := &l.payments[i]; {
		case !p.VoucherID.Has() || !p.Paid():
		case p.own() == ref:
			sum += p.Applied
		default:
			sum += l.part(p, ref)
		}
	}
	return sum
}

// Settle lets the credit of each partner settle what their debtor documents leave open: the oldest credit first, by document date
// and id, and the oldest debtor document first. What is to be collected on delivery stays open. Those without a name have no
// account.
func (l *Ledger) Settle() {
	order := func(a, b *openItem) int {
		return cmp.Or(
			cmp.Compare(a.DocumentDate, b.DocumentDate), cmp.Compare(a.DocumentID, b.DocumentID), cmp.Compare(a.Kind, b.Kind))
	}
	var debtors, creditors []*openItem
	for _, i := range l.items {
		switch {
		case i.AccountID == 0:
		case i.free() > 0:
			debtors = append(debtors, i)
		case i.OpenAmount < 0:
			creditors = append(creditors, i)
		}
	}
	slices.SortFunc(debtors, order)
	slices.SortFunc(creditors, order)
	for _, d := range debtors {
		for _, c := range creditors {
			if c.account() == d.account() {
				l.allocate(c, d, min(-c.OpenAmount, d.free()))
			}
		}
	}
}

// finishAllocations adds the rows of open items and allocations to the changes.
func (l *Ledger) finishAllocations(c *Changes) error {
	for _, i := range l.items {
		if i.AccountID == 0 {
			continue
		}
		if code := l.codes[i.ref()]; i.Code == "" {
			i.Code = code
		}
		settled := i.OpenAmount == 0 && (i.HeldAmount == 0 || !i.debtor)
		if (!settled || i.stored != nil) && (i.Code == "" || !l.asked[i.account()]) {
			return fmt.Errorf("%s %d of the account %v, which leaves %v open, was not asked for", i.Kind, i.DocumentID, i.account(), i.OpenAmount)
		}
		switch {
		case i.stored == nil && !settled:
			c.NewItems = append(c.NewItems, i.OpenItemRow)
		case i.stored != nil && settled:
			c.GoneItems = append(c.GoneItems, *i.stored)
		case i.stored != nil && i.OpenItemRow != *i.stored:
			c.ChangedItems = append(c.ChangedItems, ItemChange{*i.stored, i.OpenItemRow})
		}
	}
	for _, a := range l.allocations {
		if a.CreditorCode == "" {
			a.CreditorCode = l.codes[a.Creditor()]
		}
		if a.DebtorCode == "" {
			a.DebtorCode = l.codes[a.Debtor()]
		}
		switch {
		case a.stored == nil && a.Amount > 0:
			c.NewAllocations = append(c.NewAllocations, a.AllocationRow)
		case a.stored != nil && a.Amount == 0:
			c.GoneAllocations = append(c.GoneAllocations, a.ID)
		case a.stored != nil && a.AllocationRow != *a.stored:
			c.ChangedAllocations = append(c.ChangedAllocations, AllocationChange{*a.stored, a.AllocationRow})
		}
	}
	maps.DeleteFunc(l.settled, func(_ DocumentRef, by taphoa.Money) bool { return by == 0 })
	if len(l.settled) > 0 {
		c.Settled = l.settled
	}
	for _, b := range c.Balances {
		c.DebtsChanged = append(c.DebtsChanged, Account{b.AccountType, b.AccountID})
	}
	return nil
}

// Known tells the ledger that a partner is new, and has no open items.
func (l *Ledger) Known(a Account) { l.asked[a] = true }

// SettledOf are the ids of the documents of a kind that are paid more, or less, than before.
func (c *Changes) SettledOf(kind string) (ids []int64) {
	for ref := range c.Settled {
		if ref.Kind == kind {
			ids = append(ids, ref.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

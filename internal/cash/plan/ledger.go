package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/plan"
)

// Facts are the stored rows that an operation depends on.
type Facts struct {
	Payments     []PaymentRow  // of the documents and ids that were asked for, in any order
	Documents    []DocumentRef // whose postings were asked for
	Postings     []PostingRow  // theirs
	BankAccounts []BankAccount // of the shop, deleted ones too
	Accounts     []Account     // of partners, whose open items were asked for
	OpenItems    []OpenItemRow // theirs
	Allocations  []AllocationRow
}

// Ledger is the part of the money ledger that an operation depends on, changed in memory by the plan. It is not safe for
// concurrent use.
type Ledger struct {
	ctx      *plan.Context
	accounts []BankAccount
	payments []payment // by id
	posted   map[DocumentRef][]Posting
	postings []PostingRow // new ones
	redated  []EffectiveDate

	asked       map[Account]bool
	items       []*openItem
	allocations []*allocation
	settled     map[DocumentRef]taphoa.Money
	codes       map[DocumentRef]string
	voidedAt    taphoa.Time // what is allocated after a payment was voided takes effect then; 0 before
	adjusted    []AdjustmentChange

	partners map[Account]PartnerFacts
	groups   map[int64]string
	finished bool
}

// payment is a payment as planned so far.
type payment struct {
	PaymentRow
	stored *PaymentRow // nil for a new one
	event  bool        // created or voided: cashflow.update has it
}

// NewLedger returns a ledger of stored rows, which it does not change.
func NewLedger(ctx *plan.Context, f Facts) *Ledger {
	l := &Ledger{
		ctx: ctx, accounts: f.BankAccounts, payments: make([]payment, len(f.Payments)), posted: map[DocumentRef][]Posting{},
		asked: map[Account]bool{}, settled: map[DocumentRef]taphoa.Money{}, codes: map[DocumentRef]string{},
		partners: map[Account]PartnerFacts{}, groups: map[int64]string{},
	}
	for _, a := range f.Accounts {
		l.asked[a] = true
	}
	for i := range f.OpenItems {
		row := &f.OpenItems[i]
		l.items = append(l.items, &openItem{OpenItemRow: *row, stored: row, debtor: row.OpenAmount > 0 || row.HeldAmount != 0})
	}
	for i := range f.Allocations {
		l.allocations = append(l.allocations, &allocation{AllocationRow: f.Allocations[i], stored: &f.Allocations[i]})
	}
	slices.SortFunc(l.allocations, func(a, b *allocation) int { return cmp.Compare(a.ID, b.ID) })
	for i := range f.Payments {
		l.payments[i] = payment{PaymentRow: f.Payments[i], stored: &f.Payments[i]}
	}
	slices.SortFunc(l.payments, func(a, b payment) int { return cmp.Compare(a.ID, b.ID) })
	for _, d := range f.Documents {
		l.posted[d] = nil
	}
	for i := range f.Postings {
		p := &f.Postings[i]
		l.posted[p.document()] = append(l.posted[p.document()], p.posting())
	}
	return l
}

// find returns the place of a payment among the payments, or where it would be.
func (l *Ledger) find(id int64) (int, bool) {
	return slices.BinarySearchFunc(l.payments, id, func(p payment, id int64) int { return cmp.Compare(p.ID, id) })
}

func (l *Ledger) account(id int64) (BankAccount, bool) {
	for i := range l.accounts {
		if l.accounts[i].ID == id {
			return l.accounts[i], true
		}
	}
	return BankAccount{}, false
}

// Receive adds a receipt, or a payment if the amount is negative. It refuses with CodeValidate an amount of 0 or beyond
// [taphoa.MoneyMax], the method Voucher without a voucher, a voucher with another method, and a bank account that is
// unknown or deleted.
func (l *Ledger) Receive(r Receipt) (PaymentRow, error) {
	var none PaymentRow
	if r.Amount == 0 {
		return none, taphoa.Refuse(taphoa.CodeValidate, "amount", "Số tiền thanh toán phải khác 0")
	}
	counter, err := counterAccount(r.Method, r.BranchID, r.AccountID)
	if err != nil {
		return none, err
	}
	if counter.Type != typeBank {
		r.AccountID = taphoa.Opt[int64]{}
	}
	if r.Method.AcceptsVoucher() != r.VoucherID.Has() {
		return none, taphoa.Refuse(taphoa.CodeValidate, "payments.voucherId", "Thanh toán bằng voucher cần một dòng payments có "+
			"method Voucher và voucherId, cùng với isApplyVoucher là true")
	}
	if r.AccountID.Has() {
		if a, found := l.account(r.AccountID.Value); !found || a.DeletedAt != 0 {
			return none, taphoa.Refuse(taphoa.CodeValidate, "accountId", "Tài khoản ngân hàng %d (accountId) không tồn tại", r.AccountID.Value)
		}
	}
	if r.PartnerType == "" {
		r.PartnerType, r.PartnerID = r.Partner.Type, r.Partner.ID
	}
	if r.CashFlowGroupID == 0 {
		r.CashFlowGroupID = taphoa.CashFlowGroupFor(r.PartnerType, r.Amount > 0)
	}
	row := l.newRow(&r)
	if row.partnerAccount() != r.Partner {
		return none, fmt.Errorf("a payment of %+v would be read as one of %+v", r.Partner, row.partnerAccount())
	}
	want, err := row.posting()
	if err != nil {
		return none, err
	}
	if _, err := l.Post(Document{Kind: kindPayment, ID: row.ID, EffectiveAt: row.TransDate}, []Posting{want}); err != nil {
		return none, err
	}
	row.Code = l.ctx.Code(r.codePrefix())
	at, _ := l.find(row.ID)
	l.payments = slices.Insert(l.payments, at, payment{PaymentRow: row, event: true})
	l.enter(&l.payments[at])
	return l.payments[at].PaymentRow, nil
}

// enter makes a new payment a document of its partner's account, and lets it pay the document that it is booked for.
func (l *Ledger) enter(p *payment) {
	pays, partner := l.itemOf(p)
	if !partner {
		return
	}
	pays.OpenAmount = -p.Amount.Abs()
	if pays.debtor {
		pays.OpenAmount = p.Amount.Abs()
	}
	for _, i := range l.items {
		if i.ref() != p.own() || i.account() != pays.account() || i.debtor == pays.debtor {
			continue
		}
		if pays.debtor {
			l.allocate(i, pays, min(pays.OpenAmount, max(0, -i.OpenAmount)))
		} else {
			l.allocate(pays, i, min(-pays.OpenAmount, max(0, i.OpenAmount)))
		}
		return
	}
}

// kindPayment is the kind of a payment as a document.
const kindPayment = "payment"

// paymentOf is the payment that a document is; nil if it is none, or was not asked for.
func (l *Ledger) paymentOf(ref DocumentRef) *payment {
	if at, found := l.find(ref.ID); found && ref.Kind == kindPayment {
		return &l.payments[at]
	}
	return nil
}

// newRow is the row of a receipt, without its code.
func (l *Ledger) newRow(r *Receipt) PaymentRow {
	return PaymentRow{
		ID: l.ctx.ID("payments"), BranchID: r.BranchID, Amount: r.Amount, Method: r.Method, AccountID: orAbsent(r.AccountID),
		Status: taphoa.PaymentPaid, PartnerType: r.PartnerType, PartnerID: r.PartnerID,
		OrderID: orAbsent(r.OrderID), InvoiceID: orAbsent(r.InvoiceID), ReturnID: orAbsent(r.ReturnID), PurchaseID: orAbsent(r.PurchaseID),
		VoucherID: orAbsent(r.VoucherID), VoucherCampaignID: orAbsent(r.CampaignID), Description: orAbsent(r.Description),
		UserID: l.ctx.Actor.UserID, TransDate: r.TransDate, CreatedDate: l.ctx.Now, ChangedAt: l.ctx.Now,
		CashFlowGroupID: taphoa.Some(r.CashFlowGroupID), UsedForFinancialReporting: r.UsedForFinancialReporting,
		PartnerName: orAbsent(r.PartnerName), PartnerSearch: orAbsent(r.PartnerSearch),
		ContactNumber: orAbsent(r.ContactNumber), Address: orAbsent(r.Address),
	}
}

// Void voids a payment: the row stays, its posting is reversed, and what it has settled is open again. It reports false for one
// that is voided already. The payment must have been asked for, with its allocations.
func (l *Ledger) Void(paymentID int64) (changed bool, err error) {
	at, found := l.find(paymentID)
	if !found {
		return false, fmt.Errorf("payment %d was not asked for", paymentID)
	}
	p := &l.payments[at]
	if !p.Paid() {
		return false, nil
	}
	moved, err := p.posting()
	if err != nil {
		return false, err
	}
	l.posted[DocumentRef{kindPayment, p.ID}] = []Posting{moved}
	if _, err := l.Post(Document{Kind: kindPayment, ID: p.ID, Step: 1, EffectiveAt: l.ctx.Clock}, nil); err != nil {
		return false, err
	}
	if i, partner := l.itemOf(p); partner {
		l.voidedAt = l.ctx.Clock
		for _, portion := range l.portions(p.ref()) {
			l.release(portion, taphoa.MoneyMax, l.ctx.Clock)
		}
		i.OpenAmount = 0
	}
	p.Status, p.ChangedAt, p.event = taphoa.PaymentVoided, l.ctx.Now, true
	return true, nil
}

// Assign makes a payment of an order one that was booked for an invoice of it.
func (l *Ledger) Assign(paymentID, invoiceID int64) {
	if p := l.paymentOf(DocumentRef{kindPayment, paymentID}); p != nil {
		p.InvoiceID = taphoa.Some(invoiceID)
	}
}

// PaysOthers reports whether a payment pays other documents than the one that it was booked for.
func (l *Ledger) PaysOthers(paymentID int64) bool {
	ref := DocumentRef{kindPayment, paymentID}
	return len(l.valid(func(a *AllocationRow) bool { return a.Creditor() == ref || a.Debtor() == ref })) > 0
}

// MoveReceipts moves the payments that were booked with a document from its date to a new one, but no later than now.
// created is when the document was made. A document of the future has booked its payments when it was made, or moved there.
// Payments of later, and those with another date of their own, stay.
func (l *Ledger) MoveReceipts(of func(*PaymentRow) bool, created, from, to taphoa.Time) {
	if from == to {
		return
	}
	to = min(to, l.ctx.Clock)
	for i := range l.payments {
		p := &l.payments[i]
		if p.stored == nil || !p.Paid() || !of(&p.PaymentRow) || p.CreatedDate != created || p.TransDate == to {
			continue
		}
		if p.TransDate != from && (p.TransDate > from || p.TransDate < created.Add(-time.Second)) {
			continue
		}
		l.redate(p, to)
	}
}

// Redate moves a payment, which must have been asked for, to another date.
func (l *Ledger) Redate(paymentID int64, to taphoa.Time) {
	if at, found := l.find(paymentID); found {
		l.redate(&l.payments[at], to)
	}
}

func (l *Ledger) redate(p *payment, to taphoa.Time) {
	p.TransDate, p.ChangedAt, p.event = to, l.ctx.Now, true
	l.SetEffectiveDate(DocumentRef{kindPayment, p.ID}, to)
}

// SetEffectiveDate moves the postings of a document to another date.
func (l *Ledger) SetEffectiveDate(d DocumentRef, at taphoa.Time) {
	l.redated = append(l.redated, EffectiveDate{d.Kind, d.ID, at})
	for _, i := range l.items {
		if i.ref() == d {
			i.DocumentDate = at
		}
	}
	for _, a := range l.allocations {
		later := max(a.CreditorDate, a.DebtorDate)
		switch d {
		case a.Creditor():
			a.CreditorDate = at
		case a.Debtor():
			a.DebtorDate = at
		}
		if a.EffectiveAt == later {
			a.EffectiveAt = 0
		}
		a.EffectiveAt = max(a.EffectiveAt, a.CreditorDate, a.DebtorDate) // later if it was made because something was voided
	}
}

// ReleaseToOrder makes the payments that were booked for an invoice of an order deposits of the order, if its customer has paid
// them.
func (l *Ledger) ReleaseToOrder(invoiceID int64, customer Account) {
	for i := range l.payments {
		p := &l.payments[i]
		if !p.Paid() || !p.OrderID.Has() || p.InvoiceID.Or(0) != invoiceID || p.partnerAccount() != customer {
			continue
		}
		if p.Applied != 0 {
			l.release(portion{payment: p}, taphoa.MoneyMax, 0)
		}
		p.InvoiceID, p.ChangedAt = taphoa.Opt[int64]{}, l.ctx.Now
	}
}

// Payments returns the payments for which which is true, as planned so far, by id.
func (l *Ledger) Payments(which func(*PaymentRow) bool) (rows []PaymentRow) {
	for i := range l.payments {
		if p := &l.payments[i].PaymentRow; which(p) {
			rows = append(rows, *p)
		}
	}
	return rows
}

// Shown is a payment as orders, invoices, returns and purchases show it.
func (l *Ledger) Shown(p *PaymentRow) taphoa.Payment {
	return taphoa.Payment{
		ID: p.ID, Code: p.Code, Amount: p.Amount, Method: string(p.Method), Status: p.Status,
		StatusValue: taphoa.PaymentStatusValue(p.Status), TransDate: p.TransDate, BankAccount: l.accountLabel(p.AccountID),
		AccountID: p.AccountID, Description: p.Description,
	}
}

// accountLabel is how documents show a bank account, deleted or not.
func (l *Ledger) accountLabel(id taphoa.Opt[int64]) taphoa.Opt[string] {
	if a, found := l.account(id.Or(0)); found {
		return taphoa.Some(a.label())
	}
	return taphoa.Opt[string]{}
}

// Changes are the rows to write.
type Changes struct {
	NewPayments     []PaymentRow
	ChangedPayments []PaymentChange
	Postings        []PostingRow
	Balances        []BalanceRow // what is to be added
	Redated         []EffectiveDate
	Events          []Event // of the cash book, by payment id

	NewItems, GoneItems []OpenItemRow
	ChangedItems        []ItemChange
	NewAllocations      []AllocationRow
	ChangedAllocations  []AllocationChange
	GoneAllocations     []int64
	Adjustments         []AdjustmentChange
	Settled             map[DocumentRef]taphoa.Money // [Ledger.Settled] of all documents for which it is not 0
	DebtsChanged        []Account                    // of partners with a name
}

// ItemChange is an open item before and after.
type ItemChange struct{ Stored, Row OpenItemRow }

// AllocationChange is an allocation before and after.
type AllocationChange struct{ Stored, Row AllocationRow }

// EffectiveDate is what the postings of a document get when it is moved to another date: columns of cash_postings.
type EffectiveDate struct {
	Kind        string
	DocumentID  int64
	EffectiveAt taphoa.Time
}

// PaymentChange is a payment before and after.
type PaymentChange struct{ Stored, Row PaymentRow }

// Finish returns the rows to write. A ledger is finished once: rows that are written twice would move money twice.
func (l *Ledger) Finish() (Changes, error) {
	if l.finished {
		return Changes{}, errors.New("the ledger is finished already")
	}
	l.finished = true
	c := Changes{Postings: l.postings, Balances: balances(l.postings), Redated: l.redated, Adjustments: l.adjusted}
	for i := range l.payments {
		p := &l.payments[i]
		switch {
		case p.stored == nil:
			c.NewPayments = append(c.NewPayments, p.PaymentRow)
		case p.PaymentRow != *p.stored:
			c.ChangedPayments = append(c.ChangedPayments, PaymentChange{*p.stored, p.PaymentRow})
		}
		if p.event && p.InCashBook() {
			c.Events = append(c.Events, l.event(&p.PaymentRow))
		}
	}
	return c, l.finishAllocations(&c)
}

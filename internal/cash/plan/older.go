package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/plan"
)

// OlderAccount is a partner's account from before money was allocated to documents: all its documents and payments.
type OlderAccount struct {
	Account   Account
	Balance   taphoa.Money // as cash_balances has it
	Documents []OlderDocument
	Orders    []OlderOrder // that have payments
	Drafts    []int64      // purchases that are not received yet
	Payments  []PaymentRow
}

// OlderDocument is an invoice, a return, a purchase that was received or void, or an adjustment.
type OlderDocument struct {
	PartnerDocument
	Amount  taphoa.Money // what it is worth; 0 of a void one
	Held    taphoa.Money // what is to be collected on delivery
	Paid    taphoa.Money // its totalPayment as stored
	OrderID int64        // from which an invoice was made
	Source  DocumentRef  // the invoice whose goods a return has brought back
}

// OlderOrder is an order with payments.
type OlderOrder struct {
	ID    int64
	IsOwn bool // the account is that of its customer
	Ended bool
	Paid  taphoa.Money // its totalPayment as stored
}

// OlderChanges are what is to be written when the money of an account is allocated.
type OlderChanges struct {
	Changes
	Paid       map[DocumentRef]taphoa.Money // totalPayment of the documents for which it is another one than stored
	PaidOrders map[int64]taphoa.Money       // and of orders

	// Differs is what the documents come to more than the balance. If it is not 0, nothing is to be written.
	Differs taphoa.Money
}

// older allocates the money of an account from the beginning.
type older struct {
	*OlderAccount
	ledger   *Ledger
	items    map[DocumentRef]*openItem
	orders   map[int64]*OlderOrder
	invoices map[int64][]*openItem // of orders, by id
	deposits taphoa.Money
}

// AllocateOlder allocates the money of an account from the beginning, whatever its payments are applied to so far: payments pay
// the document that they were booked for, at most what it leaves open; what is left of one that came with an order pays the other
// invoices of the order and stays there until it ends; returns settle their own invoice; all else is settled by date. Vouchers
// never become credit. Those without a name have no credit, and keep what they have paid too much.
func AllocateOlder(ctx *plan.Context, f *OlderAccount) (OlderChanges, error) {
	o := newOlder(ctx, f)
	for _, vouchers := range []bool{true, false} {
		for i := range o.ledger.payments {
			if p := &o.ledger.payments[i]; p.Paid() && p.VoucherID.Has() == vouchers {
				o.payOwn(p)
			}
		}
	}
	o.spendDeposits()
	for i := range o.Documents {
		if d := &o.Documents[i]; o.items[d.Source] != nil {
			o.pay(o.items[d.Ref], o.items[d.Source])
		}
	}
	o.ledger.Settle()
	return o.finish()
}

func newOlder(ctx *plan.Context, f *OlderAccount) *older {
	o := &older{
		OlderAccount: f, items: map[DocumentRef]*openItem{}, orders: map[int64]*OlderOrder{}, invoices: map[int64][]*openItem{},
		ledger: NewLedger(ctx, Facts{Payments: f.Payments, Accounts: []Account{f.Account}}),
	}
	slices.SortFunc(f.Documents, func(a, b OlderDocument) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Ref.ID, b.Ref.ID))
	})
	slices.SortFunc(f.Orders, func(a, b OlderOrder) int { return cmp.Compare(a.ID, b.ID) })
	for i := range f.Orders {
		o.orders[f.Orders[i].ID] = &f.Orders[i]
	}
	for i := range f.Documents {
		d := &f.Documents[i]
		item := o.add(&d.PartnerDocument, d.Amount)
		item.HeldAmount = d.Held
		if d.OrderID != 0 {
			o.invoices[d.OrderID] = append(o.invoices[d.OrderID], item)
		}
	}
	for _, all := range o.invoices {
		slices.SortFunc(all, func(a, b *openItem) int { return cmp.Compare(a.DocumentID, b.DocumentID) })
	}
	for i := range o.ledger.payments {
		o.ledger.payments[i].Applied = 0
	}
	return o
}

// add makes a document an item that is open as a whole. It does not look for it: there may be thousands.
func (o *older) add(d *PartnerDocument, amount taphoa.Money) *openItem {
	item := &openItem{OpenItemRow: OpenItemRow{
		AccountType: d.Account.Type, AccountID: d.Account.ID, Kind: d.Ref.Kind, DocumentID: d.Ref.ID, Code: d.Code, DocumentDate: d.Date,
		OpenAmount: amount,
	}, debtor: d.Debtor}
	if !d.Debtor {
		item.OpenAmount = -amount
	}
	o.ledger.items = append(o.ledger.items, item)
	o.items[d.Ref] = item
	return item
}

// payOwn lets a payment pay the document that it was booked for.
func (o *older) payOwn(p *payment) {
	isDebtor := p.Amount > 0 == (o.Account.Type == typeSupplier)
	pays := o.add(&PartnerDocument{Account: o.Account, Ref: p.ref(), Code: p.Code, Date: p.TransDate, Debtor: isDebtor}, p.Amount.Abs())
	own := o.items[p.own()]
	switch {
	case own == nil || own.debtor == isDebtor:
	case o.Account.ID == 0 && !o.isOfOrder(p): // who has no credit has paid too much
		o.ledger.allocate(sides(pays, own, pays.OpenAmount.Abs()))
	default:
		o.pay(pays, own)
	}
	isDraft := p.PurchaseID.Has() && slices.Contains(o.Drafts, p.PurchaseID.Value)
	if isDraft && !isDebtor || p.VoucherID.Has() && !o.isOfOrder(p) {
		o.keep(pays)
	}
}

// pay lets two documents settle each other, if one is a debtor document and the other one a creditor document.
func (o *older) pay(a, b *openItem) {
	if creditor, debtor, _ := sides(a, b, 0); creditor.OpenAmount < 0 && debtor.OpenAmount > 0 {
		o.ledger.allocate(creditor, debtor, min(-creditor.OpenAmount, debtor.OpenAmount))
	}
}

func sides(a, b *openItem, amount taphoa.Money) (creditor, debtor *openItem, most taphoa.Money) {
	if a.debtor {
		return b, a, amount
	}
	return a, b, amount
}

// keep leaves what a payment has not paid where it is: it is no credit.
func (o *older) keep(pays *openItem) {
	o.deposits -= pays.OpenAmount
	pays.OpenAmount = 0
}

// isOfOrder reports whether a payment is money of an order of the account.
func (o *older) isOfOrder(p *payment) bool {
	order := o.orders[p.OrderID.Or(0)]
	return order != nil && (order.IsOwn || !p.InvoiceID.Has()) && p.Amount > 0
}

// spendDeposits lets what came with orders, and has not paid the invoice that it was booked for, pay their other invoices, in turn.
func (o *older) spendDeposits() {
	for _, vouchers := range []bool{true, false} {
		for i := range o.ledger.payments {
			if p := &o.ledger.payments[i]; p.Paid() && p.VoucherID.Has() == vouchers && o.isOfOrder(p) && o.items[p.ref()].OpenAmount < 0 {
				o.spendDeposit(p)
			}
		}
	}
}

func (o *older) spendDeposit(p *payment) {
	pays, own, order := o.items[p.ref()], o.items[p.own()], o.orders[p.OrderID.Value]
	isOpen := func(i *openItem) bool { return i.OpenAmount > 0 }
	if o.Account.ID == 0 && own != nil && !slices.ContainsFunc(o.invoices[order.ID], isOpen) { // stays where it was
		o.ledger.allocate(pays, own, -pays.OpenAmount)
		return
	}
	if applied := p.Applied; p.InvoiceID.Has() { // it is not the invoice's alone
		if applied != 0 {
			o.ledger.release(portion{payment: p}, applied, 0)
		}
		p.InvoiceID, p.ChangedAt = taphoa.Opt[int64]{}, o.ledger.ctx.Now
		if applied != 0 {
			o.ledger.allocate(pays, own, applied)
		}
	}
	for _, invoice := range o.invoices[order.ID] {
		o.pay(pays, invoice)
	}
	if !order.Ended || p.VoucherID.Has() {
		o.keep(pays)
	}
}

// finish compares what the documents come to with the balance, and returns what is to be written.
func (o *older) finish() (c OlderChanges, err error) {
	if o.Account.ID != 0 {
		sum := -o.deposits
		for _, i := range o.ledger.items {
			sum += i.OpenAmount
		}
		if o.Account.Type == typeSupplier { // whose balance is what he owes
			sum = -sum
		}
		if c.Differs = sum - o.Balance; c.Differs != 0 {
			return c, nil
		}
	}
	c.Paid, c.PaidOrders = map[DocumentRef]taphoa.Money{}, map[int64]taphoa.Money{}
	for i := range o.Documents {
		d := &o.Documents[i]
		if paid := o.ledger.Settled(d.Ref); paid != d.Paid {
			c.Paid[d.Ref] = paid
		}
	}
	for i := range o.ledger.payments {
		p := &o.ledger.payments[i]
		if order := o.orders[p.OrderID.Or(0)]; order != nil && p.PaidOnOrder() != p.stored.PaidOnOrder() {
			if _, changed := c.PaidOrders[order.ID]; !changed {
				c.PaidOrders[order.ID] = order.Paid
			}
			c.PaidOrders[order.ID] += p.PaidOnOrder() - p.stored.PaidOnOrder()
		}
	}
	c.Changes, err = o.ledger.Finish()
	return c, err
}

// OlderAdjustment is an adjustment from before adjustments were documents: amount is what it has added to the balance.
func OlderAdjustment(a Account, id int64, amount taphoa.Money, date taphoa.Time) OlderDocument {
	return OlderDocument{Amount: amount.Abs(), PartnerDocument: PartnerDocument{
		Account: a, Ref: DocumentRef{"adjustment", id}, Code: fmt.Sprintf("CB%06d", id), Date: date, Debtor: amount > 0 == (a.Type == typeCustomer),
	}}
}

// PaysAccount reports whether a payment moves money of a partner's account.
func (p *PaymentRow) PaysAccount(a Account) bool { return p.partnerAccount() == a }

package salestest

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/plan"
	promoplan "github.com/taphoa/taphoa/internal/promo/plan"
	"github.com/taphoa/taphoa/internal/right"
	salesplan "github.com/taphoa/taphoa/internal/sales/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// Shop is what sales do not change.
type Shop struct {
	Retailer, User int64
	UserName       taphoa.Opt[string]
	Directory      *orgplan.Directory
	Items          []*catalogplan.Item
	Surcharges     []cashplan.Surcharge
	BankAccounts   []cashplan.BankAccount
	Campaigns      []promoplan.Campaign
	Limits         []promoplan.Limit
	PriceBooks     []*catalogplan.PriceBook // with all their prices
	Groups         map[int64][]int64        // of customers
}

// Memory is a shop as rows in memory. It is not safe for concurrent use.
type Memory struct {
	Shop
	Clock taphoa.Time      // of the next operation
	Held  *right.Held      // what the person of the next operation may do; nil for the program
	Needs right.Right      // by the next operation
	IDs   map[string]int64 // the last one given out, by table
	Codes map[string]int64 // the last number given out, by prefix

	Customers map[int64]*partyplan.CustomerRow
	Carriers  map[int64]*partyplan.CarrierRow
	Vouchers  map[int64]*promoplan.Voucher
	Orders    map[int64]*salesplan.Order
	Invoices  map[int64]*salesplan.Invoice
	Returns   map[int64]*salesplan.Return
	Payments  map[int64]*cashplan.PaymentRow

	CashPostings map[cashplan.DocumentRef][]cashplan.PostingRow
	Balances     map[cashplan.Account]taphoa.Money
	OpenItems    map[ItemKey]cashplan.OpenItemRow
	Allocations  map[int64]cashplan.AllocationRow // valid ones, by id
	Ended        []cashplan.AllocationRow         // those that have ended

	Levels       map[stockplan.LevelKey]stockplan.LevelState
	Postings     map[stockplan.DocumentRef][]*stockplan.PostingRow
	Reservations map[stockplan.DocumentRef]map[stockplan.LevelKey]taphoa.Quantity
	Lots         map[int64]stockplan.Lot
	LotLevels    map[LotKey]stockplan.LotLevel
	Serials      map[stockplan.SerialKey]stockplan.Serial

	OrderIDs, InvoiceIDs, ReturnIDs []int64 // in the order in which they were made
	EntryIDs                        []int64 // of payments that belong to no document

	items          map[int64]*catalogplan.Item
	atLevel        map[stockplan.LevelKey][]*stockplan.PostingRow
	orderInvoices  map[int64][]int64
	orderPayments  map[int64][]int64
	directPayments map[int64][]int64 // of invoices without an order
	invoiceReturns map[int64][]int64
	returnPayments map[int64][]int64
	taken          []string // prefixes of the codes that the running operation has taken
}

// ItemKey is a document of a partner's account.
type ItemKey struct {
	cashplan.Account
	Ref cashplan.DocumentRef
}

// LotKey is a lot at a branch.
type LotKey struct{ Lot, Branch int64 }

// NewMemory returns a shop that has sold nothing yet.
func NewMemory(shop Shop) *Memory {
	m := &Memory{
		Shop: shop, IDs: map[string]int64{}, Codes: map[string]int64{}, Customers: map[int64]*partyplan.CustomerRow{},
		Carriers: map[int64]*partyplan.CarrierRow{}, Vouchers: map[int64]*promoplan.Voucher{},
		Orders: map[int64]*salesplan.Order{}, Invoices: map[int64]*salesplan.Invoice{}, Payments: map[int64]*cashplan.PaymentRow{},
		CashPostings: map[cashplan.DocumentRef][]cashplan.PostingRow{}, Balances: map[cashplan.Account]taphoa.Money{},
		OpenItems: map[ItemKey]cashplan.OpenItemRow{}, Allocations: map[int64]cashplan.AllocationRow{},
		Levels:       map[stockplan.LevelKey]stockplan.LevelState{},
		Postings:     map[stockplan.DocumentRef][]*stockplan.PostingRow{},
		Reservations: map[stockplan.DocumentRef]map[stockplan.LevelKey]taphoa.Quantity{},
		Lots:         map[int64]stockplan.Lot{}, LotLevels: map[LotKey]stockplan.LotLevel{},
		Serials: map[stockplan.SerialKey]stockplan.Serial{}, items: map[int64]*catalogplan.Item{},
		atLevel:       map[stockplan.LevelKey][]*stockplan.PostingRow{},
		orderInvoices: map[int64][]int64{}, orderPayments: map[int64][]int64{}, directPayments: map[int64][]int64{},
		Returns: map[int64]*salesplan.Return{}, invoiceReturns: map[int64][]int64{}, returnPayments: map[int64][]int64{},
	}
	for _, item := range shop.Items {
		m.items[item.ID] = item
	}
	return m
}

// context is what a plan is given. Ids that a refused plan has taken are lost, its codes are not.
func (m *Memory) context() plan.Context {
	return plan.Context{
		Retailer: m.Retailer, Now: m.Clock, Clock: m.Clock, Actor: plan.Actor{UserID: m.User, Held: m.Held, Own: m.Held, Needs: m.Needs},
		ID: func(table string) int64 {
			m.IDs[table]++
			return m.IDs[table]
		},
		Code: func(prefix string) string {
			m.Codes[prefix]++
			m.taken = append(m.taken, prefix)
			return orgplan.Code(prefix, m.Codes[prefix])
		},
	}
}

// Operation is a request: one of its members is set.
type Operation struct {
	Order         *taphoa.OrderInput
	ChangeOrder   *taphoa.OrderUpdate
	VoidOrder     *taphoa.OrderDelete
	Invoice       *taphoa.InvoiceInput
	ChangeInvoice *taphoa.InvoiceUpdate
	VoidInvoice   *taphoa.InvoiceDelete
	PayInvoice    *taphoa.InvoicePaymentInput
	Return        *taphoa.ReturnInput
	ChangeReturn  *taphoa.ReturnUpdate
	VoidReturn    *taphoa.ReturnDelete
	Entry         *taphoa.CashFlowInput
	VoidEntry     *taphoa.ByID
	Receive       *Receipt
}

// Receipt is goods that come from a supplier.
type Receipt struct {
	DocumentID int64
	Postings   []stockplan.Posting
}

// Apply runs an operation: it returns what the operation shows, and the sale that was saved. A refused operation changes
// nothing but ids.
func (m *Memory) Apply(op *Operation) (shown any, s *salesplan.Sale, err error) {
	m.taken = m.taken[:0]
	switch {
	case op.Receive != nil:
		return nil, nil, m.receive(op.Receive)
	case op.Entry != nil, op.VoidEntry != nil:
		shown, err = m.applyEntry(op)
	case op.Return != nil, op.ChangeReturn != nil, op.VoidReturn != nil:
		shown, s, err = m.applyReturn(op)
	case op.Order != nil:
		if s, err = salesplan.NewOrder(m.askNewOrder(op.Order), op.Order); err == nil {
			shown = s.ShowOrder()
		}
	case op.ChangeOrder != nil:
		if s, err = salesplan.ChangeOrder(m.askOrderChange(op.ChangeOrder), op.ChangeOrder); err == nil {
			shown = s.ShowOrder()
		}
	case op.VoidOrder != nil:
		if s, err = salesplan.VoidOrder(m.askOrderVoid(op.VoidOrder.ID), op.VoidOrder.IsVoidPayment); err == nil {
			shown = taphoa.Message{Message: taphoa.MessageDeleted}
		}
	case op.Invoice != nil:
		if s, err = salesplan.NewInvoice(m.askNewInvoice(op.Invoice), op.Invoice); err == nil {
			shown = s.ShowInvoice()
		}
	case op.ChangeInvoice != nil:
		in := op.ChangeInvoice
		if s, err = salesplan.ChangeInvoice(m.askInvoice(in.ByID.ID, &in.InvoiceInput), in); err == nil {
			shown = s.ShowInvoice()
		}
	case op.VoidInvoice != nil:
		f := m.askInvoice(op.VoidInvoice.ID, &taphoa.InvoiceInput{})
		if s, err = salesplan.VoidInvoice(f, op.VoidInvoice.IsVoidPayment); err == nil {
			shown = &taphoa.InvoiceVoided{Invoice: *s.ShowInvoice(), Message: taphoa.MessageDeleted}
		}
	case op.PayInvoice != nil:
		f := m.askInvoice(op.PayInvoice.InvoiceID.Or(0), &taphoa.InvoiceInput{})
		s, shown, err = salesplan.PayInvoice(f, op.PayInvoice)
	}
	if err == nil && s != nil {
		err = m.save(s)
	}
	if err != nil {
		for _, prefix := range m.taken {
			if m.Codes[prefix]--; m.Codes[prefix] == 0 {
				delete(m.Codes, prefix)
			}
		}
		return nil, nil, err
	}
	return shown, s, nil
}

func (m *Memory) applyReturn(op *Operation) (shown any, s *salesplan.Sale, err error) {
	switch {
	case op.Return != nil:
		if s, err = salesplan.NewReturn(m.askNewReturn(op.Return), op.Return); err == nil {
			shown = s.ShowReturn()
		}
	case op.ChangeReturn != nil:
		if s, err = salesplan.ChangeReturn(m.askReturn(op.ChangeReturn.ByID.ID), op.ChangeReturn); err == nil {
			shown = s.ShowReturn()
		}
	case op.VoidReturn != nil:
		if s, err = salesplan.VoidReturn(m.askReturn(op.VoidReturn.ID), op.VoidReturn.IsVoidPayment); err == nil {
			shown = &taphoa.ReturnVoided{Return: *s.ShowReturn(), Message: taphoa.MessageDeleted}
		}
	}
	return shown, s, err
}

// receive posts goods from a supplier.
func (m *Memory) receive(r *Receipt) error {
	f := stockplan.Facts{Now: m.Clock, Clock: m.Clock}
	levels := map[stockplan.LevelKey]bool{}
	for _, p := range r.Postings {
		levels[stockplan.LevelKey{ProductID: p.ProductID, BranchID: int64(p.To)}] = true
		if p.BatchID != 0 {
			f.LotIDs = append(f.LotIDs, p.BatchID)
		}
		for _, number := range p.Serials {
			f.AskedSerials = append(f.AskedSerials, stockplan.SerialKey{ProductID: p.ProductID, Number: number})
		}
	}
	m.fillStock(&f, levels)
	l := stockplan.NewLedger(f)
	doc := stockplan.Document{Kind: "opening", ID: r.DocumentID, EffectiveAt: m.Clock}
	if _, err := l.Post(doc, r.Postings, stockplan.Limits{}); err != nil {
		return err
	}
	m.saveStock(l)
	return nil
}

package plan

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
	partyplan "github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/plan"
	promoplan "github.com/taphoa/taphoa/internal/promo/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// Facts are the rows that a sale depends on. What a request does not name is not in them.
type Facts struct {
	plan.Context
	Directory  *orgplan.Directory
	Items      *catalogplan.Items
	PriceBook  *catalogplan.PriceBook // the one of the request, or of the stored document
	Surcharges []cashplan.Surcharge   // all of the shop
	Customer   *partyplan.CustomerFacts
	Carrier    *partyplan.CarrierFacts
	Order      *StoredOrder   // the order that is changed or invoiced
	Invoice    *StoredInvoice // the invoice that is changed, or whose goods a return brings back
	Return     *Return        // the return that is changed

	// Buyer is the customer of the stored order, invoice or return, also one deleted since; none for a walk-in.
	Buyer taphoa.Opt[partyplan.CustomerRef]

	Stock    *stockplan.Ledger
	Cash     *cashplan.Ledger
	Vouchers *promoplan.Facts
}

// StoredOrder is an order as it is stored.
type StoredOrder struct {
	Order
	Invoiced      []InvoicedLine   // the lines of its valid invoices, in their order
	InvoicedTaxes []LineTaxRow     // of those lines
	Charged       map[int64]Charge // by the id of a surcharge: what its valid invoices charge of it
	CodAgreed     taphoa.Money     // what the carriers of its valid invoices collect, or have collected, where nothing came back
}

// Charge is what the valid invoices of an order charge of a surcharge.
type Charge struct {
	InvoiceID int64 // the first
	Amount    taphoa.Money
}

// InvoicedLine is a line of a valid invoice of an order, with what it needs of the invoice.
type InvoicedLine struct {
	InvoiceLineRow
	InvoiceRatio      taphoa.Opt[taphoa.Percent] // of its discount
	InvoiceCode       string
	InvoiceDate       taphoa.Time
	InvoiceCustomerID taphoa.Opt[int64]
	InvoiceOpen       taphoa.Money // what it leaves open
}

// StoredInvoice is an invoice as it is stored.
type StoredInvoice struct {
	Invoice
	Returned ReturnRow // its first valid return, if goods have come back: its code and whose it is

	// What was asked for because of a return of it.
	Returns     []ReturnRow           // its valid returns
	ReturnLines []ReturnLineRow       // of them
	ReturnTaxes []LineTaxRow          // of their lines
	Issued      []stockplan.NetIssued // by itself
	BroughtBack []stockplan.NetIssued // by its valid returns, as negative quantities
}

// Order is an order with its parts. Its payments are in the ledger of money.
type Order struct {
	Row        OrderRow
	Lines      []OrderLineRow
	Taxes      []LineTaxRow
	Surcharges []SurchargeRow
	Delivery   *Delivery
}

// Invoice is an invoice with its parts.
type Invoice struct {
	Row        InvoiceRow
	Lines      []InvoiceLineRow
	Taxes      []LineTaxRow
	Surcharges []SurchargeRow
	Delivery   *Delivery
}

// Return is a return with its parts. Its payments are in the ledger of money.
type Return struct {
	Row   ReturnRow
	Lines []ReturnLineRow
	Taxes []LineTaxRow
}

// Sale is what a plan decides: the rows to be written and what is answered. The ledgers of its facts hold the rest.
type Sale struct {
	Facts    *Facts
	Customer *partyplan.CustomerRow // a new one
	Carrier  *partyplan.CarrierRow  // a new one
	Buyers   []BuyerTotals
	Order    *OrderChange
	Invoice  *InvoiceChange
	Return   *ReturnChange

	invoicesOrder bool // the request is about the order, and asks for its invoice

	warnings     []string                          // of the answer
	buyer        taphoa.Opt[partyplan.CustomerRef] // as far as known
	shownOrder   *taphoa.Order
	shownInvoice *taphoa.Invoice
	shownReturn  *taphoa.Return
}

// BuyerTotals is what is added to what a customer has bought.
type BuyerTotals struct {
	CustomerID int64
	partyplan.Totals
}

// OrderChange is an order as it is to be.
type OrderChange struct {
	Order
	Stored        *Order // nil for a new one
	LinesReplaced bool   // with their taxes and surcharges
}

// InvoiceChange is an invoice as it is to be.
type InvoiceChange struct {
	Invoice
	Stored        *Invoice // nil for a new one
	LinesReplaced bool     // with their taxes
	PaymentsVoid  bool     // of a void one, so that its row stays the same

	owed    taphoa.Money // for it, as posted so far
	settled taphoa.Money // of it in this sale, so far as TotalPayment has it
}

// ReturnChange is a return as it is to be. The lines of a stored one stay.
type ReturnChange struct {
	Return
	Stored *Return // nil for a new one

	worth   taphoa.Money // as posted so far
	settled taphoa.Money // as that of an invoice
}

// payments are those of an order, or of an invoice, as planned so far.
func (f *Facts) orderPayments(id int64) []cashplan.PaymentRow {
	return f.Cash.Payments(ofOrder(id))
}

func (f *Facts) invoicePayments(id int64) []cashplan.PaymentRow {
	return f.Cash.Payments(ofInvoice(id))
}

func (f *Facts) returnPayments(id int64) []cashplan.PaymentRow {
	return f.Cash.Payments(ofReturn(id))
}

func ofOrder(id int64) func(*cashplan.PaymentRow) bool {
	return func(p *cashplan.PaymentRow) bool { return p.OrderID.Or(0) == id }
}

func ofInvoice(id int64) func(*cashplan.PaymentRow) bool {
	return func(p *cashplan.PaymentRow) bool { return p.InvoiceID.Or(0) == id }
}

func ofReturn(id int64) func(*cashplan.PaymentRow) bool {
	return func(p *cashplan.PaymentRow) bool { return p.ReturnID.Or(0) == id }
}

// keepDate keeps the date of the last change when the planned one changes nothing.
func (c *OrderChange) keepDate() {
	row := c.Row
	row.ModifiedDate, row.ChangedAt = c.Stored.Row.ModifiedDate, c.Stored.Row.ChangedAt
	if row == c.Stored.Row && !c.LinesReplaced && c.Delivery.same(c.StoredDelivery()) {
		c.Row = row
	}
}

// keepDate is [OrderChange.keepDate] of an invoice.
func (c *InvoiceChange) keepDate() {
	row := c.Row
	row.ModifiedDate, row.ChangedAt = c.Stored.Row.ModifiedDate, c.Stored.Row.ChangedAt
	if row == c.Stored.Row && !c.LinesReplaced && c.Delivery.same(c.StoredDelivery()) {
		c.Row = row
	}
}

// keepDate is [OrderChange.keepDate] of a return.
func (c *ReturnChange) keepDate() {
	row := c.Row
	row.ModifiedDate, row.ChangedAt = c.Stored.Row.ModifiedDate, c.Stored.Row.ChangedAt
	if row == c.Stored.Row {
		c.Row = row
	}
}

// StoredDelivery is the order's delivery as it is stored, nil without one.
func (c *OrderChange) StoredDelivery() *Delivery {
	if c.Stored == nil {
		return nil
	}
	return c.Stored.Delivery
}

// StoredDelivery is the invoice's delivery as it is stored, nil without one.
func (c *InvoiceChange) StoredDelivery() *Delivery {
	if c.Stored == nil {
		return nil
	}
	return c.Stored.Delivery
}

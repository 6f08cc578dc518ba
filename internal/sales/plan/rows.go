package plan

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/plan"
)

// OrderRow is a row of orders.
type OrderRow struct {
	ID               int64
	Code             string
	CodeKey          string
	PurchaseDate     taphoa.Time
	BranchID         int64
	SoldByID         taphoa.Opt[int64]
	CashierID        int64
	CustomerID       taphoa.Opt[int64]
	CustomerCode     taphoa.Opt[string]
	CustomerName     taphoa.Opt[string]
	Total            taphoa.Money // what the customer has to pay
	TotalPayment     taphoa.Money // what the customer has paid, its invoices included
	Discount         taphoa.Opt[taphoa.Money]
	DiscountRatio    taphoa.Opt[taphoa.Percent]
	DiscountAfterTax taphoa.Opt[taphoa.Money]
	PricingMode      taphoa.Opt[int64]
	TotalTax         taphoa.Opt[taphoa.Money]
	HasTaxes         bool // without any, none are asked for
	HasSurcharges    bool
	Method           taphoa.Opt[string]
	Status           int64
	OpenStatus       int64 // the status to go back to when its invoices are voided
	Description      taphoa.Opt[string]
	UsingCod         bool // has a delivery
	SaleChannelID    taphoa.Opt[int64]
	PriceBookID      taphoa.Opt[int64]
	Partner          taphoa.Opt[string] // the header Partner
	Extra            taphoa.Opt[string]
	History          bool // a mirror has it of its source, and it has posted nothing
	CreatedDate      taphoa.Time
	ModifiedDate     taphoa.Opt[taphoa.Time]
	ChangedAt        taphoa.Time
}

// OrderLineRow is a row of order_lines. Amounts are as responses show them: before tax in the mode after tax.
type OrderLineRow struct {
	OrderID       int64
	Line          int64
	ID            int64
	ProductID     int64
	ProductCode   string
	ProductName   string
	IsMaster      bool // false: a further line of the same product
	Quantity      taphoa.Quantity
	Price         taphoa.Money
	Discount      taphoa.Opt[taphoa.Money]
	DiscountRatio taphoa.Opt[taphoa.Percent]
	SubTotal      taphoa.Money
	Note          taphoa.Opt[string]
}

// InvoiceRow is a row of invoices.
type InvoiceRow struct {
	ID               int64
	UUID             string `db:"uuid"`
	Code             string
	CodeKey          string
	OrderID          taphoa.Opt[int64]
	OrderCode        taphoa.Opt[string]
	PurchaseDate     taphoa.Time
	BranchID         int64
	SoldByID         taphoa.Opt[int64]
	CustomerID       taphoa.Opt[int64]
	CustomerCode     taphoa.Opt[string]
	CustomerName     taphoa.Opt[string]
	Total            taphoa.Money
	TotalPayment     taphoa.Money
	Discount         taphoa.Opt[taphoa.Money]
	DiscountRatio    taphoa.Opt[taphoa.Percent]
	DiscountAfterTax taphoa.Opt[taphoa.Money]
	PricingMode      taphoa.Opt[int64]
	TotalTax         taphoa.Opt[taphoa.Money]
	HasTaxes         bool
	HasSurcharges    bool
	Method           taphoa.Opt[string]
	Status           int64
	Description      taphoa.Opt[string]
	UsingCod         bool
	SaleChannelID    taphoa.Opt[int64]
	PriceBookID      taphoa.Opt[int64]
	Points           int64 // earned by it
	StockStep        int64 // how often it has moved goods
	CashStep         int64 // how often it has moved money
	GoodsReturned    bool  // voided, or its delivery came back
	CodCollected     bool  // the carrier has brought the money
	History          bool  // a mirror has it of its source, and it has posted nothing
	CreatedDate      taphoa.Time
	ModifiedDate     taphoa.Opt[taphoa.Time]
	ChangedAt        taphoa.Time
}

// InvoiceLineRow is a row of invoice_lines. Amounts are as those of an [OrderLineRow].
type InvoiceLineRow struct {
	InvoiceID          int64
	Line               int64
	ID                 int64
	ProductID          int64
	ProductCode        string
	ProductName        string
	Quantity           taphoa.Quantity
	Price              taphoa.Money
	Discount           taphoa.Opt[taphoa.Money]
	DiscountRatio      taphoa.Opt[taphoa.Percent]
	AllocationDiscount taphoa.Opt[taphoa.Money] // its share of the invoice's discount
	SubTotal           taphoa.Money
	Note               taphoa.Opt[string]
	SerialNumbers      taphoa.Opt[string] // joined with commas
	BatchID            taphoa.Opt[int64]  // the lot, the first one if there are several
	ReturnQuantity     taphoa.Quantity    // brought back so far
}

// LineTaxRow is a row of line_taxes: the tax of a line of an order, an invoice or a return.
type LineTaxRow struct {
	Document                   string
	DocumentID                 int64
	Line                       int64
	TaxID                      int64
	ID                         int64
	DetailID                   int64 // the id of the line
	DetailTax                  taphoa.Opt[taphoa.Money]
	PriceAfterTax              taphoa.Opt[taphoa.Money]
	DiscountAfterTax           taphoa.Opt[taphoa.Money]
	AllocationDiscountAfterTax taphoa.Opt[taphoa.Money]
}

// SurchargeRow is a row of document_surcharges: what an order or invoice charges.
type SurchargeRow struct {
	Document      string
	DocumentID    int64
	Line          int64
	ID            int64
	SurchargeID   taphoa.Opt[int64]
	SurchargeName string
	SurValue      taphoa.Opt[taphoa.Money]   // as configured
	Ratio         taphoa.Opt[taphoa.Percent] // of the goods less their discount, from which the price follows
	Price         taphoa.Money               // as charged
	CreatedDate   taphoa.Time
}

// HistoryPaymentRow is a row of history_payments: a payment of a document of history, as that shows it.
type HistoryPaymentRow struct {
	Document    string
	DocumentID  int64
	Line        int64
	ID          int64
	Code        string
	Amount      taphoa.Money
	Method      string
	Status      int64
	TransDate   taphoa.Time
	BankAccount taphoa.Opt[string]
	AccountID   taphoa.Opt[int64]
	Description taphoa.Opt[string]
}

// Payment is what the document shows.
func (r *HistoryPaymentRow) Payment() taphoa.Payment {
	p := taphoa.Payment{StatusValue: taphoa.PaymentStatusValue(r.Status)}
	plan.CopyFields(&p, r)
	return p
}

// DeliveryRow is a row of deliveries.
type DeliveryRow struct {
	Document          string
	DocumentID        int64
	DeliveryCode      taphoa.Opt[string]
	Type              taphoa.Opt[int64]
	Status            int64
	Price             taphoa.Opt[taphoa.Money] // the delivery fee
	Receiver          taphoa.Opt[string]
	ContactNumber     taphoa.Opt[string]
	Address           taphoa.Opt[string]
	LocationID        taphoa.Opt[int64]
	LocationName      taphoa.Opt[string]
	WardName          taphoa.Opt[string]
	UsingPriceCod     bool
	PriceCodPayment   taphoa.Opt[taphoa.Money] // to collect on delivery
	Weight            taphoa.Opt[taphoa.Quantity]
	Length            taphoa.Opt[taphoa.Quantity]
	Width             taphoa.Opt[taphoa.Quantity]
	Height            taphoa.Opt[taphoa.Quantity]
	PartnerDeliveryID taphoa.Opt[int64]
	ExpectedDelivery  taphoa.Opt[taphoa.Time]
}

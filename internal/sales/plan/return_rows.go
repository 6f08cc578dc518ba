package plan

import "github.com/taphoa/taphoa"

// ReturnRow is a row of returns.
type ReturnRow struct {
	ID               int64
	Code             string
	CodeKey          string
	InvoiceID        taphoa.Opt[int64] // none for a return without an invoice
	ReturnDate       taphoa.Time
	BranchID         int64 // where the goods came back
	ReceivedByID     int64
	SoldByID         taphoa.Opt[int64]
	CustomerID       taphoa.Opt[int64]
	CustomerCode     taphoa.Opt[string]
	CustomerName     taphoa.Opt[string]
	ReturnTotal      taphoa.Money // what the customer gets back: the value of the goods without the fee
	ReturnDiscount   taphoa.Opt[taphoa.Money]
	DiscountAfterTax taphoa.Opt[taphoa.Money]
	ReturnFee        taphoa.Money
	TotalPayment     taphoa.Money // what of ReturnTotal was paid out
	TotalTax         taphoa.Opt[taphoa.Money]
	PricingMode      taphoa.Opt[int64]
	Status           int64
	Description      taphoa.Opt[string]
	HasTaxes         bool  // without any, none are asked for
	Points           int64 // that the customer loses
	StockStep        int64 // how often it has moved goods
	CashStep         int64 // how often it has moved money
	History          bool  // a mirror has it of its source, and it has posted nothing
	CreatedDate      taphoa.Time
	ModifiedDate     taphoa.Opt[taphoa.Time]
	ChangedAt        taphoa.Time
}

// ReturnLineRow is a row of return_lines. Amounts are as responses show them, before tax in the mode after tax; those called
// paid are as the customer saw them.
type ReturnLineRow struct {
	ReturnID           int64
	Line               int64
	ID                 int64
	InvoiceDetailID    taphoa.Opt[int64] // the invoice's line
	ProductID          int64
	ProductCode        string
	ProductName        string
	Quantity           taphoa.Quantity
	Price              taphoa.Money // after the line's discount
	SubTotal           taphoa.Money
	AllocationDiscount taphoa.Opt[taphoa.Money] // its share of the return's discount
	PaidSubTotal       taphoa.Money
	PaidAllocation     taphoa.Money
	Note               taphoa.Opt[string]
	UsePoint           bool               // the line counts for points
	SerialNumbers      taphoa.Opt[string] // joined with commas
	BatchID            taphoa.Opt[int64]  // the lot that the request named
}

// Quantities are the products of the lines.
func (r *Return) Quantities() []ProductQuantity {
	all := make([]ProductQuantity, len(r.Lines))
	for i, l := range r.Lines {
		all[i] = ProductQuantity{ProductID: l.ProductID, Code: l.ProductCode, Quantity: l.Quantity}
	}
	return all
}

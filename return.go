package taphoa

// Return is a return of goods by a customer (contract returns).
type Return struct {
	ID               int64          `json:"id"`
	Code             string         `json:"code"`
	InvoiceID        Opt[int64]     `json:"invoiceId,omitzero"` // where the goods were sold; absent for a return without an invoice
	ReturnDate       Time           `json:"returnDate"`
	BranchID         int64          `json:"branchId"` // where the goods came back
	BranchName       string         `json:"branchName"`
	ReceivedByID     int64          `json:"receivedById"` // who took them back
	SoldByName       Opt[string]    `json:"soldByName,omitzero"`
	CustomerID       Opt[int64]     `json:"customerId,omitzero"`
	CustomerCode     Opt[string]    `json:"customerCode,omitzero"`
	CustomerName     Opt[string]    `json:"customerName,omitzero"`
	ReturnTotal      Money          `json:"returnTotal"`             // what the customer gets back: goods − discount + tax − fee
	ReturnDiscount   Opt[Money]     `json:"returnDiscount,omitzero"` // before tax when pricingMode is 1
	ReturnFee        Money          `json:"returnFee"`               // kept by the shop
	TotalPayment     Money          `json:"totalPayment"`            // what has been paid back; the rest is the customer's credit
	Status           int64          `json:"status"`
	StatusValue      string         `json:"statusValue" db:"-"`
	CreatedDate      Time           `json:"createdDate"`
	ModifiedDate     Opt[Time]      `json:"modifiedDate,omitzero"`
	TotalTax         Opt[Money]     `json:"totalTax,omitzero"`
	PricingMode      Opt[int64]     `json:"pricingMode,omitzero"`
	DiscountAfterTax Opt[Money]     `json:"discountAfterTax,omitzero"`
	Payments         []Payment      `json:"payments,omitzero"`    // amounts are negative, as in the cash book
	Allocations      []Allocation   `json:"allocations,omitzero"` // ours: what it settles beside what was paid out
	ReturnDetails    []ReturnDetail `json:"returnDetails"`
	RetailerID       int64          `json:"retailerId"`
	Description      Opt[string]    `json:"description,omitzero"`
}

// ReturnVoided is the response to the voiding of a return: the return and a sentence.
type ReturnVoided struct {
	Return
	Message string `json:"message"`
}

// ReturnDetail is a line of a return.
type ReturnDetail struct {
	ID                 int64             `json:"id"`
	LineNumber         int64             `json:"lineNumber" db:"line"`
	ProductID          int64             `json:"productId"`
	ProductCode        string            `json:"productCode"`
	ProductName        string            `json:"productName"` // with attributes and unit
	Quantity           Quantity          `json:"quantity"`
	Price              Money             `json:"price"` // after the line's discount; before tax when pricingMode is 1
	Note               Opt[string]       `json:"note,omitzero"`
	UsePoint           bool              `json:"usePoint"` // whether the line counts for points
	SubTotal           Money             `json:"subTotal"`
	AllocationDiscount Opt[Money]        `json:"AllocationDiscount,omitzero" also:"allocationDiscount"` // its share of the discount
	SerialNumbers      Opt[string]       `json:"serialNumbers,omitzero"`                                // joined with commas
	ReturnDetailTaxs   []ReturnDetailTax `json:"returnDetailTaxs"`
}

// ReturnDetailTax is the tax of a return's line.
type ReturnDetailTax struct {
	ID                         int64        `json:"id"`
	DetailID                   int64        `json:"detailId"`
	RetailerID                 int64        `json:"retailerId"`
	TaxID                      int64        `json:"taxId"`
	DetailTax                  Opt[Money]   `json:"detailTax,omitzero"`
	TaxName                    string       `json:"taxName"`
	TaxValue                   Opt[Percent] `json:"taxValue,omitzero"`
	PriceAfterTax              Opt[Money]   `json:"PriceAfterTax,omitzero" also:"priceAfterTax"`
	AllocationDiscountAfterTax Opt[Money]   `json:"AllocationDiscountAfterTax,omitzero" also:"allocationDiscountAfterTax"`
}

// Return statuses (contract returns, returnStatus).
const (
	ReturnDone = 1
	ReturnVoid = 2
)

// ReturnStatusValue is the label of a return's status.
func ReturnStatusValue(status int64) string {
	if status == ReturnVoid {
		return "Đã hủy"
	}
	return "Đã trả"
}

// ReturnInput takes goods back. The vendor's API has no such operation.
//
// With an invoice the lines name what of it comes back, all that is left when there are none; price, tax and discount
// are those of the sale. Without an invoice lines are like those of a sale.
type ReturnInput struct {
	InvoiceID      Opt[int64]          `json:"invoiceId"`
	BranchID       Opt[int64]          `json:"branchId"` // the invoice's when absent
	ReturnDate     Opt[Time]           `json:"returnDate"`
	ReceivedByID   Opt[int64]          `json:"receivedById"`
	SoldByID       Opt[int64]          `json:"soldById"` // the invoice's when there is one
	CustomerID     Opt[int64]          `json:"customerId"`
	Customer       *DocumentCustomer   `json:"customer"`
	ReturnDiscount Opt[Money]          `json:"returnDiscount"` // without an invoice; with one it comes back in proportion
	ReturnFee      Opt[Money]          `json:"returnFee"`
	TotalPayment   Opt[Money]          `json:"totalPayment"` // paid back at once
	Method         Opt[string]         `json:"method"`
	AccountID      Opt[int64]          `json:"accountId"`
	Payments       []PaymentInput      `json:"payments"`
	Status         Opt[int64]          `json:"status"`
	Description    Opt[string]         `json:"description" max:"2000"`
	ReturnDetails  []ReturnDetailInput `json:"returnDetails"`
}

// ReturnDetailInput is a line of a return in a request.
type ReturnDetailInput struct {
	DetailInput
	InvoiceDetailID Opt[int64] `json:"invoiceDetailId"` // a line of the invoice; else any with the product
}

// ReturnUpdate changes a return's date, receiver, fee and note, pays more of it out, or voids it.
type ReturnUpdate struct {
	ByID
	ReturnInput
}

// ReturnDelete voids a return.
type ReturnDelete struct {
	ID            int64 `path:"id" query:"id" json:"id"`
	IsVoidPayment bool  `query:"isVoidPayment" json:"isVoidPayment"` // void what was paid back, too
}

// ReturnQuery lists returns.
type ReturnQuery struct {
	Paging
	BranchIDs        []int64   `query:"branchIds" alias:"branchId"`
	CustomerIDs      []int64   `query:"customerIds" alias:"customerId"`     // ours
	CustomerCode     []string  `query:"customerCode" alias:"customerCodes"` // ours
	SoldByIDs        []int64   `query:"soldById" alias:"soldByIds"`         // ours
	ProductIDs       []int64   `query:"productId" alias:"productIds"`       // ours: of a line
	Status           []int64   `query:"status" words:"return"`              // ours
	IncludePayment   bool      `query:"includePayment"`
	LastModifiedFrom Opt[Time] `query:"lastModifiedFrom"`
	FromReturnDate   Opt[Time] `query:"fromReturnDate"`
	ToReturnDate     Opt[Time] `query:"toReturnDate"`
	CreatedDate      Opt[Time] `query:"createdDate"`
}

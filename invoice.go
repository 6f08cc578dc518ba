package taphoa

import "slices"

// Invoice is a sale (contract invoices). Its goods leave the branch when it is created.
type Invoice struct {
	ID                     int64               `json:"id"`
	UUID                   string              `json:"uuid"`
	Code                   string              `json:"code"`
	OrderID                Opt[int64]          `json:"orderId,omitzero"`
	OrderCode              Opt[string]         `json:"orderCode,omitzero"`
	PurchaseDate           Time                `json:"purchaseDate"`
	BranchID               int64               `json:"branchId"`
	BranchName             string              `json:"branchName"`
	SoldByID               Opt[int64]          `json:"soldById,omitzero"`
	SoldByName             Opt[string]         `json:"soldByName,omitzero"`
	CustomerID             Opt[int64]          `json:"customerId,omitzero"`
	CustomerCode           Opt[string]         `json:"customerCode,omitzero"`
	CustomerName           Opt[string]         `json:"customerName,omitzero"`
	Total                  Money               `json:"total"`        // what the customer has to pay
	TotalPayment           Money               `json:"totalPayment"` // what the customer has paid
	DiscountRatio          Opt[Percent]        `json:"discountRatio,omitzero"`
	Discount               Opt[Money]          `json:"discount,omitzero"` // before tax when pricingMode is 1
	DiscountAfterTax       Opt[Money]          `json:"discountAfterTax,omitzero"`
	PricingMode            Opt[int64]          `json:"pricingMode,omitzero"`
	TotalTax               Opt[Money]          `json:"totalTax,omitzero"`
	Method                 Opt[string]         `json:"method,omitzero"`
	Status                 int64               `json:"status"`
	StatusValue            string              `json:"statusValue" db:"-"`
	Description            Opt[string]         `json:"description,omitzero"`
	UsingCod               bool                `json:"usingCod"` // has a delivery
	RetailerID             int64               `json:"retailerId"`
	ModifiedDate           Opt[Time]           `json:"modifiedDate,omitzero"`
	CreatedDate            Time                `json:"createdDate"`
	SaleChannelID          Opt[int64]          `json:"saleChannelId,omitzero" also:"SaleChannelId"`
	SaleChannelName        Opt[string]         `json:"SaleChannelName,omitzero"`
	PriceBookID            Opt[int64]          `json:"priceBookId,omitzero" also:"PriceBookId"` // unless the general one
	SaleChannel            *SaleChannelInfo    `json:"SaleChannel,omitzero"`
	InvoiceDetails         []InvoiceDetail     `json:"invoiceDetails"`
	InvoiceDelivery        *Delivery           `json:"invoiceDelivery,omitzero" also:"deliveryDetail"`
	Payments               []Payment           `json:"payments,omitzero"`
	Allocations            []Allocation        `json:"allocations,omitzero"` // ours: what settles it beside payments
	InvoiceOrderSurcharges []DocumentSurcharge `json:"invoiceOrderSurcharges,omitzero"`
	Warnings               []string            `json:"warnings,omitzero"` // ours: what a request says in vain
}

// InvoiceVoided is the response to the voiding of an invoice: the invoice and a sentence (contract invoices, conflict Delete).
type InvoiceVoided struct {
	Invoice
	Message string `json:"message"`
}

// InvoiceDetail is a line of an invoice.
type InvoiceDetail struct {
	ID                 int64              `json:"id"`
	ProductID          int64              `json:"productId"`
	ProductCode        string             `json:"productCode"`
	ProductName        string             `json:"productName"` // with attributes and unit
	CategoryID         Opt[int64]         `json:"categoryId,omitzero"`
	CategoryName       Opt[string]        `json:"categoryName,omitzero"`
	TradeMarkName      Opt[string]        `json:"tradeMarkName,omitzero"`
	Quantity           Quantity           `json:"quantity"`
	Price              Money              `json:"price"` // before tax when pricingMode is 1
	Discount           Opt[Money]         `json:"discount,omitzero"`
	DiscountRatio      Opt[Percent]       `json:"discountRatio,omitzero"`
	AllocationDiscount Opt[Money]         `json:"allocationDiscount,omitzero" also:"AllocationDiscount"` // its share of the invoice's discount
	SubTotal           Money              `json:"subTotal"`
	Note               Opt[string]        `json:"note,omitzero"`
	SerialNumbers      Opt[string]        `json:"serialNumbers,omitzero"` // joined with commas
	ProductBatchExpire *InvoiceBatch      `json:"productBatchExpire,omitzero"`
	ReturnQuantity     Quantity           `json:"returnQuantity"` // returned so far
	UsePoint           bool               `json:"usePoint" db:"-"`
	InvoiceDetailTaxs  []InvoiceDetailTax `json:"invoiceDetailTaxs"`
}

// InvoiceBatch is the batch that a line was sold from (contract invoices, ProductBatchExpire).
type InvoiceBatch struct {
	ID              int64  `json:"id"`
	ProductID       int64  `json:"productId"`
	BatchName       string `json:"batchName"`
	FullNameVirgule string `json:"fullNameVirgule"`
	CreatedDate     Time   `json:"createdDate"`
	ExpireDate      Time   `json:"expireDate"`
}

// InvoiceDetailTax is the tax of an invoice line.
type InvoiceDetailTax struct {
	ID                          int64        `json:"id"`
	DetailID                    int64        `json:"detailId"`
	DetailTax                   Opt[Money]   `json:"detailTax,omitzero" also:"DetailTax"`
	TaxID                       int64        `json:"taxId"`
	Name                        string       `json:"name" also:"taxName"`
	Value                       Opt[Percent] `json:"value,omitzero" also:"taxValue"`
	PriceAfterTax               Opt[Money]   `json:"priceAfterTax,omitzero" also:"PriceAfterTax"`
	DiscountAfterTax            Opt[Money]   `json:"discountAfterTax,omitzero"`
	DiscountByPromotionAfterTax Opt[Money]   `json:"discountByPromotionAfterTax,omitzero"`
	AllocationDiscountAfterTax  Opt[Money]   `json:"allocationDiscountAfterTax,omitzero"`
}

// Invoice statuses (contract invoices, invoiceStatus).
const (
	InvoiceCompleted     = 1
	InvoiceVoid          = 2
	InvoiceProcessing    = 3
	InvoiceUndeliverable = 5
)

// InvoiceStatusValue is the label of an invoice's status.
func InvoiceStatusValue(status int64) string {
	return map[int64]string{
		InvoiceCompleted: "Hoàn thành", InvoiceVoid: "Đã hủy", InvoiceProcessing: "Đang xử lý",
		InvoiceUndeliverable: "Không giao được",
	}[status]
}

// InvoiceTransitions are the statuses that an invoice may change to from each status. Voiding ends it.
var InvoiceTransitions = map[int64][]int64{
	InvoiceProcessing:    {InvoiceCompleted, InvoiceVoid, InvoiceUndeliverable},
	InvoiceCompleted:     {InvoiceVoid},
	InvoiceUndeliverable: {InvoiceVoid, InvoiceProcessing},
}

// InvoiceInput creates an invoice or, member by member, changes one.
type InvoiceInput struct {
	IsApplyVoucher    bool              `json:"isApplyVoucher"`
	BranchID          Opt[int64]        `json:"branchId"`
	PurchaseDate      Opt[Time]         `json:"purchaseDate"`
	CustomerID        Opt[int64]        `json:"customerId"`
	Customer          *DocumentCustomer `json:"customer"`
	Discount          Opt[Money]        `json:"discount"`
	DiscountRatio     Opt[Percent]      `json:"discountRatio"`
	TotalPayment      Opt[Money]        `json:"totalPayment"`
	SaleChannelID     Opt[int64]        `json:"saleChannelId"`
	PriceBookID       Opt[int64]        `json:"priceBookId"` // ours: its prices are used for lines without a price
	Method            Opt[string]       `json:"method"`
	AccountID         Opt[int64]        `json:"accountId"`
	Status            Opt[int64]        `json:"status"`
	UsingCod          Opt[bool]         `json:"usingCod"`
	SoldByID          Opt[int64]        `json:"soldById"`
	OrderID           Opt[int64]        `json:"orderId"`
	Description       Opt[string]       `json:"description" max:"2000"`
	InvoiceDetails    []DetailInput     `json:"invoiceDetails"`
	DeliveryDetail    *DeliveryInput    `json:"deliveryDetail" alias:"invoiceDelivery"`
	Surcharges        []SurchargeWrite  `json:"surchages" alias:"surcharges"`
	Payments          []PaymentInput    `json:"payments"`
	CodPaymentMethod  Opt[string]       `json:"codPaymentMethod"`
	CodPaymentAccount Opt[int64]        `json:"codPaymentAccount"`
}

// AllPayments are the payments of a request, also those that the documents show in its delivery.
func (in *InvoiceInput) AllPayments() []PaymentInput {
	if in.DeliveryDetail == nil {
		return in.Payments
	}
	return slices.Concat(in.Payments, in.DeliveryDetail.Payments)
}

// InvoiceUpdate changes an invoice.
type InvoiceUpdate struct {
	ByID
	InvoiceInput
}

// InvoiceDelete voids an invoice, named in the path, the query or the body.
type InvoiceDelete struct {
	ID            int64 `path:"id" query:"id" json:"id"`
	IsVoidPayment bool  `query:"isVoidPayment" json:"isVoidPayment"` // void its receipts, too
}

// InvoiceQuery lists invoices.
type InvoiceQuery struct {
	Paging
	BranchIDs              []int64     `query:"branchIds" alias:"branchId"`
	CustomerIDs            []int64     `query:"customerIds" alias:"customerId"`
	SoldByIDs              []int64     `query:"soldById" alias:"soldByIds"`   // ours
	ProductIDs             []int64     `query:"productId" alias:"productIds"` // ours: of a line
	CustomerCode           []string    `query:"customerCode" alias:"customerCodes"`
	CustomerPhone          Opt[string] `query:"customerPhone"` // as of orders
	Status                 []int64     `query:"status" words:"invoice"`
	IncludePayment         bool        `query:"includePayment"`
	IncludeInvoiceDelivery bool        `query:"includeInvoiceDelivery" alias:"includeOrderDelivery"`
	SaleChannel            bool        `query:"SaleChannel"`
	LastModifiedFrom       Opt[Time]   `query:"lastModifiedFrom"`
	ToDate                 Opt[Time]   `query:"toDate" bare:"end"`
	OrderID                Opt[int64]  `query:"orderId"`
	CreatedDate            Opt[Time]   `query:"createdDate"`
	FromPurchaseDate       Opt[Time]   `query:"fromPurchaseDate"`
	ToPurchaseDate         Opt[Time]   `query:"toPurchaseDate"`
	IncludeTotals          bool        `query:"includeTotals" view:"total"` // ours
}

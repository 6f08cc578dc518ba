package taphoa

// Order is what a customer has ordered (contract orders). An open order reserves its goods.
type Order struct {
	ID                     int64               `json:"id"`
	Code                   string              `json:"code"`
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
	RetailerID             int64               `json:"retailerId"`
	Description            Opt[string]         `json:"description,omitzero"`
	UsingCod               bool                `json:"usingCod"` // has a delivery
	ModifiedDate           Opt[Time]           `json:"modifiedDate,omitzero"`
	CreatedDate            Time                `json:"createdDate"`
	SaleChannelID          Opt[int64]          `json:"saleChannelId,omitzero" also:"SaleChannelId"`
	SaleChannelName        Opt[string]         `json:"SaleChannelName,omitzero"`
	PriceBookID            Opt[int64]          `json:"priceBookId,omitzero" also:"PriceBookId"` // unless the general one
	SaleChannel            *SaleChannelInfo    `json:"SaleChannel,omitzero"`
	OrderDetails           []OrderDetail       `json:"orderDetails"`
	OrderDelivery          *Delivery           `json:"orderDelivery,omitzero"`
	Payments               []Payment           `json:"payments,omitzero"`
	InvoiceOrderSurcharges []DocumentSurcharge `json:"invoiceOrderSurcharges,omitzero"`
	Warnings               []string            `json:"warnings,omitzero"` // ours: what a request says in vain
}

// OrderDetail is a line of an order.
type OrderDetail struct {
	ID              int64            `json:"id"`
	ProductID       int64            `json:"productId"`
	ProductCode     string           `json:"productCode"`
	ProductName     string           `json:"productName"` // with attributes and unit
	IsMaster        bool             `json:"isMaster"`    // false: a further line of the same product
	Quantity        Quantity         `json:"quantity"`
	Price           Money            `json:"price"` // before tax when pricingMode is 1
	Discount        Opt[Money]       `json:"discount,omitzero" also:"viewDiscount"`
	DiscountRatio   Opt[Percent]     `json:"discountRatio,omitzero"`
	SubTotal        Money            `json:"subTotal"`
	Note            Opt[string]      `json:"note,omitzero"`
	OrderDetailTaxs []OrderDetailTax `json:"orderDetailTaxs"`
}

// OrderDetailTax is the tax of an order line.
type OrderDetailTax struct {
	ID               int64        `json:"id"`
	DetailID         int64        `json:"detailId"`
	RetailerID       int64        `json:"retailerId"`
	TaxID            int64        `json:"taxId"`
	DetailTax        Opt[Money]   `json:"detailTax,omitzero"`
	TaxName          string       `json:"taxName"`
	TaxValue         Opt[Percent] `json:"taxValue,omitzero"`
	PriceAfterTax    Opt[Money]   `json:"priceAfterTax,omitzero"`
	DiscountAfterTax Opt[Money]   `json:"discountAfterTax,omitzero"`
}

// Order statuses (contract orders, orderStatus).
const (
	OrderDraft      = 1
	OrderDelivering = 2
	OrderCompleted  = 3
	OrderVoided     = 4
	OrderConfirmed  = 5
)

// OrderStatusValue is the label of an order's status.
func OrderStatusValue(status int64) string {
	return map[int64]string{
		OrderDraft: "Phiếu tạm", OrderDelivering: "Đang giao hàng", OrderCompleted: "Hoàn thành",
		OrderVoided: "Đã hủy", OrderConfirmed: "Đã xác nhận",
	}[status]
}

// OrderTransitions are the statuses that an order may change to from each status. Completing and voiding end it; only the
// voiding of its invoices opens a completed one again.
var OrderTransitions = map[int64][]int64{
	OrderDraft:      {OrderConfirmed, OrderDelivering, OrderCompleted, OrderVoided},
	OrderConfirmed:  {OrderDraft, OrderDelivering, OrderCompleted, OrderVoided},
	OrderDelivering: {OrderDraft, OrderConfirmed, OrderCompleted, OrderVoided},
}

// OrderInput creates an order or, member by member, changes one.
type OrderInput struct {
	IsApplyVoucher bool              `json:"isApplyVoucher"`
	PurchaseDate   Opt[Time]         `json:"purchaseDate"`
	BranchID       Opt[int64]        `json:"branchId"`
	SoldByID       Opt[int64]        `json:"soldById"`
	CashierID      Opt[int64]        `json:"cashierId"`
	Discount       Opt[Money]        `json:"discount"`
	DiscountRatio  Opt[Percent]      `json:"discountRatio"`
	AfterTax       Opt[Money]        `json:"discountAfterTax"` // sent back beside an unchanged discount
	Description    Opt[string]       `json:"description" max:"2000"`
	Method         Opt[string]       `json:"method"`
	TotalPayment   Opt[Money]        `json:"totalPayment"`
	AccountID      Opt[int64]        `json:"accountId"`
	MakeInvoice    bool              `json:"makeInvoice"`
	SaleChannelID  Opt[int64]        `json:"saleChannelId"`
	PriceBookID    Opt[int64]        `json:"priceBookId"` // ours: its prices are used for lines without a price
	Status         Opt[int64]        `json:"status"`
	UsingCod       Opt[bool]         `json:"usingCod"`
	CustomerID     Opt[int64]        `json:"customerId"`
	Customer       *DocumentCustomer `json:"customer"`
	OrderDetails   []DetailInput     `json:"orderDetails"`
	OrderDelivery  *DeliveryInput    `json:"orderDelivery" alias:"deliveryDetail"`
	Surcharges     []SurchargeWrite  `json:"surchages" alias:"surcharges"`
	Payments       []PaymentInput    `json:"payments"`
	Extra          Opt[string]       `json:"extra"`
	Partner        string            `json:"-"` // the header Partner: MyKiot or KVSync
}

// OrderUpdate changes an order.
type OrderUpdate struct {
	ByID
	OrderInput
}

// OrderDelete voids an order, named in the path, the query or the body.
type OrderDelete struct {
	ID            int64 `path:"id" query:"id" json:"id"`
	IsVoidPayment bool  `query:"isVoidPayment" json:"isVoidPayment"` // void its receipts, too
}

// OrderQuery lists orders.
type OrderQuery struct {
	Paging
	BranchIDs            []int64     `query:"branchIds" alias:"branchId"`
	CustomerIDs          []int64     `query:"customerIds" alias:"customerId"`
	SoldByIDs            []int64     `query:"soldById" alias:"soldByIds"`   // ours
	ProductIDs           []int64     `query:"productId" alias:"productIds"` // ours: of a line
	CustomerCode         []string    `query:"customerCode" alias:"customerCodes"`
	CustomerPhone        Opt[string] `query:"customerPhone"`
	Status               []int64     `query:"status" words:"order"`
	IncludePayment       bool        `query:"includePayment"`
	IncludeOrderDelivery bool        `query:"includeOrderDelivery"`
	SaleChannel          bool        `query:"SaleChannel"`
	LastModifiedFrom     Opt[Time]   `query:"lastModifiedFrom"`
	ToDate               Opt[Time]   `query:"toDate" bare:"end"`
	CreatedDate          Opt[Time]   `query:"createdDate"`
	SaleChannelID        Opt[int64]  `query:"saleChannelId"`
	FromPurchaseDate     Opt[Time]   `query:"fromPurchaseDate"`
	ToPurchaseDate       Opt[Time]   `query:"toPurchaseDate"`
	IncludeTotals        bool        `query:"includeTotals" view:"total"` // ours
}

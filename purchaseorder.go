package taphoa

// PurchaseOrder is a receipt of goods from a supplier (contract purchaseorders).
type PurchaseOrder struct {
	ID                 int64        `json:"id"`
	RetailerID         int64        `json:"retailerId"`
	Code               string       `json:"code"`
	BranchID           int64        `json:"branchId"`
	BranchName         string       `json:"branchName"`
	PurchaseDate       Time         `json:"purchaseDate"`
	Discount           Opt[Money]   `json:"discount,omitzero" view:"purchase"`
	DiscountRatio      Opt[Percent] `json:"discountRatio,omitzero" view:"purchase"`
	Total              Money        `json:"total" view:"purchase"`        // owed to the supplier
	TotalPayment       Money        `json:"totalPayment" view:"purchase"` // what payments and allocations settle of it; what was paid for a draft
	OrderSupplierID    Opt[int64]   `json:"orderSupplierId,omitzero"`     // the order to the supplier that it receives; ours
	OrderSupplierCode  Opt[string]  `json:"orderSupplierCode,omitzero"`
	SupplierID         Opt[int64]   `json:"supplierId,omitzero"`
	SupplierName       Opt[string]  `json:"supplierName,omitzero"`
	SupplierCode       Opt[string]  `json:"supplierCode,omitzero"`
	PartnerType        Opt[string]  `json:"partnerType,omitzero"`  // S when there is a supplier
	PurchaseByID       Opt[int64]   `json:"purchaseById,omitzero"` // who received the goods
	PurchaseName       Opt[string]  `json:"purchaseName,omitzero"`
	TotalTax           Opt[Money]   `json:"totalTax,omitzero" view:"purchase"`
	ExReturnSuppliers  Opt[Money]   `json:"exReturnSuppliers,omitzero" view:"purchase"`  // expenses paid to the supplier
	ExReturnThirdParty Opt[Money]   `json:"exReturnThirdParty,omitzero" view:"purchase"` // expenses paid to others
	Status             int64        `json:"status"`
	StatusValue        string       `json:"statusValue" db:"-"`
	Description        Opt[string]  `json:"description,omitzero"`
	IsApplyPurchaseTax bool         `json:"isApplyPurchaseTax"`
	CreatedDate        Time         `json:"createdDate"`
	ModifiedDate       Opt[Time]    `json:"modifiedDate,omitzero"`

	PurchaseOrderDetails []PurchaseOrderDetail  `json:"purchaseOrderDetails"`
	Surcharges           []PurchaseSurcharge    `json:"surcharges,omitzero"` // ours: so that what is read can be written back
	Payments             []PurchaseOrderPayment `json:"payments,omitzero" view:"purchase"`
	Allocations          []Allocation           `json:"allocations,omitzero" view:"purchase"` // ours: what settles it beside payments
}

// PurchaseOrderDetail is a line of a purchase order.
type PurchaseOrderDetail struct {
	ID                       int64                    `json:"id"`
	PurchaseOrderID          int64                    `json:"purchaseOrderId"`
	LineNumber               int64                    `json:"lineNumber"` // from 1
	ProductID                int64                    `json:"productId"`
	ProductCode              string                   `json:"productCode" also:"ProductCode"`
	ProductName              string                   `json:"productName"`
	Quantity                 Quantity                 `json:"quantity"`
	Price                    Money                    `json:"price" view:"purchase"` // of one piece, before discount and tax
	Discount                 Opt[Money]               `json:"discount,omitzero" view:"purchase"`
	DiscountRatio            Opt[Percent]             `json:"discountRatio,omitzero" view:"purchase"`
	SubTotal                 Money                    `json:"subTotal" view:"purchase"` // quantity × (price − discount)
	Description              Opt[string]              `json:"description,omitzero"`
	SerialNumbers            Opt[string]              `json:"serialNumbers,omitzero"` // joined with a comma
	ProductBatchExpire       *InvoiceBatch            `json:"productBatchExpire,omitzero"`
	PurchaseOrderDetailTaxes []PurchaseOrderDetailTax `json:"purchaseOrderDetailTaxes,omitzero"`
}

// PurchaseOrderDetailTax is the tax of a line.
type PurchaseOrderDetailTax struct {
	ID         int64      `json:"id"`
	DetailID   int64      `json:"detailId"`
	RetailerID int64      `json:"retailerId"`
	TaxID      int64      `json:"taxId"`
	DetailTax  Opt[Money] `json:"detailTax,omitzero" view:"purchase"`
}

// PurchaseOrderPayment is a payment voucher to the supplier, with what it pays of the purchase order. Amounts are positive here, and
// negative in the cash book.
type PurchaseOrderPayment struct {
	ID              int64       `json:"id"`
	Code            string      `json:"code"`
	Method          string      `json:"method"`
	Amount          Money       `json:"amount"`
	Status          int64       `json:"status"`
	StatusValue     string      `json:"statusValue"`
	TransDate       Time        `json:"transDate"`
	AccountID       Opt[int64]  `json:"accountId,omitzero"`
	BankAccount     Opt[string] `json:"bankAccount,omitzero"`
	PurchaseOrderID int64       `json:"purchaseOrderId"`
}

// PurchaseSurcharge is an expense of a purchase, such as freight. Value is what it came to.
type PurchaseSurcharge struct {
	Code              Opt[string]  `json:"code,omitzero"`
	Name              Opt[string]  `json:"name,omitzero"`
	Value             Money        `json:"value" view:"purchase"`
	ValueRatio        Opt[Percent] `json:"valueRatio,omitzero" view:"purchase"` // of the goods
	IsSupplierExpense bool         `json:"isSupplierExpense"`
}

// Statuses of a purchase order (contract purchaseorders, purchaseOrderStatus).
const (
	PurchaseDraft     = 1
	PurchaseCompleted = 3
	PurchaseVoid      = 4
)

// PurchaseStatusValue is the label of a purchase order's status.
func PurchaseStatusValue(status int64) string {
	switch status {
	case PurchaseDraft:
		return "Phiếu tạm"
	case PurchaseCompleted:
		return "Đã nhập hàng"
	case PurchaseVoid:
		return "Đã hủy"
	}
	return ""
}

// PurchaseOrderInput creates a purchase order (contract purchaseorders, PurchaseOrderWrite).
type PurchaseOrderInput struct {
	PurchaseDate         Opt[Time]               `json:"purchaseDate"` // now when absent
	BranchID             Opt[int64]              `json:"branchId"`
	OrderSupplierID      Opt[int64]              `json:"orderSupplierId"`   // the order that it receives; on creation only
	OrderSupplierCode    Opt[string]             `json:"orderSupplierCode"` // the same, by code
	SupplierID           Opt[int64]              `json:"supplierId"`
	Supplier             *DocumentSupplier       `json:"supplier"`
	Description          Opt[string]             `json:"description" max:"2000"`
	IsDraft              Opt[string]             `json:"isDraft"` // 1 and true a draft; 0, 3 and false a receipt
	Status               Opt[string]             `json:"status"`  // the same, when isDraft is absent
	Discount             Opt[Money]              `json:"discount"`
	DiscountRatio        Opt[Percent]            `json:"discountRatio"`
	PaidAmount           Opt[Money]              `json:"paidAmount"` // what is to have been paid for it in the end; what is beyond the total is credit of the supplier
	PaymentMethod        Opt[string]             `json:"paymentMethod"`
	AccountID            Opt[int64]              `json:"accountId"`
	Payments             []PurchasePaymentInput  `json:"payments"` // further payments
	IsApplyPurchaseTax   Opt[bool]               `json:"isApplyPurchaseTax"`
	Surcharges           []PurchaseSurchargeIn   `json:"surcharges" alias:"surchages"`
	PurchaseOrderDetails []PurchaseOrderDetailIn `json:"purchaseOrderDetails"`
}

// PurchaseSurchargeIn is an expense of a purchase. A ratio above zero wins over the value.
type PurchaseSurchargeIn struct {
	Code              Opt[string]  `json:"code" max:"50"`
	Name              Opt[string]  `json:"name" max:"255"`
	Value             Opt[Money]   `json:"value"`
	ValueRatio        Opt[Percent] `json:"valueRatio"`        // of the goods, after discount
	IsSupplierExpense Opt[bool]    `json:"isSupplierExpense"` // whether the supplier gets it; wins over the type
	Type              Opt[int64]   `json:"type"`              // 0 for another recipient; else the supplier
}

// PurchaseOrderDetailIn is a line of a purchase order in a request.
type PurchaseOrderDetailIn struct {
	ProductID            Opt[int64]          `json:"productId"` // wins over the code
	ProductCode          Opt[string]         `json:"productCode"`
	Quantity             Opt[Quantity]       `json:"quantity" places:"4"`
	Price                Opt[Money]          `json:"price"`
	Discount             Opt[Money]          `json:"discount"` // per piece; wins over the ratio
	DiscountRatio        Opt[Percent]        `json:"discountRatio"`
	Description          Opt[string]         `json:"description" alias:"note" max:"2000"`
	ProductTax           *ProductTaxIn       `json:"productTax"`
	Taxes                []TaxWrite          `json:"purchaseOrderDetailTaxes"` // as lines that were read name it; one at most
	SerialNumbers        []string            `json:"serialNumbers"`            // each may hold several, separated by commas
	ProductBatchExpire   *PurchaseBatchInput `json:"productBatchExpire"`
	ProductBatchExpireID Opt[int64]          `json:"productBatchExpireId" alias:"batchExpireId"`
}

// ProductTaxIn names the tax of a line.
type ProductTaxIn struct {
	TaxID     int64      `json:"taxId"`
	ProductID Opt[int64] `json:"productId"` // repeats the line's
}

// PurchaseBatchInput is the batch that a line receives, by its id, or by its name and day of expiry: found or made.
type PurchaseBatchInput struct {
	ID         Opt[int64]  `json:"id"`
	BatchName  Opt[string] `json:"batchName" max:"255"`
	ExpireDate Opt[Time]   `json:"expireDate" bare:"end"`
}

// PurchasePaymentInput is one of several payments of a purchase order.
type PurchasePaymentInput struct {
	ID          Opt[int64]  `json:"id"` // of one that is booked already and only comes back with what was read
	Amount      Money       `json:"amount"`
	Method      string      `json:"method"`
	AccountID   Opt[int64]  `json:"accountId"`
	Description Opt[string] `json:"description" max:"2000"`
	TransDate   Opt[Time]   `json:"transDate"` // ours: when the money moved, else the date of the receipt when that is made, now later
}

// PurchaseOrderUpdate changes a purchase order that is a draft: the members that are present. The branch stays.
type PurchaseOrderUpdate struct {
	ByID
	PurchaseOrderInput
}

// PurchaseOrderDelete voids a purchase order.
type PurchaseOrderDelete struct {
	ID            int64 `path:"id" query:"id" json:"id"`
	IsVoidPayment bool  `query:"isVoidPayment" json:"isVoidPayment"` // void its payment vouchers, too, but for those that pay others
}

// PurchaseOrderQuery lists purchase orders.
type PurchaseOrderQuery struct {
	Paging
	BranchIDs            []int64     `query:"branchIds" alias:"branchId"`
	SupplierIDs          []int64     `query:"supplierIds" alias:"supplierId"`
	SupplierCode         []string    `query:"supplierCode" alias:"supplierCodes"`
	Code                 Opt[string] `query:"code"`
	Status               []int64     `query:"status" words:"purchase"`
	TaxIDs               []int64     `query:"taxIds" alias:"taxId"`
	IncludePayment       bool        `query:"includePayment"`
	IncludeOrderDelivery bool        `query:"includeOrderDelivery"` // copied from orders: there is no delivery
	LastModifiedFrom     Opt[Time]   `query:"lastModifiedFrom"`
	ToDate               Opt[Time]   `query:"toDate" bare:"end"`
	CreatedDate          Opt[Time]   `query:"createdDate"`
	FromPurchaseDate     Opt[Time]   `query:"fromPurchaseDate"`
	ToPurchaseDate       Opt[Time]   `query:"toPurchaseDate" bare:"end"`
}

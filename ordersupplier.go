package taphoa

import "slices"

// OrderSupplier is what the shop has ordered from a supplier (contract ordersuppliers). It moves no goods: the purchase
// orders made from it do. An open one counts as on order in the levels of its branch.
type OrderSupplier struct {
	OrderSupplierHead
	Total Money `json:"total" view:"purchase"` // what the supplier is to get
}

// OrderSupplierHead is all of an [OrderSupplier] but its total, whose name has another meaning in the response with one order.
type OrderSupplierHead struct {
	ID                 int64                  `json:"id"`
	Code               string                 `json:"code"`
	InvoiceID          Opt[int64]             `json:"invoiceId,omitzero" db:"-"` // the first purchase order made from it
	OrderDate          Time                   `json:"orderDate"`
	BranchID           int64                  `json:"branchId"`
	RetailerID         int64                  `json:"retailerId"`
	UserID             int64                  `json:"userId"` // who orders
	Description        Opt[string]            `json:"description,omitzero"`
	Status             int64                  `json:"status"`
	DiscountRatio      Opt[Percent]           `json:"discountRatio,omitzero" view:"purchase"`
	ProductQty         Quantity               `json:"productQty" db:"-"` // as totalQuantity
	Discount           Opt[Money]             `json:"discount,omitzero" view:"purchase"`
	CreatedDate        Time                   `json:"createdDate"`
	CreatedBy          int64                  `json:"createdBy"`
	TotalTax           Opt[Money]             `json:"totalTax,omitzero" view:"purchase"`
	Details            []OrderSupplierDetail  `json:"orderSupplierDetails"`
	Expenses           []OrderSupplierExpense `json:"orderSupplierExpensesOthers" also:"OrderSupplierExpensesOthers"`
	ExReturnSuppliers  Opt[Money]             `json:"exReturnSuppliers,omitzero" view:"purchase"`  // expenses paid to the supplier
	ExReturnThirdParty Opt[Money]             `json:"exReturnThirdParty,omitzero" view:"purchase"` // expenses paid to others
	TotalAmt           Money                  `json:"totalAmt" db:"-" view:"purchase"`             // as the total
	TotalQty           Quantity               `json:"totalQty" db:"-"`                             // as totalQuantity
	TotalQuantity      Quantity               `json:"totalQuantity"`
	TotalProductType   int64                  `json:"totalProductType"`                  // different products
	SubTotal           Money                  `json:"subTotal" view:"purchase"`          // of the lines
	PaidAmount         Money                  `json:"paidAmount" db:"-" view:"purchase"` // for the purchase orders made from it
	ToComplete         bool                   `json:"toComplete" db:"-"`                 // nothing is awaited any more
	StatusValue        string                 `json:"statusValue" db:"-"`
	ViewPrice          bool                   `json:"viewPrice" db:"-"`                     // the caller sees prices
	SupplierDebt       Money                  `json:"supplierDebt" view:"purchase,debt"`    // what the shop owes the supplier now
	SupplierOldDebt    Money                  `json:"supplierOldDebt" view:"purchase,debt"` // and owed when it ordered
	PurchaseOrderCodes Opt[string]            `json:"purchaseOrderCodes,omitzero" db:"-"`   // joined with commas
	SupplierID         Opt[int64]             `json:"supplierId,omitzero"`
	SupplierCode       Opt[string]            `json:"supplierCode,omitzero"`
	SupplierName       Opt[string]            `json:"supplierName,omitzero"`
}

// OrderSupplierDetail is a line of an order to a supplier.
type OrderSupplierDetail struct {
	ID                   int64                    `json:"id"`
	OrderSupplierID      int64                    `json:"orderSupplierId"`
	OrderSupplierCode    string                   `json:"orderSupplierCode" db:"-"`
	ProductID            int64                    `json:"productId"`
	ProductCode          string                   `json:"productCode"`
	ProductName          string                   `json:"productName"` // with attributes and unit
	Quantity             Quantity                 `json:"quantity" also:"orderQuantity"`
	Price                Money                    `json:"price" view:"purchase"`
	Discount             Money                    `json:"discount" view:"purchase"`   // per piece
	Allocation           Money                    `json:"allocation" view:"purchase"` // its share of the order's discount
	CreatedDate          Time                     `json:"createdDate"`
	Description          Opt[string]              `json:"description,omitzero"`
	OrderByNumber        int64                    `json:"orderByNumber" db:"line"`             // from 1
	AllocationSuppliers  Money                    `json:"allocationSuppliers" view:"purchase"` // its shares of the expenses
	AllocationThirdParty Money                    `json:"allocationThirdParty" view:"purchase"`
	SubTotal             Money                    `json:"subTotal" view:"purchase"`
	Taxes                []OrderSupplierDetailTax `json:"orderSupplierDetailTaxes,omitzero"`
}

// OrderSupplierDetailTax is the tax of a line.
type OrderSupplierDetailTax struct {
	ID        int64      `json:"id"`
	DetailID  int64      `json:"detailId"`
	TaxID     int64      `json:"taxId"`
	DetailTax Opt[Money] `json:"detailTax,omitzero" view:"purchase"`
}

// OrderSupplierExpense is an expense of an order, such as freight.
type OrderSupplierExpense struct {
	ID                int64        `json:"id"`
	Form              int64        `json:"form"`                         // 1: paid to the supplier, 0: to another recipient
	ExpensesOtherRank int64        `json:"expensesOtherOrder" db:"line"` // from 1
	ExpensesOtherCode string       `json:"expensesOtherCode"`
	ExpensesOtherName string       `json:"expensesOtherName"`
	ExpensesOtherID   int64        `json:"expensesOtherId"` // the same for the same code
	OrderSupplierID   int64        `json:"orderSupplierId"`
	Price             Money        `json:"price" view:"purchase"` // what it comes to
	IsReturnAuto      bool         `json:"isReturnAuto"`
	ExValue           Opt[Money]   `json:"exValue,omitzero" view:"purchase"`           // as it was given: an amount, or percent of the goods
	ValueRatio        Opt[Percent] `json:"valueRatio,omitzero" db:"-" view:"purchase"` // that percent; ours: so that what is read can be written back
	CreatedDate       Time         `json:"createdDate"`
}

// OrderSupplierAnswer is the response with one order to a supplier: a page of one, as documented, and beside it the members
// of the order, as a client reads them (contract ordersuppliers, conflict Detail shape).
type OrderSupplierAnswer struct {
	Total    int64           `json:"total"` // 1; the order's own total is in data
	PageSize int64           `json:"pageSize"`
	Data     []OrderSupplier `json:"data"`
	OrderSupplierHead
	Timestamp Stamp `json:"timestamp"`
}

// Statuses of an order to a supplier (contract ordersuppliers, orderSupplierStatus). Some clients know 5 as the draft.
const (
	OrderSupplierDraft     = 0
	OrderSupplierConfirmed = 1
	OrderSupplierPartly    = 2 // some of it has come
	OrderSupplierCompleted = 3
	OrderSupplierVoided    = 4
)

const orderSupplierDraftToo = 5

// OrderSupplierMoves are the statuses that an order to a supplier may change to from each status. What purchase orders
// bring moves it, too.
var OrderSupplierMoves = map[int64][]int64{
	OrderSupplierDraft:     {OrderSupplierConfirmed, OrderSupplierVoided},
	OrderSupplierConfirmed: {OrderSupplierCompleted, OrderSupplierVoided},
	OrderSupplierPartly:    {OrderSupplierCompleted, OrderSupplierVoided},
}

// OrderSupplierStatusValue is the label of a status.
func OrderSupplierStatusValue(status int64) string {
	return map[int64]string{
		OrderSupplierDraft: "Phiếu tạm", OrderSupplierConfirmed: "Đã xác nhận NCC", OrderSupplierPartly: "Nhập một phần",
		OrderSupplierCompleted: "Hoàn thành", OrderSupplierVoided: "Đã hủy",
	}[status]
}

// OrderSupplierInput orders from a supplier or, member by member, changes an order. The vendor's API has no such
// operation.
type OrderSupplierInput struct {
	BranchID           Opt[int64]                  `json:"branchId"`
	SupplierID         Opt[int64]                  `json:"supplierId"`
	Supplier           *DocumentSupplier           `json:"supplier"`
	UserID             Opt[int64]                  `json:"userId"` // who orders; the caller when absent
	OrderDate          Opt[Time]                   `json:"orderDate"`
	Description        Opt[string]                 `json:"description" max:"2000"`
	Code               Opt[string]                 `json:"code" max:"50"` // given out when blank
	IsDraft            Opt[bool]                   `json:"isDraft"`       // wins over the status
	Status             Opt[int64]                  `json:"status"`
	Discount           Opt[Money]                  `json:"discount"` // wins over the ratio
	DiscountRatio      Opt[Percent]                `json:"discountRatio"`
	IsApplyPurchaseTax Opt[bool]                   `json:"isApplyPurchaseTax"`
	Details            []OrderSupplierDetailInput  `json:"orderSupplierDetails" alias:"details"`
	Expenses           []OrderSupplierExpenseInput `json:"orderSupplierExpensesOthers" alias:"expenses"`
}

// Wants is the status that a request asks for, or otherwise.
func (in *OrderSupplierInput) Wants(otherwise int64) int64 {
	status := in.Status.Or(otherwise)
	if status == orderSupplierDraftToo {
		status = OrderSupplierDraft
	}
	switch {
	case OrderSupplierStatusValue(status) == "": // to be refused
	case in.IsDraft.Or(false):
		return OrderSupplierDraft
	case in.IsDraft.Has() && status == OrderSupplierDraft:
		return OrderSupplierConfirmed
	}
	return status
}

// OrderSupplierDetailInput is a line of an order to a supplier in a request.
type OrderSupplierDetailInput struct {
	ProductID     Opt[int64]    `json:"productId"` // wins over the code
	ProductCode   Opt[string]   `json:"productCode"`
	Quantity      Opt[Quantity] `json:"quantity" alias:"orderQuantity" places:"4"`
	Price         Opt[Money]    `json:"price"`
	Discount      Opt[Money]    `json:"discount"` // per piece; wins over the ratio
	DiscountRatio Opt[Percent]  `json:"discountRatio"`
	Description   Opt[string]   `json:"description" max:"2000"`
	Taxes         []TaxWrite    `json:"orderSupplierDetailTaxes"` // one at most
}

// OrderSupplierExpenseInput is an expense of an order in a request. A ratio above zero wins over the price.
type OrderSupplierExpenseInput struct {
	Code         Opt[string]  `json:"expensesOtherCode" alias:"code" max:"50"`
	Name         Opt[string]  `json:"expensesOtherName" alias:"name" max:"255"`
	Form         Opt[int64]   `json:"form"` // 0 for another recipient; else the supplier
	Price        Opt[Money]   `json:"price" alias:"value"`
	ValueRatio   Opt[Percent] `json:"valueRatio"` // of the goods, after discount
	IsReturnAuto Opt[bool]    `json:"isReturnAuto"`
}

// OrderSupplierUpdate changes an order to a supplier.
type OrderSupplierUpdate struct {
	ByID
	OrderSupplierInput
}

// OrderSupplierQuery lists orders to suppliers. The keys look for a part of a code or name.
type OrderSupplierQuery struct {
	Paging
	BranchID          Opt[int64]  `query:"branchId"`
	Status            []int64     `query:"status" words:"orderSupplier"`
	ProductKey        Opt[string] `query:"productKey"`
	SupplierKey       Opt[string] `query:"supplierKey"`
	UserKey           Opt[string] `query:"userNamKey" alias:"userNameKey"`
	CreatorKey        Opt[string] `query:"userNamCreatedKey" alias:"userNameCreatedKey"`
	ExpensesOthersIDs []int64     `query:"expensesOthersIds"`
	DescriptionKey    Opt[string] `query:"descriptionKey"`
	CodeKey           Opt[string] `query:"codeKey"`
	PurchaseOrderCode Opt[string] `query:"purchaseOrderCode"` // exactly so
}

// Statuses returns the statuses that match the query's: a draft has two numbers.
func (q *OrderSupplierQuery) Statuses() []int64 {
	if slices.Contains(q.Status, orderSupplierDraftToo) {
		return append(slices.Clone(q.Status), OrderSupplierDraft)
	}
	return q.Status
}

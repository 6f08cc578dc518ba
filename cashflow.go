package taphoa

import "strings"

// CashFlow is an entry of the cash book (contract cashflow): a receipt, or with a negative amount a payment.
type CashFlow struct {
	ID                        int64          `json:"id"`
	Code                      string         `json:"code"`
	Address                   Opt[string]    `json:"address,omitzero"` // of the partner
	BranchID                  int64          `json:"branchId"`
	WardName                  Opt[string]    `json:"wardName,omitzero"`
	LocationName              Opt[string]    `json:"locationName,omitzero"` // province - district
	ContactNumber             Opt[string]    `json:"contactNumber,omitzero"`
	CreatedBy                 int64          `json:"createdBy"`                 // id of the user
	UsedForFinancialReporting int64          `json:"usedForFinancialReporting"` // 1 for income or expense of its own, 0 for the payment of a debt
	CashFlowGroupID           Opt[int64]     `json:"cashFlowGroupId,omitzero"`
	CashGroup                 Opt[string]    `json:"cashGroup,omitzero"` // name of the kind of receipt or payment
	Method                    string         `json:"method"`
	PartnerType               Opt[string]    `json:"partnerType,omitzero"` // a letter of PartnerTypes
	PartnerID                 Opt[int64]     `json:"partnerId,omitzero"`
	Status                    int64          `json:"status"` // 0 paid, 1 voided
	StatusValue               string         `json:"statusValue" db:"-"`
	TransDate                 Time           `json:"transDate"`
	Amount                    Money          `json:"amount"`
	PartnerName               Opt[string]    `json:"partnerName,omitzero"`
	User                      Opt[string]    `json:"user,omitzero" db:"user_name"` // name of who made it, if asked for
	UserID                    int64          `json:"userId"`                       // id of the same
	AccountID                 Opt[int64]     `json:"AccountId,omitzero" also:"accountId"`
	Description               Opt[string]    `json:"Description,omitzero" also:"description"`
	Account                   Opt[string]    `json:"account,omitzero" db:"bank_account"` // label of the bank account, if asked for
	Branch                    Opt[string]    `json:"branch,omitzero" db:"branch_name"`   // name of the branch, if asked for
	Origin                    string         `json:"origin"`                             // what made it: Order, Invoice, Return, PurchaseOrder, Voucher or Manual
	RetailerID                int64          `json:"retailerId"`
	Documents                 []PaidDocument `json:"documents,omitzero" db:"-" view:"purchase,debt"` // ours: what it pays, or is paid by
}

// PaidDocument is a document that an entry of the cash book pays, or for a payment back one that it pays out.
type PaidDocument struct {
	Type   string `json:"type"` // invoice, return, purchaseOrder, adjustment, payment; order for a deposit
	ID     int64  `json:"id"`   // 0, and no code, where the reader does not find the document
	Code   string `json:"code"`
	Amount Money  `json:"amount"`
}

// PaidDocumentInput names a document that a new entry is to pay: at most some of it, or all that it leaves open.
type PaidDocumentInput struct {
	Type   string     `json:"type"` // invoice, return, purchaseOrder, adjustment
	ID     Opt[int64] `json:"id"`
	Amount Opt[Money] `json:"amount"`
}

// CashFlowVoided is the response to voiding an entry: the entry and a sentence.
type CashFlowVoided struct {
	CashFlow
	Message string `json:"message"`
}

// Types of whom an entry names (contract cashflow, partnerType).
const (
	PartnerCustomer = "C"
	PartnerSupplier = "S"
	PartnerUser     = "U"
	PartnerCarrier  = "D"
	PartnerOther    = "O"
	PartnerTypes    = PartnerCustomer + PartnerSupplier + PartnerUser + PartnerCarrier + PartnerOther
)

// CashFlowGroup is a kind of receipt or payment.
type CashFlowGroup struct {
	ID        int64
	Name      string
	IsReceipt bool
}

// CashFlowGroups are the kinds that every shop has: of receipts and then of payments, in the order of PartnerTypes.
// Those that a shop makes have ids from [CashFlowGroupOwn] on.
var CashFlowGroups = []CashFlowGroup{
	{1, "Thu tiền khách trả", true},
	{2, "Thu tiền nhà cung cấp hoàn trả", true},
	{3, "Thu tiền nhân viên", true},
	{4, "Thu tiền đối tác giao hàng", true},
	{5, "Thu khác", true},
	{6, "Chi tiền hoàn trả khách", false},
	{7, "Chi tiền trả nhà cung cấp", false},
	{8, "Chi tiền nhân viên", false},
	{9, "Chi tiền trả đối tác giao hàng", false},
	{10, "Chi khác", false},
}

// CashFlowGroupOwn is the first id of the kinds that shops make.
const CashFlowGroupOwn = 100

// CashFlowGroupFor is the kind of a receipt or payment of a type of partner, when the request does not say which.
func CashFlowGroupFor(partnerType string, receipt bool) int64 {
	n := strings.Index(PartnerTypes, partnerType)
	if !receipt {
		n += len(PartnerTypes)
	}
	return CashFlowGroups[n].ID
}

// CashFlowQuery lists entries.
type CashFlowQuery struct {
	Paging
	BranchIDs                 []int64     `query:"branchIds" alias:"branchId"`
	Code                      []string    `query:"code" alias:"codes"`
	UserID                    Opt[int64]  `query:"userId"`
	AccountID                 Opt[int64]  `query:"accountId"`
	PartnerType               []string    `query:"partnerType"` // A is all
	Method                    []string    `query:"method"`
	CashFlowGroupID           []int64     `query:"cashFlowGroupId"`
	UsedForFinancialReporting Opt[int64]  `query:"usedForFinancialReporting"`
	PartnerName               Opt[string] `query:"partnerName"`
	ContactNumber             Opt[string] `query:"contactNumber"`
	IsReceipt                 Opt[bool]   `query:"isReceipt"`
	IncludeAccount            bool        `query:"includeAccount"`
	IncludeBranch             bool        `query:"includeBranch"`
	IncludeUser               bool        `query:"includeUser"`
	StartDate                 Opt[Time]   `query:"startDate"`
	EndDate                   Opt[Time]   `query:"endDate"` // not included
	Status                    []int64     `query:"status" words:"payment"`
	IDs                       []int64     `query:"ids"`
}

// CashFlowInput makes an entry that belongs to no other document. The vendor's API has no such operation.
type CashFlowInput struct {
	BranchID                  Opt[int64]          `json:"branchId"`
	IsReceipt                 Opt[bool]           `json:"isReceipt"` // else the amount's sign decides
	Amount                    Opt[Money]          `json:"amount"`    // negative for a payment
	Method                    string              `json:"method"`
	AccountID                 Opt[int64]          `json:"accountId"`
	CashFlowGroupID           Opt[int64]          `json:"cashFlowGroupId"`
	CashGroup                 Opt[string]         `json:"cashGroup" max:"255"` // by name instead; a new name makes a new kind
	PartnerType               Opt[string]         `json:"partnerType"`         // O when absent
	PartnerID                 Opt[int64]          `json:"partnerId"`
	PartnerName               Opt[string]         `json:"partnerName" max:"255"` // with type O, as the next two
	ContactNumber             Opt[string]         `json:"contactNumber" max:"50"`
	Address                   Opt[string]         `json:"address" max:"1000"`
	UsedForFinancialReporting Opt[int64]          `json:"usedForFinancialReporting"` // 0 for customers and suppliers, 1 for others
	TransDate                 Opt[Time]           `json:"transDate"`
	Description               Opt[string]         `json:"description" max:"2000"`
	Documents                 []PaidDocumentInput `json:"documents"` // what it pays first, in this order; then what is open
}

// InvoicePaymentInput collects money on an invoice (contract cashflow, InvoicePaymentRequest), or pays a completed purchase order.
type InvoicePaymentInput struct {
	Amount          Opt[Money] `json:"amount"`
	Method          string     `json:"method"`
	AccountID       Opt[int64] `json:"accountId"` // for Card and Transfer
	InvoiceID       Opt[int64] `json:"invoiceId"`
	PurchaseOrderID Opt[int64] `json:"purchaseOrderId"` // ours: the purchase order to pay instead
	TransDate       Opt[Time]  `json:"transDate"`       // ours: when the money moved, else now
}

// InvoicePayment is the receipt of an invoice's payment (contract cashflow, InvoicePaymentResult), or the payment of a purchase order.
type InvoicePayment struct {
	PaymentID       int64      `json:"paymentId"`
	PaymentCode     string     `json:"paymentCode"`
	Amount          Money      `json:"amount"` // positive for a purchase order, too
	Method          string     `json:"method"`
	AccountID       Opt[int64] `json:"accountId,omitzero"`
	InvoiceID       int64      `json:"invoiceId,omitzero"`
	PurchaseOrderID int64      `json:"purchaseOrderId,omitzero"`         // ours: what was paid instead of an invoice
	DocumentCode    string     `json:"DocumentCode" also:"documentCode"` // of either
}

package taphoa

import (
	"slices"
	"strings"
)

// Payment is a receipt as orders and invoices show it (contract orders, OrderPayment).
type Payment struct {
	ID          int64       `json:"id"`
	Code        string      `json:"code"`
	Amount      Money       `json:"amount"`
	Method      string      `json:"method"`
	Status      int64       `json:"status"` // 0 paid, 1 voided
	StatusValue string      `json:"statusValue" db:"-"`
	TransDate   Time        `json:"transDate"`
	BankAccount Opt[string] `json:"bankAccount,omitzero"` // label of the account, for Card and Transfer
	AccountID   Opt[int64]  `json:"accountId,omitzero"`
	Description Opt[string] `json:"description,omitzero"`
}

// Allocation is what a return, an opening balance or an adjustment settles of an invoice or a purchase, as both documents show
// it. It is ours.
type Allocation struct {
	Document string `json:"document"` // of the other document: invoice, return, purchase, adjustment
	ID       int64  `json:"id"`
	Code     string `json:"code"`
	Amount   Money  `json:"amount"`
	Date     Time   `json:"date"` // the later one of both documents
}

// PaymentMethod is how a payment is made: one of the Method constants, as [ParseMethod] reads them.
type PaymentMethod string

// Payment methods, as the wire spells them (contract transactions-common, paymentMethod). A new one goes into
// paymentMethods, and package cash has to say which account it pays from.
const (
	MethodCash     = "Cash"
	MethodCard     = "Card"
	MethodTransfer = "Transfer"
	MethodVoucher  = "Voucher"
)

// MethodChoices names the methods that need no voucher, for refusals.
const MethodChoices Term = "Cash, Card hoặc Transfer"

// paymentMethods are all methods with their spellings in lower case. COD is cash on delivery; Tranfer is how the documents
// spell it for invoices; nothing means cash.
var paymentMethods = []struct {
	method    PaymentMethod
	spellings []string
}{
	{MethodCash, []string{"", "cash", "cod"}},
	{MethodCard, []string{"card"}},
	{MethodTransfer, []string{"transfer", "tranfer"}},
	{MethodVoucher, []string{"voucher"}},
}

// PaymentMethods lists all methods.
func PaymentMethods() []PaymentMethod {
	methods := make([]PaymentMethod, len(paymentMethods))
	for i, m := range paymentMethods {
		methods[i] = m.method
	}
	return methods
}

// AcceptsVoucher reports whether a payment by the method is made with a gift voucher, which it has to name.
func (m PaymentMethod) AcceptsVoucher() bool { return m == MethodVoucher }

// Payment statuses (contract transactions-common, paymentStatus).
const (
	PaymentPaid   = 0
	PaymentVoided = 1
)

// PaymentStatusValue is the label of a payment's status.
func PaymentStatusValue(status int64) string {
	if status == PaymentVoided {
		return "Đã hủy"
	}
	return "Đã thanh toán"
}

// ParseMethod reads a payment method as clients spell it, in any letter case. It refuses others with CodeValidate.
func ParseMethod(field, text string) (PaymentMethod, error) {
	spelling := strings.ToLower(strings.TrimSpace(text))
	for _, m := range paymentMethods {
		if slices.Contains(m.spellings, spelling) {
			return m.method, nil
		}
	}
	return "", Refuse(CodeValidate, field, "Phương thức thanh toán %q (%s) không hợp lệ: dùng %s", text, field, MethodChoices)
}

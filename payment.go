package taphoa

import "strings"

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

	OrderID    Opt[int64] `json:"-"`
	InvoiceID  Opt[int64] `json:"-"`
	ReturnID   Opt[int64] `json:"-"`
	PurchaseID Opt[int64] `json:"-"`
	VoucherID  Opt[int64] `json:"-"`
}

// Payment methods, as the wire spells them (contract transactions-common, paymentMethod).
const (
	MethodCash     = "Cash"
	MethodCard     = "Card"
	MethodTransfer = "Transfer"
	MethodVoucher  = "Voucher"
)

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

// ParseMethod reads a payment method as clients spell it: in any letter case, COD for cash on delivery, Tranfer as the
// documents have it for invoices; nothing means cash.
func ParseMethod(field, text string) (string, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "", "cash", "cod":
		return MethodCash, nil
	case "card":
		return MethodCard, nil
	case "transfer", "tranfer":
		return MethodTransfer, nil
	case "voucher":
		return MethodVoucher, nil
	}
	return "", Refuse(CodeValidate, field, "Phương thức thanh toán %q (%s) không hợp lệ: dùng Cash, Card hoặc Transfer", text, field)
}

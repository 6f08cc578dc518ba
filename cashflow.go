package taphoa

// InvoicePaymentInput collects money on an invoice (contract cashflow, InvoicePaymentRequest).
type InvoicePaymentInput struct {
	Amount    Opt[Money] `json:"amount"`
	Method    string     `json:"method"`
	AccountID Opt[int64] `json:"accountId"` // for Card and Transfer
	InvoiceID Opt[int64] `json:"invoiceId"`
}

// InvoicePayment is the receipt of an invoice's payment (contract cashflow, InvoicePaymentResult).
type InvoicePayment struct {
	PaymentID    int64      `json:"paymentId"`
	PaymentCode  string     `json:"paymentCode"`
	Amount       Money      `json:"amount"`
	Method       string     `json:"method"`
	AccountID    Opt[int64] `json:"accountId,omitzero"`
	InvoiceID    int64      `json:"invoiceId"`
	DocumentCode string     `json:"DocumentCode" also:"documentCode"` // the invoice's
}

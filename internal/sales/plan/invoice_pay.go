package plan

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
)

// PayInvoice plans to collect money on an invoice, no more than is still owed for it (contract cashflow, payInvoice).
func PayInvoice(f *Facts, in *taphoa.InvoicePaymentInput) (*Sale, taphoa.InvoicePayment, error) {
	var none taphoa.InvoicePayment
	method, err := taphoa.ParseMethod("method", in.Method)
	if err == nil && method.AcceptsVoucher() {
		err = taphoa.Refuse(taphoa.CodeInvoice, "method", "Không thể thanh toán hóa đơn bằng voucher ở đây: dùng %s (method)", taphoa.MethodChoices)
	}
	amount := in.Amount.Or(0).RoundDong()
	if err == nil && amount <= 0 {
		err = taphoa.Refuse(taphoa.CodeInvoice, "amount", "Số tiền thanh toán (amount) phải lớn hơn 0")
	}
	if err != nil {
		return nil, none, err
	}
	taken, err := f.takeInvoice()
	if err == nil {
		err = f.judgeDate(taken.Row.BranchID, "transDate", in.TransDate.Or(f.Clock), f.Clock)
	}
	if err != nil {
		return nil, none, err
	}
	s := changeStored(f)
	v := &s.Invoice.Row
	if v.Status == taphoa.InvoiceVoid {
		return nil, none, taphoa.Refuse(taphoa.CodeInvoice, "invoiceId", "Hóa đơn %s đã hủy, không thể thanh toán", v.Code)
	}
	open := s.openDebt()
	if open <= 0 {
		return nil, none, taphoa.Refuse(taphoa.CodeInvoice, "invoiceId", "Hóa đơn %s không còn nợ", v.Code)
	}
	if amount == open.RoundDong() { // an invoice from before amounts were whole may owe a fraction
		amount = open
	}
	if amount > open {
		return nil, none, taphoa.Refuse(taphoa.CodeInvoice, "amount", "Hóa đơn %s chỉ còn nợ %v, không thể thu %v (amount)", v.Code, open, amount)
	}
	if err := s.receiveForInvoice([]cashplan.Receipt{{Amount: amount, Method: method, AccountID: taphoa.SomeIf(in.AccountID.Or(0))}}, in.TransDate.Or(f.Clock)); err != nil {
		return nil, none, err
	}
	if !v.Method.Has() {
		v.Method = taphoa.Some(string(method))
	}
	v.ModifiedDate, v.ChangedAt = taphoa.Some(f.Now), f.Now
	if err := s.settle(); err != nil {
		return nil, none, err
	}
	payments := f.invoicePayments(v.ID)
	p := payments[len(payments)-1] // the newest has the highest id
	return s, taphoa.InvoicePayment{
		PaymentID: p.ID, PaymentCode: p.Code, Amount: p.Amount, Method: string(p.Method), AccountID: p.AccountID, InvoiceID: v.ID, DocumentCode: v.Code,
	}, nil
}

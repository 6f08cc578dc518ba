package sales

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
)

// PayInvoice collects money on an invoice, no more than is still owed for it (contract cashflow, payInvoice).
func PayInvoice(tx *db.Tx, in *taphoa.InvoicePaymentInput) (taphoa.InvoicePayment, error) {
	var none taphoa.InvoicePayment
	method, err := taphoa.ParseMethod("method", in.Method)
	if err == nil && method == taphoa.MethodVoucher {
		err = taphoa.Refuse(taphoa.CodeInvoice, "method", "Không thể thanh toán hóa đơn bằng voucher ở đây: dùng Cash, Card hoặc Transfer (method)")
	}
	if err == nil && in.Amount.Or(0) <= 0 {
		err = taphoa.Refuse(taphoa.CodeInvoice, "amount", "Số tiền thanh toán (amount) phải lớn hơn 0")
	}
	if err != nil {
		return none, err
	}
	v, err := lockInvoice(tx, in.InvoiceID.Or(0))
	if err != nil {
		return none, err
	}
	if v.Status == taphoa.InvoiceVoid {
		return none, taphoa.Refuse(taphoa.CodeInvoice, "invoiceId", "Hóa đơn %s đã hủy, không thể thanh toán", v.Code)
	}
	open, err := openDebt(tx, v)
	if err != nil {
		return none, err
	}
	if open <= 0 {
		return none, taphoa.Refuse(taphoa.CodeInvoice, "invoiceId", "Hóa đơn %s không còn nợ", v.Code)
	}
	if in.Amount.Value > open {
		return none, taphoa.Refuse(taphoa.CodeInvoice, "amount", "Hóa đơn %s chỉ còn nợ %v, không thể thu %v (amount)", v.Code, open, in.Amount.Value)
	}
	id, err := cash.Receive(tx, cash.Receipt{
		BranchID: v.BranchID, Partner: cash.Customer(v.CustomerID.Or(0)), OrderID: v.OrderID, InvoiceID: taphoa.Some(v.ID),
		Amount: in.Amount.Value, Method: method, AccountID: taphoa.SomeIf(in.AccountID.Or(0)), TransDate: tx.Clock,
	})
	if err != nil {
		return none, err
	}
	if v.TotalPayment += in.Amount.Value; !v.Method.Has() {
		v.Method = taphoa.Some(string(method))
	}
	saveInvoice(tx, v)
	if v.OrderID.Has() {
		tx.Queue(`
			UPDATE orders SET total_payment = total_payment + ?, changed_at = :now
			WHERE retailer_id = :retailer AND id = ?`, in.Amount.Value, v.OrderID.Value)
		orderUpdated.Emit(tx, v.OrderID.Value)
	}
	payments, err := cash.InvoicePayments(tx, []int64{v.ID})
	at := slices.IndexFunc(payments, func(p taphoa.Payment) bool { return p.ID == id })
	if err != nil || at < 0 {
		return none, err
	}
	p := payments[at]
	return taphoa.InvoicePayment{
		PaymentID: p.ID, PaymentCode: p.Code, Amount: p.Amount, Method: p.Method, AccountID: p.AccountID, InvoiceID: v.ID, DocumentCode: v.Code,
	}, nil
}

// openDebt is what is still owed for an invoice: its total without what was paid, and without what standing returns have
// taken off and not paid out. It may be negative.
func openDebt(tx *db.Tx, v *taphoa.Invoice) (taphoa.Money, error) {
	if v.GoodsReturned {
		return -v.TotalPayment, nil
	}
	credit, _, err := db.One[taphoa.Money](tx, `
		SELECT CAST(COALESCE(SUM(return_total - total_payment), 0) AS BIGINT) FROM returns
		WHERE retailer_id = :retailer AND invoice_id = ? AND status = 1`, v.ID)
	return v.Total - v.TotalPayment - credit, err
}

// refuseReturned refuses to change what was sold by an invoice of which goods have come back.
func refuseReturned(tx *db.Tx, v *taphoa.Invoice) error {
	if !slices.ContainsFunc(v.InvoiceDetails, func(d taphoa.InvoiceDetail) bool { return d.ReturnQuantity > 0 }) {
		return nil
	}
	code, _, err := db.One[string](tx, `
		SELECT code FROM returns WHERE retailer_id = :retailer AND invoice_id = ? AND status = 1 ORDER BY id LIMIT 1`, v.ID)
	if err == nil {
		err = taphoa.Refuse(taphoa.CodeInvoice, "id",
			"Hóa đơn %s đã có phiếu trả hàng %s, không thể hủy, đổi hàng hóa hay trạng thái; hãy hủy phiếu trả hàng trước", v.Code, code)
	}
	return err
}

package debt

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/supply"
)

// Pay collects money on the invoice that a request names (contract cashflow, payInvoice), or pays the completed purchase order
// that it names. It refuses, with CodeValidate, a request that names both or none, and with the codes of the documents what
// [sales.PayInvoice] and [supply.PayPurchaseOrder] refuse.
func Pay(tx *db.Tx, in *taphoa.InvoicePaymentInput) (taphoa.InvoicePayment, error) {
	invoice, purchase := in.InvoiceID.Or(0) != 0, in.PurchaseOrderID.Or(0) != 0
	switch {
	case invoice && purchase:
		return taphoa.InvoicePayment{}, taphoa.Refuse(taphoa.CodeValidate, "purchaseOrderId",
			"Mỗi lần thanh toán chỉ cho một chứng từ: chọn hóa đơn (invoiceId) hoặc phiếu nhập (purchaseOrderId)")
	case purchase:
		return supply.PayPurchaseOrder(tx, in)
	case invoice:
		return sales.PayInvoice(tx, in)
	}
	return taphoa.InvoicePayment{}, taphoa.Refuse(taphoa.CodeValidate, "invoiceId",
		"Thiếu chứng từ cần thanh toán: hóa đơn (invoiceId) hoặc phiếu nhập (purchaseOrderId)")
}

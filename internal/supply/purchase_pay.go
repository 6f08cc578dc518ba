package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/right"
)

// PayPurchaseOrder pays a completed purchase order, no more than the shop still owes for it. The vendor's API has no such operation.
func PayPurchaseOrder(tx *db.Tx, in *taphoa.InvoicePaymentInput) (taphoa.InvoicePayment, error) {
	var none taphoa.InvoicePayment
	method, err := supplierMethod("method", in.Method)
	if err != nil {
		return none, err
	}
	amount := in.Amount.Or(0).RoundDong()
	if amount <= 0 {
		return none, refusePurchase("amount", "Số tiền trả nhà cung cấp (amount) phải lớn hơn 0")
	}
	o, err := lockPurchase(tx, in.PurchaseOrderID.Or(0))
	if err == nil {
		err = tx.Actor().May(o.BranchID)
	}
	if err != nil {
		return none, err
	}
	if o.Status != taphoa.PurchaseCompleted {
		return none, refusePurchase("purchaseOrderId", "Phiếu nhập %s đang ở trạng thái %s, không thể thanh toán (purchaseOrderId)",
			o.Code, taphoa.Term(taphoa.PurchaseStatusValue(o.Status)))
	}
	l, err := purchaseMoney(tx, o, o)
	if err != nil {
		return none, err
	}
	l.Know(o.document(), o.Total)
	open := l.Open(o.document())
	if open == 0 {
		return none, refusePurchase("purchaseOrderId", "Phiếu nhập %s không còn nợ (purchaseOrderId)", o.Code)
	}
	if amount == open.RoundDong() { // a purchase from before amounts were whole may owe a fraction
		amount = open
	}
	if amount > open {
		return none, tx.Actor().Tell(right.SeePurchasePrices,
			refusePurchase("amount", "Phiếu nhập %s chỉ còn nợ %v, không thể trả %v (amount)", o.Code, open, amount),
			refusePurchase("amount", "Phiếu nhập %s còn nợ ít hơn %v, không thể trả số tiền này (amount)", o.Code, amount))
	}
	if err := tx.Actor().May(o.BranchID, right.CreateCash); err != nil {
		return none, err
	}
	if err := tx.Actor().Dated(o.BranchID, "transDate", in.TransDate.Or(tx.Clock), tx.Clock); err != nil {
		return none, err
	}
	p, err := l.Receive(cashplan.Receipt{
		BranchID: o.BranchID, Partner: o.document().Account, PurchaseID: taphoa.Some(o.ID), Amount: -amount, Method: method,
		AccountID: taphoa.SomeIf(in.AccountID.Or(0)), TransDate: in.TransDate.Or(tx.Clock),
	})
	if err != nil {
		return none, err
	}
	l.Settle()
	money, err := cash.Save(tx, l)
	if err != nil {
		return none, err
	}
	party.DebtsChanged(tx, money.DebtsChanged)
	return taphoa.InvoicePayment{
		PaymentID: p.ID, PaymentCode: p.Code, Amount: amount, Method: string(p.Method), AccountID: p.AccountID,
		PurchaseOrderID: o.ID, DocumentCode: o.Code,
	}, SaveSettled(tx, &money)
}

package plan

import (
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
)

// setFee takes the shop's fee off the value of what comes back.
func (r *ReturnRow) setFee(value taphoa.Money) error {
	if r.ReturnFee < 0 || r.ReturnFee > value {
		return taphoa.Refuse(taphoa.CodeInvoice, "returnFee", "Phí trả hàng (returnFee) phải từ 0 đến giá trị hàng trả %v", value)
	}
	r.ReturnTotal = value - r.ReturnFee
	return nil
}

// refunds are the payments that a request pays back, with negative amounts, beyond what has been paid back already.
func refunds(in *taphoa.ReturnInput, already taphoa.Money) ([]cashplan.Receipt, error) {
	if total := in.TotalPayment.Or(0); total > 0 && total < already {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "totalPayment",
			"Đã trả lại khách %v, không thể giảm xuống %v (totalPayment); hãy hủy phiếu chi", already, total)
	}
	terms := paymentTerms{total: in.TotalPayment, method: in.Method, accountID: in.AccountID, list: in.Payments, useVoucher: true}
	all, err := terms.receipts(&KindReturn, already)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Amount = -all[i].Amount
	}
	byVoucher := func(r cashplan.Receipt) bool { return r.Method.AcceptsVoucher() }
	if len(VoucherUses(true, in.Payments)) > 0 || slices.ContainsFunc(all, byVoucher) {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "method", "Không thể trả lại khách bằng voucher: dùng %s (method)", taphoa.MethodChoices)
	}
	return all, nil
}

// refund books what is paid back.
func (s *Sale) refund(refunds []cashplan.Receipt) error {
	r := &s.Return.Row
	sum, err := receive(s.Facts, refunds, cashplan.Receipt{
		BranchID: r.BranchID, Partner: cashplan.Customer(r.CustomerID.Or(0)), ReturnID: taphoa.Some(r.ID), TransDate: s.Facts.Clock,
	})
	r.TotalPayment -= sum
	return err
}

func tooMuchBack(r *ReturnRow) error {
	return taphoa.Refuse(taphoa.CodeInvoice, "totalPayment",
		"Số tiền trả lại khách (totalPayment, payments) không được vượt quá giá trị phiếu trả hàng %v", r.ReturnTotal)
}

// keepVouchers refuses to pay out what vouchers have paid for: a voucher is never paid out. The customer may bring the
// goods back if the shop's fee is as high.
func (s *Sale) keepVouchers() error {
	if s.Invoice == nil {
		return nil
	}
	r := &s.Return.Row
	left := s.Facts.Invoice.totalWithout(r.ID) - r.ReturnTotal
	var vouchers taphoa.Money
	for _, p := range paid(s.Facts.invoicePayments(s.Invoice.Row.ID)) {
		if p.VoucherID.Has() {
			vouchers += p.Amount
		}
	}
	if vouchers > 0 && left < vouchers {
		return taphoa.Refuse(taphoa.CodeInvoice, "returnFee",
			"Hóa đơn đã thanh toán %v bằng voucher, không trả lại bằng tiền: phí trả hàng (returnFee) phải từ %v trở lên",
			vouchers, r.ReturnFee+vouchers-left)
	}
	return nil
}

// totalWithout is what the valid returns of an invoice leave of its total, except one of them.
func (v *StoredInvoice) totalWithout(exceptID int64) taphoa.Money {
	left := v.Row.Total
	for i := range v.Returns {
		if v.Returns[i].ID != exceptID {
			left -= v.Returns[i].ReturnTotal
		}
	}
	return left
}

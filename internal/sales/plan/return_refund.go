package plan

import (
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
)

// setFee takes the shop's fee off the value of what comes back.
func (r *ReturnRow) setFee(value taphoa.Money) error {
	if r.ReturnFee == value.RoundDong() { // of an invoice from before amounts were whole
		r.ReturnFee = value
	}
	if r.ReturnFee < 0 || r.ReturnFee > value {
		return taphoa.Refuse(taphoa.CodeInvoice, "returnFee", "Phí trả hàng (returnFee) phải từ 0 đến giá trị hàng trả %v", value)
	}
	r.ReturnTotal = value - r.ReturnFee
	return nil
}

// refunds are the payments that a request pays back, with negative amounts, beyond what has been paid back already.
func refunds(in *taphoa.ReturnInput, already, shown taphoa.Money) ([]cashplan.Receipt, error) {
	if total := in.TotalPayment.Or(0).RoundDong(); total > 0 && total < already.RoundDong() && total != shown.RoundDong() {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "totalPayment",
			"Đã trả lại khách %v, không thể giảm xuống %v (totalPayment); hãy hủy phiếu chi", already, total)
	}
	terms := paymentTerms{total: in.TotalPayment, method: in.Method, accountID: in.AccountID, list: in.Payments, useVoucher: true}
	all, err := terms.receipts(&KindReturn, already, shown)
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
func (s *Sale) refund(refunds []cashplan.Receipt, at taphoa.Time) error {
	r := &s.Return.Row
	return receive(s.Facts, refunds, cashplan.Receipt{
		BranchID: r.BranchID, Partner: cashplan.Customer(r.CustomerID.Or(0)), ReturnID: taphoa.Some(r.ID), TransDate: at,
	})
}

// tooMuchBack is the refusal to pay back more than a return has left as credit.
func tooMuchBack(r *ReturnRow, left taphoa.Money) error {
	if left < r.ReturnTotal {
		return taphoa.Refuse(taphoa.CodeInvoice, "totalPayment",
			"Phiếu trả hàng %s chỉ còn %v chưa trả khách hoặc trừ vào hóa đơn, không thể trả thêm (totalPayment, payments)", r.Code, left)
	}
	return taphoa.Refuse(taphoa.CodeInvoice, "totalPayment",
		"Số tiền trả lại khách (totalPayment, payments) không được vượt quá giá trị phiếu trả hàng %v", r.ReturnTotal)
}

// keepVouchers refuses to pay out what vouchers have paid for when a stored return changes: its lines stay, and a voucher is
// never paid out. The customer may get more if the shop's fee stays as high.
func (s *Sale) keepVouchers() error {
	if s.Invoice == nil {
		return nil
	}
	r := &s.Return.Row
	if limit, vouchers := s.refundLimit(); vouchers > 0 && r.ReturnTotal > limit {
		return taphoa.Refuse(taphoa.CodeInvoice, "returnFee",
			"Hóa đơn đã thanh toán %v bằng voucher, không trả lại bằng tiền: phí trả hàng (returnFee) phải từ %v trở lên",
			vouchers, r.ReturnFee+r.ReturnTotal-limit)
	}
	return nil
}

// refundLimit is the most that the customer may get for the return, after its fee, and what vouchers have paid: all valid
// returns of an invoice come to at most its goods and their tax, without its surcharges and what vouchers have paid.
func (s *Sale) refundLimit() (limit, vouchers taphoa.Money) {
	v := s.Facts.Invoice
	for i := range v.Lines {
		limit += v.Lines[i].SubTotal
	}
	limit += v.Row.TotalTax.Or(0) - v.Row.Discount.Or(0)
	vouchers = s.Facts.Cash.VouchersOf(v.Row.ref())
	for i := range v.Returns {
		if v.Returns[i].ID != s.Return.Row.ID {
			limit -= v.Returns[i].ReturnTotal
		}
	}
	return max(0, limit-vouchers), vouchers
}

// limitReturn keeps lines that come back within what is left of their invoice: its gifts have lowered what was paid for the
// others. What is over is a further discount of the return, spread over its lines; the last return takes what is left of
// value and tax. most is the most that the lines may be worth.
func limitReturn(lines []*returnLine, sold []*soldLine, mode taphoa.PricingMode, most taphoa.Money) error {
	var net, tax, leftNet, leftTax taphoa.Money
	for _, l := range lines {
		net, tax = net+l.subTotal-l.allocation, tax+l.tax()
	}
	leftNet, leftTax = net, tax
	for _, s := range sold {
		leftNet, leftTax = leftNet+s.subTotal-s.allocation, leftTax+s.tax()
	}
	taxed := slices.ContainsFunc(lines, func(l *returnLine) bool { return len(l.taxes) > 0 })
	onTop := func(tax taphoa.Money) taphoa.Money { // of the net value
		if mode == taphoa.PricingAfterTax {
			return 0
		}
		return tax
	}
	wantNet, wantTax := min(net, leftNet), min(tax, max(0, leftTax))
	switch {
	case allReturned(sold) && taxed:
		wantNet, wantTax = leftNet, leftTax
	case !taxed:
		wantTax = 0
	case net >= leftNet: // all value that is left, and with it the tax; below zero only what gifts among the lines have
		wantTax = max(leftTax, min(tax, 0))
	}
	if left := leftNet + onTop(leftTax); allReturned(sold) || wantNet+onTop(wantTax) > left {
		wantNet = left - onTop(wantTax)
	}
	value := wantNet + onTop(wantTax)
	if most = max(0, most); value > most {
		ofTax := min(max(0, wantTax), value)
		shares, err := taphoa.Allocate(most, []taphoa.Money{ofTax, value - ofTax})
		if err != nil {
			return tooMuchMoney()
		}
		wantTax = shares[0]
		wantNet = most - onTop(wantTax)
	}
	return spread(lines, net-wantNet, wantTax-tax)
}

// spread adds an amount to the discounts of lines, and another one to their taxes.
func spread(lines []*returnLine, discount, tax taphoa.Money) error {
	var taxes []*taphoa.Money
	var byNet, byTax []taphoa.Money
	for _, l := range lines {
		byNet = append(byNet, max(0, l.subTotal-l.allocation))
		for i := range l.taxEach {
			taxes, byTax = append(taxes, &l.taxEach[i]), append(byTax, max(0, l.taxEach[i]))
		}
	}
	discounts, err := taphoa.Allocate(discount, byNet)
	if err == nil && len(taxes) > 0 {
		var more []taphoa.Money
		if more, err = taphoa.Allocate(tax, byTax); err == nil {
			for i := range taxes {
				*taxes[i] += more[i]
			}
		}
	}
	if err != nil {
		return tooMuchMoney()
	}
	for i, l := range lines {
		l.allocation += discounts[i]
	}
	return nil
}

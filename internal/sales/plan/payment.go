package plan

import (
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	promoplan "github.com/taphoa/taphoa/internal/promo/plan"
)

// paymentTerms are the ways in which a request pays: totalPayment with its method, and a list of further payments.
type paymentTerms struct {
	total      taphoa.Opt[taphoa.Money]
	method     taphoa.Opt[string]
	accountID  taphoa.Opt[int64]
	list       []taphoa.PaymentInput
	useVoucher bool
}

// receipts turns the ways of paying into receipts. already is what was received for the document before: totalPayment names the
// sum that is to have been received in the end, or comes back as the document shows it. Vouchers, which [VoucherUses] returns,
// come beside it.
func (t *paymentTerms) receipts(k *Kind, already, shown taphoa.Money) ([]cashplan.Receipt, error) {
	var all []cashplan.Receipt
	method, err := taphoa.ParseMethod("method", t.method.Or(""))
	if err != nil {
		return nil, err
	}
	switch total := t.total.Or(0).RoundDong(); {
	case total < 0:
		return nil, taphoa.Refuse(k.code, "totalPayment", "Số tiền thanh toán (totalPayment) không được âm")
	case total == already.RoundDong(), total == shown.RoundDong(): // also where one from before amounts were whole comes back
	case total > 0 && total < already:
		return nil, taphoa.Refuse(k.code, "totalPayment", "Khách đã thanh toán %v, không thể giảm xuống %v (totalPayment)", already, total)
	case total > already && method.AcceptsVoucher() && len(VoucherUses(t.useVoucher, t.list)) > 0: // repeats what the list says
	case total > already:
		all = append(all, cashplan.Receipt{Amount: total - already, Method: method, AccountID: t.accountID, Member: "totalPayment"})
	}
	for _, in := range t.list {
		if in.Booked() {
			continue
		}
		method, err := taphoa.ParseMethod("payments.method", in.Method)
		if err != nil {
			return nil, err
		}
		if method.AcceptsVoucher() {
			continue
		}
		amount := in.Amount.RoundDong()
		if amount <= 0 {
			return nil, taphoa.Refuse(k.code, "payments.amount", "Số tiền thanh toán (payments.amount) phải lớn hơn 0")
		}
		all = append(all, cashplan.Receipt{
			Amount: amount, Method: method, AccountID: in.AccountID, Description: in.Description, TransDate: in.TransDate.Or(0),
			Member: "payments.amount",
		})
	}
	return all, nil
}

// VoucherUses are the vouchers that a request pays with. They count only when the request applies them (contract orders,
// rules).
func VoucherUses(apply bool, payments []taphoa.PaymentInput) (all []promoplan.VoucherUse) {
	if !apply {
		return nil
	}
	for _, in := range payments {
		if method, err := taphoa.ParseMethod("", in.Method); err == nil && method.AcceptsVoucher() && !in.Booked() {
			all = append(all, promoplan.VoucherUse{
				VoucherID: in.VoucherID.Or(0), CampaignID: in.VoucherCampaignID.Or(0), Amount: in.Amount.RoundDong(),
			})
		}
	}
	return all
}

// vouchersOf are the vouchers of payments.
func vouchersOf(payments []cashplan.PaymentRow) (ids []int64) {
	for _, p := range payments {
		if p.VoucherID.Has() {
			ids = append(ids, p.VoucherID.Value)
		}
	}
	return ids
}

func sumReceipts(receipts []cashplan.Receipt) (sum taphoa.Money) {
	for _, r := range receipts {
		sum += r.Amount
	}
	return sum
}

// receive adds receipts of a document to the cash book. Amount, method, account and a date of their own are those of the
// receipts, all else that of the template.
func receive(f *Facts, receipts []cashplan.Receipt, template cashplan.Receipt) (err error) {
	var sum taphoa.Money
	for _, r := range receipts {
		r.BranchID, r.Partner, r.OrderID, r.InvoiceID, r.ReturnID =
			template.BranchID, template.Partner, template.OrderID, template.InvoiceID, template.ReturnID
		if r.TransDate == 0 {
			r.TransDate = template.TransDate
		} else if err := f.judgeDate(r.BranchID, "payments.transDate", r.TransDate, f.Clock); err != nil {
			return err
		}
		if _, err := f.Cash.Receive(r); err != nil {
			return err
		}
		if sum, err = sum.Add(r.Amount); err != nil {
			return tooMuchMoney()
		}
	}
	return nil
}

// payFraction lets receipts that come to a whole amount pay what is due with a fraction, from before amounts were whole.
func payFraction(receipts []cashplan.Receipt, due taphoa.Money) {
	if sum := sumReceipts(receipts); len(receipts) > 0 && due%taphoa.Scale != 0 && sum == due.RoundDong() {
		receipts[len(receipts)-1].Amount += due - sum
	}
}

// booked is the date of money that the request for a new document books: that of the document, but no later than now.
func (f *Facts) booked(documentDate taphoa.Time) taphoa.Time { return min(documentDate, f.Clock) }

// methodOf is the payment method that a document shows: the given one, or that of its first payment, or the present one.
func methodOf(present, in taphoa.Opt[string], receipts []cashplan.Receipt) (taphoa.Opt[string], error) {
	if in.Or("") != "" {
		method, err := taphoa.ParseMethod("method", in.Value)
		return taphoa.Some(string(method)), err
	}
	if len(receipts) > 0 {
		return taphoa.Some(string(receipts[0].Method)), nil
	}
	return present, nil
}

// voucherLines are lines as the rules of vouchers see them.
func voucherLines(lines []*documentLine) []promoplan.VoucherLine {
	all := make([]promoplan.VoucherLine, len(lines))
	for i, l := range lines {
		all[i] = promoplan.VoucherLine{ProductID: l.product.ID, CategoryID: l.product.CategoryID, Amount: l.subTotal}
	}
	return all
}

// redeem uses vouchers for a document and returns the receipts with theirs. A customer's vouchers pay what the other receipts
// leave open, and what is paid too much is credit. A walk-in's vouchers pay first, and what is over is change.
func (k *Kind) redeem(
	f *Facts, scope *promoplan.VoucherScope, uses []promoplan.VoucherUse, receipts []cashplan.Receipt,
) ([]cashplan.Receipt, error) {
	open := scope.Open
	if scope.CustomerID.Has() {
		scope.Open -= sumReceipts(receipts)
	}
	paid, err := promoplan.Redeem(&f.Context, f.Vouchers, scope, uses)
	if err != nil {
		return nil, err
	}
	for _, p := range paid {
		receipts = append(receipts, cashplan.Receipt{Amount: p.Amount, Method: taphoa.MethodVoucher, VoucherID: taphoa.Some(p.VoucherID)})
	}
	if scope.CustomerID.Has() {
		return receipts, nil
	}
	return k.keepChange(receipts, open)
}

// keepChange takes the change off the receipts of a walk-in, who has no credit: vouchers pay first, then transfers and cards,
// then cash, of which no more than what is left is booked. What is beyond it by other methods is refused.
func (k *Kind) keepChange(receipts []cashplan.Receipt, open taphoa.Money) ([]cashplan.Receipt, error) {
	const vouchers, accounts, cash = 0, 1, 2
	turnOf := func(method taphoa.PaymentMethod) int {
		switch {
		case method.AcceptsVoucher():
			return vouchers
		case method == taphoa.MethodCash:
			return cash
		}
		return accounts
	}
	left := max(0, open)
	for turn := vouchers; turn <= cash; turn++ {
		for i := range receipts {
			r := &receipts[i]
			if turnOf(r.Method) != turn {
				continue
			}
			if turn != cash && r.Amount > left.RoundDong() { // of a document from before amounts were whole
				return nil, taphoa.Refuse(k.code, r.Member,
					"Khách lẻ chỉ còn phải trả %v, không thể thu %v bằng %s (%s): chỉ tiền mặt mới có tiền thừa, hãy giảm số tiền này",
					left, r.Amount, string(r.Method), r.Member)
			}
			r.Amount = min(r.Amount, left)
			left -= r.Amount
		}
	}
	return slices.DeleteFunc(receipts, func(r cashplan.Receipt) bool { return r.Amount == 0 }), nil
}

// coverVouchers refuses to lower a document's total below what vouchers have paid of it: a voucher is never paid out.
func coverVouchers(code string, before, total, paid taphoa.Money) error {
	if total < before && total < paid {
		return taphoa.Refuse(code, "total", "Tổng tiền mới %v thấp hơn số tiền %v đã thanh toán bằng voucher: hãy hủy chứng từ và tạo lại", total, paid)
	}
	return nil
}

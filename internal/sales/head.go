package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/promo"
)

// head is what a return says before its lines.
type head struct{ customer taphoa.Opt[party.CustomerRef] }

// modeOf is the pricing mode that a stored document was worked out in.
func modeOf(wire taphoa.Opt[int64]) taphoa.PricingMode {
	switch {
	case !wire.Has():
		return taphoa.PricingDirect
	case wire.Value == 1:
		return taphoa.PricingAfterTax
	}
	return taphoa.PricingBeforeTax
}

// findBranch answers the branch that a document names.
func findBranch(tx *db.Tx, r *rules, id taphoa.Opt[int64]) (taphoa.Branch, error) {
	if id.Or(0) == 0 {
		return taphoa.Branch{}, taphoa.Refuse(r.code, "branchId", "Chi nhánh (branchId) không được để trống")
	}
	return org.GetBranch(tx, &taphoa.ByID{ID: id.Value})
}

// paid are the ways in which a request pays: totalPayment with its method, and a list of further payments.
type paid struct {
	total      taphoa.Opt[taphoa.Money]
	method     taphoa.Opt[string]
	accountID  taphoa.Opt[int64]
	list       []taphoa.PaymentInput
	useVoucher bool
}

// receipts turns the ways of paying into receipts. already is what has been paid before: totalPayment names the sum
// that is to have been paid in the end. Vouchers, which [paid.claims] answers, stand beside it.
func (p *paid) receipts(r *rules, already taphoa.Money) ([]cash.Receipt, error) {
	var all []cash.Receipt
	method, err := taphoa.ParseMethod("method", p.method.Or(""))
	if err != nil {
		return nil, err
	}
	switch total := p.total.Or(0); {
	case total < 0:
		return nil, taphoa.Refuse(r.code, "totalPayment", "Số tiền thanh toán (totalPayment) không được âm")
	case total > 0 && total < already:
		return nil, taphoa.Refuse(r.code, "totalPayment", "Khách đã thanh toán %v, không thể giảm xuống %v (totalPayment)", already, total)
	case total > already && method == taphoa.MethodVoucher && len(p.claims()) > 0: // says once more what the list says
	case total > already:
		all = append(all, cash.Receipt{Amount: total - already, Method: method, AccountID: p.accountID})
	}
	for _, in := range p.list {
		if in.Booked() {
			continue
		}
		method, err := taphoa.ParseMethod("payments.method", in.Method)
		if err != nil {
			return nil, err
		}
		if method == taphoa.MethodVoucher {
			continue
		}
		if in.Amount <= 0 {
			return nil, taphoa.Refuse(r.code, "payments.amount", "Số tiền thanh toán (payments.amount) phải lớn hơn 0")
		}
		all = append(all, cash.Receipt{Amount: in.Amount, Method: method, AccountID: in.AccountID, Description: in.Description})
	}
	return all, nil
}

// receive books receipts for a document and answers their sum.
func receive(tx *db.Tx, receipts []cash.Receipt, like cash.Receipt) (sum taphoa.Money, err error) {
	for _, p := range receipts {
		p.BranchID, p.Partner, p.OrderID, p.InvoiceID, p.ReturnID, p.TransDate =
			like.BranchID, like.Partner, like.OrderID, like.InvoiceID, like.ReturnID, like.TransDate
		if _, err := cash.Receive(tx, p); err != nil {
			return 0, err
		}
		if sum, err = sum.Add(p.Amount); err != nil {
			return 0, tooMuchMoney()
		}
	}
	return sum, nil
}

// claims are the vouchers that a request pays with. They count only when the request applies them (contract orders,
// rules).
func (p *paid) claims() (all []promo.Claim) {
	if !p.useVoucher {
		return nil
	}
	for _, in := range p.list {
		if method, err := taphoa.ParseMethod("", in.Method); err == nil && method == taphoa.MethodVoucher && !in.Booked() {
			all = append(all, promo.Claim{VoucherID: in.VoucherID.Or(0), CampaignID: in.VoucherCampaignID.Or(0), Amount: in.Amount})
		}
	}
	return all
}

func sumReceipts(receipts []cash.Receipt) (total taphoa.Money) {
	for _, r := range receipts {
		total += r.Amount
	}
	return total
}

func setCustomer(id *taphoa.Opt[int64], code, name *taphoa.Opt[string], h *head) {
	if c := h.customer; c.Has() {
		*id, *code, *name = taphoa.Some(c.Value.ID), taphoa.Some(c.Value.Code), taphoa.Some(c.Value.Name)
	}
}

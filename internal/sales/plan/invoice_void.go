package plan

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
)

// VoidInvoice plans to void an invoice: it stays readable, its goods come back, the customer owes nothing for it, and the
// order that it was made from is open again. Its payments stay unless they are to be voided, too, and are those of the
// order again; vouchers are released unless they return to an order that is valid. An invoice that is void already stays
// as it is: the sale changes nothing then.
func VoidInvoice(f *Facts, voidPayments bool) (*Sale, error) {
	if f.Invoice == nil {
		return nil, unknownInvoice()
	}
	if err := f.refuseReturned(); err != nil {
		return nil, err
	}
	s := changeStored(f)
	v := &s.Invoice.Row
	wasVoid := v.Status == taphoa.InvoiceVoid
	orphan := s.Order == nil || s.Order.Row.Status == taphoa.OrderVoided // has no order to return to
	voided := func(p *cashplan.PaymentRow) bool { return p.Paid() && (voidPayments || p.VoucherID.Has() && orphan) }
	payments := f.invoicePayments(v.ID)
	f.Vouchers.Release(vouchersOf(keep(payments, voided)))
	if !wasVoid && !v.GoodsReturned {
		if err := s.reverseInvoice(); err != nil {
			return nil, err
		}
		if v.CustomerID.Has() {
			s.addTotals(-v.Total, -v.Total, -v.Points)
		}
	}
	changed := !wasVoid
	for i := range payments {
		p := &payments[i]
		if voided(p) {
			if _, err := f.Cash.Void(p.ID); err != nil {
				return nil, err
			}
			v.TotalPayment -= p.Amount
			changed = true
		} else if p.Paid() && p.OrderID.Has() {
			v.TotalPayment -= p.Amount // returns to the order
		}
	}
	if !changed {
		s.Invoice.Row = s.Invoice.Stored.Row
		return s, nil
	}
	f.Cash.ReleaseDeposits(v.ID)
	v.Status, v.GoodsReturned = taphoa.InvoiceVoid, true
	v.ModifiedDate, v.ChangedAt = taphoa.Some(f.Now), f.Now
	return s, s.updateOrderOfInvoice(nil)
}

// keep are those payments for which which is true.
func keep(payments []cashplan.PaymentRow, which func(*cashplan.PaymentRow) bool) (kept []cashplan.PaymentRow) {
	for i := range payments {
		if which(&payments[i]) {
			kept = append(kept, payments[i])
		}
	}
	return kept
}

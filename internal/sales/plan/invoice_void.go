package plan

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/right"
)

// VoidInvoice plans to void an invoice: it stays readable, its goods come back, the customer owes nothing for it, and the
// order that it was made from is open again. Its payments stay unless they are to be voided, too, and pay nothing else: they are
// those of the order again, or credit. Vouchers are released unless they return to an order that is valid. An invoice that is
// void already stays as it is: the sale changes nothing then.
func VoidInvoice(f *Facts, voidPayments bool) (*Sale, error) {
	if _, err := f.takeInvoice(right.VoidInvoices); err != nil {
		return nil, err
	}
	if err := f.refuseReturned(); err != nil {
		return nil, err
	}
	s := changeStored(f)
	v := &s.Invoice.Row
	wasVoid := v.Status == taphoa.InvoiceVoid
	orphan := s.Order == nil || s.Order.Row.Status == taphoa.OrderVoided || // has no order to return to
		s.Order.Row.CustomerID.Or(0) != v.CustomerID.Or(0)
	voided := func(p *cashplan.PaymentRow) bool {
		return p.Paid() && (voidPayments && !f.Cash.PaysOthers(p.ID) || p.VoucherID.Has() && orphan)
	}
	payments := keep(f.invoicePayments(v.ID), voided)
	if s.Order != nil && voidPayments { // and deposits that have paid nothing but this invoice, which shows them voided
		payments = append(payments, keep(s.deposits(), func(p *cashplan.PaymentRow) bool { return f.Cash.Part(p.ID, v.ref()) == p.Amount })...)
	}
	f.Vouchers.Release(vouchersOf(payments))
	s.Invoice.PaymentsVoid = len(payments) > 0
	for i := range payments {
		if _, err := f.Cash.Void(payments[i].ID); err != nil {
			return nil, err
		}
		f.Cash.Assign(payments[i].ID, v.ID)
	}
	if wasVoid && len(payments) == 0 {
		return s, nil
	}
	if s.Order != nil {
		f.Cash.ReleaseToOrder(v.ID, cashplan.Customer(s.Order.Row.CustomerID.Or(0)))
	}
	if !wasVoid && !v.GoodsReturned {
		if err := s.reverseInvoice(); err != nil {
			return nil, err
		}
		if v.CustomerID.Has() {
			s.addTotals(-v.Total, -v.Total, -v.Points)
		}
	}
	v.Status, v.GoodsReturned = taphoa.InvoiceVoid, true
	v.ModifiedDate, v.ChangedAt = taphoa.Some(f.Now), f.Now
	if !wasVoid {
		if err := s.updateOrderOfInvoice(nil); err != nil {
			return nil, err
		}
	}
	return s, s.settle()
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

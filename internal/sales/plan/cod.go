package plan

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
)

// codGroup is the kind of receipts of what is collected on delivery. Nothing else that is paid for an invoice has it.
var codGroup = taphoa.CashFlowGroupFor(taphoa.PartnerTypeDelivery, true)

func isCollected(p *cashplan.PaymentRow) bool { return p.CashFlowGroupID.Or(0) == codGroup }

// collectOnDelivery adds what the carrier brings to the receipts of an invoice, once, if its delivery has arrived: what they
// were asked to collect, else the rest, but no more than is open. How it came is what the request says.
func (s *Sale) collectOnDelivery(in *taphoa.InvoiceInput, receipts []cashplan.Receipt, open taphoa.Money) ([]cashplan.Receipt, error) {
	v, d := &s.Invoice.Row, s.Invoice.Delivery
	method, err := codMethod(in)
	if err != nil || d == nil || !d.Row.UsingPriceCod || d.Row.Status != taphoa.DeliveryDelivered || v.CodCollected {
		return receipts, err
	}
	if st := s.Invoice.Stored; st != nil && st.Delivery.arrivedBefore(&d.Row) {
		return receipts, nil // nothing was open then
	}
	open -= sumReceipts(receipts)
	amount := min(open, d.Row.PriceCodPayment.Or(open))
	if amount <= 0 {
		return receipts, nil
	}
	v.CodCollected = true
	if cod := d.Row.PriceCodPayment; cod.Has() { // without what was paid by name
		d.Row.PriceCodPayment = taphoa.Some(min(cod.Value, open+max(0, cod.Value-v.Total)))
	}
	return append(receipts, cashplan.Receipt{
		Amount: amount, Method: method, AccountID: in.CodPaymentAccount, TransDate: s.Facts.Clock,
		UnlinkedEntry: cashplan.UnlinkedEntry{CashFlowGroupID: codGroup},
	}), nil
}

// arrivedBefore reports whether a stored delivery had arrived already, and was to collect the same as now.
func (d *Delivery) arrivedBefore(now *DeliveryRow) bool {
	return d != nil && d.Row.Status == taphoa.DeliveryDelivered && d.Row.UsingPriceCod == now.UsingPriceCod &&
		d.Row.PriceCodPayment == now.PriceCodPayment
}

// codMethod is how a request says that the carrier has brought the money.
func codMethod(in *taphoa.InvoiceInput) (taphoa.PaymentMethod, error) {
	text := in.CodPaymentMethod.Or("")
	if text == "" && in.CodPaymentAccount.Or(0) != 0 {
		text = taphoa.MethodTransfer // money that came to an account was no cash
	}
	method, err := taphoa.ParseMethod("codPaymentMethod", text)
	if err == nil && method.AcceptsVoucher() {
		err = taphoa.Refuse(taphoa.CodeValidate, "codPaymentMethod", "Phương thức thanh toán %q (%s) không hợp lệ: dùng %s",
			text, "codPaymentMethod", taphoa.MethodChoices)
	}
	return method, err
}

// voidCollected voids what was collected on a delivery that came back. What was paid otherwise is the customer's credit.
func (s *Sale) voidCollected() error {
	v := &s.Invoice.Row
	if !v.CodCollected {
		return nil
	}
	v.CodCollected = false
	payments := paid(s.Facts.invoicePayments(v.ID))
	collected := keep(payments, isCollected)
	if len(collected) == 0 { // booked before they had a group of their own
		amount := s.Invoice.Delivery.Row.PriceCodPayment.Or(0)
		collected = keep(payments, func(p *cashplan.PaymentRow) bool { return p.Amount == amount && !p.VoucherID.Has() })
	}
	if len(collected) == 0 {
		return nil
	}
	last := &collected[len(collected)-1] // others came with the order, collected for an invoice of it that was voided
	_, err := s.Facts.Cash.Void(last.ID)
	return err
}

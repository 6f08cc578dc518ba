package plan

import (
	"slices"

	"github.com/taphoa/taphoa"
)

// warn adds a sentence about what a request says in vain to the answer.
func (s *Sale) warn(format string, args ...any) {
	sentence := taphoa.Refuse("", "", format, args...).Withhold(s.Facts.Actor.Held.Hides)
	s.warnings = append(s.warnings, sentence.Message)
}

// warnWithoutDelivery warns that usingCod alone makes no delivery.
func (s *Sale) warnWithoutDelivery(d *Delivery, usingCod taphoa.Opt[bool], member string) {
	if d == nil && usingCod.Or(false) {
		s.warn("Bỏ qua usingCod: chưa có thông tin giao hàng (%s)", member)
	}
}

// warnOfNewInvoice warns of members that only a new invoice takes (contract invoices, updateInvoice), where a request gives
// them another value than the invoice has.
func (s *Sale) warnOfNewInvoice(in *taphoa.InvoiceInput) {
	v := &s.Invoice.Row
	surcharges := in.Surcharges
	if d := in.DeliveryDetail; d != nil {
		surcharges = slices.Concat(surcharges, d.Surcharges)
	}
	charged := func(w taphoa.SurchargeWrite) bool {
		return slices.ContainsFunc(s.Invoice.Surcharges, func(r SurchargeRow) bool {
			return (w.Named() == 0 || w.Named() == r.SurchargeID.Or(0)) && w.Price.Or(r.Price) == r.Price
		})
	}
	for _, m := range []struct {
		name    string
		differs bool
	}{
		{"branchId", in.BranchID.Or(0) != 0 && in.BranchID.Value != v.BranchID},
		{"orderId", in.OrderID.Or(0) != 0 && in.OrderID.Value != v.OrderID.Or(0)},
		{"customerId", in.CustomerID.Or(0) != 0 && in.CustomerID.Value != v.CustomerID.Or(0)},
		{"discount", in.Discount.Has() && in.Discount.Value != v.Discount.Or(0) && in.Discount.Value != v.DiscountAfterTax.Or(0)},
		{"discountRatio", in.DiscountRatio.Has() && in.DiscountRatio.Value != v.DiscountRatio.Or(0)},
		{"surchages", surcharges != nil && (len(surcharges) != len(s.Invoice.Surcharges) || !every(surcharges, charged))},
	} {
		if m.differs {
			s.warn("Bỏ qua %s: hóa đơn đã tạo không đổi được thông tin này", m.name)
		}
	}
}

func every[T any](all []T, is func(T) bool) bool {
	return !slices.ContainsFunc(all, func(one T) bool { return !is(one) })
}

package plan

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/right"
)

// judgeDebt holds the customer of an invoice to the limit of their debt, after the account is settled: it refuses an invoice, or
// warns of one, by which they come to owe more than that. Who is deleted, or new, has no limit.
func (s *Sale) judgeDebt() error {
	c := s.buyer.Value
	if !s.lends() || !s.buyer.Has() || !c.DebtLimit.Has() || c.DeletedAt != 0 || c.ID != s.Invoice.Row.CustomerID.Or(0) {
		return nil
	}
	before, owed := s.Facts.Cash.Owed(cashplan.Customer(c.ID))
	limit, knows := c.DebtLimit.Value, s.Facts.Actor.Own.Everywhere().Has(right.SeeDebts)
	if owed <= limit || owed <= before {
		return nil
	}
	if c.DebtLimitPolicy.Or("") == taphoa.DebtLimitWarn {
		if knows {
			s.warn("Khách hàng %s nợ %v, vượt hạn mức nợ %v (debtLimit)", c.Code, owed, limit)
		} else {
			s.warn("Khách hàng %s nợ vượt hạn mức nợ (debtLimit)", c.Code)
		}
		return nil
	}
	code := KindInvoice.code
	if s.invoicesOrder {
		code = KindOrder.code
	}
	return s.Facts.Actor.Tell(right.SeeDebts, taphoa.Refuse(code, "customerId",
		"Khách hàng %s (customerId) chỉ được nợ tối đa %v, sẽ nợ %v: hãy thu thêm tiền hoặc nâng hạn mức nợ (debtLimit)", c.Code, limit, owed),
		taphoa.Refuse(code, "customerId",
			"Khách hàng %s (customerId) sẽ nợ vượt hạn mức nợ: hãy thu thêm tiền hoặc nâng hạn mức nợ (debtLimit)", c.Code))
}

// lends reports whether the sale lets its customer owe more for an invoice: for a new one, for more goods, or because less is to
// be collected on a delivery that goes on. How a delivery ends is a fact, and not lent.
func (s *Sale) lends() bool {
	v := s.Invoice
	if v == nil || v.Stored == nil {
		return v != nil
	}
	stored := v.StoredDelivery().held(&v.Stored.Row)
	return v.Row.due() > v.Stored.Row.due() || stored > v.Delivery.held(&v.Row) && !v.Delivery.ended()
}

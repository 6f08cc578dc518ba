package plan

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/plan"
)

// line is a line of a document while it is worked out.
type line struct {
	part
	known    knownAmounts
	price    taphoa.Money // of one unit of sale, as the customer sees it
	discount taphoa.Money // of one unit of sale, as the customer sees it
	taxes    []taphoa.Tax
}

// knownAmounts says which amounts of a line, besides its subTotal, are shares of those of another line.
type knownAmounts int

const (
	knowsNoShare knownAmounts = iota
	knowsAllocation
	knowsAllocationAndTax
)

// total is what the lines of a document come to.
type total struct {
	goods    taphoa.Money // sum of the lines' subTotal
	discount taphoa.Money // of the document
	tax      taphoa.Money
	due      taphoa.Money // what the customer has to pay
}

// rate is the sum of the line's tax rates; those that are no numbers count as nothing.
func (l *line) rate() (rate taphoa.Percent) {
	for _, t := range l.taxes {
		rate += t.Value.Or(0)
	}
	return rate
}

// priceDocument computes a document: total = Σ quantity × (price − discount) − document discount + tax + surcharges (contract
// orders, rules). Each amount is rounded to the đồng, half away from zero, in this order:
//
//  1. a line: quantity × (price − discount), whose factors have four places. It has been computed already, or is a share of
//     an order's line;
//  2. the document's discount: the amount that is given, or what its ratio leaves of the goods taken off them. It is spread
//     over the lines to the last đồng;
//  3. the tax of each line on what is left of it.
//
// All sums are whole from there on. A surcharge by ratio is one of the goods less the discount, and bears no tax.
func priceDocument(
	lines []*line, mode taphoa.PricingMode, discount taphoa.Opt[taphoa.Money], ratio taphoa.Opt[taphoa.Percent],
	surcharges []cashplan.SurchargeLine,
) (total, error) {
	var s total
	for _, l := range lines {
		var err error
		if s.goods, err = s.goods.Add(l.subTotal); err != nil {
			return s, tooMuchMoney()
		}
	}
	if err := s.discountLines(lines, discount, ratio); err != nil {
		return s, err
	}
	for _, l := range lines {
		if l.known < knowsAllocationAndTax {
			if err := l.addTax(mode); err != nil {
				return s, tooMuchMoney()
			}
		}
		var err error
		if s.tax, err = s.tax.Add(l.tax()); err != nil {
			return s, tooMuchMoney()
		}
	}
	var err error
	s.due = s.goods - s.discount
	if mode != taphoa.PricingAfterTax {
		if s.due, err = s.due.Add(s.tax); err != nil {
			return s, tooMuchMoney()
		}
	}
	extra, err := chargeSurcharges(surcharges, s.goods-s.discount)
	if err != nil {
		return s, err
	}
	if s.due, err = s.due.Add(extra); err != nil || s.due > taphoa.MoneyMax {
		return s, tooMuchMoney()
	}
	if s.due < 0 { // a line may have a negative price, as a gift has, but a sale pays no one
		return s, taphoa.Refuse(taphoa.CodeValidate, "price", "Tổng tiền của chứng từ không được âm (%v), hãy xem lại đơn giá (price)", s.due)
	}
	return s, nil
}

// discountLines computes the document's discount and spreads it over the lines, unless they know their shares.
func (s *total) discountLines(lines []*line, discount taphoa.Opt[taphoa.Money], ratio taphoa.Opt[taphoa.Percent]) error {
	weights := make([]taphoa.Money, len(lines))
	known := len(lines) > 0
	for i, l := range lines {
		weights[i] = max(0, l.subTotal)
		known = known && l.known >= knowsAllocation
	}
	if known {
		for _, l := range lines {
			s.discount += l.allocation
		}
		return nil
	}
	var err error
	if s.discount = discount.Or(0).RoundDong(); !discount.Has() && ratio.Has() {
		if s.discount, err = plan.DiscountByRatio(s.goods, ratio.Value); err != nil {
			return tooMuchMoney()
		}
	}
	if s.discount < 0 || s.discount > max(0, s.goods) {
		return taphoa.Refuse(taphoa.CodeValidate, "discount", "Giảm giá (discount) phải từ 0 đến tổng tiền hàng %v", s.goods)
	}
	if s.discount == 0 {
		return nil
	}
	shares, err := taphoa.Allocate(s.discount, weights)
	if err != nil {
		return tooMuchMoney()
	}
	for i, l := range lines {
		l.allocation = shares[i]
	}
	return nil
}

// rateOf is the sum of tax rates; those that are no numbers count as nothing.
func rateOf(taxes []taphoa.Tax) (rate taphoa.Percent) {
	for _, t := range taxes {
		rate += t.Value.Or(0)
	}
	return rate
}

// addTax fills the line's taxes: on top of its value, or contained in it in the mode after tax.
func (l *line) addTax(mode taphoa.PricingMode) (err error) {
	if l.netSubTotal, err = netOf(l.subTotal, l.taxes, mode); err != nil || len(l.taxes) == 0 {
		return err
	}
	taxable := l.subTotal - l.allocation
	if mode == taphoa.PricingAfterTax {
		tax, err := taxable.ContainedDong(rateOf(l.taxes))
		if err != nil {
			return err
		}
		weights := make([]taphoa.Money, len(l.taxes))
		for i, t := range l.taxes {
			weights[i] = taphoa.Money(t.Value.Or(0))
		}
		l.taxEach, err = taphoa.Allocate(tax, weights)
		return err
	}
	l.taxEach = make([]taphoa.Money, len(l.taxes))
	for i, t := range l.taxes {
		if l.taxEach[i], err = taxable.ShareDong(t.Value.Or(0)); err != nil {
			return err
		}
	}
	return nil
}

// netOf is an amount without the tax that it contains in the mode after tax, which is rounded to the đồng.
func netOf(amount taphoa.Money, taxes []taphoa.Tax, mode taphoa.PricingMode) (taphoa.Money, error) {
	if mode != taphoa.PricingAfterTax {
		return amount, nil
	}
	tax, err := amount.ContainedDong(rateOf(taxes))
	return amount - tax, err
}

// beforeTax is the part of an amount that is not tax, for an amount that contains tax at a rate.
func beforeTax(amount taphoa.Money, rate taphoa.Percent) (taphoa.Money, error) {
	if rate == 0 {
		return amount, nil
	}
	return amount.Div(taphoa.Quantity(taphoa.Scale + int64(rate)/100)) // 8 % is 1.08
}

func tooMuchMoney() error {
	return taphoa.Refuse(taphoa.CodeValidate, "total", "Giá trị chứng từ vượt quá giới hạn cho phép")
}

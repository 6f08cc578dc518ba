package plan

import (
	"github.com/taphoa/taphoa"
)

// line is a line of a document while it is worked out. Amounts are as the customer sees them: after tax in the pricing
// mode after tax, before tax otherwise.
type line struct {
	quantity taphoa.Quantity
	price    taphoa.Money // of one unit of sale
	discount taphoa.Money // of one unit of sale
	taxes    []taphoa.Tax

	subTotal   taphoa.Money // quantity × (price − discount)
	allocation taphoa.Money // its share of the document's discount
	tax        taphoa.Money // of all its taxes
	taxEach    []taphoa.Money
}

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
// orders, rules). The document's discount is money, or a percentage of the goods when only that is given, and is spread
// over the lines to the last đồng. Tax is rounded to the đồng, line by line.
func priceDocument(
	lines []*line, mode taphoa.PricingMode, discount taphoa.Opt[taphoa.Money], ratio taphoa.Opt[taphoa.Percent], surcharges taphoa.Money,
) (total, error) {
	var s total
	weights := make([]taphoa.Money, len(lines))
	for i, l := range lines {
		net, err := l.price.Sub(l.discount)
		if err == nil {
			l.subTotal, err = net.Times(l.quantity)
		}
		if err == nil {
			s.goods, err = s.goods.Add(l.subTotal)
		}
		if err != nil {
			return s, tooMuchMoney()
		}
		weights[i] = max(0, l.subTotal)
	}
	var err error
	if s.discount = discount.Or(0); !discount.Has() && ratio.Has() {
		if s.discount, err = s.goods.Share(ratio.Value); err != nil {
			return s, tooMuchMoney()
		}
		s.discount = s.discount.RoundDong()
	}
	if s.discount < 0 || s.discount > max(0, s.goods) {
		return s, taphoa.Refuse(taphoa.CodeValidate, "discount", "Giảm giá (discount) phải từ 0 đến tổng tiền hàng %v", s.goods)
	}
	if s.discount > 0 {
		shares, err := taphoa.Allocate(s.discount, weights)
		if err != nil {
			return s, tooMuchMoney()
		}
		for i, l := range lines {
			l.allocation = shares[i]
		}
	}
	for _, l := range lines {
		if err := l.addTax(mode); err != nil {
			return s, tooMuchMoney()
		}
		if s.tax, err = s.tax.Add(l.tax); err != nil {
			return s, tooMuchMoney()
		}
	}
	s.due = s.goods - s.discount
	if mode != taphoa.PricingAfterTax {
		if s.due, err = s.due.Add(s.tax); err != nil {
			return s, tooMuchMoney()
		}
	}
	if s.due, err = s.due.Add(surcharges); err != nil || s.due > taphoa.MoneyMax {
		return s, tooMuchMoney()
	}
	if s.due < 0 { // a line may have a negative price, as a gift has, but a sale pays no one
		return s, taphoa.Refuse(taphoa.CodeValidate, "price", "Tổng tiền của chứng từ không được âm (%v), hãy xem lại đơn giá (price)", s.due)
	}
	return s, nil
}

// addTax fills the line's taxes: on top of its value, or contained in it in the mode after tax.
func (l *line) addTax(mode taphoa.PricingMode) error {
	if len(l.taxes) == 0 {
		return nil
	}
	taxable := l.subTotal - l.allocation
	if mode == taphoa.PricingAfterTax {
		net, err := beforeTax(taxable, l.rate())
		if err != nil {
			return err
		}
		l.tax = (taxable - net).RoundDong()
		weights := make([]taphoa.Money, len(l.taxes))
		for i, t := range l.taxes {
			weights[i] = taphoa.Money(t.Value.Or(0))
		}
		l.taxEach = make([]taphoa.Money, len(l.taxes))
		if l.tax > 0 {
			l.taxEach, err = taphoa.Allocate(l.tax, weights)
		}
		return err
	}
	for _, t := range l.taxes {
		amount, err := taxable.Share(t.Value.Or(0))
		if err != nil {
			return err
		}
		amount = amount.RoundDong()
		l.taxEach = append(l.taxEach, amount)
		l.tax += amount
	}
	return nil
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

package plan

import (
	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	promoplan "github.com/taphoa/taphoa/internal/promo/plan"
)

// completeOrder invoices at once what is left of the order of a sale: the request leaves out everything but how it is paid.
func (s *Sale) completeOrder(order *StoredOrder, receipts []cashplan.Receipt, uses []promoplan.VoucherUse) error {
	return s.addInvoice(order, &taphoa.InvoiceInput{OrderID: taphoa.Some(order.Row.ID), Method: s.Order.Row.Method}, receipts, uses)
}

// likeOrder gives an invoice what its request leaves out and its order says. What a request says counts, an explicit 0 is
// 0. Lines are what is left of the order; its delivery, and surcharges that no valid invoice of it charges yet, come along.
func likeOrder(given *taphoa.InvoiceInput, o *StoredOrder) *taphoa.InvoiceInput {
	in := *given
	if in.BranchID.Or(0) == 0 {
		in.BranchID = taphoa.Some(o.Row.BranchID)
	}
	if in.CustomerID.Or(0) == 0 && in.Customer == nil {
		in.CustomerID = o.Row.CustomerID
	}
	if in.SoldByID.Or(0) == 0 {
		in.SoldByID = o.Row.SoldByID
	}
	if in.SaleChannelID.Or(0) == 0 {
		in.SaleChannelID = o.Row.SaleChannelID
	}
	if !in.Description.Given() {
		in.Description = o.Row.Description
	}
	ordered := o.echoedLines()
	left := remaining(o.Quantities(), o.Invoiced)
	if in.InvoiceDetails != nil {
		in.InvoiceDetails = mergeLines(likeOrdered(in.InvoiceDetails, ordered, left))
		return &in
	}
	for i, quantity := range left { // equal lines stay apart: each has rounded its tax
		if quantity > 0 {
			line := ordered[i].input
			line.Quantity = taphoa.Some(quantity)
			in.InvoiceDetails = append(in.InvoiceDetails, line)
		}
	}
	return &in
}

// surchargesLeft are the surcharges of an order that none of its valid invoices charges.
func (o *StoredOrder) surchargesLeft() []cashplan.SurchargeLine {
	var left []SurchargeRow
	for _, row := range o.Surcharges {
		if _, charged := o.Charged[row.SurchargeID.Or(0)]; !charged {
			left = append(left, row)
		}
	}
	return surchargesAsLines(left)
}

// roundings is how far the shares of a ratio may be from the ratio of their sum: those of invoices that have been voided
// since have rounded, too. A discount that is further away was given by a request.
const roundings = 10 * taphoa.Money(taphoa.Scale)

// discountLeft is an order's discount as far as an invoice with some lines bears it, and its ratio. A ratio stays, an
// amount goes by the value of the goods, and the last invoice takes the rest. A ratio beside an amount that is not its own,
// such as the 0 that clients send, decides nothing.
func (o *StoredOrder) discountLeft(lines []*documentLine) (taphoa.Opt[taphoa.Money], taphoa.Opt[taphoa.Percent], error) {
	none := taphoa.Opt[taphoa.Money]{}
	whole := o.Row.discount()
	if whole == 0 && !o.Row.DiscountRatio.Has() {
		return none, o.Row.DiscountRatio, nil
	}
	goods, before, all, err := o.values(lines)
	if err != nil {
		return none, o.Row.DiscountRatio, err
	}
	byRatio, err := o.Row.discountByRatio(all)
	if err != nil {
		return none, o.Row.DiscountRatio, err
	}
	rest := max(0, whole-o.InvoicedDiscount)
	share := rest
	switch {
	case byRatio: // rounded so that the shares of all invoices come to the order's
		now, e := discountOf(before+goods, o.Row.DiscountRatio.Value)
		was, e2 := discountOf(before, o.Row.DiscountRatio.Value)
		if e != nil || e2 != nil {
			return none, o.Row.DiscountRatio, tooMuchMoney()
		}
		share = now - was
		if off := was - o.InvoicedDiscount; -roundings <= off && off <= roundings {
			share = max(0, share+off)
		}
	case whole > 0 && !o.isLast(lines):
		shares, err := taphoa.Allocate(whole, []taphoa.Money{max(0, goods), max(0, all-goods)})
		if err != nil {
			return none, o.Row.DiscountRatio, tooMuchMoney()
		}
		share = min(rest, shares[0])
	}
	return taphoa.Some(min(share, max(0, goods))), o.Row.DiscountRatio, nil
}

// discount is that of the order, as the customer sees it.
func (o *OrderRow) discount() taphoa.Money {
	return o.DiscountAfterTax.Or(o.Discount.Or(0))
}

// discountByRatio is [OrderRow.discountByRatio] of the order's lines.
func (o *StoredOrder) discountByRatio() (bool, error) {
	_, _, all, err := o.values(nil)
	if err != nil {
		return false, err
	}
	return o.Row.discountByRatio(all)
}

// discountByRatio reports whether the discount of an order is its ratio of the goods, and not an amount beside it.
func (o *OrderRow) discountByRatio(goods taphoa.Money) (bool, error) {
	if !o.DiscountRatio.Has() {
		return false, nil
	}
	discount, err := discountOf(goods, o.DiscountRatio.Value)
	if err != nil {
		return false, tooMuchMoney()
	}
	return discount == o.discount(), nil
}

func discountOf(goods taphoa.Money, ratio taphoa.Percent) (taphoa.Money, error) {
	d, err := goods.Share(ratio)
	return d.RoundDong(), err
}

// values are those of the lines of an invoice, of what was invoiced before at the order's prices, and of the whole order,
// as the customer sees them.
func (o *StoredOrder) values(lines []*documentLine) (goods, before, all taphoa.Money, err error) {
	add := func(to *taphoa.Money, price taphoa.Money, quantity taphoa.Quantity) {
		amount, e := price.Times(quantity)
		if e == nil {
			*to, e = to.Add(amount)
		}
		if e != nil {
			err = tooMuchMoney()
		}
	}
	for _, l := range lines {
		add(&goods, l.price-l.discount, l.quantity)
	}
	left := remaining(o.Quantities(), o.Invoiced)
	for i, l := range o.echoedLines() {
		price := l.input.Price.Or(0) - l.input.Discount.Or(0)
		add(&all, price, l.input.Quantity.Value)
		add(&before, price, l.input.Quantity.Value-left[i])
	}
	return goods, before, all, err
}

// isLast reports whether an invoice with some lines leaves nothing of the order.
func (o *StoredOrder) isLast(lines []*documentLine) bool {
	return allInvoiced(o.Quantities(), append(quantitiesOf(lines), o.Invoiced...))
}

package plan

import (
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/plan"
	promoplan "github.com/taphoa/taphoa/internal/promo/plan"
)

// completeOrder invoices at once what is left of the order of a sale: the request leaves out everything but how it is paid.
func (s *Sale) completeOrder(order *StoredOrder, receipts []cashplan.Receipt, uses []promoplan.VoucherUse) error {
	s.invoicesOrder = true
	return s.addInvoice(order, &taphoa.InvoiceInput{OrderID: taphoa.Some(order.Row.ID), Method: s.Order.Row.Method}, receipts, uses)
}

// likeOrder gives an invoice what its request leaves out and its order says. What a request says counts, an explicit 0 is
// 0. Lines are what is left of the order; its delivery, and surcharges that no valid invoice of it charges yet, come along.
func likeOrder(given *taphoa.InvoiceInput, o *StoredOrder, left []*orderedLine) *taphoa.InvoiceInput {
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
	quantities := make([]taphoa.Quantity, len(left))
	for i, l := range left {
		quantities[i] = l.quantity
	}
	if in.InvoiceDetails != nil {
		in.InvoiceDetails = mergeLines(likeOrdered(in.InvoiceDetails, ordered, quantities))
		return &in
	}
	for i, quantity := range quantities {
		if quantity > 0 {
			line := ordered[i].input
			line.Quantity = taphoa.Some(quantity)
			in.InvoiceDetails = append(in.InvoiceDetails, line)
		}
	}
	return &in
}

// surchargesLeft are the surcharges of an order that none of its valid invoices charges, and those by ratio that they do not
// charge in full.
func (o *StoredOrder) surchargesLeft() []cashplan.SurchargeLine {
	var left []SurchargeRow
	for _, row := range o.Surcharges {
		if by, charged := o.Charged[row.SurchargeID.Or(0)]; !charged || row.Ratio.Has() && by.Amount < row.Price {
			left = append(left, row)
		}
	}
	return surchargesAsLines(left)
}

// share gives an invoice its shares of what is left of the order. Without an order (nil) there is nothing to share.
func (o *StoredOrder) share(
	c *InvoiceChange, left []*orderedLine, lines []*documentLine, surcharges []cashplan.SurchargeLine, ownDiscount bool,
) error {
	if o == nil {
		return nil
	}
	taken, err := o.shareWith(c, left, lines, ownDiscount)
	if err != nil {
		return err
	}
	var own []SurchargeRow
	if c.Stored != nil {
		own = c.Stored.Surcharges
	}
	o.shareSurcharges(surcharges, taken, own)
	return nil
}

// shareSurcharges gives an invoice its shares of the order's surcharges by ratio, for the goods that it takes. own are those
// of the invoice as it is stored.
func (o *StoredOrder) shareSurcharges(lines []cashplan.SurchargeLine, taken *takenGoods, own []SurchargeRow) {
	for i := range lines {
		l := &lines[i]
		at := slices.IndexFunc(o.Surcharges, func(r SurchargeRow) bool { return r.SurchargeID == l.SurchargeID && r.Ratio == l.Ratio })
		if !l.Ratio.Has() || at < 0 {
			continue
		}
		left := o.Surcharges[at].Price - o.Charged[l.SurchargeID.Or(0)].Amount
		for _, r := range own {
			if r.SurchargeID == l.SurchargeID {
				left += r.Price
			}
		}
		l.Share = &cashplan.SurchargeShare{Left: max(0, left), Goods: taken.of, Taken: taken.goods, IsLast: taken.all}
	}
}

// takenGoods is what an invoice takes of its order: goods less their discount, of those that are left.
type takenGoods struct {
	goods, of taphoa.Money
	all       bool // and nothing is left
}

// worth is what lines come to less their discount, and whether there are any goods.
func worth(lines []*orderedLine) (sum taphoa.Money, some bool) {
	for _, l := range lines {
		sum, some = sum+l.subTotal-l.allocation, some || l.quantity > 0
	}
	return sum, some
}

// orderedLine is what the valid invoices of an order have left of one of its lines.
type orderedLine struct {
	part
	productID int64
	full      taphoa.Money // of a unit, as the customer sees it
	price     taphoa.Money // full after its discount
	taxIDs    []int64
	taxStale  bool // its discount is another one than its taxes were computed with
}

// orderedLines are the lines of the order as wholes. Amounts of the time when they had fractions are rounded.
func (o *Order) orderedLines() ([]*orderedLine, error) {
	mode := pricingMode(o.Row.PricingMode)
	lines, weights := make([]*orderedLine, len(o.Lines)), make([]taphoa.Money, len(o.Lines))
	for i, e := range o.echoedLines() {
		l := &orderedLine{productID: o.Lines[i].ProductID, full: e.input.Price.Or(0), price: e.input.Price.Or(0) - e.input.Discount.Or(0)}
		l.quantity = o.Lines[i].Quantity
		var taxes []taphoa.Tax
		for _, t := range o.Taxes {
			if t.Line == o.Lines[i].Line {
				tax, _ := taphoa.TaxByID(t.TaxID)
				taxes, l.taxIDs, l.taxEach = append(taxes, tax), append(l.taxIDs, t.TaxID), append(l.taxEach, t.DetailTax.Or(0))
			}
		}
		var err error
		if l.subTotal, err = l.price.TimesDong(l.quantity); err == nil {
			l.netSubTotal, err = netOf(l.subTotal, taxes, mode)
		}
		if err != nil {
			return nil, tooMuchMoney()
		}
		lines[i], weights[i] = l, max(0, l.subTotal)
	}
	shares, err := taphoa.Allocate(o.Row.discount().RoundDong(), weights)
	if err != nil {
		return nil, tooMuchMoney()
	}
	for i, l := range lines {
		l.allocation = shares[i]
	}
	return lines, nil
}

// left are the order's lines without what its valid invoices have of them, except one of these. An invoice with a discount of
// its own, beside the ratio of the order, has taken its quantities' shares of discount and tax all the same.
func (o *StoredOrder) left(exceptID int64) ([]*orderedLine, error) {
	lines, err := o.orderedLines()
	if err != nil {
		return nil, err
	}
	byRatio, err := o.discountByRatio()
	if err != nil {
		return nil, err
	}
	mode := pricingMode(o.Row.PricingMode)
	for i := range o.Invoiced {
		v := &o.Invoiced[i]
		if v.InvoiceID == exceptID {
			continue
		}
		sold, price, taxIDs, err := v.part(o.InvoicedTaxes, mode)
		if err != nil {
			return nil, err
		}
		same, _, last, err := takeOrdered(lines, v.ProductID, price, taxIDs, sold.quantity)
		if err != nil {
			return nil, err
		}
		if same.quantity != sold.quantity {
			continue
		}
		exact := last.part
		exact.taxEach = slices.Clone(last.taxEach)
		exact.add(&same, 1)
		exact.add(&sold, -1)
		exact.quantity = last.quantity
		follows := !byRatio || v.InvoiceRatio == o.Row.DiscountRatio
		if follows && exact.allocation >= 0 && (exact.quantity == 0 || exact.allocation <= max(0, exact.subTotal)) {
			last.part = exact
		} else {
			last.subTotal, last.netSubTotal = exact.subTotal, exact.netSubTotal
		}
	}
	return lines, passOn(lines)
}

// passOn gives the discount that is left on lines of which nothing is left, because an invoice has had less, to the others, and
// makes what is left whole: invoices from before amounts were whole may have left fractions.
func passOn(lines []*orderedLine) error {
	var unused taphoa.Money
	weights := make([]taphoa.Money, len(lines))
	for i, l := range lines {
		l.subTotal, l.allocation, l.netSubTotal = l.subTotal.RoundDong(), l.allocation.RoundDong(), l.netSubTotal.RoundDong()
		if l.quantity == 0 {
			unused += l.allocation
		} else {
			weights[i] = max(0, l.subTotal-l.allocation)
		}
	}
	if unused <= 0 {
		return nil
	}
	shares, err := taphoa.Allocate(unused, weights)
	if err != nil {
		return tooMuchMoney()
	}
	for i, l := range lines {
		if more := min(shares[i], weights[i]); more > 0 {
			l.allocation += more
			l.taxStale = true
		}
	}
	return nil
}

// takeOrdered takes a quantity of a product off lines of an order: off those at the same price with the same taxes first. It
// returns what was taken of those and of others, and the last one of those.
func takeOrdered(
	lines []*orderedLine, productID int64, price taphoa.Money, taxIDs []int64, quantity taphoa.Quantity,
) (same, others part, last *orderedLine, err error) {
	for _, wanted := range []bool{true, false} {
		for _, l := range lines {
			n := min(quantity, l.quantity)
			if n <= 0 || l.productID != productID || wanted != (l.price == price && slices.Equal(l.taxIDs, taxIDs)) {
				continue
			}
			taken, err := l.take(n)
			if err != nil {
				return same, others, last, tooMuchMoney()
			}
			quantity -= n
			if wanted {
				same.add(&taken, 1)
				last = l
			} else {
				taken.taxEach = nil // of other taxes
				others.add(&taken, 1)
			}
		}
	}
	return same, others, last, nil
}

// shareWith gives the lines of an invoice their shares of what is left of the order's lines. Unless the request has a discount
// of its own, a ratio stays, an amount goes with the goods, and the last invoice takes the rest.
func (o *StoredOrder) shareWith(c *InvoiceChange, left []*orderedLine, lines []*documentLine, ownDiscount bool) (*takenGoods, error) {
	taken := &takenGoods{}
	taken.of, _ = worth(left)
	if !ownDiscount {
		c.Row.DiscountRatio = o.Row.DiscountRatio
	}
	byRatio, err := o.discountByRatio()
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		price := l.price - l.discount
		same, others, last, err := takeOrdered(left, l.product.ID, price, l.taxIDs(), l.quantity)
		if err != nil {
			return nil, err
		}
		taken.goods += same.subTotal - same.allocation
		ownAmount, err := price.TimesDong(l.quantity - same.quantity)
		if err == nil {
			l.subTotal, err = same.subTotal.Add(ownAmount)
		}
		if err != nil {
			return nil, tooMuchMoney()
		}
		if ownDiscount {
			continue
		}
		more := min(others.allocation, max(0, ownAmount))
		if byRatio {
			if more, err = plan.DiscountByRatio(max(0, ownAmount), o.Row.DiscountRatio.Value); err != nil {
				return nil, tooMuchMoney()
			}
		}
		l.known, l.allocation = knowsAllocation, same.allocation+more
		if same.quantity == l.quantity && !last.taxStale {
			l.known, l.taxEach, l.netSubTotal = knowsAllocationAndTax, same.taxEach, same.netSubTotal
		}
	}
	_, some := worth(left)
	taken.all = !some
	return taken, nil
}

// follows reports whether a stored invoice has the order's discount as far as its lines are of the order: lines are what the
// other invoices have left. Each share may be rounded otherwise than now.
func (o *StoredOrder) follows(v *Invoice, lines []*orderedLine) (bool, error) {
	mode := pricingMode(v.Row.PricingMode)
	var want, has taphoa.Money
	for i := range v.Lines {
		sold, price, taxIDs, err := v.Lines[i].part(v.Taxes, mode)
		if err != nil {
			return false, err
		}
		same, others, _, err := takeOrdered(lines, v.Lines[i].ProductID, price, taxIDs, sold.quantity)
		if err != nil {
			return false, err
		}
		want, has = want+same.allocation+others.allocation, has+sold.allocation
	}
	off := taphoa.Dong(int64(len(v.Lines)))
	return want-off <= has && has <= want+off, nil
}

// discount is that of the order, as the customer sees it.
func (o *OrderRow) discount() taphoa.Money {
	return o.DiscountAfterTax.Or(o.Discount.Or(0))
}

// discountByRatio reports whether the discount of an order is its ratio of the goods, and not an amount beside it: a ratio
// beside an amount that is not its own, such as the 0 that clients send, decides nothing.
func (o *Order) discountByRatio() (bool, error) {
	var goods taphoa.Money
	lines := o.echoedLines()
	for _, l := range lines {
		amount, err := (l.input.Price.Or(0) - l.input.Discount.Or(0)).TimesDong(l.input.Quantity.Value)
		if err == nil {
			goods, err = goods.Add(amount)
		}
		if err != nil {
			return false, tooMuchMoney()
		}
	}
	return plan.IsDiscountByRatio(goods, o.Row.discount(), o.Row.DiscountRatio, 1)
}

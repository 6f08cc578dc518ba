package plan

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/right"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// pricedSale is a document whose lines have been priced, as the rules see it by which a person sells.
type pricedSale struct {
	*Facts
	branchID int64
	mode     taphoa.PricingMode
	lines    []*documentLine
	agreed   []*agreed
}

// agreed is what a stored document has agreed on for its goods: what an update keeps, and an order's invoice takes over, needs no
// right again.
type agreed struct {
	prices map[listed]taphoa.Quantity // of the document: how much it has at a price
	same   []part                     // what the lines take of it, at its net prices
	beyond taphoa.Money               // by how much the discounts of the lines are higher
}

// listed is a product at the price of a unit without discount.
type listed struct {
	productID int64
	price     taphoa.Money
}

// stored returns the goods of a stored document that its lines, or those of its invoice, are compared with; nil without one.
type stored func() ([]*orderedLine, error)

// judgeLines refuses to sell priced lines in a way that the actor has no right to at a branch. What one of the stored documents has for
// the same goods already is fine.
func (f *Facts) judgeLines(branchID int64, mode taphoa.PricingMode, lines []*documentLine, documents ...stored) error {
	if f.Actor.Held.At(branchID) == right.All {
		return nil
	}
	s := &pricedSale{Facts: f, branchID: branchID, mode: mode, lines: lines}
	for _, document := range documents {
		if document == nil {
			continue
		}
		a, err := agree(lines, document)
		if err != nil {
			return err
		}
		s.agreed = append(s.agreed, a)
	}
	err := s.judgePrices()
	if err == nil {
		err = s.judgeDiscount()
	}
	if err == nil {
		err = s.judgeCosts()
	}
	return err
}

func agree(lines []*documentLine, document stored) (*agreed, error) {
	goods, err := document()
	if err != nil {
		return nil, err
	}
	a := &agreed{prices: map[listed]taphoa.Quantity{}}
	for _, g := range goods {
		a.prices[listed{g.productID, g.full}] += g.quantity
	}
	var shares, kept taphoa.Money
	for _, l := range lines {
		same, others, _, err := takeOrdered(goods, l.product.ID, l.price-l.discount, l.taxIDs(), l.quantity)
		if err != nil {
			return nil, err
		}
		more, err := l.discount.TimesDong(l.quantity - same.quantity)
		if err != nil {
			return nil, tooMuchMoney()
		}
		a.same = append(a.same, same)
		a.beyond += more
		shares, kept = shares+l.allocation, kept+same.allocation+others.allocation
	}
	roundings := taphoa.Money(0)
	if slices.ContainsFunc(goods, func(g *orderedLine) bool { return g.quantity > 0 }) { // shares of what is left may be rounded otherwise
		roundings = taphoa.Dong(int64(len(lines)))
	}
	if shares-kept > roundings {
		a.beyond += shares - kept
	}
	return a, nil
}

// judgePrices is the rule of [right.SellAtAnyPrice]: goods are sold at the price that the shop lists for them, by the price book of the
// document or else their own.
func (s *pricedSale) judgePrices() error {
	if s.Actor.Held.At(s.branchID).Has(right.SellAtAnyPrice) {
		return nil
	}
	for _, l := range s.lines {
		list, found := bookPrice(s.PriceBook, l.in)
		if !found {
			list = l.product.BasePrice
		}
		if l.price == list || slices.ContainsFunc(s.agreed, func(a *agreed) bool { return a.takesPrice(l) }) {
			continue
		}
		return right.LackField(right.SellAtAnyPrice, s.branchID, "price", "Hàng hóa %s có giá niêm yết %v, không phải %v (price)",
			l.product.Code, list, l.price)
	}
	return nil
}

// takesPrice reports whether as much as a line has was agreed on at its price, and takes it.
func (a *agreed) takesPrice(l *documentLine) bool {
	at := listed{l.product.ID, l.price}
	if a.prices[at] < l.quantity {
		return false
	}
	a.prices[at] -= l.quantity
	return true
}

// judgeDiscount is the rule of [right.Discount]: the discounts of all lines and of the document are together within the limits of the
// actor, of what the goods cost without them.
func (s *pricedSale) judgeDiscount() error {
	var goods, discount taphoa.Money
	for _, l := range s.lines {
		full, err := l.price.TimesDong(l.quantity)
		if err == nil {
			goods, err = goods.Add(full)
		}
		if err != nil {
			return tooMuchMoney()
		}
		discount += full - l.subTotal + l.allocation
	}
	if s.Actor.Held.At(s.branchID).AllowsDiscount(discount, goods) || slices.ContainsFunc(s.agreed, func(a *agreed) bool { return a.beyond == 0 }) {
		return nil
	}
	return right.LackField(right.Discount, s.branchID, "discount", "Giảm %v trên tiền hàng %v vượt mức được giảm (discount)", discount, goods)
}

// judgeCosts is the rule of [right.SellBelowCost]: before tax, and less its share of the discount, a line comes to no less than the
// average cost of its goods at the branch. What costs nothing, such as a service, may go at any price. The refusal does not tell the cost.
func (s *pricedSale) judgeCosts() error {
	if s.Actor.Held.At(s.branchID).Has(right.SellBelowCost) {
		return nil
	}
	for i, l := range s.lines {
		cost, err := s.costOf(l)
		if err != nil {
			return err
		}
		if cost == 0 || l.netSubTotal-l.netAllocation(s.mode) >= cost || slices.ContainsFunc(s.agreed, func(a *agreed) bool { return a.covers(l, i) }) {
			continue
		}
		return right.LackField(right.SellBelowCost, s.branchID, "price", "Hàng hóa %s được bán dưới giá vốn (price)", l.product.Code)
	}
	return nil
}

// costOf is the cost of what a line moves, rounded as the line is.
func (s *pricedSale) costOf(l *documentLine) (sum taphoa.Money, err error) {
	moved, err := l.product.Quantities(l.quantity)
	if err != nil {
		return 0, err
	}
	for _, m := range moved {
		level := s.Stock.Level(stockplan.LevelKey{ProductID: m.ProductID, BranchID: s.branchID})
		cost, err := level.Cost.Times(m.Quantity)
		if err == nil {
			sum, err = sum.Add(cost)
		}
		if err != nil {
			return 0, tooMuchMoney()
		}
	}
	return sum.RoundDong(), nil
}

// covers reports whether all of a line was agreed on for no more.
func (a *agreed) covers(l *documentLine, i int) bool {
	same := &a.same[i]
	return same.quantity == l.quantity && l.subTotal-l.allocation >= same.subTotal-same.allocation-taphoa.Dong(1)
}

func (l *line) taxIDs() []int64 {
	ids := make([]int64, 0, len(l.taxes))
	for _, t := range l.taxes {
		ids = append(ids, t.TaxID)
	}
	return ids
}

// agreed are the goods of a stored order; nil for a new one.
func (o *Order) agreed() stored {
	if o == nil {
		return nil
	}
	return o.orderedLines
}

// agreed are the goods of a stored invoice; nil for a new one.
func (v *Invoice) agreed() stored {
	if v == nil {
		return nil
	}
	return v.orderedLines
}

// leftFor returns what the invoices of an order, but for one, have left of it; nil without an order.
func (o *StoredOrder) leftFor(invoiceID int64) stored {
	if o == nil {
		return nil
	}
	return func() ([]*orderedLine, error) { return o.left(invoiceID) }
}

// orderedLines are the lines of the invoice as [Order.orderedLines] are those of an order.
func (v *Invoice) orderedLines() ([]*orderedLine, error) {
	mode := pricingMode(v.Row.PricingMode)
	echoed, lines := v.echoedLines(), make([]*orderedLine, len(v.Lines))
	for i := range v.Lines {
		p, price, taxIDs, err := v.Lines[i].part(v.Taxes, mode)
		if err != nil {
			return nil, err
		}
		lines[i] = &orderedLine{part: p, productID: v.Lines[i].ProductID, full: echoed[i].input.Price.Or(0), price: price, taxIDs: taxIDs}
		lines[i].taxEach = slices.Clone(p.taxEach)
	}
	return lines, nil
}

// judgeDate is the rule of [right.BackDate]. The date that a document has already may stay.
func (f *Facts) judgeDate(branchID int64, field string, at, stored taphoa.Time) error {
	if at == stored {
		return nil
	}
	return f.Actor.Dated(branchID, field, at, f.Clock)
}

// judgeUnbilled is the rule of [right.ReturnUnbilled]: goods come back by the invoice that has sold them.
func (f *Facts) judgeUnbilled(branchID int64) error {
	if f.Actor.Held.At(branchID).Has(right.ReturnUnbilled) {
		return nil
	}
	return right.LackField(right.ReturnUnbilled, branchID, "invoiceId", "Hãy chọn hóa đơn đã bán hàng này (invoiceId)")
}

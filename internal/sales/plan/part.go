package plan

import "github.com/taphoa/taphoa"

// part is a line of a document, or what is left of a line that several documents divide: an order's by its invoices, an
// invoice's by its returns. All amounts but the last one are as the customer sees them: after tax in the pricing mode after
// tax, before tax otherwise.
type part struct {
	quantity    taphoa.Quantity
	subTotal    taphoa.Money // quantity × (price − discount), whole đồng
	allocation  taphoa.Money // its share of the document's discount
	taxEach     []taphoa.Money
	netSubTotal taphoa.Money // subTotal as responses show it: before tax
}

// take takes a quantity off what is left, with its share of each amount, rounded half away from zero. The last quantity takes
// all that is left, so that the parts add up to the line exactly.
func (p *part) take(quantity taphoa.Quantity) (part, error) {
	rest := p.quantity - quantity
	taken := part{quantity: quantity, taxEach: make([]taphoa.Money, len(p.taxEach))}
	p.quantity = rest
	move := func(from, to *taphoa.Money) error {
		shares, err := taphoa.Allocate(*from, []taphoa.Money{taphoa.Money(quantity), taphoa.Money(rest)})
		if err != nil {
			return err
		}
		*to, *from = shares[0], *from-shares[0]
		return nil
	}
	err := move(&p.subTotal, &taken.subTotal)
	if err == nil {
		err = move(&p.allocation, &taken.allocation)
	}
	if err == nil {
		err = move(&p.netSubTotal, &taken.netSubTotal)
	}
	for i := range p.taxEach {
		if err == nil {
			err = move(&p.taxEach[i], &taken.taxEach[i])
		}
	}
	return taken, err
}

// add adds another part of lines with the same taxes, or takes it off (sign -1).
func (p *part) add(q *part, sign int64) {
	times := taphoa.Money(sign)
	p.quantity += taphoa.Quantity(sign) * q.quantity
	p.subTotal += times * q.subTotal
	p.allocation += times * q.allocation
	p.netSubTotal += times * q.netSubTotal
	if p.taxEach == nil {
		p.taxEach = make([]taphoa.Money, len(q.taxEach))
	}
	for i := range q.taxEach {
		p.taxEach[i] += times * q.taxEach[i]
	}
}

// tax is the sum of the taxes.
func (p *part) tax() (sum taphoa.Money) {
	for _, t := range p.taxEach {
		sum += t
	}
	return sum
}

// netAllocation is the allocation as responses show it, such that subTotal − allocation + tax is what the customer pays.
func (p *part) netAllocation(mode taphoa.PricingMode) taphoa.Money {
	if mode != taphoa.PricingAfterTax {
		return p.allocation
	}
	return p.netSubTotal - (p.subTotal - p.allocation - p.tax())
}

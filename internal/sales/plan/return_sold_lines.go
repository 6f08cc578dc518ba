package plan

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
)

// soldLine is a line of an invoice and what of it is still with the customer.
type soldLine struct {
	part
	whole   part // as it was sold
	row     *InvoiceLineRow
	product *catalogplan.Item // nil if there is no such product any more; deleted ones are there
	price   taphoa.Money      // after the line's discount, as the customer saw it
	taxes   []taphoa.Tax
	serials []string
}

// soldLines are the lines of an invoice without what its valid returns have brought back.
func (v *StoredInvoice) soldLines(items *catalogplan.Items) ([]*soldLine, error) {
	mode := pricingMode(v.Row.PricingMode)
	lines := make([]*soldLine, len(v.Lines))
	byID := make(map[int64]*soldLine, len(v.Lines))
	for i := range v.Lines {
		row := &v.Lines[i]
		s, err := newSoldLine(row, v.Taxes, mode)
		if err != nil {
			return nil, err
		}
		s.product = items.ByID(row.ProductID)
		lines[i], byID[row.ID] = s, s
	}
	for i := range v.ReturnLines {
		r := &v.ReturnLines[i]
		byID[r.InvoiceDetailID.Value].subtract(r, v.ReturnTaxes)
	}
	return lines, nil
}

// newSoldLine is a line of an invoice as it was sold. In the pricing mode after tax the line itself has amounts before tax,
// and its taxes have those that the customer saw.
func newSoldLine(row *InvoiceLineRow, taxes []LineTaxRow, mode taphoa.PricingMode) (*soldLine, error) {
	sold, price, ids, err := row.part(taxes, mode)
	if err != nil {
		return nil, err
	}
	s := &soldLine{part: sold, whole: sold, row: row, price: price}
	s.taxEach = slices.Clone(sold.taxEach)
	for _, id := range ids {
		tax, _ := taphoa.TaxByID(id)
		s.taxes = append(s.taxes, tax)
	}
	if row.SerialNumbers.Or("") != "" {
		s.serials = strings.Split(row.SerialNumbers.Value, ",")
	}
	return s, nil
}

// part is the line of an invoice as a whole, its price after its discount as the customer saw it, and the ids of its taxes.
func (row *InvoiceLineRow) part(taxes []LineTaxRow, mode taphoa.PricingMode) (p part, price taphoa.Money, taxIDs []int64, err error) {
	price = row.Price - row.Discount.Or(0)
	p = part{quantity: row.Quantity, subTotal: row.SubTotal, netSubTotal: row.SubTotal, allocation: row.AllocationDiscount.Or(0)}
	for _, t := range taxes {
		if t.DocumentID == row.InvoiceID && t.Line == row.Line {
			taxIDs, p.taxEach = append(taxIDs, t.TaxID), append(p.taxEach, t.DetailTax.Or(0))
			if mode == taphoa.PricingAfterTax {
				price, p.allocation = t.PriceAfterTax.Or(0)-t.DiscountAfterTax.Or(0), t.AllocationDiscountAfterTax.Or(0)
			}
		}
	}
	if len(taxIDs) == 0 || mode != taphoa.PricingAfterTax {
		return p, price, taxIDs, nil
	}
	p.subTotal = row.SubTotal - row.AllocationDiscount.Or(0) + p.tax() + p.allocation
	if p.subTotal%taphoa.Scale != 0 { // of the time when amounts before tax had fractions
		if p.subTotal, err = price.Times(row.Quantity); err != nil {
			err = tooMuchMoney()
		}
	}
	return p, price, taxIDs, err
}

// subtract takes off what a line of a return has brought back.
func (s *soldLine) subtract(r *ReturnLineRow, taxes []LineTaxRow) {
	s.quantity -= r.Quantity
	s.subTotal -= r.PaidSubTotal
	s.allocation -= r.PaidAllocation
	s.netSubTotal -= r.SubTotal
	s.serials = without(s.serials, strings.Split(r.SerialNumbers.Or(""), ","))
	for _, t := range taxes {
		if t.DocumentID == r.ReturnID && t.Line == r.Line {
			at := slices.IndexFunc(s.taxes, func(tax taphoa.Tax) bool { return tax.TaxID == t.TaxID })
			s.taxEach[at] -= t.DetailTax.Or(0)
		}
	}
}

func without(all, gone []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(gone, s) })
}

// bringBack makes the line of a return that brings back some of this line, and takes that off this line.
func (s *soldLine) bringBack(quantity taphoa.Quantity, serials []string, in *taphoa.DetailInput) (*returnLine, error) {
	if s.product == nil {
		return nil, taphoa.Refuse(taphoa.CodeProduct, "productId", "Hàng hóa %s không còn tồn tại, không thể trả", s.row.ProductCode)
	}
	taken, err := s.take(quantity)
	if err == nil {
		err = s.keepOverflow(&taken)
	}
	if err != nil {
		return nil, tooMuchMoney()
	}
	s.serials = without(s.serials, serials)
	l := line{part: taken, known: knowsAllocationAndTax, price: s.price, taxes: s.taxes}
	return &returnLine{&documentLine{line: l, in: in, product: s.product, serials: serials}, s}, nil
}

// keepOverflow gives a part the plain share of its quantity in the line that was sold where returns that are void by now have
// left another one: what was over at theirs (see [limitReturn]) stays for the last return.
func (s *soldLine) keepOverflow(taken *part) error {
	whole := s.whole
	whole.taxEach = slices.Clone(whole.taxEach)
	plain, err := whole.take(taken.quantity)
	if err != nil {
		return err
	}
	const roundings = 2 * taphoa.Money(taphoa.Scale)
	keep := func(left, taken *taphoa.Money, plain taphoa.Money) {
		if off := *taken - plain; off > roundings || off < -roundings {
			*left, *taken = *left+off, plain
		}
	}
	keep(&s.allocation, &taken.allocation, plain.allocation)
	for i := range taken.taxEach {
		keep(&s.taxEach[i], &taken.taxEach[i], plain.taxEach[i])
	}
	return nil
}

// allReturned reports whether nothing of the lines is still with the customer.
func allReturned(lines []*soldLine) bool {
	return !slices.ContainsFunc(lines, func(s *soldLine) bool { return s.quantity > 0 })
}

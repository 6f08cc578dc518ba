package plan

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
)

// soldLine is a line of an invoice and what of it is still with the customer. Amounts are as the customer saw them, like
// those of a [line].
type soldLine struct {
	row      *InvoiceLineRow
	product  *catalogplan.Item // nil if there is no such product any more; deleted ones are there
	price    taphoa.Money      // after the line's discount
	taxes    []taphoa.Tax
	quantity taphoa.Quantity

	subTotal, allocation taphoa.Money
	taxEach              []taphoa.Money
	display              displayAmounts // subTotal and allocation as responses show them
	serials              []string
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
			return nil, tooMuchMoney()
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
	s := &soldLine{
		row: row, price: row.Price - row.Discount.Or(0), quantity: row.Quantity, allocation: row.AllocationDiscount.Or(0),
		display: displayAmounts{subTotal: row.SubTotal, allocation: row.AllocationDiscount.Or(0)},
	}
	for _, t := range taxes {
		if t.Line != row.Line {
			continue
		}
		if len(s.taxes) == 0 && mode == taphoa.PricingAfterTax {
			s.price, s.allocation = t.PriceAfterTax.Or(0)-t.DiscountAfterTax.Or(0), t.AllocationDiscountAfterTax.Or(0)
		}
		tax, _ := taphoa.TaxByID(t.TaxID)
		s.taxes, s.taxEach = append(s.taxes, tax), append(s.taxEach, t.DetailTax.Or(0))
	}
	if row.SerialNumbers.Or("") != "" {
		s.serials = strings.Split(row.SerialNumbers.Value, ",")
	}
	var err error
	s.subTotal, err = s.price.Times(row.Quantity)
	return s, err
}

// subtract takes off what a line of a return has brought back.
func (s *soldLine) subtract(r *ReturnLineRow, taxes []LineTaxRow) {
	s.quantity -= r.Quantity
	s.subTotal -= r.PaidSubTotal
	s.allocation -= r.PaidAllocation
	s.display.subTotal -= r.SubTotal
	s.display.allocation -= r.AllocationDiscount.Or(0)
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
func (s *soldLine) bringBack(
	mode taphoa.PricingMode, quantity taphoa.Quantity, serials []string, in *taphoa.DetailInput,
) (*returnLine, error) {
	if s.product == nil {
		return nil, taphoa.Refuse(taphoa.CodeProduct, "productId", "Hàng hóa %s không còn tồn tại, không thể trả", s.row.ProductCode)
	}
	l, err := s.split(quantity)
	if err != nil {
		return nil, tooMuchMoney()
	}
	s.serials = without(s.serials, serials)
	back := &documentLine{line: l, in: in, product: s.product, serials: serials}
	display, err := back.displayAmounts(mode)
	if s.quantity == 0 {
		display.subTotal, display.allocation = s.display.subTotal, s.display.allocation
	}
	s.display.subTotal -= display.subTotal
	s.display.allocation -= display.allocation
	back.display = &display
	return &returnLine{back, s}, err
}

// split takes a quantity off the line, with its share of the discount and of each tax. The last quantity gets all that is
// left of them, so that several returns together bring back exactly what was sold.
func (s *soldLine) split(quantity taphoa.Quantity) (line, error) {
	rest := s.quantity - quantity
	l := line{quantity: quantity, price: s.price, taxes: s.taxes, taxEach: make([]taphoa.Money, len(s.taxes))}
	var err error
	if l.subTotal = s.subTotal; rest > 0 {
		if l.subTotal, err = s.price.Times(quantity); err != nil {
			return l, err
		}
	}
	if l.allocation, err = shareOf(s.allocation, quantity, rest); err != nil {
		return l, err
	}
	s.quantity, s.subTotal, s.allocation = rest, s.subTotal-l.subTotal, s.allocation-l.allocation
	for i := range s.taxes {
		if l.taxEach[i], err = shareOf(s.taxEach[i], quantity, rest); err != nil {
			return l, err
		}
		s.taxEach[i] -= l.taxEach[i]
		l.tax += l.taxEach[i]
	}
	return l, nil
}

// shareOf is the share of an amount that belongs to a quantity and not to the rest, by largest remainder.
func shareOf(amount taphoa.Money, quantity, rest taphoa.Quantity) (taphoa.Money, error) {
	shares, err := taphoa.Allocate(amount, []taphoa.Money{taphoa.Money(quantity), taphoa.Money(rest)})
	if err != nil {
		return 0, err
	}
	return shares[0], nil
}

// allReturned reports whether nothing of the lines is still with the customer.
func allReturned(lines []*soldLine) bool {
	return !slices.ContainsFunc(lines, func(s *soldLine) bool { return s.quantity > 0 })
}

package plan

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// echoedLine is a stored line as a program writes it back: given as an answer has shown it, and meant as the request
// that leads to it. They differ in the mode after tax, where responses show amounts before tax.
type echoedLine struct {
	shown taphoa.DetailInput
	input taphoa.DetailInput
}

// taxesAsInput are the taxes of a line as a request names them.
func taxesAsInput(taxes []LineTaxRow, line int64) (in []taphoa.TaxWrite) {
	for _, t := range taxes {
		if t.Line == line {
			in = append(in, taphoa.TaxWrite{TaxID: t.TaxID, PriceAfterTax: t.PriceAfterTax, DiscountAfterTax: t.DiscountAfterTax})
		}
	}
	return in
}

func echo(shown taphoa.DetailInput, mode taphoa.PricingMode) echoedLine {
	e := echoedLine{shown, shown}
	if len(shown.Taxes) > 0 && mode == taphoa.PricingAfterTax {
		e.input.Price, e.input.Discount = shown.Taxes[0].PriceAfterTax, shown.Taxes[0].DiscountAfterTax
	}
	return e
}

// echoedLines are the lines of an order as a program writes them back.
func (o *Order) echoedLines() []echoedLine {
	mode := pricingMode(o.Row.PricingMode)
	lines := make([]echoedLine, len(o.Lines))
	for i, l := range o.Lines {
		lines[i] = echo(taphoa.DetailInput{
			ProductID: taphoa.Some(l.ProductID), ProductCode: taphoa.Some(l.ProductCode), IsMaster: taphoa.Some(l.IsMaster),
			Quantity: taphoa.Some(l.Quantity), Price: taphoa.Some(l.Price), Discount: l.Discount, DiscountRatio: l.DiscountRatio, Note: l.Note,
			Taxes: taxesAsInput(o.Taxes, l.Line),
		}, mode)
	}
	return lines
}

// echoedLines are the lines of an invoice as a program writes them back.
func (v *Invoice) echoedLines() []echoedLine {
	mode := pricingMode(v.Row.PricingMode)
	lines := make([]echoedLine, len(v.Lines))
	for i, l := range v.Lines {
		lines[i] = echo(taphoa.DetailInput{
			ProductID: taphoa.Some(l.ProductID), ProductCode: taphoa.Some(l.ProductCode), Quantity: taphoa.Some(l.Quantity),
			Price: taphoa.Some(l.Price), Discount: l.Discount, DiscountRatio: l.DiscountRatio, Note: l.Note,
			SerialNumbers: l.SerialNumbers, ProductBatchExpireID: l.BatchID, Taxes: taxesAsInput(v.Taxes, l.Line),
		}, mode)
	}
	return lines
}

// sameLines reports whether the lines of a request are those that its document has, as an answer shows them: a program
// that changes something else writes them back, also when goods have come back since or are not sold any more.
func sameLines(in []taphoa.DetailInput, stored []echoedLine, mode taphoa.PricingMode) bool {
	return slices.EqualFunc(in, stored, func(a taphoa.DetailInput, e echoedLine) bool {
		b := &e.shown
		return sameProduct(&a, b) && a.Price.Has() && a.Quantity.Or(0) == b.Quantity.Value && a.Price.Value == b.Price.Value &&
			a.Discount.Or(0) == b.Discount.Or(0) && (a.Discount.Has() || a.DiscountRatio.Or(0) == b.DiscountRatio.Or(0)) && a.Note.Or("") == b.Note.Or("") &&
			a.SerialNumbers.Or("") == b.SerialNumbers.Or("") && a.Batch().Or(0) == b.Batch().Or(0) &&
			slices.EqualFunc(a.Taxes, b.Taxes, func(a, b taphoa.TaxWrite) bool {
				// where prices contain their tax, the plain amounts alone could be those of another price
				return a.TaxID == b.TaxID && (mode != taphoa.PricingAfterTax ||
					a.PriceAfterTax == b.PriceAfterTax && a.DiscountAfterTax.Or(0) == b.DiscountAfterTax.Or(0))
			})
	})
}

// sameProduct reports whether a line of a request names the product of a stored one.
func sameProduct(in, stored *taphoa.DetailInput) bool {
	if id := in.ProductID.Or(0); id != 0 {
		return id == stored.ProductID.Value
	}
	return text.CodeKey(in.ProductCode.Or("")) == text.CodeKey(stored.ProductCode.Value)
}

// likeOrdered gives the lines of an order's invoice what they leave out and the order says: programs copy them from the
// order without its taxes, or name the goods alone. Their prices are those that responses show, before tax. left is what
// is left of each ordered line: a line that names goods alone takes from one ordered line after the other.
func likeOrdered(in []taphoa.DetailInput, ordered []echoedLine, left []taphoa.Quantity) []taphoa.DetailInput {
	var lines []taphoa.DetailInput
	for _, l := range in {
		for {
			at := matchOrdered(&l, ordered, left)
			if at < 0 || l.Taxes != nil {
				break
			}
			part, rest, split := splitLine(l, left[at])
			if !split {
				l = likeOrderedLine(l, &ordered[at])
				left[at] -= min(left[at], l.Quantity.Or(0))
				break
			}
			lines, left[at], l = append(lines, likeOrderedLine(part, &ordered[at])), 0, rest
		}
		lines = append(lines, l)
	}
	return lines
}

// splitLine cuts a quantity off a line that names more of its product, and no price. Its serials are cut alike.
func splitLine(l taphoa.DetailInput, quantity taphoa.Quantity) (part, rest taphoa.DetailInput, split bool) {
	if l.Price.Has() || quantity <= 0 || l.Quantity.Or(0) <= quantity {
		return l, l, false
	}
	part, rest = l, l
	part.Quantity, rest.Quantity = taphoa.Some(quantity), taphoa.Some(l.Quantity.Value-quantity)
	if serials := stockplan.SplitSerials(l.SerialNumbers.Or("")); len(serials) > 0 {
		n := int(quantity / taphoa.Units(1))
		if taphoa.Units(int64(n)) != quantity || taphoa.Units(int64(len(serials))) != l.Quantity.Value {
			return l, l, false // refused for its serials
		}
		part.SerialNumbers, rest.SerialNumbers = taphoa.Some(strings.Join(serials[:n], ",")), taphoa.Some(strings.Join(serials[n:], ","))
	}
	return part, rest, true
}

// matchOrdered is the ordered line that a line of an invoice is of: the first one of which something is left, or the first
// one, or -1.
func matchOrdered(l *taphoa.DetailInput, ordered []echoedLine, left []taphoa.Quantity) int {
	first := -1
	for i := range ordered {
		e := &ordered[i]
		if !sameProduct(l, &e.shown) || l.Price.Has() && l.Price.Value != e.shown.Price.Value {
			continue
		}
		if left[i] > 0 {
			return i
		}
		if first < 0 {
			first = i
		}
	}
	return first
}

func likeOrderedLine(l taphoa.DetailInput, e *echoedLine) taphoa.DetailInput {
	switch {
	case !l.Price.Has() && !l.Discount.Has() && !l.DiscountRatio.Has():
		l.Discount, l.DiscountRatio = e.input.Discount, e.input.DiscountRatio
	case l.Discount.Has() && l.Discount.Value == e.shown.Discount.Or(0):
		l.Discount = e.input.Discount
	}
	l.Price, l.Taxes = e.input.Price, e.input.Taxes
	return l
}

package sales

import (
	"slices"

	"github.com/taphoa/taphoa"
)

// sameLines reports whether the lines of a request are those that its document has, as an answer shows them: a program
// that changes something else writes them back, also when goods have come back meanwhile or are not sold any more.
func sameLines(in, read []taphoa.DetailInput, mode taphoa.PricingMode) bool {
	return slices.EqualFunc(in, read, func(a, b taphoa.DetailInput) bool {
		return names(&a, &b) && a.Price.Has() && a.Quantity.Or(0) == b.Quantity.Value && a.Price.Value == b.Price.Value &&
			a.Discount.Or(0) == b.Discount.Or(0) && a.DiscountRatio.Or(0) == b.DiscountRatio.Or(0) && a.Note.Or("") == b.Note.Or("") &&
			a.SerialNumbers.Or("") == b.SerialNumbers.Or("") && a.Batch().Or(0) == b.Batch().Or(0) &&
			slices.EqualFunc(a.Taxes, b.Taxes, func(a, b taphoa.TaxWrite) bool {
				// where prices contain their tax, the plain amounts alone could be those of another price
				return a.TaxID == b.TaxID && (mode != taphoa.PricingAfterTax ||
					a.PriceAfterTax == b.PriceAfterTax && a.DiscountAfterTax.Or(0) == b.DiscountAfterTax.Or(0))
			})
	})
}

// names reports whether a line of a request names the product of one that was read.
func names(in, read *taphoa.DetailInput) bool {
	if id := in.ProductID.Or(0); id != 0 {
		return id == read.ProductID.Value
	}
	return codeKey(in.ProductCode.Or("")) == codeKey(read.ProductCode.Value)
}

// asOrdered gives the lines of an order's invoice what they leave out and the order says: programs copy them from the
// order without its taxes, or name the goods alone. Their prices are those that answers show, before tax.
func asOrdered(in []taphoa.DetailInput, o *taphoa.Order, mode taphoa.PricingMode) []taphoa.DetailInput {
	lines, read, again := slices.Clone(in), orderDetailsRead(o), orderDetailsAgain(o, mode)
	for i := range lines {
		l := &lines[i]
		at := slices.IndexFunc(read, func(r taphoa.DetailInput) bool {
			return names(l, &r) && (!l.Price.Has() || l.Price.Value == r.Price.Value)
		})
		if at < 0 || l.Taxes != nil {
			continue
		}
		switch {
		case !l.Price.Has() && !l.Discount.Has() && !l.DiscountRatio.Has():
			l.Discount, l.DiscountRatio = again[at].Discount, again[at].DiscountRatio
		case l.Discount.Has() && l.Discount.Value == read[at].Discount.Or(0):
			l.Discount = again[at].Discount
		}
		l.Price, l.Taxes = again[at].Price, again[at].Taxes
	}
	return lines
}

// invoiceDetailsRead are an invoice's lines as a program writes them back.
func invoiceDetailsRead(v *taphoa.Invoice) []taphoa.DetailInput {
	lines := make([]taphoa.DetailInput, len(v.InvoiceDetails))
	for i, d := range v.InvoiceDetails {
		lines[i] = taphoa.DetailInput{
			ProductID: taphoa.Some(d.ProductID), ProductCode: taphoa.Some(d.ProductCode), Quantity: taphoa.Some(d.Quantity),
			Price: taphoa.Some(d.Price), Discount: d.Discount, DiscountRatio: d.DiscountRatio, Note: d.Note,
			SerialNumbers: d.SerialNumbers, ProductBatchExpireID: d.BatchID,
		}
		for _, t := range d.InvoiceDetailTaxs {
			lines[i].Taxes = append(lines[i].Taxes, taphoa.TaxWrite{TaxID: t.TaxID, PriceAfterTax: t.PriceAfterTax, DiscountAfterTax: t.DiscountAfterTax})
		}
	}
	return lines
}

// orderDetailsRead are an order's lines as a program writes them back.
func orderDetailsRead(o *taphoa.Order) []taphoa.DetailInput {
	lines := make([]taphoa.DetailInput, len(o.OrderDetails))
	for i, d := range o.OrderDetails {
		lines[i] = taphoa.DetailInput{
			ProductID: taphoa.Some(d.ProductID), ProductCode: taphoa.Some(d.ProductCode), IsMaster: taphoa.Some(d.IsMaster),
			Quantity: taphoa.Some(d.Quantity), Price: taphoa.Some(d.Price), Discount: d.Discount, DiscountRatio: d.DiscountRatio, Note: d.Note,
		}
		for _, t := range d.OrderDetailTaxs {
			lines[i].Taxes = append(lines[i].Taxes, taphoa.TaxWrite{TaxID: t.TaxID, PriceAfterTax: t.PriceAfterTax, DiscountAfterTax: t.DiscountAfterTax})
		}
	}
	return lines
}

// productsOf are the products of an order, which may stay in it when they are not sold any more.
func productsOf(o *taphoa.Order) []int64 {
	ids := make([]int64, len(o.OrderDetails))
	for i, d := range o.OrderDetails {
		ids[i] = d.ProductID
	}
	return ids
}

// sameReturned reports whether the lines of a request are those of a stored return.
func sameReturned(in []taphoa.ReturnDetailInput, stored []taphoa.ReturnDetail) bool {
	return slices.EqualFunc(in, stored, func(a taphoa.ReturnDetailInput, b taphoa.ReturnDetail) bool {
		return a.ProductID.Or(0) == b.ProductID && a.Quantity.Or(0) == b.Quantity && a.Price.Or(b.Price) == b.Price
	})
}

// orderDetailsAgain are the stored lines as a request would name them.
func orderDetailsAgain(o *taphoa.Order, mode taphoa.PricingMode) []taphoa.DetailInput {
	lines := orderDetailsRead(o)
	for i := range lines {
		if taxes := lines[i].Taxes; len(taxes) > 0 && mode == taphoa.PricingAfterTax {
			lines[i].Price, lines[i].Discount = taxes[0].PriceAfterTax, taxes[0].DiscountAfterTax
		}
	}
	return lines
}

package salestest

import (
	"math/big"

	"github.com/taphoa/taphoa"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	salesplan "github.com/taphoa/taphoa/internal/sales/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// The formula of the contract, computed once more: total = Σ quantity × (price − discount) − discount + tax + surcharges.

// share is a times b divided by c, rounded half away from zero.
func share(a, b, c int64) int64 {
	product := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	product.Lsh(product, 1)
	divisor := big.NewInt(c)
	if product.Sign()*divisor.Sign() < 0 {
		product.Sub(product, divisor)
	} else {
		product.Add(product, divisor)
	}
	return product.Quo(product, divisor.Lsh(divisor, 1)).Int64()
}

// dong is [share] in whole đồng.
func dong(a, b, c int64) int64 { return share(a, b, c*taphoa.Scale) * taphoa.Scale }

func pricingAfterTax(wire taphoa.Opt[int64]) bool { return wire.Has() && wire.Value == 1 }

// sum is a line as the customer sees it.
type sum struct {
	goods, allocation int64
	taxed             int64 // as its taxes say
	priced            int64 // what its price and quantity come to
	price, quantity   int64
	rates             []int64
	rate              int64
}

// tax is the tax of a line, to the đồng.
func (l *sum) tax(afterTax bool) (tax int64) {
	taxable := l.goods - l.allocation
	if len(l.rates) == 0 {
		return 0
	}
	if afterTax {
		return dong(taxable, l.rate, 100*taphoa.Scale+l.rate)
	}
	for _, rate := range l.rates {
		tax += dong(taxable, rate, 100*taphoa.Scale)
	}
	return tax
}

func ratesOf(ids []int64) (rates []int64, all int64) {
	for _, id := range ids {
		tax, _ := taphoa.TaxByID(id)
		rates, all = append(rates, int64(tax.Value.Or(0))), all+int64(tax.Value.Or(0))
	}
	return rates, all
}

// checkInvoice checks the amounts of an invoice against each other, and what was paid. Lines of an order are shares of its
// lines, whose roundings are up to them.
func (b *Model) checkInvoice(v *salesplan.Invoice) {
	r := &v.Row
	after := pricingAfterTax(r.PricingMode)
	slack := int64(0)
	if r.OrderID.Has() {
		slack = 2 * taphoa.Scale
	}
	var goods, allocated, tax, extra, shown int64
	for _, l := range v.Lines {
		s := b.customersSum(v, &l)
		goods, allocated, tax = goods+s.goods, allocated+s.allocation, tax+s.taxed
		shown += int64(l.SubTotal) - int64(l.AllocationDiscount.Or(0))
		if off := s.goods - s.priced; off > slack || off < -slack || s.goods%taphoa.Scale != 0 || int64(l.SubTotal)%taphoa.Scale != 0 {
			b.find("line %d of invoice %s comes to %v, %v shown, want %v", l.Line, r.Code, taphoa.Money(s.goods), l.SubTotal, taphoa.Money(s.priced))
		}
		if off := s.taxed - s.tax(after); off > slack || off < -slack {
			b.find("the tax of line %d of invoice %s is %v, want %v", l.Line, r.Code, taphoa.Money(s.taxed), taphoa.Money(s.tax(after)))
		}
	}
	for _, c := range v.Surcharges {
		extra += int64(c.Price)
	}
	discount := int64(r.DiscountAfterTax.Or(r.Discount.Or(0)))
	want := goods - discount + extra
	if after {
		shown += tax
	} else {
		want += tax
	}
	if int64(r.Total) != want || int64(r.TotalTax.Value) != tax || allocated != discount || shown != goods-discount || want%taphoa.Scale != 0 {
		b.find("invoice %s comes to %v with %v of tax, want %v and %v; its lines bear %v of the discount %v, and show %v", r.Code, r.Total,
			r.TotalTax.Value, taphoa.Money(want), taphoa.Money(tax), taphoa.Money(allocated), taphoa.Money(discount), taphoa.Money(shown))
	}
}

// customersSum is a line of an invoice as the customer sees it: what it shows before tax, and its tax.
func (b *Model) customersSum(v *salesplan.Invoice, l *salesplan.InvoiceLineRow) sum {
	s := sum{goods: int64(l.SubTotal), allocation: int64(l.AllocationDiscount.Or(0))}
	price := int64(l.Price - l.Discount.Or(0))
	var ids []int64
	for _, t := range v.Taxes {
		if t.Line != l.Line {
			continue
		}
		ids = append(ids, t.TaxID)
		s.taxed += int64(t.DetailTax.Value)
		if pricingAfterTax(v.Row.PricingMode) {
			price, s.allocation = int64(t.PriceAfterTax.Value-t.DiscountAfterTax.Value), int64(t.AllocationDiscountAfterTax.Value)
		}
	}
	if len(ids) > 0 && pricingAfterTax(v.Row.PricingMode) {
		s.goods += s.taxed + s.allocation - int64(l.AllocationDiscount.Value)
	}
	s.rates, s.rate = ratesOf(ids)
	s.priced = dong(price, int64(l.Quantity), taphoa.Scale)
	return s
}

// pointsOf are the points of a valid invoice: one for each RewardPointRate đồng that were spent on goods which earn points.
func (b *Model) pointsOf(v *salesplan.Invoice) int64 {
	rate := int64(b.m.Directory.Settings.RewardPointRate)
	if rate == 0 || v.Row.Status != taphoa.InvoiceCompleted || !v.Row.CustomerID.Has() {
		return 0
	}
	var spent int64
	for _, l := range v.Lines {
		if b.m.items[l.ProductID].IsRewardPoint {
			s := b.customersSum(v, &l)
			spent += s.goods - s.allocation
		}
	}
	return max(0, spent/rate)
}

// checkOrder checks what was paid on an order.
func (b *Model) checkOrder(o *salesplan.Order) {
	var paid taphoa.Money
	for _, p := range b.m.PaymentsOfOrder(o.Row.ID) {
		switch {
		case !p.Paid():
		case p.InvoiceID.Has():
			paid += p.Applied
		default:
			paid += p.Amount
		}
	}
	if paid != o.Row.TotalPayment {
		b.find("order %s has been paid %v, want %v", o.Row.Code, o.Row.TotalPayment, paid)
	}
}

// checkRequest compares the total of a new document, or of one with new lines, with what its request comes to.
func (b *Model) checkRequest(op *Operation, s *salesplan.Sale) {
	mode := b.m.Directory.Settings.PricingMode == taphoa.PricingAfterTax
	switch in := op.Invoice; {
	case op.Order != nil:
		in := op.Order
		r := request{lines: in.OrderDetails, discount: in.Discount, ratio: in.DiscountRatio, surcharges: in.Surcharges, book: in.PriceBookID.Or(0)}
		if total, tax := b.total(&r, mode); total != int64(s.Order.Row.Total) || tax != int64(s.Order.Row.TotalTax.Value) {
			b.find("order %s comes to %v with %v of tax, its request to %v and %v", s.Order.Row.Code, s.Order.Row.Total,
				s.Order.Row.TotalTax.Value, taphoa.Money(total), taphoa.Money(tax))
		}
	case in != nil && in.OrderID.Or(0) == 0:
		r := request{
			lines: in.InvoiceDetails, discount: in.Discount, ratio: in.DiscountRatio, surcharges: in.Surcharges, book: in.PriceBookID.Or(0), merged: true,
		}
		if d := in.DeliveryDetail; d != nil {
			r.surcharges = append(r.surcharges[:len(r.surcharges):len(r.surcharges)], d.Surcharges...)
		}
		if total, tax := b.total(&r, mode); total != int64(s.Invoice.Row.Total) || tax != int64(s.Invoice.Row.TotalTax.Value) {
			b.find("invoice %s comes to %v with %v of tax, its request to %v and %v", s.Invoice.Row.Code, s.Invoice.Row.Total,
				s.Invoice.Row.TotalTax.Value, taphoa.Money(total), taphoa.Money(tax))
		}
	}
}

// request is what the total of a document follows from.
type request struct {
	lines      []taphoa.DetailInput
	discount   taphoa.Opt[taphoa.Money]
	ratio      taphoa.Opt[taphoa.Percent]
	surcharges []taphoa.SurchargeWrite
	book       int64
	merged     bool // lines that differ in their quantity alone are one
}

// total computes a request: what is to be paid, and the tax.
func (b *Model) total(r *request, afterTax bool) (total, tax int64) {
	sums := make([]*sum, 0, len(r.lines))
	seen := map[string]*sum{}
	for i := range r.lines {
		d := &r.lines[i]
		item := b.m.find(catalogplan.DetailName(d))
		price := b.price(d, item, r.book)
		discount := int64(d.Discount.Or(0))
		if !d.Discount.Has() {
			discount = share(price, int64(d.DiscountRatio.Or(0)), 100*taphoa.Scale)
		}
		s := &sum{price: price - discount, quantity: int64(d.Quantity.Value)}
		var ids []int64
		taken := map[int64]bool{}
		for _, t := range d.Taxes {
			if !taken[t.TaxID] {
				ids = append(ids, t.TaxID)
			}
			taken[t.TaxID] = true
		}
		s.rates, s.rate = ratesOf(ids)
		if key := mergeKey(d, price); r.merged && key != "" {
			if same := seen[key]; same != nil {
				same.quantity += s.quantity
				continue
			}
			seen[key] = s
		}
		sums = append(sums, s)
	}
	var goods int64
	weights := make([]taphoa.Money, len(sums))
	for i, s := range sums {
		s.goods = dong(s.price, s.quantity, taphoa.Scale)
		goods += s.goods
		weights[i] = taphoa.Money(max(0, s.goods)) // gifts bear no discount
	}
	discount := dong(int64(r.discount.Or(0)), 1, 1)
	if !r.discount.Has() {
		discount = goods - dong(goods, 100*taphoa.Scale-int64(r.ratio.Or(0)), 100*taphoa.Scale)
	}
	shares, err := taphoa.Allocate(taphoa.Money(discount), weights)
	if err != nil {
		b.find("%v", err)
		return 0, 0
	}
	for i, s := range sums {
		s.allocation = int64(shares[i])
		tax += s.tax(afterTax)
	}
	for _, c := range r.surcharges {
		total += b.charged(&c, goods-discount)
	}
	if !afterTax {
		total += tax
	}
	return total + goods - discount, tax
}

// charged is what a surcharge of a request comes to: its price, or what the surcharge is worth.
func (b *Model) charged(in *taphoa.SurchargeWrite, goods int64) int64 {
	for _, s := range b.m.Surcharges {
		switch {
		case in.Price.Has() || in.Named() != s.ID && (in.Named() != 0 || text.CodeKey(in.Code) != s.CodeKey):
		case s.ValueRatio > 0:
			return dong(max(0, goods), int64(s.ValueRatio), 100*taphoa.Scale)
		default:
			return dong(int64(s.Value.Or(0)), 1, 1)
		}
	}
	return dong(int64(in.Price.Or(0)), 1, 1)
}

// price is what a line costs: what it says, what the price book says, or what the product costs.
func (b *Model) price(d *taphoa.DetailInput, item *catalogplan.Item, book int64) int64 {
	if d.Price.Has() {
		return int64(d.Price.Value)
	}
	for _, p := range b.m.PriceBooks {
		if p.ID == book {
			if price, found := p.Prices[item.ID]; found {
				return int64(price)
			}
		}
	}
	return int64(item.BasePrice)
}

// mergeKey is what lines have in common that an invoice puts together; "" for lines that stay alone.
func mergeKey(d *taphoa.DetailInput, price int64) string {
	if d.SerialNumbers.Or("") != "" {
		return ""
	}
	key := text.CodeKey(d.ProductCode.Or("")) + "/" + d.Note.Or("") + "/" + d.Discount.Or(-0.0001*taphoa.Scale).String() + "/" + d.DiscountRatio.Or(-0.0001*taphoa.Scale).String()
	key += "/" + taphoa.Money(price).String() + "/" + taphoa.Quantity(d.ProductID.Or(0)).String() + "/" + taphoa.Quantity(d.Batch().Or(0)).String()
	for _, t := range d.Taxes {
		key += "/" + taphoa.Quantity(t.TaxID).String()
	}
	return key
}

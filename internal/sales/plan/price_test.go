package plan

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/taphoa/taphoa"
)

// rational is an amount as an exact number of đồng.
func rational[T ~int64](m T) *big.Rat { return big.NewRat(int64(m), taphoa.Scale) }

// rounded is a number of đồng, half away from zero.
func rounded(x *big.Rat) *big.Rat {
	half := big.NewRat(int64(x.Sign()), 2)
	sum := new(big.Rat).Add(x, half)
	return new(big.Rat).SetInt(new(big.Int).Quo(sum.Num(), sum.Denom()))
}

func product(all ...*big.Rat) *big.Rat {
	p := big.NewRat(1, 1)
	for _, x := range all {
		p.Mul(p, x)
	}
	return p
}

// TestDocumentsAreWhatExactArithmeticMakesOfThem prices random documents in every mode, and compares each of their amounts
// with the order of operations of [priceDocument] in exact numbers.
func TestDocumentsAreWhatExactArithmeticMakesOfThem(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 1)) //nolint:gosec // to be repeated, not to be secret
	rates := map[taphoa.PricingMode][]int64{taphoa.PricingBeforeTax: {2, 3, 4}, taphoa.PricingAfterTax: {2, 3, 4}, taphoa.PricingDirect: {6, 7}}
	for n := range 20_000 {
		mode := []taphoa.PricingMode{taphoa.PricingBeforeTax, taphoa.PricingAfterTax, taphoa.PricingDirect}[n%3]
		lines := make([]*line, 1+r.IntN(4))
		for i := range lines {
			l := &line{price: taphoa.Money(r.Int64N(200_000 * taphoa.Scale))}
			l.quantity = taphoa.Quantity(1 + r.Int64N(9*taphoa.Scale))
			if r.IntN(2) == 0 {
				l.discount = taphoa.Money(r.Int64N(int64(l.price) + 1))
			}
			if r.IntN(3) > 0 {
				tax, known := taphoa.TaxByID(rates[mode][r.IntN(len(rates[mode]))])
				if !known {
					t.Fatal("no such tax")
				}
				l.taxes = []taphoa.Tax{tax}
			}
			if i > 0 && r.IntN(6) == 0 {
				l.price, l.discount = -l.price/10, 0 // a gift
			}
			var err error
			if l.subTotal, err = (l.price - l.discount).TimesDong(l.quantity); err != nil {
				t.Fatal(err)
			}
			lines[i] = l
		}
		var discount taphoa.Opt[taphoa.Money]
		var ratio taphoa.Opt[taphoa.Percent]
		if r.IntN(2) == 0 {
			ratio = taphoa.Some(taphoa.Percent(r.Int64N(100 * taphoa.Scale)))
		} else {
			discount = taphoa.Some(taphoa.Money(r.Int64N(1_000 * taphoa.Scale)))
		}
		got, err := priceDocument(lines, mode, discount, ratio, nil)
		if err != nil { // more gifts than goods, or a discount of more than the goods
			continue
		}
		goods, tax, net := new(big.Rat), new(big.Rat), new(big.Rat)
		for _, l := range lines {
			goods.Add(goods, rounded(product(rational(l.price-l.discount), rational(l.quantity))))
		}
		off := rounded(rational(discount.Or(0)))
		if ratio.Has() {
			left := new(big.Rat).Sub(big.NewRat(1, 1), new(big.Rat).Quo(rational(ratio.Value), big.NewRat(100, 1)))
			off = new(big.Rat).Sub(goods, rounded(product(goods, left)))
		}
		for _, l := range lines {
			taxable, due := rational(l.subTotal-l.allocation), new(big.Rat)
			if len(l.taxes) > 0 {
				rate := new(big.Rat).Quo(rational(l.taxes[0].Value.Or(0)), big.NewRat(100, 1))
				if mode == taphoa.PricingAfterTax {
					rate.Quo(rate, new(big.Rat).Add(rate, big.NewRat(1, 1)))
				}
				due = rounded(product(taxable, rate))
			}
			if rational(l.tax()).Cmp(due) != 0 {
				t.Errorf("document %d: the tax of %v less %v is %v, want %s", n, l.subTotal, l.allocation, l.tax(), due.FloatString(0))
			}
			tax.Add(tax, due)
			net.Add(net, rational(l.netSubTotal-l.netAllocation(mode)))
		}
		due := new(big.Rat).Sub(goods, off)
		withTax := new(big.Rat).Add(net, tax)
		if mode != taphoa.PricingAfterTax {
			due.Add(due, tax)
		}
		if rational(got.goods).Cmp(goods) != 0 || rational(got.discount).Cmp(off) != 0 || rational(got.tax).Cmp(tax) != 0 ||
			rational(got.due).Cmp(due) != 0 || withTax.Cmp(due) != 0 || !due.IsInt() {
			t.Fatalf("document %d: %+v, want %s goods, %s off, %s of tax, %s due; its lines show %s with tax", n, got, goods.FloatString(4),
				off.FloatString(4), tax.FloatString(4), due.FloatString(4), withTax.FloatString(4))
		}
	}
}

package plan_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/salestest"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// seller has what everyone needs who sells at the shop of the tests, and some rights more.
func seller(more ...right.Right) right.Set {
	return right.Of(append(more, right.SeeOrders, right.CreateOrders, right.ChangeOrders, right.SeeInvoices, right.CreateInvoices,
		right.ChangeInvoices, right.SeeReturns, right.CreateReturns, right.ChangeReturns)...)
}

func discounts(percent, amount int64) right.Set {
	s := seller(right.Discount)
	s.Percent, s.Amount = taphoa.Ratio(percent), taphoa.Dong(amount)
	return s
}

// person holds sets at the branches 1, 2 and so on.
func person(sets ...right.Set) *right.Held {
	var grants []right.Grant
	for i, s := range sets {
		grants = append(grants, right.Grant{Branch: int64(i + 1), Set: s})
	}
	return right.Hold(2, grants...)
}

// The goods of the shop: a cost of 6,000 for a price of 10,000, at the second branch one of 9,000; a combo that costs 16,000 for 30,000;
// a service; and goods that cost nothing.
const tea, combo, service, free = 1, 4, 5, 9

// pricedShop is a shop with goods at both branches, in a pricing mode.
func pricedShop(t *testing.T, mode taphoa.PricingMode) *salestest.Memory {
	t.Helper()
	m := shop(func(s *orgplan.Settings) { s.PricingMode = mode })
	for id, price := range map[int64]int64{tea: 10_000, 3: 20_000, combo: 30_000, service: 5_000, free: 4_000} {
		for _, item := range m.Items {
			if item.ID == id {
				item.BasePrice = taphoa.Dong(price)
			}
		}
	}
	m.PriceBooks[0].Prices[tea] = taphoa.Dong(7_000)
	m.PriceBooks[0].CodePrices["tra"] = taphoa.Dong(7_000)
	for branch, costs := range map[int64]map[int64]int64{1: {tea: 6_000, 3: 8_000}, 2: {tea: 9_000, 3: 8_000}} {
		receipt := &salestest.Receipt{DocumentID: 900 + branch}
		for _, product := range []int64{tea, 3} {
			receipt.Postings = append(receipt.Postings, stockplan.Posting{
				ProductID: product, From: stockplan.Supplier, To: stockplan.Location(branch), Quantity: taphoa.Units(1_000),
				Cost: taphoa.Some(taphoa.Dong(costs[product])),
			})
		}
		if _, _, err := m.Apply(&salestest.Operation{Receive: receipt}); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func off(l taphoa.DetailInput, discount int64) taphoa.DetailInput {
	l.Discount = taphoa.Some(taphoa.Dong(discount))
	return l
}

func offRatio(l taphoa.DetailInput, percent int64) taphoa.DetailInput {
	l.DiscountRatio = taphoa.Some(taphoa.Ratio(percent))
	return l
}

func unpriced(product, quantity int64) taphoa.DetailInput {
	l := line(product, quantity, 0)
	l.Price = taphoa.Opt[taphoa.Money]{}
	return l
}

func sale(branch int64, lines ...taphoa.DetailInput) taphoa.InvoiceInput {
	return taphoa.InvoiceInput{BranchID: taphoa.Some(branch), InvoiceDetails: lines}
}

func (in discounted) by(discount int64) taphoa.InvoiceInput {
	in.Discount = taphoa.Some(taphoa.Dong(discount))
	return taphoa.InvoiceInput(in)
}

func (in discounted) ratio(percent int64) taphoa.InvoiceInput {
	in.DiscountRatio = taphoa.Some(taphoa.Ratio(percent))
	return taphoa.InvoiceInput(in)
}

type discounted taphoa.InvoiceInput

func atBook(in taphoa.InvoiceInput) taphoa.InvoiceInput {
	in.PriceBookID = taphoa.Some[int64](1)
	return in
}

func onDate(in taphoa.InvoiceInput, at taphoa.Time) taphoa.InvoiceInput {
	in.PurchaseDate = taphoa.Some(at)
	return in
}

// ordered is an order of what an invoice sells.
func ordered(in *taphoa.InvoiceInput, makeInvoice bool) *taphoa.OrderInput {
	return &taphoa.OrderInput{
		BranchID: in.BranchID, OrderDetails: in.InvoiceDetails, Discount: in.Discount, DiscountRatio: in.DiscountRatio,
		PriceBookID: in.PriceBookID, PurchaseDate: in.PurchaseDate, MakeInvoice: makeInvoice,
	}
}

// lacks checks that an operation is refused for want of a right, and names the member; or is done, with the right Anyone.
func lacks(t *testing.T, name string, err error, want right.Right, field string) {
	t.Helper()
	missing, refusal := (*right.Missing)(nil), (*taphoa.Error)(nil)
	switch {
	case want == right.Anyone && err == nil:
	case !errors.As(err, &missing) || missing.Right != want:
		t.Errorf("%s: %v, want the lack of %q", name, err, want.Title())
	case !errors.As(err, &refusal) || refusal.Field != field || refusal.Kind != taphoa.KindForbidden:
		t.Errorf("%s: refused for %+v, want the member %q", name, refusal, field)
	}
}

// TestPeopleSellByTheirRights, in whichever way a sale is made.
func TestPeopleSellByTheirRights(t *testing.T) {
	type in = taphoa.InvoiceInput
	m := pricedShop(t, taphoa.PricingDirect)
	today := m.Clock.Day()
	anyPrice, belowCost := seller(right.SellAtAnyPrice), seller(right.SellAtAnyPrice, right.SellBelowCost)
	whole := right.Hold(2, right.Grant{Set: seller()}, right.Grant{Branch: 2, Set: discounts(10, 0)})
	cheap := discounts(100, 0)
	for _, c := range []struct {
		name  string
		held  *right.Held
		in    in
		lacks right.Right
		field string
	}{
		{"at the list price", person(seller()), sale(1, line(tea, 2, 10_000)), 0, ""},
		{"without a price", person(seller()), sale(1, unpriced(tea, 2)), 0, ""},
		{"a đồng cheaper", person(seller()), sale(1, line(tea, 2, 9_999)), right.SellAtAnyPrice, "price"},
		{"a đồng dearer", person(seller()), sale(1, line(tea, 2, 10_001)), right.SellAtAnyPrice, "price"},
		{"a đồng cheaper in the second line", person(seller()), sale(1, line(tea, 2, 10_000), line(3, 1, 19_999)), right.SellAtAnyPrice, "price"},
		{"at any price", person(anyPrice), sale(1, line(tea, 2, 6_500)), 0, ""},
		{"at any price of the other branch", person(seller(), anyPrice), sale(1, line(tea, 2, 9_500)), right.SellAtAnyPrice, "price"},
		{"at any price at the other branch", person(seller(), anyPrice), sale(2, line(tea, 2, 9_500)), 0, ""},
		{"at the price of the book", person(seller()), atBook(sale(1, line(tea, 2, 7_000))), 0, ""},
		{"without a price by the book", person(seller()), atBook(sale(1, unpriced(tea, 2))), 0, ""},
		{"at the own price despite the book", person(seller()), atBook(sale(1, line(tea, 2, 10_000))), right.SellAtAnyPrice, "price"},
		{"what the book does not have", person(seller()), atBook(sale(1, line(combo, 2, 30_000))), 0, ""},

		{"a discount without the right", person(seller()), sale(1, off(line(tea, 2, 10_000), 1)), right.Discount, "discount"},
		{"of the document", person(seller()), discounted(sale(1, line(tea, 2, 10_000))).by(1), right.Discount, "discount"},
		{"10 % of 10 %", person(discounts(10, 0)), discounted(sale(1, line(tea, 10, 10_000))).ratio(10), 0, ""},
		{"10 % as an amount", person(discounts(10, 0)), discounted(sale(1, line(tea, 10, 10_000))).by(10_000), 0, ""},
		{"a đồng more than 10 %", person(discounts(10, 0)), discounted(sale(1, line(tea, 10, 10_000))).by(10_001), right.Discount, "discount"},
		{"10 % on the line", person(discounts(10, 0)), sale(1, offRatio(line(tea, 10, 10_000), 10)), 0, ""},
		{"10 % on one line of two", person(discounts(10, 0)), sale(1, off(line(tea, 1, 10_000), 3_000), line(3, 1, 20_000)), 0, ""},
		{"and a đồng more", person(discounts(10, 0)), sale(1, off(line(tea, 1, 10_000), 3_001), line(3, 1, 20_000)), right.Discount, "discount"},
		{"lines and document together", person(discounts(10, 0)), discounted(sale(1, off(line(tea, 1, 10_000), 500))).by(500), 0, ""},
		{"and together more", person(discounts(10, 0)), discounted(sale(1, off(line(tea, 1, 10_000), 500))).by(501), right.Discount, "discount"},
		{"9.5 % on 5 %", person(discounts(10, 0)), discounted(sale(1, offRatio(line(tea, 1, 10_000), 5))).ratio(6), right.Discount, "discount"},
		{"an amount below the percents", person(discounts(10, 5_000)), discounted(sale(1, line(tea, 10, 10_000))).by(10_000), 0, ""},
		{"an amount above the percents", person(discounts(10, 2_000)), discounted(sale(1, line(tea, 1, 10_000))).by(2_000), 0, ""},
		{"a đồng above both", person(discounts(10, 2_000)), discounted(sale(1, line(tea, 1, 10_000))).by(2_001), right.Discount, "discount"},
		{"the higher limit of two roles", right.Hold(2, right.Grant{Branch: 1, Set: discounts(5, 0)}, right.Grant{Branch: 1, Set: discounts(10, 0)}), discounted(sale(1, line(tea, 1, 10_000))).ratio(10), 0, ""},
		{"the limit of this branch", person(discounts(5, 0), discounts(10, 0)), discounted(sale(1, line(tea, 1, 10_000))).ratio(10), right.Discount, "discount"},
		{"the limit of the whole shop and a branch", whole, discounted(sale(2, line(tea, 1, 10_000))).ratio(10), 0, ""},
		{"the whole shop's alone", whole, discounted(sale(1, line(tea, 1, 10_000))).ratio(10), right.Discount, "discount"},

		{"at cost by discount", person(cheap), sale(1, off(line(tea, 3, 10_000), 4_000)), 0, ""},
		{"a đồng below", person(cheap), sale(1, off(line(tea, 3, 10_000), 4_001)), right.SellBelowCost, "price"},
		{"at cost by the document's discount", person(cheap), discounted(sale(1, line(tea, 3, 10_000))).ratio(40), 0, ""},
		{"a đồng below by it", person(cheap), discounted(sale(1, line(tea, 3, 10_000))).by(12_001), right.SellBelowCost, "price"},
		{"one line by its share of it", person(cheap), discounted(sale(1, off(line(tea, 1, 10_000), 3_500), line(3, 1, 20_000))).by(2_100), right.SellBelowCost, "price"},
		{"at cost by price", person(anyPrice), sale(1, line(tea, 1, 6_000)), 0, ""},
		{"below by price", person(anyPrice), sale(1, line(tea, 1, 5_999)), right.SellBelowCost, "price"},
		{"below with the right", person(belowCost), sale(1, line(tea, 1, 1)), 0, ""},
		{"the cost of this branch", person(anyPrice, anyPrice), sale(2, line(tea, 1, 8_999)), right.SellBelowCost, "price"},
		{"the right of the other branch", person(belowCost, anyPrice), sale(2, line(tea, 1, 8_999)), right.SellBelowCost, "price"},
		{"a combo at the cost of its materials", person(anyPrice), sale(1, line(combo, 1, 16_000)), 0, ""},
		{"a combo below", person(anyPrice), sale(1, line(combo, 1, 15_999)), right.SellBelowCost, "price"},
		{"a service for nothing", person(anyPrice), sale(1, line(service, 1, 0)), 0, ""},
		{"goods without cost for nothing", person(anyPrice), sale(1, line(free, 1, 0)), 0, ""},
		{"a gift", person(seller()), sale(1, line(tea, 1, 0)), right.SellAtAnyPrice, "price"},

		{"this morning", person(seller()), onDate(sale(1, line(tea, 1, 10_000)), today), 0, ""},
		{"tomorrow", person(seller()), onDate(sale(1, line(tea, 1, 10_000)), m.Clock+24*3600*1_000_000), 0, ""},
		{"yesterday", person(seller()), onDate(sale(1, line(tea, 1, 10_000)), today-1), right.BackDate, "purchaseDate"},
		{"yesterday with the right", person(seller(right.BackDate)), onDate(sale(1, line(tea, 1, 10_000)), today-1), 0, ""},
		{"yesterday of the other branch", person(seller(), seller(right.BackDate)), onDate(sale(1, line(tea, 1, 10_000)), today-1), right.BackDate, "purchaseDate"},

		{"nobody's rights", nil, discounted(onDate(sale(1, line(tea, 1, 1)), today-1)).by(1), 0, ""},
		{"all rights", right.Hold(2, right.Grant{Set: right.All}), discounted(onDate(sale(1, line(tea, 1, 1)), today-1)).by(1), 0, ""},
		{"no right at the branch", person(seller()), sale(2, line(tea, 1, 10_000)), right.CreateInvoices, ""},
	} {
		m.Held, m.Needs = c.held, right.CreateInvoices
		_, _, err := m.Apply(&salestest.Operation{Invoice: &c.in})
		lacks(t, c.name+", an invoice", err, c.lacks, c.field)
		if err != nil && c.lacks == right.SellBelowCost && (strings.Contains(err.Error(), "6000") || strings.Contains(err.Error(), "9000") || strings.Contains(err.Error(), "16000")) {
			t.Errorf("%s: %v tells the cost", c.name, err)
		}
		if c.lacks == right.CreateInvoices {
			c.lacks = right.CreateOrders
		}
		m.Needs = right.CreateOrders
		_, _, err = m.Apply(&salestest.Operation{Order: ordered(&c.in, true)})
		lacks(t, c.name+", an order with its invoice", err, c.lacks, c.field)
		_, _, err = m.Apply(&salestest.Operation{Order: ordered(&c.in, false)})
		lacks(t, c.name+", an order", err, c.lacks, c.field)
	}
}

// TestWhatWasAgreedOnNeedsNoRightAgain: what a document has, and what its order has, stays when others work with it.
func TestWhatWasAgreedOnNeedsNoRightAgain(t *testing.T) {
	for _, mode := range []taphoa.PricingMode{taphoa.PricingDirect, taphoa.PricingBeforeTax, taphoa.PricingAfterTax} {
		m := pricedShop(t, mode)
		taxed := func(l taphoa.DetailInput) taphoa.DetailInput {
			if mode != taphoa.PricingDirect {
				l.Taxes = []taphoa.TaxWrite{{TaxID: 4}}
			}
			return l
		}
		terms := discounted(sale(1, taxed(off(line(tea, 3, 5_003), 1_001)), taxed(line(3, 2, 18_001)))).ratio(33)
		for name, agreed := range map[string]taphoa.InvoiceInput{"by ratio": terms, "by amount": discounted(sale(1, terms.InvoiceDetails...)).by(17_777)} {
			m.Held = nil
			order := apply[*taphoa.Order](t, m, &salestest.Operation{Order: ordered(&agreed, false)})
			m.Held = person(seller(right.SeeOthers))
			try := func(what string, lack right.Right, field string, op *salestest.Operation) {
				t.Helper()
				_, _, err := m.Apply(op)
				lacks(t, name+", "+what, err, lack, field)
			}
			try("a note", 0, "", &salestest.Operation{ChangeOrder: &taphoa.OrderUpdate{
				ByID: taphoa.ByID{ID: order.ID}, OrderInput: taphoa.OrderInput{Description: taphoa.Some("Gọi trước")},
			}})
			try("fewer goods", 0, "", &salestest.Operation{ChangeOrder: &taphoa.OrderUpdate{
				ByID:       taphoa.ByID{ID: order.ID},
				OrderInput: taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{taxed(off(line(tea, 2, 5_003), 1_001)), taxed(line(3, 2, 18_001))}, DiscountRatio: terms.DiscountRatio},
			}})
			try("more discount", right.Discount, "discount", &salestest.Operation{ChangeOrder: &taphoa.OrderUpdate{
				ByID: taphoa.ByID{ID: order.ID}, OrderInput: taphoa.OrderInput{DiscountRatio: taphoa.Some(taphoa.Ratio(34))},
			}})
			try("another price", right.SellAtAnyPrice, "price", &salestest.Operation{ChangeOrder: &taphoa.OrderUpdate{
				ByID:       taphoa.ByID{ID: order.ID},
				OrderInput: taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{taxed(off(line(tea, 2, 5_002), 1_001)), taxed(line(3, 2, 18_001))}},
			}})
			try("another price on the invoice", right.SellAtAnyPrice, "price", &salestest.Operation{Invoice: &taphoa.InvoiceInput{
				OrderID: taphoa.Some(order.ID), InvoiceDetails: []taphoa.DetailInput{taxed(line(tea, 1, 4_000))},
			}})
			part := apply[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &taphoa.InvoiceInput{
				OrderID: taphoa.Some(order.ID), InvoiceDetails: []taphoa.DetailInput{unpriced(tea, 1)},
			}})
			try("more goods of other orders at the discount", right.Discount, "discount", &salestest.Operation{Invoice: &taphoa.InvoiceInput{
				OrderID: taphoa.Some(order.ID), InvoiceDetails: []taphoa.DetailInput{unpriced(3, 1), unpriced(combo, 9)}, DiscountRatio: taphoa.Some(taphoa.Ratio(33)),
			}})
			rest := apply[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &taphoa.InvoiceInput{OrderID: taphoa.Some(order.ID)}})
			for _, v := range []*taphoa.Invoice{part, rest} {
				try("a note on an invoice", 0, "", &salestest.Operation{ChangeInvoice: &taphoa.InvoiceUpdate{
					ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{Description: taphoa.Some("Giao buổi sáng")},
				}})
			}
			try("other goods on an invoice", right.SellAtAnyPrice, "price", &salestest.Operation{ChangeInvoice: &taphoa.InvoiceUpdate{
				ByID: taphoa.ByID{ID: part.ID}, InvoiceInput: taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{taxed(line(combo, 1, 3_000))}},
			}})
			m.Held = nil
			sold := apply[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &agreed})
			m.Held = person(seller(right.SeeOthers))
			less, member := right.Anyone, ""
			if agreed.Discount.Has() { // the same amount is more for less
				less, member = right.Discount, "discount"
			}
			try("less on an invoice", less, member, &salestest.Operation{ChangeInvoice: &taphoa.InvoiceUpdate{
				ByID: taphoa.ByID{ID: sold.ID}, InvoiceInput: taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{
					taxed(off(line(tea, 2, 5_003), 1_001)), taxed(line(3, 2, 18_001)),
				}, PurchaseDate: taphoa.Some(sold.PurchaseDate)},
			}})
			more := &salestest.Operation{ChangeInvoice: &taphoa.InvoiceUpdate{
				ByID: taphoa.ByID{ID: sold.ID}, InvoiceInput: taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{
					taxed(off(line(tea, 30, 5_003), 1_001)), taxed(line(3, 2, 18_001)),
				}},
			}}
			try("more goods at its price on an invoice", right.SellAtAnyPrice, "price", more)
			m.Held = person(seller(right.SeeOthers, right.SellAtAnyPrice))
			try("more goods at its discount on an invoice", right.Discount, "discount", more)
		}
	}
}

// TestGoodsThatAreAgreedBelowCostGoForNoLess, nor do more of them, without the right.
func TestGoodsThatAreAgreedBelowCostGoForNoLess(t *testing.T) {
	m := pricedShop(t, taphoa.PricingDirect)
	in := sale(1, line(tea, 3, 5_500))
	order := apply[*taphoa.Order](t, m, &salestest.Operation{Order: ordered(&in, false)})
	sold := apply[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &in})
	all := discounts(100, 0)
	m.Held = person(all.Or(right.Of(right.SeeOthers, right.SellAtAnyPrice)))
	for _, c := range []struct {
		name  string
		in    taphoa.OrderInput
		lacks right.Right
		field string
	}{
		{"more", taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(tea, 4, 5_500)}}, right.SellBelowCost, "price"},
		{"for less", taphoa.OrderInput{OrderDetails: in.InvoiceDetails, Discount: taphoa.Some(taphoa.Dong(100))}, right.SellBelowCost, "price"},
		{"fewer", taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(tea, 2, 5_500)}}, 0, ""},
	} {
		_, _, err := m.Apply(&salestest.Operation{ChangeOrder: &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: order.ID}, OrderInput: c.in}})
		lacks(t, c.name+", an order", err, c.lacks, c.field)
		if c.in.Discount.Has() { // an invoice keeps its own
			continue
		}
		change := &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: sold.ID}, InvoiceInput: taphoa.InvoiceInput{InvoiceDetails: c.in.OrderDetails}}
		_, _, err = m.Apply(&salestest.Operation{ChangeInvoice: change})
		lacks(t, c.name+", an invoice", err, c.lacks, c.field)
	}
	apply[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &taphoa.InvoiceInput{OrderID: taphoa.Some(order.ID)}})
}

// TestFewerGoodsKeepTheRatioOfTheirDiscount, however its shares are rounded.
func TestFewerGoodsKeepTheRatioOfTheirDiscount(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1)) //nolint:gosec // to be repeated, not to be secret
	for n := range 300 {
		m := pricedShop(t, []taphoa.PricingMode{taphoa.PricingDirect, taphoa.PricingBeforeTax, taphoa.PricingAfterTax}[n%3])
		var lines []taphoa.DetailInput
		for range 2 + r.IntN(4) {
			l := line([]int64{tea, 3, combo}[r.IntN(3)], 1+r.Int64N(4), 1+r.Int64N(3_000))
			if n%3 > 0 && r.IntN(2) > 0 {
				l.Taxes = []taphoa.TaxWrite{{TaxID: 4}}
			}
			lines = append(lines, l)
		}
		in := sale(1, lines...)
		in.DiscountRatio = taphoa.Some(taphoa.Percent(r.Int64N(100 * taphoa.Scale)))
		order := apply[*taphoa.Order](t, m, &salestest.Operation{Order: ordered(&in, false)})
		fewer := slices.Clone(lines)
		at := r.IntN(len(fewer))
		if q := &fewer[at].Quantity; q.Value > taphoa.Units(1) {
			*q = taphoa.Some(q.Value - taphoa.Units(1))
		} else {
			fewer = slices.Delete(fewer, at, at+1)
		}
		m.Held = person(seller(right.SeeOthers))
		if n%2 > 0 {
			v := apply[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &taphoa.InvoiceInput{OrderID: taphoa.Some(order.ID)}})
			change := &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{InvoiceDetails: fewer}}
			apply[*taphoa.Invoice](t, m, &salestest.Operation{ChangeInvoice: change})
			continue
		}
		change := &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: order.ID}, OrderInput: taphoa.OrderInput{OrderDetails: fewer}}
		apply[*taphoa.Order](t, m, &salestest.Operation{ChangeOrder: change})
	}
}

// TestMoneyOfAnOrderIsTakenByWhoMay, also when the order is changed otherwise.
func TestMoneyOfAnOrderIsTakenByWhoMay(t *testing.T) {
	m := pricedShop(t, taphoa.PricingDirect)
	in := sale(1, line(tea, 3, 10_000))
	order := apply[*taphoa.Order](t, m, &salestest.Operation{Order: ordered(&in, false)})
	pays := func(total int64) *salestest.Operation {
		return &salestest.Operation{ChangeOrder: &taphoa.OrderUpdate{
			ByID: taphoa.ByID{ID: order.ID}, OrderInput: taphoa.OrderInput{TotalPayment: taphoa.Some(taphoa.Dong(total)), Description: taphoa.Some("Gọi trước")},
		}}
	}
	for _, c := range []struct {
		set   right.Set
		total int64
		lacks right.Right
	}{{seller(right.SeeOthers), 5_000, right.TakePayments}, {seller(right.SeeOthers, right.TakePayments), 5_000, 0}, {seller(right.SeeOthers), 5_000, 0}} {
		m.Held = person(c.set)
		_, _, err := m.Apply(pays(c.total))
		lacks(t, fmt.Sprint(c.total), err, c.lacks, "")
	}
}

// TestDatesOfStoredDocumentsMayStay: a date that changes must not be before today; one that comes back as it is may.
func TestDatesOfStoredDocumentsMayStay(t *testing.T) {
	m := pricedShop(t, taphoa.PricingDirect)
	yesterday := m.Clock.Day() - 3600*1_000_000
	in := onDate(sale(1, line(tea, 3, 10_000)), yesterday)
	order := apply[*taphoa.Order](t, m, &salestest.Operation{Order: ordered(&in, false)})
	v := apply[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &in})
	r := apply[*taphoa.Return](t, m, &salestest.Operation{Return: &taphoa.ReturnInput{
		InvoiceID: taphoa.Some(v.ID), ReturnDate: taphoa.Some(yesterday), ReturnDetails: returned(tea, 1),
	}})
	m.Held = person(seller(right.SeeOthers))
	for _, c := range []struct {
		name  string
		at    taphoa.Time
		lacks right.Right
	}{
		{"the same", yesterday, 0},
		{"earlier", yesterday - 1, right.BackDate},
		{"later, but not today", yesterday + 1, right.BackDate},
		{"today", m.Clock.Day(), 0},
	} {
		_, _, err := m.Apply(&salestest.Operation{ChangeOrder: &taphoa.OrderUpdate{
			ByID: taphoa.ByID{ID: order.ID}, OrderInput: taphoa.OrderInput{PurchaseDate: taphoa.Some(c.at)},
		}})
		lacks(t, c.name+", an order", err, c.lacks, "purchaseDate")
		_, _, err = m.Apply(&salestest.Operation{ChangeInvoice: &taphoa.InvoiceUpdate{
			ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{PurchaseDate: taphoa.Some(c.at)},
		}})
		lacks(t, c.name+", an invoice", err, c.lacks, "purchaseDate")
		_, _, err = m.Apply(&salestest.Operation{ChangeReturn: &taphoa.ReturnUpdate{
			ByID: taphoa.ByID{ID: r.ID}, ReturnInput: taphoa.ReturnInput{ReturnDate: taphoa.Some(c.at)},
		}})
		lacks(t, c.name+", a return", err, c.lacks, "returnDate")
	}
	m.Held = person(seller(right.SeeOthers, right.TakePayments))
	_, _, err := m.Apply(&salestest.Operation{PayInvoice: &taphoa.InvoicePaymentInput{
		InvoiceID: taphoa.Some(v.ID), Amount: taphoa.Some(taphoa.Dong(1_000)), TransDate: taphoa.Some(yesterday),
	}})
	lacks(t, "money", err, right.BackDate, "transDate")
	_, _, err = m.Apply(&salestest.Operation{ChangeInvoice: &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{
		Payments: []taphoa.PaymentInput{{Method: taphoa.MethodCash, Amount: taphoa.Dong(1_000), TransDate: taphoa.Some(yesterday)}},
	}}})
	lacks(t, "money with the invoice", err, right.BackDate, "payments.transDate")
}

func returned(product, quantity int64) []taphoa.ReturnDetailInput {
	return []taphoa.ReturnDetailInput{{DetailInput: unpriced(product, quantity)}}
}

// TestReturnsNameTheirInvoice, unless who takes the goods back may do without.
func TestReturnsNameTheirInvoice(t *testing.T) {
	m := pricedShop(t, taphoa.PricingDirect)
	sold := sale(1, line(tea, 3, 10_000))
	v := apply[*taphoa.Invoice](t, m, &salestest.Operation{Invoice: &sold})
	yesterday := m.Clock.Day() - 1
	unbilled := seller(right.ReturnUnbilled, right.SeeOthers)
	for _, c := range []struct {
		name  string
		held  *right.Held
		in    taphoa.ReturnInput
		lacks right.Right
		field string
	}{
		{"by the invoice", person(seller(right.SeeOthers)), taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID), ReturnDetails: returned(tea, 1)}, 0, ""},
		{"without", person(seller()), taphoa.ReturnInput{BranchID: taphoa.Some[int64](1), ReturnDetails: returned(tea, 1)}, right.ReturnUnbilled, "invoiceId"},
		{"without, with the right", person(unbilled), taphoa.ReturnInput{BranchID: taphoa.Some[int64](1), ReturnDetails: returned(tea, 1)}, 0, ""},
		{"without, with the right of another branch", person(seller(), unbilled), taphoa.ReturnInput{BranchID: taphoa.Some[int64](1), ReturnDetails: returned(tea, 1)}, right.ReturnUnbilled, "invoiceId"},
		{"yesterday", person(unbilled), taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID), ReturnDate: taphoa.Some(yesterday), ReturnDetails: returned(tea, 1)}, right.BackDate, "returnDate"},
		{"at another branch", person(unbilled, unbilled), taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID), BranchID: taphoa.Some[int64](2), ReturnDetails: returned(tea, 1)}, 0, ""},
		{"at a branch without rights", person(unbilled), taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID), BranchID: taphoa.Some[int64](2), ReturnDetails: returned(tea, 1)}, right.CreateReturns, ""},
		{"of a branch where the goods may only be seen", person(right.Of(right.SeeInvoices, right.SeeOthers), unbilled), taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID), BranchID: taphoa.Some[int64](2), ReturnDetails: returned(tea, 1)}, right.CreateReturns, ""},
	} {
		m.Held, m.Needs = c.held, right.CreateReturns
		_, _, err := m.Apply(&salestest.Operation{Return: &c.in})
		lacks(t, c.name, err, c.lacks, c.field)
	}
}

package sales_test

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales"
)

// at is a line of a quantity at a price.
func at(product int64, quantity taphoa.Quantity, price taphoa.Money) taphoa.DetailInput {
	return taphoa.DetailInput{ProductID: taphoa.Some(product), Quantity: taphoa.Some(quantity), Price: taphoa.Some(price)}
}

const (
	allGrams   taphoa.Quantity = 0.345 * taphoa.Scale
	thirdGrams taphoa.Quantity = 0.115 * taphoa.Scale
)

// owes checks the customer's debt.
func (s *store) owes(debt int64) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		if owed, err := cash.Debt(tx, cash.Customer(s.customer)); err != nil || owed != taphoa.Dong(debt) {
			s.t.Errorf("the customer owes %v (%v), want %d", owed, err, debt)
		}
		return nil
	})
	s.balanced()
}

// TestAFractionOfAKiloCanBePaid sells 0.345 kg at 145,500: 50,197.5, which no one can pay, is 50,198 wherever it appears.
func TestAFractionOfAKiloCanBePaid(t *testing.T) {
	const whole = 50_198
	price := taphoa.Dong(145_500)
	pay := func(s *store, v *taphoa.Invoice, amount taphoa.Money) {
		s.write(func(tx *db.Tx) error {
			_, err := sales.PayInvoice(tx, &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(v.ID), Amount: taphoa.Some(amount), Method: "cash"})
			return err
		})
	}
	for name, sell := range map[string]func(s *store) (sum taphoa.Money){
		"an invoice, paid in whole đồng": func(s *store) taphoa.Money {
			v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{at(s.coffee, allGrams, price)}})
			pay(s, v, taphoa.Dong(whole))
			return v.Total
		},
		"an invoice, paid as it was computed by the till": func(s *store) taphoa.Money {
			v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{at(s.coffee, allGrams, price)}})
			pay(s, v, 50_197.5*taphoa.Scale)
			return v.Total
		},
		"paid with the sale": func(s *store) taphoa.Money {
			in := taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{at(s.coffee, allGrams, price)}, TotalPayment: taphoa.Some[taphoa.Money](50_197.5 * taphoa.Scale)}
			return s.invoice(in).Total
		},
		"an order, invoiced in thirds": func(s *store) (sum taphoa.Money) {
			o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{at(s.coffee, allGrams, price)}})
			for range 3 {
				part := taphoa.DetailInput{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(thirdGrams)}
				v := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{part}})
				pay(s, v, v.Total)
				sum += v.Total
			}
			if o.Total != sum {
				s.t.Errorf("the order comes to %v, its invoices to %v", o.Total, sum)
			}
			return sum
		},
		"returned in thirds": func(s *store) (sum taphoa.Money) {
			v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{at(s.coffee, allGrams, price)}})
			for range 3 {
				third := back(s.coffee, 1)
				third.Quantity = taphoa.Some(thirdGrams)
				sum += s.bring(v, taphoa.ReturnInput{}, third).ReturnTotal
			}
			return sum
		},
		"returned without an invoice, and sold again": func(s *store) taphoa.Money {
			in := taphoa.ReturnInput{BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.customer)}
			r := s.bring(nil, in, taphoa.ReturnDetailInput{DetailInput: at(s.coffee, allGrams, price)})
			s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{at(s.coffee, allGrams, price)}})
			return r.ReturnTotal
		},
	} {
		t.Run(name, func(t *testing.T) {
			inStore(t, nil, func(t *testing.T, s *store) {
				if sum := sell(s); sum != taphoa.Dong(whole) {
					t.Errorf("it comes to %v, want %d", sum, whole)
				}
				s.owes(0)
			})
		})
	}
}

// TestAPercentageLeavesTheSameOnALineAndOnADocument: 7 % off 16,650 leaves 15,484.5.
func TestAPercentageLeavesTheSameOnALineAndOnADocument(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		for _, c := range []struct{ price, percent, left int64 }{{16_650, 7, 15_485}, {50, 1, 50}, {150, 1, 149}, {333, 50, 167}} {
			ofLine, ofDocument := line(s.coffee, 1), line(s.coffee, 1)
			ofLine.Price, ofDocument.Price = dong(c.price), dong(c.price)
			ratio := taphoa.Some(taphoa.Ratio(c.percent))
			ofLine.DiscountRatio = ratio
			a := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{ofLine}})
			b := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{ofDocument}, DiscountRatio: ratio})
			if a.Total != taphoa.Dong(c.left) || b.Total != taphoa.Dong(c.left) {
				t.Errorf("%d %% off %d leaves %v by the line and %v by the document, want %d", c.percent, c.price, a.Total, b.Total, c.left)
			}
			s.bring(a, taphoa.ReturnInput{})
			s.bring(b, taphoa.ReturnInput{})
		}
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}, Discount: taphoa.Some[taphoa.Money](1_165.5 * taphoa.Scale)})
		if v.Total != taphoa.Dong(48_834) {
			t.Errorf("an amount of 1,165.5 leaves %v", v.Total)
		}
	})
}

// TestNetAndTaxAreTheGrossOnEveryLine where prices contain 8 %: 3 at 13,900, 10 % off, and 777 off the document.
func TestNetAndTaxAreTheGrossOnEveryLine(t *testing.T) {
	inStore(t, []string{"PricingMode", "after"}, func(t *testing.T, s *store) {
		three := line(s.coffee, 3)
		three.Price, three.DiscountRatio, three.Taxes = dong(13_900), taphoa.Some(taphoa.Ratio(10)), []taphoa.TaxWrite{{TaxID: 3}}
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{three}, Discount: dong(777)})
		d := v.InvoiceDetails[0]
		if v.Total != taphoa.Dong(36_753) || d.SubTotal != taphoa.Dong(34_750) || d.AllocationDiscount != dong(719) || v.TotalTax != dong(2_722) ||
			v.Discount != dong(719) || v.DiscountAfterTax != dong(777) {
			t.Errorf("%v = %v − %v + %v, the discount is %v", v.Total, d.SubTotal, d.AllocationDiscount.Value, v.TotalTax.Value, v.Discount.Value)
		}
		two := line(s.sugar, 2)
		two.Price, two.Taxes = dong(9_999), []taphoa.TaxWrite{{TaxID: 4}}
		o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{three, two}, DiscountRatio: taphoa.Some(taphoa.Ratio(3))})
		net := -o.Discount.Value
		for _, d := range o.OrderDetails {
			net += d.SubTotal
		}
		if net+o.TotalTax.Value != o.Total || net%taphoa.Scale != 0 {
			t.Errorf("the order shows %v net and %v of tax, and comes to %v", net, o.TotalTax.Value, o.Total)
		}
		var echoed taphoa.OrderUpdate
		echoed.ID, echoed.Discount, echoed.DiscountRatio, echoed.AfterTax = o.ID, o.Discount, o.DiscountRatio, o.DiscountAfterTax
		for _, d := range o.OrderDetails {
			in := taphoa.DetailInput{ProductID: taphoa.Some(d.ProductID), Quantity: taphoa.Some(d.Quantity), Price: taphoa.Some(d.Price), Discount: d.Discount, DiscountRatio: d.DiscountRatio}
			for _, x := range d.OrderDetailTaxs {
				in.Taxes = append(in.Taxes, taphoa.TaxWrite{TaxID: x.TaxID, PriceAfterTax: x.PriceAfterTax, DiscountAfterTax: x.DiscountAfterTax})
			}
			echoed.OrderDetails = append(echoed.OrderDetails, in)
		}
		s.write(func(tx *db.Tx) error {
			again, err := sales.UpdateOrder(tx, &echoed)
			if err == nil && (again.Total != o.Total || fmt.Sprintf("%+v", again.OrderDetails) != fmt.Sprintf("%+v", o.OrderDetails)) {
				t.Errorf("written back as it was read it is %+v, and was %+v", again, o)
			}
			return err
		})
		first := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}})
		last := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)})
		if first.Total+last.Total != o.Total || first.TotalTax.Value+last.TotalTax.Value != o.TotalTax.Value ||
			first.Discount.Value+last.Discount.Value != o.Discount.Value {
			t.Errorf("the parts come to %v and %v with %v and %v of tax, the order to %v with %v", first.Total, last.Total, first.TotalTax.Value,
				last.TotalTax.Value, o.Total, o.TotalTax.Value)
		}
	})
}

// TestAGiftLowersWhatComesBack: 100,000 beside a gift of −20,000, both at 10 %. The goods alone come back for 80,000 where
// prices contain tax, then the gift for nothing.
func TestAGiftLowersWhatComesBack(t *testing.T) {
	for mode, want := range map[string]struct{ taxID, total, tax, discount int64 }{
		"after":  {4, 80_000, 7_273, 20_000},
		"before": {4, 88_000, 8_000, 20_000},
		"direct": {6, 80_800, 800, 20_000},
	} {
		t.Run(mode, func(t *testing.T) {
			inStore(t, []string{"PricingMode", mode}, func(t *testing.T, s *store) {
				goods, gift := line(s.coffee, 2), line(s.sugar, 1)
				goods.Price, gift.Price = dong(50_000), dong(-20_000)
				goods.Taxes, gift.Taxes = []taphoa.TaxWrite{{TaxID: want.taxID}}, []taphoa.TaxWrite{{TaxID: want.taxID}}
				v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{goods, gift}, TotalPayment: dong(want.total)})
				if v.Total != taphoa.Dong(want.total) || v.TotalTax != dong(want.tax) {
					t.Errorf("sold for %v with %v of tax", v.Total, v.TotalTax.Value)
				}
				s.refusedLike("không được vượt quá", func(tx *db.Tx) error {
					_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{
						InvoiceID: taphoa.Some(v.ID), TotalPayment: dong(want.total + 1), ReturnDetails: []taphoa.ReturnDetailInput{back(s.coffee, 2)},
					})
					return err
				})
				s.refusedLike("không được âm", func(tx *db.Tx) error {
					_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID), ReturnDetails: []taphoa.ReturnDetailInput{back(s.sugar, 1)}})
					return err
				})
				one := s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 1))
				two := s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 1))
				last := s.bring(v, taphoa.ReturnInput{}, back(s.sugar, 1))
				shown := two.ReturnDiscount.Value
				if mode == "after" {
					shown = two.DiscountAfterTax.Value
				}
				if one.ReturnTotal+two.ReturnTotal != v.Total || one.TotalTax.Value+two.TotalTax.Value != v.TotalTax.Value || shown != taphoa.Dong(want.discount) ||
					last.ReturnTotal != 0 || last.TotalTax.Value != 0 {
					t.Errorf("the goods come back for %v and %v (%v off) with %v and %v of tax, the gift for %v with %v", one.ReturnTotal, two.ReturnTotal,
						shown, one.TotalTax.Value, two.TotalTax.Value, last.ReturnTotal, last.TotalTax.Value)
				}
				s.owes(-want.total)
			})
		})
	}
}

// TestASurchargeIsNotReturned, nor what a gift has lowered, also when all comes back at once.
func TestASurchargeIsNotReturned(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		gift := line(s.sugar, 1)
		gift.Price = dong(-20_000)
		v := s.invoice(taphoa.InvoiceInput{
			InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2), gift}, Surcharges: []taphoa.SurchargeWrite{{ID: taphoa.Some(s.surcharge()), Price: taphoa.Some[taphoa.Money](4_999.6 * taphoa.Scale)}},
		})
		if v.Total != taphoa.Dong(85_000) {
			t.Errorf("sold for %v", v.Total)
		}
		if r := s.bring(v, taphoa.ReturnInput{}); r.ReturnTotal != taphoa.Dong(80_000) || r.ReturnDiscount.Value != 0 {
			t.Errorf("all comes back for %v, %v off", r.ReturnTotal, r.ReturnDiscount.Value)
		}
		s.owes(5_000)
	})
}

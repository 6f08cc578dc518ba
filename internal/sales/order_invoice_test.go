package sales_test

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/sales"
)

// TestTheInvoicesOfAnOrderComeToTheOrder sells 100 pieces for 95,000 each, 2 % off, with 30,000 on top, by each beginning
// of a sale and in parts: what a request leaves out is what is left of the order.
func TestTheInvoicesOfAnOrderComeToTheOrder(t *testing.T) {
	const total = 9_340_000
	piece := func(s *store, quantity int64) []taphoa.DetailInput {
		return []taphoa.DetailInput{{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(quantity)), Price: taphoa.Some(taphoa.Dong(95_000))}}
	}
	order := func(s *store, surcharge int64, makeInvoice bool) *taphoa.OrderInput {
		return &taphoa.OrderInput{
			BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.customer), OrderDetails: piece(s, 100), MakeInvoice: makeInvoice,
			DiscountRatio: taphoa.Some(taphoa.Ratio(2)), Surcharges: []taphoa.SurchargeWrite{{ID: taphoa.Some(surcharge), Price: taphoa.Some[taphoa.Money](taphoa.Dong(30_000))}},
		}
	}
	for name, sell := range map[string]func(s *store, surcharge int64){
		"at once": func(s *store, surcharge int64) {
			s.order(*order(s, surcharge, true))
		},
		"by a change of the order": func(s *store, surcharge int64) {
			o := s.order(*order(s, surcharge, false))
			s.write(func(tx *db.Tx) error {
				_, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}, OrderInput: taphoa.OrderInput{MakeInvoice: true}})
				return err
			})
		},
		"by an invoice that leaves all out": func(s *store, surcharge int64) {
			o := s.order(*order(s, surcharge, false))
			s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)})
		},
		"in parts of 60 and 40": func(s *store, surcharge int64) {
			o := s.order(*order(s, surcharge, false))
			s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: piece(s, 60)})
			s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)})
		},
		"in parts of 40 and 60 that name the goods alone": func(s *store, surcharge int64) {
			o := s.order(*order(s, surcharge, false))
			line := []taphoa.DetailInput{{ProductCode: taphoa.Some("cf"), Quantity: taphoa.Some(taphoa.Units(40))}}
			s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: line})
			s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)})
		},
		"directly": func(s *store, surcharge int64) {
			in := order(s, surcharge, false)
			s.invoice(taphoa.InvoiceInput{
				BranchID: in.BranchID, CustomerID: in.CustomerID, InvoiceDetails: in.OrderDetails, DiscountRatio: in.DiscountRatio, Surcharges: in.Surcharges,
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
				s := openStore(t, d, clock)
				sell(s, s.surcharge())
				s.expect(name, 0, 0, total)
			})
		})
	}
}

// TestAnAmountOffAnOrderGoesByValue and the last invoice takes the rest; an explicit 0 is 0.
func TestAnAmountOffAnOrderGoesByValue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		order := func() *taphoa.Order {
			return s.order(taphoa.OrderInput{
				BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.customer), Discount: taphoa.Some(taphoa.Dong(10_000)),
				OrderDetails: []taphoa.DetailInput{{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(3))}},
			})
		}
		part := func(o *taphoa.Order, quantity int64) taphoa.InvoiceInput {
			return taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{
				{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(quantity))},
			}}
		}
		total := func(v *taphoa.Invoice) taphoa.Money { return v.Total }
		o := order()
		if a, b, c := total(s.invoice(part(o, 1))), total(s.invoice(part(o, 1))), total(s.invoice(part(o, 1))); a != taphoa.Dong(46_667) ||
			b != taphoa.Dong(46_666) || c != taphoa.Dong(46_667) { // a half of the 6,667 left is 3,334
			t.Errorf("the parts come to %v, %v, %v", a, b, c)
		}
		o = order()
		none := part(o, 1)
		none.Discount = taphoa.Some[taphoa.Money](0)
		if a, b := total(s.invoice(none)), total(s.invoice(part(o, 2))); a != taphoa.Dong(50_000) || b != taphoa.Dong(90_000) {
			t.Errorf("with an explicit 0 the parts come to %v and %v", a, b)
		}
		o = order()
		null := part(o, 3)
		null.Discount, null.DiscountRatio = taphoa.Null[taphoa.Money](), taphoa.Null[taphoa.Percent]()
		if a := total(s.invoice(null)); a != taphoa.Dong(140_000) {
			t.Errorf("with null the invoice comes to %v", a)
		}
		s.balanced()
	})
}

// TestAnAmountBesideARatioCounts also where it is not the ratio's, such as beside the 0 that clients send, when the order is
// invoiced and when lines change.
func TestAnAmountBesideARatioCounts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		piece := func(quantity int64) []taphoa.DetailInput {
			return []taphoa.DetailInput{{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(quantity))}}
		}
		for _, ratio := range []taphoa.Percent{0, taphoa.Ratio(7)} {
			for _, makeInvoice := range []bool{true, false} {
				o := s.order(taphoa.OrderInput{
					BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.customer), Discount: taphoa.Some(taphoa.Dong(10_000)),
					DiscountRatio: taphoa.Some(ratio), OrderDetails: piece(4), MakeInvoice: makeInvoice,
				})
				if makeInvoice {
					continue
				}
				s.write(func(tx *db.Tx) error {
					changed, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}, OrderInput: taphoa.OrderInput{OrderDetails: piece(5)}})
					if err == nil && changed.Total != taphoa.Dong(240_000) {
						t.Errorf("ratio %v: with other lines the order comes to %v", ratio, changed.Total)
					}
					return err
				})
				v := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: piece(1)})
				if v.Total != taphoa.Dong(48_000) {
					t.Errorf("ratio %v: the first part comes to %v", ratio, v.Total)
				}
				s.write(func(tx *db.Tx) error {
					changed, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: taphoa.InvoiceInput{InvoiceDetails: piece(2)}})
					if err == nil && changed.Total != taphoa.Dong(98_000) {
						t.Errorf("ratio %v: with other lines the first part comes to %v", ratio, changed.Total)
					}
					return err
				})
				if v := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)}); v.Total != taphoa.Dong(142_000) {
					t.Errorf("ratio %v: the rest comes to %v", ratio, v.Total)
				}
			}
		}
		s.expect("in the end", 82, 0, 860_000)
	})
}

// TestAVoidOrderShowsWhatIsStillPaid when the invoice that outlives it is voided with its payments.
func TestAVoidOrderShowsWhatIsStillPaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		o := s.order(taphoa.OrderInput{
			BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.customer), TotalPayment: taphoa.Some(taphoa.Dong(20_000)),
			OrderDetails: []taphoa.DetailInput{{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(2))}},
		})
		v := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{
			{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(1))},
		}})
		s.write(func(tx *db.Tx) error {
			_, err := sales.DeleteOrder(tx, &taphoa.OrderDelete{ID: o.ID})
			return err
		})
		s.write(func(tx *db.Tx) error {
			_, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: v.ID, IsVoidPayment: true})
			return err
		})
		s.read(func(tx *db.Tx) error {
			now, err := sales.GetOrder(tx, &taphoa.ByID{ID: o.ID})
			if err == nil && (now.Status != taphoa.OrderVoided || now.TotalPayment != 0) {
				t.Errorf("the order is %s and paid %v", now.StatusValue, now.TotalPayment)
			}
			return err
		})
		s.expect("in the end", 100, 0, 0)
	})
}

// TestPartsOfAnOrderAreCollectedOnce on delivery: of each invoice what is still to be paid for it, also where the order
// says an amount.
func TestPartsOfAnOrderAreCollectedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		for _, said := range []taphoa.Opt[taphoa.Money]{{}, taphoa.Some(taphoa.Dong(200_000))} {
			o := s.order(taphoa.OrderInput{
				BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.customer), TotalPayment: taphoa.Some(taphoa.Dong(20_000)),
				OrderDetails:  []taphoa.DetailInput{{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(4))}},
				OrderDelivery: &taphoa.DeliveryInput{UsingPriceCod: taphoa.Some(true), PriceCodPayment: said},
			})
			first := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{
				{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(1))},
			}})
			rest := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)})
			if a, b := first.InvoiceDelivery.PriceCodPayment.Value, rest.InvoiceDelivery.PriceCodPayment.Value; a != taphoa.Dong(30_000) || b != taphoa.Dong(150_000) {
				t.Errorf("order that says %v: to collect are %v and %v", said, a, b)
			}
		}
		s.balanced()
	})
}

// TestNoSurchargesAreNone wherever the request says so.
func TestNoSurchargesAreNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		none, surcharge := []taphoa.SurchargeWrite{}, s.surcharge()
		for _, in := range []taphoa.InvoiceInput{{Surcharges: none}, {DeliveryDetail: &taphoa.DeliveryInput{Surcharges: none}}} {
			o := s.order(taphoa.OrderInput{
				BranchID: taphoa.Some(s.branch), Surcharges: []taphoa.SurchargeWrite{{ID: taphoa.Some(surcharge), Price: taphoa.Some[taphoa.Money](taphoa.Dong(30_000))}},
				OrderDetails: []taphoa.DetailInput{{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(1))}},
			})
			in.OrderID = taphoa.Some(o.ID)
			if v := s.invoice(in); v.Total != taphoa.Dong(50_000) {
				t.Errorf("the invoice comes to %v", v.Total)
			}
		}
	})
}

func (s *store) surcharge() (id int64) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		w, err := cash.CreateSurcharge(tx, &taphoa.SurchargeInput{Name: "Ship", Code: taphoa.Some(fmt.Sprint("SHIP", s.coffee))})
		id = w.Data.ID
		return err
	})
	return id
}

// TestSeveralLinesOfOneProductAreInvoicedAsTheyWereOrdered invoices an order that has coffee at two prices, and twice at one.
func TestSeveralLinesOfOneProductAreInvoicedAsTheyWereOrdered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		line := func(quantity, price int64) taphoa.DetailInput {
			return taphoa.DetailInput{
				ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(quantity)), Price: taphoa.Some(taphoa.Dong(price)),
			}
		}
		goods := func(quantity int64) []taphoa.DetailInput {
			return []taphoa.DetailInput{{ProductID: taphoa.Some(s.coffee), Quantity: taphoa.Some(taphoa.Units(quantity))}}
		}
		order := func() *taphoa.Order {
			return s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(2, 50_000), line(3, 40_000), line(3, 40_000)}})
		}
		if v := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(order().ID)}); v.Total != taphoa.Dong(340_000) || len(v.InvoiceDetails) != 3 {
			t.Errorf("the whole order comes to %v in %d lines", v.Total, len(v.InvoiceDetails))
		}
		if v := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(order().ID), InvoiceDetails: goods(8)}); v.Total != taphoa.Dong(340_000) {
			t.Errorf("all goods, named alone, come to %v", v.Total)
		}
		o := order()
		first := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: goods(3)})
		rest := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)})
		if first.Total != taphoa.Dong(140_000) || rest.Total != taphoa.Dong(200_000) {
			t.Errorf("3 come to %v, the other 5 to %v", first.Total, rest.Total)
		}
		s.expect("in the end", 76, 0, 1_020_000)
	})
}

package sales_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/stock"
)

// onHand checks how much of a product is there.
func (s *store) onHand(when string, product int64, want taphoa.Quantity) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		levels, err := stock.Levels(tx, []int64{product}, []int64{s.branch})
		if err == nil && levels[0].OnHand != want {
			s.t.Errorf("%s: %v are there, want %v", when, levels[0].OnHand, want)
		}
		return err
	})
	s.balanced()
}

func TestUnitsAndCombosComeBackAsTheirParts(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		crate := s.goods(taphoa.ProductInput{
			Name: taphoa.Some("Thùng cà phê"), Code: taphoa.Some("CF-T"), Unit: taphoa.Some("thùng"), MasterUnitID: taphoa.Some(s.coffee),
			ConversionValue: taphoa.Some(taphoa.Units(12)),
		})
		gift := s.goods(taphoa.ProductInput{
			Name: taphoa.Some("Giỏ quà"), Code: taphoa.Some("QUA"), Type: taphoa.Some(taphoa.ProductCombo), ProductFormulas: []taphoa.MaterialInput{
				{MaterialID: s.coffee, Quantity: taphoa.Units(2)}, {MaterialID: s.sugar, Quantity: taphoa.Units(3)},
			},
		})
		service := s.goods(taphoa.ProductInput{Name: taphoa.Some("Gói"), Code: taphoa.Some("GOI"), Type: taphoa.Some(taphoa.ProductService)})
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(crate, 2), line(gift, 3), line(service, 1)}})
		s.onHand("sold", s.coffee, taphoa.Units(100-24-6))
		s.bring(v, taphoa.ReturnInput{}, back(gift, 1), back(crate, 1))
		s.onHand("a gift and a crate are back", s.coffee, taphoa.Units(100-12-4))
		s.onHand("a gift is back", s.sugar, taphoa.Units(100-6))
		s.write(func(tx *db.Tx) error { // a gift is made in another way from now on
			_, err := catalog.UpdateProduct(tx, &taphoa.ProductInput{ID: gift, ProductFormulas: []taphoa.MaterialInput{
				{MaterialID: s.coffee, Quantity: taphoa.Units(1)}, {MaterialID: s.sugar, Quantity: taphoa.Units(50)},
			}})
			return err
		})
		s.bring(v, taphoa.ReturnInput{}, back(gift, 1))
		s.onHand("no more sugar than was sold", s.sugar, taphoa.Units(100))
		last := s.bring(v, taphoa.ReturnInput{})
		if len(last.ReturnDetails) != 3 {
			t.Errorf("the rest is %+v", last.ReturnDetails)
		}
		s.onHand("all is back", s.coffee, taphoa.Units(100))
		s.onHand("all is back", s.sugar, taphoa.Units(100))
		s.voidReturn(last, false)
		s.bring(v, taphoa.ReturnInput{})
		s.onHand("all is back again", s.coffee, taphoa.Units(100))
	})
}

func TestWhatWasDeletedSinceCanComeBack(t *testing.T) {
	inStore(t, nil, func(_ *testing.T, s *store) {
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 4)}})
		s.write(func(tx *db.Tx) error {
			_, err := catalog.DeleteProduct(tx, &taphoa.ByID{ID: s.coffee})
			return err
		})
		r := s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 1))
		s.expect("one came back", 97, 0, 150_000)
		s.bring(v, taphoa.ReturnInput{})
		s.expect("all came back", 100, 0, 0)
		s.voidReturn(r, false)
		s.expect("one went out again", 99, 0, 50_000)
		s.refusedLike("không tồn tại", func(tx *db.Tx) error {
			_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{BranchID: taphoa.Some(s.branch), ReturnDetails: []taphoa.ReturnDetailInput{back(s.coffee, 1)}})
			return err
		})
	})
}

// TestTheLineThatIsMeantComesBack sells coffee in two lines: two at 50,000, two at 60,000 with 5,000 off.
func TestTheLineThatIsMeantComesBack(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		dear := line(s.coffee, 2)
		dear.Price, dear.Discount = dong(60_000), dong(5_000)
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2), dear}})
		byPrice, byLine := back(s.coffee, 1), taphoa.ReturnDetailInput{InvoiceDetailID: taphoa.Some(v.InvoiceDetails[1].ID)}
		byPrice.Price, byPrice.Discount = dear.Price, dear.Discount
		byLine.Quantity = taphoa.Some(taphoa.Units(1))
		for _, c := range []struct {
			name  string
			in    taphoa.ReturnDetailInput
			worth int64
		}{{"by price", byPrice, 55_000}, {"by line", byLine, 55_000}, {"any", back(s.coffee, 1), 50_000}} {
			if r := s.bring(v, taphoa.ReturnInput{}, c.in); r.ReturnTotal != taphoa.Dong(c.worth) {
				t.Errorf("%s: worth %v, want %d", c.name, r.ReturnTotal, c.worth)
			}
		}
		s.refusedLike("chỉ còn trả được 0", func(tx *db.Tx) error {
			_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID), ReturnDetails: []taphoa.ReturnDetailInput{byLine}})
			return err
		})
		fresh := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 2), dear}})
		r := s.bring(fresh, taphoa.ReturnInput{}, back(s.coffee, 3))
		if len(r.ReturnDetails) != 2 || r.ReturnTotal != taphoa.Dong(155_000) {
			t.Errorf("three of both lines: %v, %+v", r.ReturnTotal, r.ReturnDetails)
		}
		s.expect("after all", 100-8+6, 0, 50_000+55_000)
	})
}

func TestTwoShopsDoNotSeeEachOthersReturns(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}})
		r := s.bring(v, taphoa.ReturnInput{})
		other := *s
		other.who.Retailer = s.who.Retailer + 1000
		for _, op := range []func(tx *db.Tx) error{
			func(tx *db.Tx) error { _, err := sales.GetReturn(tx, &taphoa.ByID{ID: r.ID}); return err },
			func(tx *db.Tx) error { _, err := sales.GetReturnByCode(tx, &taphoa.ByCode{Code: r.Code}); return err },
			func(tx *db.Tx) error { _, err := sales.DeleteReturn(tx, &taphoa.ReturnDelete{ID: r.ID}); return err },
			func(tx *db.Tx) error {
				_, err := sales.CreateReturn(tx, &taphoa.ReturnInput{InvoiceID: taphoa.Some(v.ID)})
				return err
			},
			func(tx *db.Tx) error {
				_, err := sales.PayInvoice(tx, &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(v.ID), Amount: dong(1)})
				return err
			},
		} {
			other.refusedLike("không tồn tại", op)
		}
		other.read(func(tx *db.Tx) error {
			page, err := sales.ListReturns(tx, &taphoa.ReturnQuery{Paging: taphoa.Paging{PageSize: 10}})
			if err == nil && page.Total != 0 {
				t.Errorf("they see %+v", page.Data)
			}
			return err
		})
	})
}

// TestAReturnOfAnotherDayCostsOtherwise: 100 at 4,000, ten of them sold; 90 more at 6,000 make 5,000; a hundred sold at
// that. Then ten come back at 4,000 and make 4,888.8889 of the 80 that are left. Had they come back before the hundred
// were sold, these and the rest would have cost 4,947.3684.
func TestAReturnOfAnotherDayCostsOtherwise(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		tea := s.product("TRA", 10_000, 100, 4_000)
		hour := func() { s.clock.Advance(3600) }
		hour()
		first := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(tea, 10)}})
		hour()
		s.buy(tea, 90, 6_000, 0)
		hour()
		between := s.clock.Now()
		hour()
		second := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(tea, 100)}})
		hour()
		r := s.bring(first, taphoa.ReturnInput{})
		costs := func(when string, level, sold taphoa.Money) {
			t.Helper()
			s.read(func(tx *db.Tx) error {
				levels, err := stock.Levels(tx, []int64{tea}, nil)
				if have := s.goodsCost(second.ID); err == nil && (levels[0].Cost != level || have != sold) {
					t.Errorf("%s: the level has %v, the sale %v; want %v and %v", when, levels[0].Cost, have, level, sold)
				}
				return err
			})
			s.balanced()
		}
		costs("returned", 4888.8889*taphoa.Scale, taphoa.Dong(5_000))
		s.write(func(tx *db.Tx) error {
			_, err := sales.UpdateReturn(tx, &taphoa.ReturnUpdate{
				ByID: taphoa.ByID{ID: r.ID}, ReturnInput: taphoa.ReturnInput{ReturnDate: taphoa.Some(between)},
			})
			return err
		})
		costs("dated before the second sale", 4947.3684*taphoa.Scale, 4947.3684*taphoa.Scale)
		s.voidReturn(r, false)
		costs("voided", taphoa.Dong(5_000), taphoa.Dong(5_000))
	})
}

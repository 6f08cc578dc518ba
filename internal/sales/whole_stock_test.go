package sales_test

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/stock"
)

// crate creates cans in stock and a crate of them, and returns what the crate shows.
func (s *store) crate(code string, cans int64, conversion taphoa.Quantity) (can, crate int64, shown taphoa.Quantity) {
	s.t.Helper()
	can = s.product("LON"+code, 1_000, cans, 500)
	crate = s.goods(taphoa.ProductInput{
		Name: taphoa.Some("Thùng"), Code: taphoa.Some("THUNG" + code), Unit: taphoa.Some("thùng"), MasterUnitID: taphoa.Some(can), ConversionValue: taphoa.Some(conversion),
	})
	s.read(func(tx *db.Tx) error {
		p, err := catalog.GetProduct(tx, &taphoa.ProductByID{ID: crate})
		shown = p.Inventories[0].OnHand
		return err
	})
	return can, crate, shown
}

func some(product int64, quantity taphoa.Quantity) taphoa.DetailInput {
	return taphoa.DetailInput{ProductID: taphoa.Some(product), Quantity: taphoa.Some(quantity), Price: taphoa.Some(taphoa.Dong(24_000))}
}

// left checks what there is of cans and what of them is reserved, after a look at both ledgers.
func (s *store) left(when string, can, onHand, reserved int64) {
	s.t.Helper()
	s.balanced()
	s.read(func(tx *db.Tx) error {
		levels, err := stock.Levels(tx, []int64{can}, nil)
		if l := levels[0]; l.OnHand != taphoa.Units(onHand) || l.Reserved != taphoa.Units(reserved) {
			s.t.Errorf("%s: %v there, %v reserved, want %d and %d", when, l.OnHand, l.Reserved, onHand, reserved)
		}
		return err
	})
}

func (s *store) bringBack(invoice int64, lines ...taphoa.DetailInput) {
	s.t.Helper()
	in := taphoa.ReturnInput{InvoiceID: taphoa.Some(invoice)}
	for _, l := range lines {
		in.ReturnDetails = append(in.ReturnDetails, taphoa.ReturnDetailInput{DetailInput: l})
	}
	s.write(func(tx *db.Tx) error {
		_, err := sales.CreateReturn(tx, &in)
		return err
	})
}

// wholeStocks are stocks of which some crates are more cans than there are, and some less.
var wholeStocks = []struct {
	cans       int64
	conversion taphoa.Quantity
}{{199, taphoa.Units(24)}, {200, taphoa.Units(24)}, {100, taphoa.Units(3)}, {50, taphoa.Units(7)}, {7, 1.5 * taphoa.Scale}}

func TestAUnitSoldAsItIsShownIsTheWholeStockAndComesBackWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock, "AllowSellWhenOutStock", "false")
		for i, c := range wholeStocks {
			can, crate, shown := s.crate(fmt.Sprint(i), c.cans, c.conversion)
			sell := func() *taphoa.Invoice {
				return s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{some(crate, shown), line(s.sugar, 1)}})
			}
			v := sell()
			s.left("sold", can, 0, 0)
			if want, _ := taphoa.Dong(24_000).TimesDong(shown); v.InvoiceDetails[0].SubTotal != want {
				t.Errorf("%v come to %v, want %v", shown, v.InvoiceDetails[0].SubTotal, want)
			}
			s.buy(can, 300, 500, 0)
			s.write(setInvoice(v.ID, taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{some(crate, shown), line(s.sugar, 2)}}))
			s.left("another line is changed", can, 300, 0)
			s.bringBack(v.ID, some(crate, shown))
			s.left("all of the line comes back", can, 300+c.cans, 0)
			s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(can, 300)}})
			v = sell()
			s.bringBack(v.ID, some(crate, taphoa.Units(2)))
			s.bringBack(v.ID, some(crate, shown-taphoa.Units(2)))
			s.left("it comes back in parts", can, c.cans, 0)
			v = sell()
			s.write(func(tx *db.Tx) error {
				_, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: v.ID})
				return err
			})
			s.left("void", can, c.cans, 0)
			v = s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{some(crate, taphoa.Units(1)), line(can, 1)}})
			rest := taphoa.Quantity(0)
			s.read(func(tx *db.Tx) error {
				p, err := catalog.GetProduct(tx, &taphoa.ProductByID{ID: crate})
				rest = p.Inventories[0].OnHand
				return err
			})
			w := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{some(crate, rest)}})
			s.left("the rest", can, 0, 0)
			s.bringBack(w.ID, some(crate, rest))
			s.bringBack(v.ID, some(crate, taphoa.Units(1)))
			s.bringBack(v.ID, line(can, 1))
			s.left("all is back", can, c.cans, 0)
		}
	})
}

func TestCratesAndCansOfOneInvoiceComeBackByTheLine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock, "AllowSellWhenOutStock", "false")
		can, crate, _ := s.crate("", 205, taphoa.Units(24))
		eight := taphoa.Quantity(8.3333 * taphoa.Scale) // 200 cans
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(can, 5), some(crate, eight)}})
		s.left("sold", can, 0, 0)
		s.bringBack(v.ID, some(crate, eight))
		s.left("the crates are back", can, 200, 0)
		s.bringBack(v.ID, line(can, 5))
		s.left("the cans are back", can, 205, 0)
	})
}

func TestAUnitOrderedAsItIsShownReservesTheWholeStock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock, "AllowSellWhenOutStock", "false", "AllowOrderWhenOutStock", "false")
		for i, c := range wholeStocks {
			can, crate, shown := s.crate(fmt.Sprint(i), c.cans, c.conversion)
			o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{some(crate, shown)}})
			s.left("ordered", can, c.cans, c.cans)
			s.write(setOrder(o.ID, taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{some(crate, taphoa.Units(1))}}))
			s.write(setOrder(o.ID, taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{some(crate, shown)}}))
			s.left("lowered and raised", can, c.cans, c.cans)
			s.buy(can, 300, 500, 0)
			s.write(setOrder(o.ID, taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.sugar, 1), some(crate, shown)}}))
			s.left("changed when there is more", can, 300+c.cans, c.cans)
			first := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{some(crate, taphoa.Units(2))}})
			s.write(setOrder(o.ID, taphoa.OrderInput{MakeInvoice: true}))
			s.left("invoiced in parts", can, 300, 0)
			s.write(func(tx *db.Tx) error {
				page, err := sales.ListInvoices(tx, &taphoa.InvoiceQuery{Paging: taphoa.Paging{PageSize: 10}, OrderID: taphoa.Some(o.ID)})
				for _, v := range page.Data {
					if _, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: v.ID}); err != nil {
						return err
					}
				}
				if err == nil && len(page.Data) != 2 {
					t.Errorf("%d invoices, the first of them %d", len(page.Data), first.ID)
				}
				return err
			})
			s.write(voidOrder(o.ID))
			s.left("void", can, 300+c.cans, 0)
		}
	})
}

func TestALotSoldAsItIsShownIsAllOfIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		can := s.goods(taphoa.ProductInput{Name: taphoa.Some("Sữa"), Code: taphoa.Some("SUA"), IsBatchExpireControl: taphoa.Some(true)})
		crate := s.goods(taphoa.ProductInput{
			Name: taphoa.Some("Thùng"), Code: taphoa.Some("THUNG"), Unit: taphoa.Some("thùng"), MasterUnitID: taphoa.Some(can), ConversionValue: taphoa.Some(taphoa.Units(24)),
		})
		var lot int64
		s.write(func(tx *db.Tx) (err error) {
			lot, err = stock.ResolveLot(tx, can, "L1", clock.Now()+1_000_000_000_000_000)
			return err
		})
		s.buy(can, 199, 500, lot)
		named := some(crate, 8.2917*taphoa.Scale)
		named.ProductBatchExpireID = taphoa.Some(lot)
		for _, l := range []taphoa.DetailInput{named, some(crate, 8.2917*taphoa.Scale)} {
			v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{l, line(s.sugar, 1)}})
			s.left("sold", can, 0, 0)
			s.bringBack(v.ID, named)
			s.left("back in its lot", can, 199, 0)
		}
	})
}

package sales_test

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/sales"
)

// book makes a price book with a price of coffee, in đồng.
func (s *store) book(name string, coffee int64) (id int64) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		made, err := catalog.CreatePriceBook(tx, &taphoa.PriceBookInput{Name: name})
		if err != nil {
			return err
		}
		id = made.ID
		_, err = catalog.SetPrices(tx, &taphoa.PriceBookDetailWrite{
			PriceBookID: id, PriceBookDetailItem: taphoa.PriceBookDetailItem{ProductID: s.coffee, Price: taphoa.Some(taphoa.Dong(coffee))},
		})
		return err
	})
	return id
}

// TestABookPriceReplacesAPriceThatIsMissing follows an order and its invoices through their changes.
func TestABookPriceReplacesAPriceThatIsMissing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		book, other := s.book("Giá sỉ", 40_000), s.book("Giá lẻ", 45_000)
		one := taphoa.Some(taphoa.Units(1))
		byID := taphoa.DetailInput{ProductID: taphoa.Some(s.coffee), Quantity: one}
		byCode := taphoa.DetailInput{ProductCode: taphoa.Some("cf"), Quantity: one}
		priced := taphoa.DetailInput{ProductCode: taphoa.Some("CF"), Quantity: one, Price: taphoa.Some(taphoa.Money(0))}
		absent := taphoa.DetailInput{ProductID: taphoa.Some(s.sugar), Quantity: one}
		head := taphoa.OrderInput{BranchID: taphoa.Some(s.branch), CustomerID: taphoa.Some(s.customer), PriceBookID: taphoa.Some(book)}
		head.OrderDetails = []taphoa.DetailInput{byID, byCode, priced, absent}

		var o *taphoa.Order
		step := func(what string, book int64, total int64, op func(tx *db.Tx) error) {
			t.Helper()
			s.write(op)
			if got := fmt.Sprint(o.PriceBookID.Or(0), o.Total); got != fmt.Sprint(book, taphoa.Dong(total)) {
				t.Errorf("%s: book and total are %s, want %d and %d", what, got, book, total)
			}
			s.balanced()
		}
		update := func(change func(*taphoa.OrderInput)) func(tx *db.Tx) error {
			in := taphoa.OrderUpdate{ByID: taphoa.ByID{ID: o.ID}}
			change(&in.OrderInput)
			return func(tx *db.Tx) (err error) { o, err = sales.UpdateOrder(tx, &in); return err }
		}
		step("a new order", book, 100_000, func(tx *db.Tx) (err error) { o, err = sales.CreateOrder(tx, &head); return err })
		step("a note", book, 100_000, update(func(in *taphoa.OrderInput) { in.Description = taphoa.Some("x") }))
		step("new lines", book, 80_000, update(func(in *taphoa.OrderInput) { in.OrderDetails = []taphoa.DetailInput{byID, byCode} }))
		step("another book, the same lines", other, 80_000, update(func(in *taphoa.OrderInput) { in.PriceBookID = taphoa.Some(other) }))
		step("lines at the other book", other, 90_000, update(func(in *taphoa.OrderInput) { in.OrderDetails = []taphoa.DetailInput{byID, byCode} }))

		var v *taphoa.Invoice
		sell := func(what string, in taphoa.InvoiceInput, book, total int64) {
			t.Helper()
			in.BranchID, in.CustomerID = taphoa.Some(s.branch), taphoa.Some(s.customer)
			s.write(func(tx *db.Tx) (err error) { v, err = sales.CreateInvoice(tx, &in); return err })
			if got := fmt.Sprint(v.PriceBookID.Or(0), v.Total); got != fmt.Sprint(book, taphoa.Dong(total)) {
				t.Errorf("%s: book and total are %s, want %d and %d", what, got, book, total)
			}
			s.balanced()
		}
		ofOrder := taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{byID}}
		sell("the order's first part", ofOrder, other, 45_000)
		s.write(func(tx *db.Tx) error { _, err := catalog.DeletePriceBook(tx, &taphoa.ByID{ID: other}); return err })
		step("the book is gone, the order is not", other, 90_000, update(func(in *taphoa.OrderInput) { in.PriceBookID = taphoa.Some(other) }))
		step("the rest at the agreed prices", other, 90_000, update(func(in *taphoa.OrderInput) { in.MakeInvoice = true }))
		s.refused(fmt.Sprintf("Bảng giá %d (priceBookId) không tồn tại", other), func(tx *db.Tx) error {
			in := head
			in.PriceBookID = taphoa.Some(other)
			_, err := sales.CreateOrder(tx, &in)
			return err
		})

		sell("two lines of one product are one", taphoa.InvoiceInput{
			PriceBookID: taphoa.Some(book), InvoiceDetails: []taphoa.DetailInput{byID, byID}, UsingCod: taphoa.Some(true),
		}, book, 80_000)
		if len(v.InvoiceDetails) != 1 {
			t.Errorf("the invoice has the lines %+v", v.InvoiceDetails)
		}
		s.write(func(tx *db.Tx) (err error) {
			in := taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}}
			in.InvoiceDetails = []taphoa.DetailInput{byCode, absent}
			v, err = sales.UpdateInvoice(tx, &in)
			return err
		})
		if v.Total != taphoa.Dong(60_000) || v.PriceBookID != taphoa.Some(book) {
			t.Errorf("the changed invoice is %v at book %v", v.Total, v.PriceBookID.Or(0))
		}
		s.balanced()
	})
}

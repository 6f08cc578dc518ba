package sales_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales"
)

// change changes an invoice.
func (s *store) change(v *taphoa.Invoice, in taphoa.InvoiceInput) (now *taphoa.Invoice) {
	s.t.Helper()
	s.write(func(tx *db.Tx) (err error) {
		now, err = sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}, InvoiceInput: in})
		return err
	})
	return now
}

// partOf invoices a quantity of an order's product, by naming the goods alone.
func (s *store) partOf(o *taphoa.Order, product int64, quantity taphoa.Quantity) *taphoa.Invoice {
	s.t.Helper()
	line := taphoa.DetailInput{ProductID: taphoa.Some(product), Quantity: taphoa.Some(quantity)}
	return s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line}})
}

// TestANoteInAnInvoiceOfAnOrderChangesNoAmount: three thirds of a line come to it, also when each is written again.
func TestANoteInAnInvoiceOfAnOrderChangesNoAmount(t *testing.T) {
	for mode, tax := range map[string]int64{"direct": 0, "before": 3, "after": 3} {
		t.Run(mode, func(t *testing.T) {
			inStore(t, []string{"PricingMode", mode}, func(t *testing.T, s *store) {
				ordered := at(s.coffee, allGrams, taphoa.Dong(145_500))
				if tax != 0 {
					ordered.Taxes = []taphoa.TaxWrite{{TaxID: tax}}
				}
				o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{ordered}, Discount: dong(777)})
				thirds := []*taphoa.Invoice{s.partOf(o, s.coffee, thirdGrams), s.partOf(o, s.coffee, thirdGrams), s.partOf(o, s.coffee, thirdGrams)}
				var sum, taxes taphoa.Money
				for _, v := range thirds {
					again := ordered
					again.Quantity, again.Note = taphoa.Some(thirdGrams), taphoa.Some("Giao buổi sáng")
					now := s.change(v, taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{again}})
					sum, taxes = sum+now.Total, taxes+now.TotalTax.Value
				}
				if sum != o.Total || taxes != o.TotalTax.Value {
					t.Errorf("the order comes to %v with %v of tax, its invoices to %v with %v", o.Total, o.TotalTax.Value, sum, taxes)
				}
			})
		})
	}
}

// TestTheLastInvoiceTakesTheDiscountThatOthersLeft, by an explicit 0 or by lines that were changed afterwards.
func TestTheLastInvoiceTakesTheDiscountThatOthersLeft(t *testing.T) {
	inStore(t, nil, func(t *testing.T, s *store) {
		o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 1), line(s.sugar, 1)}, Discount: dong(10_000)})
		one := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{line(s.coffee, 1)}, Discount: dong(0)})
		last := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)})
		if one.Total != taphoa.Dong(50_000) || last.Total != taphoa.Dong(10_000) {
			t.Errorf("the order comes to %v, its invoices to %v and %v", o.Total, one.Total, last.Total)
		}
		a, b := at(s.coffee, taphoa.Units(1), taphoa.Dong(10_000)), at(s.sugar, taphoa.Units(3), taphoa.Dong(10_000))
		o = s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{a, b}, Discount: dong(4_000)})
		b.Quantity = taphoa.Some(taphoa.Units(1))
		one = s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID), InvoiceDetails: []taphoa.DetailInput{a, b}})
		b.Quantity = taphoa.Some(taphoa.Units(2))
		one = s.change(one, taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{a, b}})
		if last = s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)}); one.Total+last.Total != o.Total {
			t.Errorf("the order comes to %v, its invoices to %v and %v", o.Total, one.Total, last.Total)
		}
	})
}

// TestAPieceComesBackForItsPriceAfterAVoid: the gift lowered what the last piece gave back; once the other return is void, a
// piece is worth its price again, and all together what was paid.
func TestAPieceComesBackForItsPriceAfterAVoid(t *testing.T) {
	for mode, want := range map[string]struct{ total, piece, tax int64 }{"direct": {180_000, 50_000, 0}, "before": {198_000, 55_000, 5_000}} {
		t.Run(mode, func(t *testing.T) {
			inStore(t, []string{"PricingMode", mode}, func(t *testing.T, s *store) {
				goods, gift := line(s.coffee, 4), line(s.sugar, 1)
				gift.Price = dong(-20_000)
				if want.tax != 0 {
					goods.Taxes, gift.Taxes = []taphoa.TaxWrite{{TaxID: 4}}, []taphoa.TaxWrite{{TaxID: 4}}
				}
				v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{goods, gift}, TotalPayment: dong(want.total)})
				first, second := s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 3)), s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 1))
				s.voidReturn(first, false)
				one := s.bring(v, taphoa.ReturnInput{}, back(s.coffee, 1))
				if one.ReturnTotal != taphoa.Dong(want.piece) || one.ReturnDiscount.Value != 0 || one.TotalTax.Value != taphoa.Dong(want.tax) {
					t.Errorf("a piece comes back for %v, %v off, with %v of tax", one.ReturnTotal, one.ReturnDiscount.Value, one.TotalTax.Value)
				}
				if rest := s.bring(v, taphoa.ReturnInput{}); second.ReturnTotal+one.ReturnTotal+rest.ReturnTotal != v.Total {
					t.Errorf("all comes back for %v, %v and %v, and was sold for %v", second.ReturnTotal, one.ReturnTotal, rest.ReturnTotal, v.Total)
				}
			})
		})
	}
}

// TestAmountsFromBeforeTheyWereWhole stay as they are, can be paid and given back to the last fraction, and leave none to new
// documents.
func TestAmountsFromBeforeTheyWereWhole(t *testing.T) {
	const before taphoa.Money = 50_197.5 * taphoa.Scale
	old := func(s *store, v *taphoa.Invoice, total taphoa.Money) *taphoa.Invoice {
		s.write(func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE invoices SET total = ? WHERE retailer_id = :retailer AND id = ?`, total, v.ID)
			if err == nil {
				_, err = tx.Exec(`UPDATE invoice_lines SET sub_total = ? WHERE retailer_id = :retailer AND invoice_id = ?`, total, v.ID)
			}
			if err == nil {
				_, err = tx.Exec(`UPDATE open_items SET open_amount = ? WHERE retailer_id = :retailer AND kind = 'invoice' AND document_id = ?`, total, v.ID)
			}
			return err
		})
		return s.look(v)
	}
	inStore(t, nil, func(t *testing.T, s *store) {
		grams := taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{at(s.coffee, allGrams, taphoa.Dong(145_500))}}
		v := old(s, s.invoice(grams), before)
		if now := s.change(v, taphoa.InvoiceInput{Description: taphoa.Some("Ghi chú"), TotalPayment: taphoa.Some(v.Total)}); now.Total != before || now.TotalPayment != before {
			t.Errorf("an old invoice of %v is paid with %v", now.Total, now.TotalPayment)
		}
		r := s.bring(v, taphoa.ReturnInput{TotalPayment: taphoa.Some(before)})
		if r.ReturnTotal != before || r.TotalPayment != before {
			t.Errorf("it comes back for %v, %v are paid back", r.ReturnTotal, r.TotalPayment)
		}
		v = old(s, s.invoice(grams), before)
		s.write(func(tx *db.Tx) error {
			paid, err := sales.PayInvoice(tx, &taphoa.InvoicePaymentInput{InvoiceID: taphoa.Some(v.ID), Amount: dong(50_198), Method: "cash"})
			if err == nil && paid.Amount != before {
				t.Errorf("50,198 pay %v", paid.Amount)
			}
			return err
		})
		o := s.order(taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{at(s.coffee, allGrams, taphoa.Dong(145_500))}})
		old(s, s.partOf(o, s.coffee, thirdGrams), 16_732.5*taphoa.Scale)
		if rest := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(o.ID)}); rest.Total%taphoa.Scale != 0 {
			t.Errorf("the rest of an old order comes to %v", rest.Total)
		}
	})
}

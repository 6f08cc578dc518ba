package sales_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/sales"
)

// underWay is a kind of document that is not finished, of two lines.
type underWay struct {
	name string
	open func(s *store, lines ...taphoa.DetailInput) (id int64)
	set  func(id int64, note string, lines []taphoa.DetailInput) func(*db.Tx) error // no lines: they stay
	done func(s *store, id int64) func(*db.Tx) error
	void func(id int64) func(*db.Tx) error
}

func setOrder(id int64, in taphoa.OrderInput) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := sales.UpdateOrder(tx, &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: id}, OrderInput: in})
		return err
	}
}

func setInvoice(id int64, in taphoa.InvoiceInput) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := sales.UpdateInvoice(tx, &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: id}, InvoiceInput: in})
		return err
	}
}

func noteOrder(id int64, note string, lines []taphoa.DetailInput) func(*db.Tx) error {
	return setOrder(id, taphoa.OrderInput{Description: taphoa.Some(note), OrderDetails: lines})
}

func noteInvoice(id int64, note string, lines []taphoa.DetailInput) func(*db.Tx) error {
	return setInvoice(id, taphoa.InvoiceInput{Description: taphoa.Some(note), InvoiceDetails: lines})
}

func openOrder(s *store, lines ...taphoa.DetailInput) int64 {
	return s.order(taphoa.OrderInput{OrderDetails: lines}).ID
}

func voidOrder(id int64) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := sales.DeleteOrder(tx, &taphoa.OrderDelete{ID: id})
		return err
	}
}

var documentsUnderWay = []underWay{
	{
		name: "an order that is invoiced at once", open: openOrder, set: noteOrder, void: voidOrder,
		done: func(_ *store, id int64) func(*db.Tx) error { return setOrder(id, taphoa.OrderInput{MakeInvoice: true}) },
	},
	{
		name: "an order whose lines are invoiced by code", open: openOrder, set: noteOrder, void: voidOrder,
		done: func(s *store, id int64) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				o, err := sales.GetOrder(tx, &taphoa.ByID{ID: id})
				if err != nil {
					return err
				}
				in := taphoa.InvoiceInput{BranchID: taphoa.Some(s.branch), OrderID: taphoa.Some(id)}
				for _, l := range o.OrderDetails {
					in.InvoiceDetails = append(in.InvoiceDetails, taphoa.DetailInput{
						ProductCode: taphoa.Some(l.ProductCode), Quantity: taphoa.Some(l.Quantity), Price: taphoa.Some(l.Price),
					})
				}
				_, err = sales.CreateInvoice(tx, &in)
				return err
			}
		},
	},
	{
		name: "an invoice with a delivery", set: noteInvoice,
		open: func(s *store, lines ...taphoa.DetailInput) int64 {
			return s.invoice(taphoa.InvoiceInput{
				InvoiceDetails: lines, DeliveryDetail: &taphoa.DeliveryInput{Receiver: taphoa.Some("Lan"), Address: taphoa.Some("1 Hàng Bạc")},
			}).ID
		},
		done: func(_ *store, id int64) func(*db.Tx) error {
			return setInvoice(id, taphoa.InvoiceInput{DeliveryDetail: &taphoa.DeliveryInput{Status: taphoa.Some[int64](taphoa.DeliveryDelivered)}})
		},
		void: func(id int64) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := sales.DeleteInvoice(tx, &taphoa.InvoiceDelete{ID: id})
				return err
			}
		},
	},
}

// refusedWith is refused, by some words of the sentence.
func (s *store) refusedWith(words string, op func(*db.Tx) error) {
	s.t.Helper()
	err := s.d.Write(s.t.Context(), s.who, op)
	var refusal *taphoa.Error
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Message, words) {
		s.t.Errorf("got %v, want a refusal that says %q", err, words)
	}
}

// doomedProduct is a product of a kind that is sold, and what is deleted so that it is gone.
func (s *store) doomedProduct(how, code string) (sold, doomed int64) {
	s.t.Helper()
	base := s.product("B"+code, 10_000, 100, 5_000)
	switch how {
	case "unit", "base of the unit":
		sold = s.goods(taphoa.ProductInput{
			Name: taphoa.Some("Hộp"), Code: taphoa.Some(code), Unit: taphoa.Some("hộp"), MasterUnitID: taphoa.Some(base), ConversionValue: taphoa.Some(taphoa.Units(2)),
		})
		if how == "base of the unit" {
			return sold, base
		}
	case "combo":
		sold = s.goods(taphoa.ProductInput{
			Name: taphoa.Some("Combo"), Code: taphoa.Some(code), Type: taphoa.Some(taphoa.ProductCombo),
			ProductFormulas: []taphoa.MaterialInput{{MaterialID: base, Quantity: taphoa.Units(2)}},
		})
	default:
		sold = s.product(code, 10_000, 100, 5_000)
	}
	return sold, sold
}

func pricedLine(product int64, quantity, price int64) taphoa.DetailInput {
	l := line(product, quantity)
	l.Price = taphoa.Some(taphoa.Dong(price))
	return l
}

func TestSalesUnderWayKeepProductsThatAreGone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock, "UseDelivery", "true")
		for i, doc := range documentsUnderWay {
			for j, how := range []string{"product", "unit", "base of the unit", "combo", "stopped", "not for sale"} {
				t.Run(doc.name+", "+how, func(t *testing.T) {
					s.t = t
					code := fmt.Sprintf("X%d%d", i, j)
					tea, doomed := s.doomedProduct(how, code)
					lines := []taphoa.DetailInput{pricedLine(tea, 6, 10_000), pricedLine(s.sugar, 4, 20_000)}
					finished, lowered, byCode, voided := doc.open(s, lines...), doc.open(s, lines...), doc.open(s, lines...), doc.open(s, lines...)
					s.write(func(tx *db.Tx) (err error) {
						switch how {
						case "stopped":
							_, err = catalog.UpdateProduct(tx, &taphoa.ProductInput{ID: tea, IsActive: taphoa.Some(false)})
						case "not for sale":
							_, err = catalog.UpdateProduct(tx, &taphoa.ProductInput{ID: tea, AllowsSale: taphoa.Some(false)})
						default:
							_, err = catalog.DeleteProduct(tx, &taphoa.ByID{ID: doomed})
						}
						return err
					})
					s.write(doc.set(finished, "Giao buổi sáng", nil))
					s.write(doc.done(s, finished))
					s.write(doc.set(lowered, "Bớt", []taphoa.DetailInput{pricedLine(s.coffee, 1, 50_000), pricedLine(tea, 3, 10_000), pricedLine(s.sugar, 5, 20_000)}))
					s.refusedWith("giữ hoặc giảm số lượng", doc.set(lowered, "Thêm", []taphoa.DetailInput{pricedLine(tea, 2, 10_000), pricedLine(tea, 2, 9_000)}))
					s.write(doc.done(s, lowered))
					if how != "stopped" && how != "not for sale" {
						s.product(code, 77_000, 10, 1_000) // the code is another product's by now
					}
					named := pricedLine(0, 2, 10_000)
					named.ProductID, named.ProductCode = taphoa.Opt[int64]{}, taphoa.Some(strings.ToLower(code))
					s.write(doc.set(byCode, "Bớt", []taphoa.DetailInput{named, pricedLine(s.sugar, 4, 20_000)}))
					s.write(doc.done(s, byCode))
					s.write(doc.void(voided))
					s.balanced()
					fresh := doc.open(s, pricedLine(s.sugar, 4, 20_000))
					words := "không tồn tại"
					if how == "stopped" || how == "not for sale" {
						words = "ngừng kinh doanh"
					}
					s.refusedWith(words, doc.set(fresh, "Thêm", []taphoa.DetailInput{pricedLine(s.sugar, 4, 20_000), pricedLine(tea, 1, 10_000)}))
				})
			}
		}
	})
}

func TestAnOrderKeepsTheSurchargeThatIsStopped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock, "UseSurcharge", "true")
		var fee int64
		s.write(func(tx *db.Tx) error {
			made, err := cash.CreateSurcharge(tx, &taphoa.SurchargeInput{Name: "Phí gói", Value: taphoa.Some(taphoa.Dong(5_000))})
			fee = made.Data.ID
			return err
		})
		charged := []taphoa.SurchargeWrite{{ID: taphoa.Some(fee), Price: taphoa.Some(taphoa.Dong(5_000))}}
		in := taphoa.OrderInput{OrderDetails: []taphoa.DetailInput{line(s.coffee, 2)}, Surcharges: charged}
		echoed, invoiced := s.order(in), s.order(in)
		s.write(func(tx *db.Tx) error {
			_, err := cash.DeleteSurcharge(tx, &taphoa.ByID{ID: fee})
			return err
		})
		s.write(setOrder(echoed.ID, taphoa.OrderInput{Surcharges: charged, OrderDetails: []taphoa.DetailInput{line(s.coffee, 1)}}))
		v := s.invoice(taphoa.InvoiceInput{OrderID: taphoa.Some(invoiced.ID), Surcharges: charged})
		if v.Total != taphoa.Dong(105_000) {
			t.Errorf("the invoice comes to %v", v.Total)
		}
		s.refusedWith("ngừng sử dụng", func(tx *db.Tx) error {
			_, err := sales.CreateOrder(tx, &taphoa.OrderInput{
				BranchID: taphoa.Some(s.branch), OrderDetails: []taphoa.DetailInput{line(s.coffee, 2)}, Surcharges: charged,
			})
			return err
		})
	})
}

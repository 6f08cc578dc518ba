package supply_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/supply"
)

// named is how a line names its product.
type named struct {
	id   int64
	code string
}

func (n named) key() (id taphoa.Opt[int64], code taphoa.Opt[string]) {
	if n.code != "" {
		return id, taphoa.Some(n.code)
	}
	return taphoa.Some(n.id), code
}

// underWay is a kind of document that is not finished, of two lines.
type underWay struct {
	name string
	open func(s *testShop, first, second int64) (id int64) // 6 of the first product, 4 of the second
	set  func(id int64, in []named, quantities ...int64) func(*db.Tx) error
	note func(id int64) func(*db.Tx) error
	done func(id int64) func(*db.Tx) error
	void func(id int64) func(*db.Tx) error
}

func transferLines(in []named, quantities []int64) (lines []taphoa.TransferLineInput) {
	for i, n := range in {
		l := of(0, quantities[i])
		l.ProductID, l.ProductCode = n.key()
		lines = append(lines, l)
	}
	return lines
}

func transferUnderWay(name string, status int64) underWay {
	return underWay{
		name: name,
		open: func(s *testShop, first, second int64) int64 {
			return s.create(s.transfer(status, of(first, 6), of(second, 4))).ID
		},
		set: func(id int64, in []named, quantities ...int64) func(*db.Tx) error {
			return update(id, taphoa.TransferInput{TransferDetails: transferLines(in, quantities)})
		},
		note: func(id int64) func(*db.Tx) error {
			return update(id, taphoa.TransferInput{Description: taphoa.Some("x")})
		},
		done: func(id int64) func(*db.Tx) error { return to(id, taphoa.TransferReceived) },
		void: void,
	}
}

func purchaseDetails(in []named, quantities []int64) (lines []taphoa.PurchaseOrderDetailIn) {
	for i, n := range in {
		l := bought(0, quantities[i], 10_000)
		l.ProductID, l.ProductCode = n.key()
		lines = append(lines, l)
	}
	return lines
}

func changePurchase(id int64, in taphoa.PurchaseOrderInput) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := supply.UpdatePurchaseOrder(tx, &taphoa.PurchaseOrderUpdate{ByID: taphoa.ByID{ID: id}, PurchaseOrderInput: in})
		return err
	}
}

func completePurchase(id int64) func(*db.Tx) error {
	return changePurchase(id, taphoa.PurchaseOrderInput{IsDraft: taphoa.Some("false")})
}

func (s *testShop) draftPurchase(in taphoa.PurchaseOrderInput) (id int64) {
	s.t.Helper()
	in.BranchID, in.IsDraft = taphoa.Some(s.branches[0]), taphoa.Some("true")
	s.write(func(tx *db.Tx) error {
		o, err := supply.CreatePurchaseOrder(tx, &in)
		if err == nil {
			id = o.ID
		}
		return err
	})
	return id
}

func orderUnderWay(name string, status int64, done func(id int64) func(*db.Tx) error) underWay {
	return underWay{
		name: name,
		open: func(s *testShop, first, second int64) int64 {
			return s.orderFrom(s.orderInput(status, ordered(first, 6, 10_000), ordered(second, 4, 10_000))).ID
		},
		set: func(id int64, in []named, quantities ...int64) func(*db.Tx) error {
			var lines []taphoa.OrderSupplierDetailInput
			for i, n := range in {
				l := ordered(0, quantities[i], 10_000)
				l.ProductID, l.ProductCode = n.key()
				lines = append(lines, l)
			}
			return reorder(id, taphoa.OrderSupplierInput{Details: lines})
		},
		note: func(id int64) func(*db.Tx) error {
			return reorder(id, taphoa.OrderSupplierInput{Discount: taphoa.Some(taphoa.Dong(1_000))})
		},
		done: done,
		void: cancel,
	}
}

var documentsUnderWay = []underWay{
	transferUnderWay("a draft of a transfer", taphoa.TransferDraft),
	transferUnderWay("a transfer on its way", taphoa.TransferSent),
	{
		name: "a draft of a purchase",
		open: func(s *testShop, first, second int64) int64 {
			return s.draftPurchase(taphoa.PurchaseOrderInput{PurchaseOrderDetails: purchaseDetails([]named{{id: first}, {id: second}}, []int64{6, 4})})
		},
		set: func(id int64, in []named, quantities ...int64) func(*db.Tx) error {
			return changePurchase(id, taphoa.PurchaseOrderInput{PurchaseOrderDetails: purchaseDetails(in, quantities)})
		},
		note: func(id int64) func(*db.Tx) error {
			return changePurchase(id, taphoa.PurchaseOrderInput{Description: taphoa.Some("x")})
		},
		done: completePurchase,
		void: unbuy,
	},
	orderUnderWay("a draft of an order to a supplier", taphoa.OrderSupplierDraft, func(id int64) func(*db.Tx) error {
		return reorder(id, taphoa.OrderSupplierInput{Status: taphoa.Some[int64](taphoa.OrderSupplierConfirmed)})
	}),
	orderUnderWay("an order to a supplier", taphoa.OrderSupplierConfirmed, func(id int64) func(*db.Tx) error {
		return func(tx *db.Tx) error {
			found, err := supply.GetOrderSupplier(tx, &taphoa.ByID{ID: id})
			if err != nil {
				return err
			}
			in := taphoa.PurchaseOrderInput{OrderSupplierID: taphoa.Some(id)}
			for _, l := range found.Data[0].Details {
				line := bought(0, 0, 10_000)
				line.ProductID, line.ProductCode, line.Quantity = taphoa.Opt[int64]{}, taphoa.Some(l.ProductCode), taphoa.Some(l.Quantity)
				in.PurchaseOrderDetails = append(in.PurchaseOrderDetails, line)
			}
			_, err = supply.CreatePurchaseOrder(tx, &in)
			return err
		}
	}),
	{
		name: "a draft of a stock take",
		open: func(s *testShop, first, second int64) int64 {
			return s.count(1, counted(first, 6), counted(second, 4)).ID
		},
		set: func(id int64, in []named, quantities ...int64) func(*db.Tx) error {
			var lines []taphoa.StockTakeLineInput
			for i, n := range in {
				l := counted(0, quantities[i])
				l.ProductID, l.ProductCode = n.key()
				lines = append(lines, l)
			}
			return recount(id, taphoa.StockTakeInput{StockTakeDetails: lines})
		},
		note: func(id int64) func(*db.Tx) error {
			return recount(id, taphoa.StockTakeInput{Description: taphoa.Some("x")})
		},
		done: balance,
		void: discard,
	},
}

// refusedWith is refusedLike, whatever member the refusal names.
func (s *testShop) refusedWith(words string, op func(*db.Tx) error) {
	s.t.Helper()
	before := s.stamp()
	err := s.d.Write(s.t.Context(), s.who, op)
	var refusal *taphoa.Error
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Message, words) || s.stamp() != before {
		s.t.Errorf("got %v, want a refusal that says %q and changes nothing", err, words)
	}
}

func (s *testShop) deleteProduct(id int64) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		_, err := catalog.DeleteProduct(tx, &taphoa.ByID{ID: id})
		return err
	})
}

func TestDocumentsUnderWayKeepProductsThatAreDeleted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		for i, doc := range documentsUnderWay {
			for j, how := range []string{"product", "unit", "base of the unit", "variant"} {
				t.Run(doc.name+", "+how, func(t *testing.T) {
					s.t = t
					code := func(name string) string { return fmt.Sprintf("%s-%d-%d", name, i, j) }
					salt, other := s.product(code("MUOI"), nil), s.product(code("DUONG"), nil)
					base := s.product(code("TRA"), func(in *taphoa.ProductInput) {
						if how == "variant" {
							in.Attributes = []taphoa.AttributeInput{{AttributeName: "Màu", AttributeValue: "Xanh"}}
						}
					})
					tea, doomed, name := base, base, code("TRA")
					if how == "unit" || how == "base of the unit" {
						name = code("HOP")
						tea = s.crate(base, name, taphoa.Units(2))
					}
					if how == "unit" {
						doomed = tea
					}
					s.buy(base, 0, 100, 10_000)
					s.buy(salt, 0, 100, 10_000)
					finished, lowered, byCode, voided := doc.open(s, tea, salt), doc.open(s, tea, salt), doc.open(s, tea, salt), doc.open(s, tea, salt)
					s.deleteProduct(doomed)
					s.write(doc.note(finished))
					s.refusedWith("không tồn tại", doc.set(finished, []named{{id: 987_654}, {id: salt}}, 6, 4))
					s.write(doc.done(finished))
					s.write(doc.set(lowered, []named{{id: tea}, {id: salt}, {id: other}}, 3, 5, 1))
					s.write(doc.set(lowered, []named{{id: salt}, {id: tea}}, 5, 3))
					if doc.name != "a draft of a stock take" {
						s.refusedWith("giữ hoặc giảm số lượng", doc.set(lowered, []named{{id: salt}, {id: tea}, {id: tea}}, 5, 3, 1))
					}
					s.write(doc.done(lowered))
					s.product(name, nil) // the code is another product's by now
					s.write(doc.set(byCode, []named{{code: name}, {id: salt}}, 2, 4))
					s.write(doc.done(byCode))
					s.write(doc.void(voided))
					s.balanced()
					fresh := doc.open(s, salt, other)
					s.refusedWith("không tồn tại", doc.set(fresh, []named{{id: salt}, {id: tea}}, 1, 1))
				})
			}
		}
	})
}

func TestDocumentsUnderWayKeepWhatIsStoppedAndSuppliersAndBranchesThatAreGone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openShop(t, d, clock)
		tea := s.product("TRA", nil)
		var supplier int64
		s.write(func(tx *db.Tx) error {
			made, err := party.CreateSupplier(tx, &taphoa.SupplierInput{Name: taphoa.Some("Chị Ba"), Code: taphoa.Some("BA")})
			if err == nil {
				supplier = made.ID
			}
			return err
		})
		s.branches[0] = s.branches[2] // which has nothing, and is closed below
		orderIn := s.orderInput(1, ordered(tea, 3, 10_000))
		orderIn.SupplierID = taphoa.Some(supplier)
		order, draft := s.orderFrom(orderIn).ID, s.draftPurchase(taphoa.PurchaseOrderInput{
			SupplierID: taphoa.Some(supplier), PurchaseOrderDetails: purchaseDetails([]named{{id: tea}}, []int64{5}),
		})
		take := s.count(1, counted(tea, 0)).ID
		s.write(func(tx *db.Tx) error {
			// as a shop has it that deleted them before open orders were looked at
			_, err := tx.Exec(`UPDATE suppliers SET deleted_at = :now WHERE retailer_id = :retailer AND id = ?`, supplier)
			if tx.Count("suppliers", -1, supplier); err == nil {
				_, err = org.CloseBranch(tx, &taphoa.ByID{ID: s.branches[2]})
			}
			return err
		})
		s.write(func(tx *db.Tx) error {
			_, err := catalog.UpdateProduct(tx, &taphoa.ProductInput{ID: tea, IsActive: taphoa.Some(false)})
			return err
		})
		s.refusedWith("giữ hoặc giảm số lượng", changePurchase(draft, taphoa.PurchaseOrderInput{PurchaseOrderDetails: purchaseDetails([]named{{id: tea}}, []int64{6})}))
		echo := taphoa.PurchaseOrderInput{
			Supplier: &taphoa.DocumentSupplier{ID: taphoa.Some(supplier), Code: taphoa.Some("BA")}, Description: taphoa.Some("x"),
		}
		s.write(changePurchase(draft, echo))
		s.write(changePurchase(draft, taphoa.PurchaseOrderInput{SupplierID: taphoa.Some(supplier), IsDraft: taphoa.Some("false")}))
		s.write(reorder(order, taphoa.OrderSupplierInput{SupplierID: taphoa.Some(supplier), BranchID: taphoa.Some(s.branches[2])}))
		s.receive(order, false, bought(tea, 3, 10_000))
		s.write(balance(take))
		s.has("received", tea, 2, 8, "10000")
		s.refusedLike("supplierId", "không tồn tại", func(tx *db.Tx) error {
			_, err := supply.CreatePurchaseOrder(tx, &taphoa.PurchaseOrderInput{
				BranchID: taphoa.Some(s.branches[1]), SupplierID: taphoa.Some(supplier), PurchaseOrderDetails: purchaseDetails([]named{{id: tea}}, []int64{5}),
			})
			return err
		})
	})
}

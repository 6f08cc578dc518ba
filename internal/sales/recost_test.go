package sales_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/stock"
)

// goodsCost is what the goods of an invoice cost, a piece.
func (s *store) goodsCost(invoice int64) (cost taphoa.Money) {
	s.t.Helper()
	s.read(func(tx *db.Tx) (err error) {
		cost, _, err = db.One[taphoa.Money](tx, `
			SELECT cost FROM stock_postings
			WHERE retailer_id = :retailer AND kind = 'invoice' AND document_id = ? ORDER BY step, line LIMIT 1`, invoice)
		return err
	})
	return cost
}

// TestASaleCostsWhatItsGoodsCostOnItsDay as far as the shop lets its people change the time of a sale.
func TestASaleCostsWhatItsGoodsCostOnItsDay(t *testing.T) {
	const day = taphoa.Time(24 * 3600 * 1_000_000)
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openStore(t, d, clock)
		tea := s.product("TRA", 10_000, 100, 4_000)
		opened := clock.Now()
		clock.Advance(5 * 24 * 3600)
		bought := clock.Now()
		s.write(func(tx *db.Tx) error {
			doc := stock.Document{Kind: "purchase", ID: 1, EffectiveAt: bought}
			_, err := stock.Post(tx, doc, []stock.Posting{{
				ProductID: tea, From: stock.Supplier, To: stock.Location(s.branch), Quantity: taphoa.Units(100), Cost: taphoa.Some(taphoa.Dong(6_000)),
			}}, stock.Limits{})
			return err
		})
		clock.Advance(3600)
		v := s.invoice(taphoa.InvoiceInput{InvoiceDetails: []taphoa.DetailInput{line(tea, 50)}})
		if cost := s.goodsCost(v.ID); cost != taphoa.Dong(5_000) {
			t.Errorf("sold at a cost of %v, want 5000", cost)
		}
		redate := func(to taphoa.Time, details []taphoa.DetailInput) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				in := &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: v.ID}}
				in.PurchaseDate, in.InvoiceDetails = taphoa.Some(to), details
				_, err := sales.UpdateInvoice(tx, in)
				return err
			}
		}
		average := func() (cost taphoa.Money) {
			s.read(func(tx *db.Tx) error {
				levels, err := stock.Levels(tx, []int64{tea}, []int64{s.branch})
				cost = levels[0].Cost
				return err
			})
			return cost
		}

		s.write(redate(opened+day, nil)) // 50 are left at 4000 when 100 come at 6000
		if cost, now := s.goodsCost(v.ID), average(); cost != taphoa.Dong(4_000) || now.RoundDong() != taphoa.Dong(5_333) {
			t.Errorf("sold before the purchase at %v, and %v afterwards; want 4000 and 5333", cost, now)
		}
		s.write(redate(bought+1, []taphoa.DetailInput{line(tea, 60)}))
		if cost, now := s.goodsCost(v.ID), average(); cost != taphoa.Dong(5_000) || now != taphoa.Dong(5_000) {
			t.Errorf("sold after the purchase at %v, and %v afterwards; want 5000 twice", cost, now)
		}
		s.write(func(tx *db.Tx) error { return org.SetSetting(tx, "ForbidSaleTimeChange", "true") })
		s.refused("Thiết lập “Không cho phép thay đổi thời gian bán hàng” đang không được bật", redate(opened+day, nil))
		s.refused("Thiết lập “Không cho phép thay đổi thời gian bán hàng” đang không được bật", func(tx *db.Tx) error {
			_, err := sales.CreateInvoice(tx, &taphoa.InvoiceInput{
				BranchID: taphoa.Some(s.branch), InvoiceDetails: []taphoa.DetailInput{line(tea, 1)}, PurchaseDate: taphoa.Some(opened + day),
			})
			return err
		})
		if cost, now := s.goodsCost(v.ID), average(); cost != taphoa.Dong(5_000) || now != taphoa.Dong(5_000) {
			t.Errorf("a refused sale time has changed costs to %v and %v", cost, now)
		}
		s.write(redate(bought-day/2, nil)) // within a day it is allowed all the same
		if cost := s.goodsCost(v.ID); cost != taphoa.Dong(4_000) {
			t.Errorf("sold before the purchase at %v, want 4000", cost)
		}
		s.balanced()
	})
}

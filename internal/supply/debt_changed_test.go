package supply_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/supply"
)

// suppliersTold counts the events of suppliers since the last call.
func (s *buyer) suppliersTold(after *int64) (events int) {
	s.t.Helper()
	s.read(func(tx *db.Tx) error {
		feed, err := event.Feed(tx, &taphoa.EventQuery{After: taphoa.Some(*after), Limit: taphoa.EventLimitMax})
		*after = feed.Next
		for _, e := range feed.Data {
			if e.Type == "supplier.update" {
				events++
			}
		}
		return err
	})
	return events
}

func TestASupplierWhoHasMovedIsToldOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := openBuyer(t, d, clock, "taphoa")
		var after int64
		s.suppliersTold(&after)
		check := func(when string, want int, op func()) {
			t.Helper()
			s.clock.Advance(60)
			op()
			if got := s.suppliersTold(&after); got != want {
				t.Errorf("%s: %d events, want %d", when, got, want)
			}
			s.read(func(tx *db.Tx) error {
				page, err := party.ListSuppliers(tx, &taphoa.SupplierQuery{
					Paging: taphoa.Paging{PageSize: 10}, LastModifiedFrom: taphoa.Some(s.clock.Now()),
				})
				if len(page.Data) != want {
					t.Errorf("%s: %d suppliers are modified, want %d", when, len(page.Data), want)
				}
				return err
			})
		}
		var owed taphoa.PurchaseOrder
		check("paid at once", 0, func() { s.goods(500, 500) })
		check("on credit", 1, func() { owed = s.goods(500, 0) })
		check("a draft", 0, func() { s.goods(100, 0, asDraft) })
		check("a payment for it", 1, func() { s.write(paying(owed.ID, 200_000, nil)) })
		check("a voucher", 1, func() { s.write(s.voucher(100_000, nil)) })
		check("the purchase is void", 1, func() {
			s.write(func(tx *db.Tx) error {
				_, err := supply.DeletePurchaseOrder(tx, &taphoa.PurchaseOrderDelete{ID: owed.ID})
				return err
			})
		})
		check("without a name", 0, func() { s.goods(100, 0, unnamed) })
	})
}

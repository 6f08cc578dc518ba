package main

import (
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/org"
)

// TestTheAuditLogIsKeptAsLongAsTheShopWants: one shop keeps all, the other 90 days; a restore is in both.
func TestTheAuditLogIsKeptAsLongAsTheShopWants(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		var shops [2]int64
		for i, code := range []string{"giumai", "chinmuoi"} {
			if err := d.Write(t.Context(), db.Actor{}, func(tx *db.Tx) error {
				audit.Operation(tx, "openShop", "")
				shop, err := org.CreateShop(tx, code, code)
				shops[i] = shop.RetailerID
				if err == nil && i == 1 {
					err = org.SetSetting(tx, "AuditDays", "90")
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		operations := func(shop int64) (all []string) {
			err := d.Read(t.Context(), db.Actor{Retailer: shop}, func(tx *db.Tx) error {
				page, err := audit.List(tx, &taphoa.AuditQuery{Limit: 10}, nil)
				for _, e := range page.Data {
					all = append(all, e.Operation)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		for _, c := range []struct {
			days time.Duration
			want string
		}{{89, "openShop, openShop"}, {91, "openShop, pruneAudit"}} {
			if err := pruneAudit(t.Context(), d, clock.Now().Add(c.days*24*time.Hour)); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(append(operations(shops[0]), operations(shops[1])...), ", "); got != c.want {
				t.Errorf("after %d days: %s, want %s", c.days, got, c.want)
			}
		}
		if err := d.Write(t.Context(), db.Actor{}, afterRestore); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(append(operations(shops[0]), operations(shops[1])...), ", "); got != "taphoa restore, openShop, taphoa restore, pruneAudit" {
			t.Errorf("after a restore: %s", got)
		}
	})
}

package main

import (
	"context"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// pruneAudit removes what each shop no longer wants to keep of its audit log. Most shops keep all, and are only asked.
func pruneAudit(ctx context.Context, d *db.DB, now taphoa.Time) error {
	keeps := map[int64]int64{} // days
	err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
		shops, err := org.ListShops(tx)
		for _, shop := range shops {
			of := *tx
			if of.Retailer = shop.RetailerID; err == nil {
				var settings org.Settings
				settings, err = org.GetSettings(&of)
				keeps[shop.RetailerID] = settings.AuditDays
			}
		}
		return err
	})
	for shop, days := range keeps {
		for more := days > 0; more && err == nil; {
			err = d.Write(ctx, db.Actor{Retailer: shop}, func(tx *db.Tx) (err error) {
				more, err = audit.Prune(tx, now.Add(-time.Duration(days)*24*time.Hour))
				return err
			})
		}
	}
	return err
}

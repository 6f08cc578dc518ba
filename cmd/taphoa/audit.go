package main

import (
	"context"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// pruneAudit removes what each shop no longer wants to keep of its audit log.
func pruneAudit(ctx context.Context, d *db.DB, now taphoa.Time) error {
	var shops []org.Shop
	err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		shops, err = org.ListShops(tx)
		return err
	})
	for _, shop := range shops {
		for more := err == nil; more && err == nil; {
			err = d.Write(ctx, db.Actor{Retailer: shop.RetailerID}, func(tx *db.Tx) error {
				settings, err := org.GetSettings(tx)
				if more = false; err == nil && settings.AuditDays > 0 {
					more, err = audit.Prune(tx, now.Add(-time.Duration(settings.AuditDays)*24*time.Hour))
				}
				return err
			})
		}
	}
	return err
}

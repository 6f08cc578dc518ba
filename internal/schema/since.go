package schema

import (
	"context"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Since are the migrations that have been applied at an instant or after it, in order.
func Since(ctx context.Context, d *db.DB, at taphoa.Time) (names []string, err error) {
	err = d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		names, err = db.All[string](tx.Everywhere(), "SELECT name FROM schema_migrations WHERE applied_at >= ? ORDER BY name", at)
		return err
	})
	return names, err
}

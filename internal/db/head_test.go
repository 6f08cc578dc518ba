package db_test

import (
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// head is what the head of a shop says.
func head(t *testing.T, d *db.DB, who db.Actor) (h db.Head) {
	t.Helper()
	read(t, d, who, func(tx *db.Tx) (err error) {
		h, err = tx.Head()
		return err
	})
	return h
}

func TestAWriteThatFindsNothingToChangeLeavesTheHeadAlone(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		write(t, d, shop, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, 'A', 0)`)
			return err
		})
		before := head(t, d, shop)
		if before.At != clock.Now() {
			t.Fatalf("the first change was at %v, not %v", before.At, clock.Now())
		}
		for _, sql := range []string{
			`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, 'A', 1) ON CONFLICT DO NOTHING`,
			`DELETE FROM settings WHERE retailer_id = :retailer AND name = 'none'`,
		} {
			clock.Advance(60)
			write(t, d, shop, func(tx *db.Tx) error {
				n, err := tx.Exec(sql)
				if n != 0 {
					t.Errorf("%d rows changed by %s", n, sql)
				}
				last, e := tx.LastChange()
				if e != nil || taphoa.Time(last) != before.At {
					t.Errorf("the last change was at %v (%v) behind %s", last, e, sql)
				}
				return err
			})
			if after := head(t, d, shop); after != before {
				t.Errorf("%s makes of the head %+v, was %+v", sql, after, before)
			}
		}
	})
}

//go:build linux || darwin

package stock_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestASaleChangesALevelInItsPage: PostgreSQL writes a changed row beside the old one, without a new entry in any index, when
// none of them has what has changed and the page has space.
func TestASaleChangesALevelInItsPage(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	d := dbtest.Open(t, dbtest.OwnServer(t).URL("postgres"), clock)
	const products, sales, lines = 2000, 600, 5
	type counts struct{ Updated, InPage int64 }
	count := func() (n counts) {
		err := d.Read(t.Context(), db.Actor{}, func(tx *db.Tx) (err error) {
			n, _, err = db.One[counts](tx.Everywhere(), `
				SELECT n_tup_upd AS updated, n_tup_hot_upd AS in_page FROM pg_stat_user_tables WHERE relname = 'stock_levels'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	write(t, d, func(tx *db.Tx) error {
		for p := int64(1); p <= products; p++ {
			tx.Queue(`
				INSERT INTO stock_levels (retailer_id, product_id, branch_id, on_hand, changed_at) VALUES (:retailer, ?, 1, 10000000, :now)`, p)
		}
		return nil
	})
	before := count() // of earlier tests
	by := rand.New(rand.NewPCG(1, 2))
	for sale := range int64(sales) {
		clock.Advance(1)
		write(t, d, func(tx *db.Tx) error {
			for line := range int64(lines) {
				if err := post(tx, sale*lines+line+1, 0, free, sell(1+by.Int64N(products), 1, 1)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	var now counts
	for end := time.Now().Add(20 * time.Second); now.Updated-before.Updated < sales*lines && time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		now = count()
	}
	updated, inPage := now.Updated-before.Updated, now.InPage-before.InPage
	if updated < sales*lines || inPage < updated*3/4 {
		t.Errorf("%d of %d updates of levels stay in their page", inPage, updated)
	}
	t.Logf("%d of %d updates of levels stay in their page", inPage, updated)
}

package stock_test

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/schema"
	"github.com/taphoa/taphoa/internal/stock"
)

// TestALedgerFromBeforeRecostingKeepsItsPresentCosts upgrades a database with the costs in the order of entry, one
// of them set by a stock take that left no posting.
func TestALedgerFromBeforeRecostingKeepsItsPresentCosts(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			clock := dbtest.NewClock()
			d, err := db.Open(t.Context(), dbtest.URL(t, engine), db.Options{Now: clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			dbtest.MigrateBefore(t, d, "0010", "")
			script := `
				INSERT INTO stock_levels (retailer_id, product_id, branch_id, on_hand, cost, changed_at)
				VALUES (1, 7, 1, 90000, 7770000, 50), (1, 8, 1, 0, 1230000, 50);`
			for _, p := range []string{ // kind, document, step, line, product, from, to, quantity, cost, effective, posted
				"'purchase', 1, 1, 1, 7, -1, 1, 100000, 1000000, 10, 20",
				"'invoice', 1, 1, 1, 7, 1, -2, 20000, 1000000, 30, 30",
				"'invoice', 1, 2, 1, 7, -2, 1, 10000, 1000000, 40, 40",
			} {
				script += fmt.Sprintf(`
					INSERT INTO stock_postings (retailer_id, kind, document_id, step, line, product_id, from_place, to_place,
						quantity, cost, effective_at, posted_at) VALUES (1, %s);`, p)
			}
			if err := d.Script(t.Context(), script); err != nil {
				t.Fatal(err)
			}
			if _, err := schema.Migrate(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			if err := stock.RecostAll(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			check(t, d, strict)
			if a, b := level(t, d, 7, 1), level(t, d, 8, 1); a.Cost != taphoa.Dong(777) || b.Cost != taphoa.Dong(123) || a.OnHand != pieces(9) {
				t.Errorf("goods cost %v and %v, want 777 and 123; on hand %v", a.Cost, b.Cost, a.OnHand)
			}
			write(t, d, func(tx *db.Tx) error { // an old purchase gets another price: old sales follow, the present does not
				doc := stock.Document{Kind: "purchase", ID: 1, Step: 1, EffectiveAt: 10}
				_, err := stock.Post(tx, doc, []stock.Posting{buy(7, 1, 10, 200)}, strict)
				return err
			})
			if cost := costsOf(t, d, shop, 7, 7)[line{"invoice", 1, 7, 1, stock.Customer, 0}]; cost != taphoa.Dong(200) {
				t.Errorf("the old sale cost %v, want 200", cost)
			}
			write(t, d, func(tx *db.Tx) error { return post(tx, 9, 0, strict, buy(7, 1, 9, 333)) })
			if l := level(t, d, 7, 1); l.Cost != taphoa.Dong(555) {
				t.Errorf("goods cost %v, want 555", l.Cost)
			}
			check(t, d, strict)
		})
	}
}

package catalog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/schema"
)

// TestAShopFromBeforeEventsOfOrdersFindsTheirChanges: no event names what an order to a supplier had changed, and no
// index has it any more.
func TestAShopFromBeforeEventsOfOrdersFindsTheirChanges(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			clock := dbtest.NewClock()
			d, err := db.Open(t.Context(), dbtest.URL(t, engine), db.Options{Now: clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			script := "CREATE TABLE schema_migrations (name TEXT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL) {{clustered}};\n"
			files, err := filepath.Glob("../schema/migrations/*.sql")
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				if filepath.Base(f) >= "0024" {
					break
				}
				text, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				script += string(text) + fmt.Sprintf("\nINSERT INTO schema_migrations (name, applied_at) VALUES ('%s', 1);\n", filepath.Base(f))
			}
			now := int64(clock.Now())
			const minute = 60_000_000
			for shop := 1; shop <= 2; shop++ { // the second has nothing to sell
				script += fmt.Sprintf(`
					INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (%[1]d, 's%[1]d', 's%[1]d', 'S', %[2]d);
					INSERT INTO shop_heads (retailer_id, at, last_seq, told, kept) VALUES (%[1]d, %[2]d, 2, 2, 2);
					INSERT INTO branches (retailer_id, id, branch_name, name_key, created_date, changed_at) VALUES (%[1]d, 1, 'C', 'c', 1, 1);
					INSERT INTO events (retailer_id, seq, type, at, data)
					VALUES (%[1]d, 1, 'stock.update', %[3]d, '[{"ProductId":1}]'), (%[1]d, 2, 'order.update', %[2]d, '[]');
					`, shop, now, now-9*minute)
			}
			for id, changed := range map[int]int64{1: now - 9*minute, 2: now - 5*minute} { // the second by an order to a supplier
				script += fmt.Sprintf(`
					INSERT INTO products (retailer_id, id, code, code_key, name, full_name, search, category_id, type, description, allows_sale,
						is_active, is_reward_point, unit, conversion_value, base_price, weight, images, is_lot_serial_control,
						is_batch_expire_control, created_by, created_date, changed_at)
					VALUES (1, %[1]d, 'SP%[1]d', 'sp%[1]d', 'S', 'S', 's', 1, 2, '', TRUE, TRUE, TRUE, '', 10000, 1, 1, '', FALSE, FALSE, 1, 1, 1);
					INSERT INTO stock_levels (retailer_id, product_id, branch_id, changed_at) VALUES (1, %[1]d, 1, %[2]d);`, id, changed)
			}
			if err := d.Script(t.Context(), script); err != nil {
				t.Fatal(err)
			}
			if _, err := schema.Migrate(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			for since, want := range map[int64]int64{now - 10*minute: 2, now - 9*minute: 2, now - 5*minute: 1, now - minute: 0, now + 1: 0} {
				err := d.Read(t.Context(), db.Actor{Retailer: 1}, func(tx *db.Tx) error {
					page, err := catalog.ListProductOnHands(tx, &taphoa.OnHandQuery{
						Paging: taphoa.Paging{PageSize: 10}, LastModifiedFrom: taphoa.Some(taphoa.Time(since)),
					})
					if page.Total != want {
						t.Errorf("since %d minutes ago the stock of %d products has changed, want %d", (now-since)/minute, page.Total, want)
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			for shop, want := range map[int64]db.Head{1: {LastSeq: 3, Told: 3, Kept: 3}, 2: {LastSeq: 2, Told: 2, Kept: 2}} {
				err := d.Read(t.Context(), db.Actor{Retailer: shop}, func(tx *db.Tx) error {
					h, err := tx.Head()
					if h.LastSeq != want.LastSeq || h.Told != want.Told || h.Kept != want.Kept {
						t.Errorf("the head of shop %d is %+v", shop, h)
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

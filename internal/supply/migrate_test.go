package supply_test

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/schema"
	"github.com/taphoa/taphoa/internal/supply"
)

// TestADraftFromBeforeLinesKeptTheirInstantIsComparedWhenItIsBalanced: what its shop was told when it counted.
func TestADraftFromBeforeLinesKeptTheirInstantIsComparedWhenItIsBalanced(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			clock := dbtest.NewClock()
			d, err := db.Open(t.Context(), dbtest.URL(t, engine), db.Options{Now: clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			script := `
				INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (1, 's', 's', 'S', 1);
				INSERT INTO shop_heads (retailer_id, at, last_seq, told, kept) VALUES (1, 1, 0, 0, 0);
				INSERT INTO branches (retailer_id, id, branch_name, name_key, created_date, changed_at) VALUES (1, 1, 'C', 'c', 1, 1);
				INSERT INTO categories (retailer_id, id, category_name, name_key, parent_id, created_date, changed_at) VALUES (1, 1, 'N', 'n', 0, 1, 1);
				INSERT INTO stocktakes (retailer_id, id, code, code_key, branch_id, status, created_by_id, created_date, changed_at)
				VALUES (1, 1, 'KK1', 'kk1', 1, 1, 1, 1, 1), (1, 2, 'KK2', 'kk2', 1, 1, 1, 1, 1);`
			for id := int64(1); id <= 2; id++ {
				script += fmt.Sprintf(`
					INSERT INTO products (retailer_id, id, code, code_key, name, full_name, search, category_id, type, description, allows_sale,
						is_active, is_reward_point, unit, conversion_value, base_price, weight, images, is_lot_serial_control,
						is_batch_expire_control, created_by, created_date, changed_at)
					VALUES (1, %[1]d, 'SP%[1]d', 'sp%[1]d', 'S', 'S', 's', 1, 2, '', TRUE, TRUE, TRUE, '', 10000, 1, 1, '', FALSE, FALSE, 1, 1, 1);
					INSERT INTO stock_levels (retailer_id, product_id, branch_id, on_hand, cost, changed_at) VALUES (1, %[1]d, 1, 80000, 10000, 1);
					INSERT INTO stocktake_lines (retailer_id, stock_take_id, line, id, product_id, product_code, product_name, actual_quantity)
					VALUES (1, %[1]d, 1, %[1]d, %[1]d, 'SP%[1]d', 'S', 90000);`, id)
			}
			dbtest.MigrateBefore(t, d, "0027", script)
			if _, err := schema.Migrate(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			s := &testShop{t: t, d: d, clock: clock, who: db.Actor{Retailer: 1, User: 1}, branches: [3]int64{1}}
			if l := s.take(1).StockTakeDetails[0]; l.SystemQuantity.Has() || l.ActualQuantity != taphoa.Units(9) {
				t.Errorf("the migration has changed the line: %+v", l)
			}
			s.write(recount(1, taphoa.StockTakeInput{StockTakeDetails: []taphoa.StockTakeLineInput{counted(1, 9)}})) // the same number
			s.sell(1, 2)
			s.write(recount(2, taphoa.StockTakeInput{StockTakeDetails: []taphoa.StockTakeLineInput{counted(2, 7)}})) // another number
			s.sell(2, 2)
			for id, want := range map[int64]int64{1: 9, 2: 5} {
				s.write(balance(id))
				if left := s.onHand(id); left != taphoa.Units(want) {
					t.Errorf("count %d: %v left, want %d", id, left, want)
				}
			}
			s.write(func(tx *db.Tx) error {
				_, err := supply.DeleteStockTake(tx, &taphoa.ByID{ID: 1})
				return err
			})
			if left := s.onHand(1); left != taphoa.Units(6) {
				t.Errorf("%v left of a void count", left)
			}
		})
	}
}

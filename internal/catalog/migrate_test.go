package catalog_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

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
			dbtest.MigrateBefore(t, d, "0024", "")
			script := ""
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

// TestNamesOfAnOlderShopAreFoundByTodaysRule: what was two stays two, may be saved, and is listed.
func TestNamesOfAnOlderShopAreFoundByTodaysRule(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			clock := dbtest.NewClock()
			d, err := db.Open(t.Context(), dbtest.URL(t, engine), db.Options{Now: clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			dbtest.MigrateBefore(t, d, "0028", "")
			// As the program before wrote them: only letter case and outer blanks did not count.
			script := `
				INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (1, 's', 's', 'S', 1);
				INSERT INTO shop_heads (retailer_id, at, last_seq, told, kept) VALUES (1, 1, 0, 0, 0);
				INSERT INTO branches (retailer_id, id, branch_name, name_key, created_date, changed_at) VALUES (1, 1, 'C', 'c', 1, 1);
				INSERT INTO categories (retailer_id, id, parent_id, category_name, name_key, created_date, changed_at)
				VALUES (1, 1, 0, 'Bia', 'bia	bia', 1, 1), (1, 2, 0, 'Bia` + "\u200b" + `', 'bia` + "\u200b\tbia\u200b" + `', 1, 1);
				INSERT INTO stock_serials (retailer_id, product_id, serial_number, branch_id, status, created_date)
				VALUES (1, 1, 'IM1', 1, 1, 1), (1, 1, 'im1', 1, 0, 1), (1, 1, 'máy', 1, 1, 1), (1, 1, '` + norm.NFD.String("MÁY") + `', 1, 1, 1), (1, 1, 'X', 1, 1, 1);
				INSERT INTO id_blocks (name, value) VALUES ('products', 100), ('attributes', 100), ('categories', 100);`
			for id, p := range map[int64][3]string{ // code, bar code, unit
				1: {norm.NFD.String("ĐƯỜNG1"), "89\u200b1", "lon"}, 2: {"Đường1", "891", "Lốc"}, 3: {"ABC\u200b", "892\u00a0", norm.NFD.String("lốc")},
			} {
				base := "NULL"
				if id > 1 {
					base = "1"
				}
				script += fmt.Sprintf(`
					INSERT INTO products (retailer_id, id, code, code_key, bar_code, name, full_name, search, category_id, type, description,
						allows_sale, is_active, is_reward_point, unit, master_unit_id, conversion_value, base_price, weight, images,
						is_lot_serial_control, is_batch_expire_control, created_by, created_date, changed_at, parts)
					VALUES (1, %d, '%s', '%s', '%s', 'S', 'S', '%s', 1, 2, '', TRUE, TRUE, TRUE, '%s', %s, %d, 1, 1, '', FALSE, FALSE, 1, 1, 1, 2);`,
					id, p[0], strings.ToLower(p[0]), p[1], "s\u200bs\nx\n"+p[1], p[2], base, id*10000)
			}
			if err := d.Script(t.Context(), script); err != nil {
				t.Fatal(err)
			}
			if _, err := schema.Migrate(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			s := &shop{t: t, d: d, clock: clock, who: db.Actor{Retailer: 1, User: 1}, main: 1}
			for code, want := range map[string]int64{"đường1": 1, norm.NFD.String("Đường1"): 1, "abc": 3, "AB\u200bC": 3} {
				equal(t, code, read(s, catalog.GetProductByCode, &taphoa.ProductByCode{Code: code}).ID, want)
			}
			for range 2 { // also from memory, where the second was asked for by its id
				byID, byCode, err := itemsOf(s, []int64{2}, "ĐƯỜNG1")
				s.must(err)
				equal(t, "the product of a line", byCode["ĐƯỜNG1"].ID, 1)
				equal(t, "the other", byID[2].ID, 2)
			}
			equal(t, "what has the bar code", s.products(taphoa.ProductQuery{BarCode: "891"}).Total, 2)
			equal(t, "what has a bar code with blanks", s.products(taphoa.ProductQuery{BarCode: "892"}).Total, 1)
			equal(t, "what is found by its name", s.products(taphoa.ProductQuery{Name: "ss"}).Total, 3)
			findings := read(s, func(tx *db.Tx, _ struct{}) ([]string, error) { return schema.Outdated(tx) }, struct{}{})
			if len(findings) != 5 || !strings.HasPrefix(findings[0], "products: 2 have the code ") ||
				!strings.HasPrefix(findings[1], "products: 2 have the bar_code ") || !strings.HasPrefix(findings[2], "categories: 2 have the category_name ") ||
				!strings.HasPrefix(findings[3], "stock_serials: 2 of product 1 ") || !strings.HasPrefix(findings[4], "stock_serials: 2 of product 1 ") {
				t.Errorf("found %q", findings)
			}
			s.twins("Đường1 and ABC")

			refused(s, catalog.CreateProduct, input("Đường", coded("đường1")), "đã tồn tại")
			price := func(in *taphoa.ProductInput) { in.BasePrice = taphoa.Some(taphoa.Dong(7)) }
			for id := range int64(3) { // sent back as they are, with another price
				p := s.product(id + 1)
				same := func(in *taphoa.ProductInput) {
					in.Code, in.BarCode, in.Unit = taphoa.Some(p.Code), p.BarCode, taphoa.Some(p.Unit)
				}
				equal(t, "the code of a double", s.update(p.ID, same, price).Code, p.Code)
			}
			for id := range int64(2) {
				write(s, catalog.UpdateCategory, &taphoa.CategoryInput{ID: id + 1, CategoryName: taphoa.Some("BIA"), Rank: taphoa.Some[int64](5)})
			}
			equal(t, "a new code", s.update(1, coded("MỚI")).Code, "MỚI")
			equal(t, "who has the code then", read(s, catalog.GetProductByCode, &taphoa.ProductByCode{Code: "đường1"}).ID, 2)
		})
	}
}

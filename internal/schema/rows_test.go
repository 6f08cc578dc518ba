package schema_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/schema"
)

// counted are the tables whose rows are counted since 0022: their id, which rows are listed, and what makes one that is not.
var counted = map[string]struct{ id, live, unlisted string }{
	"products":  {"id", "deleted_at = 0", "deleted_at = 5"},
	"customers": {"id", "deleted_at = 0", "deleted_at = 5"},
	"suppliers": {"id", "deleted_at = 0", "deleted_at = 5"},
	"payments":  {"id", "method <> 'Voucher'", "method = 'Voucher'"},
	"orders":    {id: "id"}, "invoices": {id: "id"}, "returns": {id: "id"}, "einvoices": {id: "invoice_id"}, "purchase_orders": {id: "id"},
	"order_suppliers": {id: "id"}, "transfers": {id: "id"}, "stocktakes": {id: "id"}, "webhook_deliveries": {id: "id"},
}

// needed returns the columns of a table that a row must have, with their types, from the text of the migrations.
func needed(t *testing.T, table string) (columns [][]string) {
	t.Helper()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, body, found := strings.Cut(string(text), "CREATE TABLE "+table+" ("); found {
			body, _, _ = strings.Cut(body, "{{")
			return regexp.MustCompile(`(?m)^\t(\w+) +(BIGINT|TEXT|BOOLEAN) +NOT NULL *,`).FindAllStringSubmatch(body, -1)
		}
	}
	t.Fatalf("no migration makes %s", table)
	return nil
}

// insert returns the statement that stores a row of any table, given only the shop and the id.
func insert(columns [][]string, table, id string, shop, n int64) string {
	var names, values []string
	for _, c := range columns {
		value := map[string]string{"BIGINT": "1", "TEXT": fmt.Sprintf("'x%d'", n), "BOOLEAN": "FALSE"}[c[2]]
		switch c[1] {
		case "retailer_id":
			value = fmt.Sprint(shop)
		case id:
			value = fmt.Sprint(n)
		case "to_branch_id":
			value = "2"
		}
		names, values = append(names, c[1]), append(values, value)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s);\n", table, strings.Join(names, ", "), strings.Join(values, ", "))
}

// TestRowsFromBeforeTheyWereCountedAreCounted upgrades a database with rows in every range of ids, deleted ones among them, of
// two shops. Their lists return totals, and pages at every offset.
func TestRowsFromBeforeTheyWereCountedAreCounted(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			clock := dbtest.NewClock()
			d, err := db.Open(t.Context(), dbtest.URL(t, engine), db.Options{Now: clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			before(t, d, "0022")
			script := ""
			for shop := 1; shop <= 3; shop++ {
				script += fmt.Sprintf("INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (%[1]d, 's%[1]d', 's%[1]d', 'S', 1);\n", shop) +
					fmt.Sprintf("INSERT INTO shop_heads (retailer_id, at) VALUES (%d, 1);\n", shop)
			}
			living := map[string][]int64{}
			for table, c := range counted {
				columns := needed(t, table)
				for i, n := range []int64{
					1, 2, 3, 1022, 1023, 1024, 1025, 2047, 2048, 65_535, 65_536, 65_537, 70_000, 70_001, 1<<22 - 1, 1 << 22, 1<<22 + 1, 1 << 40, 1<<40 + 9,
					taphoa.IDMax - 1, taphoa.IDMax,
				} {
					script += insert(columns, table, c.id, 1, n)
					if c.live != "" && i%3 == 1 {
						script += fmt.Sprintf("UPDATE %s SET %s WHERE retailer_id = 1 AND id = %d;\n", table, c.unlisted, n)
					} else {
						living[table] = append(living[table], n)
					}
				}
				for n := int64(500); n < 530; n++ {
					script += insert(columns, table, c.id, 2, n)
				}
			}
			if err := d.Script(t.Context(), script); err != nil {
				t.Fatal(err)
			}
			if _, err := schema.Migrate(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			for shop := int64(1); shop <= 3; shop++ {
				in(t, d.Read, shop, func(tx *db.Tx) error {
					faults, err := db.CheckCounts(tx)
					if faults != nil {
						t.Errorf("shop %d: %v", shop, faults)
					}
					return err
				})
			}
			in(t, d.Read, 1, func(tx *db.Tx) error {
				for table, ids := range living {
					if err := everyDepth(t, tx, table, ids); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
}

// everyDepth compares the pages of a table's list with its ids.
func everyDepth(t *testing.T, tx *db.Tx, table string, ids []int64) error {
	t.Helper()
	c := counted[table]
	list := db.List{Table: table + " x", Columns: "x." + c.id, ID: c.id}
	if c.live != "" {
		list.Live = "x." + c.live
	}
	for _, direction := range []string{"asc", "desc"} {
		wanted := slices.Clone(ids)
		if direction == "desc" {
			slices.Reverse(wanted)
		}
		for depth := range len(ids) + 1 {
			page, err := db.ListPage[int64](tx, &list, taphoa.Paging{PageSize: 3, CurrentItem: int64(depth), OrderDirection: direction})
			if err != nil {
				return err
			}
			if page.Total != int64(len(ids)) || !slices.Equal(page.Data, wanted[depth:min(depth+3, len(ids))]) {
				t.Errorf("%s at depth %d %s: %v of %d", table, depth, direction, page.Data, page.Total)
			}
		}
	}
	return nil
}

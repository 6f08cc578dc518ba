package schema

import (
	"fmt"
	"strings"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// keyed is a column by which rows are compared, and the one that it is made of.
type keyed struct {
	table, key, of string
	make           func(string) string
}

var keys = []keyed{
	{"products", "code_key", "code", text.CodeKey},
	{"customers", "code_key", "code", text.CodeKey},
	{"suppliers", "code_key", "code", text.CodeKey},
	{"delivery_partners", "code_key", "code", text.CodeKey},
	{"purchase_orders", "code_key", "code", text.CodeKey},
	{"order_suppliers", "code_key", "code", text.CodeKey},
	{"transfers", "code_key", "code", text.CodeKey},
	{"stocktakes", "code_key", "code", text.CodeKey},
	{"surcharges", "code_key", "surcharge_code", text.CodeKey},
	{"voucher_campaigns", "code_key", "code", text.CodeKey},
	{"vouchers", "code_key", "code", text.CodeKey},
	{"coupon_campaigns", "code_key", "code", text.CodeKey},
	{"coupons", "code_key", "code", text.CodeKey},
	{"users", "name_key", "user_name", text.CodeKey},

	{"branches", "name_key", "branch_name", text.Fold},
	{"sale_channels", "name_key", "name", text.Fold},
	{"categories", "name_key", "category_name", text.NameKey},
	{"trademarks", "name_key", "trade_mark_name", text.NameKey},
	{"attributes", "name_key", "name", text.NameKey},
	{"price_books", "name_key", "name", text.NameKey},
	{"customer_groups", "name_key", "name", text.Fold},
	{"supplier_groups", "name_key", "name", text.Fold},
	{"cash_flow_groups", "name_key", "name", text.Fold},
	{"delivery_partners", "name_key", "name", text.Fold},

	// Their letter case counts, so they are compared as they are stored.
	{"products", "bar_code", "bar_code", text.Clean},
	{"stock_batches", "batch_name", "batch_name", text.Clean},
	{"bank_accounts", "account_number", "account_number", text.Clean},

	{"products", "search", "search", searchable},
	{"customers", "search", "search", text.Fold},
	{"suppliers", "search", "search", text.Fold},
	{"users", "search", "search", text.Fold},
	{"payments", "partner_search", "partner_search", text.Fold},
}

// searchable folds what products are searched by: lines of full name, code and bar code.
func searchable(search string) string {
	lines := strings.Split(search, "\n")
	for i := range lines[:len(lines)-1] {
		lines[i] = text.Fold(lines[i])
	}
	lines[len(lines)-1] = text.Clean(lines[len(lines)-1])
	return strings.Join(lines, "\n")
}

// makeKeys makes the keys of all rows by the rules of package text.
func makeKeys(tx *db.Tx) error {
	tx = tx.Everywhere()
	for _, k := range keys {
		err := changeTexts(tx, k.make,
			fmt.Sprintf(`SELECT retailer_id, id, %s, %s FROM %s WHERE %s IS NOT NULL`, k.key, k.of, k.table, k.of),
			fmt.Sprintf(`UPDATE %s SET %s = ? WHERE retailer_id = ? AND id = ? AND %s = ?`, k.table, k.key, k.key))
		if err != nil {
			return err
		}
	}
	return changeTexts(tx, text.CodeKey,
		`SELECT retailer_id, product_id, serial_key, serial_number FROM stock_serials`,
		`UPDATE stock_serials SET serial_key = ? WHERE retailer_id = ? AND product_id = ? AND serial_key = ?`)
}

// changeTexts changes a column in the rows of a query: shop, id, what the column has, what it is to be made of.
func changeTexts(tx *db.Tx, makeText func(string) string, query, update string) error {
	type change struct {
		shop, id int64
		old, new string
	}
	var changes []change
	err := tx.Each(func(row db.Row) error {
		c := change{row.Int64(0), row.Int64(1), row.Text(2), makeText(row.Text(3))}
		if c.old != c.new {
			changes = append(changes, c)
		}
		return nil
	}, query)
	for _, c := range changes {
		tx.Queue(update, c.new, c.shop, c.id, c.old)
	}
	return err
}

// unlike are the columns that no two rows of a shop are to have alike, of which kind, and what narrows it.
var unlike = []struct{ table, key, of, live, within string }{
	{"products", "code_key", "code", " AND deleted_at = 0", ""},
	{"products", "bar_code", "bar_code", " AND deleted_at = 0", ""},
	{"customers", "code_key", "code", " AND deleted_at = 0", ""},
	{"suppliers", "code_key", "code", " AND deleted_at = 0", ""},
	{"delivery_partners", "code_key", "code", "", ""},
	{"purchase_orders", "code_key", "code", "", ""},
	{"order_suppliers", "code_key", "code", "", ""},
	{"transfers", "code_key", "code", "", ""},
	{"stocktakes", "code_key", "code", "", ""},
	{"surcharges", "code_key", "surcharge_code", "", ""},
	{"voucher_campaigns", "code_key", "code", " AND deleted_at = 0", ""},
	{"vouchers", "code_key", "code", " AND deleted_at = 0", ""},
	{"coupon_campaigns", "code_key", "code", " AND deleted_at = 0", ""},
	{"coupons", "code_key", "code", " AND deleted_at = 0", ""},
	{"users", "name_key", "user_name", " AND deleted_at = 0", ""},
	{"branches", "name_key", "branch_name", " AND deleted_at = 0", ""},
	{"sale_channels", "name_key", "name", " AND deleted_at = 0", ""},
	{"categories", "name_key", "category_name", " AND deleted_at = 0", ", parent_id"},
	{"trademarks", "name_key", "trade_mark_name", " AND deleted_at = 0", ""},
	{"attributes", "name_key", "name", " AND deleted_at = 0", ""},
	{"price_books", "name_key", "name", " AND deleted_at = 0", ""},
	{"customer_groups", "name_key", "name", " AND deleted_at = 0", ""},
	{"supplier_groups", "name_key", "name", " AND deleted_at = 0", ""},
	{"cash_flow_groups", "name_key", "name", "", ", is_receipt"},
	{"bank_accounts", "account_number", "account_number", " AND deleted_at = 0", ""},
	{"stock_batches", "batch_name", "batch_name", "", ", product_id, expire_date"},
}

// Outdated lists the codes, names and serials that are one by the rules of package text and belong to several rows of the
// shop, a line each. Those rows are from before there were such rules, and may stay.
func Outdated(tx *db.Tx) (findings []string, err error) {
	for _, u := range unlike {
		err := tx.Each(func(row db.Row) error {
			findings = append(findings, fmt.Sprintf("%s: %d have the %s %q, from id %d to %d",
				u.table, row.Int64(0), u.of, row.Text(1), row.Int64(2), row.Int64(3)))
			return nil
		}, `SELECT COUNT(*), MIN(`+u.of+`), MIN(id), MAX(id) FROM `+u.table+`
			WHERE retailer_id = :retailer AND `+u.key+` IS NOT NULL`+u.live+`
			GROUP BY `+u.key+u.within+` HAVING COUNT(*) > 1 ORDER BY 3`)
		if err != nil {
			return nil, err
		}
	}
	err = tx.Each(func(row db.Row) error {
		findings = append(findings, fmt.Sprintf("stock_serials: %d of product %d have the serial %q", row.Int64(0), row.Int64(1), row.Text(2)))
		return nil
	}, `SELECT COUNT(*), product_id, MIN(serial_number) FROM stock_serials
		WHERE retailer_id = :retailer GROUP BY product_id, serial_key HAVING COUNT(*) > 1 ORDER BY 2, 3`)
	return findings, err
}

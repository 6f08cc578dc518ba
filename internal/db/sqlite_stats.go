package db

import (
	"fmt"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// Without statistics SQLite assumes that an equation with an index's first column is selective. Here that column is the shop,
// which selects nothing: to find the receipts of an invoice it would read all receipts of the shop, in the wanted
// order, rather than use the index on the invoice. So the statistics of a database of ten shops with a hundred thousand
// rows a table are written beside the tables, once and for all; ANALYZE is never run on the real ones, and plans are
// the same in a test as in a shop.
const (
	statRows    = 1_000_000
	statPerShop = 100_000
)

// vague are columns that leave many rows of a shop.
var vague = []string{
	"kind", "document", "status", "is_purchase", "account_type", "from_type", "to_type", "branch_id", "category_id",
	"parent_id", "deleted_at", "price_book_id", "group_id", "name",
}

// writeStatistics writes the statistics of every index that has none.
func writeStatistics(conn *sqlite.Conn) error {
	const indexes = `
		SELECT m.name, CASE l.origin WHEN 'pk' THEN m.name ELSE l.name END,
			(SELECT group_concat(name, ',') FROM (SELECT i.name FROM pragma_index_info(l.name) i ORDER BY i.seqno)), l."unique"
		FROM sqlite_schema m JOIN pragma_index_list(m.name) l
		WHERE m.type = 'table'` // the primary key of a table without rowid goes by the table's name
	var insert []string
	err := sqlitex.Execute(conn, indexes, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
		columns := strings.Split(stmt.ColumnText(2), ",")
		insert = append(insert, fmt.Sprintf("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('%s', '%s', '%s');",
			stmt.ColumnText(0), stmt.ColumnText(1), statistics(columns, stmt.ColumnInt(3) == 1)))
		return nil
	}})
	if err != nil {
		return err
	}
	// ANALYZE makes the table. The last two statements change the schema, so that other connections read it.
	return sqlitex.ExecuteScript(conn, "ANALYZE id_blocks; DELETE FROM sqlite_stat1;"+strings.Join(insert, "")+
		"CREATE TABLE statistics_written (x); DROP TABLE statistics_written; ANALYZE sqlite_schema;", nil)
}

// statistics is how many rows an index has, and how many are alike in its first column, its first two, and so on.
func statistics(columns []string, unique bool) string {
	out := fmt.Sprint(statRows)
	alike := statRows
	for i, c := range columns {
		switch {
		case c == "retailer_id":
			alike = statPerShop
		case i == len(columns)-1 && (unique || c == "id"):
			alike = 1
		case slices.Contains(vague, c):
			alike = max(2, alike/10)
		default:
			alike = max(2, min(alike/2, 8))
		}
		out += fmt.Sprint(" ", alike)
	}
	return out
}

package db

import (
	"strings"

	"github.com/taphoa/taphoa"
)

// List is a paged query: literal SQL with optional lines.
type List struct {
	Table   string            // the table listed and its alias: "products p"
	Columns string            // what each row shows
	Joins   string            // further tables that Columns needs
	Orders  map[string]string // orderBy names, in lower case, and the columns they stand for
	Default string            // the order without orderBy: a column, or several
	ID      string            // the id's column; "id" when empty

	where strings.Builder
	args  []any
}

// Where adds a condition with its arguments. Conditions are joined with AND.
func (l *List) Where(line string, args ...any) *List {
	if l.where.Len() > 0 {
		l.where.WriteString("\n\tAND ")
	}
	l.where.WriteString(line)
	l.args = append(l.args, args...)
	return l
}

// If adds a condition when wanted is true.
func (l *List) If(wanted bool, line string, args ...any) *List {
	if wanted {
		l.Where(line, args...)
	}
	return l
}

// Filtered reports that not all records are listed.
func (l *List) Filtered() bool { return len(l.args) > 0 }

// ListPage answers one page of a list: how many rows match, and the rows of the page in a stable order (the id comes
// last). The page is cut on the keys alone, so that a deep page costs little more than the first.
func ListPage[T any](tx *Tx, l *List, p taphoa.Paging) (taphoa.Page[T], error) {
	page := taphoa.Page[T]{PageSize: p.PageSize}
	var err error
	if page.Timestamp, err = tx.LastChange(); err != nil {
		return page, err
	}
	alias := l.Table[strings.LastIndexByte(l.Table, ' ')+1:]
	id := l.ID
	if id == "" {
		id = "id"
	}
	where := l.where.String()
	page.Total, _, err = One[int64](tx, "SELECT COUNT(*) FROM "+l.Table+" WHERE "+where, l.args...)
	if err != nil {
		return page, err
	}
	if page.Data = []T{}; p.CurrentItem >= page.Total {
		return page, nil
	}
	order := l.order(p, alias+"."+id)
	// A join with the sub-select would let SQLite go through all rows of the shop and look each up in the page.
	sql := "SELECT " + l.Columns + "\nFROM " + l.Table + " " + l.Joins +
		"\nWHERE " + alias + ".retailer_id = :retailer AND " + alias + "." + id + " IN (" +
		"\n\tSELECT " + alias + "." + id + " FROM " + l.Table + " WHERE " + where + " ORDER BY " + order + " LIMIT ? OFFSET ?)" +
		"\nORDER BY " + order
	if l.Joins == "" && order == alias+"."+id+" ASC" && p.CurrentItem < shallow {
		sql = "SELECT " + l.Columns + "\nFROM " + l.Table + " WHERE " + where + "\nORDER BY " + order + "\nLIMIT ? OFFSET ?"
	}
	rows := make([]T, 0, max(0, min(p.PageSize, page.Total-p.CurrentItem)))
	page.Data, err = appendAll(tx, rows, sql, append(l.args[:len(l.args):len(l.args)], p.PageSize, p.CurrentItem))
	return page, err
}

// shallow is how many rows may be skipped in whole, which is cheaper than reading the page's rows a second time, by
// their keys.
const shallow = 1000

func (l *List) order(p taphoa.Paging, id string) string {
	direction := " ASC"
	if strings.EqualFold(p.OrderDirection, "desc") {
		direction = " DESC"
	}
	by := l.Orders[strings.ToLower(p.OrderBy)]
	if by == "" && !strings.EqualFold(p.OrderBy, "id") {
		by = l.Default
	}
	if by == "" || by == id {
		return id + direction
	}
	if !strings.Contains(by, " ") {
		by += direction
	}
	return by + ", " + id + direction
}

// Removed answers the ids of the records of a table that were deleted at or after an instant, or ever.
func Removed(tx *Tx, table string, since taphoa.Opt[taphoa.Time]) ([]int64, error) {
	ids, err := All[int64](tx, "SELECT id FROM "+table+
		" WHERE retailer_id = :retailer AND deleted_at > 0 AND deleted_at >= ? ORDER BY id", since.Or(0))
	if ids == nil {
		ids = []int64{}
	}
	return ids, err
}

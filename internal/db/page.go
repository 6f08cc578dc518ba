package db

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
)

// List is a paged query: literal SQL with optional lines.
type List struct {
	Table   string // the table listed and its alias: "products p"
	Columns string // what each row shows
	Joins   string // further tables that Columns needs
	Live    string // what holds for all rows listed, besides that they are the shop's: "p.deleted_at = 0"
	Orders  Orders // besides the id and the shop
	Default string // the order without orderBy: a name of Orders, with " desc" after it or not; "" for the id
	ID      string // the id's column; "id" when empty

	Documents *Documents // that not every reader finds; nil where everyone does

	Sums string // columns of [taphoa.Totals] over all rows, which a page without a cursor has of at most [taphoa.TotalsMax]

	where strings.Builder
	args  []any
}

// Where adds a condition with its arguments. Conditions are joined with AND.
func (l *List) Where(line string, args ...any) *List {
	l.where.WriteString("\n\tAND ")
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

// Filtered reports that not all rows are listed.
func (l *List) Filtered() bool { return l.where.Len() > 0 }

// query is a list with the order of one request.
type query struct {
	*List
	name, alias, id string // the table, its alias, and the id's column with it
	where           string // what all rows listed fulfil, with the conditions of the request
	key             Order  // the zero Order for the id alone
	descending      bool
}

func (l *List) query(p *taphoa.Paging) *query {
	name, alias, _ := strings.Cut(l.Table, " ")
	q := &query{List: l, name: name, alias: alias, id: alias + ".id", where: alias + ".retailer_id = :retailer"}
	if l.ID != "" {
		q.id = alias + "." + l.ID
	}
	if l.Live != "" {
		q.where += " AND " + l.Live
	}
	q.where += l.where.String()
	named := strings.ToLower(p.OrderBy)
	by, known := l.Orders[named]
	known = known || named == "id" || named == "retailerid" // all rows are of one shop, which leaves the id
	q.descending = strings.EqualFold(p.OrderDirection, "desc")
	if name, direction, _ := strings.Cut(l.Default, " "); !known {
		if by = l.Orders[name]; by.expression != q.id && p.Cursor != "" {
			by = Order{} // a cursor goes by what never changes
		} else if p.OrderDirection == "" {
			q.descending = direction == "desc"
		}
	}
	if by.expression != q.id {
		q.key = by
	}
	return q
}

// byID reports that the rows are sorted by the id alone.
func (q *query) byID() bool { return q.key.expression == "" }

// order is the ORDER BY of the rows: the id comes last, so that there is only one.
func (q *query) order() string { return q.by(q.key, q.id) }

func (q *query) by(key Order, id string) string {
	direction := " ASC"
	if q.descending {
		direction = " DESC"
	}
	if q.byID() {
		return id + direction
	}
	return key.expression + direction + ", " + id + direction
}

// fewMatches cost less to sort than scanning a shop of middling size.
const fewMatches = 4096

// keys are the key and the id by which the rows are searched of which that many match. A few are found by an index of the
// filter and sorted: in the order of an index, the engine would go through the shop until it has met a page of them.
func (q *query) keys(matches int64) (key Order, id string) {
	if q.List.where.Len() == 0 || matches > fewMatches {
		return q.key, q.id
	}
	return q.key.unindexed(), Number(q.id).unindexed().expression
}

// counted reports that row_counts knows how many rows there are.
func (q *query) counted(tx *Tx) bool {
	c, known := counted[q.name]
	if c.live != "" {
		c.live = q.alias + "." + c.live
	}
	return known && !q.Filtered() && q.Live == c.live && tx.heads.read // a writer's own rows are counted at its commit
}

// ListPage returns one page of a list: how many rows match, and the rows of the page in an order that is always the same
// (the id comes last). Of a counted table without a filter it reads no more rows at any depth in the order of ids; in other
// orders it goes through the keys of those before the page. With a cursor it returns the page after it at any depth in any
// order (see [walk]).
func ListPage[T any](tx *Tx, l *List, p taphoa.Paging) (taphoa.Page[T], error) {
	if tx.trace != nil && tx.trace.List != nil {
		tx.trace.List(l)
	}
	if l.Documents != nil {
		line, args := l.Documents.found(tx)
		l.If(line != "", line, args...)
	}
	q := l.query(&p)
	if p.Cursor != "" {
		return walk[T](tx, q, &p)
	}
	page := taphoa.Page[T]{PageSize: p.PageSize, Data: []T{}}
	var err error
	if page.Timestamp, err = tx.LastChange(); err != nil {
		return page, err
	}
	counted, byID := q.counted(tx), q.byID()
	var at seek
	switch {
	case counted && byID:
		at, err = seekRow(tx, q.name, p.CurrentItem, q.descending)
	case counted:
		at, err = seekRow(tx, q.name, 0, false)
	default:
		at.Total, _, err = One[int64](tx, "SELECT COUNT(*) FROM "+l.Table+" WHERE "+q.where, l.args...)
	}
	page.Total = at.Total
	if err == nil && l.Sums != "" && page.Total <= totalsMax {
		page.Totals, err = q.sums(tx)
	}
	if err != nil || p.CurrentItem >= page.Total {
		return page, err
	}
	rows := make([]T, 0, max(0, min(p.PageSize, page.Total-p.CurrentItem)))
	selected := "SELECT " + l.Columns + "\nFROM " + l.Table + " " + l.Joins + "\nWHERE "
	order := q.order()
	switch {
	case counted && byID && p.CurrentItem > 0:
		compare := " >= "
		if q.descending {
			compare = " <= "
		}
		page.Data, err = appendAll(tx, rows, selected+q.where+" AND "+q.id+compare+"(SELECT "+q.id+" FROM "+l.Table+
			" WHERE "+q.where+" AND "+q.id+" >= ? ORDER BY "+q.id+" LIMIT 1 OFFSET ?)\nORDER BY "+order+"\nLIMIT ?", []any{at.Start, at.Skip, p.PageSize})
	case byID && p.CurrentItem == 0 && !l.Filtered():
		page.Data, err = appendAll(tx, rows, selected+q.where+"\nORDER BY "+order+"\nLIMIT ?", append(l.args[:len(l.args):len(l.args)], p.PageSize))
	default:
		// A join with the sub-select would let SQLite scan all rows of the shop and look each up in the page.
		page.Data, err = appendAll(tx, rows, selected+q.alias+".retailer_id = :retailer AND "+q.id+" IN ("+
			"\n\tSELECT "+q.id+" FROM "+l.Table+" WHERE "+q.where+" ORDER BY "+q.by(q.keys(page.Total))+" LIMIT ? OFFSET ?)\nORDER BY "+order,
			slices.Concat(l.args, q.key.args, []any{p.PageSize, p.CurrentItem}, q.key.args))
	}
	return page, err
}

var totalsMax int64 = taphoa.TotalsMax // a variable for tests

func (q *query) sums(tx *Tx) (*taphoa.Totals, error) {
	totals, _, err := One[taphoa.Totals](tx, "SELECT "+q.Sums+"\nFROM "+q.Table+" "+q.Joins+"\nWHERE "+q.where, q.args...)
	return &totals, err
}

// SumOf is a column of [List.Sums].
func SumOf(expression, name string) string {
	return "CAST(COALESCE(SUM(" + expression + "), 0) AS BIGINT) AS " + name
}

// AllIDs returns the ids of all rows of a list in the order of a request.
func AllIDs(tx *Tx, l *List, p taphoa.Paging) ([]int64, error) {
	q := l.query(&p)
	return All[int64](tx, "SELECT "+q.id+" FROM "+l.Table+" WHERE "+q.where+"\nORDER BY "+q.order(), slices.Concat(l.args, q.key.args)...)
}

// Removed returns the ids of the records of a table that were deleted at or after an instant, or ever, in their order. What it
// costs is what was deleted since: an index <table>_deleted has all that is asked. Paging by cursor returns them with the first
// page.
func Removed(tx *Tx, table string, since taphoa.Opt[taphoa.Time], p taphoa.Paging) ([]int64, error) {
	if p.Cursor != "" && p.Cursor != cursorStart {
		return []int64{}, nil
	}
	ids, err := All[int64](tx, removedFrom(table), since.Or(0))
	slices.Sort(ids) // an engine that is asked for the order scans all records by id
	if ids == nil {
		ids = []int64{}
	}
	return ids, err
}

func removedFrom(table string) string {
	return "SELECT id FROM " + table + " WHERE retailer_id = :retailer AND deleted_at > 0 AND deleted_at >= ?"
}

package db

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// insertMax is how many rows one INSERT has at most: each number of rows is a statement of its own to the engine.
const insertMax = 16

// Insert writes rows into a table. The columns are retailer_id and those of the row type: each exported field of a
// scalar or Opt type, under its name in snake case or that of its tag db.
func Insert[T any](tx *Tx, table string, rows ...T) { insert(tx, table, "", rows) }

// InsertOr is [Insert] with an ON CONFLICT clause.
func InsertOr[T any](tx *Tx, table, onConflict string, rows ...T) {
	insert(tx, table, " "+onConflict, rows)
}

// Upsert writes rows that may be there. keys are the columns of the primary key without retailer_id; all others get the
// values of the row.
func Upsert[T any](tx *Tx, table string, keys []string, rows ...T) {
	if len(rows) > 0 {
		insert(tx, table, upsertClause(reflect.TypeFor[T](), keys), rows)
	}
}

type upsertKey struct {
	row  reflect.Type
	keys string
}

var upsertClauses sync.Map // upsertKey -> string

func upsertClause(row reflect.Type, keys []string) string {
	key := upsertKey{row, strings.Join(keys, ", ")}
	if text, ok := upsertClauses.Load(key); ok {
		return text.(string)
	}
	var sets []string
	for _, c := range columnList(row) {
		if !slices.Contains(keys, c.name) {
			sets = append(sets, c.name+" = excluded."+c.name)
		}
	}
	text := " ON CONFLICT (retailer_id, " + key.keys + ") DO UPDATE SET " + strings.Join(sets, ", ")
	upsertClauses.Store(key, text)
	return text
}

func insert[T any](tx *Tx, table, onConflict string, rows []T) {
	for part := range slices.Chunk(rows, insertMax) {
		st, err := insertStatement(reflect.TypeFor[T](), table, onConflict, len(part))
		if err != nil {
			tx.fail(err)
			return
		}
		columns := columnList(reflect.TypeFor[T]())
		values := tx.values[:0]
		for i := range part {
			values = append(values, value{kind: kindInt, int: tx.Retailer})
			for _, c := range columns {
				values = append(values, c.get(unsafe.Pointer(&part[i])))
			}
		}
		tx.values = values
		tx.queue(st, values)
	}
}

type insertKey struct {
	row               reflect.Type
	table, onConflict string
	rows              int
}

var insertStatements sync.Map // insertKey -> *statement

func insertStatement(row reflect.Type, table, onConflict string, n int) (*statement, error) {
	key := insertKey{row, table, onConflict, n}
	if st, ok := insertStatements.Load(key); ok {
		return st.(*statement), nil
	}
	var b strings.Builder
	b.WriteString("INSERT INTO " + table + " (retailer_id")
	columns := columnList(row)
	for _, c := range columns {
		b.WriteString(", " + c.name)
	}
	b.WriteString(") VALUES ")
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(:retailer" + strings.Repeat(", ?", len(columns)) + ")")
	}
	st, err := compile(b.String() + onConflict)
	if err == nil {
		insertStatements.Store(key, st)
	}
	return st, err
}

// Update writes the columns in which a row differs from what is stored, and reports whether there are any. keys are the
// columns of the primary key without retailer_id.
func Update[T any](tx *Tx, table string, stored, row *T, keys ...string) bool {
	var sets, where []string
	values := tx.values[:0]
	columns := columnList(reflect.TypeFor[T]())
	for _, c := range columns {
		if now := c.get(unsafe.Pointer(row)); !now.equal(c.get(unsafe.Pointer(stored))) {
			sets, values = append(sets, c.name+" = ?"), append(values, now)
		}
	}
	if len(sets) == 0 {
		return false
	}
	values = append(values, value{kind: kindInt, int: tx.Retailer})
	for _, key := range keys {
		for _, c := range columns {
			if c.name == key {
				where, values = append(where, " AND "+key+" = ?"), append(values, c.get(unsafe.Pointer(stored)))
			}
		}
	}
	tx.values = values
	st, err := compile("UPDATE " + table + " SET " + strings.Join(sets, ", ") + " WHERE retailer_id = :retailer" + strings.Join(where, ""))
	if err != nil {
		tx.fail(err)
		return true
	}
	tx.queue(st, values)
	return true
}

// Unchanged reports whether nothing differs between a stored row and another one but when it was changed.
func Unchanged[T any](stored, row *T) bool {
	for _, c := range columnList(reflect.TypeFor[T]()) {
		if c.name != "modified_date" && c.name != "changed_at" && !c.get(unsafe.Pointer(row)).equal(c.get(unsafe.Pointer(stored))) {
			return false
		}
	}
	return true
}

// Differences calls each for the columns in which two rows differ, with the values of the fields.
func Differences[T any](before, after *T, each func(column string, before, after any)) {
	for _, c := range columnList(reflect.TypeFor[T]()) {
		from, to := unsafe.Pointer(before), unsafe.Pointer(after)
		if !c.get(from).equal(c.get(to)) {
			each(c.name, c.field(from), c.field(to))
		}
	}
}

// field is the value of the field of the struct at p, in its own type.
func (c *column) field(p unsafe.Pointer) any {
	return reflect.NewAt(c.typ, unsafe.Add(p, c.offset)).Elem().Interface()
}

// Columns lists the columns of a row type for a SELECT, of a table that has the alias.
func Columns[T any](alias string) string {
	var names []string
	for _, c := range columnList(reflect.TypeFor[T]()) {
		names = append(names, alias+"."+c.name)
	}
	return strings.Join(names, ", ")
}

// queue runs a statement whose values are known already, like [Tx.Queue].
func (tx *Tx) queue(st *statement, values []value) {
	if err := tx.allow(st); err != nil {
		tx.fail(err)
		return
	}
	tx.traced(st, values)
	tx.changes(st)
	if err := tx.session.queue(st, values); err != nil {
		tx.fail(err)
	}
}

// fail notes an error that comes out of the next statement or of the commit.
func (tx *Tx) fail(err error) {
	if tx.state.failed == nil {
		tx.state.failed = err
	}
}

func (v value) equal(w value) bool { return v.kind == w.kind && v.int == w.int && v.text == w.text }

// namedColumn is a column of a row type.
type namedColumn struct {
	*column
	name string
}

var columnLists sync.Map // reflect.Type -> []namedColumn

// columnList lists the columns of a struct type in the order of its fields.
func columnList(t reflect.Type) []namedColumn {
	if list, ok := columnLists.Load(t); ok {
		return list.([]namedColumn)
	}
	var list []namedColumn
	for name, c := range columnsOf(t) {
		list = append(list, namedColumn{c, name})
	}
	slices.SortFunc(list, func(a, b namedColumn) int { return int(a.offset) - int(b.offset) })
	columnLists.Store(t, list)
	return list
}

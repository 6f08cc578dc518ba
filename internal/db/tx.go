package db

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"unsafe"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/right"
)

// Tx is one transaction, for one shop, at one instant. It must not be kept after the operation that got it.
type Tx struct {
	Retailer int64 // the shop; 0 where none is served
	User     int64 // the acting user; 0 for a program

	// Now is the instant of what the operation changes, from the shop's head: never earlier than that of what was
	// committed before. Whatever a response can show as the time of a change is this.
	Now taphoa.Time
	// Clock is what the clock showed when the operation began: for dates of business and for deadlines, which must not
	// follow a head that a wrong clock has once set ahead.
	Clock taphoa.Time

	ctx         context.Context
	db          *DB
	session     session
	ids         *ids
	heads       *heads
	everywhere  bool
	withoutHead bool
	dryRun      bool
	patient     bool // waits for another process for longer
	client      string
	held        *right.Held // with what the approver allows
	own         *right.Held // without it
	needs       right.Right
	approver    int64
	state       *opState
	trace       *Trace
	values      []value // scratch of arguments
}

// AsOf lets what the operation changes from now on bear an instant of the past: of a shop that is made up or copied.
func (tx *Tx) AsOf(at taphoa.Time) {
	tx.state.latest = max(tx.state.latest, tx.Now)
	tx.Now, tx.Clock = at, at
}

// session is an open transaction of an engine.
type session interface {
	// queue runs a statement whose result is not waited for: at once, or with the next query.
	queue(st *statement, values []value) error
	// ask runs a query at once, or with what else is sent at the next query or flush; each is called for every row.
	ask(ctx context.Context, st *statement, values []value, each func(Row) error) error
	// query runs a statement now and calls each for every row; it returns how many rows were changed.
	query(ctx context.Context, st *statement, values []value, each func(Row) error) (int64, error)
	// script runs several statements without arguments.
	script(ctx context.Context, sql string) error
	// flush runs what is queued.
	flush(ctx context.Context) error
	// asSent returns the text and the values that the engine gets for a statement.
	asSent(st *statement, values []value) (sql string, args []any)
	// timeline changes when another server takes over with what it has of the data; 0 where that cannot be, or is unknown.
	timeline() int64
}

// Everywhere is the same transaction without tenant isolation: its statements need not name the shop. It is for tokens,
// migration and what serves all shops at once, and for nothing else.
func (tx *Tx) Everywhere() *Tx {
	open := *tx
	open.everywhere = true
	open.values = nil
	return &open
}

// Context is the context of the request; it ends when the client has gone.
func (tx *Tx) Context() context.Context { return tx.ctx }

func (tx *Tx) prepare(sql string, args []any) (*statement, []value, error) {
	if tx.state.failed != nil {
		return nil, nil, tx.state.failed
	}
	st, err := compile(sql)
	if err != nil {
		return nil, nil, err
	}
	if err := tx.allow(st); err != nil {
		return nil, nil, err
	}
	values, err := tx.arguments(st, args)
	if err == nil {
		tx.traced(st, values)
	}
	return st, values, err
}

// allow refuses a statement that the transaction may not run.
func (tx *Tx) allow(st *statement) error {
	switch {
	case tx.state.failed != nil:
		return tx.state.failed
	case !st.tenantScoped && !tx.everywhere:
		return fmt.Errorf("a statement without :retailer: %q", st.text)
	case tx.withoutHead && st.writes && !st.headless && st.table != "id_blocks":
		return fmt.Errorf("written without the shop's head: %q", st.text)
	}
	tx.state.headless = tx.state.headless || st.headless
	return nil
}

func (tx *Tx) traced(st *statement, values []value) {
	if tx.trace != nil && tx.trace.Statement != nil {
		tx.trace.Statement(tx.session.asSent(st, values))
	}
}

// changes notes that a statement changes rows, as far as is known.
func (tx *Tx) changes(st *statement) {
	if st.writes && st.table != "id_blocks" && st.table != "shop_heads" {
		tx.state.wrote = true
		tx.state.changed = tx.state.changed || st.table != "idempotency_keys"
		tx.state.refs = tx.state.refs || references[st.table]
		tx.heads.touched = tx.heads.touched || watchedTables[st.table]
	}
}

// Queue runs a statement whose result is not needed. Its error, if any, comes out of the next call or of the commit.
// On PostgreSQL queued statements travel together with the next one that is waited for.
func (tx *Tx) Queue(sql string, args ...any) {
	st, values, err := tx.prepare(sql, args)
	if err == nil {
		tx.changes(st)
		err = tx.session.queue(st, values)
	}
	if err != nil && tx.state.failed == nil {
		tx.state.failed = err
	}
}

// Exec runs a statement and returns how many rows it changed.
func (tx *Tx) Exec(sql string, args ...any) (int64, error) {
	st, values, err := tx.prepare(sql, args)
	if err != nil {
		return 0, err
	}
	n, err := tx.session.query(tx.ctx, st, values, nil)
	if n > 0 {
		tx.changes(st)
	}
	return n, err
}

// Each runs a query and calls row for each row of its result.
func (tx *Tx) Each(row func(Row) error, sql string, args ...any) error {
	st, values, err := tx.prepare(sql, args)
	if err != nil {
		return err
	}
	tx.changes(st)
	_, err = tx.session.query(tx.ctx, st, values, row)
	return err
}

// All runs a query and returns its rows: structs, filled by column name, or single values.
func All[T any](tx *Tx, sql string, args ...any) ([]T, error) {
	return appendAll[T](tx, nil, sql, args)
}

// appendAll is [All] after rows, whose capacity may be that of the result.
func appendAll[T any](tx *Tx, rows []T, sql string, args []any) ([]T, error) {
	st, values, err := tx.prepare(sql, args)
	if err != nil {
		return rows, err
	}
	tx.changes(st)
	var s *scanner
	_, err = tx.session.query(tx.ctx, st, values, func(row Row) (err error) {
		if s == nil {
			if s, err = st.scanner(reflect.TypeFor[T](), row); err != nil {
				return err
			}
		}
		rows = slices.Grow(rows, 1)[:len(rows)+1]
		s.scan(unsafe.Pointer(&rows[len(rows)-1]), row)
		return nil
	})
	return rows, err
}

// One runs a query and returns its first row, and whether there is one.
func One[T any](tx *Tx, sql string, args ...any) (T, bool, error) {
	rows, err := All[T](tx, sql, args...)
	if err != nil || len(rows) == 0 {
		var none T
		return none, false, err
	}
	return rows[0], true, nil
}

// Script runs several statements without arguments: migrations. {{clustered}} after a table's closing bracket becomes
// WITHOUT ROWID where the engine has that, {{hot}} what suits a table whose rows are updated all the time.
func (tx *Tx) Script(sql string) error { return tx.session.script(tx.ctx, sql) }

// Tune prepares the engine for the tables that the operation has made.
func (tx *Tx) Tune() error { return tx.db.engine.tune(tx) }

// NewID returns an id for a new record of the named table: unique in the whole database, below 2⁵³, growing but not
// gapless.
func (tx *Tx) NewID(table string) (int64, error) { return tx.ids.take(tx, table) }

// KeepIDs keeps the ids of a table up to last from being given out by [Tx.NewID]: for rows that come with ids of another system.
func (tx *Tx) KeepIDs(table string, last int64) error { return tx.ids.keepUpTo(tx, table, last) }

// Conflict is a violated unique key, or a deadlock, that remained when the operation was run again. Operations read before
// they write, so it means that other writers change the same record all the time.
type Conflict struct {
	Constraint string
	cause      error
}

func (c *Conflict) Error() string { return "conflict on " + c.Constraint }
func (c *Conflict) Unwrap() error { return c.cause }

// ErrRange is the error of the database for a sum that it cannot hold. Single values are bounded, so it takes a great
// many of the largest ones to meet it.
var ErrRange = errors.New("a number is out of range")

// ErrBusy is the error for an operation that has waited too long, because its principal has asked for too much.
var ErrBusy = errors.New("too many operations are waiting")

// ErrNoTable is the error for a statement about a table that the database does not have.
var ErrNoTable = errors.New("there is no such table")

// ErrClosed is the error of a database that is shutting down.
var ErrClosed = errors.New("the database is closed")

package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/taphoa/taphoa/internal/message"
)

// sqliteEngine is SQLite in one file: one connection that writes, and a few that read.
type sqliteEngine struct {
	file     string        // absolute where that is known
	opened   os.FileInfo   // what the file was then
	wal      os.FileInfo   // the same of its WAL, when that was first there; of the writer's goroutine
	lockTime time.Duration // how long a write waits for another process that stores nothing
	held     bool          // one has kept the file for so long; of the writer's goroutine
	writer   *sqlite.Conn
	readers  chan *sqlite.Conn
	unopened atomic.Int64 // of the readers

	freeSpace   func() int64 // of the options
	checkpoints *checkpoints
}

func openSQLite(file string, o Options) (*sqliteEngine, error) {
	if file == "" || file == ":memory:" {
		return nil, message.Errorf("sqlite:%s has no file that all connections could share: name one", file)
	}
	if o.ReadOnly {
		return openReadOnly(file)
	}
	flags := os.O_RDWR
	if !o.Existing {
		flags |= os.O_CREATE
	}
	f, err := os.OpenFile(file, flags, 0o600) // it will hold the key that signs tokens
	if err != nil {
		return nil, err
	}
	e := &sqliteEngine{file: absolute(file), lockTime: patience, freeSpace: o.Free}
	e.checkpoints = newCheckpoints(file, o.CheckpointFrames, e.free)
	alone := !lockedByOthers(f) // else what follows the last commit may be a write under way
	e.opened, err = f.Stat()
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if alone {
		warnDropped(file)
	}
	if e.writer, err = openSQLiteConn(file, 32<<10, o.Volatile); err != nil {
		return nil, err
	}
	if err := pragma(e.writer, fmt.Sprintf("journal_size_limit=%d", e.checkpoints.sizeKept())); err != nil {
		return nil, err
	}
	n := o.Readers
	if n == 0 {
		n = max(2, runtime.GOMAXPROCS(0))
	}
	if err := e.openReaders(n, o.Volatile); err != nil {
		return nil, err
	}
	e.wal, _ = os.Stat(e.file + "-wal") // nil before there is one
	return e, nil
}

// busyTime is how long a write waits for other processes that write in turn, and a migration for one that holds the file.
const busyTime = 10 * time.Second

// heldTime is the same for writes after one that has waited in vain.
const heldTime = 50 * time.Millisecond

// errGone is met when the file of an open database is not there: what is written into it would be lost with it.
var errGone = errors.New("the file of the database, or its WAL, was removed or replaced")

// openSQLiteConn opens a connection whose page cache may grow to cacheKiB. synchronous=FULL is what makes an acknowledged
// sale survive a power cut; group commit pays for it. No commit moves the WAL into the file: see [checkpoints].
func openSQLiteConn(file string, cacheKiB int, volatile bool) (*sqlite.Conn, error) {
	synchronous := "synchronous=FULL"
	if volatile {
		synchronous = "synchronous=OFF"
	}
	if err := keepPlans(); err != nil {
		return nil, err
	}
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	conn.SetBusyTimeout(busyTime)
	for _, pragma := range []string{
		"journal_mode=WAL", synchronous, "temp_store=MEMORY", "wal_autocheckpoint=0",
		fmt.Sprintf("cache_size=-%d", cacheKiB),
	} {
		if err := sqlitex.ExecuteTransient(conn, "PRAGMA "+pragma, nil); err != nil {
			return nil, errors.Join(fmt.Errorf("pragma %s: %w", pragma, err), conn.Close())
		}
	}
	return conn, nil
}

func (e *sqliteEngine) close() error {
	var err error
	if e.checkpoints != nil {
		err = e.checkpoints.close()
	}
	if e.writer != nil {
		err = errors.Join(err, e.writer.Close())
	}
	return errors.Join(err, e.closeReaders())
}

func (e *sqliteEngine) slots() int { return cap(e.readers) }

// queue: all shops have one writer.
func (e *sqliteEngine) queue(Actor) (key int64, limit int) { return 0, groupMax }

// What ends a group is the disk: another run would meet it, too.
func (e *sqliteEngine) hopeless(error) bool   { return true }
func (e *sqliteEngine) deadlocked(error) bool { return false }

// passing: a lock of another process is not, since it was waited for.
func (e *sqliteEngine) passing(err error) bool { return errors.Is(e.trouble(err), ErrStorage) }

// exclude does nothing: there is one writer of the file at a time.
func (e *sqliteEngine) exclude(*Tx) {}

func (e *sqliteEngine) clock() string { return "" }

func (e *sqliteEngine) afterGroup() {
	if e.writer != nil {
		e.checkpoints.afterGroup(e.writer)
	}
}

func (e *sqliteEngine) tune(*Tx) error { return writeStatistics(e.writer) }

func (e *sqliteEngine) read(ctx context.Context, tx *Tx, op func(*Tx) error) (err error) {
	conn, err := e.lend(ctx)
	if err != nil {
		return err
	}
	defer func() { e.readers <- conn }()
	tx.session = sqliteSession{conn: conn, readOnly: true}
	if err := run(conn, "BEGIN"); err != nil {
		return err
	}
	conn.SetInterrupt(ctx.Done())
	defer func() {
		conn.SetInterrupt(nil)
		if sqlite.ErrCode(err) == sqlite.ResultInterrupt {
			err = ctx.Err()
		}
		err = errors.Join(err, run(conn, "ROLLBACK"))
	}()
	if err = guard(tx, op); err == nil {
		tx.db.reading.end()
	}
	return err
}

// begin opens the transaction of a group. A process that always has writes waiting leaves the file to another for a
// fraction of a millisecond at a time, which SQLite's own waiting, of a tenth of a second in the end, would hardly ever meet.
func (e *sqliteEngine) begin(tx *Tx) (transaction, error) {
	if e.writer == nil {
		return nil, ErrReadOnly
	}
	if now, err := os.Stat(e.file); err != nil || !os.SameFile(now, e.opened) {
		return nil, errors.Join(errGone, err)
	}
	if now, err := os.Stat(e.file + "-wal"); e.wal == nil {
		e.wal = now
	} else if err != nil || !os.SameFile(now, e.wal) {
		_, saved := checkpoint(e.writer, "PASSIVE") // what the WAL has would be lost if the process were killed
		return nil, errors.Join(errGone, err, saved)
	}
	limit := e.lockTime
	switch {
	case tx.patient:
		limit = busyTime
	case e.held: // by one who may hold it for long: only the first has to wait
		limit = heldTime
	}
	err := e.lock(limit)
	if e.held = isBusy(err); err != nil {
		return nil, err
	}
	return &sqliteTx{sqliteSession: sqliteSession{conn: e.writer}}, nil
}

// lock begins a transaction. It waits for limit for another process that keeps the file and stores nothing, and for busyTime
// for those that store in turn.
func (e *sqliteEngine) lock(limit time.Duration) error {
	const begin = "BEGIN IMMEDIATE"
	e.writer.SetBusyTimeout(0)
	defer e.writer.SetBusyTimeout(busyTime)
	err := run(e.writer, begin)
	if !isBusy(err) {
		return err
	}
	began, version := time.Now(), dataVersion(e.writer)
	for since := began; isBusy(err) && time.Since(began) < busyTime; err = run(e.writer, begin) {
		if time.Since(since) > limit {
			now := dataVersion(e.writer)
			if now == version {
				break
			}
			since, version = time.Now(), now
		}
		time.Sleep(time.Duration(50+rand.IntN(300)) * time.Microsecond)
	}
	return err
}

func isBusy(err error) bool { return sqlite.ErrCode(err).ToPrimary() == sqlite.ResultBusy }

// dataVersion changes when another connection commits; it is 0 when it cannot be asked.
func dataVersion(conn *sqlite.Conn) (version int64) {
	_ = sqlitex.ExecuteTransient(conn, "PRAGMA data_version", &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
		version = stmt.ColumnInt64(0)
		return nil
	}})
	return version
}

// sqliteTx is the transaction of a group. An operation that is guarded gets a savepoint, at its first write.
type sqliteTx struct {
	sqliteSession
	kept           bool // an operation before this one has written
	guarded        bool // this one is to be undone alone
	wrote, savedAt bool // this one has, after a savepoint
}

func (t *sqliteTx) mark(guarded, dryRun bool) {
	t.guarded, t.wrote, t.savedAt = guarded && t.kept || dryRun, false, false
}

func (t *sqliteTx) writing() error {
	if t.wrote {
		return nil
	}
	t.wrote = true
	if !t.guarded {
		return nil
	}
	t.savedAt = true
	return run(t.conn, "SAVEPOINT op")
}

func (t *sqliteTx) keep() error {
	t.kept = t.kept || t.wrote
	if !t.savedAt {
		return nil
	}
	return run(t.conn, "RELEASE op")
}

func (t *sqliteTx) undo() bool {
	if !t.wrote {
		return true
	}
	return t.savedAt && run(t.conn, "ROLLBACK TO op") == nil && run(t.conn, "RELEASE op") == nil
}

var errGivenUp = errors.New("SQLite has given up the transaction")

func (t *sqliteTx) failure() error {
	if t.conn.AutocommitEnabled() { // disk full, I/O error
		return errGivenUp
	}
	return nil
}

// expectHead: reading the head costs a few microseconds.
func (t *sqliteTx) expectHead(*Tx, Head, func()) bool { return false }

func (t *sqliteTx) commit() error { return unsynced(run(t.conn, "COMMIT")) }

func (t *sqliteTx) end() {
	if !t.conn.AutocommitEnabled() {
		_ = run(t.conn, "ROLLBACK") // after an error that is reported
	}
}

func (t *sqliteTx) queue(st *statement, values []value) error {
	_, err := t.query(context.Background(), st, values, nil)
	return err
}

func (t *sqliteTx) ask(ctx context.Context, st *statement, values []value, each func(Row) error) error {
	_, err := t.query(ctx, st, values, each)
	return err
}

func (t *sqliteTx) query(ctx context.Context, st *statement, values []value, each func(Row) error) (int64, error) {
	if st.writes {
		if err := t.writing(); err != nil {
			return 0, err
		}
	}
	return t.sqliteSession.query(ctx, st, values, each)
}

func (t *sqliteTx) script(ctx context.Context, sql string) error {
	if err := t.writing(); err != nil {
		return err
	}
	return t.sqliteSession.script(ctx, sql)
}

// run executes a statement without arguments or result.
func run(conn *sqlite.Conn, sql string) error {
	st, err := conn.Prepare(sql)
	if err != nil {
		return err
	}
	_, err = st.Step()
	return errors.Join(err, st.Reset())
}

type sqliteSession struct {
	conn     *sqlite.Conn
	readOnly bool
}

func (s sqliteSession) queue(st *statement, values []value) error {
	_, err := s.query(context.Background(), st, values, nil)
	return err
}

func (s sqliteSession) ask(ctx context.Context, st *statement, values []value, each func(Row) error) error {
	_, err := s.query(ctx, st, values, each)
	return err
}

func (s sqliteSession) query(_ context.Context, st *statement, values []value, each func(Row) error) (int64, error) {
	if s.readOnly && st.writes {
		return 0, fmt.Errorf("a read operation writes: %q", st.text)
	}
	stmt, err := s.conn.Prepare(st.sqliteSized(values))
	if err != nil && strings.Contains(err.Error(), "no such table: ") { // SQLite has no code of its own for that
		err = fmt.Errorf("%w: %w", ErrNoTable, err)
	}
	if err != nil {
		return 0, fmt.Errorf("%w in %q", err, st.text)
	}
	bindSQLite(stmt, values)
	defer func() { _ = stmt.Reset() }() // also after a panic: an open statement keeps its snapshot beyond the transaction
	row := sqliteRow{stmt}
	for {
		more, err := stmt.Step()
		if err == nil && more && each != nil {
			err = each(row)
		}
		if err != nil {
			return 0, sqliteError(err, st)
		}
		if !more {
			break
		}
	}
	return int64(s.conn.Changes()), stmt.Reset()
}

func (s sqliteSession) asSent(st *statement, values []value) (string, []any) {
	return st.sentSQLite(values)
}

func (s sqliteSession) script(_ context.Context, sql string) error {
	return sqlitex.ExecuteScript(s.conn, strings.NewReplacer("{{clustered}}", "WITHOUT ROWID", "{{hot}}", "").Replace(sql), nil)
}

func (s sqliteSession) flush(context.Context) error { return nil }
func (s sqliteSession) timeline() int64             { return 0 }

func bindSQLite(stmt *sqlite.Stmt, values []value) {
	i := 1
	for _, v := range values {
		switch v.kind {
		case kindNull:
			stmt.BindNull(i)
		case kindInt, kindBool:
			stmt.BindInt64(i, v.int)
		case kindText:
			stmt.BindText(i, v.text)
		case kindInts:
			for n := range padded(len(v.ints)) {
				stmt.BindInt64(i+n, v.ints[min(n, len(v.ints)-1)])
			}
			i += padded(len(v.ints)) - 1
		case kindTexts:
			for n := range padded(len(v.texts)) {
				stmt.BindText(i+n, v.texts[min(n, len(v.texts)-1)])
			}
			i += padded(len(v.texts)) - 1
		}
		i++
	}
}

// padded rounds a list's length up, so that a statement has few texts; the last element fills the rest.
func padded(n int) int {
	p := 1
	for p < n {
		p *= 2
	}
	return p
}

// sqliteSized is the statement's text for the lengths of its lists.
func (st *statement) sqliteSized(values []value) string {
	if st.lists == 0 {
		return st.sqlite
	}
	if st.lists > 1 {
		return st.buildSQLite(values)
	}
	var n int
	for _, v := range values {
		n = max(n, v.size())
	}
	if text, ok := st.sizes.Load(padded(n)); ok {
		return text.(string)
	}
	text := st.buildSQLite(values)
	st.sizes.Store(padded(n), text)
	return text
}

func (st *statement) buildSQLite(values []value) string {
	var b strings.Builder
	for i, fragment := range st.fragments {
		b.WriteString(strings.ReplaceAll(fragment, lockMark, ""))
		switch {
		case i == len(st.params):
		case st.params[i].list:
			b.WriteString("(?" + strings.Repeat(",?", padded(values[i].size())-1) + ")")
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

// sqliteText is the text of a statement without lists.
func (st *statement) sqliteText() string {
	if st.lists > 0 {
		return ""
	}
	return st.buildSQLite(nil)
}

type sqliteRow struct{ stmt *sqlite.Stmt }

func (r sqliteRow) Int64(i int) int64 { return r.stmt.ColumnInt64(i) }
func (r sqliteRow) Text(i int) string { return r.stmt.ColumnText(i) }
func (r sqliteRow) Null(i int) bool   { return r.stmt.ColumnIsNull(i) }
func (r sqliteRow) columns() []string {
	names := make([]string, r.stmt.ColumnCount())
	for i := range names {
		names[i] = r.stmt.ColumnName(i)
	}
	return names
}

func sqliteError(err error, st *statement) error {
	switch sqlite.ErrCode(err) {
	case sqlite.ResultConstraintUnique, sqlite.ResultConstraintPrimaryKey:
		return &Conflict{Constraint: err.Error(), cause: err}
	case sqlite.ResultConstraintCheck:
		return fmt.Errorf("%w: %w", ErrRange, err)
	case sqlite.ResultOK, sqlite.ResultError:
		return err // an error of the caller's own, or one that names the statement already
	}
	if isDamage(err) {
		return &DamagedError{[]string{err.Error()}}
	}
	return fmt.Errorf("%w in %q", err, st.text)
}

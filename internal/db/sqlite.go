package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// groupMax bounds how many operations share one commit, so that the first of them need not wait long for it.
const groupMax = 64

// lite is SQLite in one file: one writer, which commits waiting operations in groups, and a few readers.
type lite struct {
	writer  *sqlite.Conn
	readers chan *sqlite.Conn
	watch   watch
	jobs    chan *job
	ids     liteIDs
	mu      sync.RWMutex // held for reading while a job is handed over, so that close waits for it
	closed  bool
	done    chan struct{}
}

// job is an operation that waits for the writer.
type job struct {
	tx     *Tx
	op     func(*Tx) error
	err    error
	answer chan error
}

func openSQLite(file string, o Options) (*lite, error) {
	if file == "" || file == ":memory:" {
		return nil, fmt.Errorf("sqlite:%s has no file that all connections could share: name one", file)
	}
	if o.ReadOnly {
		return lookLite(file)
	}
	flags := os.O_RDWR
	if !o.Existing {
		flags |= os.O_CREATE
	}
	f, err := os.OpenFile(file, flags, 0o600) // it will hold the key that signs tokens
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return nil, err
	}
	e := &lite{jobs: make(chan *job, 4*groupMax), done: make(chan struct{})}
	if e.writer, err = openLite(file, 32<<10); err != nil {
		return nil, err
	}
	n := o.Readers
	if n == 0 {
		n = max(2, runtime.GOMAXPROCS(0))
	}
	e.readers = make(chan *sqlite.Conn, n)
	for range n {
		conn, err := openLite(file, 8<<10)
		if err != nil {
			return nil, err
		}
		e.readers <- conn
	}
	if e.watch.conn, err = openLite(file, 64); err != nil {
		return nil, err
	}
	go e.loop()
	return e, nil
}

// openLite opens a connection whose page cache may grow to cacheKiB. synchronous=FULL is what makes an acknowledged
// sale survive a power cut; group commit pays for it. The WAL may grow to 32 MB before it is moved into the file: most of
// its pages are then newer versions of one another, and are moved once.
func openLite(file string, cacheKiB int) (*sqlite.Conn, error) {
	if err := keepPlans(); err != nil {
		return nil, err
	}
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	conn.SetBusyTimeout(10 * time.Second)
	for _, pragma := range []string{
		"journal_mode=WAL", "synchronous=FULL", "temp_store=MEMORY", "wal_autocheckpoint=8000",
		fmt.Sprintf("cache_size=-%d", cacheKiB),
	} {
		if err := sqlitex.ExecuteTransient(conn, "PRAGMA "+pragma, nil); err != nil {
			return nil, errors.Join(fmt.Errorf("pragma %s: %w", pragma, err), conn.Close())
		}
	}
	return conn, nil
}

func (e *lite) close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	close(e.jobs)
	e.mu.Unlock()
	<-e.done
	var err error
	if e.writer != nil {
		err = errors.Join(e.writer.Close(), e.watch.close())
	}
	for range cap(e.readers) {
		err = errors.Join(err, (<-e.readers).Close())
	}
	return err
}

func (e *lite) read(ctx context.Context, tx *Tx, op func(*Tx) error) (err error) {
	var conn *sqlite.Conn
	select {
	case conn = <-e.readers:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { e.readers <- conn }()
	e.mu.RLock()
	closed := e.closed
	e.mu.RUnlock()
	if closed {
		return ErrClosed
	}
	tx.session, tx.ids = liteSession{conn: conn, readOnly: true}, noIDs{}
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
	return guard(tx, op)
}

func (e *lite) write(ctx context.Context, tx *Tx, op func(*Tx) error) error {
	if e.writer == nil {
		return ErrReadOnly
	}
	tx.session, tx.ids = liteSession{conn: e.writer}, &e.ids
	j := &job{tx: tx, op: op, answer: make(chan error, 1)}
	e.mu.RLock()
	if e.closed {
		e.mu.RUnlock()
		return ErrClosed
	}
	select {
	case e.jobs <- j:
		e.mu.RUnlock()
	case <-ctx.Done():
		e.mu.RUnlock()
		return ctx.Err()
	}
	// Once handed over, the operation may commit: its answer is waited for even if the caller has gone.
	return <-j.answer
}

// exclusive is a write like any other: there is one writer of the file at a time.
func (e *lite) exclusive(ctx context.Context, tx *Tx, op func(*Tx) error) error {
	return e.write(ctx, tx, op)
}

func (e *lite) tune(*Tx) error { return writeStatistics(e.writer) }

// watch sees every commit on a connection of its own: data_version compares only within one.
type watch struct {
	mu   sync.Mutex
	conn *sqlite.Conn
}

func (e *lite) version() (version int64, ok bool) {
	w := &e.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn == nil {
		return 0, false
	}
	stmt, err := w.conn.Prepare("PRAGMA data_version")
	if err != nil {
		return 0, false
	}
	more, err := stmt.Step()
	version = stmt.ColumnInt64(0)
	return version, errors.Join(err, stmt.Reset()) == nil && more
}

func (w *watch) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	conn := w.conn
	w.conn = nil
	return conn.Close()
}

// loop is the single writer.
func (e *lite) loop() {
	defer close(e.done)
	group := make([]*job, 0, groupMax)
	for first := range e.jobs {
		group = append(group[:0], first)
		err := e.group(&group)
		e.ids.settle(err == nil)
		for _, j := range group {
			if err != nil {
				j.err = err // nothing of the group is stored
			}
			j.answer <- j.err
		}
	}
}

// group runs the first job and all that wait behind it in one transaction, a savepoint each, and commits once.
func (e *lite) group(group *[]*job) (err error) {
	if err := run(e.writer, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil && !e.writer.AutocommitEnabled() {
			err = errors.Join(err, run(e.writer, "ROLLBACK"))
		}
	}()
	if err := e.single((*group)[0]); err != nil {
		return err
	}
	for len(*group) < groupMax {
		select {
		case j, ok := <-e.jobs:
			if !ok {
				return run(e.writer, "COMMIT")
			}
			*group = append(*group, j)
			if err := e.single(j); err != nil {
				return err
			}
		default:
			return run(e.writer, "COMMIT")
		}
	}
	return run(e.writer, "COMMIT")
}

// single runs one job in its savepoint. Its own refusal goes into the job; the error it answers is the whole group's.
func (e *lite) single(j *job) error {
	if j.err = j.tx.ctx.Err(); j.err != nil {
		return nil // nobody waits for it any more, and it has not begun
	}
	if err := run(e.writer, "SAVEPOINT op"); err != nil {
		return err
	}
	if j.err = guard(j.tx, j.op); j.err == nil {
		e.ids.release()
		return run(e.writer, "RELEASE op")
	}
	e.ids.undo()
	if e.writer.AutocommitEnabled() { // disk full or I/O error: SQLite has already given up the transaction
		return j.err
	}
	if err := run(e.writer, "ROLLBACK TO op"); err != nil {
		return err
	}
	return run(e.writer, "RELEASE op")
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

type liteSession struct {
	conn     *sqlite.Conn
	readOnly bool
}

func (s liteSession) queue(st *statement, values []value) error {
	_, err := s.query(context.Background(), st, values, nil)
	return err
}

func (s liteSession) query(_ context.Context, st *statement, values []value, each func(Row) error) (int64, error) {
	if s.readOnly && st.writes {
		return 0, fmt.Errorf("a read operation writes: %q", st.text)
	}
	text := st.lite
	if st.lists > 0 {
		text = st.liteSized(values)
	}
	stmt, err := s.conn.Prepare(text)
	if err != nil && strings.Contains(err.Error(), "no such table: ") { // SQLite has no code of its own for that
		err = fmt.Errorf("%w: %w", ErrNoTable, err)
	}
	if err != nil {
		return 0, fmt.Errorf("%w in %q", err, st.text)
	}
	bindLite(stmt, values)
	row := liteRow{stmt}
	for {
		more, err := stmt.Step()
		if err == nil && more && each != nil {
			err = each(row)
		}
		if err != nil {
			_ = stmt.Reset() // repeats the error of Step
			return 0, liteError(err, st)
		}
		if !more {
			break
		}
	}
	return int64(s.conn.Changes()), stmt.Reset()
}

func (s liteSession) script(_ context.Context, sql string) error {
	return sqlitex.ExecuteScript(s.conn, strings.ReplaceAll(sql, "{{clustered}}", "WITHOUT ROWID"), nil)
}

func bindLite(stmt *sqlite.Stmt, values []value) {
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

// liteSized is the statement's text for the lengths of its lists.
func (st *statement) liteSized(values []value) string {
	if st.lists > 1 {
		return st.buildLite(values)
	}
	var n int
	for _, v := range values {
		n = max(n, v.size())
	}
	if text, ok := st.sizes.Load(padded(n)); ok {
		return text.(string)
	}
	text := st.buildLite(values)
	st.sizes.Store(padded(n), text)
	return text
}

func (st *statement) buildLite(values []value) string {
	var b strings.Builder
	for i, piece := range st.pieces {
		b.WriteString(strings.ReplaceAll(piece, lockMark, ""))
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

// liteText is the text of a statement without lists.
func (st *statement) liteText() string {
	if st.lists > 0 {
		return ""
	}
	return st.buildLite(nil)
}

type liteRow struct{ stmt *sqlite.Stmt }

func (r liteRow) Int64(i int) int64 { return r.stmt.ColumnInt64(i) }
func (r liteRow) Text(i int) string { return r.stmt.ColumnText(i) }
func (r liteRow) Null(i int) bool   { return r.stmt.ColumnIsNull(i) }
func (r liteRow) columns() []string {
	names := make([]string, r.stmt.ColumnCount())
	for i := range names {
		names[i] = r.stmt.ColumnName(i)
	}
	return names
}

func liteError(err error, st *statement) error {
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

// liteIDs reserves blocks of ids inside the running group. A block whose reservation is rolled back is forgotten, so
// that no id is handed out twice, also not by another process on the same file.
type liteIDs struct {
	blocks
	inOp, inGroup []string // tables whose block was reserved in the running operation and in the running group
}

func (s *liteIDs) take(tx *Tx, table string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, ok := s.blocks.take(table); ok {
		return id, nil
	}
	last, _, err := One[int64](tx.Everywhere(), reserveIDs, table, int64(idBlock))
	if err != nil {
		return 0, err
	}
	s.fill(table, last)
	s.inOp = append(s.inOp, table)
	id, _ := s.blocks.take(table)
	return id, nil
}

func (s *liteIDs) release() { s.inGroup, s.inOp = append(s.inGroup, s.inOp...), s.inOp[:0] }

func (s *liteIDs) undo() { s.inOp = s.forget(s.inOp) }

func (s *liteIDs) settle(committed bool) {
	if !committed {
		s.inGroup, s.inOp = s.forget(s.inGroup), s.forget(s.inOp)
	}
	s.inGroup = s.inGroup[:0]
}

func (s *liteIDs) forget(tables []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range tables {
		delete(s.left, t)
	}
	return tables[:0]
}

type noIDs struct{}

func (noIDs) take(*Tx, string) (int64, error) {
	return 0, errors.New("a read operation asks for an id")
}

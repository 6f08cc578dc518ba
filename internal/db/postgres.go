package db

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// tries is how often an operation is run before its deadlock, serialization failure or conflict is reported.
const tries = 8

// postgres is a PostgreSQL server: one READ COMMITTED transaction an operation, statements pipelined.
type postgres struct {
	url     string
	pool    *pgxpool.Pool
	outside *pgxpool.Pool // for who holds a connection of the pool already: its reads wait for nobody
	ids     postgresIDs
}

func openPostgres(ctx context.Context, url string, o Options) (*postgres, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	if config.MaxConns < 16 {
		config.MaxConns = 16
	}
	if o.Readers > 0 {
		config.MaxConns = int32(o.Readers)
	}
	config.ConnConfig.RuntimeParams["application_name"] = "taphoa"
	if o.ReadOnly {
		config.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	idConfig := config.ConnConfig.Copy()
	config = config.Copy()
	config.MaxConns, config.MinConns, config.MinIdleConns = 2, 0, 0
	outside, err := pgxpool.NewWithConfig(ctx, config) // connects when it is used
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &postgres{url: url, pool: pool, outside: outside, ids: postgresIDs{config: idConfig}}, nil
}

func (e *postgres) close() error {
	e.pool.Close()
	e.outside.Close()
	return e.ids.close()
}

// migrationLock is the advisory lock that migrations hold: two programs that start together take turns.
const migrationLock = 0x7461_7068_6f61 // "taphoa"

func (e *postgres) exclusive(ctx context.Context, tx *Tx, op func(*Tx) error) error {
	tx.ids = &e.ids
	return e.once(ctx, e.pool, tx, func(tx *Tx) error {
		tx.Everywhere().Queue(`SELECT pg_advisory_xact_lock(?)`, int64(migrationLock))
		return op(tx)
	}, "BEGIN")
}

// tune does nothing: the server watches its tables by itself.
func (e *postgres) tune(*Tx) error { return nil }

// version knows none: asking the server would cost what it is to save.
func (e *postgres) version() (int64, bool) { return 0, false }

func (e *postgres) read(ctx context.Context, tx *Tx, op func(*Tx) error) error {
	tx.ids = noIDs{}
	return e.once(ctx, e.pool, tx, op, beginRead)
}

func (e *postgres) write(ctx context.Context, tx *Tx, op func(*Tx) error) error {
	fresh := *tx
	for try := 1; ; try++ {
		*tx = fresh
		tx.ids = &e.ids
		err := e.once(ctx, e.pool, tx, op, "BEGIN")
		if err == nil || !again(err) {
			return err
		}
		if c := (*Conflict)(nil); try == tries && errors.As(err, &c) {
			return err
		} else if try == tries {
			return &Conflict{Constraint: "rows that others write all the time", cause: err}
		}
		select {
		case <-time.After(time.Duration(rand.IntN(1<<try)) * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// again reports that the operation was rolled back for a reason that a second run may not meet.
func again(err error) bool {
	if c := (*Conflict)(nil); errors.As(err, &c) {
		return true
	}
	e := (*pgconn.PgError)(nil)
	return errors.As(err, &e) && (e.Code == "40P01" || e.Code == "40001")
}

const beginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

func (e *postgres) once(ctx context.Context, pool *pgxpool.Pool, tx *Tx, op func(*Tx) error, begin string) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	s := &pgSession{conn: conn.Conn(), batch: &pgx.Batch{}}
	s.batch.Queue(begin)
	tx.session = s
	if err = guard(tx, op); err == nil && tx.end.check != nil && begin != beginRead {
		err = e.compare(ctx, s, tx)
	}
	if err == nil {
		s.batch.Queue("COMMIT")
		// A caller who leaves now must not turn a finished operation into an unknown one.
		_, err = s.send(context.WithoutCancel(ctx), nil, nil)
	}
	if err != nil && conn.Conn().PgConn().TxStatus() != 'I' {
		undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if _, e := conn.Conn().Exec(undo, "ROLLBACK"); e != nil {
			_ = conn.Conn().Close(undo) // the pool drops it, and the server rolls back
		}
	}
	return err
}

// compare runs the check of [Tx.Compare] from outside of the transaction, whose locks are taken before.
func (e *postgres) compare(ctx context.Context, s *pgSession, tx *Tx) error {
	if s.batch.Len() > 0 {
		if _, err := s.send(ctx, nil, nil); err != nil {
			return err
		}
	}
	outside := *tx
	outside.ids, outside.end, outside.values = noIDs{}, new(end), nil
	return e.once(ctx, e.outside, &outside, tx.end.check, beginRead)
}

// pgSession gathers statements and sends them together with the next one whose result is wanted.
type pgSession struct {
	conn  *pgx.Conn
	batch *pgx.Batch
	busy  bool
}

func (s *pgSession) queue(st *statement, values []value) error {
	s.batch.Queue(st.postgres, anyOf(values)...)
	return nil
}

func (s *pgSession) query(ctx context.Context, st *statement, values []value, each func(Row) error) (int64, error) {
	if s.busy {
		return 0, fmt.Errorf("a query inside the rows of another: %q", st.text)
	}
	s.batch.Queue(st.postgres, anyOf(values)...)
	return s.send(ctx, st, each)
}

func (s *pgSession) script(ctx context.Context, sql string) error {
	if s.batch.Len() > 0 {
		if _, err := s.send(ctx, nil, nil); err != nil {
			return err
		}
	}
	_, err := s.conn.PgConn().Exec(ctx, strings.ReplaceAll(sql, "{{clustered}}", "")).ReadAll()
	return err
}

// send runs the batch; st and each belong to its last statement.
func (s *pgSession) send(ctx context.Context, st *statement, each func(Row) error) (affected int64, err error) {
	s.busy = true
	defer func() { s.busy = false }()
	queued := s.batch.QueuedQueries
	n := len(queued)
	results := s.conn.SendBatch(ctx, s.batch)
	s.batch = &pgx.Batch{}
	defer func() {
		if e := results.Close(); err == nil && e != nil {
			err = pgError(e, "")
		}
	}()
	for i := range n - 1 {
		if _, err := results.Exec(); err != nil {
			return 0, pgError(err, queued[i].SQL)
		}
	}
	last := queued[n-1].SQL
	if each == nil {
		tag, err := results.Exec()
		return tag.RowsAffected(), pgError(err, last)
	}
	rows, err := results.Query()
	if err != nil {
		return 0, pgError(err, last)
	}
	defer rows.Close()
	row := &pgRow{fields: rows.FieldDescriptions()}
	for rows.Next() {
		row.raw = rows.RawValues()
		if err := each(row); err != nil {
			return 0, err
		}
	}
	return 0, pgError(rows.Err(), last)
}

func pgError(err error, sql string) error {
	if err == nil {
		return nil
	}
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) && e.Code == "23505" {
		return &Conflict{Constraint: e.ConstraintName, cause: err}
	}
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) && (e.Code == "22003" || e.Code == "23514") {
		return fmt.Errorf("%w: %w", ErrRange, err)
	}
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) && e.Code == "42P01" {
		err = fmt.Errorf("%w: %w", ErrNoTable, err)
	}
	return fmt.Errorf("%w in %q", err, sql)
}

func anyOf(values []value) []any {
	args := make([]any, len(values))
	for i, v := range values {
		switch v.kind {
		case kindNull:
		case kindInt:
			args[i] = v.int
		case kindBool:
			args[i] = v.int != 0
		case kindText:
			args[i] = v.text
		case kindInts:
			args[i] = v.ints
		case kindTexts:
			args[i] = v.texts
		}
	}
	return args
}

func (st *statement) postgresText() string {
	var b strings.Builder
	for i, piece := range st.pieces {
		piece = strings.ReplaceAll(piece, lockMark, "FOR UPDATE")
		if i == len(st.params) {
			b.WriteString(piece)
			break
		}
		if st.params[i].list {
			piece = strings.TrimRight(piece, " \n\t")
			b.WriteString(piece[:len(piece)-len("IN")] + "= ANY($" + strconv.Itoa(i+1) + ")")
			continue
		}
		b.WriteString(piece + "$" + strconv.Itoa(i+1))
	}
	return b.String()
}

// pgRow reads the binary form of the few types that the schema has.
type pgRow struct {
	fields []pgconn.FieldDescription
	raw    [][]byte
}

func (r *pgRow) Null(i int) bool { return r.raw[i] == nil }

func (r *pgRow) Text(i int) string { return string(r.raw[i]) }

func (r *pgRow) Int64(i int) int64 {
	raw := r.raw[i]
	if raw == nil {
		return 0
	}
	if f := &r.fields[i]; f.Format == pgtype.BinaryFormatCode {
		switch f.DataTypeOID {
		case pgtype.Int8OID:
			return int64(binary.BigEndian.Uint64(raw))
		case pgtype.Int4OID:
			return int64(int32(binary.BigEndian.Uint32(raw)))
		case pgtype.Int2OID:
			return int64(int16(binary.BigEndian.Uint16(raw)))
		case pgtype.BoolOID:
			return int64(raw[0])
		}
	}
	panic(fmt.Sprintf("column %s has type %d: cast it to BIGINT", r.fields[i].Name, r.fields[i].DataTypeOID))
}

func (r *pgRow) columns() []string {
	names := make([]string, len(r.fields))
	for i, f := range r.fields {
		names[i] = f.Name
	}
	return names
}

// postgresIDs reserves blocks of ids on a connection of its own, outside of any transaction: waiting for one from the
// pool while holding another could stop everybody.
type postgresIDs struct {
	blocks
	config *pgx.ConnConfig
	conn   *pgx.Conn
}

func (s *postgresIDs) take(tx *Tx, table string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, ok := s.blocks.take(table); ok {
		return id, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tx.ctx), 10*time.Second)
	defer cancel()
	if s.conn == nil || s.conn.IsClosed() {
		conn, err := pgx.ConnectConfig(ctx, s.config)
		if err != nil {
			return 0, err
		}
		s.conn = conn
	}
	st, err := compile(reserveIDs)
	if err != nil {
		return 0, err
	}
	var last int64
	if err := s.conn.QueryRow(ctx, st.postgres, table, int64(idBlock)).Scan(&last); err != nil {
		return 0, err
	}
	s.fill(table, last)
	id, _ := s.blocks.take(table)
	return id, nil
}

func (s *postgresIDs) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return s.conn.Close(ctx)
}

package db

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// errBroken wraps the errors of a connection, as opposed to those of a statement.
var errBroken = errors.New("the connection to the database broke")

// pgSession gathers statements and sends them together with the next one whose result is wanted.
type pgSession struct {
	conn   *pgx.Conn
	counts *counts
	begin  []pgItem // what the first query is to be sent after
	items  []pgItem
	busy   bool
	at     int64 // the server's timeline
	ran    int   // how many statements of the last batch have succeeded
	sent   bool  // something was
	broken error // the first error of the server or of the connection
}

// pgItem is a statement that is to be sent, and what its rows are for.
type pgItem struct {
	sql  string
	args []any
	each func(Row) error
	end  func() error // checks the rows, before what follows is read; nil for no check
}

func (s *pgSession) add(sql string, args []any, each func(Row) error) {
	s.items = append(s.items, pgItem{sql: sql, args: args, each: each})
}

// open puts the beginning of the transaction before what is sent next, unless it is there.
func (s *pgSession) open() {
	s.items = append(s.begin, s.items...)
	s.begin = nil
}

func (s *pgSession) queue(st *statement, values []value) error {
	s.add(st.postgresSized(values), anyOf(values), nil)
	return nil
}

func (s *pgSession) ask(_ context.Context, st *statement, values []value, each func(Row) error) error {
	if s.begin != nil {
		s.open()
	}
	s.add(st.postgresSized(values), anyOf(values), each)
	return nil
}

func (s *pgSession) query(ctx context.Context, st *statement, values []value, each func(Row) error) (int64, error) {
	if s.busy {
		return 0, fmt.Errorf("a query inside the rows of another: %q", st.text)
	}
	if s.begin != nil {
		s.open()
	}
	s.add(st.postgresSized(values), anyOf(values), each)
	return s.send(ctx)
}

func (s *pgSession) flush(ctx context.Context) error {
	if len(s.items) == 0 {
		return nil
	}
	_, err := s.send(ctx)
	return err
}

func (s *pgSession) script(ctx context.Context, sql string) error {
	if err := s.flush(ctx); err != nil {
		return err
	}
	s.sent = true
	sql = strings.NewReplacer("{{clustered}}", "", "{{hot}}", "WITH (fillfactor = 20)").Replace(sql)
	_, err := s.conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

func (s *pgSession) asSent(st *statement, values []value) (string, []any) {
	return st.sentPostgres(values)
}

func (s *pgSession) timeline() int64 { return s.at }

// send sends the statements and returns how many rows the last one has changed.
func (s *pgSession) send(ctx context.Context) (affected int64, err error) {
	items, batch := s.items, &pgx.Batch{}
	s.items, s.ran, s.sent, s.busy = nil, 0, true, true
	for _, item := range items {
		batch.Queue(item.sql, item.args...)
	}
	s.counts.send(len(items))
	results := s.conn.SendBatch(ctx, batch)
	defer func() {
		s.busy = false
		if e := results.Close(); err == nil && e != nil {
			err = s.fail(e, items[len(items)-1].sql)
		}
	}()
	for _, item := range items {
		if item.each == nil {
			tag, err := results.Exec()
			if err != nil {
				return 0, s.fail(err, item.sql)
			}
			affected = tag.RowsAffected()
			s.ran++
			continue
		}
		rows, err := results.Query()
		if err != nil {
			return 0, s.fail(err, item.sql)
		}
		row := &pgRow{fields: rows.FieldDescriptions()}
		for rows.Next() {
			row.raw = rows.RawValues()
			if err := item.each(row); err != nil {
				rows.Close()
				return 0, err
			}
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return 0, s.fail(err, item.sql)
		}
		s.ran++
		if item.end != nil {
			if err := item.end(); err != nil {
				s.broken = err
				return 0, err
			}
		}
	}
	return affected, nil
}

// fail notes an error of the server or of the connection, after which the transaction is over.
func (s *pgSession) fail(err error, sql string) error {
	if codeOf(err) == "" && s.conn.IsClosed() {
		err = fmt.Errorf("%w: %w", errBroken, err)
	}
	err = pgError(err, sql)
	if s.broken == nil {
		s.broken = err
	}
	return err
}

func pgError(err error, sql string) error {
	e := (*pgconn.PgError)(nil)
	if errors.As(err, &e) && e.Code == codeUnique {
		return &Conflict{Constraint: e.ConstraintName, cause: err}
	}
	if code := codeOf(err); code == codeOutOfRange || code == codeCheck {
		return fmt.Errorf("%w: %w", ErrRange, err)
	}
	if codeOf(err) == codeNoTable {
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
			if args[i] = v.ints; len(v.ints) == 1 {
				args[i] = v.ints[0]
			}
		case kindTexts:
			if args[i] = v.texts; len(v.texts) == 1 {
				args[i] = v.texts[0]
			}
		}
	}
	return args
}

// postgresSized is the statement's text for the lengths of its lists: one key is asked for by =, which an index serves in
// a plan that was made when the table was empty; with = ANY it would be a filter after the rest of the key.
func (st *statement) postgresSized(values []value) string {
	if st.lists == 0 {
		return st.postgres
	}
	var single uint64
	for i, v := range values {
		if (v.kind == kindInts || v.kind == kindTexts) && v.size() == 1 && i < 64 {
			single |= 1 << i
		}
	}
	if single == 0 {
		return st.postgres
	}
	if text, ok := st.singles.Load(single); ok {
		return text.(string)
	}
	text := st.postgresText(func(i int) bool { return single&(1<<i) != 0 })
	st.singles.Store(single, text)
	return text
}

// postgresText has $1… for the parameters, and for lists = ANY, or = where single says that they have one element.
func (st *statement) postgresText(single func(i int) bool) string {
	var b strings.Builder
	for i, fragment := range st.fragments {
		fragment = strings.ReplaceAll(fragment, lockMark, "FOR UPDATE")
		if i == len(st.params) {
			b.WriteString(fragment)
			break
		}
		n := "$" + strconv.Itoa(i+1)
		if !st.params[i].list {
			b.WriteString(fragment + n)
			continue
		}
		fragment = strings.TrimRight(fragment, " \n\t")
		b.WriteString(fragment[:len(fragment)-len("IN")])
		if single != nil && single(i) {
			b.WriteString("= " + n)
		} else {
			b.WriteString("= ANY(" + n + ")")
		}
	}
	return b.String()
}

// pgRow reads the few types that the schema has, in binary form or, where statements are not prepared, as text.
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
	f := &r.fields[i]
	switch f.DataTypeOID {
	case pgtype.Int8OID, pgtype.Int4OID, pgtype.Int2OID, pgtype.BoolOID:
	default:
		panic(fmt.Sprintf("column %s has type %d: cast it to BIGINT", f.Name, f.DataTypeOID))
	}
	if f.Format != pgtype.BinaryFormatCode {
		if f.DataTypeOID == pgtype.BoolOID {
			return int64(strings.Count(string(raw), "t"))
		}
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			panic(fmt.Sprintf("column %s: %v", f.Name, err))
		}
		return n
	}
	switch f.DataTypeOID {
	case pgtype.Int8OID:
		return int64(binary.BigEndian.Uint64(raw))
	case pgtype.Int4OID:
		return int64(int32(binary.BigEndian.Uint32(raw)))
	case pgtype.Int2OID:
		return int64(int16(binary.BigEndian.Uint16(raw)))
	}
	return int64(raw[0])
}

func (r *pgRow) columns() []string {
	names := make([]string, len(r.fields))
	for i, f := range r.fields {
		names[i] = f.Name
	}
	return names
}

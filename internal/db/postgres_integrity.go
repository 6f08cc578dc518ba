package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pgIndex is an index of one of our tables.
type pgIndex struct {
	Table, Name string
	OID         uint32
	Columns     string // quoted, with commas; "" where the index has expressions
	Predicate   string // of a partial index, or ""
	Btree       bool
}

const pgIndexes = `
	SELECT t.relname::TEXT, i.relname::TEXT, i.oid,
		CASE WHEN x.indexprs IS NULL THEN (
			SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.n)
			FROM unnest(x.indkey::INT2[]) WITH ORDINALITY k(att, n)
			JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.att) ELSE '' END,
		COALESCE(pg_get_expr(x.indpred, x.indrelid), ''), m.amname = 'btree'
	FROM pg_index x
	JOIN pg_class i ON i.oid = x.indexrelid
	JOIN pg_class t ON t.oid = x.indrelid
	JOIN pg_am m ON m.oid = i.relam
	WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r' AND x.indisvalid AND t.relpersistence = 'p'
	ORDER BY 1, 2`

// pgAmcheck reports whether the extension is installed and may be used.
const pgAmcheck = `
	SELECT COALESCE(bool_or(has_function_privilege(p.oid, 'EXECUTE')), false)
	FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
	WHERE p.proname = 'bt_index_check' AND p.pronargs = 2 AND has_schema_privilege(n.oid, 'USAGE')`

// integrity reads every row of every table, and compares the indexes with them: with amcheck, which sees all that an
// index can have wrong, or by counting what an ordered scan of the index finds, which sees unreadable pages and
// missing entries. Each table is read in one snapshot, so that others may write meanwhile.
func (e *postgres) integrity(ctx context.Context) (Integrity, error) {
	return e.readThrough(ctx, false)
}

// inspectMax is the size in bytes of the largest database that is read through beside requests.
const inspectMax = 2 << 30

// endsProcess is the fault of a table that was twice read until the connection broke. It is not read again: when a process of the
// server crashes, the server ends all others.
const endsProcess = "reading it ends the server's process"

// inspect does the same on one processor, and leaves the server alone between two tables for as long as the last one took.
func (e *postgres) inspect(ctx context.Context) ([]string, error) {
	if size := e.stats(ctx).Size; size > inspectMax {
		return nil, &TooLargeError{size}
	}
	state, err := e.readThrough(ctx, true)
	return state.Faults, err
}

func (e *postgres) readThrough(ctx context.Context, gently bool) (state Integrity, err error) {
	conn, err := e.acquire(ctx)
	if err != nil {
		return state, err
	}
	defer conn.Release()
	amcheck := false
	if err := conn.QueryRow(ctx, pgAmcheck).Scan(&amcheck); err != nil {
		return state, err
	}
	if state.Method = "scan"; amcheck {
		state.Method = "amcheck"
	}
	rows, err := conn.Query(ctx, pgIndexes)
	if err != nil {
		return state, err
	}
	indexes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[pgIndex])
	if err != nil {
		return state, err
	}
	rows, err = conn.Query(ctx, `SELECT tgname::TEXT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
		WHERE NOT tgisinternal AND c.relnamespace = current_schema()::regnamespace ORDER BY tgname`)
	if err != nil {
		return state, err
	}
	if state.Triggers, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return state, err
	}
	rows, err = conn.Query(ctx, `SELECT tablename::TEXT FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename`)
	if err != nil {
		return state, err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return state, err
	}
	for _, table := range tables {
		own := slices.DeleteFunc(slices.Clone(indexes), func(x pgIndex) bool { return x.Table != table })
		if gently && e.ended[table] > 1 {
			state.Faults = append(state.Faults, "table "+table+": "+endsProcess)
			continue
		}
		began := time.Now()
		err := pgx.BeginTxFunc(ctx, conn.Conn(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
			if gently {
				if _, err := tx.Exec(ctx, "SET LOCAL max_parallel_workers_per_gather = 0"); err != nil {
					return err
				}
			}
			return state.table(ctx, tx, table, own)
		})
		if err != nil {
			if gently && e.passing(err) && codeOf(err) == "" { // a server that is stopped says so
				e.ended[table]++
			}
			return state, err
		}
		if gently {
			if err := rest(ctx, time.Since(began)); err != nil {
				return state, err
			}
		}
	}
	return state, nil
}

// table checks a table and its indexes.
func (state *Integrity) table(ctx context.Context, tx pgx.Tx, table string, indexes []pgIndex) error {
	columns := []string{"SUM(octet_length(r::TEXT))"} // the whole row: also what is stored out of line
	for _, x := range indexes {
		column := "COUNT(*)"
		if x.Predicate != "" {
			column += " FILTER (WHERE " + x.Predicate + ")"
		}
		columns = append(columns, column)
	}
	table = pgx.Identifier{table}.Sanitize()
	state.Tables++
	counts, sound, err := state.ask(ctx, tx, "table "+table,
		`SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off`,
		"SELECT ARRAY["+strings.Join(columns, ", ")+"]::TEXT FROM "+table+" r")
	if err != nil || !sound {
		return err
	}
	entries := strings.Split(strings.Trim(counts, "{}"), ",")[1:]
	for i, x := range indexes {
		if err := state.index(ctx, tx, table, x, entries[i]); err != nil {
			return err
		}
	}
	return nil
}

// index checks an index that should have that many entries.
func (state *Integrity) index(ctx context.Context, tx pgx.Tx, table string, x pgIndex, entries string) error {
	what := "index " + x.Name
	if state.Method == "amcheck" && x.Btree {
		state.Indexes++
		_, _, err := state.ask(ctx, tx, what, "", fmt.Sprintf("SELECT bt_index_check(%d::regclass, true)::TEXT", x.OID))
		return err
	}
	if x.Columns == "" || !x.Btree {
		state.Unchecked = append(state.Unchecked, x.Name)
		return nil
	}
	rows := "SELECT " + x.Columns + " FROM " + table
	if x.Predicate != "" {
		rows += " WHERE " + x.Predicate
	}
	walk := "SELECT COUNT(*)::TEXT FROM (" + rows + " ORDER BY " + x.Columns + " OFFSET 0) r"
	const only = `SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off;
		SET LOCAL enable_incremental_sort = off; SET LOCAL enable_indexscan = on; SET LOCAL enable_indexonlyscan = on;
		SET LOCAL max_parallel_workers_per_gather = 0`
	plan, sound, err := state.ask(ctx, tx, what, only, "EXPLAIN (COSTS OFF) "+walk)
	if err != nil || !sound {
		return err
	}
	if !strings.Contains(plan, " using "+pgx.Identifier{x.Name}.Sanitize()+" ") && !strings.Contains(plan, " using "+x.Name+" ") {
		state.Unchecked = append(state.Unchecked, x.Name) // another index has the same order
		return nil
	}
	state.Indexes++
	n, sound, err := state.ask(ctx, tx, what, only, walk)
	if err == nil && sound && n != entries {
		state.Faults = append(state.Faults, fmt.Sprintf("index %s has %s entries for %s rows of table %s", x.Name, n, entries, table))
	}
	return err
}

// ask runs a query and returns the text of its rows. What the server cannot read is a fault of what is checked.
func (state *Integrity) ask(ctx context.Context, tx pgx.Tx, what, settings, sql string) (text string, sound bool, err error) {
	err = pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error { // a savepoint: the next query wants the same snapshot
		if _, err := tx.Exec(ctx, settings, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sql, pgx.QueryExecModeExec)
		if err != nil {
			return err
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		text = strings.Join(lines, "\n")
		return err
	})
	if fault := (*pgconn.PgError)(nil); errors.As(err, &fault) && (strings.HasPrefix(fault.Code, "XX") || strings.HasPrefix(fault.Code, "58")) {
		state.Faults = append(state.Faults, what+": "+fault.Message)
		return "", false, nil
	}
	return text, err == nil, err
}

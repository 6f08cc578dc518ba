package db_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestPlansGrowWithTheShop fills a table of a fresh database past the sizes at which the planner must be told, and looks at
// the plans of statements that were prepared when it was empty.
func TestPlansGrowWithTheShop(t *testing.T) {
	t.Parallel()
	url := dbtest.Database(t)
	dbtest.Open(t, url, nil)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	known := func(table string) (rows float64) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), `SELECT reltuples::float8 FROM pg_class WHERE oid = $1::regclass`, table).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	exec(`SET plan_cache_mode = force_generic_plan`)
	plan := func() string {
		t.Helper()
		rows, err := conn.Query(t.Context(), `EXPLAIN EXECUTE reserved (1, 'order', 7)`, pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(lines, "\n")
	}
	sent, err := db.Sent(`SELECT product_id, quantity FROM stock_reservations
		WHERE retailer_id = :retailer AND kind = ? AND document_id IN ?`, "order", []int64{7})
	if err != nil {
		t.Fatal(err)
	}
	exec(`PREPARE reserved AS ` + sent)
	byKey := func(when string) {
		t.Helper()
		if text := plan(); !strings.Contains(text, "document_id = $3") || strings.Contains(text, "Filter") {
			t.Errorf("%s the plan is\n%s", when, text)
		}
	}
	byKey("of no orders")
	fill := func(from, to int) {
		t.Helper()
		exec(`INSERT INTO stock_reservations (retailer_id, kind, document_id, product_id, branch_id, quantity)
			SELECT 1, 'order', i, i % 100, 1, 1 FROM generate_series($1::bigint, $2::bigint) i`, from, to)
	}
	grown := func(rows float64) {
		t.Helper()
		for began := time.Now(); known("stock_reservations") < rows; time.Sleep(50 * time.Millisecond) {
			if time.Since(began) > 20*time.Second {
				t.Fatalf("the planner knows of %v rows, there are %v", known("stock_reservations"), rows)
			}
		}
	}
	fill(1, 300)
	grown(200)
	fill(301, 25_000)
	byKey("before the planner knows of 20,000 orders")
	grown(20_000)
	byKey("of 20,000 orders")
	if rows := known("transfers"); rows != -1 {
		t.Errorf("of an empty table the planner is told that it has %v rows", rows)
	}
}

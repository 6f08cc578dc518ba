package db_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// removing are the tables whose lists tell what was deleted.
var removing = []string{"products", "categories", "price_books", "customers", "suppliers", "branches", "users", "bank_accounts"}

// TestRemovedIDsAreFoundByWhatWasDeleted looks at the plans: the index has all that is asked, and the records are not read.
func TestRemovedIDsAreFoundByWhatWasDeleted(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		type step struct {
			ID, Parent, Notused int64
			Detail              string
		}
		d := dbtest.Open(t, dbtest.URL(t, "sqlite"), nil)
		for _, table := range removing {
			write(t, d, shop, func(tx *db.Tx) error {
				plan, err := db.All[step](tx, "EXPLAIN QUERY PLAN "+db.RemovedFrom(table), 1)
				if len(plan) != 1 || !strings.Contains(plan[0].Detail, "COVERING INDEX "+table+"_deleted (retailer_id=? AND deleted_at>?)") {
					t.Errorf("%s: %v", table, plan)
				}
				return err
			})
		}
	})
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.Database(t)
		dbtest.Open(t, url, nil)
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		exec := func(sql string) {
			t.Helper()
			if _, err := conn.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		exec(`SET plan_cache_mode = force_generic_plan`)
		exec(`SET enable_seqscan = off`) // the tables are empty
		exec(`SET enable_bitmapscan = off`)
		for _, table := range removing {
			sent, err := db.Sent(db.RemovedFrom(table), 1)
			if err != nil {
				t.Fatal(err)
			}
			exec(`PREPARE ` + table + ` (bigint, bigint) AS ` + sent)
			rows, err := conn.Query(t.Context(), `EXPLAIN EXECUTE `+table+` (1, 1)`, pgx.QueryExecModeSimpleProtocol)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil || !strings.HasPrefix(plan[0], "Index Only Scan using "+table+"_deleted") || strings.Contains(strings.Join(plan, ""), "Filter") {
				t.Errorf("%s: %s (%v)", table, strings.Join(plan, "\n"), err)
			}
		}
	})
}

// TestRemovedIDsComeInOrder deletes records in another order than that of their ids.
func TestRemovedIDsComeInOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		write(t, d, shop, func(tx *db.Tx) error {
			for id := range int64(9) {
				insertSupplier(tx, id+1, "a")
			}
			return nil
		})
		var since taphoa.Time
		for i, id := range []int64{7, 3, 9, 1} {
			clock.Advance(1)
			write(t, d, shop, func(tx *db.Tx) error {
				if i == 1 {
					since = tx.Now
				}
				return deleteSupplier(tx, id)
			})
		}
		read(t, d, shop, func(tx *db.Tx) error {
			for _, want := range []struct {
				since  taphoa.Opt[taphoa.Time]
				cursor string
				ids    []int64
			}{
				{taphoa.Opt[taphoa.Time]{}, "", []int64{1, 3, 7, 9}},
				{taphoa.Some(since), "*", []int64{1, 3, 9}},
				{taphoa.Some(tx.Now + 1), "", []int64{}},
				{taphoa.Some(since), "next", []int64{}},
			} {
				got, err := db.Removed(tx, "suppliers", want.since, taphoa.Paging{Cursor: want.cursor})
				if err != nil || got == nil || !slices.Equal(got, want.ids) {
					t.Errorf("since %v with the cursor %q: %v (%v), want %v", want.since, want.cursor, got, err, want.ids)
				}
			}
			return nil
		})
	})
}

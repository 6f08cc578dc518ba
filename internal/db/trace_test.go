package db_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestATraceShowsWhatTheEngineGets: SQLite as many values as a list's padded length, PostgreSQL one array, or one value.
func TestATraceShowsWhatTheEngineGets(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		type sent struct {
			sql  string
			args []any
		}
		var traced []sent
		ctx := db.WithTrace(t.Context(), &db.Trace{Statement: func(sql string, args []any) { traced = append(traced, sent{sql, args}) }})
		read := func(tx *db.Tx) error {
			for _, ids := range [][]int64{{7, 8, 9}, {7}} {
				if _, err := db.All[int64](tx, "SELECT id FROM branches WHERE retailer_id = :retailer AND id IN ? AND name_key <> ?", ids, "b"); err != nil {
					return err
				}
			}
			return nil
		}
		if err := d.Read(ctx, db.Actor{Retailer: 3}, read); err != nil {
			t.Fatal(err)
		}
		want := []sent{
			{"SELECT id FROM branches WHERE retailer_id = ? AND id IN (?,?,?,?) AND name_key <> ?", []any{int64(3), int64(7), int64(8), int64(9), int64(9), "b"}},
			{"SELECT id FROM branches WHERE retailer_id = ? AND id IN (?) AND name_key <> ?", []any{int64(3), int64(7), "b"}},
		}
		if strings.HasSuffix(t.Name(), "/postgres") {
			want = []sent{
				{"SELECT id FROM branches WHERE retailer_id = $1 AND id = ANY($2) AND name_key <> $3", []any{int64(3), []int64{7, 8, 9}, "b"}},
				{"SELECT id FROM branches WHERE retailer_id = $1 AND id = $2 AND name_key <> $3", []any{int64(3), int64(7), "b"}},
			}
		}
		if !reflect.DeepEqual(traced, want) {
			t.Errorf("traced\n%q, want\n%q", traced, want)
		}
		traced = nil
		if err := d.Read(t.Context(), db.Actor{Retailer: 3}, read); err != nil || traced != nil {
			t.Errorf("without a trace: %v, %v", traced, err)
		}
	})
}

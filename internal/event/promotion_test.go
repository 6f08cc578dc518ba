//go:build linux || darwin

package event_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestAPromotedReplicaBeginsAnEpochOfTheFeed loses the primary with events that its replica never got. The program goes on,
// and clients that have read those events are refused.
func TestAPromotedReplicaBeginsAnEpochOfTheFeed(t *testing.T) {
	t.Parallel()
	primary := dbtest.OwnServer(t)
	replica, err := primary.Standby()
	if err != nil {
		t.Fatal(err)
	}
	d := dbtest.Open(t, dbtest.MultiHostURL("postgres", primary, replica), nil)
	write := func(what string) (seq int64) {
		t.Helper()
		if err := d.Write(t.Context(), shop, func(tx *db.Tx) error { set(tx, "a", what); return nil }); err != nil {
			t.Fatal(err)
		}
		err := d.Read(t.Context(), shop, func(tx *db.Tx) error {
			kept, err := db.Kept(tx, "a", 0, func(tx *db.Tx) (string, error) {
				value, _, err := db.One[string](tx, `SELECT value FROM settings WHERE retailer_id = :retailer AND name = 'a'`)
				return value, err
			})
			if kept != what {
				t.Errorf("in memory is %q, want %q", kept, what)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		f, err := feed(t, d, shop, taphoa.EventQuery{})
		if err != nil {
			t.Fatal(err)
		}
		return f.Last
	}
	both := write("both have it")
	if err := primary.Exec(t.Context(), "postgres", `DO $$ BEGIN
		WHILE (SELECT COALESCE(MIN(replay_lsn), '0/0') FROM pg_stat_replication) < pg_current_wal_lsn() LOOP
			PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
		END LOOP; END $$`); err != nil {
		t.Fatal(err)
	}
	replica.Stop(syscall.SIGINT) // the rest never reaches it
	lost := write("only the primary has it")
	lost = max(lost, write("this too"))
	primary.Stop(syscall.SIGQUIT)
	if err := replica.Start(); err != nil {
		t.Fatal(err)
	}
	if err := replica.Exec(t.Context(), "postgres", `SELECT pg_promote()`); err != nil {
		t.Fatal(err)
	}

	refused := func(after int64) bool {
		t.Helper()
		_, err := feed(t, d, shop, taphoa.EventQuery{After: taphoa.Some(after)})
		e := (*taphoa.Error)(nil)
		if err != nil && (!errors.As(err, &e) || e.Code != taphoa.CodeEventsGone) {
			t.Fatalf("after %d: %v", after, err)
		}
		return err != nil
	}
	began := time.Now()
	if !refused(lost) {
		t.Error("before the first write, a client that has read lost events is not refused")
	}
	var last int64
	for i := range 5 { // more than were lost: the numbers would be used again
		last = write(fmt.Sprint("new", i))
	}
	t.Logf("the new server is written to %v after the first request", time.Since(began))
	if !refused(lost) || !refused(lost-1) {
		t.Error("a client that has read lost events is not refused")
	}
	f, err := feed(t, d, shop, taphoa.EventQuery{After: taphoa.Some(both)})
	if err != nil || len(f.Data) != 5 || f.Last != last {
		t.Errorf("a client at the last number of both servers reads %+v, %v", f, err)
	}
	if refused(last) {
		t.Error("the newest number is refused")
	}
}

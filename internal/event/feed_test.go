package event_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/event"
)

// kinds are types of events, some of them rare; the last is internal.
var kinds = []*event.Kind[int64]{
	{Type: "customer.delete"}, {Type: "product.delete"}, {Type: "category.delete"}, {Type: "branch.delete"}, {Type: event.Internal},
}

// appendEvents appends n events to the log, most of them of the first kinds. The clock does not advance between some of them, and
// some are backdated.
func appendEvents(t *testing.T, d *db.DB, clock *dbtest.Clock, by *rand.Rand, n int) {
	t.Helper()
	for n > 0 {
		burst := min(n, 1+by.IntN(5))
		n -= burst
		if by.IntN(3) > 0 {
			clock.Advance(by.Int64N(60))
		}
		err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
			if by.IntN(10) == 0 {
				tx.AsOf(tx.Now.Add(-60_000_000_000))
			}
			for i := range burst {
				kinds[min(by.IntN(len(kinds)), by.IntN(len(kinds)), by.IntN(len(kinds)))].Emit(tx, int64(i))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// stored returns the log as it is stored.
func stored(t *testing.T, d *db.DB) (log []taphoa.Event) {
	t.Helper()
	err := d.Read(t.Context(), shop, func(tx *db.Tx) error {
		return tx.Each(func(row db.Row) error {
			log = append(log, taphoa.Event{Seq: row.Int64(0), Type: row.Text(1), At: taphoa.Stamp(row.Int64(2))})
			return nil
		}, `SELECT seq, type, at FROM events WHERE retailer_id = :retailer ORDER BY seq`)
	})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// TestReadersOfSomeTypesMissNothingAndScanNothingTwice reads a log by pages with a small window, after the log was pruned
// and with jumps of its numbers.
func TestReadersOfSomeTypesMissNothingAndScanNothingTwice(t *testing.T) {
	defer event.SetWindow(event.SetWindow(7))
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		by := rand.New(rand.NewPCG(11, 24))
		for round := range 4 {
			appendEvents(t, d, clock, by, 40)
			err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
				if round%2 == 0 {
					return tx.BeginEpoch()
				}
				_, err := event.Prune(tx, tx.Now.Add(-600_000_000_000))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			appendEvents(t, d, clock, by, 10)
			log := stored(t, d)
			for _, types := range [][]string{nil, {"branch.delete"}, {"category.delete", "branch.delete"}, {"customer.delete"}} {
				for _, limit := range []int64{1, 3, 100} {
					checkPages(t, d, log, types, limit)
				}
			}
			checkReads(t, d, log)
		}
	})
}

// checkPages reads the feed page by page and compares it with what is stored.
func checkPages(t *testing.T, d *db.DB, log []taphoa.Event, types []string, limit int64) {
	t.Helper()
	var got, want []int64
	for _, e := range log {
		if e.Type != event.Internal && (len(types) == 0 || slices.Contains(types, e.Type)) {
			want = append(want, e.Seq)
		}
	}
	steps := 0
	for at := log[0].Seq - 1; ; steps++ {
		f, err := feed(t, d, shop, taphoa.EventQuery{After: taphoa.Some(at), Types: types, Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range f.Data {
			got = append(got, e.Seq)
		}
		if f.Next == at || f.Next > f.Last || len(f.Data) > 0 && f.Next < f.Data[len(f.Data)-1].Seq {
			if f.Next != f.Last || len(f.Data) > 0 {
				t.Fatalf("after %d the feed of %v goes on at %d of %d", at, types, f.Next, f.Last)
			}
			break
		}
		if at = f.Next; at == f.Last {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v in pages of %d returns %v, want %v", types, limit, got, want)
	}
	if most := len(log)/7 + len(want)/int(limit) + 3; steps > most {
		t.Errorf("%v in pages of %d took %d reads, want at most %d", types, limit, steps, most)
	}
}

// checkReads compares the other functions that read the log with what is stored.
func checkReads(t *testing.T, d *db.DB, log []taphoa.Event) {
	t.Helper()
	err := d.Read(t.Context(), shop, func(tx *db.Tx) error {
		h, err := tx.Head()
		if err != nil {
			return err
		}
		for _, kind := range kinds {
			var got, want []int64
			for at, more := h.DroppedSeq, true; more; {
				var events []taphoa.Event
				if events, at, more, err = event.After(tx, kind.Type, at, 2); err != nil {
					return err
				}
				for _, e := range events {
					got = append(got, e.Seq)
				}
			}
			newest := int64(0)
			for at := h.DroppedSeq; at < h.LastSeq; {
				var found map[string]int64
				if found, at, err = event.Newest(tx, shop.Retailer, at, h.LastSeq, []string{kind.Type, "order.update"}); err != nil {
					return err
				}
				newest = max(newest, found[kind.Type])
			}
			for _, e := range log {
				if e.Type == kind.Type {
					want = append(want, e.Seq)
				}
			}
			if !slices.Equal(got, want) || len(want) > 0 && newest != want[len(want)-1] {
				t.Errorf("of %s there are %v, the newest is %d, want %v", kind.Type, got, newest, want)
			}
		}
		instants := []taphoa.Time{0, taphoa.Time(log[0].At) - 1, h.At, h.At + 1}
		for _, e := range log {
			instants = append(instants, taphoa.Time(e.At), taphoa.Time(e.At)+1)
		}
		for _, at := range instants {
			want := h.DroppedSeq
			for _, e := range log {
				if taphoa.Time(e.At) < at {
					want = e.Seq
				}
			}
			if got, err := event.Before(tx, at); got != want || err != nil {
				return fmt.Errorf("before %v lies %d, want %d: %w", at, got, want, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

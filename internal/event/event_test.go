package event_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/event"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var shop = db.Actor{Retailer: 1}

// setting is a kind of event about settings: any table would do.
var setting = event.Kind[string]{Type: "branch.update", Data: func(tx *db.Tx, names []string) (any, error) {
	return db.All[string](tx, `SELECT value FROM settings WHERE retailer_id = :retailer AND name IN ? ORDER BY name`, names)
}}

var gone = event.Kind[int64]{Type: "branch.delete"}

func set(tx *db.Tx, name, value string) {
	tx.Queue(`
		INSERT INTO settings (retailer_id, name, value) VALUES (:retailer, ?, ?)
		ON CONFLICT (retailer_id, name) DO UPDATE SET value = excluded.value`, name, value)
	setting.Emit(tx, name)
}

func feed(t *testing.T, d *db.DB, who db.Actor, in taphoa.EventQuery) (f taphoa.EventFeed, err error) {
	t.Helper()
	if in.Limit == 0 {
		in.Limit = taphoa.EventLimit
	}
	err = d.Read(t.Context(), who, func(tx *db.Tx) (err error) {
		f, err = event.Feed(tx, &in)
		return err
	})
	return f, err
}

func TestARecordIsInOneEventAsItWasAtTheCommit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
			set(tx, "a", "first")
			gone.Emit(tx, 7, 8)
			set(tx, "b", "other")
			set(tx, "a", "last")
			gone.Emit(tx, 8)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		f, err := feed(t, d, shop, taphoa.EventQuery{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range f.Data {
			got = append(got, fmt.Sprint(e.Seq, e.Type, string(e.Data)))
		}
		if want := []string{`1branch.update["last","other"]`, `2branch.delete[7,8]`}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if f.Next != 2 || f.Last != 2 || f.Oldest != 1 || f.Data[0].At != taphoa.Stamp(clock.Now()) {
			t.Errorf("the feed is %+v", f)
		}
	})
}

// TestNoEventShowsLessThanTheOneBeforeIt writes while the event of another change is rendered, whose records the write may
// change, too.
func TestNoEventShowsLessThanTheOneBeforeIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		var onRead func()
		both := event.Kind[string]{Type: "branch.update", Data: func(tx *db.Tx, _ []string) (any, error) {
			values, err := db.All[string](tx, `SELECT value FROM settings WHERE retailer_id = :retailer AND name IN ? ORDER BY name`, []string{"a", "b"})
			if onRead != nil {
				onRead()
			}
			return values, err
		}}
		write := func(name string) {
			err := d.Write(context.WithoutCancel(t.Context()), shop, func(tx *db.Tx) error {
				tx.Queue(`INSERT INTO settings (retailer_id, name, value) VALUES (:retailer, ?, 'new')`, name)
				both.Emit(tx, name)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}
		other := make(chan struct{})
		onRead = func() {
			onRead = nil
			go func() {
				defer close(other)
				write("b")
			}()
			select {
			case <-other:
			case <-time.After(300 * time.Millisecond): // it waits for the lock
			}
		}
		write("a")
		<-other
		f, err := feed(t, d, shop, taphoa.EventQuery{})
		if err != nil || len(f.Data) != 2 || string(f.Data[1].Data) != `["new","new"]` {
			t.Errorf("got %+v, %v", f, err)
		}
	})
}

func TestWhatIsRolledBackHasNoEventAndLeavesNoGap(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		no := errors.New("no")
		for i := range 6 {
			err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
				set(tx, "a", fmt.Sprint(i))
				if i%2 == 1 {
					return no
				}
				return nil
			})
			if (err != nil) != (i%2 == 1) {
				t.Fatal(err)
			}
		}
		f, err := feed(t, d, shop, taphoa.EventQuery{})
		if err != nil || len(f.Data) != 3 || f.Data[2].Seq != 3 || string(f.Data[2].Data) != `["4"]` {
			t.Errorf("the feed is %+v, %v", f, err)
		}
	})
}

func TestManyRecordsAreInSeveralEvents(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
			for i := range 250 {
				gone.Emit(tx, int64(i), int64(i/2))
			}
			return nil
		})
		f, err2 := feed(t, d, shop, taphoa.EventQuery{})
		if err != nil || err2 != nil || len(f.Data) != 3 {
			t.Fatalf("%d events, %v, %v", len(f.Data), err, err2)
		}
	})
}

func TestReadersNeverMissANumberWhileSixteenClientsWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		const clients, each = 16, 25
		var writers sync.WaitGroup
		for client := range clients {
			writers.Go(func() {
				for i := range each {
					err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
						set(tx, fmt.Sprint(client), fmt.Sprint(i))
						if i%5 == 4 {
							gone.Emit(tx, int64(i))
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		seen, last := int64(0), map[string]int{}
		for want := int64(clients * each * 6 / 5); seen < want && !t.Failed(); {
			changed := d.Changed()
			f, err := feed(t, d, shop, taphoa.EventQuery{After: taphoa.Some(seen)})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range f.Data {
				if seen++; e.Seq != seen {
					t.Fatalf("number %d follows %d", e.Seq, seen-1)
				}
				last[e.Type]++
			}
			if len(f.Data) == 0 {
				select {
				case <-changed:
				case <-time.After(20 * time.Second):
					t.Fatalf("nothing after %d", seen)
				}
			}
		}
		writers.Wait()
		if last["branch.update"] != clients*each || last["branch.delete"] != clients*each/5 {
			t.Errorf("got %v", last)
		}
	})
}

func TestTheFeedFiltersTypesAndReturnsTheNextNumber(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		for i := range 5 {
			err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
				set(tx, "a", fmt.Sprint(i))
				gone.Emit(tx, int64(i))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		f, err := feed(t, d, shop, taphoa.EventQuery{Types: []string{"branch.delete"}, Limit: 2})
		if err != nil || len(f.Data) != 2 || f.Next != 4 || f.Last != 10 {
			t.Errorf("the first page is %+v, %v", f, err)
		}
		f, err = feed(t, d, shop, taphoa.EventQuery{Types: []string{"branch.delete"}, Limit: 10, After: taphoa.Some(f.Next)})
		if err != nil || len(f.Data) != 3 || f.Next != 10 {
			t.Errorf("the rest is %+v, %v", f, err)
		}
		if _, err := feed(t, d, shop, taphoa.EventQuery{Types: []string{"order.created"}}); err == nil {
			t.Error("an unknown type was accepted")
		}
		if f, err := feed(t, d, db.Actor{Retailer: 2}, taphoa.EventQuery{}); err != nil || len(f.Data) != 0 || f.Last != 0 {
			t.Errorf("another shop reads %+v, %v", f, err)
		}
	})
}

func TestARangeOfTheLogIsReadForSeveralKindsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		other := event.Kind[int64]{Type: "customer.delete"}
		for i := range 3 {
			err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
				set(tx, "a", fmt.Sprint(i))
				gone.Emit(tx, int64(i))
				other.Emit(tx, int64(i))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		err := d.Read(t.Context(), shop, func(tx *db.Tx) error {
			var got []string
			events, err := event.Between(tx, 2, 8, "branch.delete", "branch.update")
			for _, e := range events {
				got = append(got, fmt.Sprint(e.Seq, e.Type))
			}
			if want := []string{"4branch.update", "5branch.delete", "7branch.update", "8branch.delete"}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// TestInternalEventsTakeNumbersOnly: the feed skips internal events, accepts their numbers as a position, and refuses their
// type.
func TestInternalEventsTakeNumbersOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		internal := event.Kind[int64]{Type: event.Internal}
		write := func(op func(tx *db.Tx) error) {
			t.Helper()
			if err := d.Write(t.Context(), shop, op); err != nil {
				t.Fatal(err)
			}
		}
		both := func(tx *db.Tx) error { gone.Emit(tx, 1); internal.Emit(tx, 7); return nil }
		alone := func(tx *db.Tx) error { internal.Emit(tx, 7); return nil }
		for _, epoch := range []bool{false, true} {
			if epoch {
				write((*db.Tx).BeginEpoch)
			}
			f, err := feed(t, d, shop, taphoa.EventQuery{})
			if err != nil {
				t.Fatal(err)
			}
			from := f.Last
			write(alone)
			write(both)
			write(both)
			write(alone)
			if f, err = feed(t, d, shop, taphoa.EventQuery{After: taphoa.Some(from), Limit: 1}); err != nil || len(f.Data) != 1 ||
				f.Data[0].Seq != from+2 || f.Next != from+2 || f.Last != from+6 {
				t.Errorf("the first page is %+v, %v", f, err)
			}
			for after, want := range map[int64]int{from: 2, from + 1: 2, from + 2: 1, from + 3: 1, from + 4: 0, from + 5: 0, from + 6: 0} {
				if f, err := feed(t, d, shop, taphoa.EventQuery{After: taphoa.Some(after)}); err != nil || len(f.Data) != want || f.Next != from+6 {
					t.Errorf("after %d of %d: %+v, %v", after-from, f.Last-from, f, err)
				}
			}
		}
		refused := (*taphoa.Error)(nil)
		if _, err := feed(t, d, shop, taphoa.EventQuery{Types: []string{event.Internal}}); !errors.As(err, &refused) || refused.Code != taphoa.CodeValidate {
			t.Errorf("a query of internal events gets %v", err)
		}
		if err := event.CheckType("Type", event.Internal); !errors.As(err, &refused) || refused.Code != taphoa.CodeValidate {
			t.Errorf("a registration for internal events gets %v", err)
		}
		clock.Advance(60)
		write(func(tx *db.Tx) error { _, err := event.Prune(tx, tx.Now); return err })
		err := d.Read(t.Context(), shop, func(tx *db.Tx) error {
			n, err := event.Count(tx)
			if n.Kept != 0 || n.Told != 12 {
				t.Errorf("the heads count %+v", n)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// TestInstantsOfEventsNeverGoBack appends backdated events after those of the clock.
func TestInstantsOfEventsNeverGoBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		for _, ago := range []time.Duration{0, 48 * time.Hour, 72 * time.Hour, 0} {
			err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
				if ago > 0 {
					tx.AsOf(tx.Now.Add(-ago))
				}
				gone.Emit(tx, 1)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			clock.Advance(60)
		}
		f, err := feed(t, d, shop, taphoa.EventQuery{})
		if err != nil || len(f.Data) != 4 || !slices.IsSortedFunc(f.Data, func(a, b taphoa.Event) int { return int(a.At - b.At) }) {
			t.Errorf("the feed is %+v, %v", f, err)
		}
	})
}

func TestTheFeedRefusesAPositionThatWasDropped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		for i := range 6 {
			err := d.Write(t.Context(), shop, func(tx *db.Tx) error { set(tx, "a", fmt.Sprint(i)); return nil })
			if err != nil {
				t.Fatal(err)
			}
			clock.Advance(24 * 60 * 60)
		}
		err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
			more, err := event.Prune(tx, tx.Now.Add(-60*time.Hour))
			if more {
				t.Error("there is nothing more to drop")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if f, err := feed(t, d, shop, taphoa.EventQuery{}); err != nil || f.Oldest != 5 || len(f.Data) != 2 || f.Data[0].Seq != 5 {
			t.Errorf("stored is %+v, %v", f, err)
		}
		for after, ok := range map[int64]bool{0: false, 3: false, 4: true, 6: true, 7: false} {
			_, err := feed(t, d, shop, taphoa.EventQuery{After: taphoa.Some(after)})
			refused := (*taphoa.Error)(nil)
			if ok != (err == nil) || !ok && (!errors.As(err, &refused) || refused.Code != taphoa.CodeEventsGone) {
				t.Errorf("after %d: %v", after, err)
			}
		}
	})
}

func TestDataThatIsGivenIsUsedUntilTheRecordChangesAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		steps := []func(*db.Tx){
			func(tx *db.Tx) { set(tx, "a", "1"); setting.EmitData(tx, "a", "given") },
			func(tx *db.Tx) { set(tx, "a", "2"); setting.EmitData(tx, "a", "given"); set(tx, "a", "3") },
			func(tx *db.Tx) { set(tx, "a", "4"); set(tx, "b", "5"); setting.EmitData(tx, "b", "given") },
			func(tx *db.Tx) { set(tx, "a", "6"); setting.EmitData(tx, "b", "given") },
			func(tx *db.Tx) { setting.EmitData(tx, "b", "7"); setting.EmitData(tx, "a", "8") },
			func(tx *db.Tx) { setting.EmitData(tx, "a", "9"); setting.EmitData(tx, "a", "10") },
			func(tx *db.Tx) { setting.EmitData(tx, "a", "11"); set(tx, "a", "12") },
		}
		for _, step := range steps {
			if err := d.Write(t.Context(), shop, func(tx *db.Tx) error { step(tx); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		f, err := feed(t, d, shop, taphoa.EventQuery{})
		var got []string
		for _, e := range f.Data {
			got = append(got, string(e.Data))
		}
		want := []string{`["given"]`, `["3"]`, `["4","5"]`, `["6","5"]`, `["7","8"]`, `["10"]`, `["12"]`}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %q, want %q, %v", got, want, err)
		}
	})
}

// TestAHistoryThatWasLostIsNeverTakenForAnother restores one backup twice: readers of events after the first restore are
// refused, whatever was appended after the second.
func TestAHistoryThatWasLostIsNeverTakenForAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		write := func(who db.Actor, op func(tx *db.Tx) error) {
			t.Helper()
			clock.Advance(60)
			if err := d.Write(t.Context(), who, op); err != nil {
				t.Fatal(err)
			}
		}
		sell := func(n int) {
			for range n {
				write(shop, func(tx *db.Tx) error { set(tx, "a", fmt.Sprint(clock.Now())); return nil })
			}
		}
		var backup db.Head
		head := func() (h db.Head) {
			if err := d.Read(t.Context(), shop, func(tx *db.Tx) (err error) { h, err = tx.Head(); return err }); err != nil {
				t.Fatal(err)
			}
			return h
		}
		restore := func() {
			write(db.Actor{}, func(tx *db.Tx) error {
				tx.Retailer = shop.Retailer
				tx.Queue(`DELETE FROM events WHERE retailer_id = :retailer AND seq > ?`, backup.LastSeq)
				_, err := tx.Exec(`
					UPDATE shop_heads SET last_seq = ?, epoch_base = ?, told = ?, kept = ? WHERE retailer_id = :retailer`,
					backup.LastSeq, backup.EpochBase, backup.Told, backup.Kept)
				return errors.Join(err, tx.BeginEpoch())
			})
		}
		counts := func(stored, appended int64) {
			t.Helper()
			var got event.Totals
			err := d.Read(t.Context(), db.Actor{}, func(tx *db.Tx) (err error) { got, err = event.Count(tx); return err })
			if want := (event.Totals{Kept: stored, Told: appended}); got != want || err != nil {
				t.Errorf("there are %+v events (%v), want %+v", got, err, want)
			}
		}
		for _, since := range []int{3, 0, 2} { // backups before an epoch, at its beginning, and later
			sell(since)
			backup = head()
			restore()
			sell(5)
			seen := head().LastSeq
			restore()
			sell(9)
			counts(backup.Kept+9, backup.Told+9)
			refused := (*taphoa.Error)(nil)
			if _, err := feed(t, d, shop, taphoa.EventQuery{After: taphoa.Some(seen)}); !errors.As(err, &refused) || refused.Code != taphoa.CodeEventsGone {
				t.Errorf("with %d events before the backup a reader of the lost history gets %v", since, err)
			}
			if since == 0 {
				continue // a reader that has seen nothing of the epoch has to start again
			}
			if f, err := feed(t, d, shop, taphoa.EventQuery{After: taphoa.Some(backup.LastSeq)}); err != nil || len(f.Data) != 9 {
				t.Errorf("with %d events before the backup a reader of those gets %d, %v", since, len(f.Data), err)
			}
			restore()
		}
		last := head()
		write(shop, func(tx *db.Tx) error { _, err := event.Prune(tx, tx.Now); return err })
		counts(0, last.Told)
	})
}

func TestEventsNameTheirProducts(t *testing.T) {
	for _, e := range []struct {
		kind, data string
		want       []int64
	}{
		{"product.update", `[{"Id":7,"Code":"\"Id\":3","Units":[{"Id":8}]},{"Id":9}]`, []int64{7, 9}},
		{"product.delete", `[7,8]`, []int64{7, 8}},
		{"stock.update", `[{"ProductId":7,"ProductName":"\"ProductId\":3","BranchId":1},{"BranchId":2,"ProductId":8}]`, []int64{7, 8}},
		{event.Internal, `[8]`, []int64{8}},
		{event.Internal, `[]`, nil},
	} {
		got, err := event.Products(&taphoa.Event{Type: e.kind, Data: []byte(e.data)})
		if err != nil || !slices.Equal(got, e.want) {
			t.Errorf("%s %s names %v, %v", e.kind, e.data, got, err)
		}
	}
	if _, err := event.Products(&taphoa.Event{Type: "stock.update", Data: []byte(`[{"ProductId":"x"}]`)}); err == nil {
		t.Error("an invalid id was accepted")
	}
}

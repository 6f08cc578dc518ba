package db_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// planned asks once, and saves.
func planned(tx *db.Tx) (sale, error) {
	b := tx.Batch()
	last := db.Want[int64](b, `SELECT COALESCE(MAX(code), 0) FROM sales WHERE retailer_id = :retailer`)
	db.Want[int64](b, `SELECT id FROM sales WHERE retailer_id = :retailer ORDER BY id LIMIT 1`)
	if err := b.Run(); err != nil {
		return sale{}, err
	}
	s, err := sell(tx)
	if n, _ := last.One(); err == nil && n != s.Code-1 {
		err = fmt.Errorf("the last code is %d, the next one %d", n, s.Code)
	}
	return s, err
}

// TestAnOperationTakesOneRoundTripForEachBatch of questions; the commit takes one for the whole group.
func TestAnOperationTakesOneRoundTripForEachBatch(t *testing.T) {
	eachTill(t, 1, func(t *tills, _ []*dbtest.Clock) {
		if !isPostgres(t) {
			t.Skip("SQLite has no round trips")
		}
		d := t.each[0]
		trips := func(op func()) int64 {
			before := d.Stats(t.Context()).RoundTrips
			op()
			return d.Stats(t.Context()).RoundTrips - before
		}
		one := func() {
			if err := t.write(d, 1, planned); err != nil {
				t.Error(err)
			}
		}
		one()
		one()
		if n := trips(one); n != 2 {
			t.Errorf("an operation alone takes %d round trips, want 2", n)
		}
		three := trips(func() { inOneGroup(t.T, d, 1, one, one, one) })
		six := trips(func() { inOneGroup(t.T, d, 1, one, one, one, one, one, one) })
		if six-three != 3 {
			t.Errorf("a group of three takes %d round trips, one of six %d", three, six)
		}
		t.adds(1)
	})
}

// expectations are what a process has reason to expect of a shop's head, and what it finds.
var expectations = map[string]func(t *tills, shop int64){
	"a head that nothing is known of": func(*tills, int64) {},
	"the right head": func(t *tills, shop int64) {
		_ = t.write(t.each[0], shop, sell)
		_ = t.write(t.each[0], shop, sell)
	},
	"a head that another process has moved": func(t *tills, shop int64) {
		_ = t.write(t.each[0], shop, sell)
		_ = t.write(t.each[0], shop, sell)
		_ = t.write(t.each[1], shop, sell)
	},
}

// TestARefusalHarmsNoOtherOperationWhateverHeadIsExpected: the first operation of a group is the one that is refused, or
// runs before or after it.
func TestARefusalHarmsNoOtherOperationWhateverHeadIsExpected(t *testing.T) {
	eachTill(t, 2, func(t *tills, _ []*dbtest.Clock) {
		d, shop := t.each[0], int64(300)
		for what, prepare := range expectations {
			for how := range refusals {
				for _, place := range []int{0, 1} {
					shop++
					t.sold[shop] = nil
					prepare(t, shop)
					refused := func() { t.refuse(d, shop, how) }
					if place == 0 {
						refused() // alone
						prepare(t, shop)
					}
					one := func() {
						if err := t.write(d, shop, planned); err != nil {
							t.Errorf("beside one that ends %s: %v", how, err)
						}
					}
					inOneGroup(t.T, d, shop, slices.Insert([]func(){one, one}, place, refused)...)
					t.adds(shop)
					if t.Failed() {
						t.Fatalf("beside one that ends %s, at place %d, with %s", how, place, what)
					}
				}
			}
		}
	})
}

// TestADryRunShowsWhatTheNextOperationDoesWhateverHeadIsExpected, with its ids.
func TestADryRunShowsWhatTheNextOperationDoesWhateverHeadIsExpected(t *testing.T) {
	eachTill(t, 2, func(t *tills, _ []*dbtest.Clock) {
		d, shop := t.each[0], int64(400)
		for what, prepare := range expectations {
			for _, op := range []func(*db.Tx) (sale, error){sell, asked, planned, take} {
				shop++
				t.sold[shop] = nil
				prepare(t, shop)
				var dry sale
				err := d.Write(t.Context(), db.Actor{Retailer: shop, DryRun: true}, func(tx *db.Tx) (err error) {
					dry, err = op(tx)
					return err
				})
				if err == nil {
					err = t.write(d, shop, sell)
				}
				last := t.sold[shop][len(t.sold[shop])-1]
				if dry.ID = last.ID; err != nil || dry != last {
					t.Errorf("with %s a dry run shows %+v, then it is %+v (%v)", what, dry, last, err)
				}
				t.adds(shop)
			}
		}
	})
}

// TestNoOperationEndsWithWhatItFoundInMemoryAtAnOldHead: it asks the database nothing, and decides by a setting that
// another process has changed.
func TestNoOperationEndsWithWhatItFoundInMemoryAtAnOldHead(t *testing.T) {
	eachTill(t, 2, func(t *tills, _ []*dbtest.Clock) {
		ours, theirs, who := t.each[0], t.each[1], db.Actor{Retailer: 1}
		set := func(d *db.DB, value string) {
			write(t.T, d, who, func(tx *db.Tx) error {
				tx.Queue(`
					INSERT INTO settings (retailer_id, name, value) VALUES (:retailer, 'm', ?)
					ON CONFLICT (retailer_id, name) DO UPDATE SET value = excluded.value`, value)
				return nil
			})
		}
		for how, end := range map[string]func(tx *db.Tx, mode string) error{
			"succeeds":          func(*db.Tx, string) error { return nil },
			"queues a write":    func(tx *db.Tx, _ string) error { _, err := sell(tx); return err },
			"is refused":        func(*db.Tx, string) error { return errRefused },
			"panics":            func(*db.Tx, string) error { panic("a fault of ours") },
			"ignores an error":  func(tx *db.Tx, _ string) error { _, _ = asked(tx); return nil },
			"compares":          func(tx *db.Tx, _ string) error { return sameAsStored(tx) },
			"ignores and sells": func(tx *db.Tx, _ string) error { _ = sameAsStored(tx); _, err := sell(tx); return err },
		} {
			for _, dry := range []bool{false, true} {
				set(ours, "old")
				set(ours, "old")
				write(t.T, ours, who, func(tx *db.Tx) error { _, err := keptModes(tx); return err })
				set(theirs, "new "+how)
				mode := ""
				err := ours.Write(t.Context(), db.Actor{Retailer: 1, DryRun: dry}, func(tx *db.Tx) (err error) {
					if mode, err = keptModes(tx); err != nil {
						return err
					}
					return end(tx, mode)
				})
				panicked := (*db.PanicError)(nil)
				if err != nil && !errors.Is(err, errRefused) && !errors.As(err, &panicked) {
					t.Error(err)
				}
				if want := fmt.Sprint([]string{"new " + how}); mode != want {
					t.Errorf("an operation that %s (dry run: %v) has ended with %s, want %s", how, dry, mode, want)
				}
				read(t.T, ours, who, sameAsStored)
				read(t.T, theirs, who, sameAsStored)
			}
		}
	})
}

// TestAHeadThatIsGoneIsMadeAgain: another process has removed it, as when a shop is restored.
func TestAHeadThatIsGoneIsMadeAgain(t *testing.T) {
	eachTill(t, 2, func(t *tills, _ []*dbtest.Clock) {
		_ = t.write(t.each[0], 1, sell)
		_ = t.write(t.each[0], 1, sell)
		write(t.T, t.each[1], db.Actor{}, func(tx *db.Tx) error {
			tx.Everywhere().Queue(`DELETE FROM shop_heads`)
			tx.Everywhere().Queue(`DELETE FROM sales`)
			return nil
		})
		t.sold[1] = nil
		for _, op := range []func(*db.Tx) (sale, error){sell, planned, asked} {
			if err := t.write(t.each[0], 1, op); err != nil {
				t.Error(err)
			}
		}
		t.adds(1)
	})
}

// TestAServerThatTakesOverIsNoticedBeforeAnythingIsStored: an operation that has begun with an id of the old server's, and
// with its head, runs again.
func TestAServerThatTakesOverIsNoticedBeforeAnythingIsStored(t *testing.T) {
	eachTill(t, 1, func(t *tills, _ []*dbtest.Clock) {
		if !isPostgres(t) {
			t.Skip("SQLite has no server")
		}
		d := t.each[0]
		for range 3 {
			_ = t.write(d, 1, sell)
		}
		before := t.sold[1][2].ID
		for _, op := range []func(*db.Tx) (sale, error){sell, planned, asked} {
			d.TakeOver()
			if err := t.write(d, 1, op); err != nil {
				t.Error(err)
			}
			if id := t.sold[1][len(t.sold[1])-1].ID; id <= before+50 {
				t.Errorf("after id %d of the old server comes %d", before, id)
			} else {
				before = id
			}
		}
		t.adds(1)
	})
}

// TestAHeadThatAnotherProcessMovesAllTheTimeIsNoticed: two processes write in turn, so that what each expects is wrong
// again and again.
func TestAHeadThatAnotherProcessMovesAllTheTimeIsNoticed(t *testing.T) {
	eachTill(t, 2, func(t *tills, _ []*dbtest.Clock) {
		ops := []func(*db.Tx) (sale, error){planned, sell, asked}
		for i := range 60 {
			d := t.each[(i/3)%2]
			if i > 30 {
				d = t.each[i%2]
			}
			if i%4 == 3 {
				t.refuse(d, 1, "with a write that was sent")
			} else if err := t.write(d, 1, ops[i%3]); err != nil {
				t.Fatal(err)
			}
		}
		t.adds(1)
	})
}

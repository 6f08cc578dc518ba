package db_test

import (
	"errors"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// head is what the head of a shop says.
func head(t *testing.T, d *db.DB, who db.Actor) (h db.Head) {
	t.Helper()
	read(t, d, who, func(tx *db.Tx) (err error) {
		h, err = tx.Head()
		return err
	})
	return h
}

func TestAWriteThatFindsNothingToChangeLeavesTheHeadAlone(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		write(t, d, shop, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, 'A', 0)`)
			return err
		})
		before := head(t, d, shop)
		if before.At != clock.Now() {
			t.Fatalf("the first change was at %v, not %v", before.At, clock.Now())
		}
		for _, sql := range []string{
			`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, 'A', 1) ON CONFLICT DO NOTHING`,
			`DELETE FROM settings WHERE retailer_id = :retailer AND name = 'none'`,
		} {
			clock.Advance(60)
			write(t, d, shop, func(tx *db.Tx) error {
				n, err := tx.Exec(sql)
				if n != 0 {
					t.Errorf("%d rows changed by %s", n, sql)
				}
				last, e := tx.LastChange()
				if e != nil || taphoa.Time(last) != before.At {
					t.Errorf("the last change was at %v (%v) behind %s", last, e, sql)
				}
				return err
			})
			if after := head(t, d, shop); after != before {
				t.Errorf("%s makes of the head %+v, was %+v", sql, after, before)
			}
		}
	})
}

// TestTheVersionOfAShopTellsWhatIsStored: who reads at the same version reads the same.
func TestTheVersionOfAShopTellsWhatIsStored(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		other := db.Actor{Retailer: 8}
		note := func(tx *db.Tx, name string) {
			tx.Queue(`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, ?, 1)
				ON CONFLICT (retailer_id, name) DO UPDATE SET value = counters.value + 1`, name)
		}
		versions := func() (mine, theirs int64) { return head(t, d, shop).Version, head(t, d, other).Version }
		write(t, d, other, func(tx *db.Tx) error { note(tx, "A"); return nil })
		write(t, d, shop, func(tx *db.Tx) error { note(tx, "A"); return nil })
		for _, c := range []struct {
			what  string
			rises bool
			who   db.Actor
			op    func(tx *db.Tx) error
		}{
			{"a write", true, shop, func(tx *db.Tx) error { note(tx, "A"); return nil }},
			{"another one at the same instant", true, shop, func(tx *db.Tx) error { note(tx, "B"); return nil }},
			{"a write that finds nothing to change", false, shop, func(tx *db.Tx) error {
				_, err := tx.Exec(`DELETE FROM counters WHERE retailer_id = :retailer AND name = 'none'`)
				return err
			}},
			{"a refusal", false, shop, func(tx *db.Tx) error { note(tx, "A"); return errRefused }},
			{"a write that goes back in time", true, shop, func(tx *db.Tx) error {
				tx.AsOf(tx.Now - 1_000_000)
				note(tx, "A")
				return nil
			}},
			{"an epoch", true, shop, (*db.Tx).BeginEpoch},
			{"another epoch at the same instant", true, shop, (*db.Tx).BeginEpoch},
		} {
			mine, theirs := versions()
			if err := d.Write(t.Context(), c.who, c.op); err != nil && !errors.Is(err, errRefused) {
				t.Fatal(err)
			}
			if now, others := versions(); (now > mine) != c.rises || now < mine || others != theirs {
				t.Errorf("%s makes of the versions %d and %d: %d and %d", c.what, mine, theirs, now, others)
			}
		}
		if v, _ := versions(); v < int64(clock.Now()) {
			t.Errorf("an epoch begins at version %d, which the history before it may have had", v)
		}
	})
}

// TestWhatIsWrittenAsideBelongsToNoVersion: neither what it is written with, nor what is read of it.
func TestWhatIsWrittenAsideBelongsToNoVersion(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		aside := db.Actor{Retailer: shop.Retailer, WithoutHead: true}
		write(t, d, shop, func(tx *db.Tx) error {
			tx.Queue(`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, 'A', 0)`)
			return nil
		})
		before := head(t, d, shop)
		write(t, d, aside, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO webhook_redeliveries (retailer_id, webhook_id, first_seq, last_seq) VALUES (:retailer, 1, 1, 1)`)
			return err
		})
		if now := head(t, d, shop); now != before {
			t.Errorf("the head was %+v, is %+v", before, now)
		}
		err := d.Write(t.Context(), aside, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, 'B', 0)`)
			return err
		})
		if err == nil {
			t.Error("what lists show was written without the head")
		}
		read(t, d, shop, func(tx *db.Tx) error {
			if h, ok, err := tx.Snapshot(); !ok || h != before || err != nil {
				t.Errorf("a reader sees %+v (%v, %v), want %+v", h, ok, err, before)
			}
			if _, err := db.All[int64](tx, `SELECT first_seq FROM webhook_redeliveries WHERE retailer_id = :retailer`); err != nil {
				return err
			}
			if _, ok, err := tx.Snapshot(); ok || err != nil {
				t.Errorf("what was read aside of the head belongs to a version (%v)", err)
			}
			return nil
		})
		for _, who := range []db.Actor{{}, {Retailer: 9}} {
			read(t, d, who, func(tx *db.Tx) error {
				if h, ok, err := tx.Snapshot(); ok || err != nil {
					t.Errorf("%+v, who has no head, reads %+v (%v)", who, h, err)
				}
				return nil
			})
		}
		write(t, d, shop, func(tx *db.Tx) error {
			if _, ok, err := tx.Snapshot(); ok || err != nil {
				t.Errorf("a writer reads at a version (%v)", err)
			}
			return nil
		})
	})
}

// TestAReaderSeesOneState, also when the shop is written between his look at its head and his first question.
func TestAReaderSeesOneState(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		count := func() {
			write(t, d, shop, func(tx *db.Tx) error {
				tx.Queue(`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, 'A', 1)
					ON CONFLICT (retailer_id, name) DO UPDATE SET value = counters.value + 1`)
				return nil
			})
		}
		for _, before := range []func(tx *db.Tx) error{
			func(*db.Tx) error { return nil },
			func(tx *db.Tx) error { _, err := tx.Head(); return err },
			func(tx *db.Tx) error { _, _, err := tx.Snapshot(); return err },
		} {
			for _, meanwhile := range []func(){func() {}, count} { // the first time there is no head yet
				runs := 0
				read(t, d, shop, func(tx *db.Tx) error {
					if err := before(tx); err != nil {
						return err
					}
					if runs++; runs < 3 {
						meanwhile()
					}
					value, _, err := db.One[int64](tx, `SELECT value FROM counters WHERE retailer_id = :retailer AND name = 'A'`)
					if err != nil {
						return err
					}
					h, ok, err := tx.Snapshot()
					if h.Version != value || ok != (value > 0) {
						t.Errorf("run %d reads %d at version %d (%v)", runs, value, h.Version, ok)
					}
					return err
				})
				if runs > 2 {
					t.Errorf("the reader was run %d times, though one that is run again begins with its snapshot", runs)
				}
			}
		}
	})
}

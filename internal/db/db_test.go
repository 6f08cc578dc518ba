package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type account struct {
	RetailerID int64
	Name       string
	Value      int64
}

var shop = db.Actor{Retailer: 7}

// eachDB is dbtest.Each with a table of the tests' own.
func eachDB(t *testing.T, test func(t *testing.T, d *db.DB, clock *dbtest.Clock)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		err := d.Script(t.Context(), `
			CREATE TABLE IF NOT EXISTS counters (
				retailer_id BIGINT NOT NULL, name TEXT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (retailer_id, name))`)
		if err != nil {
			t.Fatal(err)
		}
		test(t, d, clock)
	})
}

func TestAShopCannotBeReachedFromAnother(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, shop, func(tx *db.Tx) error {
			tx.Queue(`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, ?, ?)`, "HD", int64(5))
			return nil
		})
		read(t, d, db.Actor{Retailer: 8}, func(tx *db.Tx) error {
			rows, err := db.All[account](tx, `SELECT retailer_id, name, value FROM counters WHERE retailer_id = :retailer`)
			if len(rows) != 0 {
				t.Errorf("shop 8 sees %v", rows)
			}
			return err
		})
		err := d.Read(t.Context(), shop, func(tx *db.Tx) error {
			_, err := db.All[int64](tx, `SELECT value FROM counters`)
			return err
		})
		if err == nil {
			t.Error("a statement without :retailer was accepted")
		}
		read(t, d, db.Actor{}, func(tx *db.Tx) error {
			n, _, err := db.One[int64](tx.Everywhere(), `SELECT COUNT(*) FROM counters`)
			if n != 1 {
				t.Errorf("all shops together have %d counters, want 1", n)
			}
			return err
		})
	})
}

func TestAFailedOperationLeavesNothingAndHarmsNoOther(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		refusal := taphoa.Refuse("", "x", "không được")
		var group sync.WaitGroup
		for i := range 64 {
			group.Go(func() {
				err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
					tx.Queue(`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, ?, 1)`, fmt.Sprint("c", i))
					switch i % 4 {
					case 1:
						return refusal
					case 2:
						panic("a fault of ours")
					case 3:
						tx.Everywhere().Queue(`INSERT INTO no_such_table VALUES (1)`)
					}
					return nil
				})
				if (err == nil) != (i%4 == 0) {
					t.Errorf("operation %d ended with %v", i, err)
				}
				if i%4 == 1 && !errors.Is(err, refusal) {
					t.Errorf("the refusal came out as %v", err)
				}
			})
		}
		group.Wait()
		read(t, d, shop, func(tx *db.Tx) error {
			n, _, err := db.One[int64](tx, `SELECT COUNT(*) FROM counters WHERE retailer_id = :retailer`)
			if n != 16 {
				t.Errorf("%d rows are stored, want 16", n)
			}
			return err
		})
	})
}

func TestCountersUnderSixteenWritersAreGaplessAndIDsUnique(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		const writers, each = 16, 30
		seen := make(chan [2]int64, writers*each)
		var group sync.WaitGroup
		for range writers {
			group.Go(func() {
				for i := range each {
					var got [2]int64
					err := d.Write(t.Context(), shop, func(tx *db.Tx) (err error) {
						if got[0], err = tx.NewID("orders"); err != nil {
							return err
						}
						got[1], _, err = db.One[int64](tx, `
							INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, 'DH', 1)
							ON CONFLICT (retailer_id, name) DO UPDATE SET value = counters.value + 1 RETURNING value`)
						if err == nil && i%7 == 3 {
							return errors.New("rolled back")
						}
						return err
					})
					if err == nil {
						seen <- got
					}
				}
			})
		}
		group.Wait()
		close(seen)
		ids, numbers := map[int64]bool{}, map[int64]bool{}
		for s := range seen {
			ids[s[0]], numbers[s[1]] = true, true
		}
		want := writers * (each - 4)
		if len(ids) != want || len(numbers) != want {
			t.Errorf("%d ids and %d numbers, want %d of each", len(ids), len(numbers), want)
		}
		for n := range int64(want) {
			if !numbers[n+1] {
				t.Fatalf("number %d is missing", n+1)
			}
		}
	})
}

// TestNothingChangesBehindAComparison compares a value before it writes, while others write without looking.
func TestNothingChangesBehindAComparison(t *testing.T) {
	const adders, each = 4, 10
	errChanged := errors.New("changed")
	eachDB(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		write(t, d, shop, func(tx *db.Tx) error {
			tx.Queue(`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, 'A', 0)`)
			return nil
		})
		read := func(tx *db.Tx) int64 {
			n, _, err := db.One[int64](tx, `SELECT value FROM counters WHERE retailer_id = :retailer AND name = 'A'`)
			if err != nil {
				t.Error(err)
			}
			return n
		}
		plain := func() error {
			return d.Write(t.Context(), shop, func(tx *db.Tx) error {
				tx.Queue(`UPDATE counters SET value = value + 1 WHERE retailer_id = :retailer AND name = 'A'`)
				return nil
			})
		}
		careful := func() error {
			for {
				var seen int64
				if err := d.Read(t.Context(), shop, func(tx *db.Tx) error { seen = read(tx); return nil }); err != nil {
					return err
				}
				err := d.Write(t.Context(), shop, func(tx *db.Tx) error {
					if read(tx) != seen {
						return errChanged
					}
					tx.Queue(`UPDATE counters SET value = ? WHERE retailer_id = :retailer AND name = 'A'`, seen+1)
					return nil
				})
				if !errors.Is(err, errChanged) {
					return err
				}
			}
		}
		var group sync.WaitGroup
		for i := range adders {
			group.Go(func() {
				for range each {
					do := careful
					if i%2 == 0 {
						do = plain
					}
					if err := do(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		write(t, d, shop, func(tx *db.Tx) error {
			if n := read(tx); n != adders*each {
				t.Errorf("%d of %d additions are left", n, adders*each)
			}
			return nil
		})
	})
}

func TestFieldsAndColumnsMeetByName(t *testing.T) {
	type branch struct {
		ID            int64
		BranchName    string
		NameKey       string
		ContactNumber taphoa.Opt[string]
		ModifiedDate  taphoa.Opt[taphoa.Time]
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		in := []branch{
			{1, "Một", "mot", taphoa.Some("090"), taphoa.Some(clock.Now())},
			{2, "Hai", "hai", taphoa.Opt[string]{}, taphoa.Null[taphoa.Time]()},
		}
		write(t, d, shop, func(tx *db.Tx) error {
			for i := range in {
				tx.Queue(`
					INSERT INTO branches (retailer_id, id, branch_name, name_key, contact_number, modified_date, created_date, changed_at)
					VALUES (:retailer, :id, :branch_name, :name_key, :contact_number, :modified_date, :now, :now)`, &in[i])
			}
			return nil
		})
		in[1].ModifiedDate = taphoa.Opt[taphoa.Time]{} // a null comes back as no value
		read(t, d, shop, func(tx *db.Tx) error {
			out, err := db.All[branch](tx, `
				SELECT id, branch_name, name_key, contact_number, modified_date FROM branches
				WHERE retailer_id = :retailer AND id IN ? AND branch_name IN ? ORDER BY id`, []int64{1, 2, 3}, []string{"Một", "Hai"})
			if len(out) != 2 || out[0] != in[0] || out[1] != in[1] {
				t.Errorf("got %v, want %v", out, in)
			}
			return err
		})
	})
}

func TestAReadOperationCannotWrite(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		err := d.Read(t.Context(), shop, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, 'x', 1)`)
			return err
		})
		if err == nil {
			t.Error("a read operation wrote")
		}
	})
}

func TestFoldMakesVietnameseSearchable(t *testing.T) {
	for in, want := range map[string]string{
		"Áo Sơ Mi  ĐEN ": "ao so mi den", "Đường Nguyễn Huệ": "duong nguyen hue", "": "", "  ": "", "ABC-123": "abc-123",
	} {
		if got := db.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func write(t *testing.T, d *db.DB, who db.Actor, op func(*db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), who, op); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, d *db.DB, who db.Actor, op func(*db.Tx) error) {
	t.Helper()
	if err := d.Read(t.Context(), who, op); err != nil {
		t.Fatal(err)
	}
}

func TestSQLiteFindsTheReceiptsOfAnInvoiceByTheirIndex(t *testing.T) {
	type step struct {
		ID, Parent, Notused int64
		Detail              string
	}
	d := dbtest.Open(t, dbtest.URL(t, "sqlite"), nil)
	write(t, d, shop, func(tx *db.Tx) error { // EXPLAIN is no SELECT, so it wants a writing transaction
		plan, err := db.All[step](tx, `
			EXPLAIN QUERY PLAN SELECT id, code, amount FROM payments WHERE retailer_id = :retailer AND invoice_id IN ? ORDER BY id`, []int64{1})
		if len(plan) == 0 || !strings.Contains(plan[0].Detail, "payments_invoice") {
			t.Errorf("the plan is %v: without its statistics SQLite reads all receipts of the shop", plan)
		}
		return err
	})
}

func TestAReadWhoseClientHasGoneEndsAsCancelled(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ctx, cancel := context.WithCancel(t.Context())
		err := d.Read(ctx, shop, func(tx *db.Tx) error {
			cancel()
			for range 1000 { // the engine notices in its own time
				if _, err := db.All[int64](tx, `SELECT retailer_id FROM settings WHERE retailer_id = :retailer`); err != nil {
					return err
				}
				time.Sleep(time.Millisecond)
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the read ended with %v", err)
		}
		if err := d.Read(t.Context(), shop, func(*db.Tx) error { return nil }); err != nil {
			t.Errorf("and the next one with %v", err)
		}
	})
}

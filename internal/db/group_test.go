package db_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// sale is a row of the tests' own table: all that an operation takes from the head of its shop.
type sale struct {
	ID, Code, Seq int64
	At            taphoa.Time
}

// tills are programs that sell in one database.
type tills struct {
	*testing.T
	url  string
	each []*db.DB

	mu   sync.Mutex
	sold map[int64][]sale // acknowledged, by shop
}

// eachTill runs a test on both engines with n open handles of one database, each with a clock of its own.
func eachTill(t *testing.T, n int, test func(t *tills, clocks []*dbtest.Clock)) {
	t.Helper()
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c := &tills{T: t, url: dbtest.Migrated(t, engine), sold: map[int64][]sale{}}
			var clocks []*dbtest.Clock
			for range n {
				clocks = append(clocks, dbtest.NewClock())
				c.each = append(c.each, dbtest.Open(t, c.url, clocks[len(clocks)-1]))
			}
			err := c.each[0].Script(t.Context(), `
				CREATE TABLE IF NOT EXISTS sales (retailer_id BIGINT NOT NULL, id BIGINT NOT NULL, code BIGINT NOT NULL, seq BIGINT NOT NULL,
					at BIGINT NOT NULL, PRIMARY KEY (retailer_id, id))`)
			if err != nil {
				t.Fatal(err)
			}
			test(c, clocks)
		})
	}
}

const insertSale = `INSERT INTO sales (retailer_id, id, code, seq, at) VALUES (:retailer, :id, :code, :seq, :at)`

// take takes an id, a code, an instant and the number of an event.
func take(tx *db.Tx) (s sale, err error) {
	s.At = tx.Now
	if s.ID, err = tx.NewID("sales"); err == nil {
		s.Code, err = tx.NextNumber("DH")
	}
	if err == nil {
		s.Seq, err = tx.NextSeq()
	}
	return s, err
}

// sell is an operation that succeeds.
func sell(tx *db.Tx) (sale, error) {
	s, err := take(tx)
	if err == nil {
		tx.Queue(insertSale, &s)
	}
	return s, err
}

// asked is sell for an operation that reads what it has written.
func asked(tx *db.Tx) (sale, error) {
	s, err := sell(tx)
	if err != nil {
		return s, err
	}
	again, _, err := db.One[sale](tx, `SELECT id, code, seq, at FROM sales WHERE retailer_id = :retailer AND id = ?`, s.ID)
	if err == nil && again != s {
		err = fmt.Errorf("wrote %v, read %v", s, again)
	}
	return s, err
}

var errRefused = errors.New("refused")

// refusals are ways for an operation to come to nothing. cancel ends its context.
var refusals = map[string]func(tx *db.Tx, cancel func()) error{
	"before its first write": func(tx *db.Tx, _ func()) error {
		_, err := take(tx)
		return errors.Join(errRefused, err)
	},
	"with a write that was not sent": func(tx *db.Tx, _ func()) error {
		_, err := sell(tx)
		return errors.Join(errRefused, err)
	},
	"with a write that was sent": func(tx *db.Tx, _ func()) error {
		_, err := asked(tx)
		return errors.Join(errRefused, err)
	},
	"with one write sent and one not": func(tx *db.Tx, _ func()) error {
		_, err := asked(tx)
		_, err2 := sell(tx)
		return errors.Join(errRefused, err, err2)
	},
	"after a statement that failed": func(tx *db.Tx, _ func()) error {
		s, err := asked(tx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(insertSale, &s)
		return errors.Join(errRefused, err)
	},
	"because of a queued statement that fails": func(tx *db.Tx, _ func()) error {
		s, err := sell(tx)
		tx.Queue(insertSale, &s)
		return err
	},
	"with a panic": func(tx *db.Tx, _ func()) error {
		_, _ = sell(tx)
		panic("a fault of ours")
	},
	"with a panic behind a write that was sent": func(tx *db.Tx, _ func()) error {
		_, _ = asked(tx)
		panic("a fault of ours")
	},
	"with a panic over the rows of a query": func(tx *db.Tx, _ func()) error {
		_, _ = sell(tx)
		return tx.Each(func(db.Row) error { panic("a fault of ours") }, `SELECT id FROM sales WHERE retailer_id = :retailer`)
	},
	"with an error over the rows of a query": func(tx *db.Tx, _ func()) error {
		_, _ = sell(tx)
		return tx.Each(func(db.Row) error { return errRefused }, `SELECT id FROM sales WHERE retailer_id = :retailer`)
	},
	"because its client has gone": func(tx *db.Tx, cancel func()) error {
		_, err := asked(tx)
		cancel()
		_, _ = sell(tx)
		return errors.Join(err, tx.Context().Err())
	},
	"after it has changed a setting": func(tx *db.Tx, _ func()) error {
		_, err := asked(tx)
		tx.Queue(`INSERT INTO settings (retailer_id, name, value) VALUES (:retailer, 'PricingMode', 'x')`)
		return errors.Join(errRefused, err)
	},
}

// write runs an operation in a shop through one of the handles, and notes what it has sold once that is acknowledged.
func (t *tills) write(d *db.DB, shop int64, op func(*db.Tx) (sale, error)) error {
	var s sale
	err := d.Write(t.Context(), db.Actor{Retailer: shop}, func(tx *db.Tx) (err error) {
		s, err = op(tx)
		return err
	})
	if err == nil {
		t.mu.Lock()
		t.sold[shop] = append(t.sold[shop], s)
		t.mu.Unlock()
	}
	return err
}

// refuse runs an operation that comes to nothing.
func (t *tills) refuse(d *db.DB, shop int64, how string) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := d.Write(ctx, db.Actor{Retailer: shop}, func(tx *db.Tx) error { return refusals[how](tx, cancel) })
	if err == nil {
		t.Errorf("an operation that ends %s was stored", how)
	}
}

// inOneGroup starts operations one after another behind one that holds the writer, so that they share a commit.
func inOneGroup(t *testing.T, d *db.DB, shop int64, ops ...func()) {
	t.Helper()
	d.SetGroupTime(time.Minute)
	began, release := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		err := d.Write(t.Context(), db.Actor{Retailer: shop}, func(*db.Tx) error {
			select {
			case <-began:
			default:
				close(began)
			}
			<-release
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-began
	for _, op := range ops {
		before, done := d.Waiting(), make(chan struct{})
		group.Go(func() {
			defer close(done)
			op()
		})
		for waits := false; !waits && d.Waiting() == before; {
			select {
			case <-done: // of a shop with a queue of its own
				waits = true
			case <-time.After(50 * time.Microsecond):
			}
		}
	}
	close(release)
	group.Wait()
}

// adds checks that the shop has what was acknowledged and nothing else, without a gap, and that its head says the same.
func (t *tills) adds(shop int64) {
	t.Helper()
	d := t.each[0]
	var rows []sale
	var stored struct {
		At              taphoa.Time
		LastSeq, CodeDh int64
	}
	read(t.T, d, db.Actor{Retailer: shop}, func(tx *db.Tx) (err error) {
		if rows, err = db.All[sale](tx, `SELECT id, code, seq, at FROM sales WHERE retailer_id = :retailer ORDER BY seq`); err != nil {
			return err
		}
		return tx.Each(func(row db.Row) error {
			stored.At, stored.LastSeq, stored.CodeDh = taphoa.Time(row.Int64(0)), row.Int64(1), row.Int64(2)
			return nil
		}, `SELECT at, last_seq, code_dh FROM shop_heads WHERE retailer_id = :retailer`)
	})
	sold := t.sold[shop]
	slices.SortFunc(sold, func(a, b sale) int { return int(a.Seq - b.Seq) })
	if !slices.Equal(rows, sold) {
		t.Fatalf("shop %d has %d sales, %d were acknowledged:\n%v\n%v", shop, len(rows), len(sold), rows, sold)
	}
	ids := map[int64]bool{}
	var at taphoa.Time
	for i, s := range rows {
		if n := int64(i + 1); s.Seq != n || s.Code != n || s.At < at || ids[s.ID] {
			t.Fatalf("sale %d of shop %d is %v, the one before at %d", n, shop, s, at)
		}
		ids[s.ID], at = true, s.At
	}
	if n := int64(len(rows)); stored.LastSeq != n || stored.CodeDh != n || stored.At != at {
		t.Errorf("the head of shop %d says %+v; it has %d sales, the last at %d", shop, stored, n, at)
	}
}

func TestARefusalInAGroupUndoesItsOwnWorkOnly(t *testing.T) {
	eachTill(t, 1, func(t *tills, _ []*dbtest.Clock) {
		d, shop := t.each[0], int64(100)
		for how := range refusals {
			for _, place := range []int{0, 1, 3} { // the first to write, among others, the last
				for _, other := range []func(*db.Tx) (sale, error){sell, asked} {
					shop++
					t.sold[shop] = nil
					one := func() {
						if err := t.write(d, shop, other); err != nil {
							t.Errorf("beside one that ends %s: %v", how, err)
						}
					}
					ops := slices.Insert([]func(){one, one, one}, place, func() { t.refuse(d, shop, how) })
					inOneGroup(t.T, d, shop, ops...)
					t.adds(shop)
					if t.Failed() {
						t.Fatalf("beside one that ends %s, at place %d", how, place)
					}
				}
			}
		}
	})
}

// TestManyTillsSellAndGiveUpAsTheyLike: two programs with clocks an hour apart, two shops, and a third of all operations
// come to nothing.
func TestManyTillsSellAndGiveUpAsTheyLike(t *testing.T) {
	eachTill(t, 2, func(t *tills, clocks []*dbtest.Clock) {
		clocks[1].Advance(-3600)
		ways := make([]string, 0, len(refusals))
		for how := range refusals {
			ways = append(ways, how)
		}
		slices.Sort(ways)
		var group sync.WaitGroup
		for hand := range 12 {
			group.Go(func() {
				by := rand.New(rand.NewPCG(1, uint64(hand)))
				for range 25 {
					d, shop := t.each[hand%2], 1+int64(hand/2%2)
					clocks[hand%2].Advance(int64(by.IntN(3)))
					switch n := by.IntN(6); n {
					case 0, 1:
						t.refuse(d, shop, ways[by.IntN(len(ways))])
					default:
						op := sell
						if n%2 == 0 {
							op = asked
						}
						if err := t.write(d, shop, op); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		group.Wait()
		t.adds(1)
		t.adds(2)
	})
}

// TestAShopWhoseFirstWriteIsRefusedGetsItsHeadFromTheNext: the row of the head went with the refusal.
func TestAShopWhoseFirstWriteIsRefusedGetsItsHeadFromTheNext(t *testing.T) {
	eachTill(t, 1, func(t *tills, _ []*dbtest.Clock) {
		d := t.each[0]
		inOneGroup(t.T, d, 1,
			func() { _ = t.write(d, 1, sell) }, // so that the refusal is not the first to write
			func() { t.refuse(d, 2, "with a write that was sent") },
			func() { _ = t.write(d, 2, sell) })
		_ = t.write(d, 2, sell)
		t.adds(1)
		t.adds(2)
	})
}

// TestWhatChangesOnlyTheHeadOutlivesALaterRefusal: only a rollback of all undoes the first to write.
func TestWhatChangesOnlyTheHeadOutlivesALaterRefusal(t *testing.T) {
	eachTill(t, 1, func(t *tills, _ []*dbtest.Clock) {
		d, who := t.each[0], db.Actor{Retailer: 1}
		_ = t.write(d, 1, sell)
		inOneGroup(t.T, d, 1,
			func() { write(t.T, d, who, func(tx *db.Tx) error { return tx.BeginEpoch() }) },
			func() { t.refuse(d, 1, "with a write that was sent") })
		read(t.T, d, who, func(tx *db.Tx) error {
			h, err := tx.Head()
			if h.Told != 1 || h.EpochBase != h.LastSeq || h.LastSeq < 1000 {
				t.Errorf("the epoch that was begun is lost: %+v", h)
			}
			return err
		})
	})
}

// TestABrokenConnectionInAGroupCostsNothing: the whole group runs again, and this time its first to write is refused.
func TestABrokenConnectionInAGroupCostsNothing(t *testing.T) {
	eachTill(t, 1, func(t *tills, _ []*dbtest.Clock) {
		d := t.each[0]
		if !isPostgres(t) {
			t.Skip("a file has no connection to lose")
		}
		_ = t.write(d, 1, sell)
		runs := 0
		inOneGroup(t.T, d, 1,
			func() {
				err := t.write(d, 1, func(tx *db.Tx) (sale, error) {
					s, err := asked(tx)
					if runs > 0 {
						err = errRefused
					}
					return s, err
				})
				if !errors.Is(err, errRefused) {
					t.Errorf("the first one ended with %v", err)
				}
			},
			func() { _ = t.write(d, 1, sell) },
			func() {
				_ = t.write(d, 1, func(tx *db.Tx) (sale, error) {
					if runs++; runs == 1 {
						_, err := db.All[bool](tx.Everywhere(), `SELECT pg_terminate_backend(pg_backend_pid())`)
						return sale{}, err
					}
					return asked(tx)
				})
			},
			func() { _ = t.write(d, 1, asked) })
		t.adds(1)
		if len(t.sold[1]) != 4 {
			t.Errorf("%d sales of 4 were acknowledged", len(t.sold[1]))
		}
	})
}

func isPostgres(t *tills) bool { return t.url[:6] != "sqlite" }

func TestAGroupHasNoMoreThanSixteenAndTakesAllThatWait(t *testing.T) {
	eachTill(t, 1, func(t *tills, _ []*dbtest.Clock) {
		d := t.each[0]
		_, before := d.Commits()
		inOneGroup(t.T, d, 1, slices.Repeat([]func(){func() { _ = t.write(d, 1, sell) }}, 40)...)
		if _, after := d.Commits(); after-before != 3 { // 1 + 15, 16, 9
			t.Errorf("41 operations took %d commits, want 3", after-before)
		}
		t.adds(1)
	})
}

func TestAGroupEndsWhenItHasRunForItsTime(t *testing.T) {
	eachTill(t, 1, func(t *tills, _ []*dbtest.Clock) {
		d := t.each[0]
		_, before := d.Commits()
		inOneGroup(t.T, d, 1, func() {
			_ = t.write(d, 1, func(tx *db.Tx) (sale, error) {
				d.SetGroupTime(0) // whatever it has run for by now is too long
				return sell(tx)
			})
		}, func() { _ = t.write(d, 1, sell) }, func() { _ = t.write(d, 1, sell) })
		if _, after := d.Commits(); after-before != 3 {
			t.Errorf("%d commits, want 3: what was waiting behind a long operation shared its commit", after-before)
		}
		t.adds(1)
	})
}

// TestAFaultOfTheDatabaseRunsAGroupOneByOne counts the runs of the others: those before it run once more, in a group with
// savepoints on SQLite, where the statement that failed has ended nothing, one by one on PostgreSQL, where it has ended the
// transaction.
func TestAFaultOfTheDatabaseRunsAGroupOneByOne(t *testing.T) {
	eachTill(t, 1, func(t *tills, _ []*dbtest.Clock) {
		d, runs := t.each[0], [3]int{}
		counted := func(i int) func() {
			return func() {
				if err := t.write(d, 1, func(tx *db.Tx) (sale, error) { runs[i]++; return asked(tx) }); err != nil {
					t.Error(err)
				}
			}
		}
		inOneGroup(t.T, d, 1, counted(0), func() { t.refuse(d, 1, "after a statement that failed") }, counted(1), counted(2))
		if want := [3]int{2, 1, 1}; runs != want {
			t.Errorf("the others ran %v times, want %v", runs, want)
		}
		t.adds(1)
	})
}

// TestAnOperationWhoseClientHasGoneIsNotRun gives up while it waits.
func TestAnOperationWhoseClientHasGoneIsNotRun(t *testing.T) {
	eachTill(t, 1, func(t *tills, _ []*dbtest.Clock) {
		d := t.each[0]
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan struct{})
		inOneGroup(t.T, d, 1, func() { _ = t.write(d, 1, sell) },
			func() {
				defer close(gone)
				err := d.Write(ctx, db.Actor{Retailer: 1}, func(*db.Tx) error { t.Error("it was run"); return nil })
				if !errors.Is(err, context.Canceled) {
					t.Errorf("it ended with %v", err)
				}
			},
			func() {
				cancel()
				<-gone
			},
			func() { _ = t.write(d, 1, sell) })
		t.adds(1)
	})
}

func TestAWriteThatSavesNothingLeavesTheHeadAsItIs(t *testing.T) {
	eachTill(t, 1, func(t *tills, clocks []*dbtest.Clock) {
		d, who := t.each[0], db.Actor{Retailer: 1}
		_ = t.write(d, 1, sell)
		head := func() (h db.Head) {
			read(t.T, d, who, func(tx *db.Tx) (err error) { h, err = tx.Head(); return err })
			return h
		}
		before := head()
		clocks[0].Advance(60)
		write(t.T, d, who, func(tx *db.Tx) error {
			_, err := db.All[int64](tx, `SELECT id FROM sales WHERE retailer_id = :retailer`)
			return err
		})
		t.refuse(d, 1, "with a write that was sent")
		if after := head(); after != before {
			t.Errorf("the head was %+v, is %+v", before, after)
		}
	})
}

// TestAClockThatWasAYearAheadForASecondDatesNothingThatComesAfter: instants go on from there, business dates do not.
func TestAClockThatWasAYearAheadForASecondDatesNothingThatComesAfter(t *testing.T) {
	const year = 365 * 24 * 3600
	eachTill(t, 2, func(t *tills, clocks []*dbtest.Clock) {
		right := clocks[0].Now()
		clocks[1].Advance(year)
		_ = t.write(t.each[1], 1, sell)
		clocks[1].Advance(-year)
		for i := range 3 {
			d := t.each[i%2]
			_ = t.write(d, 1, func(tx *db.Tx) (sale, error) {
				if tx.Clock != right {
					t.Errorf("the clock shows %v, the operation has %v", right, tx.Clock)
				}
				if ahead := right.Add(year * time.Second); tx.Now <= ahead || tx.Now > ahead+10 {
					t.Errorf("the last change was at %v, the next is at %v", ahead, tx.Now)
				}
				return sell(tx)
			})
		}
		read(t.T, t.each[0], db.Actor{Retailer: 1}, func(tx *db.Tx) error {
			if tx.Clock != right {
				t.Errorf("a reader's clock shows %v", tx.Clock)
			}
			return nil
		})
		t.adds(1)
	})
}

// TestABusyProgramLetsAnotherIn: one program always has writes waiting, the other one has one at a time. On a busy machine
// its four writes may take longer, but not for ever.
func TestABusyProgramLetsAnotherIn(t *testing.T) {
	eachTill(t, 2, func(t *tills, _ []*dbtest.Clock) {
		const least, enough, most = 4, 400 * time.Millisecond, 10 * time.Second
		began, longest, n := time.Now(), time.Duration(0), 0
		var group sync.WaitGroup
		var done atomic.Bool
		for range 8 {
			group.Go(func() {
				for !done.Load() {
					_ = t.write(t.each[0], 1, func(tx *db.Tx) (sale, error) {
						time.Sleep(500 * time.Microsecond)
						return sell(tx)
					})
				}
			})
		}
		for took := time.Duration(0); took < most && (n < least || took < enough); took = time.Since(began) {
			start := time.Now()
			if err := t.write(t.each[1], 1, sell); err != nil {
				t.Error(err)
			}
			longest, n = max(longest, time.Since(start)), n+1
		}
		done.Store(true)
		group.Wait()
		t.adds(1)
		if n < least {
			t.Errorf("the other program wrote %d times, and waited for up to %v", n, longest)
		}
		t.Logf("%d writes beside %d, the longest took %v", n, len(t.sold[1])-n, longest)
	})
}

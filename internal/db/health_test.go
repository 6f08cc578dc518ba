package db_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

func TestTheFiguresOfADatabaseCountWhatItDoes(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		settled := func() db.Stats { // the program itself may read its tables now
			for end := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
				if s := d.Stats(t.Context()); s.Pool.Busy == 0 || time.Now().After(end) {
					return s
				}
			}
		}
		before := settled()
		if before.Size < 100_000 || before.Pool.Max < 2 || before.Pool.Busy != 0 {
			t.Errorf("at first they are %+v", before)
		}
		const writes = 40
		var hands sync.WaitGroup
		for range writes {
			hands.Go(func() {
				write(t, d, shop, func(tx *db.Tx) error {
					tx.Queue(`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, 'HD', 1)
						ON CONFLICT (retailer_id, name) DO UPDATE SET value = counters.value + 1`)
					return nil
				})
			})
		}
		hands.Wait()
		after := d.Stats(t.Context())
		w := after.Writer
		n, commits := w.Operations-before.Writer.Operations, w.Commits-before.Writer.Commits
		if n != writes || commits < 1 || commits > n || w.CommitTime <= before.Writer.CommitTime || w.Waiting != 0 || after.Free == 0 {
			t.Errorf("after %d writes they are %+v", writes, after)
		}

		// One more reader than there are connections has to wait.
		inside, release := make(chan struct{}, after.Pool.Readers+1), make(chan struct{})
		hold := func() { read(t, d, shop, func(*db.Tx) error { inside <- struct{}{}; <-release; return nil }) }
		for range after.Pool.Readers {
			hands.Go(hold)
		}
		for range after.Pool.Readers {
			<-inside
		}
		hands.Go(hold)
		time.Sleep(50 * time.Millisecond)
		close(release)
		hands.Wait()
		if p := settled().Pool; p.Busy != 0 || p.Waits <= after.Pool.Waits || p.WaitTime < after.Pool.WaitTime+10*time.Millisecond {
			t.Errorf("before somebody had to wait they were %+v, now %+v", after.Pool, p)
		}
	})
}

func TestAnErrorOfTheOperationIsNoTroubleOfTheDatabase(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		mine := errors.New("mine")
		for _, op := range []func(*db.Tx) error{
			func(*db.Tx) error { return mine },
			func(tx *db.Tx) error {
				_, err := tx.Exec(`SELECT nothing FROM nowhere WHERE x = :retailer`)
				return err
			},
		} {
			if err := d.Write(t.Context(), shop, op); err == nil || errors.Is(err, db.ErrUnavailable) {
				t.Errorf("the error is %v", err)
			}
		}
		if err := d.Writable(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

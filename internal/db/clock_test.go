package db_test

import (
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestServersOfADatabaseHaveOneClock opens a database by machines whose clocks are a day apart.
func TestServersOfADatabaseHaveOneClock(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url := dbtest.Migrated(t, engine)
			for _, off := range []time.Duration{0, 24 * time.Hour, -24 * time.Hour, 400 * 24 * time.Hour} {
				for _, serverTime := range []bool{true, false} {
					now := taphoa.TimeOf(time.Now().Add(off))
					d, err := db.Open(t.Context(), url, db.Options{Now: func() taphoa.Time { return now }, ServerTime: serverTime})
					if err != nil {
						t.Fatal(err)
					}
					defer d.Close()
					want := now
					if engine == "postgres" && serverTime {
						want = taphoa.TimeOf(time.Now())
					}
					read := func(tx *db.Tx) error {
						at, err := tx.SharedClock()
						if apart := at.Std().Sub(want.Std()).Abs(); apart > time.Minute {
							t.Errorf("%v ahead: the shared clock is %v from where it should be", off, apart)
						}
						return err
					}
					if at := d.SharedNow(); at != now {
						t.Errorf("before the shared clock is read it is %v, want %v", at, now)
					}
					if err := d.Read(t.Context(), db.Actor{}, read); err != nil {
						t.Error(err)
					}
					if err := d.Write(t.Context(), db.Actor{Retailer: 1, WithoutHead: true}, read); err != nil {
						t.Error(err)
					}
					now = now.Add(24 * time.Hour) // which moves what the processes share on SQLite only
					if engine != "postgres" || !serverTime {
						want = now
					}
					if apart := d.SharedNow().Std().Sub(want.Std()).Abs(); apart > time.Minute {
						t.Errorf("%v ahead, and put forward: it is %v from where it should be", off, apart)
					}
				}
			}
		})
	}
}

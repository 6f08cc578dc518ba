package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

func TestAClosedDatabaseRefusesAtOnce(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			d, err := db.Open(t.Context(), dbtest.Migrated(t, engine), db.Options{Readers: 1})
			if err != nil {
				t.Fatal(err)
			}
			const readers = 8
			reading, goOn, ended := make(chan struct{}, readers), make(chan struct{}), make(chan error, readers)
			for range readers { // one at a time
				go func() {
					ended <- d.Read(context.Background(), shop, func(*db.Tx) error {
						reading <- struct{}{}
						<-goOn
						return nil
					})
				}()
			}
			<-reading
			time.Sleep(20 * time.Millisecond) // the others wait by now
			closed := make(chan error)
			go func() { closed <- d.Close() }()
			time.Sleep(20 * time.Millisecond)
			close(goOn)
			for range readers {
				select {
				case err := <-ended:
					if err != nil && !errors.Is(err, db.ErrClosed) {
						t.Errorf("a read ended with %v", err)
					}
				case <-time.After(5 * time.Second):
					t.Fatal("a read waits for a database that has been closed")
				}
			}
			if err := <-closed; err != nil {
				t.Error(err)
			}
		})
	}
}

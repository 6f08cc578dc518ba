//go:build linux || darwin

package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// sellers are programs that write and read all the time, in four shops. A read asks twice, of one state of the database.
type sellers struct {
	*testing.T
	db      *db.DB
	group   sync.WaitGroup
	stopped atomic.Bool

	mu       sync.Mutex
	stored   map[string]bool // what was acknowledged
	doubtful map[string]bool // what a commit that broke has left unknown
	refused  map[string]bool // what was not done, and reads
	away     time.Duration   // how long there was no server; refused may be what began in more than two seconds
	reads    int
}

const tillTable = `
	CREATE TABLE IF NOT EXISTS counters (
		retailer_id BIGINT NOT NULL, name TEXT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (retailer_id, name))`

// openTills starts writers and readers; run names what they write.
func openTills(t *testing.T, d *db.DB, run string, writers, readers int) *sellers {
	t.Helper()
	if err := d.Script(t.Context(), tillTable); err != nil {
		t.Fatal(err)
	}
	s := &sellers{T: t, db: d, stored: map[string]bool{}, doubtful: map[string]bool{}, refused: map[string]bool{}}
	t.Cleanup(func() {
		s.stopped.Store(true)
		s.group.Wait()
	})
	for i := range writers {
		s.group.Go(func() {
			for n := 0; !s.stopped.Load(); n++ {
				s.write(int64(i%4+1), fmt.Sprintf("%s-%d-%d", run, i, n))
			}
		})
	}
	for i := range readers {
		s.group.Go(func() {
			for !s.stopped.Load() {
				s.read(int64(i%4 + 1))
			}
		})
	}
	return s
}

// write stores a row in three round trips.
func (s *sellers) write(retailer int64, name string) {
	err := s.db.Write(context.Background(), db.Actor{Retailer: retailer, Client: "till"}, func(tx *db.Tx) error {
		seq, err := tx.NextSeq()
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, ?, ?)`, name, seq); err != nil {
			return err
		}
		_, _, err = db.One[int64](tx, `SELECT value FROM counters WHERE retailer_id = :retailer AND name = ?`, name)
		return err
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		s.stored[name] = true
	case errors.Is(err, db.ErrLost) && errors.Is(err, db.ErrUnavailable):
		s.doubtful[name] = true
	case errors.Is(err, db.ErrUnavailable):
		s.refused[name] = true
	default:
		s.Errorf("a write that may be sent again has failed: %v", err)
	}
}

func (s *sellers) read(retailer int64) {
	err := s.db.Read(context.Background(), db.Actor{Retailer: retailer, Client: "till"}, func(tx *db.Tx) error {
		n, _, err := db.One[int64](tx, `SELECT COUNT(*) FROM counters WHERE retailer_id = :retailer AND value > 0`)
		if err != nil {
			return err
		}
		names, err := db.All[string](tx, `SELECT name FROM counters WHERE retailer_id = :retailer`)
		if err == nil && int64(len(names)) != n {
			s.Errorf("of %d records %d are shown", n, len(names))
		}
		return err
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case errors.Is(err, db.ErrUnavailable):
		s.refused["a read"] = true
	case err != nil:
		s.Errorf("a read has failed: %v", err)
	}
	s.reads++
}

// close ends the sellers and looks for what they were told was stored.
func (s *sellers) close() {
	s.Helper()
	s.stopped.Store(true)
	s.group.Wait()
	var names []string
	err := s.db.Read(s.Context(), db.Actor{}, func(tx *db.Tx) (err error) {
		names, err = db.All[string](tx.Everywhere(), `SELECT name FROM counters`)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	there := map[string]bool{}
	for _, name := range names {
		there[name] = true
	}
	lost, happened := 0, 0
	for name := range s.stored {
		if !there[name] {
			lost++
		}
	}
	for name := range s.doubtful {
		if there[name] {
			happened++
		}
	}
	for name := range s.refused {
		if there[name] {
			s.Errorf("%s was refused and is stored", name)
		}
	}
	if len(s.refused) > 0 && s.away < 1800*time.Millisecond {
		s.Errorf("%d operations that may be repeated have failed in %v without a server", len(s.refused), s.away)
	}
	if lost > 0 {
		s.Errorf("%d of %d acknowledged writes are lost", lost, len(s.stored))
	}
	if len(s.stored) == 0 {
		s.Error("nothing was written")
	}
	s.Logf("%d writes acknowledged, %d lost; %d in doubt, of which %d happened; %d reads",
		len(s.stored), lost, len(s.doubtful), happened, s.reads)
}

// written waits until that many more writes are acknowledged.
func (s *sellers) written(more int) {
	s.Helper()
	count := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.stored)
	}
	for from, began := count(), time.Now(); count() < from+more; time.Sleep(time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			s.Fatalf("of %d further writes only %d are acknowledged", more, count()-from)
		}
	}
}

// TestTheShopGoesOnWhateverHappensToItsServer takes the server away from sixteen writers and four readers in all the ways there are. Only a
// commit whose answer was lost may fail, and what finds no server for more than two seconds, of which nothing is stored.
func TestTheShopGoesOnWhateverHappensToItsServer(t *testing.T) {
	t.Parallel()
	server := dbtest.OwnServer(t)
	restart := func(t *testing.T, s *sellers, how syscall.Signal, pause time.Duration) {
		began := time.Now()
		server.Stop(how)
		time.Sleep(pause)
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		s.away = time.Since(began)
	}
	d := dbtest.Open(t, server.URL("postgres"), nil)
	for _, fault := range []struct {
		name   string
		happen func(t *testing.T, s *sellers)
	}{
		{"single connections are ended", func(t *testing.T, s *sellers) {
			for range 10 {
				if err := server.Exec(t.Context(), "postgres", `SELECT pg_terminate_backend(pid) FROM (
					SELECT pid FROM pg_stat_activity WHERE application_name = 'taphoa' ORDER BY random() LIMIT 2) victims`); err != nil {
					t.Fatal(err)
				}
				s.written(20)
			}
		}},
		{"a fast restart", func(t *testing.T, s *sellers) { restart(t, s, syscall.SIGINT, 0) }},
		{"an immediate restart", func(t *testing.T, s *sellers) { restart(t, s, syscall.SIGQUIT, 0) }},
		{"a second without a server", func(t *testing.T, s *sellers) { restart(t, s, syscall.SIGINT, time.Second) }},
	} {
		t.Run(fault.name, func(t *testing.T) {
			s := openTills(t, d, fault.name, 16, 4)
			s.written(100)
			fault.happen(t, s)
			s.written(100)
			s.close()
		})
	}
}

// TestAFewConnectionsServeEverybody lets a role have half as many connections as the program would like.
func TestAFewConnectionsServeEverybody(t *testing.T) {
	t.Parallel()
	server := dbtest.OwnServer(t)
	for _, sql := range []string{"CREATE ROLE shop LOGIN CONNECTION LIMIT 8", "CREATE DATABASE shop OWNER shop"} {
		if err := server.Exec(t.Context(), "postgres", sql); err != nil {
			t.Fatal(err)
		}
	}
	d := dbtest.Open(t, server.URL("shop", "user=shop"), nil)
	s := openTills(t, d, "few", 16, 16)
	for range 5 {
		s.written(100)
	}
	s.close()
	if len(s.doubtful) > 0 {
		t.Errorf("%d writes are in doubt", len(s.doubtful))
	}
	if s.reads == 0 {
		t.Error("nothing was read")
	}
}

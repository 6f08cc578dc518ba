//go:build linux || darwin

package db_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// TestALongOutageOfTheServerIsWaitedForOnce: those that wait at its beginning wait for two seconds together, what comes later does not,
// and all goes on when the server is there.
func TestALongOutageOfTheServerIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	server := dbtest.OwnServer(t)
	d := dbtest.Open(t, server.URL("postgres"), nil)
	if err := d.Script(t.Context(), tillTable); err != nil {
		t.Fatal(err)
	}
	sell := func(shop int, name string) error {
		return d.Write(context.Background(), db.Actor{Retailer: int64(shop%4 + 1), Client: name}, func(tx *db.Tx) error {
			tx.Queue(`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, ?, 1)`, name)
			return nil
		})
	}
	look := func(shop int) error {
		return d.Read(context.Background(), db.Actor{Retailer: int64(shop%4 + 1), Client: "till"}, func(tx *db.Tx) error {
			_, err := db.All[string](tx, `SELECT name FROM counters WHERE retailer_id = :retailer`)
			return err
		})
	}
	all := func(round string) time.Duration {
		began := time.Now()
		var clients sync.WaitGroup
		for i := range 60 {
			clients.Go(func() {
				err := look(i)
				if i%2 == 0 {
					err = sell(i, fmt.Sprint(round, i))
				}
				if !errors.Is(err, db.ErrUnavailable) || errors.Is(err, db.ErrInDoubt) {
					t.Errorf("without a server: %v", err)
				}
			})
		}
		clients.Wait()
		return time.Since(began)
	}
	server.Stop(syscall.SIGQUIT)
	if took := all("first"); took < 1900*time.Millisecond || took > 5*time.Second {
		t.Errorf("sixty at once have waited for %v", took)
	}
	if took := all("later"); took > 1900*time.Millisecond {
		t.Errorf("sixty later ones have waited for %v", took)
	}
	if err := d.Writable(t.Context()); !errors.Is(err, db.ErrUnavailable) {
		t.Errorf("it counts as writable: %v", err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(sell(1, "after"), look(1), d.Writable(t.Context())); err != nil {
		t.Errorf("with the server: %v", err)
	}
	if n := count(t, d, "counters"); n != 1 {
		t.Errorf("%d rows are stored", n)
	}
}

func count(t *testing.T, d *db.DB, table string) (n int64) {
	t.Helper()
	read(t, d, db.Actor{}, func(tx *db.Tx) (err error) {
		n, _, err = db.One[int64](tx.Everywhere(), `SELECT COUNT(*) FROM `+table)
		return err
	})
	return n
}

// wire is between a program and its server.
type wire struct {
	cut  atomic.Pointer[func(sent []byte) (pass, broken bool)] // asked before more is passed on to the server on a connection that has written
	stop atomic.Bool                                           // accept, and say nothing
	held atomic.Bool                                           // pass nothing on, for now, as to a server that is paused
}

// newWire returns a wire to a server and the address of a database through it.
func newWire(t *testing.T, url string) (w *wire, through string) {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "wire-")
	if err != nil {
		t.Fatal(err)
	}
	w = &wire{}
	l, err := new(net.ListenConfig).Listen(t.Context(), "unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		running.Wait()
		_ = os.RemoveAll(dir)
	})
	running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { w.carry(client, filepath.Join(config.Host, ".s.PGSQL.5432")) })
		}
	})
	return w, strings.ReplaceAll(url, escape(config.Host), escape(dir))
}

func (w *wire) wait() {
	for w.held.Load() {
		time.Sleep(10 * time.Millisecond)
	}
}

func escape(s string) string { return strings.ReplaceAll(s, "/", "%2F") }

func (w *wire) carry(client net.Conn, socket string) {
	defer client.Close()
	if w.stop.Load() {
		_, _ = io.Copy(io.Discard, client)
		return
	}
	server, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	var lost atomic.Bool
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		for b := make([]byte, 64<<10); ; {
			n, err := server.Read(b)
			if err != nil {
				return
			}
			w.wait()
			if lost.Load() {
				_ = client.Close() // what the server has done is not told
				continue
			}
			_, _ = client.Write(b[:n])
		}
	}()
	wrote := false
	for b := make([]byte, 64<<10); ; {
		n, err := client.Read(b)
		if err != nil {
			break
		}
		w.wait()
		wrote = wrote || bytes.Contains(b[:n], []byte("INSERT INTO webhook_redeliveries"))
		if ask := w.cut.Load(); ask != nil && wrote {
			pass, broken := (*ask)(b[:n])
			lost.Store(broken)
			if !pass {
				break
			}
		}
		if bytes.Contains(b[:n], []byte("COMMIT")) {
			wrote = false // the connection's next transaction may be another's
		}
		_, _ = server.Write(b[:n])
	}
	_ = client.Close()
	time.AfterFunc(100*time.Millisecond, func() { _ = server.Close() }) // when it has answered
	<-answered
}

// TestWhatBreaksBeforeTheCommitIsRepeatedAndWhatBreaksAtItIsNot loses the connection of a write at every place, once: all are
// stored exactly once, but for a commit on its way, which is in doubt, happened or not, and is not repeated.
func TestWhatBreaksBeforeTheCommitIsRepeatedAndWhatBreaksAtItIsNot(t *testing.T) {
	t.Parallel()
	direct := dbtest.Migrated(t, "postgres")
	w, url := newWire(t, direct)
	d := dbtest.Open(t, url+"&default_query_exec_mode=exec", nil) // which sends the text of each statement
	rows := int64(0)
	for at, fault := range []struct {
		at       string // the statement
		passes   bool   // to the server
		doubtful bool
		atOnce   int
		want     int64 // rows that are stored then
	}{
		{"INSERT INTO webhook_redeliveries", false, false, 1, 1},
		{"INSERT INTO webhook_redeliveries", true, false, 1, 1},
		{"SELECT COUNT", true, false, 1, 1},
		{"COMMIT", false, true, 1, 0},
		{"COMMIT", true, true, 1, 1},
		{"COMMIT", true, true, 8, 8},
		{"SELECT COUNT", true, false, 8, 8},
	} {
		t.Run(fmt.Sprint(fault.at, " passes ", fault.passes, ", ", fault.atOnce, " at once"), func(t *testing.T) {
			var once sync.Once
			ask := func(sent []byte) (pass, broken bool) {
				pass = true
				if bytes.Contains(sent, []byte(fault.at)) {
					once.Do(func() { pass, broken = fault.passes, true })
				}
				return pass, broken
			}
			d.SetGroupTime(time.Second)
			together := make(chan struct{})
			var clients sync.WaitGroup
			var doubtful atomic.Int64
			for i := range fault.atOnce {
				clients.Go(func() {
					err := d.Write(context.Background(), db.Actor{Retailer: 1}, func(tx *db.Tx) error {
						if i == 0 && fault.atOnce > 1 {
							<-together
						}
						if i == 0 {
							w.cut.Store(&ask)
						}
						if _, err := tx.Exec(`INSERT INTO webhook_redeliveries (retailer_id, webhook_id, first_seq, last_seq) VALUES (:retailer, ?, ?, 0)`, at, i); err != nil {
							return err
						}
						_, _, err := db.One[int64](tx, `SELECT COUNT(*) FROM webhook_redeliveries WHERE retailer_id = :retailer`)
						return err
					})
					switch {
					case errors.Is(err, db.ErrInDoubt) && errors.Is(err, db.ErrUnavailable):
						doubtful.Add(1)
					case err != nil:
						t.Errorf("it is certain that nothing was done, and it was not repeated: %v", err)
					}
				})
				if i == 0 {
					time.Sleep(20 * time.Millisecond) // it begins the group
				}
			}
			for fault.atOnce > 1 && d.Waiting() < fault.atOnce-1 {
				time.Sleep(time.Millisecond)
			}
			close(together)
			clients.Wait()
			w.cut.Store(nil)
			if fault.doubtful != (doubtful.Load() > 0) {
				t.Errorf("%d are in doubt", doubtful.Load())
			}
			if n := count(t, d, "webhook_redeliveries") - rows; n != fault.want {
				t.Errorf("%d are stored, not %d", n, fault.want)
			} else {
				rows += n
			}
		})
	}
	t.Run("a server that does not answer", func(t *testing.T) {
		w.stop.Store(true)
		other, err := pgx.Connect(t.Context(), direct)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close(t.Context())
		if _, err = other.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE application_name = 'taphoa' AND datname = current_database()`); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		err = d.Write(t.Context(), db.Actor{Retailer: 1}, func(tx *db.Tx) error {
			_, err := tx.Exec(`DELETE FROM webhook_redeliveries WHERE retailer_id = :retailer`)
			return err
		})
		if took := time.Since(began); !errors.Is(err, db.ErrUnavailable) || took > 3500*time.Millisecond {
			t.Errorf("after %v: %v", took, err)
		}
		w.stop.Store(false)
		if n := count(t, d, "webhook_redeliveries"); n != rows {
			t.Errorf("then %d rows are stored, not %d", n, rows)
		}
	})
}

// TestADiskWithSpaceAgainIsFoundOut: after a write for which there was no space, a large one is tried before the database counts as writable.
func TestADiskWithSpaceAgainIsFoundOut(t *testing.T) {
	t.Parallel()
	server := dbtest.OwnServer(t)
	if err := server.Exec(t.Context(), "postgres", `
		CREATE TABLE id_blocks (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
		CREATE FUNCTION no_space() RETURNS event_trigger LANGUAGE plpgsql AS $$
			BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$;
		CREATE EVENT TRIGGER full_disk ON ddl_command_start WHEN TAG IN ('CREATE TABLE AS') EXECUTE FUNCTION no_space()`); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), server.URL("postgres"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	full := `DO $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$`
	err = d.Write(t.Context(), db.Actor{}, func(tx *db.Tx) error { _, err := tx.Everywhere().Exec(full); return err })
	if !errors.Is(err, db.ErrStorage) {
		t.Fatalf("without space: %v", err)
	}
	if err := d.Writable(t.Context()); !errors.Is(err, db.ErrStorage) {
		t.Errorf("right after it: %v", err)
	}
	time.Sleep(db.StorageHold)
	if err := d.Writable(t.Context()); !errors.Is(err, db.ErrStorage) { // the row of a small write has its place
		t.Errorf("with space for a row alone: %v", err)
	}
	if err := server.Exec(t.Context(), "postgres", `DROP EVENT TRIGGER full_disk`); err != nil {
		t.Fatal(err)
	}
	time.Sleep(db.StorageHold)
	if err := d.Writable(t.Context()); err != nil {
		t.Errorf("with space: %v", err)
	}
}

// TestAServerThatIsPausedIsNotWaitedFor: thirty tills sell and look while the machine of the server is paused. All are told so within
// seconds, later ones at once, and all goes on with it; a long query is waited for.
func TestAServerThatIsPausedIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	w, url := newWire(t, dbtest.Migrated(t, "postgres"))
	d := dbtest.Open(t, url, nil)
	sell := func(shop int) error {
		return d.Write(context.Background(), db.Actor{Retailer: int64(shop%3 + 1)}, func(tx *db.Tx) error {
			tx.Queue(`INSERT INTO webhook_redeliveries (retailer_id, webhook_id, first_seq, last_seq) VALUES (:retailer, ?, 0, 0)`, shop)
			return nil
		})
	}
	look := func(shop int) error {
		return d.Read(context.Background(), db.Actor{Retailer: int64(shop%3 + 1)}, func(tx *db.Tx) error {
			_, err := db.All[int64](tx, `SELECT webhook_id FROM webhook_redeliveries WHERE retailer_id = :retailer`)
			return err
		})
	}
	doubtful, stored := new(atomic.Int64), int64(0)
	// all has thirty tills look and sell, and returns how long one of them has waited at most, and all together.
	all := func(from int) (longest, sum time.Duration) {
		var tills sync.WaitGroup
		var mu sync.Mutex
		timed := func(op func(int) error, shop int) {
			began := time.Now()
			err := op(shop)
			if errors.Is(err, db.ErrInDoubt) {
				doubtful.Add(1)
			}
			if !errors.Is(err, db.ErrUnavailable) {
				t.Errorf("while it is paused: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			took := time.Since(began)
			longest, sum = max(longest, took), sum+took
		}
		for i := range 30 {
			tills.Go(func() { timed(look, i) })
			tills.Go(func() { timed(sell, from+i) })
		}
		tills.Wait()
		return longest, sum
	}
	for i := range 3 {
		if err := errors.Join(sell(i), look(i)); err != nil {
			t.Fatal(err)
		}
		stored++
	}
	w.held.Store(true)
	if longest, _ := all(100); longest > 6*time.Second {
		t.Errorf("one of the first has waited for %v", longest)
	}
	for range 2 {
		if longest, sum := all(200); longest > 3*time.Second || sum > 15*time.Second {
			t.Errorf("one of the later ones has waited for %v, all for %v", longest, sum)
		}
	}
	w.held.Store(false)
	began := time.Now()
	for err := sell(300); err != nil; err = sell(300) {
		if time.Since(began) > 5*time.Second || !errors.Is(err, db.ErrUnavailable) {
			t.Fatalf("when it goes on: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	stored++
	for err := look(0); err != nil && time.Since(began) < 5*time.Second; err = look(0) {
		time.Sleep(50 * time.Millisecond)
	}
	if n := count(t, d, "webhook_redeliveries"); n < stored || n > stored+doubtful.Load() {
		t.Errorf("%d are stored of %d, %d in doubt", n, stored, doubtful.Load())
	}
	read(t, d, shop, func(tx *db.Tx) error {
		_, _, err := db.One[int64](tx, `SELECT COUNT(*) FROM (SELECT pg_sleep(3)) s WHERE 0 <> :retailer`)
		return err
	})
}

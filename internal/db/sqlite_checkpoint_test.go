package db_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// walFrames is the length of the WAL at which tests have it copied: a 32nd of that in production, as are all bounds.
const walFrames = 500

func openWithCheckpoints(t *testing.T, url string, frames int) *db.DB {
	t.Helper()
	return openNotes(t, url, db.Options{CheckpointFrames: frames, Readers: 4})
}

func openNotes(t *testing.T, url string, o db.Options) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), url, o)
	if err == nil {
		err = d.Script(t.Context(), `
			CREATE TABLE IF NOT EXISTS notes (retailer_id BIGINT NOT NULL, id BIGINT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (retailer_id, id))`)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// writePages changes some twenty pages.
func writePages(tx *db.Tx) error {
	for range 20 {
		tx.Queue(`INSERT INTO notes (retailer_id, id, body) VALUES (:retailer, ?, ?) ON CONFLICT (retailer_id, id) DO UPDATE SET body = excluded.body`,
			rand.Int64N(2000), strings.Repeat("x", 2000+rand.IntN(1000)))
	}
	return nil
}

// TestTheWALStaysWithinItsBound beside readers that overlap, and comes back to it after one that holds its snapshot.
func TestTheWALStaysWithinItsBound(t *testing.T) {
	const bound = 4 * walFrames * 4200 // of a file of 256 MiB in production
	url := dbtest.Migrated(t, "sqlite")
	d := openWithCheckpoints(t, url, walFrames)
	t.Cleanup(func() { _ = d.Close() })
	who := db.Actor{Retailer: 1}
	size := func() int64 {
		info, err := os.Stat(strings.TrimPrefix(url, "sqlite:") + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	var slowest time.Duration
	var oldest atomic.Int64 // how long a reader has held its snapshot
	sell := func(bytes int64) (largest int64) {
		for written := int64(0); written < bytes; written += 20 * 4096 {
			began := time.Now()
			write(t, d, who, writePages)
			slowest = max(slowest, time.Since(began))
			largest = max(largest, size())
		}
		return largest
	}
	look := func(hold func()) {
		began := time.Now()
		read(t, d, who, func(tx *db.Tx) error {
			_, err := db.All[int64](tx, `SELECT COUNT(*) FROM notes WHERE retailer_id = :retailer`)
			hold()
			return err
		})
		if age := int64(time.Since(began)); age > oldest.Load() {
			oldest.Store(age)
		}
	}
	var stop atomic.Bool
	var readers sync.WaitGroup
	for i := range 3 {
		readers.Go(func() {
			for !stop.Load() {
				look(func() { time.Sleep(time.Duration(10*(i+1)) * time.Millisecond) })
			}
		})
	}
	largest := sell(10 * bound)
	if age := time.Duration(oldest.Load()); age > time.Second/2 {
		stop.Store(true)
		readers.Wait()
		t.Skipf("the machine is too busy: a reader of 30 ms has taken %v", age)
	}
	if largest > bound {
		t.Errorf("beside readers that overlap the WAL takes up to %d bytes, the bound is %d", largest, bound)
	}
	if d.Checkpoints() < 5 {
		t.Errorf("%d checkpoints ran beside the writer", d.Checkpoints())
	}

	began, release := make(chan struct{}), make(chan struct{})
	readers.Go(func() { look(func() { close(began); <-release }) })
	<-began
	slowest = 0
	if largest := sell(3 * bound); largest < 2*bound {
		t.Errorf("beside a reader that holds its snapshot the WAL takes %d bytes: nothing is tested", largest)
	}
	if slowest > 4*time.Second { // it is waited for once, for a second
		t.Errorf("a write took %v beside a reader that holds its snapshot", slowest)
	}
	close(release)
	sell(bound)
	if after := sell(2 * bound); after > bound {
		t.Errorf("after that reader the WAL still takes %d bytes, the bound is %d", after, bound)
	}
	stop.Store(true)
	readers.Wait()
}

// writerEnv names the database that a process of this test writes to until it is killed.
const writerEnv = "TAPHOA_TEST_WRITER"

// TestAKillDuringCheckpointsLosesNothing kills a process that writes, and copies its WAL all the time.
func TestAKillDuringCheckpointsLosesNothing(t *testing.T) {
	if url := os.Getenv(writerEnv); url != "" {
		writeUntilKilled(t, url)
		return
	}
	const kills = 12
	url := dbtest.Migrated(t, "sqlite")
	acknowledged := map[string]bool{}
	for round := range kills {
		p := exec.Command(os.Args[0], "-test.run=^TestAKillDuringCheckpointsLosesNothing$", "-test.v")
		p.Env = append(os.Environ(), writerEnv+"="+url, fmt.Sprint("TAPHOA_TEST_ROUND=", round))
		out, err := p.StdoutPipe()
		if err == nil {
			err = p.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines, count := bufio.NewScanner(out), 0
		for lines.Scan() {
			if id, ok := strings.CutPrefix(lines.Text(), "stored "); ok {
				acknowledged[id] = true
				if count++; count == 100 {
					time.AfterFunc(time.Duration(rand.IntN(100))*time.Millisecond, func() { _ = p.Process.Kill() })
				}
			}
		}
		_ = p.Wait()
		if count < 100 {
			t.Fatalf("round %d: the process stored %d rows", round, count)
		}
	}
	d := openWithCheckpoints(t, url, 0)
	defer d.Close()
	var stored []string
	read(t, d, db.Actor{Retailer: 1}, func(tx *db.Tx) (err error) {
		stored, err = db.All[string](tx, `SELECT body FROM notes WHERE retailer_id = :retailer AND id >= 1000000`)
		return err
	})
	for _, id := range stored {
		delete(acknowledged, id)
	}
	if len(acknowledged) > 0 {
		t.Errorf("%d rows of those that were acknowledged are lost; %d are there", len(acknowledged), len(stored))
	}
	if state, err := d.Integrity(t.Context()); err != nil || len(state.Faults) > 0 {
		t.Errorf("after %d kills: %v %v", kills, state.Faults, err)
	}
}

// writeUntilKilled says what is stored, once it is.
func writeUntilKilled(t *testing.T, url string) {
	d := openWithCheckpoints(t, url, 1)
	var round int64
	_, _ = fmt.Sscan(os.Getenv("TAPHOA_TEST_ROUND"), &round)
	var next atomic.Int64
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for {
				id := 1_000_000*(round+1) + next.Add(1)
				err := d.Write(t.Context(), db.Actor{Retailer: 1}, func(tx *db.Tx) error {
					tx.Queue(`INSERT INTO notes (retailer_id, id, body) VALUES (:retailer, ?, ?)`, id, fmt.Sprint(id))
					return writePages(tx)
				})
				if err != nil {
					fmt.Println("failed", err)
					os.Exit(1)
				}
				fmt.Printf("stored %d\n", id)
			}
		})
	}
	writers.Wait()
}

//go:build linux || darwin

package db_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// holderEnv names the file whose write lock a process of this test holds until its input ends.
const holderEnv = "TAPHOA_TEST_HOLDER"

// holder is another process that has a transaction open for writing.
type holder struct {
	*testing.T
	input io.Closer
	p     *exec.Cmd
}

func hold(t *testing.T, file string) *holder {
	t.Helper()
	p := exec.Command(os.Args[0], "-test.run=^TestAProcessHoldsTheFile$")
	p.Env = append(os.Environ(), holderEnv+"="+file)
	in, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	h := &holder{t, in, p}
	t.Cleanup(h.release)
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatal(line, err)
	}
	return h
}

func (h *holder) release() {
	if h.input.Close() == nil {
		_ = h.p.Wait()
	}
}

// TestAProcessHoldsTheFile is that process; it tests nothing.
func TestAProcessHoldsTheFile(t *testing.T) {
	file := os.Getenv(holderEnv)
	if file == "" {
		t.Skip("run by others")
	}
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
	if err == nil {
		err = sqlitex.ExecuteTransient(conn, "BEGIN IMMEDIATE", nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = conn.Close()
}

// liteFile opens a database whose file a test may harm.
func liteFile(t *testing.T) (d *db.DB, file string) {
	t.Helper()
	url := dbtest.Migrated(t, "sqlite")
	d = openWithCheckpoints(t, url, 0)
	t.Cleanup(func() { _ = d.Close() })
	return d, strings.TrimPrefix(url, "sqlite:")
}

func note(d *db.DB, id int64) error {
	return d.Write(context.Background(), db.Actor{Retailer: 1}, func(tx *db.Tx) error {
		tx.Queue(`INSERT INTO notes (retailer_id, id, body) VALUES (:retailer, ?, ?)`, id, strings.Repeat("x", 3000))
		return nil
	})
}

// TestAShortFaultOfTheDiskIsWaitedForAndALongOneOnlyOnce: a write in a short one is stored, once; in a long one the first waits for two
// seconds, and those behind it do not, while reading goes on.
func TestAShortFaultOfTheDiskIsWaitedForAndALongOneOnlyOnce(t *testing.T) {
	limit := func(d *db.DB, pages string) error { return d.Script(t.Context(), "PRAGMA max_page_count = "+pages) }
	for _, fault := range []struct {
		name       string
		begin, end func(file string) error
	}{
		{
			"the file is moved away",
			func(file string) error { return os.Rename(file, file+".away") },
			func(file string) error { return os.Rename(file+".away", file) },
		},
		{
			"its directory is moved away",
			func(file string) error { return os.Rename(filepath.Dir(file), filepath.Dir(file)+".away") },
			func(file string) error { return os.Rename(filepath.Dir(file)+".away", filepath.Dir(file)) },
		},
		{
			"its WAL is moved away",
			func(file string) error { return os.Rename(file+"-wal", file+".away") },
			func(file string) error { return os.Rename(file+".away", file+"-wal") },
		},
		{
			"another file is in its place",
			func(file string) error {
				return errors.Join(os.Rename(file, file+".away"), os.WriteFile(file, nil, 0o600))
			},
			func(file string) error { return os.Rename(file+".away", file) },
		},
	} {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			d, file := liteFile(t)
			if err := fault.begin(file); err != nil {
				t.Fatal(err)
			}
			healed := make(chan error, 1)
			time.AfterFunc(300*time.Millisecond, func() { healed <- fault.end(file) })
			if err := note(d, 1); err != nil {
				t.Errorf("a short fault: %v", err)
			}
			if err := <-healed; err != nil {
				t.Fatal(err)
			}
			if err := fault.begin(file); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			err := note(d, 2)
			if took := time.Since(began); !errors.Is(err, db.ErrStorage) || took < 1900*time.Millisecond || took > 4*time.Second {
				t.Errorf("after %v: %v", took, err)
			}
			began = time.Now()
			for range 20 {
				if err := note(d, 3); !errors.Is(err, db.ErrStorage) {
					t.Errorf("later: %v", err)
				}
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("twenty more waited for %v", took)
			}
			if err := d.Writable(t.Context()); !errors.Is(err, db.ErrStorage) {
				t.Errorf("it counts as writable: %v", err)
			}
			count := func() (n int64) {
				read(t, d, db.Actor{Retailer: 1}, func(tx *db.Tx) (err error) {
					n, _, err = db.One[int64](tx, `SELECT COUNT(*) FROM notes WHERE retailer_id = :retailer`)
					return err
				})
				return n
			}
			count()
			if err := fault.end(file); err != nil {
				t.Fatal(err)
			}
			if err := note(d, 4); err != nil || count() != 2 {
				t.Errorf("afterwards %v, %d rows", err, count())
			}
		})
	}
	t.Run("the disk is full", func(t *testing.T) {
		t.Parallel()
		d, _ := liteFile(t)
		if err := limit(d, "1"); err != nil {
			t.Fatal(err)
		}
		id, err := int64(0), error(nil)
		began := time.Now()
		for ; err == nil && id < 500; id++ {
			began = time.Now()
			err = note(d, id)
		}
		if took := time.Since(began); !errors.Is(err, db.ErrStorage) || took < 1900*time.Millisecond {
			t.Errorf("after %v: %v", took, err)
		}
		// What writes nothing, or only looks, does not end the fault.
		write(t, d, db.Actor{Retailer: 1}, func(*db.Tx) error { return nil })
		began = time.Now()
		if err := note(d, id); !errors.Is(err, db.ErrStorage) || time.Since(began) > time.Second {
			t.Errorf("the next one waited for %v: %v", time.Since(began), err)
		}
		if err := limit(d, "1073741823"); err != nil {
			t.Fatal(err)
		}
		if err := note(d, id); err != nil {
			t.Errorf("with space: %v", err)
		}
	})
}

// TestWhatIsStoredOutlivesItsWAL: a person removes the WAL because it is large, and then the process is killed.
func TestWhatIsStoredOutlivesItsWAL(t *testing.T) {
	t.Parallel()
	d, file := liteFile(t)
	for id := range int64(5) {
		if err := note(d, id+1); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(file + "-wal"); err != nil {
		t.Fatal(err)
	}
	if err := note(d, 6); !errors.Is(err, db.ErrStorage) || errors.Is(err, db.ErrInDoubt) {
		t.Errorf("without its WAL: %v", err)
	}
	if err := d.Writable(t.Context()); !errors.Is(err, db.ErrStorage) {
		t.Errorf("it counts as writable: %v", err)
	}
	left := filepath.Join(t.TempDir(), "left.db")
	content, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(left, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	read(t, dbtest.Open(t, "sqlite:"+left, nil), db.Actor{Retailer: 1}, func(tx *db.Tx) error {
		ids, err := db.All[int64](tx, `SELECT id FROM notes WHERE retailer_id = :retailer ORDER BY id`)
		if !slices.Equal(ids, []int64{1, 2, 3, 4, 5}) {
			t.Errorf("%v are left", ids)
		}
		return err
	})
}

// TestAWALOnASmallDiskStaysSmall: else it takes what the file needs to take over what is in it.
func TestAWALOnASmallDiskStaysSmall(t *testing.T) {
	t.Parallel()
	var free atomic.Int64
	free.Store(1 << 40)
	url := dbtest.Migrated(t, "sqlite")
	file := strings.TrimPrefix(url, "sqlite:")
	d := openNotes(t, url, db.Options{Free: free.Load})
	defer d.Close()
	write := func(from, to int64) (size int64) {
		for id := from; id < to; id++ {
			if err := note(d, id); err != nil {
				t.Fatal(err)
			}
		}
		info, err := os.Stat(file + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	large := write(1, 1200)
	if large < 8<<20 {
		t.Fatalf("with space it has %d bytes", large)
	}
	free.Store(8 << 20)
	if size := write(1200, 3000); size > large+2<<20 {
		t.Errorf("it grew from %d bytes to %d", large, size)
	}
}

// TestThoseBehindTheFirstDoNotWaitForADatabaseThatIsAway: another process keeps the file, and thirty tills sell.
func TestThoseBehindTheFirstDoNotWaitForADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	d, file := liteFile(t)
	h := hold(t, file)
	d.SetLockTime(500 * time.Millisecond)
	var tills sync.WaitGroup
	began := time.Now()
	for i := range 30 {
		tills.Go(func() {
			if err := note(d, int64(i)); !errors.Is(err, db.ErrUnavailable) {
				t.Errorf("till %d: %v", i, err)
			}
		})
	}
	tills.Wait()
	// Each on its own would wait for 50 ms once the first has waited in vain.
	if took := time.Since(began); took > 1300*time.Millisecond {
		t.Errorf("they have waited for %v", took)
	}
	h.release()
	if err := note(d, 31); err != nil {
		t.Errorf("when it is free: %v", err)
	}
}

// TestALockThatAnotherProcessKeepsIsWaitedForOnce: reading goes on, and all is stored when the process lets go.
func TestALockThatAnotherProcessKeepsIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	d, file := liteFile(t)
	if err := note(d, 1); err != nil {
		t.Fatal(err)
	}
	h := hold(t, file)
	d.SetLockTime(300 * time.Millisecond)
	if err := note(d, 2); !errors.Is(err, db.ErrUnavailable) || errors.Is(err, db.ErrStorage) {
		t.Errorf("held: %v", err)
	}
	if err := d.Writable(t.Context()); !errors.Is(err, db.ErrUnavailable) {
		t.Errorf("it counts as writable: %v", err)
	}
	began := time.Now()
	if err := note(d, 3); !errors.Is(err, db.ErrUnavailable) || time.Since(began) > 200*time.Millisecond {
		t.Errorf("the next one waited for %v: %v", time.Since(began), err)
	}
	read(t, d, db.Actor{Retailer: 1}, func(tx *db.Tx) error {
		_, err := db.All[int64](tx, `SELECT id FROM notes WHERE retailer_id = :retailer`)
		return err
	})
	h.release()
	if err := note(d, 4); err != nil {
		t.Errorf("when it is free: %v", err)
	}
}

// TestDamageInEachPartOfTheFileIsFound writes 60 bytes over a place of every kind: of which none shows when the file is opened.
func TestDamageInEachPartOfTheFileIsFound(t *testing.T) {
	for _, part := range []struct{ name, pages string }{
		{"a leaf of a table", `SELECT pageno FROM dbstat WHERE name = 'things' AND pagetype = 'leaf' AND ncell > 3 ORDER BY pageno DESC`},
		{"an inner page of a table", `SELECT pageno FROM dbstat WHERE name = 'things' AND pagetype = 'internal' ORDER BY pageno DESC`},
		{"a leaf of an index", `SELECT pageno FROM dbstat WHERE name = 'things_by_body' AND pagetype = 'leaf' ORDER BY pageno DESC`},
		{"an overflow page", `SELECT pageno FROM dbstat WHERE name = 'things' AND pagetype = 'overflow' ORDER BY pageno`},
		{"the list of free pages", `freelist`},
		{"the schema", `SELECT pageno FROM dbstat WHERE name = 'sqlite_schema' AND pagetype = 'leaf' ORDER BY pageno DESC`},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "a.db")
			page := partOf(t, file, part.pages)
			if err := scratch(file, (page-1)*4096); err != nil {
				t.Fatal(err)
			}
			d, err := db.Open(t.Context(), "sqlite:"+file, db.Options{Readers: 1})
			if err != nil {
				if part.name != "the schema" {
					t.Fatal(err)
				}
				return // that is not opened
			}
			defer d.Close()
			found, err := d.Inspect(t.Context())
			if err != nil || found == nil || d.Damage() == nil {
				t.Fatalf("found %v, noted %v, %v", found, d.Damage(), err)
			}
			t.Log(found.Faults[0])
		})
	}
}

// partOf makes a database and returns one of its pages.
func partOf(t *testing.T, file, pages string) (page int64) {
	t.Helper()
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = sqlitex.ExecuteScript(conn, `
		CREATE TABLE things (id INTEGER PRIMARY KEY, body TEXT NOT NULL, long TEXT NOT NULL);
		CREATE INDEX things_by_body ON things (body);
		CREATE TABLE gone (id INTEGER PRIMARY KEY, body TEXT);
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
		INSERT INTO things SELECT i, printf('body %d', i), CASE i WHEN 100 THEN hex(zeroblob(20000)) ELSE 'short' END FROM n;
		INSERT INTO gone SELECT id, body || long FROM things;
		DELETE FROM gone`, nil)
	if err == nil && pages != "freelist" {
		err = sqlitex.ExecuteTransient(conn, pages+" LIMIT 1", &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
			page = stmt.ColumnInt64(0)
			return nil
		}})
	}
	if err != nil {
		t.Fatal(err)
	}
	if pages == "freelist" {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		page = int64(raw[34])<<8 | int64(raw[35]) // of the header: the first page of the list
	}
	if page == 0 {
		t.Fatal("there is no such page")
	}
	return page
}

func scratch(file string, at int64) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(bytes.Repeat([]byte{0xff}, 60), at)
	return errors.Join(err, f.Close())
}

// TestARequestThatMeetsDamageNotesIt: by reading and by writing.
func TestARequestThatMeetsDamageNotesIt(t *testing.T) {
	for _, writes := range []bool{false, true} {
		t.Run(fmt.Sprint(writes), func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "a.db")
			page := partOf(t, file, `SELECT pageno FROM dbstat WHERE name = 'things' AND pagetype = 'leaf' ORDER BY pageno DESC`)
			if err := scratch(file, (page-1)*4096); err != nil {
				t.Fatal(err)
			}
			d, err := db.Open(t.Context(), "sqlite:"+file, db.Options{Readers: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if d.Damage() != nil {
				t.Error("noted before it was met")
			}
			use := d.Read
			if writes {
				use = d.Write
			}
			began := time.Now()
			err = use(t.Context(), db.Actor{}, func(tx *db.Tx) error {
				_, err := db.All[int64](tx.Everywhere(), `SELECT COUNT(*) FROM things WHERE long > ''`)
				return err
			})
			if !errors.Is(err, db.ErrDamaged) || !errors.Is(err, db.ErrUnavailable) || d.Damage() == nil || time.Since(began) > time.Second {
				t.Errorf("%v after %v, noted %v", err, time.Since(began), d.Damage())
			}
		})
	}
}

// TestTheInspectionStopsAndLetsOthersWrite beside writers whose WAL has to begin again.
func TestTheInspectionStopsAndLetsOthersWrite(t *testing.T) {
	url := dbtest.Migrated(t, "sqlite")
	d := openWithCheckpoints(t, url, walFrames)
	defer d.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var looking sync.WaitGroup
	rounds := 0
	looking.Go(func() {
		for ; ctx.Err() == nil; rounds++ {
			if found, err := d.Inspect(ctx); found != nil || err != nil && !errors.Is(err, context.Canceled) {
				t.Error(found, err)
			}
		}
	})
	largest := int64(0)
	for range 400 {
		write(t, d, db.Actor{Retailer: 1}, writePages)
		if info, err := os.Stat(strings.TrimPrefix(url, "sqlite:") + "-wal"); err == nil {
			largest = max(largest, info.Size())
		}
	}
	began := time.Now()
	cancel()
	looking.Wait()
	if took := time.Since(began); took > time.Second {
		t.Errorf("it stopped after %v", took)
	}
	if rounds < 1 || largest > 4*walFrames*4200 {
		t.Errorf("in %d rounds the WAL came to %d bytes", rounds, largest)
	}
}

package dbtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/schema"
)

// Clock is a clock that only a test moves.
type Clock struct{ now atomic.Int64 }

// NewClock starts at nine in the morning of 22 November 2026 in Vietnam.
func NewClock() *Clock {
	c := &Clock{}
	start, err := taphoa.ParseTime("2026-11-22T09:00:00")
	if err != nil {
		panic(err)
	}
	c.now.Store(int64(start))
	return c
}

// Now returns the clock's instant.
func (c *Clock) Now() taphoa.Time { return taphoa.Time(c.now.Load()) }

// Set moves the clock to an instant.
func (c *Clock) Set(at taphoa.Time) { c.now.Store(int64(at)) }

// Advance moves the clock forward by seconds.
func (c *Clock) Advance(seconds int64) { c.now.Add(seconds * 1_000_000) }

// Engines are the engines that every test of data runs on.
var Engines = []string{"sqlite", "postgres"}

// Each runs a test on both engines, each time with a migrated database of its own.
func Each(t *testing.T, test func(t *testing.T, d *db.DB, clock *Clock)) {
	t.Helper()
	for _, engine := range Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			clock := NewClock()
			test(t, Open(t, Migrated(t, engine), clock), clock)
		})
	}
}

// URL returns the address of a new, empty database of an engine, removed when the test ends.
func URL(tb testing.TB, engine string) string {
	tb.Helper()
	if engine == "postgres" {
		return Database(tb)
	}
	return "sqlite:" + filepath.Join(tb.TempDir(), "taphoa.db")
}

// Migrated is [Filled] with the tables alone.
func Migrated(tb testing.TB, engine string) string {
	tb.Helper()
	return Filled(tb, engine, schema.Fingerprint(), migrate)
}

// Filled is [URL] for a database that fill has filled: a copy of a template, which takes a fraction of the time. See [Clone].
func Filled(tb testing.TB, engine, key string, fill func(url string) error) string {
	tb.Helper()
	if engine == "postgres" {
		return Clone(tb, key, fill)
	}
	file, _ := files.LoadOrStore(key, sync.OnceValues(func() ([]byte, error) { return filledFile(fill) }))
	content, err := file.(func() ([]byte, error))()
	url := URL(tb, engine)
	if err == nil {
		err = os.WriteFile(strings.TrimPrefix(url, "sqlite:"), content, 0o600)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return url
}

// files are what returns the content of the template of SQLite, by key; it is made once in a process.
var files sync.Map

func filledFile(fill func(url string) error) ([]byte, error) {
	dir, err := os.MkdirTemp("", "dbtest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "taphoa.db")
	if err := fill("sqlite:" + file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

func migrate(url string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, url, db.Options{})
	if err != nil {
		return err
	}
	_, err = schema.Migrate(ctx, d)
	return errors.Join(err, d.Close())
}

// Open opens and migrates a database until the end of the test. With a nil clock it uses that of the machine.
func Open(tb testing.TB, url string, clock *Clock) *db.DB {
	tb.Helper()
	var o db.Options
	if clock != nil {
		o.Now = clock.Now
	}
	d, err := db.Open(tb.Context(), url, o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		checkCounts(tb, d)
		if err := d.Close(); err != nil {
			tb.Error(err)
		}
	})
	if _, err := schema.Migrate(tb.Context(), d); err != nil {
		tb.Fatal(err)
	}
	return d
}

// checkCounts checks, after every test, that the stored counts of rows are right, and the chain of the audit log.
func checkCounts(tb testing.TB, d *db.DB) {
	tb.Helper()
	err := d.Read(context.Background(), db.Actor{}, func(tx *db.Tx) error {
		shops, err := db.All[int64](tx.Everywhere(), `SELECT retailer_id FROM shop_heads ORDER BY retailer_id`)
		for _, shop := range shops {
			of := *tx
			of.Retailer = shop
			faults, err := db.CheckCounts(&of)
			if err != nil {
				return err
			}
			log, err := audit.Check(&of)
			if err != nil {
				return err
			}
			for _, fault := range append(faults, log...) {
				tb.Errorf("shop %d: %s", shop, fault)
			}
		}
		return err
	})
	if err != nil && !errors.Is(err, db.ErrClosed) {
		tb.Errorf("checking the counts of rows: %v", err)
	}
}

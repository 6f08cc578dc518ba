package db_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/schema"
)

// nothing is a look at a backup that is not interested.
func nothing(*db.Tx) error { return nil }

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestABackupThatIsInterruptedLeavesNothingBehind(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		_, err := d.Backup(ctx, filepath.Join(dir, "backup"), false, func(int64, int64) { cancel() }, nothing)
		if !errors.Is(err, context.Canceled) || len(files(t, dir)) > 0 {
			t.Errorf("it ends with %v and leaves %v", err, files(t, dir))
		}
		// The connection that copied holds no old snapshot: what is written now is in the next copy.
		set(t, d, "HD", 7)
		_, err = d.Backup(t.Context(), filepath.Join(dir, "backup"), false, func(int64, int64) {}, func(tx *db.Tx) error {
			n, _, err := db.One[int64](tx.Everywhere(), `SELECT MAX(value) FROM counters`)
			if n != 7 {
				t.Errorf("the next copy has %d", n)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func set(t *testing.T, d *db.DB, name string, value int64) {
	t.Helper()
	write(t, d, shop, func(tx *db.Tx) error {
		tx.Queue(`INSERT INTO counters (retailer_id, name, value) VALUES (:retailer, ?, ?)`, name, value)
		return nil
	})
}

// TestARestoreIsDoneInWholeOrNotAtAll interrupts a restore while the backup is copied beside the database, and while
// the copy takes its place.
func TestARestoreIsDoneInWholeOrNotAtAll(t *testing.T) {
	made := func(value int64, then func(*db.DB)) (url string) {
		url = dbtest.URL(t, "sqlite")
		d, err := db.Open(t.Context(), url, db.Options{})
		if err == nil {
			_, err = schema.Migrate(t.Context(), d)
		}
		if err == nil {
			err = d.Script(t.Context(), `CREATE TABLE counters (retailer_id BIGINT, name TEXT, value BIGINT)`)
		}
		if err != nil {
			t.Fatal(err)
		}
		set(t, d, "HD", value)
		then(d)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		return url
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	made(7, func(d *db.DB) {
		if _, err := d.Backup(t.Context(), backup, false, func(int64, int64) {}, nothing); err != nil {
			t.Fatal(err)
		}
	})
	for _, late := range []bool{false, true} {
		url := made(1, func(*db.DB) {})
		ctx, cancel := context.WithCancel(t.Context())
		prepared := false
		_, err := db.Restore(ctx, url, backup, db.RestoreOptions{
			Accept:  func([]string) error { return nil },
			Prepare: func(context.Context, *db.DB) error { prepared = true; return nil },
			Progress: func(int64, int64) {
				if prepared == late {
					cancel()
				}
			},
			Open: db.Options{},
		})
		cancel()
		want := int64(7)
		if late && err != nil {
			t.Errorf("interrupted late it ends with %v", err)
		} else if !late {
			want = 1
			names := files(t, filepath.Dir(strings.TrimPrefix(url, "sqlite:")))
			if !errors.Is(err, context.Canceled) || len(names) != 1 {
				t.Errorf("interrupted early it ends with %v and leaves %v", err, names)
			}
		}
		d, err := db.Open(t.Context(), url, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		read(t, d, shop, func(tx *db.Tx) error {
			n, _, err := db.One[int64](tx, `SELECT value FROM counters WHERE retailer_id = :retailer AND name = 'HD'`)
			if n != want {
				t.Errorf("interrupted late: %v; the database has %d, want %d", late, n, want)
			}
			return err
		})
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

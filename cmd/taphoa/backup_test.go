package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// seller is a shop with one product that is sold through the API.
type seller struct{ caller }

func (t terminal) seller(base string) seller {
	t.Helper()
	id, secret := t.client("create", "--name", "Web")
	s := seller{caller{t.T, base, "abc", (&server{terminal: t, base: base}).token(id, secret)}}
	var any struct{ ID int64 }
	s.must(http.MethodPost, "/categories", `{"categoryName": "Mì"}`, &any)
	s.must(http.MethodPost, "/products", fmt.Sprintf(`{"code": "MI", "name": "Mì tôm", "categoryId": %d, "basePrice": 4500}`, any.ID), &any)
	return s
}

// sell reports whether the sale was acknowledged.
func (s seller) sell() bool {
	s.Helper()
	var answer struct{ ID int64 }
	return s.call(http.MethodPost, "/invoices", `{"branchId": 1, "method": "Cash", "totalPayment": 4500,
		"invoiceDetails": [{"productCode": "MI", "quantity": 1}]}`, &answer) == http.StatusOK
}

// file returns a path in a new temporary directory.
func (t terminal) file(name string) string {
	t.Helper()
	return filepath.Join(t.TempDir(), name)
}

// elsewhere is a terminal for a new, empty database of the same engine.
func (t terminal) elsewhere() terminal {
	t.Helper()
	if strings.HasPrefix(t.database, "sqlite:") {
		t.database = "sqlite:" + t.file("taphoa.db") // which is not there yet
	} else {
		t.database = dbtest.Database(t)
	}
	return t
}

// sold returns the number of invoices in the output of a check or a backup.
func sold(out string) string {
	found := regexp.MustCompile(`invoices: (\d+)`).FindStringSubmatch(out)
	if found == nil {
		return ""
	}
	return found[1]
}

func TestABackupDuringSalesCanBeRestored(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "Tạp hóa ABC")
		s := t.serve()
		shop := t.seller(s.base)
		for range 3 {
			shop.sell()
		}
		stop, lost := make(chan struct{}), 0
		var tills sync.WaitGroup
		tills.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if !shop.sell() {
					lost++
				}
			}
		})
		file := t.file("backup")
		said := t.do("backup", file)
		close(stop)
		tills.Wait()
		if lost > 0 {
			t.Errorf("%d sales failed beside the backup", lost)
		}
		if n, _ := strconv.Atoi(sold(said)); n < 3 || !strings.Contains(said, "abc: OK, postings checked: ") || !strings.Contains(said, "complete and checked") {
			t.Errorf("the backup says\n%s", said)
		}

		t.refused("exists: name another file, or replace it with --force", "backup", file)
		later := t.do("backup", "--force", file)
		restored := t.elsewhere()
		if out := restored.do("restore", file); sold(out) != sold(later) || !strings.Contains(out, "complete and checked") {
			t.Errorf("the restore says\n%s\nand the backup said\n%s", out, later)
		}
		if out := restored.do("check"); sold(out) != sold(later) || !regexp.MustCompile(`(?m)^abc: the newest document is \S+ of 20\d\d-\d\d-\d\d \d\d:\d\d$`).MatchString(out) {
			t.Errorf("the check of the restored database says\n%s", out)
		}
		// The log of events ends where the copy ends, without a gap.
		d := dbtest.Open(t, restored.database, nil)
		err := d.Read(t.Context(), db.Actor{Retailer: 1}, func(tx *db.Tx) error {
			gaps, _, err := db.One[int64](tx, `SELECT MAX(seq) - COUNT(*) FROM events WHERE retailer_id = :retailer`)
			if gaps != 0 {
				t.Errorf("%d events are missing in the copy", gaps)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		type feed struct {
			Last int64
			Data []struct{ Seq int64 }
		}
		var common, newest feed // what a reader has seen: up to the backup, and after it
		shop.must(http.MethodGet, "/events", "", &common)
		shop.sell()
		shop.must(http.MethodGet, "/events", "", &newest)
		s.stop()
		s.ends()
		again := restored.serve()
		if shop.base = again.base; !shop.sell() {
			t.Error("the restored shop does not sell")
		}
		for after, want := range map[int64]int{common.Last: http.StatusOK, newest.Last: 420, newest.Last - 1: 420} {
			var page feed
			if status := shop.call(http.MethodGet, fmt.Sprintf("/events?after=%d", after), "", &page); status != want {
				t.Errorf("a reader after event %d of %d in the backup and %d before its restore gets %d, want %d",
					after, common.Last, newest.Last, status, want)
			} else if status == http.StatusOK && len(page.Data) != 3 {
				t.Errorf("after event %d there are %d events, not those of one sale", after, len(page.Data))
			}
		}
	})
}

func TestARestoreWaitsForTheServersToBeStopped(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t = t.elsewhere() // its tables will be others
		t.do("shop", "create", "abc", "ABC")
		file := t.file("backup")
		t.do("backup", file)
		p := t.start() // a process of its own, as the locks are
		shop := t.seller(p.base)
		shop.sell()
		t.refused("stop all servers", "restore", file)
		if !shop.sell() {
			t.Error("the shop does not sell after the refusal")
		}
		p.kill() // leaves its WAL
		if out := t.do("check"); sold(out) != "2" {
			t.Errorf("the refused restore has changed something:\n%s", out)
		}
		for tries := 0; ; tries++ { // PostgreSQL notices the end of a client after a while
			status, out, faults := t.try("restore", file)
			if status == 0 {
				if sold(out) != "0" {
					t.Errorf("the restore says\n%s", out)
				}
				break
			}
			if tries == 50 {
				t.Fatal(faults)
			}
		}
		if out := t.do("check"); sold(out) != "0" || !strings.HasSuffix(out, "OK, shops checked: 1\n") {
			t.Errorf("the check says\n%s", out)
		}
		if name, ok := strings.CutPrefix(t.database, "sqlite:"); ok {
			kept, err := filepath.Glob(name + ".before-restore-*")
			if err != nil || len(kept) != 1 {
				t.Fatalf("kept: %v (%v)", kept, err)
			}
			if out := t.do("check", "--database", "sqlite:"+kept[0]); sold(out) != "2" {
				t.Errorf("what was replaced is kept as\n%s", out)
			}
		}
	})
}

func TestABackupDoesNotReplaceADatabaseInUse(t *testing.T) {
	t.Parallel()
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	s := x.serve()
	shop := x.seller(s.base)
	x.refused("is a database that is in use: name another file", "backup", "--force", strings.TrimPrefix(x.database, "sqlite:"))
	x.refused("is not a file", "backup", "--force", filepath.Dir(x.file("directory")))
	if !shop.sell() {
		t.Error("the shop does not sell any more")
	}
	s.stop()
	s.ends()
	if out := x.do("check"); sold(out) != "1" {
		t.Errorf("the sale is not in the database's file\n%s", out)
	}
	x.refused("does not exist: make it first", "backup", x.file("missing")+"/backup.db")
	if status, _, faults := x.try("backup", x.file("missing")+"/backup.db"); status != 1 || strings.Contains(faults, ".tmp") {
		t.Errorf("the refusal names a file that nobody typed: %s", faults)
	}
}

func TestServeAndCheckCountTheSame(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		s := t.serve()
		shop := t.seller(s.base)
		var gone struct{ ID int64 }
		shop.must(http.MethodPost, "/customers", `{"name": "An", "branchId": 1}`, &gone)
		shop.must(http.MethodDelete, fmt.Sprintf("/customers/%d", gone.ID), "", &struct{}{})
		s.stop()
		s.ends()
		s = t.serve()
		s.says("products: 1, customers: 0, ")
		if out := t.do("check"); !strings.Contains(out, "products: 1, customers: 0, ") {
			t.Errorf("the check says\n%s", out)
		}
	})
}

func TestTheWALOfALostDatabaseIsNotMixedIntoTheRestoredOne(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	backup := x.file("backup.db")
	x.do("backup", backup)
	p := x.start()
	x.seller(p.base).sell()
	p.kill()
	name := strings.TrimPrefix(x.database, "sqlite:")
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name + "-wal"); err != nil || info.Size() == 0 {
		t.Fatal("no WAL was left", err)
	}
	x.do("restore", backup)
	if out := x.do("check"); sold(out) != "0" || !strings.HasSuffix(out, "OK, shops checked: 1\n") {
		t.Errorf("the check says\n%s", out)
	}
}

func TestABackupOfBeforeAnUpgradeIsRestoredAndMigrated(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t = t.elsewhere()
		t.do("shop", "create", "abc", "ABC")
		older(t)
		file := t.file("backup")
		if out := t.do("backup", file); !strings.Contains(out, "shape of an older program") {
			t.Errorf("the backup says\n%s", out)
		}
		// A check does not change it.
		if status, out, faults := t.try("check"); strings.HasPrefix(t.database, "sqlite:") != (status == 0) ||
			!strings.Contains(out+faults, "shape of an older program") {
			t.Errorf("the check of an older database: status %d, %s%s", status, out, faults)
		}
		if out := t.do("backup", "--force", file); !strings.Contains(out, "shape of an older program") {
			t.Errorf("the check has migrated the database:\n%s", out)
		}
		t.do("migrate")
		d, err := db.Open(t.Context(), t.database, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(d.Script(t.Context(), `CREATE TABLE report (x BIGINT)`), d.Close()); err != nil {
			t.Fatal(err)
		}
		out := t.do("restore", file)
		if kept := strings.Contains(out, "the table report is not in the backup"); kept == strings.HasPrefix(t.database, "sqlite:") {
			t.Errorf("the restore says\n%s", out)
		}
		if out := t.do("check"); strings.Contains(out, "shape of an older program") {
			t.Errorf("the restored database has the old shape:\n%s", out)
		}
	})
}

// older reverts the newest migrations that can be reverted.
func older(t terminal) {
	t.Helper()
	d, err := db.Open(t.Context(), t.database, db.Options{Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.Script(t.Context(), `
		DROP TABLE webhook_redeliveries; DROP TABLE webhook_deliveries; DROP TABLE webhooks;
		ALTER TABLE payments DROP COLUMN voucher_campaign_id;
		DELETE FROM schema_migrations WHERE name IN ('0018_webhook.sql', '0019_voucher_sale.sql');`)
	if err != nil {
		t.Fatal(err)
	}
}

func TestAFileThatIsNotABackupIsNotRestored(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		backup := t.file("backup")
		t.do("backup", backup)
		whole, err := os.ReadFile(backup)
		if err != nil {
			t.Fatal(err)
		}
		write := func(content []byte) string {
			file := t.file("file")
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			return file
		}
		t.refused("is no backup of Taphoa's", "restore", write([]byte("GIF89a, and more of it than a header has, so that it is no short file"+strings.Repeat(".", 500))))
		t.refused("there is no file", "restore", t.file("nothing"))
		cut := t.do("check")
		if status, _, faults := t.try("restore", write(whole[:len(whole)/2])); status != 1 || !strings.Contains(faults, "is damaged") {
			t.Errorf("half a backup: status %d, %s", status, faults)
		}
		if out := t.do("check"); out != cut {
			t.Errorf("after the refusals the database has\n%s", out)
		}

		d := dbtest.Open(t, t.database, nil)
		if err := d.Script(t.Context(), `INSERT INTO schema_migrations (name, applied_at) VALUES ('9999_of_the_future.sql', 1)`); err != nil {
			t.Fatal(err)
		}
		t.refused("9999_of_the_future.sql", "backup", t.file("newer"))
		if err := d.Script(t.Context(), `DELETE FROM schema_migrations`); err != nil {
			t.Fatal(err)
		}
		t.refused("no database of Taphoa's", "backup", t.file("foreign"))
	})
}

func TestABackupOfANewerProgramIsRefused(t *testing.T) {
	eachEngine(t, func(t terminal) {
		newer := t.elsewhere()
		newer.do("shop", "create", "abc", "ABC")
		file := t.file("backup")
		d := dbtest.Open(t, newer.database, nil)
		if err := d.Script(t.Context(), `INSERT INTO schema_migrations (name, applied_at) VALUES ('9999_of_the_future.sql', 1)`); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Backup(t.Context(), file, false, func(int64, int64) {}, func(*db.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		t.do("shop", "create", "xyz", "XYZ")
		t.refused("was made by a newer program, which has the migration 9999_of_the_future.sql", "restore", file)
		if out := t.do("shop", "list"); !strings.Contains(out, "xyz") {
			t.Errorf("the database has changed:\n%s", out)
		}
	})
}

// damage overwrites 12 leaf pages of indexes, which leave every row of the tables as it was.
func damage(t *testing.T, file string) {
	t.Helper()
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	var pages []int64
	var size int64
	err = sqlitex.ExecuteTransient(conn, `
		SELECT pageno, pgsize FROM dbstat WHERE pagetype = 'leaf' AND ncell > 3 AND name IN (SELECT name FROM sqlite_schema WHERE type = 'index')
		ORDER BY pageno DESC LIMIT 12`, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
		pages, size = append(pages, stmt.ColumnInt64(0)), stmt.ColumnInt64(1)
		return nil
	}})
	if err != nil || len(pages) != 12 || conn.Close() != nil {
		t.Fatal(pages, err)
	}
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, page := range pages {
		if _, err := f.WriteAt(bytes.Repeat([]byte{0xff}, 1500), page*size-1500); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDamagedPagesOfIndexesAreNamedAndNotBackedUp(t *testing.T) {
	file := filepath.Join(t.TempDir(), "taphoa.db")
	x := terminal{T: t, database: "sqlite:" + file}
	s := x.serve("--demo", "--database", x.database)
	s.stop()
	s.ends()
	backup := x.file("backup.db")
	x.do("backup", backup)
	damage(t, file)
	status, out, faults := x.try("check")
	if status != 1 || !regexp.MustCompile(`database: damaged: index \w+: page \d+ cell`).MatchString(out) || !regexp.MustCompile(`the database is damaged, with \d\d+ faults`).MatchString(faults) {
		t.Errorf("status %d, %s%s", status, out, faults)
	}
	good, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	x.refused("the database is damaged", "backup", "--force", backup)
	if now, err := os.ReadFile(backup); err != nil || string(now) != string(good) {
		t.Error("the good backup is gone", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(backup), ".*")); len(left) > 0 {
		t.Errorf("the backup left %v", left)
	}
	x.refused("is damaged", "restore", file, "--database", "sqlite:"+x.file("other.db"))
	x.do("restore", backup)
	x.do("check")
}

func TestADatabaseDamagedFromItsBeginningIsRefusedWithAReason(t *testing.T) {
	file := filepath.Join(t.TempDir(), "taphoa.db")
	x := terminal{T: t, database: "sqlite:" + file}
	x.do("shop", "create", "abc", "ABC")
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xff}, 1000), 100); err != nil { // after the header
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check"}, {"serve"}, {"shop", "list"}, {"backup", file + ".backup"}} {
		x.refused("the database "+file+" is damaged; taphoa restore puts a backup in its place", args...)
	}
}

func TestACheckNamesTriggersOfOthers(t *testing.T) {
	eachEmpty(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		if out := t.do("check"); strings.Contains(out, "triggers") {
			t.Errorf("the check says\n%s", out)
		}
		sql := `CREATE TRIGGER odd AFTER INSERT ON invoices BEGIN DELETE FROM orders; END`
		if !strings.HasPrefix(t.database, "sqlite:") {
			sql = `CREATE TRIGGER odd BEFORE INSERT ON invoices FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`
		}
		d, err := db.Open(t.Context(), t.database, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(d.Script(t.Context(), sql), d.Close()); err != nil {
			t.Fatal(err)
		}
		if out := t.do("check"); !strings.Contains(out, "triggers that Taphoa did not make change what it writes: odd\n") {
			t.Errorf("the check says\n%s", out)
		}
	})
}

// TestAWrongCountOfRowsIsFoundAndCorrected recounts while a server sells.
func TestAWrongCountOfRowsIsFoundAndCorrected(t *testing.T) {
	eachEmpty(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		p := t.start()
		s := t.seller(p.base)
		s.sell()
		s.sell()
		total := func(want int) {
			t.Helper()
			var page struct{ Total int }
			if s.must(http.MethodGet, "/invoices", "", &page); page.Total != want {
				t.Errorf("the list says %d invoices, there are %d", page.Total, want)
			}
		}
		d, err := db.Open(t.Context(), t.database, db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(d.Script(t.Context(), `UPDATE row_counts SET n = n + 5 WHERE name = 'invoices' AND level <> 1`), d.Close()); err != nil {
			t.Fatal(err)
		}
		total(7)
		status, out, faults := t.try("check")
		if status != 1 || !strings.Contains(out, "abc: lists: invoices: level 2, block 0: 7 rows are counted, there are 2\n") ||
			!strings.Contains(out, "abc: lists: taphoa migrate --recount counts the rows again\n") || !strings.Contains(faults, "the ledgers have 2 faults") {
			t.Errorf("status %d, %s%s", status, out, faults)
		}
		if out := t.do("migrate", "--recount"); !strings.HasSuffix(out, "the rows of all lists were counted again; shops: 1\n") {
			t.Errorf("it says\n%s", out)
		}
		t.do("check")
		s.sell()
		total(3)
		t.do("check")
		p.kill()
	})
}

func TestACheckDoesNotChangeABackup(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	older(x)
	backup := x.file("backup.db")
	x.do("backup", backup)
	for _, mark := range []byte{1, 2} { // as a backup has it, and as a copy of a file that was in use has it
		before, err := os.ReadFile(backup)
		if err != nil {
			t.Fatal(err)
		}
		before[18], before[19] = mark, mark
		for _, mode := range []os.FileMode{0o600, 0o400} {
			if err := os.WriteFile(backup, before, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(backup, mode); err != nil {
				t.Fatal(err)
			}
			out := x.do("check", "--database", "sqlite:"+backup)
			if note := strings.Contains(out, "if this is a copy of a database that was in use"); note != (mark == 2) {
				t.Errorf("the check says\n%s", out)
			}
			after, err := os.ReadFile(backup)
			files, _ := os.ReadDir(filepath.Dir(backup))
			if err != nil || string(after) != string(before) || len(files) != 1 {
				t.Errorf("the check has changed the backup or left %v (%v)", files, err)
			}
			if err := os.Chmod(backup, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestACheckOfAReadOnlyDatabaseIncludesTheNewestSales(t *testing.T) {
	t.Parallel()
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	s := x.serve()
	x.seller(s.base).sell()
	snapshot := x.file("taphoa.db")
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(strings.TrimPrefix(x.database, "sqlite:") + suffix)
		if err == nil {
			err = os.WriteFile(snapshot+suffix, content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(x.file("missing")+"/shm", snapshot+"-shm"); err != nil { // so that SQLite cannot make its file there
		t.Skip(err)
	}
	x.refused(snapshot+" has newer writes in "+snapshot+"-wal, and reading them", "check", "--database", "sqlite:"+snapshot)
}

func TestACheckWarnsOfAPlainCopyOfARunningShop(t *testing.T) {
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	p := x.start()
	x.seller(p.base).sell()
	name := strings.TrimPrefix(x.database, "sqlite:")
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	plain := x.file("copy.db")
	if err := os.WriteFile(plain, content, 0o600); err != nil {
		t.Fatal(err)
	}
	out := x.do("check", "--database", "sqlite:"+plain)
	if !strings.Contains(out, "invoices: 0,") || !strings.Contains(out, "there is no document yet") ||
		!strings.Contains(out, "products: 0,") || !strings.Contains(out, "its newest documents are missing") {
		t.Errorf("the check of the copy says\n%s", out)
	}
	if out := x.do("check"); sold(out) != "1" || strings.Contains(out, "its newest documents are missing") {
		t.Errorf("the check of the shop itself says\n%s", out)
	}
}

func TestAMissingOrOldToolIsReportedWithTheCommandToRun(t *testing.T) {
	x := terminal{T: t, database: dbtest.Migrated(t, "postgres")}
	x.do("shop", "create", "abc", "ABC")
	real, err := exec.LookPath("pg_dump")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("pg_dump is not installed here, or no script can take its place")
	}
	secret := strings.Replace(x.database, "postgres:///", "postgres://postgres:g%40heim@/", 1)
	x.database = secret + "&pool_max_conns=20&search_path=public"
	tools := t.TempDir()
	script := func(text string) {
		if err := os.WriteFile(filepath.Join(tools, "pg_dump"), []byte("#!/bin/sh\n"+text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	path := os.Getenv("PATH")
	t.Setenv("PATH", tools)
	x.refused("pg_dump is not installed here", "backup", x.file("dump"))
	script("echo 'pg_dump (PostgreSQL) 9.6.1'\n")
	x.refused("pg_dump is of PostgreSQL 9", "backup", x.file("dump"))
	_, _, faults := x.try("backup", x.file("dump"))
	line := strings.TrimSpace(faults[strings.Index(faults, "umask 077; "):])
	if strings.Contains(faults, "heim") || strings.Contains(faults, "pool_max") {
		t.Errorf("refused with %s", faults)
	}

	t.Setenv("PATH", tools+":"+path)
	script(`echo "$@" >>` + tools + `/said; echo "$PGPASSWORD" >>` + tools + `/password; exec ` + real + ` "$@"` + "\n")
	x.do("backup", x.file("dump"))
	said, _ := os.ReadFile(tools + "/said")
	password, _ := os.ReadFile(tools + "/password")
	if strings.Contains(string(said), "heim") || !strings.Contains(string(password), "g@heim") {
		t.Errorf("the arguments are %s, the password is %s", said, password)
	}
	command := exec.Command("sh", "-c", line)
	command.Dir = t.TempDir()
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("the line %s: %v, %s", line, err, out)
	}
	there := terminal{T: t, database: dbtest.Database(t)}
	if out := there.do("restore", filepath.Join(command.Dir, "taphoa.dump")); !strings.Contains(out, "abc: OK") {
		t.Errorf("the dump of the line is restored as\n%s", out)
	}
}

func TestAnIndexThatLacksAnEntryIsFoundOnPostgreSQL(t *testing.T) {
	x := terminal{T: t, database: dbtest.Database(t)}
	x.do("shop", "create", "abc", "ABC")
	if out := x.do("check"); !strings.Contains(out, "scanned") || !strings.Contains(out, "amcheck, by a superuser") {
		t.Errorf("the check says\n%s", out)
	}
	d := dbtest.Open(t, x.database, nil)
	if err := d.Script(t.Context(), `UPDATE pg_index SET indisready = false, indisvalid = false WHERE indexrelid = 'invoices_purchased'::regclass`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Script(context.Background(), `REINDEX INDEX invoices_purchased`); err != nil {
			t.Error(err)
		}
	})
	p := x.start()
	x.seller(p.base).sell()
	p.kill()
	if err := d.Script(t.Context(), `UPDATE pg_index SET indisready = true, indisvalid = true WHERE indexrelid = 'invoices_purchased'::regclass`); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"index invoices_purchased has 0 entries for 1 rows", "lacks matching index tuple"} {
		status, out, faults := x.try("check")
		if status != 1 || !strings.Contains(out, words) || !strings.Contains(faults, "the database is damaged, with 1 faults") {
			t.Errorf("status %d, %s%s", status, out, faults)
		}
		if err := d.Script(t.Context(), `CREATE EXTENSION IF NOT EXISTS amcheck`); err != nil {
			t.Skip("amcheck is not installed here:", err)
		}
	}
}

func TestABackupIsNotReadableByOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are no mode bits here")
	}
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	name, backup := strings.TrimPrefix(x.database, "sqlite:"), x.file("backup.db")
	command := func(args ...string) *exec.Cmd {
		c := exec.Command("sh", append([]string{"-c", `umask 022; exec "$@"`, "sh", os.Args[0]}, args...)...)
		c.Env = append(os.Environ(), asProgram+"=1", "TAPHOA_DATABASE="+x.database)
		return c
	}
	do := func(args ...string) string {
		out, err := command(args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v, %s", args, err, out)
		}
		return string(out)
	}
	private := func(files ...string) {
		t.Helper()
		for _, file := range files {
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v (%v)", file, info.Mode(), err)
			}
		}
	}
	do("shop", "create", "abc", "ABC")
	do("backup", backup)
	private(name, backup)
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
	if out := do("check"); !strings.Contains(out, "warning: ") || !strings.Contains(out, "chmod 600 "+name+"\n") {
		t.Errorf("the check of a readable file says\n%s", out)
	}
	do("restore", backup)
	kept, _ := filepath.Glob(name + ".before-*")
	private(append(kept, name)...)
	if len(kept) != 1 {
		t.Errorf("kept: %v", kept)
	}
	server := command("serve", "--addr=127.0.0.1:0")
	out, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	private(name, name+"-wal", name+"-shm")
	_ = server.Process.Kill()
	_ = server.Wait()
	if strings.Contains(line, "warning") {
		t.Errorf("serve says %s", line)
	}
	fresh := x.file("new.db")
	do("restore", backup, "--database", "sqlite:"+fresh)
	private(fresh)
}

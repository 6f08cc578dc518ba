package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// TestADamagedFileIsNoticedWhileTheShopIsServed writes 60 bytes over an index, and over a table.
func TestADamagedFileIsNoticedWhileTheShopIsServed(t *testing.T) {
	for name, page := range map[string]string{
		"an index": `SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'customers' AND sql IS NOT NULL ORDER BY rootpage DESC LIMIT 1`,
		"a table":  `SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = 'webhook_redeliveries'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "taphoa.db")
			x := terminal{T: t, database: "sqlite:" + file}
			x.do("shop", "create", "abc", "ABC")
			at := int64(0)
			conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
			if err != nil {
				t.Fatal(err)
			}
			for _, sql := range []string{"PRAGMA wal_checkpoint(TRUNCATE)", page} {
				if err := sqlitex.ExecuteTransient(conn, sql, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
					at = stmt.ColumnInt64(0)
					return nil
				}}); err != nil {
					t.Fatal(err)
				}
			}
			if err := conn.Close(); err != nil {
				t.Fatal(err)
			}
			f, err := os.OpenFile(file, os.O_RDWR, 0)
			if err == nil {
				_, err = f.WriteAt(bytes.Repeat([]byte{0xff}, 60), (at-1)*4096)
				_ = f.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			s := x.serve()
			s.until("/readyz says so", func() bool {
				status, text := s.get("/readyz")
				return status == http.StatusServiceUnavailable && strings.Contains(text, "damaged")
			})
			if status, _ := s.get("/healthz"); status != http.StatusOK {
				t.Errorf("/healthz: %d", status)
			}
			if _, logged := s.text(); strings.Count(logged, "the database is damaged") < 1 {
				t.Errorf("the log is\n%s", logged)
			}
			s.stop()
			s.ends()
		})
	}
}

package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/taphoa/taphoa/internal/message"
)

// liteSuffixes are what the names of the files of one database end with.
var liteSuffixes = []string{"", "-wal", "-shm", "-journal"}

// copyStep is how many pages are copied between two checks whether to go on.
const copyStep = 256

// backup copies the pages of one snapshot. The open read transaction holds the snapshot, so that writers neither wait
// nor make the copy begin again. VACUUM INTO was measured beside it: it needs twice as long, reports no progress, and
// leaves out damage that only the indexes have, so that it would not be reported.
func (e *sqliteEngine) backup(ctx context.Context, tx *Tx, draft string, progress Progress, look func(*Tx) error) error {
	err := e.borrow(ctx, func(conn *sqlite.Conn) error { return copySQLite(ctx, conn, draft, progress) })
	if err != nil {
		return err
	}
	c, err := openReadOnly(draft)
	if err != nil {
		return err
	}
	defer c.close()
	state, err := c.integrity(ctx)
	if err != nil {
		return err
	}
	if len(state.Faults) > 0 {
		return &DamagedError{state.Faults}
	}
	return c.read(ctx, tx, look)
}

func (e *sqliteEngine) clone(ctx context.Context, dir string) (string, error) {
	file, err := newDraft(filepath.Join(dir, "taphoa.db"))
	if err != nil {
		return "", err
	}
	err = e.borrow(ctx, func(conn *sqlite.Conn) error { return copySQLite(ctx, conn, file, func(int64, int64) {}) })
	return "sqlite:" + file, err
}

// borrow lends one of the reading connections.
func (e *sqliteEngine) borrow(ctx context.Context, use func(*sqlite.Conn) error) error {
	conn, err := e.lend(ctx)
	if err != nil {
		return err
	}
	defer func() { e.readers <- conn }()
	defer conn.SetInterrupt(conn.SetInterrupt(ctx.Done()))
	if err = use(conn); sqlite.ErrCode(err).ToPrimary() == sqlite.ResultInterrupt {
		err = ctx.Err()
	}
	return err
}

// copySQLite copies a database, as it is now, into an empty file, which needs no other file beside it then.
func copySQLite(ctx context.Context, from *sqlite.Conn, file string, progress Progress) error {
	to, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	// No one reads the file before it is complete: it is synchronized once, at the end.
	err = errors.Join(pragma(to, "journal_mode=OFF"), pragma(to, "synchronous=OFF"), copyPages(ctx, from, to, progress), to.Close())
	if err != nil {
		return err
	}
	return oneFile(file)
}

// oneFile removes the flag of WAL mode from a database that is not in use: a program that reads it then needs no write access
// and makes no files beside it.
func oneFile(file string) error {
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	return errors.Join(pragma(conn, "journal_mode=DELETE"), conn.Close())
}

func copyPages(ctx context.Context, from, to *sqlite.Conn, progress Progress) (err error) {
	if err := run(from, "BEGIN"); err != nil {
		return err
	}
	defer func() {
		interrupt := from.SetInterrupt(nil) // which would keep the transaction open
		err = errors.Join(err, run(from, "ROLLBACK"))
		from.SetInterrupt(interrupt)
	}()
	size, err := number(from, "PRAGMA page_size")
	if err != nil {
		return err
	}
	if _, err := number(from, "SELECT COUNT(*) FROM sqlite_schema"); err != nil { // the snapshot begins here
		return err
	}
	b, err := sqlite.NewBackup(to, "main", from, "main")
	if err != nil {
		return err
	}
	defer b.Close()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		more, err := b.Step(copyStep)
		if err != nil {
			return err
		}
		total := int64(b.PageCount())
		progress((total-int64(b.Remaining()))*size, total*size)
		if !more {
			return nil
		}
	}
}

func pragma(conn *sqlite.Conn, text string) error {
	if err := sqlitex.ExecuteTransient(conn, "PRAGMA "+text, nil); err != nil {
		return fmt.Errorf("pragma %s: %w", text, err)
	}
	return nil
}

// number is the first column of a query's only row.
func number(conn *sqlite.Conn, sql string) (n int64, err error) {
	err = sqlitex.ExecuteTransient(conn, sql, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
		n = stmt.ColumnInt64(0)
		return nil
	}})
	return n, err
}

// integrity compares every index with its table and reads every page.
func (e *sqliteEngine) integrity(ctx context.Context) (state Integrity, err error) {
	state.Method = "integrity_check"
	err = e.borrow(ctx, func(conn *sqlite.Conn) error {
		names := map[string]string{} // of tables and indexes, by the number of their first page
		err := sqlitex.ExecuteTransient(conn, "SELECT type, name, rootpage FROM sqlite_schema ORDER BY name", &sqlitex.ExecOptions{
			ResultFunc: func(stmt *sqlite.Stmt) error {
				names["Tree "+stmt.ColumnText(2)+" "] = stmt.ColumnText(0) + " " + stmt.ColumnText(1)
				switch stmt.ColumnText(0) {
				case "table":
					state.Tables++
				case "index":
					state.Indexes++
				case "trigger":
					state.Triggers = append(state.Triggers, stmt.ColumnText(1))
				}
				return nil
			},
		})
		if err == nil {
			err = sqlitex.ExecuteTransient(conn, "PRAGMA integrity_check", &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
				for line := range strings.Lines(stmt.ColumnText(0)) {
					line = strings.TrimSpace(line)
					if line == "ok" || strings.HasPrefix(line, "***") {
						continue
					}
					tree := treePattern.FindString(line)
					if name := names[tree]; name != "" {
						line = name + ": " + strings.TrimPrefix(line, tree)
					}
					state.Faults = append(state.Faults, line)
				}
				return nil
			}})
		}
		if isDamage(err) {
			state.Faults, err = append(state.Faults, err.Error()), nil
		}
		return err
	})
	return state, err
}

var treePattern = regexp.MustCompile(`^Tree \d+ `) // how SQLite calls a table or an index: by its first page

func isDamage(err error) bool {
	code := sqlite.ErrCode(err).ToPrimary()
	return err != nil && (code == sqlite.ResultCorrupt || code == sqlite.ResultNotADB)
}

// openReadOnly opens a file for reading only, without a change to it or beside it, in any mode of journal.
func openReadOnly(file string) (*sqliteEngine, error) {
	conn, err := openLook(file)
	if err != nil {
		return nil, err
	}
	e := &sqliteEngine{file: file, readers: make(chan *sqlite.Conn, 1)}
	e.readers <- conn
	return e, nil
}

func openLook(file string) (*sqlite.Conn, error) {
	if info, err := os.Stat(file); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, message.Errorf("%s is not a file", file)
	}
	_, err := os.Stat(file + "-wal")
	inUse, writable := err == nil, false
	if !inUse {
		f, err := os.OpenFile(file, os.O_RDWR, 0)
		if writable = err == nil; writable {
			_ = f.Close()
		}
	}
	// A reader in WAL mode makes files beside the database, and one that may not write cannot remove them. So where
	// there are none, the reader may write, though it never does; or else it is opened as immutable.
	for _, try := range []struct {
		name  string
		flags sqlite.OpenFlags
		use   bool
	}{
		{file, sqlite.OpenReadOnly, inUse},
		{file, sqlite.OpenReadWrite, writable},
		{"file:" + uriPath(file) + "?immutable=1", sqlite.OpenReadOnly | sqlite.OpenURI, !inUse},
	} {
		if !try.use {
			continue
		}
		var conn *sqlite.Conn
		if conn, err = sqlite.OpenConn(try.name, try.flags); err != nil {
			continue
		}
		conn.SetBusyTimeout(10 * time.Second)
		if err = errors.Join(pragma(conn, "query_only=ON"), pragma(conn, "temp_store=MEMORY"), pragma(conn, "cache_size=-32768")); err == nil {
			_, err = number(conn, "SELECT COUNT(*) FROM sqlite_schema")
		}
		if err == nil {
			return conn, nil
		}
		if inUse && sqlite.ErrCode(err).ToPrimary() == sqlite.ResultCantOpen {
			err = message.Errorf("%s has newer writes in %s-wal, and reading them takes a file beside it, which cannot be made: copy both to where it can", file, file)
		} else {
			err = fmt.Errorf("open %s: %w", file, err)
		}
		err = errors.Join(err, conn.Close())
		if isDamage(err) {
			break
		}
	}
	return nil, err
}

// uriPath is a file's name as a URI of SQLite's has it.
func uriPath(file string) string {
	var out []byte
	for _, c := range []byte(file) {
		switch c {
		case '%', '?', '#':
			out = fmt.Appendf(out, "%%%02X", c)
		case '\\':
			out = append(out, '/')
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// Unattended reports whether the file of a SQLite database has the flag of WAL mode and no WAL beside it. A program that
// has ended leaves such a file, and so does copying the file of a running one, without the newest writes.
// A file of [DB.Backup] never is one.
func Unattended(url string) bool {
	file, ok := strings.CutPrefix(url, "sqlite:")
	if _, err := os.Stat(file + "-wal"); !ok || err == nil { // reading a file that is in use would let go of its locks
		return false
	}
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [20]byte
	_, err = io.ReadFull(f, head[:])
	return err == nil && head[18] == 2 // the version that is needed to write it: 1 is a rollback journal, 2 a WAL
}

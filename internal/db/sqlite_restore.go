package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// restoreLite keeps all others out of the database, prepares and checks a copy of the backup beside it, and only then
// replaces the database.
func restoreLite(ctx context.Context, target, file string, o RestoreOptions) (done Restored, err error) {
	if old, err := os.Stat(target); err == nil {
		if source, err := os.Stat(file); err == nil && os.SameFile(old, source) {
			return done, ErrSameFile
		}
	}
	old, err := lockLite(target)
	if err != nil && !isDamage(err) && !errors.Is(err, fs.ErrNotExist) {
		return done, err
	}
	defer func() {
		if old != nil {
			err = errors.Join(err, old.Close())
		}
	}()
	draft, err := newDraft(target)
	if err != nil {
		return done, err
	}
	defer removeFiles(draft)
	if err := takeBackup(ctx, file, draft, o); err != nil {
		return done, err
	}
	d, err := Open(ctx, "sqlite:"+draft, o.Open)
	if err != nil {
		return done, err
	}
	if err := errors.Join(o.Prepare(ctx, d), d.Close()); err != nil {
		return done, err
	}
	if err := errors.Join(oneFile(draft), syncFile(draft)); err != nil {
		return done, err
	}
	aside := target + time.Now().Format(".before-restore-20060102-150405")
	if old == nil {
		if done.Kept, err = moveAside(target, aside); err == nil {
			err = rename(draft, target)
		}
	} else if done.Kept, err = overwrite(ctx, old, draft, aside, o.Progress); err == nil {
		err = errors.Join(old.Close(), os.Chmod(target, 0o600))
		old = nil
	}
	if err != nil {
		return done, err
	}
	return done, sound(context.WithoutCancel(ctx), target) // what has happened is reported in whole
}

// takeBackup copies a backup that is one into draft, and checks it.
func takeBackup(ctx context.Context, file, draft string, o RestoreOptions) error {
	source, err := openLook(file)
	if isDamage(err) && !begins(file, "SQLite format 3\x00") {
		return ErrNoBackup
	} else if isDamage(err) {
		return &DamagedError{[]string{err.Error()}}
	} else if err != nil {
		return err
	}
	defer source.Close()
	var migrations []string
	has, err := number(source, "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'schema_migrations'")
	if err == nil && has > 0 {
		err = sqlitex.ExecuteTransient(source, "SELECT name FROM schema_migrations ORDER BY name", &sqlitex.ExecOptions{
			ResultFunc: func(stmt *sqlite.Stmt) error {
				migrations = append(migrations, stmt.ColumnText(0))
				return nil
			},
		})
	}
	if err == nil {
		err = o.Accept(migrations)
	}
	if err == nil {
		err = copySQLite(ctx, source, draft, o.Progress)
	}
	if isDamage(err) {
		return &DamagedError{[]string{err.Error()}}
	} else if err != nil {
		return err
	}
	return sound(ctx, draft)
}

// begins reports whether a file begins with some bytes.
func begins(file, with string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(with))
	n, _ := f.Read(head)
	return bytes.Equal(head[:n], []byte(with))
}

// sound refuses a damaged database.
func sound(ctx context.Context, file string) error {
	e, err := openReadOnly(file)
	if err != nil {
		return err
	}
	defer e.close()
	state, err := e.integrity(ctx)
	if err == nil && len(state.Faults) > 0 {
		err = &DamagedError{state.Faults}
	}
	return err
}

// moveAside clears the place where no usable database is: a WAL that is left of another file must not stay, and a broken
// database may be wanted. It returns the name that the files begin with now, if there were any.
func moveAside(target, aside string) (kept string, err error) {
	for _, suffix := range liteSuffixes {
		if err := os.Rename(target+suffix, aside+suffix); err == nil {
			kept = aside
			_ = os.Chmod(aside+suffix, 0o600)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return kept, err
		}
	}
	return kept, nil
}

// overwrite keeps a copy of the old database and writes the pages of the draft into its file, in one transaction:
// a program that opens it meanwhile waits for that, and then sees the new content. If the draft were renamed instead, a program
// that has opened the old file just before would go on selling in it.
func overwrite(ctx context.Context, old *sqlite.Conn, draft, aside string, progress Progress) (kept string, err error) {
	if pages, err := number(old, "PRAGMA page_count"); err != nil {
		return "", err
	} else if pages > 0 {
		if err := keepReplaced(ctx, old, aside); err != nil {
			return "", fmt.Errorf("keep the replaced database: %w", err)
		}
		kept = aside
	}
	from, err := sqlite.OpenConn(draft, sqlite.OpenReadWrite)
	if err != nil {
		return kept, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	return kept, copyPages(context.WithoutCancel(ctx), from, old, progress)
}

// keepReplaced copies the database that is about to be replaced.
func keepReplaced(ctx context.Context, old *sqlite.Conn, aside string) error {
	f, err := os.OpenFile(aside, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err = f.Close(); err == nil {
		err = copySQLite(ctx, old, aside, func(int64, int64) {})
	}
	if err == nil {
		err = syncFile(aside)
	}
	if err != nil {
		removeFiles(aside)
	}
	return err
}

// lockLite opens a database that no other program has open, so that none can until it is closed. Its WAL is moved into
// the file.
func lockLite(file string) (*sqlite.Conn, error) {
	if _, err := os.Stat(file); err != nil {
		return nil, err
	}
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	conn.SetBusyTimeout(time.Second)
	for _, sql := range []string{"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=DELETE", "BEGIN EXCLUSIVE", "COMMIT"} {
		if err = sqlitex.ExecuteTransient(conn, sql, nil); err != nil {
			break
		}
	}
	if err == nil {
		return conn, nil
	}
	if code := sqlite.ErrCode(err).ToPrimary(); code == sqlite.ResultBusy || code == sqlite.ResultLocked {
		err = ErrInUse
	}
	return nil, errors.Join(err, conn.Close())
}

package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Integrity is what the engine found in its own files.
type Integrity struct {
	Method    string   // how: "integrity_check", "amcheck" or "scan"
	Tables    int      // read in whole
	Indexes   int      // compared with their tables
	Unchecked []string // indexes that were not compared
	Faults    []string // one line each, in the engine's words
	Triggers  []string // which are not ours, since we make none, and change what is written without our doing
}

// Integrity reads the whole database as the engine checks itself, and changes nothing. A damaged page is a fault of the
// result, not an error.
func (d *DB) Integrity(ctx context.Context) (Integrity, error) { return d.engine.integrity(ctx) }

// DamagedError says that a database or a backup is damaged, in the engine's words.
type DamagedError struct{ Faults []string }

func (e *DamagedError) Error() string { return "damaged: " + strings.Join(e.Faults, "; ") }

// ToolError says that a program of the engine's makers is missing or too old, and what to type where it is not.
type ToolError struct {
	Tool string // its name
	Have int    // its major version; 0 where it is missing
	Need int    // the oldest major version that will do
	Line string // what to type, without a password
}

func (e *ToolError) Error() string {
	if e.Have == 0 {
		return fmt.Sprintf("%s is not installed here; where it is, type: %s", e.Tool, e.Line)
	}
	return fmt.Sprintf("%s %d is older than the server, which has %d; with the newer one, type: %s", e.Tool, e.Have, e.Need, e.Line)
}

var (
	// ErrInUse says that other programs use the database that is to be replaced.
	ErrInUse = errors.New("other programs use the database")
	// ErrNoBackup says that a file is no backup of a database on this engine.
	ErrNoBackup = errors.New("no backup of a database on this engine")
	// ErrSameFile says that a database is to be restored from itself.
	ErrSameFile = errors.New("the backup is the database itself")
	// ErrReadOnly is the error for a write in a database that was opened with [Options.ReadOnly].
	ErrReadOnly = errors.New("the database was opened for reading only")
	// ErrNoClone is the error of [DB.Clone] on PostgreSQL.
	ErrNoClone = errors.New("the engine makes no copies that can be opened")
)

// Progress is called with the bytes that are done, and their number in all; 0 where that is unknown.
type Progress func(done, total int64)

// Backup writes a copy of the database, as it is at one instant, into a file that only its owner can read (0600), while
// others go on reading and writing. Then it checks the file, and lets look read what is in it.
// The file gets its name, which must be free unless replace is set, when all that is done: fs.ErrExist otherwise. The
// file of a database that is in use is never replaced: [ErrInUse]. Damage is a [DamagedError], a missing program of the engine's a [ToolError].
func (d *DB) Backup(ctx context.Context, file string, replace bool, progress Progress, look func(*Tx) error) (size int64, err error) {
	if err := mayBecome(file, replace); err != nil {
		return 0, err
	}
	draft, err := newDraft(file)
	if err != nil {
		return 0, err
	}
	defer removeFiles(draft)
	if err := d.engine.backup(ctx, d.readTx(ctx, Actor{}), draft, progress, look); err != nil {
		return 0, d.judge(err)
	}
	if err := syncFile(draft); err != nil {
		return 0, err
	}
	info, err := os.Stat(draft)
	if err != nil {
		return 0, err
	}
	return info.Size(), rename(draft, file)
}

// mayBecome refuses names that a backup must not take: those of other files, unless they may be replaced, of what is no
// file, and of a database that is in use, whose program would go on writing into a file without a name.
func mayBecome(file string, replace bool) error {
	info, err := os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if !replace {
		return &fs.PathError{Op: "backup", Path: file, Err: fs.ErrExist}
	}
	if !info.Mode().IsRegular() {
		return errNoFile(file)
	}
	for _, suffix := range liteSuffixes[1:] {
		if _, err := os.Lstat(file + suffix); err == nil {
			return ErrInUse
		}
	}
	return nil
}

// errNoFile says that something is a directory, a device or the like.
func errNoFile(name string) error {
	return &fs.PathError{Op: "open", Path: name, Err: errors.New("is not a file")}
}

// Clone makes a copy of the database, as it is at one instant, that can be written, in a directory that is the caller's to
// remove, and returns its URL. PostgreSQL has no such copies: [ErrNoClone].
func (d *DB) Clone(ctx context.Context, dir string) (url string, err error) {
	return d.engine.clone(ctx, dir)
}

// RestoreOptions of [Restore].
type RestoreOptions struct {
	Force    bool     // also while others are connected; only PostgreSQL can
	Progress Progress // or nil
	// Accept judges the backup by the names of the migrations that it has had, nil if it has none. Nothing has been
	// changed by then.
	Accept func(migrations []string) error
	// Prepare makes the copy fit for use. On SQLite this happens before the copy replaces the database.
	Prepare func(context.Context, *DB) error
	Tables  []string // those that this program makes: the ones that the backup has not are dropped
	Open    Options  // how Prepare's database is opened
}

// Restored is what [Restore] has left.
type Restored struct {
	Kept string   // the file with the replaced database; "" if there was none
	Left []string // tables that neither the backup nor this program knows, and that are still there
}

// Restore puts what a backup has in the place of the database that a URL names, all of it or nothing. The errors are
// those of Backup and [ErrInUse], [ErrNoBackup], [ErrSameFile].
func Restore(ctx context.Context, url, file string, o RestoreOptions) (Restored, error) {
	if o.Progress == nil {
		o.Progress = func(int64, int64) {}
	}
	if target, ok := strings.CutPrefix(url, "sqlite:"); ok {
		done, err := restoreLite(ctx, target, file, o)
		return done, judgeLite(err)
	}
	if isPostgres(url) {
		return restorePostgres(ctx, url, file, o)
	}
	return Restored{}, unknownEngine(url)
}

// Exposed lists the files of a database that others than their owner can read; none where an engine keeps them itself.
func Exposed(url string) (files []string) {
	file, ok := strings.CutPrefix(url, "sqlite:")
	if !ok || runtime.GOOS == "windows" { // whose permissions are no mode bits
		return nil
	}
	for _, suffix := range liteSuffixes {
		if info, err := os.Stat(file + suffix); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
			files = append(files, file+suffix)
		}
	}
	return files
}

// Space returns the bytes that are free beside an SQLite file and those that the database has; -1: unknown.
func Space(url string) (free, size int64) {
	file, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return -1, -1
	}
	for _, suffix := range liteSuffixes {
		if info, err := os.Stat(file + suffix); err == nil {
			size += info.Size()
		}
	}
	return freeBytes(filepath.Dir(file)), size
}

// newDraft makes an empty file beside another, for its owner alone.
func newDraft(file string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(file), ".taphoa-*.tmp") // 0600 before it has a byte, whatever the umask
	if made := (*fs.PathError)(nil); errors.As(err, &made) {
		made.Path = file // as the caller has spelt it
	}
	if err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

func syncFile(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// rename gives a file its name, in a way that survives a power cut.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	if dir, err := os.Open(filepath.Dir(to)); err == nil {
		_ = dir.Sync() // Windows has no such thing
		_ = dir.Close()
	}
	return nil
}

// removeFiles removes a file of SQLite's, with the files beside it.
func removeFiles(file string) {
	for _, suffix := range liteSuffixes {
		_ = os.Remove(file + suffix)
	}
}

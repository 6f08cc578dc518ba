package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"zombiezen.com/go/sqlite"
)

func (e *sqliteEngine) takesSpace() string { return "" }

func (e *sqliteEngine) trouble(err error) error {
	switch code := sqlite.ErrCode(err); code.ToPrimary() {
	case sqlite.ResultCorrupt, sqlite.ResultNotADB:
		return ErrDamaged
	case sqlite.ResultFull, sqlite.ResultIOErr, sqlite.ResultReadOnly, sqlite.ResultCantOpen:
		return ErrStorage
	case sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultNoMem:
		return ErrUnavailable
	}
	switch {
	case errors.As(err, new(*DamagedError)):
		return ErrDamaged
	case errors.Is(err, errGone):
		return ErrStorage
	}
	return nil
}

// judgeLite is [DB.judge] where no database is open.
func judgeLite(err error) error {
	if trouble := (*sqliteEngine).trouble(nil, err); trouble != nil {
		return fmt.Errorf("%w: %w", trouble, err)
	}
	return err
}

// unsynced marks the error of a commit whose frames were written and not synced. The next process would find them in the WAL if
// this one were killed before it writes again. To run it again is safe: it writes over them.
func unsynced(err error) error {
	if sqlite.ErrCode(err) == sqlite.ResultIOErrFsync {
		return fmt.Errorf("%w: %w", ErrInDoubt, err)
	}
	return err
}

func (e *sqliteEngine) free() int64 {
	if e.freeSpace != nil {
		return e.freeSpace()
	}
	return freeBytes(filepath.Dir(e.file))
}

func (e *sqliteEngine) stats(context.Context) Stats {
	s := Stats{Pool: PoolStats{Max: int64(cap(e.readers)), Idle: int64(len(e.readers)) + e.unopened.Load()}}
	s.Pool.Busy = s.Pool.Max - s.Pool.Idle
	for _, name := range []string{e.file, e.file + "-wal"} {
		if info, err := os.Stat(name); err == nil {
			s.Size += info.Size()
		}
	}
	return s
}

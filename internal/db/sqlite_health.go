package db

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"
)

func (e *lite) trouble(err error) error {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultFull, sqlite.ResultIOErr, sqlite.ResultReadOnly, sqlite.ResultCantOpen:
		return ErrStorage
	case sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultNoMem:
		return ErrUnavailable
	}
	return nil
}

func (e *lite) free() int64 { return freeBytes(filepath.Dir(e.file)) }

func (e *lite) stats(context.Context) Stats {
	c := &e.counts
	s := Stats{
		Writer: &WriterStats{
			Waiting: int64(len(e.jobs)), Operations: c.operations.Load(), Commits: c.commits.Load(),
			CommitTime: time.Duration(c.commitTime.Load()),
		},
		Pool: PoolStats{
			Max: int64(cap(e.readers)), Idle: int64(len(e.readers)), Waits: c.waits.Load(), WaitTime: time.Duration(c.waitTime.Load()),
		},
	}
	s.Pool.Busy = s.Pool.Max - s.Pool.Idle
	for _, name := range []string{e.file, e.file + "-wal"} {
		if info, err := os.Stat(name); err == nil {
			s.Size += info.Size()
		}
	}
	return s
}

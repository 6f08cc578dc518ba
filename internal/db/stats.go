package db

import (
	"context"
	"sync/atomic"
	"time"
)

// Stats are figures about an open database. Those that count grow from its opening.
type Stats struct {
	Size int64 // bytes of the database with its log; 0 when it cannot be told
	Free int64 // bytes left on its file system; -1 when it cannot be told: of a server

	Writer *WriterStats // nil when there is no single writer
	Pool   PoolStats
}

// WriterStats are figures about the single writer, which commits waiting operations in groups.
type WriterStats struct {
	Waiting    int64         // operations that wait for it now
	Operations int64         // operations that were committed
	Commits    int64         // groups that were committed
	CommitTime time.Duration // spent in commits, the disk's sync included
}

// PoolStats are figures about the connections that operations share: those for reading where there is a single writer.
type PoolStats struct {
	Max, Busy, Idle int64
	Waits           int64         // operations that had to wait for one, or for a new one to a server
	WaitTime        time.Duration // they waited
}

// Stats asks for the size of the database; the rest is at hand.
func (d *DB) Stats(ctx context.Context) Stats {
	s := d.engine.stats(ctx)
	s.Free = d.engine.free()
	return s
}

// liteCounts are what [WriterStats] and [PoolStats] of SQLite are made of. Times are in nanoseconds.
type liteCounts struct {
	operations, commits, commitTime atomic.Int64
	waits, waitTime                 atomic.Int64
}

func (c *liteCounts) commit(operations int, took time.Duration) {
	c.operations.Add(int64(operations))
	c.commits.Add(1)
	c.commitTime.Add(int64(took))
}

func (c *liteCounts) wait(took time.Duration) {
	c.waits.Add(1)
	c.waitTime.Add(int64(took))
}

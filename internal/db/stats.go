package db

import (
	"context"
	"sync/atomic"
	"time"
)

// Stats are figures about an open database. Those that count grow from its opening.
type Stats struct {
	Size int64 // bytes of the database with its log; 0 when it is unknown
	Free int64 // bytes left on its file system; -1 when it is unknown: of a server

	// Sent to a database server, and how often its answer was waited for; 0 on SQLite, which has no round trips.
	Statements, RoundTrips int64

	Writer WriterStats
	Pool   PoolStats
}

// WriterStats are figures about the writers, which commit waiting operations in groups: one on SQLite, one a shop on
// PostgreSQL.
type WriterStats struct {
	Waiting    int64         // operations that wait for their turn now
	Operations int64         // operations that were committed
	Commits    int64         // groups that were committed
	CommitTime time.Duration // spent in commits, the disk's sync included
}

// PoolStats are figures about the connections that operations share: on SQLite those for reading.
type PoolStats struct {
	Max, Busy, Idle int64
	Readers         int64         // reads that may run at once
	Waits           int64         // reads that had to wait for their turn, and on PostgreSQL for a connection
	WaitTime        time.Duration // they waited
}

// Stats asks for the size of the database; the rest is at hand.
func (d *DB) Stats(ctx context.Context) Stats {
	s := d.engine.stats(ctx)
	s.Free = d.engine.free()
	c := &d.counts
	s.Writer = WriterStats{
		Operations: c.operations.Load(), Commits: c.commits.Load(), CommitTime: time.Duration(c.commitTime.Load()),
	}
	s.Statements, s.RoundTrips = c.statements.Load(), c.roundTrips.Load()
	d.readers.mu.Lock()
	s.Pool.Readers = int64(d.readers.slots)
	d.readers.mu.Unlock()
	s.Pool.Waits += c.waits.Load()
	s.Pool.WaitTime += time.Duration(c.waitTime.Load())
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range d.queues {
		w.mu.Lock()
		s.Writer.Waiting += int64(w.waiting.count)
		w.mu.Unlock()
	}
	return s
}

// counts are what [Stats] are made of. Times are in nanoseconds.
type counts struct {
	operations, commits, commitTime atomic.Int64
	waits, waitTime                 atomic.Int64
	statements, roundTrips          atomic.Int64
}

func (c *counts) commit(operations int, took time.Duration) {
	c.operations.Add(int64(operations))
	c.commits.Add(1)
	c.commitTime.Add(int64(took))
}

func (c *counts) send(statements int) {
	c.statements.Add(int64(statements))
	c.roundTrips.Add(1)
}

func (c *counts) wait(took time.Duration) {
	c.waits.Add(1)
	c.waitTime.Add(int64(took))
}

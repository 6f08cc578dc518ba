package db

import (
	"cmp"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite"
)

// A checkpoint copies pages from the WAL into the file. It runs beside the writer on a connection of its own, so that no
// commit waits for it. Only when all of the WAL is copied, and no reader needs it, does the next commit start the WAL from
// its beginning; under load that point is not reached beside the writer, so it copies the short rest itself, between two
// groups. See docs/decisions/0020-checkpoints.md.
const (
	// checkpointFrames is the length of the WAL, in pages of 4 KiB, from which on it is copied: 64 MiB. Most of its pages
	// are then newer versions of one another, and are copied once.
	checkpointFrames = 16_000

	// In parts of that length: the writer copies a rest of 2 MiB by itself, in about a millisecond; at 192 MiB it waits for
	// readers; and a WAL that is started from its beginning is cut to 128 MiB.
	restPart, boundParts, keptParts = 32, 3, 2

	// Where the file system has little left, the WAL is copied when it has an eighth of that, or 1 MiB: the file needs space to take
	// over what is in the WAL, and a full disk would leave it there for good.
	freeParts, everyMin = 8, 256

	// roundsMax is how often one checkpoint goes on with what was written meanwhile, to leave a short rest.
	roundsMax = 4

	// readerAge is how long the writer waits for readers: the WAL stays within 256 MiB unless one of them is older.
	readerAge = time.Second
)

// checkpoints are those of one file. Its methods but run are for the writer's goroutine.
type checkpoints struct {
	file    string
	free    func() int64 // bytes that the file system has left, -1 when it is unknown
	every   int          // frames of the WAL from which on it is copied
	rest    int          // the most of them that the writer copies by itself, but for the bound
	running atomic.Bool
	begun   atomic.Int64 // how many
	done    sync.WaitGroup
	conn    *sqlite.Conn // of run; nil until the first one

	seen    int // the length of the WAL after the last group
	started int // the same when the last one began
	tried   int // the same when the writer last copied a rest
	waitAt  int // the length at which the writer waits for readers the next time

	// After a wait that failed: how much of the WAL must be copied before there is another, and how long that may take.
	unblocked int
	patience  time.Duration
}

func newCheckpoints(file string, every int, free func() int64) *checkpoints {
	every = cmp.Or(every, checkpointFrames)
	c := &checkpoints{file: file, every: every, rest: every / restPart, free: free}
	c.reset(0)
	return c
}

// reset notes that the WAL is short.
func (c *checkpoints) reset(length int) {
	c.seen, c.started, c.tried = length, 0, 0
	c.waitAt, c.unblocked, c.patience = boundParts*c.every, 0, readerAge
}

// walState is how long the WAL is and how much of it is copied, in frames.
type walState struct {
	length, copied int
	busy           bool // readers, or another checkpoint, have kept this one from its end
}

// checkpoint runs a checkpoint in a mode. NOOP only reports, which takes two microseconds.
func checkpoint(conn *sqlite.Conn, mode string) (s walState, err error) {
	stmt, err := conn.Prepare("PRAGMA wal_checkpoint(" + mode + ")")
	if err != nil {
		return s, err
	}
	if _, err = stmt.Step(); err == nil {
		s = walState{busy: stmt.ColumnInt(0) != 0, length: stmt.ColumnInt(1), copied: stmt.ColumnInt(2)}
	}
	return s, errors.Join(err, stmt.Reset())
}

// afterGroup starts a checkpoint when it is time, or finishes one. What a checkpoint fails at is left to the next one: the
// WAL has everything, and a disk that is full or broken shows at the next commit.
func (c *checkpoints) afterGroup(writer *sqlite.Conn) {
	wal, err := checkpoint(writer, "NOOP")
	every := c.every
	if free := c.free(); free >= 0 {
		every = min(every, max(everyMin, int(free/freeParts/4096)))
	}
	if err != nil || wal.length < every {
		c.reset(wal.length)
		return
	}
	short := wal.length-wal.copied <= c.rest+2*(wal.length-c.seen) // a group may be longer than the rest is to be
	c.seen = wal.length
	switch {
	case wal.length >= min(c.waitAt, boundParts*every) && wal.copied >= c.unblocked:
		c.wait(writer)
	case c.running.Load():
	case !short:
		if c.started == 0 || wal.length-c.started > c.rest {
			c.started = wal.length
			c.running.Store(true)
			c.done.Go(c.run)
		}
	case c.tried == 0 || wal.length-c.tried > c.rest/2:
		c.tried = wal.length
		_, _ = checkpoint(writer, "PASSIVE")
	}
}

// wait copies everything and waits for readers, so that the next commit starts the WAL from its beginning. When one of
// them is older than readerAge, the next wait comes when all that it kept from being copied is copied.
//
// It tries repeatedly rather than have SQLite wait, which would wait for the process that holds the lock that an old reader had:
// new readers take it over at once.
func (c *checkpoints) wait(writer *sqlite.Conn) {
	writer.SetBusyTimeout(0)
	defer writer.SetBusyTimeout(busyTime)
	for began, pause := time.Now(), time.Millisecond; ; pause = min(2*pause, readerAge/100) {
		wal, err := checkpoint(writer, "RESTART")
		if err == nil && !wal.busy {
			return
		}
		if err != nil || time.Since(began) > c.patience {
			break
		}
		time.Sleep(pause)
	}
	c.unblocked, c.waitAt = c.seen, c.seen+c.rest
	c.patience = max(c.patience/2, readerAge/50)
}

// run is one checkpoint, beside the writer.
func (c *checkpoints) run() {
	defer c.running.Store(false)
	c.begun.Add(1)
	if c.conn == nil {
		conn, err := openSQLiteConn(c.file, 1<<10, false)
		if err != nil {
			return
		}
		c.conn = conn
	}
	for range roundsMax {
		if _, err := checkpoint(c.conn, "PASSIVE"); err != nil {
			return
		}
		if wal, err := checkpoint(c.conn, "NOOP"); err != nil || wal.length-wal.copied <= c.rest {
			return
		}
	}
}

// sizeKept is the size in bytes to which a WAL is cut when it is started from its beginning.
func (c *checkpoints) sizeKept() int { return keptParts * c.every * 4096 }

func (c *checkpoints) close() error {
	c.done.Wait()
	if c.conn == nil {
		return nil
	}
	return c.conn.Close()
}

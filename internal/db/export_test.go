package db

import "time"

// SetGroupTime lets groups run for so long.
func (d *DB) SetGroupTime(t time.Duration) { d.groupTime = t }

// Waiting is how many operations wait for their turn to write.
func (d *DB) Waiting() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, w := range d.queues {
		w.mu.Lock()
		n += w.waiting.count
		w.mu.Unlock()
	}
	return n
}

// Commits are the operations and the groups that were committed.
func (d *DB) Commits() (operations, groups int64) {
	return d.counts.operations.Load(), d.counts.commits.Load()
}

// Checkpoints is how many checkpoints have begun beside the writer.
func (d *DB) Checkpoints() int64 { return d.engine.(*sqliteEngine).checkpoints.begun.Load() }

// ErrLost is wrapped by the error of a commit whose outcome is unknown.
var ErrLost = errLost

// Sent is the text that PostgreSQL gets of a statement with these arguments.
func Sent(sql string, args ...any) (string, error) {
	st, err := compile(sql)
	if err != nil {
		return "", err
	}
	values, err := (&Tx{}).arguments(st, args)
	return st.postgresSized(values), err
}

// RemovedFrom is what asks for the ids of the records of a table that were deleted.
var RemovedFrom = removedFrom

// TakeOver is what the process does when PostgreSQL says that another server has taken over.
func (d *DB) TakeOver() { d.engine.(*postgres).timeline.Store(-1) }

// SetLockTime lets writes wait for another process for so long.
func (d *DB) SetLockTime(t time.Duration) { d.engine.(*sqliteEngine).lockTime = t }

// StorageHold is how long a write that could not be stored counts.
const StorageHold = storageHold

// SetTotalsMax sets how many rows have sums, until it is set back.
func SetTotalsMax(n int64) (back func()) {
	before := totalsMax
	totalsMax = n
	return func() { totalsMax = before }
}

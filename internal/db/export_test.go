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

package db

import (
	"time"

	"github.com/taphoa/taphoa"
)

// sharedClock is what the clock of the database's server showed, and when, by this process's monotonic clock, it was read.
type sharedClock struct {
	at   taphoa.Time
	read time.Time
}

// SharedClock is the instant by the clock that all processes of a database have in common, for what one of them leaves to
// another: that of the server on PostgreSQL, [Tx.Clock] on SQLite, whose processes are on one machine.
func (tx *Tx) SharedClock() (taphoa.Time, error) {
	sql := tx.db.engine.clock()
	if sql == "" || !tx.db.serverTime {
		return tx.Clock, nil
	}
	at, _, err := One[int64](tx.Everywhere(), sql)
	if err == nil {
		tx.db.shared.Store(&sharedClock{taphoa.Time(at), time.Now()})
	}
	return taphoa.Time(at), err
}

// SharedNow is [Tx.SharedClock] as this process knows it: the last one that it has read and the time since, which no change
// of the machine's clock moves. Before the first it is [DB.Now].
func (d *DB) SharedNow() taphoa.Time {
	if last := d.shared.Load(); last != nil {
		return last.at.Add(time.Since(last.read))
	}
	return d.now()
}

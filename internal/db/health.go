package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrUnavailable is wrapped by errors of a database that cannot be asked now: it cannot be reached, it has no connection
// left, or it cannot store anything. The same request may succeed later.
var ErrUnavailable = errors.New("the database is not available")

// ErrStorage is the [ErrUnavailable] of a database that cannot store anything: its disk is full, fails, or is read-only.
var ErrStorage = fmt.Errorf("%w: its disk is full, fails or is read-only", ErrUnavailable)

// ErrDamaged is the [ErrUnavailable] of a database that has met damage in its files. It does not pass by itself.
var ErrDamaged = fmt.Errorf("%w: it is damaged", ErrUnavailable)

// ErrInDoubt is wrapped by the error of a write that may have been stored: its commit was begun and not answered.
var ErrInDoubt = errors.New("the commit may have happened")

const (
	// spaceMin is how many bytes its file system must have left: the next sales do not fit into less.
	spaceMin = 1 << 20

	// storageHold is how long after a write that could not be stored the database counts as not writable.
	storageHold = 3 * time.Second
)

// writeFailure is a write for which the database was not available.
type writeFailure struct {
	at  time.Time
	err error
}

// judge marks the errors of a database that is not available as such.
func (d *DB) judge(err error) error {
	if err == nil {
		return nil
	}
	if trouble := d.engine.trouble(err); trouble != nil {
		if errors.Is(trouble, ErrDamaged) {
			d.damaged(err)
		}
		return fmt.Errorf("%w: %w", trouble, err)
	}
	return err
}

// unavailableNow reports that an operation, of which nothing is stored, may succeed when the database is available again.
func unavailableNow(err error) bool {
	return errors.Is(err, ErrUnavailable) && !errors.Is(err, errLost) && !errors.Is(err, ErrDamaged)
}

// damaged notes damage that was met, for as long as the database is open.
func (d *DB) damaged(err error) {
	e := (*DamagedError)(nil)
	if !errors.As(err, &e) {
		e = &DamagedError{[]string{err.Error()}}
	}
	d.damage.CompareAndSwap(nil, e)
}

// Damage returns the damage that was met first since the database was opened, by an operation or by [DB.Inspect]; nil for none.
func (d *DB) Damage() *DamagedError { return d.damage.Load() }

// TooLargeError is the error of [DB.Inspect] for a PostgreSQL database whose size, in bytes, would have it take too long.
type TooLargeError struct{ Size int64 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("a database of %d MiB is not read through beside requests", e.Size>>20)
}

// Inspect looks for damage in the whole database beside all other work: one table with its indexes after another, each in a
// snapshot of its own, so that what others write does not pile up meanwhile, with pauses. What is found is returned, and noted
// for [DB.Damage]; the error says that not everything could be read.
func (d *DB) Inspect(ctx context.Context) (*DamagedError, error) {
	faults, err := d.engine.inspect(ctx)
	if err = d.judge(err); unavailableNow(err) {
		d.reading.note(time.Now())
	}
	if len(faults) == 0 {
		return nil, err
	}
	found := &DamagedError{faults}
	d.damaged(found)
	return found, err
}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Writable returns nil when a write is expected to be stored, else an [ErrUnavailable]. After a write that could not be
// stored it waits a while and then tries one itself, since a database that gets no requests would not be seen to recover.
func (d *DB) Writable(ctx context.Context) error {
	if free := d.engine.free(); free >= 0 && free < spaceMin {
		return fmt.Errorf("%w: %d bytes are left", ErrStorage, free)
	}
	last := d.failed.Load()
	if last == nil {
		return nil
	}
	if time.Since(last.at) < storageHold {
		return last.err
	}
	if large := d.engine.takesSpace(); large != "" && errors.Is(last.err, ErrStorage) {
		err := d.Write(ctx, Actor{DryRun: true}, func(tx *Tx) error {
			_, err := tx.Everywhere().Exec(large)
			return err
		})
		if unavailableNow(err) { // another error, such as a missing privilege, tells nothing
			return err
		}
	}
	return d.Write(ctx, Actor{}, func(tx *Tx) error {
		_, err := tx.Everywhere().Exec(`
			INSERT INTO id_blocks (name, value) VALUES ('write test', 1)
			ON CONFLICT (name) DO UPDATE SET value = id_blocks.value + 1`)
		return err
	})
}

// stored notes that the database stores again.
func (d *DB) stored() {
	d.failed.Store(nil)
	d.writing.end()
}

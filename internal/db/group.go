package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Operations that wait share a transaction and its commit. A group consists of what is waiting and never waits for more; it
// ends when it is full or has run for a while, so that neither its first operation nor another server waits for long.
const (
	groupMax  = 16
	groupTime = 5 * time.Millisecond
)

// tries is how often an operation is run before its deadlock, serialization failure or conflict is reported.
const tries = 8

// transaction is an engine's open transaction for writing. Operations run in it one after another; what a refused one has
// done is undone alone.
type transaction interface {
	session
	// mark begins an operation and keep ends it. What a guarded one does can be undone alone if an operation before it has
	// written, what a dry run does in any case.
	mark(guarded, dryRun bool)
	keep() error
	// undo reverses what the operation has done since mark. It reports false when only a rollback of all can do that.
	undo() bool
	// failure is an error of the engine after which only a rollback is left.
	failure() error
	// expectHead locks the head of tx's shop with what is asked next. If it is not the one given, the transaction fails
	// with [errMoved]; otherwise locked is called. It returns false when the engine can read the head as cheaply.
	expectHead(tx *Tx, expected Head, locked func()) bool
	// commit returns [errLost] when it is unknown whether it happened.
	commit() error
	// end gives the connection back; what is not committed is rolled back.
	end()
}

// errNotBegun wraps the error of a group that got no transaction: none of its operations is at fault.
var errNotBegun = errors.New("no transaction could be begun")

// errLost wraps the error of a commit whose outcome is unknown, and which must not run again.
var errLost = fmt.Errorf("the connection broke: %w", ErrInDoubt)

// job is an operation that waits to be written.
type job struct {
	ticket
	tx     *Tx
	op     func(*Tx) error
	fresh  Tx // tx before its first run
	begun  bool
	err    error
	answer chan error
}

// writer runs the operations of a queue, a group at a time: those of one shop on PostgreSQL, all on SQLite.
type writer struct {
	db      *DB
	limit   int
	mu      sync.Mutex
	waiting fairQueue[*job]
	running bool
}

// do queues an operation and waits for its end.
func (w *writer) do(ctx context.Context, tx *Tx, op func(*Tx) error) error {
	j := &job{ticket: ticket{shop: tx.Retailer, principal: tx.client}, tx: tx, op: op, fresh: *tx, answer: make(chan error, 1)}
	w.mu.Lock()
	if !w.waiting.push(&j.ticket, j) {
		w.mu.Unlock()
		return ErrBusy
	}
	if !w.running {
		w.running = true
		w.db.running.Add(1)
		go w.run()
	}
	w.mu.Unlock()
	limit := time.NewTimer(turnWait)
	defer limit.Stop()
	for {
		var err error
		select {
		case err := <-j.answer:
			return err
		case <-ctx.Done():
			err = ctx.Err()
		case <-limit.C:
		}
		w.mu.Lock()
		if err == nil && w.waiting.crowded(&j.ticket) {
			if err = ErrBusy; w.db.writing.lasts() {
				err = ErrUnavailable // which is no fault of the principal's
			}
		}
		begun := j.begun
		if !begun && err != nil {
			w.waiting.remove(&j.ticket, j)
		}
		w.mu.Unlock()
		if begun {
			return <-j.answer // it may commit, so that its result counts even if the caller has gone
		}
		if err != nil {
			return err
		}
	}
}

// next takes the job whose turn it is; nil when none is waiting.
func (w *writer) next(group []*job) *job {
	w.mu.Lock()
	defer w.mu.Unlock()
	j, ok := w.waiting.pop(nil)
	if !ok {
		w.running = len(group) > 0 // the next one starts a new run
		return nil
	}
	j.begun = true
	return j
}

func (w *writer) run() {
	defer w.db.running.Done()
	for {
		first := w.next(nil)
		if first == nil {
			return
		}
		group := []*job{first}
		err := w.db.group(&group, w.limit, w.next)
		for w.db.worthAnother(err, &w.db.writing) {
			pause(context.Background(), 5)
			for _, j := range group {
				*j.tx = j.fresh
			}
			err = w.db.group(&group, len(group), nil)
		}
		var behind []*job // those who have come before the others know: the database was waited for, and need not be again
		if err != nil && unavailableNow(w.db.judge(err)) && (!w.db.engine.passing(err) || !w.db.writing.note(time.Now())) {
			behind = w.all()
		}
		for _, j := range group {
			switch {
			case err == nil:
				if len(group) == 1 && again(w.db, j.err) {
					j.err = w.db.alone(j)
				}
			case errors.Is(err, errLost) || errors.Is(err, errNotBegun) || w.db.engine.hopeless(err) || w.db.engine.passing(err):
				j.err = err
			default: // nothing is stored; run alone, each gets its own error
				j.err = w.db.alone(j)
			}
			j.answer <- j.err
		}
		for _, j := range behind {
			j.answer <- err
		}
		w.db.engine.afterGroup()
	}
}

// all takes all jobs that wait.
func (w *writer) all() (jobs []*job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for j, ok := w.waiting.pop(nil); ok; j, ok = w.waiting.pop(nil) {
		j.begun = true
		jobs = append(jobs, j)
	}
	return jobs
}

// worthAnother reports that nothing was done because the database is not available, which may be over soon.
func (d *DB) worthAnother(err error, o *outage) bool {
	return err != nil && !errors.Is(err, errLost) && d.engine.passing(err) && o.note(time.Now())
}

// pause waits for up to 2ⁿ milliseconds, by chance.
func pause(ctx context.Context, n int) {
	select {
	case <-time.After(time.Duration(1+rand.IntN(1<<n)) * time.Millisecond):
	case <-ctx.Done():
	}
}

// alone runs one operation in a transaction of its own, again where that may help.
func (d *DB) alone(j *job) error {
	for try := 1; ; try++ {
		group := []*job{j}
		*j.tx = j.fresh
		err := d.group(&group, 1, nil)
		if err == nil {
			err = j.err
		}
		switch {
		case d.worthAnother(err, &d.writing):
			try--
		case err == nil || !again(d, err):
			return err
		case try == tries:
			if c := (*Conflict)(nil); errors.As(err, &c) {
				return err
			}
			return &Conflict{Constraint: "rows that others write all the time", cause: err}
		}
		if pause(j.tx.ctx, min(max(try, 1), 6)); j.tx.ctx.Err() != nil {
			return j.tx.ctx.Err()
		}
	}
}

// again reports that an operation was rolled back for a reason that another run may not meet.
func again(d *DB, err error) bool {
	c := (*Conflict)(nil)
	return errors.As(err, &c) || d.engine.deadlocked(err)
}

// group runs the jobs, and those that more returns, in one transaction, and adds the latter to the jobs. Its error says
// that nothing is stored; otherwise each job has its own.
func (d *DB) group(jobs *[]*job, limit int, more func([]*job) *job) error {
	rest, err := d.transact(jobs, limit, more, &heads{}, false)
	if errors.Is(err, errMoved) {
		rest, err = *jobs, nil
	}
	for err == nil && len(rest) > 0 {
		for _, j := range rest {
			*j.tx = j.fresh
		}
		rest, err = d.transact(&rest, len(rest), nil, &heads{exact: true}, true)
	}
	return err
}

// transact is one transaction of group. Where only a rollback of all undoes what a refused job has written, it returns the
// other jobs, which are to be run again without that one. That is rare: an operation checks everything before it writes. So
// a group is run without savepoints first, and guarded by them the second time.
func (d *DB) transact(jobs *[]*job, limit int, more func([]*job) *job, hs *heads, guarded bool) (rest []*job, err error) {
	t, err := d.engine.begin((*jobs)[0].tx)
	if err != nil && (*jobs)[0].tx.ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", errNotBegun, err)
	}
	if err != nil {
		return nil, err
	}
	defer t.end()
	own := &ids{store: &d.ids}
	for i := 0; ; i++ {
		if i == len(*jobs) {
			if i >= limit || hs.full(d.groupTime) {
				break
			}
			next := more(*jobs)
			if next == nil {
				break
			}
			*jobs = append(*jobs, next)
		}
		if undo, err := d.inGroup(t, (*jobs)[i], hs, own, guarded); err != nil {
			return nil, err
		} else if undo && !t.undo() {
			return slices.Delete(slices.Clone(*jobs), i, i+1), nil
		}
	}
	last := &Tx{ctx: context.Background(), db: d, session: t, heads: hs, state: &opState{}}
	if err := hs.save(last); err != nil {
		return nil, err
	}
	if hs.awaited { // nothing that depends on it may be stored, or refused, before
		if err := t.flush(last.ctx); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	if err := t.commit(); err != nil {
		return nil, err
	}
	d.counts.commit(len(*jobs), time.Since(began))
	if stores(*jobs) {
		d.stored()
	}
	own.settle()
	hs.committed(d)
	return nil, nil
}

// stores reports that one of the jobs has written, so that their commit needed the disk.
func stores(jobs []*job) bool {
	return slices.ContainsFunc(jobs, func(j *job) bool { return j.err == nil && !j.tx.dryRun && j.tx.state.wrote })
}

// full reports that the group has run for long enough.
func (hs *heads) full(after time.Duration) bool {
	return !hs.began.IsZero() && time.Since(hs.began) > after
}

// inGroup runs one job of a group and reports that its changes are to be undone: it was refused, or is a dry run. An error
// is one of the engine, which ends the group.
func (d *DB) inGroup(t transaction, j *job, hs *heads, own *ids, guarded bool) (undo bool, err error) {
	tx := j.tx
	if j.err = tx.ctx.Err(); j.err != nil {
		return false, nil // the client no longer waits for it
	}
	tx.session, tx.heads, tx.ids = t, hs, own
	own.temporary = tx.dryRun
	hs.expect(tx, t)
	t.mark(guarded, tx.dryRun)
	j.err = guard(tx, func(tx *Tx) error {
		tx.Clock = d.now()
		tx.Now = tx.Clock
		if tx.Retailer != 0 && !tx.withoutHead {
			h, err := hs.of(tx)
			if err != nil {
				return err
			}
			if tx.Now < h.At {
				tx.Now = h.At + 1
			}
		}
		return j.op(tx)
	})
	switch {
	case j.err == nil && tx.dryRun:
		j.err = t.flush(tx.ctx) // what was queued has errors, too
	case j.err == nil:
		j.err = t.keep()
	}
	err = t.failure()
	if err != nil || d.engine.passing(j.err) {
		own.undo()
		return false, errors.Join(err, j.err)
	}
	if j.err == nil && !tx.dryRun {
		hs.keep()
		hs.rows.add(tx.state.rows)
		own.keep()
		return false, nil
	}
	hs.undo()
	own.undo()
	return true, nil
}

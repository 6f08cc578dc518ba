package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// patience is how long what is safe to repeat is tried while the database is not available.
	patience = 2 * time.Second

	// outageQuiet is how long after its last failure an outage counts as over, if nothing else has shown that.
	outageQuiet = time.Minute

	// tryEvery is how often something is tried in an outage that is slow to show, of which slowAfter tells.
	tryEvery, slowAfter = time.Second, time.Second

	// reportEvery is how often the log tells of requests that fail because the database is not available.
	reportEvery = time.Second
)

// errTried is the error of what is not tried, since it would wait for long.
var errTried = fmt.Errorf("%w: it was tried less than a second ago", ErrUnavailable)

// outage is a time in which the database is not available. What fails in its beginning is tried again; what begins later does
// not wait.
type outage struct {
	over  func() // called at its end
	since atomic.Int64
	last  atomic.Int64 // when something has failed
	slow  atomic.Bool  // to find that out has taken long
	tried atomic.Int64 // when something was last tried although
}

// note notes a failure, and reports that the outage may be over soon.
func (o *outage) note(now time.Time) bool {
	at := now.UnixNano()
	if last := o.last.Swap(at); last == 0 || at-last > int64(outageQuiet) {
		o.since.Store(at)
	}
	return at-o.since.Load() < int64(patience)
}

// took notes how long it took to find out that the database is not available.
func (o *outage) took(d time.Duration, err error) {
	var network net.Error
	switch {
	case errors.As(err, &network) && network.Timeout():
		o.slow.Store(true)
	case d < slowAfter:
		o.slow.Store(false)
	}
}

// waited notes a failure that was waited for already.
func (o *outage) waited(now time.Time) {
	o.slow.Store(true)
	o.tried.Store(now.UnixNano())
	if o.last.Swap(now.UnixNano()) == 0 {
		o.since.Store(now.Add(-patience).UnixNano())
	}
}

// hopeless reports that what begins now need not be tried: it would wait for long, and another has tried a second ago.
func (o *outage) hopeless(now time.Time) bool {
	at := now.UnixNano()
	if !o.lasts() || !o.slow.Load() || at-o.since.Load() < int64(patience) {
		return false
	}
	tried := o.tried.Load()
	return at-tried < int64(tryEvery) || !o.tried.CompareAndSwap(tried, at)
}

func (o *outage) lasts() bool { return o.last.Load() != 0 }

func (o *outage) end() {
	if o.lasts() && o.last.Swap(0) != 0 {
		o.slow.Store(false)
		o.over()
	}
}

// available tells the log that an outage that it was told of is over.
func (d *DB) available() {
	if !d.reading.lasts() && !d.writing.lasts() {
		d.outages.end(time.Now())
	}
}

// reporter writes a line a second about what fails while the database is not available, and one at the end.
type reporter struct {
	mu         sync.Mutex
	log        *slog.Logger // of the last line; nil without an outage
	began      time.Time
	at         time.Time // of the last line
	suppressed int       // failures since
	all        int
}

// Report logs that something could not be done, with attributes that name it: a line for each, unless err is an [ErrUnavailable],
// of which there is one line a second, whatever reports them, and one when the database is available again.
func (d *DB) Report(ctx context.Context, log *slog.Logger, what string, err error, attributes ...any) {
	attributes = append(attributes, "error", err)
	if !errors.Is(err, ErrUnavailable) {
		log.ErrorContext(ctx, what, attributes...)
		return
	}
	if errors.Is(err, errLost) {
		d.writing.note(time.Now())
	}
	reporter := &d.outages
	if errors.Is(err, ErrDamaged) { // which does not end
		reporter = &d.damages
	}
	reporter.report(ctx, time.Now(), log, what, attributes)
}

func (r *reporter) report(ctx context.Context, now time.Time, log *slog.Logger, what string, attributes []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.log == nil {
		r.began, r.all, r.suppressed = now, 0, 0
	}
	r.all++
	if r.log != nil && now.Sub(r.at) < reportEvery {
		r.suppressed++
		return
	}
	log.ErrorContext(ctx, what, append(attributes, "suppressed", r.suppressed)...)
	r.log, r.at, r.suppressed = log, now, 0
}

func (r *reporter) end(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.log == nil {
		return
	}
	r.log.Info("the database is available again", "failed", r.all, "suppressed", r.suppressed, "after", now.Sub(r.began).String())
	r.log = nil
}

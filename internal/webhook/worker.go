package webhook

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/quota"
)

const (
	maxUnrecorded = 100             // requests whose results are not yet recorded; after a crash they may be sent again
	readBatch     = 50              // events that a worker reads at once
	idleTime      = 2 * time.Second // how long a worker keeps a registration that has nothing to deliver
)

// How many concurrent requests a deliverer makes. The limit by host, over all shops, is what a small server accepts from
// one sender; the limit by shop leaves connections to others when a shop's receivers are slow or down.
const (
	hostShare = 32
	shopShare = 64
)

// Keys of the quota that bounds concurrent requests.
type (
	hostKey struct{ host string }
	shopKey struct{ id int64 }
)

// state is what a worker reads and changes of its registration.
type state struct {
	Type, URL, Secret string
	IsActive          bool
	DoneSeq           int64
	Attempt           int64 // failed attempts of the next request
	NextAt            taphoa.Time
	LastError         taphoa.Opt[string]
	StopReason        taphoa.Opt[string]
	StoppedDate       taphoa.Opt[taphoa.Time]
	Fence             int64
}

// worker delivers the events of one registration, in order.
type worker struct {
	deliverer *Deliverer
	registrationKey
	shop string // its code
	state

	format     format
	until      atomic.Pointer[time.Time] // the end of the lease, by this process's clock
	cancel     context.CancelFunc
	idle       atomic.Bool
	scannedTo  atomic.Int64 // when idle: nothing is left to deliver up to this number
	woken      chan struct{}
	unrecorded chan struct{} // holds one for each result that is not yet recorded
}

func newWorker(c *Deliverer, at registrationKey, shop string, s state, until time.Time) *worker {
	w := &worker{deliverer: c, registrationKey: at, shop: shop, state: s, woken: make(chan struct{}, 1), unrecorded: make(chan struct{}, maxUnrecorded)}
	w.until.Store(&until)
	return w
}

func (w *worker) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// run works until there is nothing to do for idleTime, an attempt has failed, or the worker no longer owns the registration.
func (w *worker) run(ctx context.Context) {
	defer w.release()
	for ctx.Err() == nil {
		redeliveries, requests, more, err := w.readWork(ctx)
		if err != nil {
			if ctx.Err() == nil && !errors.Is(err, errLost) {
				w.deliverer.logFailure("webhooks: reading events failed", "retailer", w.retailer, "webhook", w.id, "error", err)
			}
			return
		}
		if len(redeliveries) == 0 && len(requests) == 0 && !more && !w.waitForWork(ctx) {
			return
		}
		for _, r := range redeliveries {
			if !w.redeliver(ctx, r) {
				return
			}
		}
		for _, events := range requests {
			if !w.deliver(ctx, events) {
				return
			}
		}
	}
}

// redelivery are events that a client has asked to be sent again, out of order.
type redelivery struct {
	FirstSeq, LastSeq int64
	events            []taphoa.Event
}

// errLost ends a worker whose registration has changed or has another owner.
var errLost = errors.New("the registration is no longer the worker's")

// readWork reads the redeliveries, and the events of each request that comes next in order. more reports that the log was
// not yet read to its end.
func (w *worker) readWork(ctx context.Context) (redeliveries []redelivery, requests [][]taphoa.Event, more bool, err error) {
	err = w.deliverer.db.Read(ctx, db.Actor{Retailer: w.retailer}, func(tx *db.Tx) (err error) {
		fence, _, err := db.One[int64](tx, `SELECT fence FROM webhooks WHERE retailer_id = :retailer AND id = ?`, w.id)
		if err == nil && fence != w.Fence {
			err = errLost
		}
		if err != nil {
			return err
		}
		s, err := org.GetSettings(tx)
		if err != nil {
			return err
		}
		w.format = formatOf(&s, w.deliverer.o.Pauses)
		redeliveries, err = db.All[redelivery](tx, `
			SELECT first_seq, last_seq FROM webhook_redeliveries WHERE retailer_id = :retailer AND webhook_id = ?
			ORDER BY first_seq, last_seq LIMIT 20`, w.id)
		if err != nil {
			return err
		}
		for i := range redeliveries {
			if redeliveries[i].events, err = event.Span(tx, redeliveries[i].FirstSeq, redeliveries[i].LastSeq); err != nil {
				return err
			}
		}
		if w.IsActive && w.NextAt <= tx.Clock {
			requests, more, err = w.readInOrder(tx)
		}
		return err
	})
	return redeliveries, requests, more, err
}

// readInOrder reads the next events and advances the registration to the first of them. A request that has failed is
// repeated with the same events, since its Id depends on them.
func (w *worker) readInOrder(tx *db.Tx) (requests [][]taphoa.Event, more bool, err error) {
	events, upTo, more, err := event.After(tx, w.Type, w.DoneSeq, max(readBatch, w.format.batch))
	switch {
	case err != nil:
		return nil, false, err
	case len(events) == 0:
		w.DoneSeq = upTo
		return nil, more, nil
	}
	w.DoneSeq = events[0].Seq - 1
	if w.Attempt == 0 {
		return slices.Collect(slices.Chunk(events, int(w.format.batch))), more, nil
	}
	failed, _, err := db.One[int64](tx, `
		SELECT last_seq FROM webhook_deliveries WHERE retailer_id = :retailer AND webhook_id = ? AND first_seq = ?
		ORDER BY id DESC LIMIT 1`, w.id, events[0].Seq)
	n := 1
	for n < len(events) && events[n].Seq <= failed {
		n++
	}
	return slices.Insert(slices.Collect(slices.Chunk(events[n:], int(w.format.batch))), 0, events[:n]), more, err
}

// waitForWork waits until the worker is woken. It reports false when the worker should end.
func (w *worker) waitForWork(ctx context.Context) bool {
	w.scannedTo.Store(w.DoneSeq)
	w.idle.Store(true)
	defer w.idle.Store(false)
	select {
	case <-w.woken:
		return true
	case <-time.After(idleTime):
	case <-ctx.Done():
	}
	return false
}

// waitForLease waits until the lease outlasts one more request. It reports false when it is not renewed in time.
func (w *worker) waitForLease(ctx context.Context) bool {
	o := &w.deliverer.o
	for wait := 0; ctx.Err() == nil && wait < 10; wait++ {
		if time.Until(*w.until.Load()) > o.Timeout+o.Lease/8 {
			return true
		}
		pause(ctx, o.Lease/8)
	}
	return false
}

// send sends events as soon as the limits of the receiver's host and of the shop allow one more request. It reports false
// when the worker should end instead.
func (w *worker) send(ctx context.Context, events []taphoa.Event, number int64) (out attempt, sent bool) {
	connection, err := w.deliverer.connections.Wait(ctx, 1,
		quota.Limit{Key: hostKey{hostOf(w.URL)}, Max: hostShare}, quota.Limit{Key: shopKey{w.retailer}, Max: shopShare})
	if err != nil {
		return out, false
	}
	defer connection.Release()
	if !w.waitForLease(ctx) {
		return out, false
	}
	return w.deliverer.send(ctx, w, events, number), true
}

// deliver sends events once and reports whether the next request may follow.
func (w *worker) deliver(ctx context.Context, events []taphoa.Event) bool {
	out, sent := w.send(ctx, events, w.Attempt+1)
	if !sent {
		return false
	}
	failing := w.LastError.Has()
	w.Attempt++
	w.LastError = out.Error
	switch {
	case out.Outcome == taphoa.DeliveryDone:
		w.DoneSeq, w.Attempt, w.NextAt = out.LastSeq, 0, 0
	case out.Outcome == taphoa.DeliveryStopped:
		w.Attempt, w.NextAt, w.IsActive, w.StopReason, w.StoppedDate = 0, 0, false, out.Error, taphoa.Some(w.deliverer.db.Now())
	case w.Attempt > int64(len(w.format.pauses)):
		out.Outcome = taphoa.DeliveryDead
		w.DoneSeq, w.Attempt, w.NextAt = out.LastSeq, 0, 0
	default:
		w.NextAt = w.deliverer.db.Now().Add(w.format.pauses[w.Attempt-1])
	}
	proceed := out.Outcome == taphoa.DeliveryDone || out.Outcome == taphoa.DeliveryDead
	return w.sendResult(ctx, result{worker: w, state: w.state, sent: &out, failing: failing}) && proceed
}

// redeliver sends events out of order, once. Its outcome does not change the registration.
func (w *worker) redeliver(ctx context.Context, again redelivery) bool {
	r := result{worker: w, state: w.state, redelivery: &again}
	if len(again.events) > 0 { // else they are no longer kept
		out, sent := w.send(ctx, again.events, 1)
		if !sent {
			return false
		}
		if out.Outcome == taphoa.DeliveryStopped {
			out.Outcome = taphoa.DeliveryFailed
		}
		r.sent = &out
	}
	return w.sendResult(ctx, r) && w.waitUntilRecorded(ctx)
}

// sendResult passes a result to the recorder. It waits while maxUnrecorded results are not yet recorded.
func (w *worker) sendResult(ctx context.Context, r result) bool {
	w.unrecorded <- struct{}{}
	w.deliverer.results <- r
	return ctx.Err() == nil
}

// waitUntilRecorded waits until all results of the worker are recorded.
func (w *worker) waitUntilRecorded(ctx context.Context) bool {
	for len(w.unrecorded) > 0 {
		if !pause(ctx, 5*time.Millisecond) {
			return false
		}
	}
	return true
}

// release ends the lease. The worker stays in Deliverer.workers until that is recorded, so that no other worker starts from
// the registration's previous state.
func (w *worker) release() {
	w.unrecorded <- struct{}{}
	w.deliverer.results <- result{worker: w, state: w.state, released: true}
}

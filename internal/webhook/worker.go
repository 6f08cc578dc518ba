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
	ahead    = 100             // requests whose results are not yet recorded: as many may be sent again after a crash
	piece    = 50              // events that a worker reads at once
	idleTime = 2 * time.Second // how long a worker keeps a registration that has nothing to deliver
)

// How many requests a courier makes at once. Those to one host, whoever registered it, stay below what a small server
// takes from one sender; a shop whose receivers are slow or dead leaves connections to the others.
const (
	hostShare = 32
	shopShare = 64
)

// what the requests are counted by, as keys of a quota.
type (
	hostKey struct{ host string }
	shopKey struct{ id int64 }
)

// state is a registration as a courier works on it.
type state struct {
	Type, URL, Secret string
	IsActive          bool
	DoneSeq           int64
	Attempt           int64 // failed attempts of what comes next
	NextAt            taphoa.Time
	LastError         taphoa.Opt[string]
	StopReason        taphoa.Opt[string]
	StoppedDate       taphoa.Opt[taphoa.Time]
	Fence             int64
}

// worker delivers the events of one registration, in order.
type worker struct {
	courier *Courier
	place
	shop string // its code
	state

	form   form
	until  atomic.Pointer[time.Time] // the end of the lease, by this process's clock
	cancel context.CancelFunc
	idles  atomic.Bool
	looked atomic.Int64 // when it idles: nothing is left to deliver up to this number
	woken  chan struct{}
	room   chan struct{} // holds one for each result that is not yet recorded
}

func newWorker(c *Courier, at place, shop string, s state, until time.Time) *worker {
	w := &worker{courier: c, place: at, shop: shop, state: s, woken: make(chan struct{}, 1), room: make(chan struct{}, ahead)}
	w.until.Store(&until)
	return w
}

func (w *worker) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// run works until there is nothing to do for a while, an attempt has failed, or the registration is no longer his.
func (w *worker) run(ctx context.Context) {
	defer w.leave()
	for ctx.Err() == nil {
		again, parts, more, err := w.next(ctx)
		if err != nil {
			if ctx.Err() == nil && !errors.Is(err, errLost) {
				w.courier.complain("webhooks: reading events failed", "retailer", w.retailer, "webhook", w.id, "error", err)
			}
			return
		}
		if len(again) == 0 && len(parts) == 0 && !more && !w.idle(ctx) {
			return
		}
		for _, r := range again {
			if !w.redeliver(ctx, r) {
				return
			}
		}
		for _, part := range parts {
			if !w.deliver(ctx, part) {
				return
			}
		}
	}
}

// redelivery are events that are to be delivered out of turn.
type redelivery struct {
	FirstSeq, LastSeq int64
	events            []taphoa.Event
}

// errLost ends a worker whose registration has changed or has gone to somebody else.
var errLost = errors.New("the registration is no longer the worker's")

// next reads what is to be delivered: out of turn, and in turn what each request is to carry. There may be more behind
// what it has looked at.
func (w *worker) next(ctx context.Context) (again []redelivery, parts [][]taphoa.Event, more bool, err error) {
	err = w.courier.db.Read(ctx, db.Actor{Retailer: w.retailer}, func(tx *db.Tx) (err error) {
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
		w.form = formOf(&s, w.courier.o.Pauses)
		again, err = db.All[redelivery](tx, `
			SELECT first_seq, last_seq FROM webhook_redeliveries WHERE retailer_id = :retailer AND webhook_id = ?
			ORDER BY first_seq, last_seq LIMIT 20`, w.id)
		if err != nil {
			return err
		}
		for i := range again {
			if again[i].events, err = event.Span(tx, again[i].FirstSeq, again[i].LastSeq); err != nil {
				return err
			}
		}
		if w.IsActive && w.NextAt <= tx.Clock {
			parts, more, err = w.inTurn(tx)
		}
		return err
	})
	return again, parts, more, err
}

// inTurn reads what follows, and moves the registration on to where that begins. A request that has failed is made again as
// it was, since its events make its Id.
func (w *worker) inTurn(tx *db.Tx) (parts [][]taphoa.Event, more bool, err error) {
	events, upTo, more, err := event.After(tx, w.Type, w.DoneSeq, max(piece, w.form.batch))
	switch {
	case err != nil:
		return nil, false, err
	case len(events) == 0:
		w.DoneSeq = upTo
		return nil, more, nil
	}
	w.DoneSeq = events[0].Seq - 1
	if w.Attempt == 0 {
		return slices.Collect(slices.Chunk(events, int(w.form.batch))), more, nil
	}
	failed, _, err := db.One[int64](tx, `
		SELECT last_seq FROM webhook_deliveries WHERE retailer_id = :retailer AND webhook_id = ? AND first_seq = ?
		ORDER BY id DESC LIMIT 1`, w.id, events[0].Seq)
	n := 1
	for n < len(events) && events[n].Seq <= failed {
		n++
	}
	return slices.Insert(slices.Collect(slices.Chunk(events[n:], int(w.form.batch))), 0, events[:n]), more, err
}

// idle waits for something to do, and reports false when the worker should leave.
func (w *worker) idle(ctx context.Context) bool {
	w.looked.Store(w.DoneSeq)
	w.idles.Store(true)
	defer w.idles.Store(false)
	select {
	case <-w.woken:
		return true
	case <-time.After(idleTime):
	case <-ctx.Done():
	}
	return false
}

// leased waits until the lease outlasts one more request, and reports false when it does not come to that.
func (w *worker) leased(ctx context.Context) bool {
	o := &w.courier.o
	for wait := 0; ctx.Err() == nil && wait < 10; wait++ {
		if time.Until(*w.until.Load()) > o.Timeout+o.Lease/8 {
			return true
		}
		pause(ctx, o.Lease/8)
	}
	return false
}

// send sends events once the courier may make one more request to the receiver's host, and for the shop. It reports
// false when the worker is to leave instead.
func (w *worker) send(ctx context.Context, events []taphoa.Event, number int64) (out attempt, sent bool) {
	turn, err := w.courier.connections.Wait(ctx, 1,
		quota.Limit{Key: hostKey{hostOf(w.URL)}, Max: hostShare}, quota.Limit{Key: shopKey{w.retailer}, Max: shopShare})
	if err != nil {
		return out, false
	}
	defer turn.Release()
	if !w.leased(ctx) {
		return out, false
	}
	return w.courier.send(ctx, w, events, number), true
}

// deliver sends events once, and reports whether the next may follow.
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
		w.Attempt, w.NextAt, w.IsActive, w.StopReason, w.StoppedDate = 0, 0, false, out.Error, taphoa.Some(w.courier.db.Now())
	case w.Attempt > int64(len(w.form.pauses)):
		out.Outcome = taphoa.DeliveryDead
		w.DoneSeq, w.Attempt, w.NextAt = out.LastSeq, 0, 0
	default:
		w.NextAt = w.courier.db.Now().Add(w.form.pauses[w.Attempt-1])
	}
	going := out.Outcome == taphoa.DeliveryDone || out.Outcome == taphoa.DeliveryDead
	return w.report(ctx, result{worker: w, state: w.state, sent: &out, failing: failing}) && going
}

// redeliver sends events out of turn, once; the registration stays where it is, whatever comes of it.
func (w *worker) redeliver(ctx context.Context, again redelivery) bool {
	r := result{worker: w, state: w.state, again: &again}
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
	return w.report(ctx, r) && w.flushed(ctx)
}

// report hands a result to the recorder. It waits when too many are not yet recorded.
func (w *worker) report(ctx context.Context, r result) bool {
	w.room <- struct{}{}
	w.courier.results <- r
	return ctx.Err() == nil
}

// flushed waits until all results are recorded.
func (w *worker) flushed(ctx context.Context) bool {
	for len(w.room) > 0 {
		if !pause(ctx, 5*time.Millisecond) {
			return false
		}
	}
	return true
}

// leave gives the registration back. The worker stays known until that is recorded, so that nobody takes up what the
// registration was before.
func (w *worker) leave() {
	w.room <- struct{}{}
	w.courier.results <- result{worker: w, state: w.state, released: true}
}

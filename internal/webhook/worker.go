package webhook

import (
	"context"
	"errors"
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
	OldSecret         string      // signs as well, until:
	OldSecretUntil    taphoa.Time // 0: there is none
	Credentials       string      // user and password of the URL, as they are before an @
	IsActive          bool
	DoneSeq           int64       // events up to this one are done with or held up
	HeldSeq           int64       // the first that is held up; 0: none
	HeldCount         int64       // requests that are held up
	Failures          int64       // refusals since the last success, of different records
	RestUntil         taphoa.Time // nothing is sent before: the receiver is down
	Attempt           int64       // failed attempts of the first request that has failed
	NextAt            taphoa.Time // when what is held up is tried again
	WaitsFrom         taphoa.Time // the clock when these two, and those of what is held up, were last set
	LastError         taphoa.Opt[string]
	StopReason        taphoa.Opt[string]
	StoppedDate       taphoa.Opt[taphoa.Time]
	Fence             int64
}

// worker delivers the events of one registration, those of a record in order.
type worker struct {
	deliverer *Deliverer
	registrationKey
	shop string // its code
	state

	format     format
	held       *heldQueues               // nil: not read yet
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

// run works until there is nothing to do for idleTime, the receiver is down or stops the registration, or the worker no
// longer owns it.
func (w *worker) run(ctx context.Context) {
	defer w.release()
	for ctx.Err() == nil {
		todo, err := w.readWork(ctx)
		if err != nil {
			if ctx.Err() == nil && !errors.Is(err, errLost) {
				w.deliverer.logFailure("webhooks: reading events failed", err, "retailer", w.retailer, "webhook", w.id)
			}
			return
		}
		if todo.empty() && !w.waitForWork(ctx) || !w.do(ctx, todo) {
			return
		}
	}
}

// work is what a worker has to do next.
type work struct {
	redeliveries []redelivery
	held         []heldWork     // requests to be tried again
	events       []taphoa.Event // that come next in order
	more         bool           // the log was not yet read to its end
}

func (t *work) empty() bool {
	return len(t.redeliveries) == 0 && len(t.held) == 0 && len(t.events) == 0 && !t.more
}

// heldWork is a held-up request with its events.
type heldWork struct {
	*heldRequest
	events []taphoa.Event
}

// redelivery are events that a client has asked to be sent again, out of order.
type redelivery struct {
	FirstSeq, LastSeq int64
	events            []taphoa.Event
}

// do reports whether the worker may go on. What was refused before and what is new take turns, since a receiver that
// refuses the one may take the other.
func (w *worker) do(ctx context.Context, todo work) bool {
	for _, r := range todo.redeliveries {
		if !w.redeliver(ctx, r) {
			return false
		}
	}
	for held, events := todo.held, todo.events; len(held) > 0 || len(events) > 0; {
		if len(held) > 0 {
			if !w.deliver(ctx, held[0].events, held[0].heldRequest) {
				return false
			}
			held = held[1:]
		}
		if len(events) > 0 {
			n, blocked := w.nextRequest(events)
			if blocked && !w.holdUp(ctx, events[:n]) || !blocked && !w.deliver(ctx, events[:n], nil) {
				return false
			}
			events = events[n:]
		}
	}
	return true
}

// errLost ends a worker whose registration has changed or has another owner.
var errLost = errors.New("the registration is no longer the worker's")

// readWork reads what there is to do.
func (w *worker) readWork(ctx context.Context) (todo work, err error) {
	before := w.state
	err = w.deliverer.db.Read(ctx, db.Actor{Retailer: w.retailer}, func(tx *db.Tx) (err error) {
		todo = work{}
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
		if w.held == nil {
			if w.held, err = readHeld(tx, w.id); err != nil {
				return err
			}
			w.sumUp()
		}
		now := w.now()
		todo.redeliveries, err = db.All[redelivery](tx, `
			SELECT first_seq, last_seq FROM webhook_redeliveries WHERE retailer_id = :retailer AND webhook_id = ?
			ORDER BY first_seq, last_seq LIMIT 20`, w.id)
		if err != nil {
			return err
		}
		for i := range todo.redeliveries {
			r := &todo.redeliveries[i]
			if r.events, err = event.Span(tx, r.FirstSeq, r.LastSeq); err != nil {
				return err
			}
		}
		if w.IsActive && w.RestUntil <= now {
			err = w.readEvents(tx, now, &todo)
		}
		return err
	})
	if before.DoneSeq = w.DoneSeq; err == nil && (before != w.state && todo.empty() || len(w.held.changes) > 0) {
		// else what is stored would wake this worker again and again
		w.sendResult(ctx, result{worker: w, state: w.state, held: w.held.takeChanges()})
	}
	return todo, err
}

// readEvents reads the held-up requests that are due, and the events that come next, unless too many are held up.
func (w *worker) readEvents(tx *db.Tx, now taphoa.Time, todo *work) (err error) {
	for _, r := range w.held.due(now) {
		events, err := event.Span(tx, r.FirstSeq, r.LastSeq)
		if err != nil {
			return err
		}
		todo.held = append(todo.held, heldWork{r, events})
	}
	if w.held.size >= heldMax {
		w.RestUntil = w.held.next()
		return nil
	}
	var upTo int64
	todo.events, upTo, todo.more, err = event.After(tx, w.Type, w.DoneSeq, max(readBatch, w.format.batch))
	switch {
	case err != nil:
	case len(todo.events) == 0:
		w.DoneSeq = upTo
	default:
		w.DoneSeq = todo.events[0].Seq - 1
	}
	return err
}

// nextRequest returns how many of the events make the next request, or, blocked, have to wait for one that is held up.
func (w *worker) nextRequest(events []taphoa.Event) (n int, blocked bool) {
	if len(w.held.list) == 0 {
		return min(len(events), int(w.format.batch)), false
	}
	blocked = w.held.blocks(recordsOf(events[:1]))
	for n = 1; n < len(events) && (blocked || n < int(w.format.batch)); n++ {
		if w.held.blocks(recordsOf(events[n:n+1])) != blocked {
			break
		}
	}
	return n, blocked
}

// holdUp has events wait for requests of the same records that are held up.
func (w *worker) holdUp(ctx context.Context, events []taphoa.Event) bool {
	for i := range events {
		w.held.add(heldRow{
			WebhookID: w.id, FirstSeq: events[i].Seq, LastSeq: events[i].Seq, Records: taphoa.Some(recordsOf(events[i : i+1])),
		})
		w.DoneSeq = events[i].Seq
	}
	w.sumUp()
	return w.sendResult(ctx, result{worker: w, state: w.state, held: w.held.takeChanges()})
}

// sumUp sets what the registration shows of its held-up requests.
func (w *worker) sumUp() {
	w.HeldSeq, w.HeldCount, w.Attempt = 0, int64(len(w.held.list)), 0
	if w.HeldCount > 0 {
		w.HeldSeq = w.held.list[0].FirstSeq
	}
	if r := w.held.oldest(); r != nil {
		w.Attempt = r.Attempt
	}
	w.NextAt = 0
	if w.IsActive {
		w.NextAt = max(w.held.next(), w.RestUntil)
	}
}

// now is the instant by which the worker waits. When it is before the last wait began, the clock was put back, and it is
// unknown how much of the waits is over: each lasts as long as its pause from now on, at most.
func (w *worker) now() taphoa.Time {
	now := w.deliverer.db.SharedNow()
	if w.WaitsFrom <= now {
		return now
	}
	latest := func(attempt int64) taphoa.Time {
		pauses := w.format.pauses
		if len(pauses) == 0 {
			return now
		}
		return now.Add(pauses[min(max(attempt, 1), int64(len(pauses)))-1])
	}
	for _, r := range w.held.list {
		if at := latest(r.Attempt); r.NextAt > at {
			w.held.failed(r, r.Attempt, at, r.Error)
		}
	}
	w.RestUntil = min(w.RestUntil, latest(w.Failures/downAfter))
	w.WaitsFrom = now
	w.sumUp()
	return now
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

// deliver sends events once, for the first time or as a request that was held up, and reports whether the worker may go on.
func (w *worker) deliver(ctx context.Context, events []taphoa.Event, again *heldRequest) bool {
	number := int64(1)
	if again != nil {
		number = again.Attempt + 1
		if w.held.find(again.FirstSeq, again.LastSeq) != again { // it was delivered as a redelivery
			return true
		}
		if len(events) == 0 { // they are no longer kept
			w.held.remove(again)
			w.sumUp()
			return w.sendResult(ctx, result{worker: w, state: w.state, held: w.held.takeChanges()})
		}
	}
	out, sent := w.send(ctx, events, number)
	if !sent {
		return false
	}
	failing := w.LastError.Has()
	switch out.Outcome {
	case taphoa.DeliveryDone:
		w.delivered(&out, again)
	case taphoa.DeliveryStopped:
		w.LastError, w.RestUntil = out.Error, 0
		w.IsActive, w.StopReason, w.StoppedDate = false, out.Error, taphoa.Some(w.deliverer.db.Now())
	default:
		w.refused(&out, events, again)
	}
	w.sumUp()
	goOn := w.IsActive && w.RestUntil == 0
	return w.sendResult(ctx, result{worker: w, state: w.state, sent: &out, failing: failing, held: w.held.takeChanges()}) && goOn
}

// delivered notes a success: the receiver is not down.
func (w *worker) delivered(out *attempt, again *heldRequest) {
	if again == nil {
		w.DoneSeq = out.LastSeq
	} else {
		w.held.remove(again)
	}
	if w.Failures >= downAfter {
		w.held.hurry()
	}
	w.Failures, w.RestUntil, w.LastError = 0, 0, taphoa.Opt[string]{}
	if r := w.held.oldest(); r != nil {
		w.LastError = r.Error
	}
}

// refused notes a failure: the request is held up, or given up after the last pause. After downAfter failures in a row of
// different records the receiver is down: it gets nothing for a pause, and then as many requests again. Further attempts
// of what was refused before do not count as long as it is not down, so that one record does not hold up the others.
func (w *worker) refused(out *attempt, events []taphoa.Event, again *heldRequest) {
	now, pauses := w.now(), w.format.pauses
	w.WaitsFrom = now
	down := w.Failures >= downAfter
	w.LastError, w.RestUntil = out.Error, 0
	if again == nil {
		w.DoneSeq = out.LastSeq
	}
	switch {
	case out.Attempt > int64(len(pauses)):
		if out.Outcome = taphoa.DeliveryDead; again != nil {
			w.held.remove(again)
		}
	case again == nil:
		w.held.add(heldRow{
			WebhookID: w.id, FirstSeq: out.FirstSeq, LastSeq: out.LastSeq, Records: taphoa.Some(recordsOf(events)),
			Attempt: 1, NextAt: now.Add(pauses[0]), Error: out.Error,
		})
	case len(events) > 1 && !down: // one of them may be what the receiver refuses
		w.held.remove(again)
		for i := range events {
			w.held.add(heldRow{
				WebhookID: w.id, FirstSeq: events[i].Seq, LastSeq: events[i].Seq, Records: taphoa.Some(recordsOf(events[i : i+1])),
				Attempt: out.Attempt, NextAt: now, Error: out.Error,
			})
		}
	default:
		w.held.failed(again, out.Attempt, now.Add(pauses[out.Attempt-1]), out.Error)
	}
	if again == nil || down {
		w.Failures++
	}
	if w.Failures > 0 && w.Failures%downAfter == 0 && (again == nil || down) && len(pauses) > 0 {
		w.RestUntil = now.Add(pauses[min(w.Failures/downAfter, int64(len(pauses)))-1])
	}
}

// redeliver sends events out of order, once. Its outcome does not change the registration, but for the same request that
// is held up and need not be sent any more.
func (w *worker) redeliver(ctx context.Context, again redelivery) bool {
	r := result{worker: w, redelivery: &again}
	if len(again.events) > 0 { // else they are no longer kept
		out, sent := w.send(ctx, again.events, 1)
		if !sent {
			return false
		}
		switch out.Outcome {
		case taphoa.DeliveryStopped:
			out.Outcome = taphoa.DeliveryFailed
		case taphoa.DeliveryDone:
			if held := w.held.find(again.FirstSeq, again.LastSeq); held != nil && held.ahead == 0 {
				w.held.remove(held)
				w.sumUp()
			}
		}
		r.sent = &out
	}
	r.state, r.held = w.state, w.held.takeChanges()
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

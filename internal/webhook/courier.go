package webhook

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Options of a courier; the zero value is right for production.
type Options struct {
	Log     *slog.Logger
	Guard   Guard           // which addresses may be dialled
	Pauses  []time.Duration // before the second attempt, the third …, where the shop does not want the vendor's; nil: Patient
	Timeout time.Duration   // of one request; 0: the documented 5 seconds
	Lease   time.Duration   // how long a registration stays with a courier who is not heard of; 0: 15 seconds
	Keep    time.Duration   // how long events and deliveries are kept; 0: 30 days
}

// Patient are pauses that grow to an hour and last three days.
func Patient() []time.Duration {
	pauses := []time.Duration{
		5 * time.Second, 30 * time.Second, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	}
	for total := 53 * time.Minute; total < 72*time.Hour; total += time.Hour {
		pauses = append(pauses, time.Hour)
	}
	return pauses
}

// Vendor are the pauses of the framework behind the real service (contract webhooks, conflict Retries).
func Vendor() []time.Duration { return []time.Duration{time.Minute, 4 * time.Minute} }

// Courier delivers the events of all shops to their registrations. Several couriers may share a database.
type Courier struct {
	db      *db.DB
	o       Options
	log     *slog.Logger
	client  *http.Client
	self    string // names this courier in leases
	results chan result

	mu      sync.Mutex
	workers map[place]*worker
	running sync.WaitGroup
}

// place names a registration among those of all shops.
type place struct{ retailer, id int64 }

// NewCourier makes a courier; Run lets him work.
func NewCourier(d *db.DB, o Options) *Courier {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Pauses == nil {
		o.Pauses = Patient()
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Lease == 0 {
		o.Lease = 15 * time.Second
	}
	if o.Keep == 0 {
		o.Keep = 30 * 24 * time.Hour
	}
	host, _ := os.Hostname() // without a name, leases of a dead courier end by time
	return &Courier{
		db: d, o: o, log: o.Log, workers: map[place]*worker{}, results: make(chan result, 256),
		self: fmt.Sprintf("%s/%d/%s/%s", host, os.Getpid(), boot, rand.Text()[:8]),
		client: &http.Client{
			Transport: &http.Transport{
				Proxy: nil, DialContext: o.Guard.dialer().DialContext, ForceAttemptHTTP2: true,
				TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: 4 * time.Second,
				DisableCompression: true, MaxIdleConns: 512, MaxIdleConnsPerHost: 8, IdleConnTimeout: 90 * time.Second,
				MaxResponseHeaderBytes: 64 << 10,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Run delivers until the context ends. Then it waits for the requests under way and notes their results.
func (c *Courier) Run(ctx context.Context) {
	recorded := make(chan struct{})
	go func() {
		defer close(recorded)
		c.record()
	}()
	if err := c.inherit(ctx); err != nil && ctx.Err() == nil { // those leases end by themselves
		c.log.Error("webhooks: leases of ended programs could not be freed", "error", err)
	}
	c.rounds(ctx)
	c.running.Wait()
	close(c.results)
	<-recorded
	c.client.CloseIdleConnections()
}

// Rounds come at once when this process has committed something, but not closer than shortRound, and otherwise after
// longRound, for what other processes write and for retries. A round takes at most a tenth of the time.
const (
	shortRound = 10 * time.Millisecond
	longRound  = 250 * time.Millisecond
)

func (c *Courier) rounds(ctx context.Context) {
	sweep := time.NewTicker(time.Hour)
	defer sweep.Stop()
	c.sweep(ctx)
	for {
		changed, began := c.db.Changed(), time.Now()
		if err := c.round(ctx); err != nil && ctx.Err() == nil {
			c.log.Error("webhooks: a round failed", "error", err)
		}
		if !pause(ctx, max(shortRound, 9*time.Since(began))) {
			return
		}
		select {
		case <-changed:
		case <-time.After(longRound):
		case <-sweep.C:
			c.sweep(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// pause waits, and reports false when the context has ended.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// due is a registration that something is to be delivered to.
type due struct {
	RetailerID, ID int64
	Fence          int64
	Owner          string
	LeaseUntil     taphoa.Time
}

// round finds the registrations that have something to deliver, wakes those who have them, and takes what is free.
func (c *Courier) round(ctx context.Context) error {
	var found []due
	err := c.db.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		found, err = db.All[due](tx.Everywhere(), `
			SELECT w.retailer_id, w.id, w.fence, w.owner, w.lease_until FROM webhooks w
			WHERE w.is_active AND w.deleted_at = 0 AND w.next_at <= ? AND EXISTS (
				SELECT 1 FROM events e WHERE e.retailer_id = w.retailer_id AND e.type = w.type AND e.seq > w.done_seq)
			UNION
			SELECT w.retailer_id, w.id, w.fence, w.owner, w.lease_until FROM webhook_redeliveries r
			JOIN webhooks w ON w.retailer_id = r.retailer_id AND w.id = r.webhook_id
			WHERE w.deleted_at = 0`, tx.Now)
		return err
	})
	if err != nil {
		return err
	}
	for _, d := range found {
		at := place{d.RetailerID, d.ID}
		c.mu.Lock()
		w := c.workers[at]
		c.mu.Unlock()
		switch {
		case w != nil && w.Fence == d.Fence:
			w.wake()
		case w != nil:
			w.cancel() // the registration has changed or has gone to somebody else
		case d.LeaseUntil < c.db.Now() || d.Owner == c.self:
			if err := c.take(ctx, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// take makes a registration this courier's, if it is still free, and lets a worker deliver.
func (c *Courier) take(ctx context.Context, at place) error {
	until := time.Now().Add(c.o.Lease)
	var (
		s     state
		found bool
	)
	err := c.db.Write(ctx, db.Actor{Retailer: at.retailer}, func(tx *db.Tx) (err error) {
		s, found, err = db.One[state](tx, `
			UPDATE webhooks SET owner = ?, lease_until = ?, fence = fence + 1
			WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0 AND (lease_until < :now OR owner = ?)
			RETURNING type, url, COALESCE(secret, '') AS secret, is_active, done_seq, attempt, next_at,
				last_error, stop_reason, stopped_date, fence`,
			c.self, tx.Now.Add(c.o.Lease), at.id, c.self)
		return err
	})
	if err != nil || !found {
		return err
	}
	work, cancel := context.WithCancel(ctx)
	w := &worker{courier: c, place: at, state: s, cancel: cancel, woken: make(chan struct{}, 1), room: make(chan struct{}, ahead)}
	w.until.Store(&until)
	c.mu.Lock()
	c.workers[at] = w
	c.mu.Unlock()
	c.running.Add(1)
	go func() {
		defer c.running.Done()
		defer cancel()
		w.run(work)
	}()
	return nil
}

// inherit frees the leases of couriers of this host whose process is gone, so that a restart need not wait for their end.
func (c *Courier) inherit(ctx context.Context) error {
	var held []due
	err := c.db.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		held, err = db.All[due](tx.Everywhere(), `
			SELECT retailer_id, id, fence, owner, lease_until FROM webhooks WHERE owner <> '' AND lease_until >= ?`, tx.Now)
		return err
	})
	for _, d := range held {
		if err == nil && gone(d.Owner, c.self) {
			err = c.db.Write(ctx, db.Actor{Retailer: d.RetailerID}, func(tx *db.Tx) error {
				tx.Queue(`
					UPDATE webhooks SET lease_until = 0, fence = fence + 1
					WHERE retailer_id = :retailer AND id = ? AND fence = ?`, d.ID, d.Fence)
				return nil
			})
		}
	}
	return err
}

// sweep drops what is older than what is kept.
func (c *Courier) sweep(ctx context.Context) {
	if err := sweep(ctx, c.db, c.db.Now().Add(-c.o.Keep)); err != nil && !errors.Is(err, context.Canceled) {
		c.log.Error("webhooks: dropping old deliveries failed", "error", err)
	}
}

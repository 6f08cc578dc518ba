package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/quota"
)

// Options of a deliverer; the zero value is right for production.
type Options struct {
	Log     *slog.Logger
	Guard   Guard           // which addresses may be dialled
	Pauses  []time.Duration // before the second attempt, the third …, unless the shop uses the vendor's; nil: DefaultPauses
	Timeout time.Duration   // of one request; 0: the documented 5 seconds
	Lease   time.Duration   // how long a registration belongs to a deliverer that does not renew it; 0: three times Timeout
	Keep    time.Duration   // how long events and deliveries are kept; 0: 30 days

	// Through is what requests go through instead of the network directly: for tests of receivers. nil: nothing.
	Through func(network http.RoundTripper) http.RoundTripper

	// Sweep drops what else is too old, once an hour. now is the clock as far as it is believed: one that is far ahead drops little
	// before it is put right.
	Sweep func(ctx context.Context, now taphoa.Time) error
}

// DefaultPauses returns pauses that grow to an hour and last three days in all.
func DefaultPauses() []time.Duration {
	pauses := []time.Duration{
		5 * time.Second, 30 * time.Second, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	}
	for total := 53 * time.Minute; total < 72*time.Hour; total += time.Hour {
		pauses = append(pauses, time.Hour)
	}
	return pauses
}

// VendorPauses returns the pauses of the framework that the real service uses (contract webhooks, conflict Retries).
func VendorPauses() []time.Duration { return []time.Duration{time.Minute, 4 * time.Minute} }

// Deliverer delivers the events of all shops to their registrations. Several deliverers may share a database.
type Deliverer struct {
	db        *db.DB
	o         Options
	log       *slog.Logger
	transport *http.Transport   // not a client, which reads redirects
	sender    http.RoundTripper // the transport, or what is before it
	self      string            // names this deliverer in leases
	counters
	results    chan result
	writeSlots chan struct{} // bounds the concurrent transactions of the recorder

	connections quota.Quota // requests under way

	mu           sync.Mutex
	workers      map[registrationKey]*worker
	acquiring    map[int64]bool                  // shops whose leases are being acquired
	scans        map[registrationKey]logScan     // of registrations without a worker here; only pollLoop uses it
	futureLeases map[registrationKey]futureLease // only pollLoop uses it
	lastLogged   map[string]time.Time            // by message: when a failure was last logged
	stopped      map[registrationKey]bool        // registrations that this deliverer has stopped, until the next successful delivery
	running      sync.WaitGroup
}

// registrationKey identifies a registration among those of all shops.
type registrationKey struct{ retailer, id int64 }

// NewDeliverer returns a deliverer that does nothing until Run is called.
func NewDeliverer(d *db.DB, o Options) *Deliverer {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Pauses == nil {
		o.Pauses = DefaultPauses()
	}
	if o.Timeout == 0 {
		o.Timeout = RequestTimeout
	}
	if o.Lease == 0 {
		o.Lease = 3 * o.Timeout
	}
	if o.Keep == 0 {
		o.Keep = 30 * 24 * time.Hour
	}
	c := &Deliverer{
		db: d, o: o, log: o.Log, self: newOwner(), workers: map[registrationKey]*worker{}, acquiring: map[int64]bool{},
		futureLeases: map[registrationKey]futureLease{}, lastLogged: map[string]time.Time{}, stopped: map[registrationKey]bool{}, counters: newCounters(),
		results: make(chan result, 256), writeSlots: make(chan struct{}, 8),
		transport: &http.Transport{
			Proxy: nil, DialContext: o.Guard.dial, ForceAttemptHTTP2: true,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: 4 * time.Second,
			DisableCompression: true, MaxIdleConns: 512, MaxIdleConnsPerHost: hostShare, IdleConnTimeout: 90 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
		},
	}
	if c.sender = c.transport; o.Through != nil {
		c.sender = o.Through(c.transport)
	}
	return c
}

// CheckURL refuses to register a URL (see [Guard.Refuse]), or returns what the response has to warn of (see [Guard.Warning]).
// There is nothing to warn of if the registration is not active.
func (c *Deliverer) CheckURL(ctx context.Context, to string, active bool) (warnings []string, err error) {
	if err := c.o.Guard.Refuse(to); err != nil || !active {
		return nil, err
	}
	if text := c.o.Guard.Warning(ctx, to); text != "" {
		warnings = []string{text}
	}
	return warnings, nil
}

// Run delivers until the context ends. Then it waits for the requests under way and records their results.
func (c *Deliverer) Run(ctx context.Context) {
	recorded := make(chan struct{})
	go func() {
		defer close(recorded)
		c.recordResults()
	}()
	c.pollLoop(ctx)
	c.running.Wait()
	close(c.results)
	<-recorded
	c.transport.CloseIdleConnections()
}

// A poll follows a commit of this process at once, but not sooner than minPollInterval after the last one; without a commit
// it comes after maxPollInterval, for what other processes write and for retries. Polls take at most a tenth of the time.
const (
	minPollInterval = 10 * time.Millisecond
	maxPollInterval = 250 * time.Millisecond
)

func (c *Deliverer) pollLoop(ctx context.Context) {
	sweep := time.NewTicker(time.Hour)
	defer sweep.Stop()
	c.sweep(ctx)
	for {
		changed, began := c.db.Changed(), time.Now()
		more, err := c.poll(ctx)
		if err != nil && ctx.Err() == nil {
			c.logFailure("webhooks: a round failed", err)
		}
		if !pause(ctx, max(minPollInterval, min(maxPollInterval, 9*time.Since(began)))) {
			return
		}
		wait := maxPollInterval
		if more {
			wait = 0
		}
		select {
		case <-changed:
		case <-time.After(wait):
		case <-sweep.C:
			c.sweep(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// pause waits for d and reports false when the context has ended before.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// sweep deletes events and deliveries older than Options.Keep.
func (c *Deliverer) sweep(ctx context.Context) {
	now, err := trustedClock(ctx, c.db)
	if err == nil {
		err = sweep(ctx, c.db, now.Add(-c.o.Keep), c.logDead)
	}
	if err == nil && c.o.Sweep != nil {
		err = c.o.Sweep(ctx, now)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		c.logFailure("webhooks: dropping old deliveries failed", err)
	}
}

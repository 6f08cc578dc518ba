package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/quota"
)

// Options of a courier; the zero value is right for production.
type Options struct {
	Log     *slog.Logger
	Guard   Guard           // which addresses may be dialled
	Pauses  []time.Duration // before the second attempt, the third …, where the shop does not want the vendor's; nil: Patient
	Timeout time.Duration   // of one request; 0: the documented 5 seconds
	Lease   time.Duration   // how long a registration stays with a courier who is not heard of; 0: three times Timeout
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
	db     *db.DB
	o      Options
	log    *slog.Logger
	client *http.Client
	self   string // names this courier in leases
	counters
	results chan result
	slots   chan struct{} // bounds the transactions of the recorder

	connections quota.Quota // requests under way

	mu      sync.Mutex
	workers map[place]*worker
	taking  map[int64]bool       // shops whose free registrations are being taken
	known   map[place]known      // of registrations that nobody here delivers to; only rounds uses it
	said    map[string]time.Time // when each complaint was last logged
	stopped map[place]bool       // registrations that this courier has stopped, until they are delivered to again
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
		o.Timeout = Limit
	}
	if o.Lease == 0 {
		o.Lease = 3 * o.Timeout
	}
	if o.Keep == 0 {
		o.Keep = 30 * 24 * time.Hour
	}
	return &Courier{
		db: d, o: o, log: o.Log, self: newOwner(), workers: map[place]*worker{}, taking: map[int64]bool{},
		said: map[string]time.Time{}, stopped: map[place]bool{}, counters: newCounters(),
		results: make(chan result, 256), slots: make(chan struct{}, 8),
		client: &http.Client{
			Transport: &http.Transport{
				Proxy: nil, DialContext: o.Guard.dialer().DialContext, ForceAttemptHTTP2: true,
				TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: 4 * time.Second,
				DisableCompression: true, MaxIdleConns: 512, MaxIdleConnsPerHost: hostShare, IdleConnTimeout: 90 * time.Second,
				MaxResponseHeaderBytes: 64 << 10,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Warnings say what whoever registers a URL has to know at once (see [Guard.Warning]).
func (c *Courier) Warnings(ctx context.Context, to string) []string {
	if text := c.o.Guard.Warning(ctx, to); text != "" {
		return []string{text}
	}
	return nil
}

// Run delivers until the context ends. Then it waits for the requests under way and notes their results.
func (c *Courier) Run(ctx context.Context) {
	recorded := make(chan struct{})
	go func() {
		defer close(recorded)
		c.record()
	}()
	c.rounds(ctx)
	c.running.Wait()
	close(c.results)
	<-recorded
	c.client.CloseIdleConnections()
}

// Rounds come at once when this process has committed something, but not closer than shortRound, and otherwise after
// longRound, for what other processes write and for retries. A short round takes at most a tenth of the time.
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
		more, err := c.round(ctx)
		if err != nil && ctx.Err() == nil {
			c.complain("webhooks: a round failed", "error", err)
		}
		if !pause(ctx, max(shortRound, min(longRound, 9*time.Since(began)))) {
			return
		}
		rest := longRound
		if more {
			rest = 0
		}
		select {
		case <-changed:
		case <-time.After(rest):
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

// sweep drops what is older than what is kept.
func (c *Courier) sweep(ctx context.Context) {
	if err := sweep(ctx, c.db, c.db.Now().Add(-c.o.Keep), c.tellGivenUp); err != nil && !errors.Is(err, context.Canceled) {
		c.complain("webhooks: dropping old deliveries failed", "error", err)
	}
}

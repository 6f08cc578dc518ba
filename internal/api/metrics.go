package api

import (
	"cmp"
	"context"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/webhook"
)

// metrics are what GET /metrics shows (docs/monitoring.md).
type metrics struct {
	registry *prometheus.Registry
	took     *prometheus.HistogramVec
}

func newMetrics(s *Server) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "taphoa_request_seconds", Help: "How long requests took, by operation and status.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5},
		}, []string{"operation", "status"}),
	}
	throttled := prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "taphoa_token_requests_throttled_total", Help: "Token requests that were refused because of failures before them.",
	}, func() float64 { return float64(s.oauth.Throttled()) })
	m.registry.MustRegister(m.took, throttled, buildInfo(), &figures{server: s}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if s.options.Deliverer != nil {
		m.registry.MustRegister(s.options.Deliverer)
	}
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) observe(c *call, took time.Duration) {
	m.took.WithLabelValues(c.operation(), strconv.Itoa(c.status)).Observe(took.Seconds())
}

func buildInfo() prometheus.Collector {
	b := ReadBuild()
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "taphoa_build_info", Help: "Always 1; the labels tell what runs.",
		ConstLabels: prometheus.Labels{"version": b.Version, "commit": cmp.Or(b.Commit, "unknown"), "go": runtime.Version()},
	}, func() float64 { return 1 })
}

const (
	figuresKept = 5 * time.Second // at least: several scrapers are answered with the same figures
	figuresRest = 20              // reading them takes at most one part in that many of the time
	figuresTime = 5 * time.Second // that reading them may take
)

// figures collects the statistics of the database and about what waits in it.
type figures struct {
	server *Server

	mu    sync.Mutex
	until time.Time // the read ones are good until then
	read  readings
}

// readings are the figures that have to be read from the database.
type readings struct {
	ready bool
	known bool // the figures below were read
	stats db.Stats

	shops    int64
	events   event.Totals
	webhooks webhook.Totals
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("taphoa_"+name, help, labels, nil)
}

var (
	descReady     = describe("ready", "1 when GET /readyz answers 200, else 0.")
	descSize      = describe("database_size_bytes", "Size of the database, its write-ahead log included where it is a file.")
	descFree      = describe("database_free_bytes", "What the file system of the database has left.")
	descWaiting   = describe("writer_waiting", "Operations that wait for the writer.")
	descGroups    = describe("writer_group_operations", "Operations in a commit: their sum and the number of commits.")
	descCommits   = describe("writer_commit_seconds", "How long commits took, the disk's sync included: their sum and number.")
	descPoolMax   = describe("connections_max", "Connections to the database that operations share, at most.")
	descPoolBusy  = describe("connections_busy", "Connections in use.")
	descPoolIdle  = describe("connections_idle", "Connections open and not in use.")
	descPoolWaits = describe("connection_wait_seconds", "How long operations waited for a connection: the sum, and how many had to wait.")

	descShops   = describe("shops", "Shops in the database.")
	descEvents  = describe("events", "Events that are kept.")
	descTold    = describe("events_told_total", "Events that were ever told of.")
	descHooks   = describe("webhook_registrations", "Registered webhooks by state: delivering, failing, stopped, off.", "state")
	descBacklog = describe("webhook_events_waiting", "Events that wait for delivery; of each registration at most 1,000 are counted.")
	descOldest  = describe("webhook_oldest_waiting_seconds", "How long ago the oldest event happened that waits for delivery; 0 when none does.")
	descDead    = describe("webhook_dead", "Deliveries in the log that were given up.")
)

// Describe names the figures.
func (f *figures) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descReady, descSize, descFree, descWaiting, descGroups, descCommits, descPoolMax, descPoolBusy, descPoolIdle, descPoolWaits,
		descShops, descEvents, descTold, descHooks, descBacklog, descOldest, descDead,
	} {
		to <- d
	}
}

// Collect sends the figures. Those that cannot be read now are left out.
func (f *figures) Collect(to chan<- prometheus.Metric) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if began := time.Now(); began.After(f.until) {
		f.read = f.server.readings()
		f.until = time.Now().Add(max(figuresKept, figuresRest*time.Since(began)))
	}
	gauge := func(d *prometheus.Desc, value int64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value), labels...)
	}
	r := &f.read
	gauge(descReady, map[bool]int64{true: 1}[r.ready])
	s := &r.stats
	if s.Size > 0 {
		gauge(descSize, s.Size)
	}
	if s.Free >= 0 {
		gauge(descFree, s.Free)
	}
	w := s.Writer
	gauge(descWaiting, w.Waiting)
	to <- prometheus.MustNewConstSummary(descGroups, uint64(w.Commits), float64(w.Operations), nil)
	to <- prometheus.MustNewConstSummary(descCommits, uint64(w.Commits), w.CommitTime.Seconds(), nil)
	gauge(descPoolMax, s.Pool.Max)
	gauge(descPoolBusy, s.Pool.Busy)
	gauge(descPoolIdle, s.Pool.Idle)
	to <- prometheus.MustNewConstSummary(descPoolWaits, uint64(s.Pool.Waits), s.Pool.WaitTime.Seconds(), nil)
	if !r.known {
		return
	}
	gauge(descShops, r.shops)
	gauge(descEvents, r.events.Kept)
	to <- prometheus.MustNewConstMetric(descTold, prometheus.CounterValue, float64(r.events.Told))
	gauge(descHooks, r.webhooks.Delivering, "delivering")
	gauge(descHooks, r.webhooks.Failing, "failing")
	gauge(descHooks, r.webhooks.Stopped, "stopped")
	gauge(descHooks, r.webhooks.Off, "off")
	gauge(descBacklog, r.webhooks.Waiting)
	age := 0.0
	if r.webhooks.Oldest > 0 {
		age = max(0, f.server.db.Now().Std().Sub(r.webhooks.Oldest.Std()).Seconds())
	}
	to <- prometheus.MustNewConstMetric(descOldest, prometheus.GaugeValue, age)
	gauge(descDead, r.webhooks.Dead)
}

func (s *Server) readings() (r readings) {
	ctx, cancel := context.WithTimeout(context.Background(), figuresTime)
	defer cancel()
	r.stats = s.db.Stats(ctx)
	reason, _ := s.unready(ctx)
	r.ready = reason == ""
	err := s.db.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		tx = tx.Everywhere()
		if r.shops, err = org.CountShops(tx); err != nil {
			return err
		}
		if r.events, err = event.Count(tx); err != nil {
			return err
		}
		r.webhooks, err = webhook.Count(tx)
		return err
	})
	r.known = err == nil // /readyz says why not
	return r
}

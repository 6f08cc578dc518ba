package webhook

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// counters count what this deliverer has sent. Labels are bounded: neither shops nor addresses are among them.
type counters struct {
	sent     *prometheus.CounterVec
	duration prometheus.Histogram
}

func newCounters() counters {
	c := counters{
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "taphoa_webhook_deliveries_total",
			Help: "Attempts to deliver events by outcome: delivered, failed (will be tried again), stopped, dead (given up).",
		}, []string{"outcome"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "taphoa_webhook_attempt_seconds", Help: "How long attempts to deliver took.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}),
	}
	for _, outcome := range deliveryOutcomes {
		c.sent.WithLabelValues(outcome)
	}
	return c
}

// Describe implements prometheus.Collector.
func (c *Deliverer) Describe(to chan<- *prometheus.Desc) {
	c.counters.sent.Describe(to)
	c.counters.duration.Describe(to)
}

// Collect implements prometheus.Collector.
func (c *Deliverer) Collect(to chan<- prometheus.Metric) {
	c.counters.sent.Collect(to)
	c.counters.duration.Collect(to)
}

// Totals are counts of the registrations of all shops.
type Totals struct {
	Delivering, Failing int64       // active ones, whose last attempt has not failed, or has
	Stopped, Off        int64       // stopped by the deliverer, switched off by the shop
	Waiting             int64       // events not yet delivered to active ones, of each those held up and at most 1,000 of the next 10,000 numbers
	Oldest              taphoa.Time // instant of the first of them; 0 without any
	Dead                int64       // deliveries in the log that were given up
}

// Count counts the registrations of all shops and the events that wait for them. What it reads is bounded by the number of
// registrations and of dead deliveries, since the deliverer advances registrations without events.
func Count(tx *db.Tx) (t Totals, err error) {
	tx = tx.Everywhere()
	t, _, err = db.One[Totals](tx, `
		SELECT COUNT(*) FILTER (WHERE is_active AND last_error IS NULL) AS delivering,
			COUNT(*) FILTER (WHERE is_active AND last_error IS NOT NULL) AS failing,
			COUNT(*) FILTER (WHERE NOT is_active AND stop_reason IS NOT NULL) AS stopped,
			COUNT(*) FILTER (WHERE NOT is_active AND stop_reason IS NULL) AS off
		FROM webhooks WHERE deleted_at = 0`)
	if err != nil {
		return t, err
	}
	type backlog struct {
		Waiting int64
		Oldest  taphoa.Time
	}
	const next = `e.seq > w.done_seq AND e.seq <= w.done_seq + 10000 AND e.type = w.type`
	b, _, err := db.One[backlog](tx, `
		SELECT CAST(COALESCE(SUM(waiting + held_count), 0) AS BIGINT) AS waiting, COALESCE(MIN(oldest), 0) AS oldest FROM (
			SELECT (SELECT COUNT(*) FROM (
					SELECT e.seq FROM events e WHERE e.retailer_id = w.retailer_id AND `+next+` ORDER BY e.seq LIMIT 1000) counted) AS waiting,
				COALESCE((SELECT e.at FROM events e WHERE e.retailer_id = w.retailer_id AND e.seq = w.held_seq),
					(SELECT e.at FROM events e WHERE e.retailer_id = w.retailer_id AND `+next+` ORDER BY e.seq LIMIT 1)) AS oldest,
				w.held_count
			FROM webhooks w WHERE w.is_active AND w.deleted_at = 0) registrations`)
	if err != nil {
		return t, err
	}
	t.Waiting, t.Oldest = b.Waiting, b.Oldest
	t.Dead, _, err = db.One[int64](tx, `SELECT COUNT(*) FROM webhook_deliveries WHERE outcome = 'dead'`)
	return t, err
}

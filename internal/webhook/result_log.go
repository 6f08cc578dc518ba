package webhook

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// logResult counts a recorded result, and logs it when the state of its registration has changed: the first failure, a
// stop, dead events, the first success after these. Attempts between are not logged.
func (c *Deliverer) logResult(r *result) {
	if r.sent == nil {
		return
	}
	c.counters.sent.WithLabelValues(r.sent.Outcome).Inc()
	if r.redelivery != nil {
		return // the registration has not changed
	}
	w, d := r.worker, r.sent
	c.mu.Lock()
	wasStopped := c.stopped[w.registrationKey]
	switch d.Outcome {
	case taphoa.DeliveryStopped:
		c.stopped[w.registrationKey] = true
	case taphoa.DeliveryDone:
		delete(c.stopped, w.registrationKey)
	}
	c.mu.Unlock()
	message, level, extra := "", slog.LevelWarn, []slog.Attr{slog.String("reason", d.reason)}
	switch {
	case d.Outcome == taphoa.DeliveryDone && (r.failing && !r.state.LastError.Has() || wasStopped):
		message, level, extra = "webhook: delivers again", slog.LevelInfo, nil
	case d.Outcome == taphoa.DeliveryFailed && !r.failing:
		message = "webhook: fails"
		extra = append(extra, slog.Time("next_attempt", r.state.NextAt.Std()))
	case d.Outcome == taphoa.DeliveryStopped:
		message = "webhook: stopped, nothing more is sent until it is registered again"
	case d.Outcome == taphoa.DeliveryDead:
		message = "webhook: given up, the next events follow"
		extra = append(extra, slog.Int64("attempts", d.Attempt))
	default:
		return
	}
	attributes := logAttributes(w.shop, w.id, r.state.Type, r.state.URL, d.FirstSeq, d.LastSeq)
	c.log.LogAttrs(context.Background(), level, message, append(attributes, extra...)...)
}

// logDead counts and logs the events that were given up because they are no longer kept.
func (c *Deliverer) logDead(shop string, list []deadEvents) {
	for _, g := range list {
		c.counters.sent.WithLabelValues(taphoa.DeliveryDead).Inc()
		attributes := append(logAttributes(shop, g.ID, g.Type, g.URL, g.FirstSeq, g.LastSeq),
			slog.String("reason", "the events are older than what is kept"), slog.Int64("attempts", g.Attempt))
		c.log.LogAttrs(context.Background(), slog.LevelWarn, "webhook: given up, the next events follow", attributes...)
	}
}

// logFailureInterval is how often the same failure is logged: the deliverer tries again several times a second.
const logFailureInterval = time.Minute

// logFailure logs that the deliverer cannot read or write, unless the same was logged within logFailureInterval.
func (c *Deliverer) logFailure(what string, err error, attributes ...any) {
	if errors.Is(err, db.ErrUnavailable) {
		c.db.Report(context.Background(), c.log, what, err, attributes...)
		return
	}
	c.mu.Lock()
	due := time.Since(c.lastLogged[what]) > logFailureInterval
	if due {
		c.lastLogged[what] = time.Now()
	}
	c.mu.Unlock()
	if due {
		c.log.Error(what, append(attributes, "error", err)...)
	}
}

func logAttributes(shop string, id int64, kind, to string, first, last int64) []slog.Attr {
	return []slog.Attr{
		slog.String("shop", shop), slog.Int64("webhook", id), slog.String("type", kind), slog.String("url", redactedURL(to)),
		slog.Int64("seq", first), slog.Int64("last_seq", last),
	}
}

// redactedURL returns a receiver's URL without what may be secret: user, password and query.
func redactedURL(to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return "(unreadable)"
	}
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	if u.RawQuery != "" {
		return shown.String() + "?…"
	}
	return shown.String()
}

// shopCode returns the code of the shop of tx, empty when there is none.
func shopCode(tx *db.Tx) (string, error) {
	code, _, err := db.One[string](tx, `SELECT code FROM retailers WHERE retailer_id = :retailer`)
	return code, err
}

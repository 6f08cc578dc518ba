package webhook

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// tell counts a recorded result, and writes a line of the log when the state of its registration has changed: it fails for
// the first time, it stops, events were given up, it is delivered to again. Attempts between have no line.
func (c *Courier) tell(r *result) {
	if r.sent == nil {
		return
	}
	c.counters.sent.WithLabelValues(r.sent.Outcome).Inc()
	if r.again != nil {
		return // out of turn: the registration is where it was
	}
	w, d := r.worker, r.sent
	c.mu.Lock()
	was := c.stopped[w.place]
	switch d.Outcome {
	case taphoa.DeliveryStopped:
		c.stopped[w.place] = true
	case taphoa.DeliveryDone:
		delete(c.stopped, w.place)
	}
	c.mu.Unlock()
	line, level, more := "", slog.LevelWarn, []slog.Attr{slog.String("reason", d.reason)}
	switch {
	case d.Outcome == taphoa.DeliveryDone && (r.failing || was):
		line, level, more = "webhook: delivers again", slog.LevelInfo, nil
	case d.Outcome == taphoa.DeliveryFailed && !r.failing:
		line = "webhook: fails"
		more = append(more, slog.Time("next_attempt", r.state.NextAt.Std()))
	case d.Outcome == taphoa.DeliveryStopped:
		line = "webhook: stopped, nothing more is sent until it is registered again"
	case d.Outcome == taphoa.DeliveryDead:
		line = "webhook: given up, the next events follow"
		more = append(more, slog.Int64("attempts", d.Attempt))
	default:
		return
	}
	attributes := hookAttributes(w.shop, w.id, r.state.Type, r.state.URL, d.FirstSeq, d.LastSeq)
	c.log.LogAttrs(context.Background(), level, line, append(attributes, more...)...)
}

// tellGivenUp counts and logs what was given up because its events are no longer kept.
func (c *Courier) tellGivenUp(shop string, given []givenUp) {
	for _, g := range given {
		c.counters.sent.WithLabelValues(taphoa.DeliveryDead).Inc()
		attributes := append(hookAttributes(shop, g.ID, g.Type, g.URL, g.FirstSeq, g.LastSeq),
			slog.String("reason", "the events are older than what is kept"), slog.Int64("attempts", g.Attempt))
		c.log.LogAttrs(context.Background(), slog.LevelWarn, "webhook: given up, the next events follow", attributes...)
	}
}

// complainEvery is how often the same complaint is logged: the courier looks several times a second, and tries again.
const complainEvery = time.Minute

// complain logs that the courier cannot do his work, unless the same was logged a short while ago.
func (c *Courier) complain(what string, attributes ...any) {
	c.mu.Lock()
	fresh := time.Since(c.said[what]) > complainEvery
	if fresh {
		c.said[what] = time.Now()
	}
	c.mu.Unlock()
	if fresh {
		c.log.Error(what, attributes...)
	}
}

func hookAttributes(shop string, id int64, kind, to string, first, last int64) []slog.Attr {
	return []slog.Attr{
		slog.String("shop", shop), slog.Int64("webhook", id), slog.String("type", kind), slog.String("url", shownURL(to)),
		slog.Int64("seq", first), slog.Int64("last_seq", last),
	}
}

// shownURL is a receiver's URL without what may be secret: user, password and query.
func shownURL(to string) string {
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

// shopCode is the code of the shop of tx, empty when there is none.
func shopCode(tx *db.Tx) (string, error) {
	code, _, err := db.One[string](tx, `SELECT code FROM retailers WHERE retailer_id = :retailer`)
	return code, err
}

package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	liveTime = 15 * time.Minute // then the browser connects again
	liveWait = 2                // seconds until the session is checked again: one that has ended gets no more
	liveBeat = 15 * time.Second
)

// live tells a page when something of what it shows has changed, as Server-Sent Events: that it has, not what.
func (v *visit) live() error {
	query := url.Values{"types": {v.r.URL.Query().Get("kinds")}, "limit": {"1000"}}
	feed, _, err := v.ask("(listEvents)", nil, query)
	if err != nil {
		return err
	}
	after := feed.text("last")
	out := http.NewResponseController(v.w)
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	v.w.WriteHeader(http.StatusOK)
	if v.r.Method == http.MethodHead {
		return nil
	}
	said := time.Now()
	_, _ = fmt.Fprint(v.w, "retry: 5000\n\n")
	for end := time.Now().Add(liveTime); time.Now().Before(end) && v.r.Context().Err() == nil; {
		select {
		case <-v.api.Stopping():
			return nil // the browser connects again, to the server that comes next
		default:
		}
		if err := out.SetWriteDeadline(time.Now().Add(2 * liveBeat)); err != nil || out.Flush() != nil {
			return nil // the person has gone
		}
		query.Set("after", after)
		query.Set("wait", strconv.Itoa(liveWait))
		feed, _, err := v.ask("(listEvents)", nil, query)
		if err != nil {
			return nil // the browser connects again, and is told
		}
		if found, err := v.authenticate(); err != nil || !found {
			return nil
		}
		after = feed.text("next")
		switch {
		case len(records(feed.at("data"))) > 0:
			_, _ = fmt.Fprint(v.w, "event: changed\ndata: 1\n\n")
			said = time.Now()
		case time.Since(said) > liveBeat:
			_, _ = fmt.Fprint(v.w, ":\n\n")
			said = time.Now()
		}
	}
	return nil
}

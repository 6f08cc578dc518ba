package console

import (
	"cmp"
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
	liveRest = time.Second // between two changes that are told

	changedEvent = "event: changed\ndata: 1\n\n"
)

// newest is the number of the shop's newest event.
func (v *visit) newest() (string, error) {
	feed, _, err := v.ask("(listEvents)", nil, url.Values{"limit": {"1"}})
	return feed.text("last"), err
}

// live tells a page when something of what it shows has changed, as Server-Sent Events: that it has, not what.
func (v *visit) live() error {
	query := url.Values{"types": {v.r.URL.Query().Get("kinds")}, "limit": {"1"}}
	feed, _, err := v.ask("(listEvents)", nil, query)
	if err != nil {
		return err
	}
	after := feed.text("last")
	missed := false // while it was not connected, or since the page was drawn
	if seen := cmp.Or(v.r.Header.Get("Last-Event-ID"), v.r.URL.Query().Get("after")); digits(seen) && seen != after {
		query.Set("after", seen)
		feed, _, err := v.ask("(listEvents)", nil, query)
		missed = err != nil || len(records(feed.at("data"))) > 0 // events of long ago are not there any more
	}
	out := http.NewResponseController(v.w)
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	v.w.WriteHeader(http.StatusOK)
	if v.r.Method == http.MethodHead {
		return nil
	}
	said := time.Now()
	_, _ = fmt.Fprintf(v.w, "retry: 1000\nid: %s\n\n", after)
	if missed {
		_, _ = fmt.Fprint(v.w, changedEvent)
	}
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
			after = feed.text("last")
			_, _ = fmt.Fprintf(v.w, "id: %s\n%s", after, changedEvent)
			said = time.Now()
			if out.Flush() != nil {
				return nil
			}
			select { // a busy shop is no reason to draw a table more often
			case <-v.r.Context().Done():
			case <-v.api.Stopping():
			case <-time.After(liveRest):
			}
		case time.Since(said) > liveBeat:
			_, _ = fmt.Fprint(v.w, ":\n\n")
			said = time.Now()
		}
	}
	return nil
}

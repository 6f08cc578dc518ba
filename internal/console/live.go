package console

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
)

const (
	livePath = "/console/live"

	liveTime = 15 * time.Minute // then the browser connects again
	liveWait = 2                // seconds until the session is checked again: one that has ended gets no more
	liveBeat = 15 * time.Second
	liveRest = time.Second // between two changes that are told, and between two looks at a list

	changedEvent = "event: changed\ndata: 1\n\n"
)

// watch is what one page follows: events of kinds, by their numbers. For who may not see all of the shop it follows what they see of
// the list itself: that something else has happened, and how much, is not for them.
type watch struct {
	kinds string
	list  *description // nil: the person may see all
	asked url.Values   // the page's address
	at    string       // the number of the newest event, or the mark of the list
}

// feed reads the events of the shop, whatever the person may see of it.
func (v *visit) feed(query url.Values) (record, error) {
	who := v.identity()
	who.Held = nil
	answer, err := v.api.Do(v.r.Context(), who, api.Call{Operation: "(listEvents)", Query: query})
	if err != nil {
		return nil, err
	}
	return decode(answer.Body)
}

// newest is the number of the shop's newest event.
func (v *visit) newest() (string, error) {
	feed, err := v.feed(url.Values{"limit": {"1"}})
	return feed.text("last"), err
}

// liveAddress is where a page is told of changes: after an event, or of another mark of its list.
func (v *visit) liveAddress(d *description, after, mark string) string {
	query := url.Values{"kinds": {strings.Join(d.kinds, ",")}, "list": {v.r.URL.RequestURI()}}
	if v.session.Held.Key() == "" {
		query.Set("after", after)
	} else {
		query.Set("mark", mark)
	}
	return livePath + "?" + query.Encode()
}

// watched is what the page follows that asks, and what it has seen of it.
func (v *visit) watched() (w watch, seen string, err error) {
	asked := v.r.URL.Query()
	last := v.r.Header.Get("Last-Event-ID")
	if v.session.Held.Key() == "" {
		return watch{kinds: asked.Get("kinds")}, cmp.Or(last, asked.Get("after")), nil
	}
	page, err := url.ParseRequestURI(asked.Get("list"))
	for i := range descriptions {
		d := &descriptions[i]
		if err != nil || page.Host != "" || page.Path != v.address(d, "") || len(d.kinds) == 0 {
			continue
		}
		w = watch{kinds: strings.Join(d.kinds, ","), list: d, asked: page.Query()}
		return w, cmp.Or(last, asked.Get("mark")), v.need(d.list)
	}
	return w, "", taphoa.NotFound(taphoa.CodeValidate, "Không có danh sách nào như vậy để theo dõi")
}

// moved reports whether what the page follows has changed since the last look, with an event.
func (v *visit) moved(w *watch, event string) (bool, error) {
	before := w.at
	if w.at = event; w.list != nil {
		now, err := v.read(w.list, w.asked)
		if _, told := refused(err); err != nil && !told {
			return false, err
		}
		w.at = now.mark
	}
	return w.at != before, nil
}

// live tells a page when something of what it shows has changed, as Server-Sent Events: that it has, not what.
func (v *visit) live() error {
	w, seen, err := v.watched()
	if err != nil {
		return err
	}
	query := url.Values{"types": {w.kinds}, "limit": {"1"}}
	feed, err := v.feed(query)
	if err != nil {
		return err
	}
	after, missed := feed.text("last"), false // while it was not connected, or since the page was drawn
	if _, err := v.moved(&w, after); err != nil {
		return err
	}
	switch {
	case w.list != nil:
		missed = seen != "" && seen != w.at
	case digits(seen) && seen != after:
		query.Set("after", seen)
		feed, err := v.feed(query)
		missed = err != nil || len(records(feed.at("data"))) > 0 // events of long ago are not there any more
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	v.w.WriteHeader(http.StatusOK)
	if v.r.Method == http.MethodHead {
		return nil
	}
	_, _ = fmt.Fprintf(v.w, "retry: 1000\nid: %s\n\n", w.at)
	if missed {
		_, _ = fmt.Fprint(v.w, changedEvent)
	}
	v.tell(&w, query, after)
	return nil
}

// tell tells of changes after an event, until the person has gone, the session has ended or its rights have changed. The browser
// then connects again.
func (v *visit) tell(w *watch, query url.Values, after string) {
	out := http.NewResponseController(v.w)
	rights, said := v.session.Held.Key(), time.Now()
	say := func(text string) {
		_, _ = fmt.Fprint(v.w, text)
		said = time.Now()
	}
	for end := time.Now().Add(liveTime); time.Now().Before(end) && v.r.Context().Err() == nil; {
		select {
		case <-v.api.Stopping():
			return // to the server that comes next
		default:
		}
		if err := out.SetWriteDeadline(time.Now().Add(2 * liveBeat)); err != nil || out.Flush() != nil {
			return
		}
		query.Set("after", after)
		query.Set("wait", strconv.Itoa(liveWait))
		feed, err := v.feed(query)
		if err != nil {
			return
		}
		if found, err := v.authenticate(); err != nil || !found || v.session.Held.Key() != rights {
			return
		}
		happened := len(records(feed.at("data"))) > 0
		after = feed.text("next")
		if happened {
			after = feed.text("last")
			changed, err := v.moved(w, after)
			if err != nil {
				return
			}
			if changed {
				say("id: " + w.at + "\n" + changedEvent)
			}
		}
		if time.Since(said) > liveBeat {
			say(":\n\n")
		}
		if out.Flush() != nil {
			return
		}
		if happened { // a busy shop is no reason to draw or ask for a table more often
			select {
			case <-v.r.Context().Done():
			case <-v.api.Stopping():
			case <-time.After(liveRest):
			}
		}
	}
}

package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/webhook"
	"github.com/taphoa/taphoa/internal/wire"
)

const (
	streamBeat   = 15 * time.Second // after this time without events a stream shows that it is alive
	streamLength = 15 * time.Minute // then a client has to connect again
)

// listEvents is the feed of events: an answer at once or after a wait, or a stream of Server-Sent Events for clients that
// accept text/event-stream.
func listEvents() endpoint {
	return newEndpoint[taphoa.EventQuery, taphoa.EventFeed](func(s *Server, c *call) error {
		in := new(taphoa.EventQuery)
		if err := s.decode(c, in); err != nil {
			return err
		}
		if streams(c.r, eventsPath) {
			return s.stream(c, in)
		}
		feed, err := s.feed(c, in)
		if err == nil && len(feed.Data) == 0 && in.Wait > 0 {
			feed, err = s.awaitFeed(c, in, feed)
		}
		if err == nil {
			s.send(c, http.StatusOK, &feed)
		}
		return err
	})
}

const eventsPath = "/events"

// streams reports whether a request is for the stream of events.
func streams(r *http.Request, path string) bool {
	return path == eventsPath && strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// feedLooks is how many parts of the log one request reads at most, for events of rare types.
const feedLooks = 20

// feed reads a part of the feed. It is empty before the end of the log only when a very long part of the log has none of
// the events.
func (s *Server) feed(c *call, in *taphoa.EventQuery) (feed taphoa.EventFeed, err error) {
	ask := *in
	for range feedLooks {
		err = s.db.Read(c.r.Context(), c.actor(), func(tx *db.Tx) (err error) {
			feed, err = webhook.Feed(tx, &ask)
			return err
		})
		if err != nil || len(feed.Data) > 0 || feed.Next == feed.Last {
			break
		}
		ask.After = taphoa.Some(feed.Next)
	}
	return feed, err
}

// awaitFeed waits for an event that is asked for, and returns the empty feed when there is none in time.
func (s *Server) awaitFeed(c *call, in *taphoa.EventQuery, empty taphoa.EventFeed) (taphoa.EventFeed, error) {
	sub, err := s.logReaders.subscribe(c)
	if err != nil {
		return empty, err
	}
	defer sub.unsubscribe()
	in.After = taphoa.Some(empty.Next) // events of other types need not be read twice
	if _, err = sub.await(c, in, time.Duration(in.Wait)*time.Second); err != nil {
		return empty, err
	}
	return s.feed(c, in)
}

// stream sends events as they happen. The id of each is its number, which a browser sends back as Last-Event-ID when it
// connects again.
func (s *Server) stream(c *call, in *taphoa.EventQuery) error {
	if last := c.r.Header.Get("Last-Event-ID"); last != "" {
		seq, err := strconv.ParseInt(last, 10, 64)
		if err != nil || seq < 0 {
			return taphoa.Unreadable("Last-Event-ID", "Last-Event-ID %q không phải là số thứ tự sự kiện", last)
		}
		in.After = taphoa.Some(seq)
	}
	feed, err := s.feed(c, in) // an invalid request is refused with a status, before the stream begins
	if err != nil {
		return err
	}
	sub, err := s.logReaders.subscribe(c)
	if err != nil {
		return err
	}
	defer sub.unsubscribe()
	out := http.NewResponseController(c.w)
	h := c.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	c.status = http.StatusOK
	c.w.WriteHeader(c.status)
	p := piece{next: feed.Next}
	for i := range feed.Data {
		p.text = appendEvent(p.text, &feed.Data[i])
	}
	for end := time.Now().Add(streamLength); time.Now().Before(end); {
		if len(p.text) == 0 { // a heartbeat, which also moves the number after which the client goes on
			p.text = fmt.Appendf(nil, "id: %d\n\n", p.next)
		}
		if err := out.SetWriteDeadline(time.Now().Add(2 * streamBeat)); err != nil {
			return nil // the answer has begun: an error cannot be sent any more
		}
		if _, err := c.w.Write(p.text); err != nil || out.Flush() != nil {
			return nil
		}
		in.After = taphoa.Some(p.next)
		if p, err = sub.await(c, in, streamBeat); err != nil || s.stops() {
			return nil
		}
	}
	return nil
}

// appendEvent writes an event as a stream sends it.
func appendEvent(b []byte, e *taphoa.Event) []byte {
	b = fmt.Appendf(b, "id: %d\nevent: %s\ndata: ", e.Seq, e.Type)
	return append(wire.Append(b, e), '\n', '\n')
}

// Stop ends waiting feeds and streams, for a server that shuts down.
func (s *Server) Stop() { s.stopOnce.Do(func() { close(s.stopping) }) }

func (s *Server) stops() bool {
	select {
	case <-s.stopping:
		return true
	default:
		return false
	}
}

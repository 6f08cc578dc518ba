package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/wire"
)

const (
	feedLook     = 250 * time.Millisecond // how often a waiting feed looks for what other processes write
	feedRest     = 20 * time.Millisecond  // between two looks, however much is committed
	streamBeat   = 15 * time.Second       // after so long a silence a stream says that it is alive
	streamLength = 15 * time.Minute       // then a client has to connect again, with a token that is still good
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
		feed, err := s.feed(c, in, time.Duration(in.Wait)*time.Second)
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

// feed reads a piece of the feed. When there is nothing to tell it looks again at every commit, until the wait is over.
func (s *Server) feed(c *call, in *taphoa.EventQuery, wait time.Duration) (feed taphoa.EventFeed, err error) {
	over := time.NewTimer(wait)
	defer over.Stop()
	look := time.NewTicker(feedLook)
	defer look.Stop()
	for {
		changed := s.db.Changed()
		err = s.db.Read(c.r.Context(), c.actor(), func(tx *db.Tx) (err error) {
			feed, err = event.Feed(tx, in)
			return err
		})
		if err != nil || len(feed.Data) > 0 || wait == 0 {
			return feed, err
		}
		in.After = taphoa.Some(feed.Next) // events of other types need not be looked at twice
		time.Sleep(feedRest)
		select {
		case <-changed:
		case <-look.C:
		case <-over.C:
			return feed, nil
		case <-c.r.Context().Done():
			return feed, c.r.Context().Err()
		case <-s.stopping:
			return feed, nil
		}
	}
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
	feed, err := s.feed(c, in, 0) // what is wrong with the question is said with a status
	if err != nil {
		return err
	}
	out := http.NewResponseController(c.w)
	h := c.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	c.status = http.StatusOK
	c.w.WriteHeader(c.status)
	for end := time.Now().Add(streamLength); time.Now().Before(end); {
		b := []byte(nil)
		for i := range feed.Data {
			e := &feed.Data[i]
			b = fmt.Appendf(b, "id: %d\nevent: %s\ndata: ", e.Seq, e.Type)
			b = append(wire.Append(b, e), '\n', '\n')
		}
		if b == nil { // a sign of life, which also moves the place where the client goes on
			b = fmt.Appendf(b, "id: %d\n\n", feed.Next)
		}
		if err := out.SetWriteDeadline(time.Now().Add(2 * streamBeat)); err != nil {
			return nil // the answer has begun: nothing can be said any more
		}
		if _, err := c.w.Write(b); err != nil || out.Flush() != nil {
			return nil
		}
		in.After = taphoa.Some(feed.Next)
		if feed, err = s.feed(c, in, streamBeat); err != nil || s.stops() {
			return nil
		}
	}
	return nil
}

// Stop lets waiting feeds and streams come to their end, for a server that shuts down.
func (s *Server) Stop() { s.stopOnce.Do(func() { close(s.stopping) }) }

func (s *Server) stops() bool {
	select {
	case <-s.stopping:
		return true
	default:
		return false
	}
}

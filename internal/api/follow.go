package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/quota"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/webhook"
)

// How many streams and waiting feeds may be open. Each uses a connection and about 30 KiB; a client needs one, or one for
// each of its instances.
const (
	streamsMax   = 1024
	streamsShare = 64 // of one client
)

const (
	followLook = 250 * time.Millisecond // how often a log is checked for what other processes write
	followRest = 20 * time.Millisecond  // between two reads, however much is committed
	followEach = 100 * time.Microsecond // more for each stream, so that waking them all leaves time for other work
	followStep = 200                    // events in one read
	followTail = 256 << 10              // bytes of the newest events that are kept
)

// logReaders read the event logs of shops for their subscribers: one read after a commit, however many subscribers wait.
type logReaders struct {
	server *Server
	open   quota.Quota // streams

	mu    sync.Mutex
	shops map[int64]*logReader
}

// logReader reads the event log of one shop as long as it has subscribers.
type logReader struct {
	all         *logReaders
	shop        int64
	subscribers int // guarded by all.mu
	stop        context.CancelFunc

	mu      sync.Mutex
	begun   bool                   // from and last are known
	from    int64                  // tail has all events after this number
	last    int64                  // up to this one
	tail    []encodedEvent         // the oldest first
	size    int                    // of the texts in tail, in bytes
	pieces  map[pieceRequest]piece // returned since the last change: most streams ask for the same
	err     error                  // why the log is no longer read
	changed chan struct{}          // closed when any of these changes
}

// pieceRequest is what a stream asks for.
type pieceRequest struct {
	after, limit int64
	types        string
}

// encodedEvent is an event as streams send it.
type encodedEvent struct {
	seq  int64
	kind string
	text []byte
}

// subscriber is a stream, or a waiting feed, that uses a logReader.
type subscriber struct {
	*logReader
	place *quota.Claim
	check *time.Ticker // when the caller's token is checked again
}

// subscribe lets a call wait for its shop's events until [subscriber.unsubscribe].
func (a *logReaders) subscribe(c *call) (*subscriber, error) {
	place := a.open.Try(1, quota.Limit{Key: everybody{}, Max: streamsMax}, quota.Limit{Key: clientKey{c.who.ClientID}, Max: streamsShare})
	if place == nil {
		return nil, errStreams(c.w)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.shops[c.who.Retailer]
	if l == nil {
		l = &logReader{all: a, shop: c.who.Retailer, pieces: map[pieceRequest]piece{}, changed: make(chan struct{})}
		var ctx context.Context
		ctx, l.stop = context.WithCancel(context.Background())
		a.shops[l.shop] = l
		go l.run(ctx)
	}
	l.subscribers++
	return &subscriber{l, place, time.NewTicker(oauth.RecheckEvery)}, nil
}

func errStreams(w http.ResponseWriter) error {
	w.Header().Set("Retry-After", "5")
	return &taphoa.Error{
		Kind: taphoa.KindLimited, Code: taphoa.CodeRateLimited,
		Message: fmt.Sprintf("Đang có quá nhiều kết nối chờ sự kiện (/events), mỗi ứng dụng được mở tối đa %d: hãy đóng bớt rồi thử lại", streamsShare),
	}
}

// unsubscribe removes a subscriber; the last one stops the logReader.
func (s *subscriber) unsubscribe() {
	s.check.Stop()
	s.place.Release()
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	if s.subscribers--; s.subscribers == 0 {
		s.drop()
	}
}

// drop stops and removes a logReader, so that the next subscriber of the shop starts another. The caller holds all.mu.
func (l *logReader) drop() {
	l.stop()
	if l.all.shops[l.shop] == l {
		delete(l.all.shops, l.shop)
	}
}

// run reads what is appended to the log.
func (l *logReader) run(ctx context.Context) {
	s := l.all.server
	look := time.NewTicker(followLook)
	defer look.Stop()
	for {
		changed := s.db.Changed()
		more, err := l.read(ctx)
		if err != nil { // the subscribers ask again, and are told what is wrong
			l.all.mu.Lock()
			l.drop()
			l.all.mu.Unlock()
			l.update(func() { l.err = err })
			return
		}
		if more {
			continue
		}
		l.all.mu.Lock()
		rest := followRest + time.Duration(l.subscribers)*followEach
		l.all.mu.Unlock()
		time.Sleep(rest)
		select {
		case <-changed:
		case <-look.C:
		case <-ctx.Done():
			return
		case <-s.stopping:
			return
		}
	}
}

// read appends what is new to tail, and reports whether there may be more.
func (l *logReader) read(ctx context.Context) (more bool, err error) {
	var feed taphoa.EventFeed
	begun := l.begun // only run writes it
	err = l.all.server.db.Read(ctx, db.Actor{Retailer: l.shop}, func(tx *db.Tx) (err error) {
		if !begun {
			feed.Next, _, err = event.Bounds(tx)
			return err
		}
		feed, err = webhook.Feed(tx, &taphoa.EventQuery{After: taphoa.Some(l.last), Limit: followStep})
		return err
	})
	if err != nil || begun && feed.Next == l.last {
		return false, err
	}
	l.update(func() {
		if !l.begun {
			l.begun, l.from = true, feed.Next
		}
		l.last = feed.Next
		for i := range feed.Data {
			e := &feed.Data[i]
			l.tail = append(l.tail, encodedEvent{e.Seq, e.Type, appendEvent(nil, e)})
			l.size += len(l.tail[len(l.tail)-1].text)
		}
		drop := 0
		for ; l.size > followTail; drop++ {
			l.size -= len(l.tail[drop].text)
			l.from = l.tail[drop].seq
		}
		l.tail = slices.Delete(l.tail, 0, drop)
	})
	return feed.Next < feed.Last, nil
}

// update changes what is known and wakes the subscribers.
func (l *logReader) update(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
	clear(l.pieces)
	close(l.changed)
	l.changed = make(chan struct{})
}

// piece is a part of a log after a number.
type piece struct {
	text []byte // the events of the requested types; shared
	next int64  // the number to ask after next
}

// after returns what is asked for. It is not known when it is before what is kept; then the log has to be read.
func (l *logReader) after(in *taphoa.EventQuery) (p piece, known bool, changed <-chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.next = in.After.Value
	if l.err != nil || !l.begun || p.next >= l.last {
		return p, true, l.changed, l.err
	}
	if p.next < l.from {
		return p, false, l.changed, nil
	}
	q := pieceRequest{p.next, in.Limit, strings.Join(in.Types, ",")}
	if same, ok := l.pieces[q]; ok {
		return same, true, l.changed, nil
	}
	at, _ := slices.BinarySearchFunc(l.tail, p.next+1, func(e encodedEvent, seq int64) int { return int(e.seq - seq) })
	count := int64(0)
	for _, e := range l.tail[at:] {
		if len(in.Types) == 0 || slices.Contains(in.Types, e.kind) {
			if count++; count > in.Limit {
				break
			}
			p.text = append(p.text, e.text...)
		}
		p.next = e.seq
	}
	if count <= in.Limit {
		p.next = l.last
	}
	if len(l.pieces) == streamsShare {
		clear(l.pieces)
	}
	l.pieces[q] = p
	return p, true, l.changed, nil
}

// await returns the next events that are asked for, or an empty piece when the wait is over or the server stops. It returns
// an error when the caller may not read events any more.
func (s *subscriber) await(c *call, in *taphoa.EventQuery, wait time.Duration) (piece, error) {
	server := s.all.server
	over := time.NewTimer(wait)
	defer over.Stop()
	for {
		select {
		case <-s.check.C:
			if err := server.recheck(c); err != nil {
				return piece{}, err
			}
		default:
		}
		p, known, changed, err := s.after(in)
		if err == nil && !known {
			p, err = server.piece(c, in)
		}
		if err != nil || len(p.text) > 0 {
			return p, err
		}
		in.After = taphoa.Some(p.next)
		if !known {
			continue
		}
		select {
		case <-changed:
		case <-over.C:
			return p, nil
		case <-server.stopping:
			return p, nil
		case <-c.r.Context().Done():
			return p, c.r.Context().Err()
		case <-s.check.C:
			if err := server.recheck(c); err != nil {
				return p, err
			}
		}
	}
}

// recheck refuses a caller whose token is no longer valid. It refuses no one while the database does not answer.
func (s *Server) recheck(c *call) error {
	if c.inner {
		return nil
	}
	who, err := s.oauth.Recheck(c.r)
	if refusal := (*taphoa.Error)(nil); errors.As(err, &refusal) {
		return err
	}
	if err == nil && !who.Held.Allows(c.route.needs) {
		return right.Lack(c.route.needs, 0)
	}
	return nil
}

// piece reads what is asked for.
func (s *Server) piece(c *call, in *taphoa.EventQuery) (piece, error) {
	feed, err := s.feed(c, in)
	p := piece{next: feed.Next}
	for i := range feed.Data {
		p.text = appendEvent(p.text, &feed.Data[i])
	}
	return p, err
}

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
)

// How many streams and waiting feeds there may be. Each keeps a connection and some 30 KiB; a client needs one, or one
// for each of its copies.
const (
	streamsMax   = 1024
	streamsShare = 64 // of one client
)

const (
	followLook = 250 * time.Millisecond // how often a follower looks for what other processes write
	followRest = 20 * time.Millisecond  // between two looks, however much is committed
	followEach = 100 * time.Microsecond // longer for each stream, so that telling them all leaves time for other work
	followStep = 200                    // events that it reads at once
	followTail = 256 << 10              // bytes of the newest events that it keeps
)

// followers read the logs of shops for those who wait for events: one read after a commit, however many wait.
type followers struct {
	server *Server
	open   quota.Quota // streams

	mu    sync.Mutex
	shops map[int64]*follower
}

// follower reads the log of one shop as long as somebody waits.
type follower struct {
	all   *followers
	shop  int64
	users int // guarded by all.mu
	stop  context.CancelFunc

	mu    sync.Mutex
	begun bool               // from and last are known
	from  int64              // tail holds all events above this number
	last  int64              // up to this one
	tail  []told             // the oldest first
	size  int                // of the texts in tail, in bytes
	told  map[question]piece // what was asked for since the news: most streams ask the same
	err   error              // why the log is no longer read
	news  chan struct{}      // closed when any of these changes
}

// question is what a stream asks for.
type question struct {
	after, limit int64
	types        string
}

// told is an event as streams tell it.
type told struct {
	seq  int64
	kind string
	text []byte
}

// membership is a stream's, or a waiting feed's, use of a follower.
type membership struct {
	*follower
	place *quota.Claim
	check *time.Ticker // when the caller's token is looked at again
}

// join lets a call wait for its shop's events, until it leaves.
func (a *followers) join(c *call) (*membership, error) {
	place := a.open.Try(1, quota.Limit{Key: everybody{}, Max: streamsMax}, quota.Limit{Key: clientKey{c.who.ClientID}, Max: streamsShare})
	if place == nil {
		return nil, errStreams(c.w)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.shops[c.who.Retailer]
	if f == nil {
		f = &follower{all: a, shop: c.who.Retailer, told: map[question]piece{}, news: make(chan struct{})}
		var ctx context.Context
		ctx, f.stop = context.WithCancel(context.Background())
		a.shops[f.shop] = f
		go f.run(ctx)
	}
	f.users++
	return &membership{f, place, time.NewTicker(oauth.RecheckEvery)}, nil
}

func errStreams(w http.ResponseWriter) error {
	w.Header().Set("Retry-After", "5")
	return &taphoa.Error{
		Kind: taphoa.KindLimited, Code: taphoa.CodeRateLimited,
		Message: fmt.Sprintf("Đang có quá nhiều kết nối chờ sự kiện (/events), mỗi ứng dụng được mở tối đa %d: hãy đóng bớt rồi thử lại", streamsShare),
	}
}

// leave ends a membership; the last one ends the follower.
func (m *membership) leave() {
	m.check.Stop()
	m.place.Release()
	m.all.mu.Lock()
	defer m.all.mu.Unlock()
	if m.users--; m.users == 0 {
		m.drop()
	}
}

// drop makes room for another follower of the shop. The caller holds all.mu.
func (f *follower) drop() {
	f.stop()
	if f.all.shops[f.shop] == f {
		delete(f.all.shops, f.shop)
	}
}

// run reads what is appended to the log.
func (f *follower) run(ctx context.Context) {
	s := f.all.server
	look := time.NewTicker(followLook)
	defer look.Stop()
	for {
		changed := s.db.Changed()
		more, err := f.read(ctx)
		if err != nil { // those who wait ask again, and are told what is wrong
			f.all.mu.Lock()
			f.drop()
			f.all.mu.Unlock()
			f.tell(func() { f.err = err })
			return
		}
		if more {
			continue
		}
		f.all.mu.Lock()
		rest := followRest + time.Duration(f.users)*followEach
		f.all.mu.Unlock()
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

// read takes over what is new, and reports whether there may be more.
func (f *follower) read(ctx context.Context) (more bool, err error) {
	var feed taphoa.EventFeed
	begun := f.begun // only run writes it
	err = f.all.server.db.Read(ctx, db.Actor{Retailer: f.shop}, func(tx *db.Tx) (err error) {
		if !begun {
			feed.Next, _, err = event.Bounds(tx)
			return err
		}
		feed, err = event.Feed(tx, &taphoa.EventQuery{After: taphoa.Some(f.last), Limit: followStep})
		return err
	})
	if err != nil || begun && feed.Next == f.last {
		return false, err
	}
	f.tell(func() {
		if !f.begun {
			f.begun, f.from = true, feed.Next
		}
		f.last = feed.Next
		for i := range feed.Data {
			e := &feed.Data[i]
			f.tail = append(f.tail, told{e.Seq, e.Type, appendEvent(nil, e)})
			f.size += len(f.tail[len(f.tail)-1].text)
		}
		drop := 0
		for ; f.size > followTail; drop++ {
			f.size -= len(f.tail[drop].text)
			f.from = f.tail[drop].seq
		}
		f.tail = slices.Delete(f.tail, 0, drop)
	})
	return feed.Next < feed.Last, nil
}

// tell changes what is known and wakes those who wait.
func (f *follower) tell(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	clear(f.told)
	close(f.news)
	f.news = make(chan struct{})
}

// piece is what there is to tell of a log after a number.
type piece struct {
	text []byte // the events of the types that are asked for; shared
	next int64  // what to ask after next
}

// after answers what is asked for. It is not known when it lies before what is kept; then the log has to be read.
func (f *follower) after(in *taphoa.EventQuery) (p piece, known bool, news <-chan struct{}, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p.next = in.After.Value
	if f.err != nil || !f.begun || p.next >= f.last {
		return p, true, f.news, f.err
	}
	if p.next < f.from {
		return p, false, f.news, nil
	}
	q := question{p.next, in.Limit, strings.Join(in.Types, ",")}
	if same, ok := f.told[q]; ok {
		return same, true, f.news, nil
	}
	at, _ := slices.BinarySearchFunc(f.tail, p.next+1, func(t told, seq int64) int { return int(t.seq - seq) })
	count := int64(0)
	for _, t := range f.tail[at:] {
		if len(in.Types) == 0 || slices.Contains(in.Types, t.kind) {
			if count++; count > in.Limit {
				break
			}
			p.text = append(p.text, t.text...)
		}
		p.next = t.seq
	}
	if count <= in.Limit {
		p.next = f.last
	}
	if len(f.told) == streamsShare {
		clear(f.told)
	}
	f.told[q] = p
	return p, true, f.news, nil
}

// await answers the next events that are asked for, or an empty piece after a wait, or when the server stops. It ends
// with an error when the caller is not to be told any more.
func (m *membership) await(c *call, in *taphoa.EventQuery, wait time.Duration) (piece, error) {
	s := m.all.server
	over := time.NewTimer(wait)
	defer over.Stop()
	for {
		select {
		case <-m.check.C:
			if err := s.recheck(c); err != nil {
				return piece{}, err
			}
		default:
		}
		p, known, news, err := m.after(in)
		if err == nil && !known {
			p, err = s.piece(c, in)
		}
		if err != nil || len(p.text) > 0 {
			return p, err
		}
		in.After = taphoa.Some(p.next)
		if !known {
			continue
		}
		select {
		case <-news:
		case <-over.C:
			return p, nil
		case <-s.stopping:
			return p, nil
		case <-c.r.Context().Done():
			return p, c.r.Context().Err()
		case <-m.check.C:
			if err := s.recheck(c); err != nil {
				return p, err
			}
		}
	}
}

// recheck refuses a caller whose token has come to an end. A database that does not answer just now refuses nobody.
func (s *Server) recheck(c *call) error {
	err := s.oauth.Recheck(c.r)
	if refusal := (*taphoa.Error)(nil); errors.As(err, &refusal) {
		return err
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

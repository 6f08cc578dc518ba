package db

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Limits of what waits for one principal, and of how long; more is refused. An operation that
// waits for one thing alone waits as long as the request may take.
const (
	turnWait = 5 * time.Second
	turnMax  = 64
)

// ticket says whose operation waits in a queue.
type ticket struct {
	shop      int64
	principal string
}

// fairQueue is a queue that alternates: over shops, in a shop over principals, and of one principal by arrival. So no one
// waits for all that another one wants. It is not safe for concurrent use.
type fairQueue[T comparable] struct {
	shops []*shopQueue[T]
	count int
}

type shopQueue[T comparable] struct {
	shop       int64
	principals []*principalQueue[T]
}

type principalQueue[T comparable] struct {
	name    string
	waiting []T
}

// find returns the queues of a ticket's shop and principal, nil where nothing waits.
func (q *fairQueue[T]) find(t *ticket) (*shopQueue[T], *principalQueue[T]) {
	for _, s := range q.shops {
		if s.shop != t.shop {
			continue
		}
		for _, p := range s.principals {
			if p.name == t.principal {
				return s, p
			}
		}
		return s, nil
	}
	return nil, nil
}

// push adds v. It returns false when too much waits for its principal already.
func (q *fairQueue[T]) push(t *ticket, v T) bool {
	s, p := q.find(t)
	if p != nil && t.principal != "" && len(p.waiting) >= turnMax {
		return false
	}
	if s == nil {
		s = &shopQueue[T]{shop: t.shop}
		q.shops = append(q.shops, s)
	}
	if p == nil {
		p = &principalQueue[T]{name: t.principal}
		s.principals = append(s.principals, p)
	}
	p.waiting = append(p.waiting, v)
	q.count++
	return true
}

// remove removes v, unless it has been popped.
func (q *fairQueue[T]) remove(t *ticket, v T) {
	s, p := q.find(t)
	if p == nil {
		return
	}
	i := slices.Index(p.waiting, v)
	if i < 0 {
		return
	}
	q.count--
	if p.waiting = slices.Delete(p.waiting, i, i+1); len(p.waiting) > 0 {
		return
	}
	s.principals = slices.DeleteFunc(s.principals, func(other *principalQueue[T]) bool { return other == p })
	if len(s.principals) == 0 {
		q.shops = slices.DeleteFunc(q.shops, func(other *shopQueue[T]) bool { return other == s })
	}
}

// crowded reports that more than one thing waits for a principal.
func (q *fairQueue[T]) crowded(t *ticket) bool {
	_, p := q.find(t)
	return p != nil && t.principal != "" && len(p.waiting) > 1
}

// pop takes what is next among the shops that may have a turn.
func (q *fairQueue[T]) pop(may func(shop int64) bool) (v T, ok bool) {
	for i, s := range q.shops {
		if may != nil && !may(s.shop) {
			continue
		}
		p := s.principals[0]
		v = p.waiting[0]
		p.waiting = p.waiting[1:]
		s.principals = s.principals[1:]
		if len(p.waiting) > 0 {
			s.principals = append(s.principals, p)
		}
		q.shops = append(q.shops[:i], q.shops[i+1:]...)
		if len(s.principals) > 0 {
			q.shops = append(q.shops, s)
		}
		q.count--
		return v, true
	}
	return v, false
}

// shares lends a number of slots. Alone, a shop may have all of them; while another one has asked within the last
// second, it leaves one free, so that the other need not wait for the end of something long. What the program does for
// itself, without a principal, only waits for a free slot.
type shares struct {
	mu      sync.Mutex
	slots   int
	used    int
	held    map[int64]int // slots by shop
	waiting fairQueue[*share]
	recent  [2]struct { // the last two shops that have asked
		shop int64
		at   time.Time
	}
}

type share struct {
	ticket
	lent  bool
	ready chan struct{}
}

// presence is how long a shop counts as present after it has asked for something.
const presence = time.Second

func newShares(slots int) *shares { return &shares{slots: slots, held: map[int64]int{}} }

// enter waits for a slot, and reports whether it had to; leave gives it back.
func (s *shares) enter(ctx context.Context, who Actor) (waited bool, err error) {
	s.mu.Lock()
	if who.Client != "" {
		s.note(who.Retailer)
	}
	if s.used < s.slots && (who.Client == "" || s.waiting.count == 0 && s.may(who.Retailer)) {
		s.lend(who.Retailer)
		s.mu.Unlock()
		return false, nil
	}
	t := &share{ticket: ticket{shop: who.Retailer, principal: who.Client}, ready: make(chan struct{})}
	if !s.waiting.push(&t.ticket, t) {
		s.mu.Unlock()
		return false, ErrBusy
	}
	s.next()
	s.mu.Unlock()
	limit, alone := time.NewTimer(turnWait), time.NewTicker(presence)
	defer limit.Stop()
	defer alone.Stop()
	for {
		var err error
		select {
		case <-t.ready:
			return true, nil
		case <-alone.C: // the slot that is left for another shop may be free by now
			s.mu.Lock()
			s.next()
			s.mu.Unlock()
			continue
		case <-ctx.Done():
			err = ctx.Err()
		case <-limit.C:
		}
		s.mu.Lock()
		switch {
		case t.lent: // just now
			err = nil
		case err == nil && s.waiting.crowded(&t.ticket):
			err = ErrBusy
		}
		if err != nil {
			s.waiting.remove(&t.ticket, t)
		}
		lent := t.lent
		s.mu.Unlock()
		if lent || err != nil {
			return true, err
		}
	}
}

func (s *shares) leave(who Actor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used--
	if s.held[who.Retailer]--; s.held[who.Retailer] == 0 {
		delete(s.held, who.Retailer)
	}
	s.next()
}

// resize changes the number of slots.
func (s *shares) resize(slots int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slots = slots
	s.next()
}

func (s *shares) next() {
	for s.used < s.slots {
		t, ok := s.waiting.pop(s.may)
		if !ok {
			return
		}
		t.lent = true
		s.lend(t.shop)
		close(t.ready)
	}
}

func (s *shares) lend(shop int64) {
	s.used++
	s.held[shop]++
}

func (s *shares) note(shop int64) {
	now := time.Now()
	if s.recent[0].shop != shop {
		s.recent[1] = s.recent[0]
	}
	s.recent[0].shop, s.recent[0].at = shop, now
}

// may reports whether a shop may have another slot.
func (s *shares) may(shop int64) bool {
	if shop == 0 || s.held[shop] < s.slots-1 || s.slots == 1 {
		return true
	}
	for _, r := range s.recent {
		if r.shop != shop && time.Since(r.at) < presence {
			return false
		}
	}
	return true
}

package quota

import (
	"context"
	"slices"
	"sync"
)

// Limit is how much there is of what a key names, which may be any comparable value.
type Limit struct {
	Key any
	Max int64
}

// Quota counts what is taken. The zero value is ready for use, and safe for concurrent use.
type Quota struct {
	mu      sync.Mutex
	used    map[any]int64
	waiting []*Claim // the oldest first
}

// Claim is an amount that was taken. It is released once, by its holder.
type Claim struct {
	quota   *Quota
	amount  int64
	limits  []Limit
	granted chan struct{}
}

// Try takes an amount from all limits, or answers nil when one of them has not so much left.
func (q *Quota) Try(amount int64, limits ...Limit) *Claim {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := &Claim{quota: q, amount: amount, limits: limits}
	if !q.fits(c, nil) {
		return nil
	}
	q.take(c)
	return c
}

// Wait takes an amount from all limits, when they have so much left. An error is that of the context.
func (q *Quota) Wait(ctx context.Context, amount int64, limits ...Limit) (*Claim, error) {
	c := &Claim{quota: q, amount: amount, limits: limits, granted: make(chan struct{})}
	q.mu.Lock()
	q.waiting = append(q.waiting, c)
	q.serve()
	q.mu.Unlock()
	select {
	case <-c.granted:
		return c, nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if at := slices.Index(q.waiting, c); at >= 0 {
		q.waiting = slices.Delete(q.waiting, at, at+1)
		q.serve() // somebody may have stood behind this claim
		return nil, ctx.Err()
	}
	return c, nil
}

// Shrink gives back what a claim has above an amount.
func (c *Claim) Shrink(amount int64) {
	if c == nil {
		return
	}
	c.quota.mu.Lock()
	defer c.quota.mu.Unlock()
	amount = min(amount, c.amount)
	for _, l := range c.limits {
		if c.quota.used[l.Key] -= c.amount - amount; c.quota.used[l.Key] == 0 {
			delete(c.quota.used, l.Key)
		}
	}
	c.amount = amount
	c.quota.serve()
}

// Release gives a claim back. Of nil, and the second time, it does nothing.
func (c *Claim) Release() { c.Shrink(0) }

// fits reports whether all limits have room for a claim, and none is being kept for an earlier one.
func (q *Quota) fits(c *Claim, kept map[any]bool) bool {
	for _, l := range c.limits {
		if kept[l.Key] || q.used[l.Key]+c.amount > l.Max {
			return false
		}
	}
	return true
}

func (q *Quota) take(c *Claim) {
	if q.used == nil {
		q.used = map[any]int64{}
	}
	for _, l := range c.limits {
		q.used[l.Key] += c.amount
	}
}

// serve grants what can be granted. A limit that an earlier claim waits for is kept for it.
func (q *Quota) serve() {
	if len(q.waiting) == 0 {
		return
	}
	kept := map[any]bool{}
	q.waiting = slices.DeleteFunc(q.waiting, func(c *Claim) bool {
		if q.fits(c, kept) {
			q.take(c)
			close(c.granted)
			return true
		}
		for _, l := range c.limits {
			if q.used[l.Key]+c.amount > l.Max {
				kept[l.Key] = true
			}
		}
		return false
	})
}

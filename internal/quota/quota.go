package quota

import (
	"context"
	"slices"
	"sync"
)

// Limit is the maximum in use of a resource, which is identified by any comparable value.
type Limit struct {
	Key any
	Max int64
}

// Quota counts what is in use. The zero value is ready for use, and safe for concurrent use.
type Quota struct {
	mu      sync.Mutex
	used    map[any]int64
	waiting []*Claim // the oldest first
}

// Claim is an amount that is in use or waited for. Its holder releases it.
type Claim struct {
	quota   *Quota
	amount  int64
	limits  []Limit
	granted chan struct{}
}

// Try takes an amount from all limits, or returns nil if one of them has less left.
func (q *Quota) Try(amount int64, limits ...Limit) *Claim {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := &Claim{quota: q, amount: amount, limits: limits}
	if !q.fits(c, nil) {
		return nil
	}
	q.grant(c)
	return c
}

// Wait takes an amount from all limits, and waits until they have it left. Its error is that of the context.
func (q *Quota) Wait(ctx context.Context, amount int64, limits ...Limit) (*Claim, error) {
	c := &Claim{quota: q, amount: amount, limits: limits, granted: make(chan struct{})}
	q.mu.Lock()
	q.waiting = append(q.waiting, c)
	q.grantWaiting()
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
		q.grantWaiting() // later claims may have waited for this one
		return nil, ctx.Err()
	}
	return c, nil
}

// Shrink reduces a claim to an amount. It does nothing if the claim is smaller, or nil.
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
	c.quota.grantWaiting()
}

// Release ends a claim. On nil, and the second time, it does nothing.
func (c *Claim) Release() { c.Shrink(0) }

// fits reports whether all limits of a claim have its amount left and none is reserved for an earlier claim.
func (q *Quota) fits(c *Claim, reserved map[any]bool) bool {
	for _, l := range c.limits {
		if reserved[l.Key] || q.used[l.Key]+c.amount > l.Max {
			return false
		}
	}
	return true
}

func (q *Quota) grant(c *Claim) {
	if q.used == nil {
		q.used = map[any]int64{}
	}
	for _, l := range c.limits {
		q.used[l.Key] += c.amount
	}
}

// grantWaiting grants the waiting claims that fit. An exhausted limit is reserved for the first claim that waits for it.
func (q *Quota) grantWaiting() {
	if len(q.waiting) == 0 {
		return
	}
	reserved := map[any]bool{}
	q.waiting = slices.DeleteFunc(q.waiting, func(c *Claim) bool {
		if q.fits(c, reserved) {
			q.grant(c)
			close(c.granted)
			return true
		}
		for _, l := range c.limits {
			if q.used[l.Key]+c.amount > l.Max {
				reserved[l.Key] = true
			}
		}
		return false
	})
}

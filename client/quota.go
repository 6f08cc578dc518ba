package client

import (
	"context"
	"sync"
	"time"
)

// quota limits the requests in any 60 minutes, which also satisfies a server that counts by clock hours.
type quota struct {
	mu   sync.Mutex
	at   []time.Time // ring of the start times of the last requests, also future ones
	next int
}

func newQuota(perHour int) *quota {
	if perHour <= 0 {
		return nil
	}
	return &quota{at: make([]time.Time, perHour)}
}

// wait waits until the next request may be sent.
func (q *quota) wait(ctx context.Context) error {
	if q == nil {
		return nil
	}
	q.mu.Lock()
	now := time.Now()
	start := now
	if oldest := q.at[q.next]; !oldest.IsZero() && oldest.Add(time.Hour).After(now) {
		start = oldest.Add(time.Hour)
	}
	if end, bounded := ctx.Deadline(); bounded && start.After(end) {
		q.mu.Unlock()
		return context.DeadlineExceeded
	}
	q.at[q.next] = start
	q.next = (q.next + 1) % len(q.at)
	q.mu.Unlock()
	if start.Equal(now) {
		return ctx.Err()
	}
	return pause(ctx, start.Sub(now))
}

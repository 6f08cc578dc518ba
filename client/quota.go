package client

import (
	"context"
	"sync"
	"time"
)

// quota lets so many requests pass in any hour: right for a server that counts in hours of the clock, too.
type quota struct {
	mu   sync.Mutex
	at   []time.Time // when the last requests passed or will pass, a ring
	next int
}

func newQuota(perHour int) *quota {
	if perHour <= 0 {
		return nil
	}
	return &quota{at: make([]time.Time, perHour)}
}

// take waits for a turn.
func (q *quota) take(ctx context.Context) error {
	if q == nil {
		return nil
	}
	q.mu.Lock()
	now := time.Now()
	turn := now
	if oldest := q.at[q.next]; !oldest.IsZero() && oldest.Add(time.Hour).After(now) {
		turn = oldest.Add(time.Hour)
	}
	if end, bounded := ctx.Deadline(); bounded && turn.After(end) {
		q.mu.Unlock()
		return context.DeadlineExceeded
	}
	q.at[q.next] = turn
	q.next = (q.next + 1) % len(q.at)
	q.mu.Unlock()
	if turn.Equal(now) {
		return ctx.Err()
	}
	return pause(ctx, turn.Sub(now))
}

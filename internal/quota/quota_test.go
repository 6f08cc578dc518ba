package quota_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/taphoa/taphoa/internal/quota"
)

func all(most int64) quota.Limit { return quota.Limit{Key: "all", Max: most} }

func of(client string, most int64) quota.Limit { return quota.Limit{Key: client, Max: most} }

func TestAClaimTakesFromAllItsLimitsOrFromNone(t *testing.T) {
	var q quota.Quota
	lan := q.Try(6, all(10), of("Lan", 8))
	if lan == nil || q.Try(3, all(10), of("Lan", 8)) != nil || q.Try(5, all(10), of("Hoa", 8)) != nil {
		t.Fatal("more was granted than there is, or less")
	}
	hoa := q.Try(4, all(10), of("Hoa", 8))
	if hoa == nil {
		t.Fatal("the amount of a refused claim is lost")
	}
	lan.Shrink(2)
	lan.Shrink(5) // a claim does not grow
	if more := q.Try(5, all(10), of("Lan", 8)); more != nil || q.Try(4, all(10), of("Lan", 8)) == nil {
		t.Error("Shrink has released another amount than the difference")
	}
	lan.Release()
	lan.Release()
	if q.Try(3, all(10), of("Lan", 8)) != nil || q.Try(2, all(10), of("Lan", 8)) == nil {
		t.Error("a claim counts twice, or not at all, after its release")
	}
}

func TestClaimsAreGrantedInOrderUnlessTheirLimitsDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q quota.Quota
		var mu sync.Mutex
		var granted []string
		wait := func(name, client string, amount int64) {
			go func() {
				if _, err := q.Wait(t.Context(), amount, all(10), of(client, 6)); err == nil {
					mu.Lock()
					defer mu.Unlock()
					granted = append(granted, name)
				}
			}()
			synctest.Wait()
		}
		first, second := q.Try(6, all(10), of("Lan", 6)), q.Try(3, all(10), of("Hoa", 6))
		wait("Lan's", "Lan", 1)   // has exhausted the client's limit
		wait("a large", "Mai", 6) // waits for the limit of all
		wait("a small", "Hoa", 1) // must not overtake it, although it would fit
		if len(granted) != 0 {
			t.Fatalf("granted %v", granted)
		}
		first.Release()
		synctest.Wait()
		if len(granted) != 2 || granted[0] == "a small" || granted[1] == "a small" {
			t.Fatalf("granted %v", granted)
		}
		second.Release()
		synctest.Wait()
		if len(granted) != 3 {
			t.Errorf("granted %v", granted)
		}
	})
}

func TestACancelledClaimDoesNotBlockLaterOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q quota.Quota
		claim := q.Try(5, all(10))
		ctx, cancel := context.WithCancel(t.Context())
		var cancelled error
		go func() { _, cancelled = q.Wait(ctx, 10, all(10)) }()
		synctest.Wait()
		later := make(chan *quota.Claim, 1)
		go func() {
			c, _ := q.Wait(t.Context(), 5, all(10))
			later <- c
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if !errors.Is(cancelled, context.Canceled) {
			t.Errorf("cancelled with %v", cancelled)
		}
		(<-later).Release()
		claim.Release()
		if q.Try(10, all(10)) == nil {
			t.Error("something is lost")
		}
	})
}

func TestConcurrentClaimsNeverExceedTheLimit(t *testing.T) {
	var q quota.Quota
	var used atomic.Int64
	var running sync.WaitGroup
	for range 16 {
		running.Go(func() {
			for range 200 {
				n := 1 + rand.Int64N(5)
				c, err := q.Wait(t.Context(), n, all(12))
				if err != nil {
					t.Error(err)
					return
				}
				if used.Add(n) > 12 {
					t.Error("too much is in use")
				}
				used.Add(-n)
				c.Release()
			}
		})
	}
	running.Wait()
	if q.Try(12, all(12)) == nil {
		t.Error("something is lost")
	}
}

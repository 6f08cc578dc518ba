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
		t.Fatal("what a refused claim wanted is lost")
	}
	lan.Shrink(2)
	lan.Shrink(5) // a claim does not grow
	if more := q.Try(5, all(10), of("Lan", 8)); more != nil || q.Try(4, all(10), of("Lan", 8)) == nil {
		t.Error("what is given back is not what was left over")
	}
	lan.Release()
	lan.Release()
	if q.Try(3, all(10), of("Lan", 8)) != nil || q.Try(2, all(10), of("Lan", 8)) == nil {
		t.Error("a claim counts twice, or not at all, after its release")
	}
}

func TestWhoWaitsIsServedInTurnAndPassedByForHisOwnLimitOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q quota.Quota
		var mu sync.Mutex
		var served []string
		wait := func(name, client string, amount int64) {
			go func() {
				if _, err := q.Wait(t.Context(), amount, all(10), of(client, 6)); err == nil {
					mu.Lock()
					defer mu.Unlock()
					served = append(served, name)
				}
			}()
			synctest.Wait()
		}
		first, second := q.Try(6, all(10), of("Lan", 6)), q.Try(3, all(10), of("Hoa", 6))
		wait("Lan's", "Lan", 1)   // has used up what is his
		wait("a large", "Mai", 6) // waits for what is everybody's
		wait("a small", "Hoa", 1) // must not overtake it, although there is room
		if len(served) != 0 {
			t.Fatalf("served %v", served)
		}
		first.Release()
		synctest.Wait()
		if len(served) != 2 || served[0] == "a small" || served[1] == "a small" {
			t.Fatalf("served %v", served)
		}
		second.Release()
		synctest.Wait()
		if len(served) != 3 {
			t.Errorf("served %v", served)
		}
	})
}

func TestWhoGivesUpLeavesTheWayFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q quota.Quota
		held := q.Try(5, all(10))
		ctx, cancel := context.WithCancel(t.Context())
		var gaveUp error
		go func() { _, gaveUp = q.Wait(ctx, 10, all(10)) }()
		synctest.Wait()
		behind := make(chan *quota.Claim, 1)
		go func() {
			c, _ := q.Wait(t.Context(), 5, all(10))
			behind <- c
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if !errors.Is(gaveUp, context.Canceled) {
			t.Errorf("gave up with %v", gaveUp)
		}
		(<-behind).Release()
		held.Release()
		if q.Try(10, all(10)) == nil {
			t.Error("something is lost")
		}
	})
}

func TestManyAtOnceNeverHaveMoreThanThereIs(t *testing.T) {
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

package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func pushed(t *testing.T, q *fairQueue[string], shop int64, principal, name string) {
	t.Helper()
	if !q.push(&ticket{shop: shop, principal: principal}, name) {
		t.Fatalf("%s was refused", name)
	}
}

func popped(q *fairQueue[string], n int) (names []string) {
	for range n {
		name, ok := q.pop(nil)
		if !ok {
			break
		}
		names = append(names, name)
	}
	return names
}

func TestShopsTakeTurnsAndInAShopItsPrincipals(t *testing.T) {
	q := &fairQueue[string]{}
	for i := range 3 {
		pushed(t, q, 1, "till", fmt.Sprint("1till", i))
	}
	for i := range 2 {
		pushed(t, q, 1, "web", fmt.Sprint("1web", i))
	}
	pushed(t, q, 2, "till", "2till0")
	pushed(t, q, 1, "app", "1app0")
	pushed(t, q, 2, "till", "2till1")
	want := []string{"1till0", "2till0", "1web0", "2till1", "1app0", "1till1", "1web1", "1till2"}
	if got := popped(q, 20); !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
	if q.count != 0 || len(q.shops) != 0 {
		t.Errorf("%d wait of %d shops when all are gone", q.count, len(q.shops))
	}
}

func TestAShopWithAThousandWaitingDelaysAnotherByOne(t *testing.T) {
	q := &fairQueue[string]{}
	for i := range 1000 {
		pushed(t, q, 1, "", fmt.Sprint("greedy", i)) // the program itself is not bounded
	}
	popped(q, 16)
	for shop := range int64(3) {
		pushed(t, q, 10+shop, "till", fmt.Sprint("shop", shop))
	}
	if got, want := popped(q, 4), []string{"greedy16", "shop0", "shop1", "shop2"}; !slices.Equal(got, want) {
		t.Errorf("the next are %v, want %v", got, want)
	}
}

func TestAShopThatMayHaveNoTurnLosesNoPlace(t *testing.T) {
	q := &fairQueue[string]{}
	pushed(t, q, 1, "a", "1a")
	pushed(t, q, 2, "b", "2b")
	pushed(t, q, 1, "a", "1a2")
	notFirst := func(shop int64) bool { return shop != 1 }
	if name, ok := q.pop(notFirst); !ok || name != "2b" {
		t.Errorf("got %s", name)
	}
	if name, ok := q.pop(notFirst); ok {
		t.Errorf("got %s", name)
	}
	if got := popped(q, 3); !slices.Equal(got, []string{"1a", "1a2"}) {
		t.Errorf("left are %v", got)
	}
}

func TestOnePrincipalHasSixtyFourWaitingAndAnotherIsNotRefusedForThat(t *testing.T) {
	q := &fairQueue[string]{}
	for i := range turnMax {
		pushed(t, q, 1, "till", fmt.Sprint(i))
	}
	if q.push(&ticket{shop: 1, principal: "till"}, "one more") {
		t.Error("more wait than may")
	}
	if !q.crowded(&ticket{shop: 1, principal: "till"}) {
		t.Error("64 are no crowd")
	}
	pushed(t, q, 1, "web", "web")
	pushed(t, q, 2, "till", "the same name in another shop")
	if q.crowded(&ticket{shop: 1, principal: "web"}) || q.crowded(&ticket{shop: 2, principal: "till"}) {
		t.Error("one alone is a crowd")
	}
	popped(q, 1)
	pushed(t, q, 1, "till", "again")
}

// TestOneAloneWaitsForAsLongAsItTakes: who has asked for one thing only is never told to come back.
func TestOneAloneWaitsForAsLongAsItTakes(t *testing.T) {
	t.Parallel()
	s := newShares(1)
	hold(t, s, Actor{Retailer: 1, Client: "long"}, 1)
	alone, first, second := Actor{Retailer: 1, Client: "alone"}, Actor{Retailer: 1, Client: "many"}, Actor{Retailer: 1, Client: "many"}
	one, two, three := enters(t.Context(), s, alone), enters(t.Context(), s, first), enters(t.Context(), s, second)
	var err error
	select { // the first to read
	case err = <-two:
	case err = <-three:
		three = two
	}
	if !errors.Is(err, ErrBusy) {
		t.Errorf("one of many got %v", err)
	}
	select {
	case err := <-one:
		t.Errorf("one alone was told %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	s.leave(Actor{Retailer: 1, Client: "long"})
	if err := <-one; err != nil {
		t.Error(err)
	}
	s.leave(alone)
	if err := <-three; err != nil { // alone by then
		t.Error(err)
	}
}

func TestOneWhoNoLongerWaitsCountsNoMore(t *testing.T) {
	q := &fairQueue[string]{}
	till, web := &ticket{shop: 1, principal: "till"}, &ticket{shop: 1, principal: "web"}
	for i := range turnMax {
		pushed(t, q, 1, "till", fmt.Sprint(i))
	}
	pushed(t, q, 2, "till", "2")
	pushed(t, q, 1, "web", "web")
	for i := range turnMax - 2 {
		q.remove(till, fmt.Sprint(i+1))
	}
	q.remove(web, "web")
	q.remove(web, "web")
	pushed(t, q, 1, "till", "again")
	if got, want := popped(q, 9), []string{"0", "2", "63", "again"}; !slices.Equal(got, want) || q.count != 0 {
		t.Errorf("left are %v, want %v; %d", got, want, q.count)
	}
	pushed(t, q, 1, "till", "1")
	if q.crowded(till) {
		t.Error("one alone is a crowd")
	}
	if q.remove(till, "1"); len(q.shops) != 0 {
		t.Error("an empty shop has a turn")
	}
}

// hold takes slots.
func hold(t *testing.T, s *shares, who Actor, n int) {
	t.Helper()
	for range n {
		if waited, err := s.enter(t.Context(), who); waited || err != nil {
			t.Fatalf("a free slot: waited %v, %v", waited, err)
		}
	}
}

// enters starts to wait for a slot, and answers when it waits.
func enters(ctx context.Context, s *shares, who Actor) <-chan error {
	before := s.waits()
	done := make(chan error, 1)
	go func() {
		_, err := s.enter(ctx, who)
		done <- err
	}()
	for len(done) == 0 && s.waits() == before {
		time.Sleep(50 * time.Microsecond)
	}
	return done
}

func (s *shares) waits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting.count
}

func (s *shares) lent() (used, shops int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used, len(s.held)
}

func TestAShopAloneHasAllSlotsAndLeavesOneWhenAnotherComes(t *testing.T) {
	greedy, other := Actor{Retailer: 1, Client: "greedy"}, Actor{Retailer: 2, Client: "other"}
	s := newShares(4)
	hold(t, s, greedy, 4)
	waits := enters(t.Context(), s, greedy)
	guest := enters(t.Context(), s, other)
	s.leave(greedy)
	if err := <-guest; err != nil { // although the other one has waited for longer
		t.Fatal(err)
	}
	s.leave(other)
	select {
	case <-waits:
		t.Error("the greedy shop took the last slot right after another one had used it")
	default:
	}
	s.leave(greedy)
	if err := <-waits; err != nil {
		t.Error(err)
	}
}

func TestTheProgramItselfOnlyWaitsForAFreeSlot(t *testing.T) {
	greedy := Actor{Retailer: 1, Client: "greedy"}
	s := newShares(2)
	hold(t, s, greedy, 2)
	first, own := enters(t.Context(), s, greedy), enters(t.Context(), s, Actor{})
	s.leave(greedy)
	s.leave(greedy)
	if err := errors.Join(<-first, <-own); err != nil {
		t.Error(err)
	}
}

func TestOneWhoGivesUpTakesNoSlotAlong(t *testing.T) {
	s := newShares(1)
	who := Actor{Retailer: 1, Client: "a"}
	hold(t, s, who, 1)
	ctx, cancel := context.WithCancel(t.Context())
	gone, waits := enters(ctx, s, who), enters(t.Context(), s, who)
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	s.leave(who)
	if err := <-waits; err != nil {
		t.Error(err)
	}
	s.leave(who)
	if used, shops := s.lent(); used != 0 || shops != 0 {
		t.Errorf("%d slots are lent to %d shops", used, shops)
	}
}

// TestSlotsNeitherLeakNorMultiply: hands that give up at any time, and a server that has fewer connections for a while.
func TestSlotsNeitherLeakNorMultiply(t *testing.T) {
	const slots, hands, rounds = 3, 24, 300
	s := newShares(slots)
	var (
		running, most, served atomic.Int64
		group                 sync.WaitGroup
	)
	for hand := range hands {
		group.Go(func() {
			who := Actor{Retailer: int64(hand % 4), Client: fmt.Sprint(hand % 3)}
			for round := range rounds {
				ctx, cancel := context.WithCancel(t.Context())
				if round%3 == 0 {
					time.AfterFunc(time.Duration(hand*round%40)*time.Microsecond, cancel)
				}
				if _, err := s.enter(ctx, who); err == nil {
					n := running.Add(1)
					for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
					}
					served.Add(1)
					running.Add(-1)
					s.leave(who)
				} else if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				cancel()
			}
		})
	}
	for i := range 50 {
		s.resize(1 + i%slots)
		time.Sleep(100 * time.Microsecond)
	}
	s.resize(slots)
	group.Wait()
	if used, shops := s.lent(); used != 0 || shops != 0 || s.waits() != 0 {
		t.Errorf("at the end %d slots are lent to %d shops, and %d wait", used, shops, s.waits())
	}
	if most.Load() > slots || served.Load() < hands*rounds/2 {
		t.Errorf("%d at once of %d slots, %d served", most.Load(), slots, served.Load())
	}
	hold(t, s, Actor{Retailer: 9}, slots)
}

// TestTheSlotLeftForAnotherShopIsLentWhenThatHasGone: none is returned meanwhile, because all run something long.
func TestTheSlotLeftForAnotherShopIsLentWhenThatHasGone(t *testing.T) {
	t.Parallel()
	greedy, other := Actor{Retailer: 1, Client: "greedy"}, Actor{Retailer: 2, Client: "other"}
	s := newShares(2)
	hold(t, s, other, 1)
	s.leave(other)
	hold(t, s, greedy, 1)
	began, waits := time.Now(), enters(t.Context(), s, greedy)
	select {
	case err := <-waits:
		if took := time.Since(began); err != nil || took < presence/2 {
			t.Errorf("the slot was lent after %v, %v", took, err)
		}
	case <-time.After(turnWait):
		t.Error("a slot stays free, and somebody waits for it")
	}
}

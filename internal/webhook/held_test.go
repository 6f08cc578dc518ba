package webhook_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/webhook"
)

// picky is a receiver that refuses what it was told to refuse, and remembers what it has taken.
type picky struct {
	*receiver
	mu      sync.Mutex
	refuses func(customerState) bool
	taken   []customerState
}

func newPicky(t *testing.T, refusal http.HandlerFunc, refuses func(customerState) bool) *picky {
	p := &picky{refuses: refuses}
	p.receiver = newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
		states := requestOf(r).states()
		p.mu.Lock()
		refused := slices.ContainsFunc(states, p.refuses)
		if !refused {
			p.taken = append(p.taken, states...)
		}
		p.mu.Unlock()
		if refused {
			refusal(w, r)
		}
	})
	return p
}

func (p *picky) mend() { p.refuse(func(customerState) bool { return false }) }

func (p *picky) refuse(which func(customerState) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuses = which
}

// states returns what the receiver has taken.
func (p *picky) states() []customerState {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.taken)
}

// took returns what the receiver has taken, as a text.
func (p *picky) took() string { return strings.Trim(fmt.Sprint(p.states()), "[]") }

func customer(ids ...int64) func(customerState) bool {
	return func(c customerState) bool { return slices.Contains(ids, c.id) }
}

func TestARefusedRecordHoldsUpItsOwnEventsAlone(t *testing.T) {
	refusals := map[string]http.HandlerFunc{"500": status(500), "422": status(422), "a timeout": hang, "a reset": raw("", 0), "a redirect": status(302)}
	eachShop(t, func(s shop) {
		invoices := newReceiver(s.T, nil)
		s.registerAs("order.update", invoices.URL, "")
		receivers, ids := map[string]*picky{}, map[string]int64{}
		for name, refusal := range refusals {
			receivers[name] = newPicky(s.T, refusal, customer(1))
			ids[name] = s.register(receivers[name].URL)
		}
		for n := range int64(3) {
			s.emitStates(customerState{1, n})
			s.write(func(tx *db.Tx) error { orderUpdated.Emit(tx, n); return nil })
			s.emitStates(customerState{2, n})
		}
		s.startDeliverer(webhook.Options{Timeout: 5 * shortTimeout}) // enough for those that answer, also on a busy machine
		for name, p := range receivers {
			s.until(name+": the others pass", func() bool { return p.took() == "2/0 2/1 2/2" })
			s.until(name+": all is recorded", func() bool { return len(s.log(ids[name])) >= 4 })
			s.until(name+": it is seen", func() bool {
				w := s.registration(ids[name])
				return w.IsActive && w.HeldUp == 3 && w.LastError.Has() && w.Attempt == 1 && w.DeliveredSeq == 0 &&
					w.NextAttemptDate.Or(0) == s.clock.Now().Add(5*time.Second)
			})
			if log := s.log(ids[name]); len(log) != 4 || log[0].Outcome != taphoa.DeliveryFailed || log[3].Outcome != taphoa.DeliveryDone {
				s.Errorf("%s: the log is %+v", name, log)
			}
			p.mend()
		}
		s.until("orders pass", func() bool { return len(invoices.all()) == 3 })
		s.clock.Advance(5)
		for name, p := range receivers {
			s.until(name+": what was held up follows", func() bool { return p.took() == "2/0 2/1 2/2 1/0 1/1 1/2" })
			s.until(name+": nothing is left", func() bool {
				w := s.registration(ids[name])
				return w.HeldUp == 0 && !w.LastError.Has() && w.Attempt == 0 && !w.NextAttemptDate.Has() && w.DeliveredSeq == 9
			})
			if all := p.all(); all[0].ID != all[4].ID || all[4].Attempt != 2 {
				s.Errorf("%s: it is tried again as %+v", name, all[4])
			}
		}
	})
}

func TestAnEventWaitsForAllItsRecords(t *testing.T) {
	eachShop(t, func(s shop) {
		p := newPicky(s.T, status(500), customer(1))
		id := s.register(p.URL)
		s.emitStates(customerState{1, 1}, customerState{2, 1})
		s.emitStates(customerState{2, 2})
		s.emitStates(customerState{3, 3})
		s.emitStates(customerState{2, 4}, customerState{3, 4})
		s.emitStates(customerState{3, 5})
		s.emitStates(customerState{4, 6})
		s.startDeliverer(webhook.Options{})
		s.until("the others pass", func() bool { return p.took() == "3/3 4/6" && s.registration(id).HeldUp == 4 })
		p.mend()
		s.clock.Advance(5)
		s.until("all are delivered", func() bool { return p.took() == "3/3 4/6 1/1 2/1 2/2 2/4 3/4 3/5" })
	})
}

// levelChanged and priceChanged are records that have no id of their own: of a product at a branch, and in a price book.
var (
	levelChanged = event.Kind[[2]int64]{Type: "stock.update", Data: func(_ *db.Tx, keys [][2]int64) (any, error) {
		return []taphoa.StockData{{ProductID: keys[0][0], BranchID: keys[0][1]}}, nil
	}}
	priceRemoved = event.Kind[[2]int64]{Type: "pricebookdetail.delete", Data: func(_ *db.Tx, keys [][2]int64) (any, error) {
		return []taphoa.PriceBookDetailRemoved{{PricebookID: keys[0][1], ProductIDs: []int64{keys[0][0], 99}}}, nil
	}}
)

func TestRecordsOfEveryKindAreTold(t *testing.T) {
	eachShop(t, func(s shop) {
		var mu sync.Mutex
		taken := map[string]int{}
		r := newReceiver(s.T, func(w http.ResponseWriter, q *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if taken[q.URL.Path]++; taken[q.URL.Path] == 1 {
				w.WriteHeader(500) // the first of each
			}
		})
		count := func(path string) int { mu.Lock(); defer mu.Unlock(); return taken[path] }
		kinds := map[string]func(tx *db.Tx, n int64){
			"stock.update":           func(tx *db.Tx, n int64) { levelChanged.Emit(tx, [2]int64{5, n}) },
			"pricebookdetail.delete": func(tx *db.Tx, n int64) { priceRemoved.Emit(tx, [2]int64{5, n}) },
			"customer.delete":        func(tx *db.Tx, n int64) { customerDeleted.Emit(tx, n) },
			"order.update":           func(tx *db.Tx, n int64) { orderUpdated.Emit(tx, n) },
		}
		ids := map[string]int64{}
		for kind, emit := range kinds {
			ids[kind] = s.registerAs(kind, r.URL+"/"+kind, "")
			for _, n := range []int64{1, 2, 1} { // the third waits for the first
				s.write(func(tx *db.Tx) error { emit(tx, n); return nil })
			}
		}
		s.startDeliverer(webhook.Options{})
		for kind := range kinds {
			s.until(kind+": the other passes", func() bool { return count("/"+kind) == 2 && s.registration(ids[kind]).HeldUp == 2 })
		}
		s.clock.Advance(5)
		for kind := range kinds {
			s.until(kind+": all are delivered", func() bool { return s.registration(ids[kind]).HeldUp == 0 && count("/"+kind) == 4 })
		}
	})
}

func TestAReceiverThatIsDownIsNotHammered(t *testing.T) {
	eachShop(t, func(s shop) {
		const events = 120
		p := newPicky(s.T, status(503), func(customerState) bool { return true })
		id := s.register(p.URL)
		for n := range int64(events) {
			s.emitStates(customerState{n%100 + 1, n})
		}
		s.startDeliverer(webhook.Options{})
		tried := func(n int) {
			s.Helper()
			s.until(fmt.Sprint(n, " are tried"), func() bool { return len(s.log(id)) >= n && s.registration(id).HeldUp > 0 })
			time.Sleep(300 * time.Millisecond)
			if got := len(p.all()); got != n {
				s.Errorf("%d requests, want %d", got, n)
			}
		}
		tried(10)
		s.clock.Advance(5)
		tried(20)
		s.clock.Advance(29)
		tried(20)
		s.clock.Advance(1)
		tried(30)
		p.mend()
		s.clock.Advance(120)
		s.until("all are delivered", func() bool { return s.registration(id).DeliveredSeq == events })
		newest, taken := map[int64]int64{}, p.states()
		for _, c := range taken {
			if newest[c.id] > c.state {
				s.Errorf("customer %d: state %d is told after %d", c.id, c.state, newest[c.id])
			}
			newest[c.id] = c.state
		}
		if len(taken) != events {
			s.Errorf("%d of %d are told", len(taken), events)
		}
	})
}

func TestManyRefusedRecordsDoNotHoldUpTheOthersForLong(t *testing.T) {
	eachShop(t, func(s shop) {
		p := newPicky(s.T, status(500), func(c customerState) bool { return c.id <= 25 })
		id := s.register(p.URL)
		for n := range int64(26) {
			s.emitStates(customerState{n + 1, 1})
		}
		s.startDeliverer(webhook.Options{})
		for n, rest := range []int64{5, 30, 120, 300} {
			s.until("it rests after ten more", func() bool {
				return len(s.log(id)) == 10*(n+1) && s.registration(id).NextAttemptDate.Or(0) == s.clock.Now().Add(time.Duration(rest)*time.Second)
			})
			s.clock.Advance(rest)
		}
		s.until("the other passes", func() bool { return p.took() == "26/1" })
		p.mend() // what was on its way is refused still
		s.until("all are delivered", func() bool { s.clock.Advance(60); return s.registration(id).DeliveredSeq == 26 })
	})
}

func TestWhatIsGivenUpLetsItsRecordGoOnAndCanBeSentAgain(t *testing.T) {
	eachShop(t, func(s shop) {
		p := newPicky(s.T, status(500), func(c customerState) bool { return c == customerState{1, 1} })
		id := s.register(p.URL)
		s.emitStates(customerState{1, 1})
		s.emitStates(customerState{1, 2})
		s.startDeliverer(webhook.Options{Pauses: []time.Duration{time.Minute, time.Minute}})
		for n := range 2 {
			s.until("it is tried", func() bool { return s.registration(id).Attempt == int64(n)+1 })
			s.clock.Advance(60)
		}
		s.until("the next follows", func() bool { return p.took() == "1/2" && s.registration(id).DeliveredSeq == 2 })
		log := s.log(id)
		if log[2].Outcome != taphoa.DeliveryDead || log[2].Attempt != 3 {
			s.Fatalf("the log is %+v", log)
		}
		p.mend()
		s.redeliver(log[2].ID)
		s.until("it is sent again", func() bool { return p.took() == "1/2 1/1" })
	})
}

func (s shop) redeliver(delivery int64) {
	s.Helper()
	s.write(func(tx *db.Tx) error {
		_, err := webhook.Redeliver(tx, &taphoa.WebhookByDelivery{ID: delivery})
		return err
	})
}

func TestWhatIsHeldUpFollowsWhatIsDoneWithTheRegistration(t *testing.T) {
	eachShop(t, func(s shop) {
		p := newPicky(s.T, status(500), customer(1))
		id := s.register(p.URL)
		held := func(n int64) {
			s.Helper()
			s.until(fmt.Sprint(n, " are held up"), func() bool { return s.registration(id).HeldUp == n })
		}
		s.startDeliverer(webhook.Options{})
		s.emitStates(customerState{1, 1})
		s.emitStates(customerState{1, 2})
		held(2)
		p.mend()
		s.redeliver(s.log(id)[0].ID)
		s.until("what is delivered by hand is done", func() bool { return p.took() == "1/1 1/2" && s.registration(id).DeliveredSeq == 2 })

		p.refuse(customer(1))
		s.emitStates(customerState{1, 3})
		s.emitStates(customerState{2, 4})
		held(1)
		s.until("the other is delivered", func() bool { // failed, again by hand, the next, failed, the other
			log := s.log(id)
			return len(log) == 5 && log[4].Outcome == taphoa.DeliveryDone && p.took() == "1/1 1/2 2/4"
		})
		p.mend()
		s.change(id, taphoa.WebhookWrite{IsActive: taphoa.Some(true)})
		s.until("a change tries it at once", func() bool { return p.took() == "1/1 1/2 2/4 1/3" && s.registration(id).DeliveredSeq == 4 })

		p.refuse(customer(1))
		s.emitStates(customerState{1, 5})
		s.emitStates(customerState{2, 6})
		s.emitStates(customerState{1, 7})
		held(2)
		s.write(func(tx *db.Tx) error {
			_, err := webhook.Replay(tx, &taphoa.ReplayInput{ID: id, FromSeq: taphoa.Some(int64(6))})
			return err
		})
		s.until("what comes before a replay stays held up", func() bool {
			return p.took() == "1/1 1/2 2/4 1/3 2/6 2/6" && s.registration(id).HeldUp == 2 && s.registration(id).DeliveredSeq == 4
		})

		s.change(id, taphoa.WebhookWrite{IsActive: taphoa.Some(false)})
		if w := s.registration(id); w.HeldUp != 0 || w.DeliveredSeq != 7 {
			s.Errorf("switched off it has %+v", w)
		}
		p.mend()
		s.change(id, taphoa.WebhookWrite{IsActive: taphoa.Some(true)})
		s.emitStates(customerState{1, 8})
		s.until("it gets what happens from now on", func() bool { return p.took() == "1/1 1/2 2/4 1/3 2/6 2/6 1/8" })

		p.refuse(customer(1))
		s.emitStates(customerState{1, 9})
		held(1)
		s.clock.Advance(31 * 24 * 3600)
		if err := webhook.Sweep(s.Context(), s.d, 30*24*time.Hour); err != nil {
			s.Fatal(err)
		}
		s.until("what is no longer kept is given up", func() bool { w := s.registration(id); return w.HeldUp == 0 && w.DeliveredSeq == 9 })
		s.write(func(tx *db.Tx) error { _, err := webhook.Unregister(tx, &taphoa.ByID{ID: id}); return err })
	})
}

// TestHeldUpEventsOutliveTheirDeliverer kills a deliverer, which can record and release nothing any more.
func TestHeldUpEventsOutliveTheirDeliverer(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			url, clock := dbtest.URL(t, engine), dbtest.NewClock()
			s := shop{t, dbtest.Open(t, url, clock), clock, 1}
			d, err := db.Open(t.Context(), url, db.Options{Now: clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			p := newPicky(t, status(500), customer(1, 2))
			id := s.register(p.URL)
			stop := shop{t, d, clock, 1}.startDeliverer(webhook.Options{})
			s.emitStates(customerState{1, 1}, customerState{3, 1})
			s.emitStates(customerState{2, 2})
			s.emitStates(customerState{3, 3})
			s.emitStates(customerState{4, 4})
			s.until("the others pass", func() bool { return p.took() == "4/4" && s.registration(id).HeldUp == 3 })
			if err := d.Close(); err != nil {
				t.Error(err)
			}
			s.emitStates(customerState{3, 5})
			s.emitStates(customerState{5, 6})
			s.emitStates(customerState{1, 7})
			stop()
			s.clock.Advance(16) // its lease ends
			s.startDeliverer(webhook.Options{})
			s.until("the attempts are counted on", func() bool { return s.registration(id).Attempt == 2 && s.registration(id).HeldUp == 5 })
			p.mend()
			s.until("all are delivered", func() bool { s.clock.Advance(1); return s.registration(id).DeliveredSeq == 7 })
			newest, taken := map[int64]int64{}, p.states()
			for _, c := range taken {
				if newest[c.id] > c.state {
					t.Errorf("customer %d: state %d is told after %d: %v", c.id, c.state, newest[c.id], taken)
				}
				newest[c.id] = c.state
			}
			if len(newest) != 5 || newest[3] != 5 || newest[1] != 7 {
				t.Errorf("told are %v", taken)
			}
		})
	}
}

package webhook_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/webhook"
)

// overlaps notes requests of one registration that run at the same time.
type overlaps struct {
	mu      sync.Mutex
	running map[string][]string // ids by path
	found   []string            // ids of those that another one began beside
}

func (o *overlaps) answer(_ http.ResponseWriter, r *http.Request) {
	id := requestOf(r).ID
	o.mu.Lock()
	o.found = append(o.found, o.running[r.URL.Path]...)
	o.running[r.URL.Path] = append(o.running[r.URL.Path], id)
	o.mu.Unlock()
	if r.URL.Path == "/0" { // the deliverer that fails has more requests of this one than its lease lasts
		time.Sleep(30 * time.Millisecond)
	} else {
		time.Sleep(time.Duration(rand.IntN(15)) * time.Millisecond)
	}
	o.mu.Lock()
	running := o.running[r.URL.Path]
	at := slices.Index(running, id)
	o.running[r.URL.Path] = slices.Delete(running, at, at+1)
	o.mu.Unlock()
}

func TestTwoDeliverersShareTheWorkAndOneFails(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			const registrations, events = 10, 120
			url := dbtest.URL(t, engine)
			s := shop{t, dbtest.Open(t, url, nil), nil, 1}
			open := func() shop {
				d, err := db.Open(t.Context(), url, db.Options{})
				if err != nil {
					t.Fatal(err)
				}
				return shop{t, d, nil, 1}
			}
			first, second := open(), open()
			o := &overlaps{running: map[string][]string{}}
			r := newReceiver(t, o.answer)
			options := webhook.Options{
				Timeout: 400 * time.Millisecond, Lease: time.Second, Log: slog.New(slog.DiscardHandler),
				Pauses: []time.Duration{100 * time.Millisecond, time.Second, time.Second}, // for a machine that is too busy to answer
			}
			stopFirst, stopSecond := first.startDeliverer(options), second.startDeliverer(options)
			ids, n := make([]int64, registrations), int64(0)
			for i := range ids { // the deliverer of the process that commits reads the log first
				by := first
				if i >= registrations/2 {
					by = second
				}
				ids[i] = by.register(fmt.Sprint(r.URL, "/", i))
				n++
				by.emit(n)
				s.until("it is delivered", func() bool { return s.registration(ids[i]).DeliveredSeq == n })
			}
			for n < events {
				n++
				s.emit(n)
				if n == events*2/3 {
					// As a rule both do; on a slow machine one may have come to hold everything.
					s.until("a registration is owned", func() bool { return s.ownerCount() > 0 })
					if err := first.d.Close(); err != nil { // it can record and release nothing any more
						t.Error(err)
					}
				}
				time.Sleep(5 * time.Millisecond)
			}
			for _, id := range ids {
				s.until("all are delivered", func() bool { return s.registration(id).DeliveredSeq == events })
			}
			stopFirst()
			stopSecond()
			if err := second.d.Close(); err != nil {
				t.Error(err)
			}
			o.mu.Lock()
			defer o.mu.Unlock()
			for _, g := range r.all() {
				if g.Attempt > 1 { // the one before took too long, and may have run on
					o.found = slices.DeleteFunc(o.found, func(id string) bool { return id == g.ID })
				}
			}
			if len(o.found) > 0 {
				t.Errorf("%d times two deliverers delivered to one registration", len(o.found))
			}
			delivered := r.byPath()
			for i := range ids {
				got := distinct(delivered[fmt.Sprint("/", i)])
				if slices.ContainsFunc(r.all(), func(g request) bool { return g.Attempt > 1 }) {
					slices.Sort(got) // a machine too busy to answer: others overtake what is tried again
				}
				if !slices.Equal(got, numbers(int64(i)+1, events)) {
					t.Errorf("registration %d got %v", i, got)
				}
			}
		})
	}
}

// ownerCount returns how many deliverers own registrations.
func (s shop) ownerCount() (n int64) {
	s.Helper()
	s.read(func(tx *db.Tx) (err error) {
		n, _, err = db.One[int64](tx, `SELECT COUNT(DISTINCT owner) FROM webhooks WHERE retailer_id = :retailer AND lease_until > :now`)
		return err
	})
	return n
}

// byPath returns the customers of the delivered events by the path of the registration.
func (r *receiver) byPath() map[string][]int64 {
	delivered := map[string][]int64{}
	for _, g := range r.all() {
		delivered[g.path] = append(delivered[g.path], g.keys()...)
	}
	return delivered
}

// distinct returns the first occurrences in a list, in order.
func distinct(list []int64) (unique []int64) {
	for _, n := range list {
		if !slices.Contains(unique, n) {
			unique = append(unique, n)
		}
	}
	return unique
}

func TestALeaseOfAnotherMachineIsNotBroken(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, nil)
		id := s.register(r.URL)
		s.emit(1)
		s.setOwner(id, "elsewhere 1 X x")
		s.startDeliverer(webhook.Options{})
		time.Sleep(600 * time.Millisecond)
		if len(r.all()) > 0 {
			s.Error("events of a registration that is owned on another machine are delivered")
		}
		s.clock.Advance(16)
		s.until("its lease has ended", func() bool { return len(r.all()) == 1 })
		s.until("it is released", func() bool { return s.registration(id).DeliveredSeq == 1 })
	})
}

// setOwner makes another deliverer the owner of a registration.
func (s shop) setOwner(id int64, owner string) {
	s.Helper()
	s.write(func(tx *db.Tx) error {
		tx.Queue(`UPDATE webhooks SET owner = ?, lease_until = ?, fence = fence + 1 WHERE retailer_id = :retailer AND id = ?`,
			owner, tx.Now.Add(15*time.Second), id)
		return nil
	})
}

func TestLeasesOfAnExitedProcessOfThisMachineAreAcquiredAtOnce(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, nil)
		id := s.register(r.URL)
		s.emit(1)
		self := webhook.NewOwner()
		s.setOwner(id, self[:len(self)-17]+"OTHER123 x") // as if a process that has exited had had this process's id
		s.startDeliverer(webhook.Options{})
		s.until("it is delivered", func() bool { return s.registration(id).DeliveredSeq == 1 })
	})
}

func TestADelivererThatStopsReleasesItsLeases(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, after(50*time.Millisecond))
		for i := range 5 {
			s.register(fmt.Sprint(r.URL, "/", i))
		}
		s.emit(numbers(1, 20)...)
		stop := s.startDeliverer(webhook.Options{})
		s.until("it delivers", func() bool { return len(r.all()) > 10 })
		stop()
		if n := s.ownerCount(); n != 0 {
			s.Errorf("%d leases are left", n)
		}
		var done int64
		s.read(func(tx *db.Tx) (err error) {
			done, _, err = db.One[int64](tx, `SELECT CAST(SUM(done_seq) AS BIGINT) FROM webhooks WHERE retailer_id = :retailer`)
			return err
		})
		if int(done) != len(r.all()) {
			s.Errorf("%d requests were made and %d recorded", len(r.all()), done)
		}
	})
}

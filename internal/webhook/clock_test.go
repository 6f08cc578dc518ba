package webhook_test

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/webhook"
)

const (
	hour = 3600
	day  = 24 * hour
	year = 365 * day
)

// TestWhatFailedUnderAClockThatWasAheadIsTriedAfterItsPause has receivers fail before the clock is put back.
func TestWhatFailedUnderAClockThatWasAheadIsTriedAfterItsPause(t *testing.T) {
	for what, c := range map[string]struct {
		ahead    int64   // seconds
		attempts []int64 // pauses before the clock is put back
		records  int64   // that are refused
		pause    int64
		vendor   bool
		restart  bool
	}{
		"a day":                          {ahead: day, records: 1, pause: 5},
		"half an hour":                   {ahead: hour / 2, records: 1, pause: 5},
		"a year, after a second attempt": {ahead: year, attempts: []int64{5}, records: 1, pause: 30},
		"a day, the receiver is down":    {ahead: day, records: 12, pause: 5},
		"a day, the vendor's pauses":     {ahead: day, attempts: []int64{60}, records: 1, pause: 240, vendor: true},
		"a day, and a restart":           {ahead: day, records: 2, pause: 5, restart: true},
	} {
		t.Run(what, func(t *testing.T) {
			eachShop(t, func(s shop) {
				p := newPicky(s.T, status(500), func(customerState) bool { return true })
				s.set("WebhookVendorRetries", fmt.Sprint(c.vendor))
				id := s.register(p.URL)
				s.clock.Advance(c.ahead)
				for n := range c.records {
					s.emitStates(customerState{n + 1, 1})
					s.emitStates(customerState{n + 1, 2}) // behind it
				}
				stop := s.startDeliverer(webhook.Options{})
				attempt := int64(1)
				for _, pause := range c.attempts {
					s.until("it fails", func() bool { return s.registration(id).Attempt == attempt })
					s.clock.Advance(pause)
					attempt++
				}
				requests := len(c.attempts) + int(min(c.records, 10))
				s.until("it fails", func() bool { w := s.registration(id); return w.Attempt == attempt && len(s.log(id)) == requests })
				if c.restart {
					stop()
				}
				s.clock.Advance(-c.ahead)
				if c.restart {
					s.startDeliverer(webhook.Options{})
				}
				latest := s.clock.Now().Add(time.Duration(c.pause) * time.Second)
				s.until("it waits for its pause", func() bool { return s.registration(id).NextAttemptDate.Or(0) == latest })
				s.clock.Advance(c.pause - 1)
				time.Sleep(300 * time.Millisecond)
				if got := len(p.all()); got != requests {
					s.Errorf("%d requests before the pause is over, want %d: the clock has used up attempts", got, requests)
				}
				p.mend()
				s.clock.Advance(1)
				s.until("all are delivered", func() bool { return s.registration(id).DeliveredSeq == 2*c.records })
				if w := s.registration(id); !w.IsActive || w.HeldUp != 0 {
					s.Errorf("the registration is %+v", w)
				}
			})
		})
	}
}

// TestNothingIsGivenUpByAClockThatJumps moves the clock to and fro between the vendor's attempts, of which there are three.
func TestNothingIsGivenUpByAClockThatJumps(t *testing.T) {
	eachShop(t, func(s shop) {
		p := newPicky(s.T, status(500), func(customerState) bool { return true })
		s.set("WebhookVendorRetries", "true")
		id := s.register(p.URL)
		s.emitStates(customerState{1, 1})
		s.startDeliverer(webhook.Options{})
		s.until("it fails", func() bool { return s.registration(id).Attempt == 1 })
		for _, back := range []int64{hour, day, 40 * day, year} {
			s.clock.Advance(-back)
			latest := s.clock.Now().Add(time.Minute)
			s.until("it waits for its pause", func() bool { return s.registration(id).NextAttemptDate.Or(0) == latest })
		}
		s.clock.Advance(year) // one attempt, as if that time had passed
		s.until("it is tried", func() bool { return s.registration(id).Attempt == 2 })
		s.clock.Advance(-year)
		latest := s.clock.Now().Add(4 * time.Minute)
		s.until("it waits for its pause", func() bool { return s.registration(id).NextAttemptDate.Or(0) == latest })
		p.mend()
		s.clock.Advance(240)
		s.until("it is delivered", func() bool { return p.took() == "1/1" })
	})
}

// TestServersADayApartDeliverAsOne has two servers on PostgreSQL whose clocks are a day apart, and one that is killed.
func TestServersADayApartDeliverAsOne(t *testing.T) {
	t.Parallel()
	url := dbtest.Migrated(t, "postgres")
	open := func(off time.Duration) shop {
		d, err := db.Open(t.Context(), url, db.Options{
			Now: func() taphoa.Time { return taphoa.TimeOf(time.Now().Add(off)) }, ServerTime: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		return shop{t, d, nil, 1}
	}
	servers := []shop{open(-24 * time.Hour), open(24 * time.Hour)}
	s := servers[0]
	o := &overlaps{running: map[string][]string{}}
	var down atomic.Bool
	down.Store(true)
	refused, good := newPicky(t, status(500), func(customerState) bool { return down.Load() }), newReceiver(t, o.answer)
	slow, healthy := s.register(refused.URL), s.register(good.URL+"/0")
	options := webhook.Options{
		// A busy machine must not be taken for a receiver that is slow: that one is asked twice.
		Timeout: 2 * time.Second, Pauses: []time.Duration{300 * time.Millisecond, time.Hour},
		Log: slog.New(slog.DiscardHandler),
	}
	for _, server := range servers {
		defer server.startDeliverer(options)()
	}
	const events = 30
	for n := range int64(events) { // of one record
		servers[n%2].emitStates(customerState{1, n})
		time.Sleep(20 * time.Millisecond)
	}
	s.until("the healthy one gets all", func() bool { return s.registration(healthy).DeliveredSeq == events })
	s.until("the other is tried again", func() bool { return s.registration(slow).Attempt == 2 })
	time.Sleep(300 * time.Millisecond)
	if got := refused.all(); len(got) != 2 || got[1].at.Sub(got[0].at) < 250*time.Millisecond {
		t.Errorf("%d requests are refused", len(got))
	}
	if at := s.registration(slow).NextAttemptDate.Value.Std(); time.Until(at) < 58*time.Minute || time.Until(at) > time.Hour {
		t.Errorf("the next is to come at %v", at)
	}
	if got := len(good.all()); got != events || len(o.found) > 0 {
		t.Errorf("%d requests for %d events, %d at the same time as another", got, events, len(o.found))
	}
	s.setLease(slow, "elsewhere 1 X x", taphoa.TimeOf(time.Now().Add(500*time.Millisecond)))
	down.Store(false)
	s.change(slow, taphoa.WebhookWrite{Description: taphoa.Some("thử lại")})
	s.until("the lease of a killed server ends", func() bool { return s.registration(slow).DeliveredSeq == events })
}

func (s shop) setLease(id int64, owner string, until taphoa.Time) {
	s.Helper()
	s.write(func(tx *db.Tx) error {
		tx.Queue(`UPDATE webhooks SET owner = ?, lease_until = ?, fence = fence + 1 WHERE retailer_id = :retailer AND id = ?`, owner, until, id)
		return nil
	})
}

// TestALeaseThatWasMadeUnderAClockAheadEnds has leases of another machine, one of which it renews.
func TestALeaseThatWasMadeUnderAClockAheadEnds(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, nil)
		dead, renewed := s.register(r.URL+"/dead"), s.register(r.URL+"/renewed")
		s.emit(1)
		ahead := s.clock.Now().Add(24 * time.Hour)
		s.setLease(dead, "elsewhere 1 X x", ahead)
		s.setLease(renewed, "elsewhere 2 X x", ahead)
		began := time.Now()
		s.startDeliverer(webhook.Options{Timeout: 200 * time.Millisecond, Lease: 600 * time.Millisecond})
		s.until("the lease of the dead one ends", func() bool {
			ahead++
			s.setLease(renewed, "elsewhere 2 X x", ahead)
			return len(r.byPath()["/dead"]) == 1
		})
		if took := time.Since(began); took < 600*time.Millisecond {
			s.Errorf("it has ended after %v", took)
		}
		if len(r.byPath()["/renewed"]) > 0 {
			s.Error("a lease that is renewed is broken")
		}
		s.until("so does the other, once it is not renewed", func() bool { return len(r.byPath()["/renewed"]) == 1 })
	})
}

// TestAClockFarAheadDeletesLittle starts servers under a clock that is ahead, and puts it right.
func TestAClockFarAheadDeletesLittle(t *testing.T) {
	for what, ahead := range map[string]int64{"a day": day, "31 days": 31 * day, "a year": year} {
		t.Run(what, func(t *testing.T) {
			eachShop(t, func(s shop) {
				p := newPicky(s.T, status(500), func(customerState) bool { return true })
				id, stopped := s.register(p.URL), s.register(newReceiver(s.T, status(401)).URL)
				s.emitStates(customerState{1, 1})
				stop := s.startDeliverer(webhook.Options{})
				s.until("it fails", func() bool { return s.registration(id).Attempt == 1 && !s.registration(stopped).IsActive })
				stop()
				s.clock.Advance(ahead)
				for range 3 {
					before := len(p.all())
					stop := s.startDeliverer(webhook.Options{})
					s.until("it fails again", func() bool { return len(p.all()) > before })
					stop()
					s.clock.Advance(hour)
				}
				s.clock.Advance(-ahead)
				p.mend()
				s.startDeliverer(webhook.Options{})
				s.until("it is delivered", func() bool { s.clock.Advance(60); return s.registration(id).DeliveredSeq == 1 })
				if log := s.log(stopped); len(log) != 1 || log[0].Outcome != taphoa.DeliveryStopped || s.registration(stopped).DeliveredSeq != 0 {
					s.Errorf("the event was given up: %+v", log)
				}
				s.read(func(tx *db.Tx) error {
					_, dropped, err := event.Bounds(tx)
					if dropped != 0 {
						s.Error("the event is deleted")
					}
					return err
				})
			})
		})
	}
}

// TestWhatIsOldIsDeletedHoweverTheServerRuns has sweeps at given distances, until what was written before the first is old.
func TestWhatIsOldIsDeletedHoweverTheServerRuns(t *testing.T) {
	for what, c := range map[string]struct {
		first int64   // seconds to the second sweep
		then  []int64 // to those after it, again and again
		want  int     // how many
	}{
		"hourly":                            {hour, []int64{hour}, 30 * 24},
		"daily":                             {day, []int64{day}, 30},
		"daily, after a month off":          {31 * day, []int64{day}, 30},
		"hourly, after two months off":      {60 * day, []int64{hour}, 1 + 29*12},
		"three at a time, as of servers":    {day, []int64{0, 0, day}, 3 * 29},
		"daily, the clock jumps to and fro": {day, []int64{day + year, -year}, 2 * 29},
	} {
		t.Run(what, func(t *testing.T) {
			eachShop(t, func(s shop) {
				s.emit(1)
				old, sweeps := s.clock.Now().Add(30*day*time.Second), 0
				for passed := c.first; ; passed = c.then[(sweeps-1)%len(c.then)] {
					now, err := webhook.TrustedClock(s.Context(), s.d)
					if err != nil {
						s.Fatal(err)
					}
					if now >= old || sweeps == 1000 {
						break
					}
					s.clock.Advance(passed)
					sweeps++
				}
				if sweeps < c.want-3 || sweeps > c.want+3 {
					s.Errorf("the event is old after %d sweeps, want %d", sweeps, c.want)
				}
			})
		})
	}
}

// TestAWaitOfTheVersionBeforeIsBounded migrates a registration whose receiver failed when the clock was a day ahead.
func TestAWaitOfTheVersionBeforeIsBounded(t *testing.T) {
	eachUnmigrated(t, func(s shop) {
		r := newReceiver(s.T, nil)
		now := int64(s.clock.Now())
		s.migrateFrom("0041", fmt.Sprintf(`
			INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (1, 's', 's', 'S', %[1]d);
			INSERT INTO shop_heads (retailer_id, at, last_seq, told, kept) VALUES (1, %[1]d, 1, 1, 1);
			INSERT INTO settings (retailer_id, name, value) VALUES (1, 'WebhookImageStrings', 'false');
			INSERT INTO events (retailer_id, seq, type, at, data) VALUES (1, 1, 'customer.update', %[1]d, '[{"Id":1,"Code":"1"}]');
			INSERT INTO webhooks (retailer_id, id, type, url, is_active, created_date, done_seq, attempt, next_at, rest_until, failures, last_error,
				held_seq, held_count)
			VALUES (1, 1, 'customer.update', '%[2]s', TRUE, 1, 1, 2, %[3]d, %[3]d, 10, 'Máy nhận trả lời 500', 1, 1);
			INSERT INTO webhook_held (retailer_id, webhook_id, first_seq, last_seq, records, attempt, next_at)
			VALUES (1, 1, 1, 1, '1', 2, %[3]d);`, now, r.URL, now+day*1_000_000))
		s.startDeliverer(webhook.Options{})
		s.until("it waits for its pause", func() bool { return s.registration(1).NextAttemptDate.Or(0) == s.clock.Now().Add(30*time.Second) })
		s.clock.Advance(30)
		s.until("it is delivered", func() bool { return s.registration(1).DeliveredSeq == 1 })
	})
}

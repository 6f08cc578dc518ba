package webhook_test

import (
	"slices"
	"testing"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/webhook"
)

// insertEvents appends n events of a type without registrations to the shop's log.
func (s shop) insertEvents(n int) {
	s.Helper()
	s.write(func(tx *db.Tx) error {
		for range n {
			seq, err := tx.NextSeq()
			if err != nil {
				return err
			}
			tx.Queue(`INSERT INTO events (retailer_id, seq, type, at, data) VALUES (:retailer, ?, 'stock.update', :now, '[]')`, seq)
		}
		return nil
	})
}

// TestRareEventsAreFoundInALongLog delivers a few events among more others than one read returns, also after a restart. A
// registration without events is advanced, too.
func TestRareEventsAreFoundInALongLog(t *testing.T) {
	eachShop(t, func(s shop) {
		r, other := newReceiver(s.T, nil), newReceiver(s.T, nil)
		id, idle := s.register(r.URL), s.registerAs("branch.delete", other.URL, "")
		s.insertEvents(11_000)
		s.emit(1)
		stop := s.startDeliverer(webhook.Options{})
		s.until("the first is delivered", func() bool { return len(r.ids()) == 1 })
		s.until("the registration without events is advanced", func() bool { return s.registration(idle).DeliveredSeq > 10_000 })
		stop()
		s.insertEvents(12_000)
		s.emit(2, 3)
		s.insertEvents(11_000)
		s.emit(4)
		var last int64
		s.read(func(tx *db.Tx) (err error) { last, _, err = event.Bounds(tx); return err })
		s.startDeliverer(webhook.Options{})
		s.until("all are delivered", func() bool { return len(r.ids()) >= 4 })
		s.until("both are at the end of the log", func() bool {
			return s.registration(id).DeliveredSeq == last && s.registration(idle).DeliveredSeq > last-1000
		})
		if !slices.Equal(r.ids(), numbers(1, 4)) || len(other.all()) != 0 {
			s.Errorf("delivered %v, and %d to the registration without events", r.ids(), len(other.all()))
		}
		s.emit(5)
		s.until("it goes on", func() bool { return len(r.ids()) == 5 })
	})
}

// TestDeadEventsOfALongLogAreOneDelivery sweeps more than one transaction deletes.
func TestDeadEventsOfALongLogAreOneDelivery(t *testing.T) {
	eachShop(t, func(s shop) {
		const day = 24 * 60 * 60
		id, idle := s.register("http://127.0.0.1:1/"), s.registerAs("branch.delete", "http://127.0.0.1:1/", "")
		s.insertEvents(1500)
		s.emit(1)
		s.insertEvents(1500)
		s.emit(2)
		s.insertEvents(10)
		s.clock.Advance(31 * day)
		s.emit(3)
		if err := webhook.Sweep(s.Context(), s.d, 30*day*1_000_000_000); err != nil {
			s.Fatal(err)
		}
		log := s.log(id)
		if len(log) != 1 || log[0].FirstSeq != 1501 || log[0].LastSeq != 3002 || len(s.log(idle)) != 0 {
			s.Errorf("given up: %+v", log)
		}
		for _, id := range []int64{id, idle} {
			if at := s.registration(id).DeliveredSeq; at < 3002 || at > 3012 {
				s.Errorf("a registration is at %d", at)
			}
		}
		s.read(func(tx *db.Tx) error {
			last, dropped, err := event.Bounds(tx)
			if last != 3013 || dropped != 3012 {
				s.Errorf("kept is what follows %d, up to %d", dropped, last)
			}
			return err
		})
	})
}

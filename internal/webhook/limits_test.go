package webhook_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/webhook"
)

// insertRegistrations inserts registrations of a host without the limit of Register, as older versions did.
func (s shop) insertRegistrations(url string, count int) {
	s.Helper()
	s.write(func(tx *db.Tx) error {
		for i := range count {
			id, err := tx.NewID("webhooks")
			if err != nil {
				return err
			}
			tx.Queue(`
				INSERT INTO webhooks (retailer_id, id, type, url, is_active, created_date, done_seq)
				VALUES (:retailer, ?, 'customer.update', ?, TRUE, :now, 0)`, id, fmt.Sprint(url, "/", i))
		}
		return nil
	})
}

func TestConcurrentRequestsAreLimitedByHost(t *testing.T) {
	eachShop(t, func(s shop) {
		const registrations = 300
		var running, most, timeouts atomic.Int64
		otherDelivered := make(chan struct{})
		busy := newReceiver(s.T, func(http.ResponseWriter, *http.Request) {
			now := running.Add(1)
			for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
			}
			select {
			case <-otherDelivered: // a delivery to another host must not wait for these
				time.Sleep(10 * time.Millisecond)
			case <-time.After(4 * time.Second):
				timeouts.Add(1)
			}
			running.Add(-1)
		})
		other := newReceiver(s.T, func(http.ResponseWriter, *http.Request) { close(otherDelivered) })
		s.insertRegistrations(busy.URL, registrations)
		id := s.register(strings.Replace(other.URL, "127.0.0.1", "localhost", 1))
		s.startDeliverer(webhook.Options{})
		s.emit(1)
		s.until("all are delivered", func() bool { return len(busy.all()) == registrations && s.registration(id).DeliveredSeq == 1 })
		if n := most.Load(); n > 32 || n < 2 {
			s.Errorf("%d requests at once", n)
		}
		if n := timeouts.Load(); n > 0 {
			s.Errorf("the other host had to wait for %d of the busy one's requests", n)
		}
		for _, g := range busy.all() {
			if g.Attempt != 1 {
				s.Fatal("waiting for the limit counts as a failure")
			}
		}
	})
}

func TestRegistrationsAreLimitedByHost(t *testing.T) {
	eachShop(t, func(s shop) {
		s.insertRegistrations("https://X.vn:8443", 98)
		const full = "Gian hàng đã có 100 webhook đang hoạt động gửi tới máy x.vn (Url), hãy hủy đăng ký hoặc tắt những webhook không dùng nữa"
		register := func(url string, active bool) (taphoa.Webhook, error) {
			var w taphoa.Webhook
			in := &taphoa.WebhookInput{WebhookWrite: taphoa.WebhookWrite{
				Type: taphoa.Some("order.update"), URL: taphoa.Some(url), IsActive: taphoa.Some(active),
			}}
			err := s.d.Write(s.Context(), db.Actor{Retailer: s.id}, func(tx *db.Tx) (err error) {
				w, err = webhook.Register(tx, in)
				return err
			})
			return w, err
		}
		change := func(id int64, in taphoa.WebhookWrite) error {
			return s.d.Write(s.Context(), db.Actor{Retailer: s.id}, func(tx *db.Tx) error {
				_, err := webhook.Update(tx, &taphoa.WebhookInput{ID: id, WebhookWrite: in})
				return err
			})
		}
		refuses := func(what string, err error) {
			s.Helper()
			if err == nil || !strings.Contains(err.Error(), full) {
				s.Errorf("%s: %v", what, err)
			}
		}
		s.register("https://x.vn/99")
		last := s.register("http://x.vn./100")
		_, err := register("https://x.vn/101", true)
		refuses("one more", err)
		if again := s.register("http://x.vn./100"); again != last {
			s.Errorf("registered again it has id %d, want %d", again, last)
		}
		elsewhere, err := register("https://y.vn/1", true)
		if err != nil {
			s.Fatal(err)
		}
		refuses("moved to the host", change(elsewhere.ID, taphoa.WebhookWrite{URL: taphoa.Some("https://x.vn/1000")}))
		idle, err := register("https://x.vn/102", false)
		if err != nil {
			s.Fatal(err)
		}
		refuses("switched on", change(idle.ID, taphoa.WebhookWrite{IsActive: taphoa.Some(true)}))
		if err := change(last, taphoa.WebhookWrite{URL: taphoa.Some("https://x.vn/other")}); err != nil {
			s.Errorf("within the host: %v", err)
		}
		if err := change(last, taphoa.WebhookWrite{IsActive: taphoa.Some(false)}); err != nil {
			s.Error(err)
		}
		if err := change(idle.ID, taphoa.WebhookWrite{IsActive: taphoa.Some(true)}); err != nil {
			s.Errorf("instead of another: %v", err)
		}
	})
}

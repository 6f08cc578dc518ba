package webhook_test

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/webhook"
)

// status returns a handler that responds with a status.
func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func after(d time.Duration) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(d):
		case <-r.Context().Done():
		}
	}
}

// raw returns a handler that sends bytes and closes the connection: with a reset, if linger is 0.
func raw(text string, linger int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		fmt.Fprint(conn, text)
		_ = conn.(*net.TCPConn).SetLinger(linger)
		conn.Close()
	}
}

// drip returns a handler that sends a text, and then a letter at a time without end.
func drip(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		for _, err = fmt.Fprint(conn, text); err == nil; _, err = fmt.Fprint(conn, "x") {
			time.Sleep(shortTimeout / 10)
		}
	}
}

func body(code int, text []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write(text)
	}
}

// shortTimeout is the timeout of requests in tests that wait for it.
const shortTimeout = 400 * time.Millisecond

// receiverBehaviours are receivers and the outcome of a delivery to them, as documented in docs/operations.md.
var receiverBehaviours = []struct {
	name        string
	answer      http.HandlerFunc
	outcome     string
	status      int64  // 0: none
	logMessages string // in the error
	body        string // that is stored with the delivery
}{
	{"responds 200", status(200), taphoa.DeliveryDone, 200, "", ""},
	{"responds 204", status(204), taphoa.DeliveryDone, 204, "", ""},
	{"responds 299", status(299), taphoa.DeliveryDone, 299, "", ""},
	{"responds with a text", body(200, []byte("đã nhận")), taphoa.DeliveryDone, 200, "", "đã nhận"},
	{"responds below the limit", after(shortTimeout / 8), taphoa.DeliveryDone, 200, "", ""},
	{"responds above the limit", after(shortTimeout * 5 / 4), taphoa.DeliveryFailed, 0, "không trả lời trong 400ms", ""},
	{"hangs", hang, taphoa.DeliveryFailed, 0, "không trả lời trong 400ms", ""},
	{"resets", raw("", 0), taphoa.DeliveryFailed, 0, "Không gửi được", ""},
	{"closes", raw("", -1), taphoa.DeliveryFailed, 0, "Không gửi được", ""},
	{"closes in the head", raw("HTTP/1.1 200 OK\r\nContent-Le", -1), taphoa.DeliveryFailed, 0, "Không gửi được", ""},
	{"speaks something else", raw("220 smtp ready\r\n", -1), taphoa.DeliveryFailed, 0, "Không gửi được", ""},
	{"closes in the body", raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nđã nh", -1), taphoa.DeliveryDone, 200, "", "đã nh"},
	{"sends a huge body", body(200, bytes.Repeat([]byte("x"), 8<<20)), taphoa.DeliveryDone, 200, "", strings.Repeat("x", 1000)},
	{"never ends its body", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("đang"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}, taphoa.DeliveryDone, 200, "", "đang"},
	{"sends a huge head", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Huge", strings.Repeat("x", 1<<20))
	}, taphoa.DeliveryFailed, 0, "Không gửi được", ""},
	{"drips its head", drip("HTTP/1.1 200 OK\r\nX-Slow: "), taphoa.DeliveryFailed, 0, "không trả lời trong 400ms", ""},
	{"sends hints without end", raw(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 10_000), 0), taphoa.DeliveryFailed, 0, "Không gửi được", ""},
	{"sends bytes", body(500, []byte("a\x00\xff\xfeb")), taphoa.DeliveryFailed, 500, "trả lời 500", "a\uFFFDb"},
	{"sends letters cut in two", body(500, []byte(strings.Repeat("ế", 500))), taphoa.DeliveryFailed, 500, "trả lời 500", strings.Repeat("ế", 333)},
	{"has gone", status(410), taphoa.DeliveryFailed, 410, "trả lời 410", ""},
	{"wants patience", status(429), taphoa.DeliveryFailed, 429, "trả lời 429", ""},
	{"fails", status(500), taphoa.DeliveryFailed, 500, "trả lời 500", ""},
	{"is overloaded", status(503), taphoa.DeliveryFailed, 503, "trả lời 503", ""},
	{
		"has moved", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusMovedPermanently)
		},
		taphoa.DeliveryFailed, 301, "trả lời 301, webhook không đi theo", "",
	},
	{"has not changed", status(304), taphoa.DeliveryFailed, 304, "trả lời 304", ""},
	{"responds 400", body(400, []byte("bad")), taphoa.DeliveryStopped, 400, "trả lời 400 nên webhook đã ngừng", "bad"},
	{"responds 401", status(401), taphoa.DeliveryStopped, 401, "trả lời 401 nên webhook đã ngừng", ""},
	{"responds 403", status(403), taphoa.DeliveryStopped, 403, "trả lời 403 nên webhook đã ngừng", ""},
	{"responds 404", status(404), taphoa.DeliveryStopped, 404, "trả lời 404 nên webhook đã ngừng", ""},
	{"responds 405", status(405), taphoa.DeliveryStopped, 405, "trả lời 405 nên webhook đã ngừng", ""},
	{"responds 402", status(402), taphoa.DeliveryFailed, 402, "trả lời 402", ""},
	{"responds 406", status(406), taphoa.DeliveryFailed, 406, "trả lời 406", ""},
	{"responds 101", raw("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", -1), taphoa.DeliveryFailed, 101, "trả lời 101", ""},
}

func TestFailuresOfReceiversAreRecordedAndRepaired(t *testing.T) {
	eachShop(t, func(s shop) {
		var recovered atomic.Bool
		receivers, ids := make([]*receiver, len(receiverBehaviours)), make([]int64, len(receiverBehaviours))
		for i, m := range receiverBehaviours {
			receivers[i] = newReceiver(s.T, func(w http.ResponseWriter, r *http.Request) {
				if !recovered.Load() {
					m.answer(w, r)
				}
			})
			ids[i] = s.register(receivers[i].URL)
		}
		s.emit(1)
		s.startDeliverer(webhook.Options{Timeout: shortTimeout})
		for i, m := range receiverBehaviours {
			s.until(m.name+": it is tried", func() bool { return len(s.log(ids[i])) > 0 })
			d, w := s.log(ids[i])[0], s.registration(ids[i])
			if d.Outcome != m.outcome || d.Status.Or(0) != m.status || !strings.Contains(d.Error.Or(""), m.logMessages) ||
				(m.logMessages == "") != !d.Error.Has() || d.Answer.Or("") != m.body || d.Attempt != 1 || d.FirstSeq != 1 || d.LastSeq != 1 {
				s.Errorf("%s: the log says %+v", m.name, d)
			}
			s.checkFirstDelivery(m.name, w, d)
		}
		recovered.Store(true)
		s.clock.Advance(5)
		for i, m := range receiverBehaviours {
			if m.outcome == taphoa.DeliveryStopped {
				s.change(ids[i], taphoa.WebhookWrite{IsActive: taphoa.Some(true)})
			}
			s.until(m.name+": it is delivered", func() bool { return s.registration(ids[i]).DeliveredSeq == 1 })
			w, got := s.registration(ids[i]), receivers[i].all()
			if !w.IsActive || w.StopReason.Has() || w.StoppedDate.Has() || w.LastError.Has() || w.NextAttemptDate.Has() || w.Attempt != 0 {
				s.Errorf("%s: the registration is %+v", m.name, w)
			}
			want := map[string]int{taphoa.DeliveryDone: 1, taphoa.DeliveryFailed: 2, taphoa.DeliveryStopped: 1}[m.outcome]
			if last := got[len(got)-1]; last.Attempt != want || last.ID != got[0].ID || len(got) != len(s.log(ids[i])) {
				s.Errorf("%s: %d requests, the last is attempt %d of %s, the first was of %s", m.name, len(got), last.Attempt, last.ID, got[0].ID)
			}
		}
	})
}

// checkFirstDelivery checks the state of a registration after its first delivery.
func (s shop) checkFirstDelivery(name string, w taphoa.Webhook, d taphoa.WebhookDelivery) {
	s.Helper()
	switch d.Outcome {
	case taphoa.DeliveryStopped:
		if w.IsActive || !w.StopReason.Has() || w.StopReason != d.Error || w.StoppedDate.Or(0) != s.clock.Now() || w.DeliveredSeq != 0 {
			s.Errorf("%s: the registration is %+v", name, w)
		}
	case taphoa.DeliveryFailed:
		if !w.IsActive || w.LastError != d.Error || w.Attempt != 1 || w.NextAttemptDate.Or(0) != s.clock.Now().Add(5*time.Second) ||
			w.StopReason.Has() || w.DeliveredSeq != 0 {
			s.Errorf("%s: the registration is %+v", name, w)
		}
	default:
		if !w.IsActive || w.LastError.Has() || w.Attempt != 0 || w.NextAttemptDate.Has() || w.DeliveredSeq != 1 {
			s.Errorf("%s: the registration is %+v", name, w)
		}
	}
}

// TestAReceiverHasFiveSeconds waits for the documented timeout, on one engine since it does not depend on it.
func TestAReceiverHasFiveSeconds(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	s := shop{t, dbtest.Open(t, dbtest.URL(t, "sqlite"), clock), clock, 1}
	below := s.register(newReceiver(t, after(4900*time.Millisecond)).URL)
	above := s.register(newReceiver(t, after(5100*time.Millisecond)).URL)
	s.emit(1)
	s.startDeliverer(webhook.Options{})
	s.until("both are over", func() bool { return len(s.log(below)) > 0 && len(s.log(above)) > 0 })
	for try := int64(5); s.log(below)[0].Outcome != taphoa.DeliveryDone && try <= 15; try += 5 { // a busy machine may delay a request
		t.Logf("4.9 s: %+v", s.log(below)[0])
		below = s.register(newReceiver(t, after(4900*time.Millisecond)).URL)
		s.emit(try)
		s.until("it is over", func() bool { return len(s.log(below)) > 0 })
	}
	if d := s.log(below)[0]; d.Outcome != taphoa.DeliveryDone || d.Duration < 4_900_000 {
		t.Errorf("4.9 s: %+v", d)
	}
	if d := s.log(above)[0]; d.Outcome != taphoa.DeliveryFailed || !strings.Contains(d.Error.Or(""), "không trả lời trong 5s") || d.Duration < 5_000_000 {
		t.Errorf("5.1 s: %+v", d)
	}
}

func TestFailingReceiversDoNotDelayOthers(t *testing.T) {
	eachShopAlone(t, func(s shop) {
		r := newReceiver(s.T, nil)
		s.register(r.URL)
		s.startDeliverer(webhook.Options{})
		n := int64(0)
		median := func() time.Duration {
			var took []time.Duration
			for range 60 {
				n++
				s.emit(n)
				began := time.Now()
				for seen := 0; seen < int(n); time.Sleep(200 * time.Microsecond) {
					seen = len(r.all())
				}
				took = append(took, r.all()[n-1].at.Sub(began))
			}
			slices.Sort(took)
			return took[len(took)/2]
		}
		slack := 10 * time.Millisecond // receivers that hang do so for seconds
		if dbtest.RaceDetector {
			slack *= 10
		}
		var others []int64
		activate := func(active bool) {
			for _, id := range others {
				s.change(id, taphoa.WebhookWrite{IsActive: taphoa.Some(active)})
			}
		}
		alone := min(median(), median())
		for i, answer := range []http.HandlerFunc{hang, after(3 * time.Second), status(500), status(401), raw("", 0)} {
			others = append(others, s.register(fmt.Sprint(newReceiver(s.T, answer).URL, "/", i)))
		}
		others = append(others, s.register("http://127.0.0.1:1/closed"))
		among := median()
		for try := 0; try < 4 && among > alone+alone/10+slack; try++ { // other processes use the machine, too
			activate(false)
			alone = median()
			activate(true)
			among = median()
		}
		s.Logf("the median is %v alone and %v among receivers that hang, fail and stop", alone, among)
		if among > alone+alone/10+slack {
			s.Errorf("a delivery took %v alone, and %v among failing receivers", alone, among)
		}
		if !slices.Equal(r.ids(), numbers(1, n)) {
			s.Errorf("delivered out of order: %v", r.ids())
		}
	})
}

func TestTheOrderOfARecordIsKeptOverRetries(t *testing.T) {
	eachShop(t, func(s shop) {
		const events = 12
		var count atomic.Int64
		r := newReceiver(s.T, func(w http.ResponseWriter, _ *http.Request) {
			if n := count.Add(1); n%5 != 0 && n%3 != 0 {
				w.WriteHeader(500)
			}
		})
		id := s.register(r.URL)
		for n := range int64(events) {
			s.emitStates(customerState{7, n + 1})
		}
		s.startDeliverer(webhook.Options{Pauses: make([]time.Duration, 10)})
		s.until("all are delivered", func() bool { return s.registration(id).DeliveredSeq == events })
		ids, attempt, next := map[int64]string{}, 0, int64(1)
		for i, g := range r.all() {
			key := g.states()[0].state
			attempt++
			if key != next || g.Attempt != attempt || cmp.Or(ids[key], g.ID) != g.ID {
				s.Fatalf("request %d has state %d, attempt %d, id %s, after id %s", i, key, g.Attempt, g.ID, ids[key])
			}
			ids[key] = g.ID
			if n := i + 1; n%5 == 0 || n%3 == 0 {
				attempt, next = 0, next+1
			}
		}
		if len(ids) != events {
			s.Errorf("%d ids for %d events", len(ids), events)
		}
		for i, d := range s.log(id) {
			if g := r.all()[i]; d.Attempt != int64(g.Attempt) || d.DeliveryID != g.ID || d.FirstSeq != g.states()[0].state {
				s.Errorf("request %d is in the log as %+v", i, d)
			}
		}
	})
}

func TestAnAttemptIsCountedOverRestarts(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, status(500))
		id := s.register(r.URL)
		s.emit(1)
		for n := 1; n <= 4; n++ {
			stop := s.startDeliverer(webhook.Options{Pauses: []time.Duration{time.Second, time.Minute, time.Hour, time.Hour}})
			s.until("it is tried", func() bool { return s.registration(id).Attempt == int64(n) })
			stop()
			s.clock.Advance([]int64{1, 60, 3600, 3600}[n-1])
		}
		for i, g := range r.all() {
			if g.Attempt != i+1 || g.ID != r.all()[0].ID {
				s.Errorf("request %d is attempt %d of %s", i, g.Attempt, g.ID)
			}
		}
		if len(r.all()) != 4 {
			s.Errorf("%d requests", len(r.all()))
		}
	})
}

func TestAFailureIsNotTriedAgainBeforeItsTime(t *testing.T) {
	eachShop(t, func(s shop) {
		r := newReceiver(s.T, status(500))
		id := s.register(r.URL)
		s.emit(1)
		s.startDeliverer(webhook.Options{})
		s.until("it is tried", func() bool { return s.registration(id).Attempt == 1 })
		s.emit(1, 1) // which wakes the deliverer
		s.clock.Advance(4)
		time.Sleep(600 * time.Millisecond)
		if n := len(r.all()); n != 1 {
			s.Errorf("%d requests within the pause", n)
		}
		s.clock.Advance(1)
		s.until("it is tried again", func() bool { return len(r.all()) == 2 })
	})
}

func TestThePausesGrowOverThreeDays(t *testing.T) {
	total, before := time.Duration(0), time.Duration(0)
	for _, p := range webhook.DefaultPauses() {
		if p < before || p > time.Hour {
			t.Errorf("%v follows %v", p, before)
		}
		total, before = total+p, p
	}
	if total < 72*time.Hour || total > 74*time.Hour {
		t.Errorf("the pauses last %v", total)
	}
}

// TestAReceiverIsBoundedOverHTTP2 has a server for each receiver, since a head that is too large ends the connection.
func TestAReceiverIsBoundedOverHTTP2(t *testing.T) {
	eachShop(t, func(s shop) {
		c := webhook.NewDeliverer(s.d, webhook.Options{Guard: webhook.Guard{Allowed: webhook.Loopback()}})
		if c.Transport().Proxy != nil {
			s.Error("there is a proxy")
		}
		c.Transport().TLSClientConfig.RootCAs = x509.NewCertPool()
		receiver := func(answer http.HandlerFunc) int64 {
			server := httptest.NewUnstartedServer(answer)
			server.EnableHTTP2 = true
			server.StartTLS()
			s.Cleanup(server.Close)
			c.Transport().TLSClientConfig.RootCAs.AddCert(server.Certificate())
			return s.register(server.URL)
		}
		proto := receiver(func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, r.Proto) })
		head := receiver(func(w http.ResponseWriter, _ *http.Request) {
			for i := range 40 {
				w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 10_000))
			}
		})
		body := receiver(func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := fmt.Fprint(w, strings.Repeat("x", 64<<10)); err != nil {
					return
				}
			}
		})
		s.emit(1)
		s.run(c)
		for _, id := range []int64{proto, head, body} {
			s.until("it is tried", func() bool { return len(s.log(id)) > 0 })
		}
		if d := s.log(proto)[0]; d.Answer.Or("") != "HTTP/2.0" {
			s.Errorf("%+v", d)
		}
		if d := s.log(head)[0]; d.Outcome != taphoa.DeliveryFailed || d.Status.Has() {
			s.Errorf("a huge head: %+v", d)
		}
		if d := s.log(body)[0]; d.Outcome != taphoa.DeliveryDone || len(d.Answer.Or("")) != 1000 || d.Duration > 4_000_000 {
			s.Errorf("an endless body: %+v", d)
		}
	})
}

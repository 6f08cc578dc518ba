package webhook_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/webhook"
)

// logMessages returns the logged messages without their prefix.
func logMessages(j *dbtest.Log) (messages []string) {
	for _, l := range j.Lines("") {
		messages = append(messages, strings.TrimPrefix(l["msg"].(string), "webhook: "))
	}
	return messages
}

func TestAReceiversStateIsLoggedOnceWhenItChanges(t *testing.T) {
	eachShop(t, func(s shop) {
		s.write(func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (:retailer, 'CoBien', 'cobien', 'Cô Biển', :now)`)
			return err
		})
		var answer atomic.Int64
		answer.Store(500)
		r := newReceiver(s.T, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(answer.Load())) })
		id := s.register(strings.Replace(r.URL, "http://", "http://lan:matkhau@", 1) + "/hook?key=bimat#x")
		var j dbtest.Log
		at := []time.Duration{10 * time.Millisecond, 10 * time.Millisecond, 10 * time.Millisecond}
		s.startDeliverer(webhook.Options{Log: j.Logger(), Pauses: at})
		s.emit(1)
		for range 3 {
			s.until("it is tried", func() bool { n := s.registration(id).Attempt; s.clock.Advance(1); return n == 0 && len(s.log(id)) == 4 })
		}
		answer.Store(200)
		s.emit(2)
		s.until("it is delivered", func() bool { s.clock.Advance(1); return s.registration(id).DeliveredSeq == 2 })
		answer.Store(404)
		s.emit(3)
		s.until("it is stopped", func() bool { return !s.registration(id).IsActive })
		answer.Store(200)
		s.change(id, taphoa.WebhookWrite{IsActive: taphoa.Some(true)})
		s.until("it goes on", func() bool { return s.registration(id).DeliveredSeq == 3 })
		s.emit(4, 5)
		s.until("all are delivered", func() bool { return s.registration(id).DeliveredSeq == 5 })
		want := []string{
			"fails", "given up, the next events follow", "delivers again", "stopped, nothing more is sent until it is registered again", "delivers again",
		}
		if got := logMessages(&j); !slices.Equal(got, want) {
			s.Fatalf("the log has %q", got)
		}
		for i, l := range j.Lines("") {
			if l["shop"] != "CoBien" || l["webhook"] != float64(id) || l["type"] != "customer.update" || l["seq"] != float64([]int{1, 1, 2, 3, 3}[i]) ||
				l["url"] != r.URL+"/hook?…" {
				s.Errorf("line %d is %v", i, l)
			}
		}
		first, dead, stopped := j.Lines("")[0], j.Lines("")[1], j.Lines("")[3]
		if first["level"] != "WARN" || first["reason"] != "the receiver answered 500" || first["next_attempt"] == nil ||
			dead["attempts"] != float64(4) || stopped["reason"] != "the receiver answered 404" {
			s.Errorf("the lines are\n%v\n%v\n%v", first, dead, stopped)
		}
	})
}

func TestExpiredUndeliveredEventsAreLoggedAndCounted(t *testing.T) {
	eachShop(t, func(s shop) {
		id := s.register("http://127.0.0.1:9/hook")
		s.emit(1, 2)
		s.clock.Advance(3600)
		var j dbtest.Log
		swept := make(chan taphoa.Time, 1)
		deliverer := webhook.NewDeliverer(s.d, webhook.Options{Log: j.Logger(), Keep: time.Minute, Sweep: func(_ context.Context, now taphoa.Time) error {
			swept <- now
			return nil
		}})
		s.run(deliverer)
		if now := <-swept; now != s.clock.Now() {
			s.Errorf("what else is old is dropped by %v", now)
		}
		s.until("they are given up", func() bool { return s.registration(id).DeliveredSeq == 2 && len(j.Lines("")) > 0 })
		l := j.Lines("")[0]
		if l["msg"] != "webhook: given up, the next events follow" || l["seq"] != 1.0 || l["last_seq"] != 2.0 || l["reason"] != "the events are older than what is kept" {
			s.Errorf("the line is %v", l)
		}
		if n := metric(s.T, deliverer, "taphoa_webhook_deliveries_total", "dead"); n != 1 {
			s.Errorf("%v are dead", n)
		}
	})
}

func TestCountReturnsWaitingFailingAndDead(t *testing.T) {
	eachShop(t, func(s shop) {
		count := func() (totals webhook.Totals) {
			s.Helper()
			s.read(func(tx *db.Tx) (err error) { totals, err = webhook.Count(tx); return err })
			return totals
		}
		if got := count(); got != (webhook.Totals{}) {
			s.Errorf("of an empty shop the totals are %+v", got)
		}
		good := newReceiver(s.T, nil)
		bad := newReceiver(s.T, status(500))
		ownerExited := newReceiver(s.T, status(404))
		off := s.register(good.URL + "/off")
		s.change(off, taphoa.WebhookWrite{IsActive: taphoa.Some(false)})
		began := s.clock.Now()
		ids := []int64{s.register(good.URL), s.register(bad.URL), s.register(ownerExited.URL)}
		s.emitStates(customerState{7, 1})
		s.clock.Advance(10)
		s.emitStates(customerState{7, 2})
		if got, want := count(), (webhook.Totals{Delivering: 3, Off: 1, Waiting: 6, Oldest: began}); got != want {
			s.Errorf("before anything is sent the totals are %+v, want %+v", got, want)
		}
		s.set("WebhookVendorRetries", "true")
		deliverer := webhook.NewDeliverer(s.d, webhook.Options{
			Log: slog.New(slog.DiscardHandler), Guard: webhook.Guard{Allowed: webhook.Loopback()},
		})
		s.run(deliverer)
		for n, wait := range []int64{60, 240} {
			s.until("it is tried", func() bool { return s.registration(ids[1]).Attempt == int64(n+1) })
			s.clock.Advance(wait)
		}
		s.until("the first is given up, the next is tried", func() bool { w := s.registration(ids[1]); return w.DeliveredSeq == 1 && w.Attempt == 1 })
		s.until("the others are done", func() bool { return s.registration(ids[0]).DeliveredSeq == 2 && !s.registration(ids[2]).IsActive })
		got := count()
		if got.Delivering != 1 || got.Failing != 1 || got.Stopped != 1 || got.Off != 1 || got.Waiting != 1 || got.Oldest != began.Add(10*time.Second) || got.Dead != 1 {
			s.Errorf("the totals are %+v", got)
		}
		for outcome, most := range map[string]float64{"delivered": 2, "dead": 1, "stopped": 1} {
			s.until(outcome+" are counted", func() bool { // after they are recorded
				return metric(s.T, deliverer, "taphoa_webhook_deliveries_total", outcome) >= most
			})
			if n := metric(s.T, deliverer, "taphoa_webhook_deliveries_total", outcome); n != most {
				s.Errorf("%v are %s", n, outcome)
			}
		}
		if n := metric(s.T, deliverer, "taphoa_webhook_attempt_seconds", ""); n != 7 {
			s.Errorf("%v attempts were measured", n)
		}
	})
}

// metric returns the value of a counter of a deliverer, or the sample count of a histogram.
func metric(t *testing.T, c *webhook.Deliverer, name, outcome string) float64 {
	t.Helper()
	r := prometheus.NewRegistry()
	r.MustRegister(c)
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (outcome == "" || m.GetLabel()[0].GetValue() == outcome) {
				return m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	t.Errorf("no %s{%s}", name, outcome)
	return 0
}

func TestRegisteringAPrivateAddressReturnsAWarning(t *testing.T) {
	known := names(t, map[string]func() string{
		"inside.test": func() string { return "10.1.2.3" }, "outside.test": func() string { return "8.8.8.8" },
		"both.test": func() string { return "8.8.8.8 10.1.2.3" },
	})
	guard := webhook.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("192.168.7.0/24")}}.With(known)
	for to, want := range map[string]string{
		"http://127.0.0.1:3000/hook":       "địa chỉ 127.0.0.1 thuộc mạng nội bộ mà người vận hành máy chủ chưa cho phép bằng taphoa serve --webhook-allow 127.0.0.1/32",
		"https://[fd00::5]/":               "địa chỉ fd00::5 thuộc mạng nội bộ mà người vận hành máy chủ chưa cho phép bằng taphoa serve --webhook-allow fd00::5/128",
		"http://inside.test/":              "không tìm thấy máy inside.test, hoặc máy đó thuộc mạng nội bộ mà người vận hành máy chủ chưa cho phép bằng taphoa serve --webhook-allow MẠNG",
		"http://nowhere.test/":             "không tìm thấy máy nowhere.test, hoặc máy đó thuộc mạng nội bộ mà người vận hành máy chủ chưa cho phép bằng taphoa serve --webhook-allow MẠNG",
		"http://192.168.7.9/":              "",
		"https://8.8.8.8/hook":             "",
		"https://lan:x@outside.test/hook":  "",
		"https://both.test:8443/hook?a=10": "",
	} {
		if want != "" {
			want = "Webhook đã được đăng ký nhưng sẽ không gửi được: " + want
		}
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			if got := guard.Warning(t.Context(), to); got != want {
				t.Errorf("%q", got)
			}
			if took := time.Since(began); strings.Contains(want, "không tìm thấy") && took < webhook.LookupTimeout {
				t.Errorf("it takes %v, which tells what exists inside", took)
			}
		})
	}
	t.Run("no response", func(t *testing.T) {
		t.Parallel()
		silent := webhook.Guard{}.With(silentResolver(t))
		if got := silent.Warning(t.Context(), "http://a.test/"); !strings.Contains(got, "không tìm thấy máy a.test, hoặc máy đó thuộc mạng nội bộ") {
			t.Errorf("%q", got)
		}
	})
}

// silentResolver returns a resolver that gets no response.
func silentResolver(t *testing.T) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return &net.Resolver{PreferGo: true, Dial: dialTo(server.LocalAddr().String())}
}

func TestLastErrorNamesTheOptionButNotWhichInternalNamesExist(t *testing.T) {
	eachShop(t, func(s shop) {
		known := names(s.T, map[string]func() string{"inside.test": func() string { return "10.1.2.3" }})
		literal, inside, nowhere := s.register("http://10.1.2.3/"), s.register("http://inside.test/"), s.register("http://nowhere.test/")
		s.emit(1)
		s.startDeliverer(webhook.Options{Guard: webhook.Guard{Allowed: []netip.Prefix{}}.With(known)})
		lastLogged := func(id int64) string {
			s.until("it is tried", func() bool { return s.registration(id).LastError.Has() })
			return s.registration(id).LastError.Value
		}
		if got := lastLogged(literal); !strings.Contains(got, "--webhook-allow 10.1.2.3/32") {
			s.Errorf("lastError of an address is %q", got)
		}
		if a, b := lastLogged(inside), lastLogged(nowhere); a != strings.ReplaceAll(b, "nowhere", "inside") || !strings.Contains(a, "--webhook-allow") {
			s.Errorf("lastError is %q for an internal name and %q for an unknown one", a, b)
		}
	})
}

package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// hookRate is the steady number of invoices a second at which the time from commit to receipt is measured.
const hookRate = 500

// webhookReceiver receives webhooks and records when each invoice was received first.
type webhookReceiver struct {
	count    atomic.Int64
	mu       sync.Mutex
	received map[string]time.Time // by the invoice's code
}

func (e *webhookReceiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	e.count.Add(1)
	if _, rest, ok := bytes.Cut(body, []byte(`"Code":"`)); ok && strings.HasSuffix(r.URL.Path, "/0") {
		if code, _, ok := bytes.Cut(rest, []byte(`"`)); ok {
			e.mu.Lock()
			if _, known := e.received[string(code)]; !known {
				e.received[string(code)] = time.Now()
			}
			e.mu.Unlock()
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// deliveries measures the delivery of webhooks to a receiver in this process: the time from the response to the receipt of
// an invoice's event, at a steady rate, and the deliveries a second of a backlog.
func deliveries(s *shop, base string, duration time.Duration) error {
	l, err := listen()
	if err != nil {
		return err
	}
	e := &webhookReceiver{received: map[string]time.Time{}}
	server := &http.Server{Handler: e, ReadHeaderTimeout: 5 * time.Second}
	go server.Serve(l) //nolint:errcheck // ends with Close
	defer server.Close()
	var hooks []int64
	for i := range 5 {
		var hook struct{ ID int64 }
		body := fmt.Sprintf(`{"Webhook":{"Type":"invoice.update","Url":"http://%s/%d","Secret":"c2VjcmV0MTIz"}}`, l.Addr(), i)
		if err := s.send(base, http.MethodPost, "/webhooks", body, &hook); err != nil {
			return err
		}
		hooks = append(hooks, hook.ID)
	}
	told := make(map[string]time.Time)
	random, tick := rand.New(rand.NewPCG(11, 11)), time.NewTicker(time.Second/hookRate)
	defer tick.Stop()
	var mu sync.Mutex
	var group sync.WaitGroup
	inFlight := make(chan struct{}, *connections)
	for end := time.Now().Add(duration); time.Now().Before(end); {
		<-tick.C
		request := s.sale(random)
		inFlight <- struct{}{}
		group.Go(func() {
			defer func() { <-inFlight }()
			var invoice struct{ Code string }
			if s.send(base, http.MethodPost, "/invoices", request, &invoice) == nil {
				mu.Lock()
				told[invoice.Code] = time.Now()
				mu.Unlock()
			}
		})
	}
	group.Wait()
	e.wait(int64(5 * len(told)))
	var took []time.Duration
	e.mu.Lock()
	for code, answered := range told {
		if at, ok := e.received[code]; ok {
			took = append(took, max(0, at.Sub(answered)))
		}
	}
	e.mu.Unlock()
	if len(took) == 0 {
		return fmt.Errorf("of %d invoices none was told of", len(told))
	}
	slices.Sort(took)
	fmt.Printf("webhooks, 5 receivers, %.0f invoices a second: answer to receipt p50 %v, p99 %v; told of %d of %d\n",
		float64(len(told))/duration.Seconds(), took[len(took)/2].Round(10*time.Microsecond),
		took[len(took)*99/100].Round(10*time.Microsecond), len(took), len(told))
	before, begin := e.count.Load(), time.Now()
	for _, id := range hooks {
		if err := s.send(base, http.MethodPut, fmt.Sprintf("/webhooks/%d", id), `{"IsActive":true}`, nil); err != nil {
			return err
		}
		if err := s.send(base, http.MethodPost, fmt.Sprintf("/webhooks/%d/replay", id), `{"fromSeq":1}`, nil); err != nil {
			return err
		}
	}
	time.Sleep(duration)
	fmt.Printf("  with a backlog: %.0f deliveries a second\n", float64(e.count.Load()-before)/time.Since(begin).Seconds())
	return nil
}

// wait waits until n deliveries were received, or no more are.
func (e *webhookReceiver) wait(n int64) {
	for still, last := 0, int64(-1); still < 20 && e.count.Load() < n; time.Sleep(50 * time.Millisecond) {
		if now := e.count.Load(); now == last {
			still++
		} else {
			still, last = 0, now
		}
	}
}

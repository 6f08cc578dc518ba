package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var thorough = flag.Bool("thorough", false, "kill the program more often, amid more writes")

// noted is what a customer's event says in these tests: who, and which change it is.
type noted struct {
	ID       int64 `json:"Id"`
	Comments string
}

func (n noted) change() int { c, _ := strconv.Atoi(n.Comments); return c }

// witness is a receiver that remembers the order of what it is told.
type witness struct {
	*httptest.Server
	takes time.Duration // for an answer
	mu    sync.Mutex
	seen  []noted
}

func newWitness(t *testing.T) *witness {
	w := &witness{}
	w.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body struct{ Notifications []struct{ Data []noted } }
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return // the sender was killed
		}
		if err := json.Unmarshal(text, &body); err != nil || len(body.Notifications) != 1 {
			t.Errorf("the receiver got %s (%v)", text, err)
			return
		}
		time.Sleep(w.takes)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.seen = append(w.seen, body.Notifications[0].Data...)
	}))
	t.Cleanup(w.Close)
	return w
}

// TestNoEventIsLostWhenTheProgramIsKilled kills the program several times while sixteen hands change customers. What was
// acknowledged is in the feed, which has neither gaps nor duplicates, and all that is in the feed has been delivered, of
// each customer in order.
func TestNoEventIsLostWhenTheProgramIsKilled(t *testing.T) {
	changes, kills := 1000, 3
	if *thorough {
		changes, kills = 10_000, 10
	}
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		id, secret := t.client("create", "--name", "Web")
		k := &killing{terminal: t}
		k.restart()
		k.token = (&server{terminal: t, base: k.base}).token(id, secret)
		w := newWitness(t.T)
		var hook struct{ ID int64 }
		k.caller().must(http.MethodPost, "/webhooks", fmt.Sprintf(`{"Webhook":{"Type":"customer.update","Url":%q}}`, w.URL), &hook)

		const hands = 16
		customers := make([]int64, hands)
		for i := range customers {
			var made struct{ ID int64 }
			k.caller().must(http.MethodPost, "/customers", fmt.Sprintf(`{"name":"Khách %d","comments":"0"}`, i), &made)
			customers[i] = made.ID
		}
		var (
			acknowledged atomic.Int64
			writers      sync.WaitGroup
		)
		each := changes / hands
		for _, customer := range customers {
			writers.Go(func() {
				for n := 1; n <= each && !t.Failed(); n++ {
					k.change(customer, n)
					acknowledged.Add(1)
				}
			})
		}
		for i := range kills {
			for acknowledged.Load() < int64(each*hands*(i+1)/(kills+1)) && !t.Failed() {
				time.Sleep(time.Millisecond)
			}
			k.mu.Lock() // no new writes until it is back; those under way find out
			k.kill()
			k.restart()
			k.mu.Unlock()
		}
		writers.Wait()
		feed := k.feed()
		var now struct{ DeliveredSeq int64 }
		for end := time.Now().Add(time.Minute); now.DeliveredSeq < int64(len(feed)); time.Sleep(20 * time.Millisecond) {
			k.caller().must(http.MethodGet, fmt.Sprint("/webhooks/", hook.ID), "", &now)
			if time.Now().After(end) {
				t.Fatalf("delivered up to %d of %d", now.DeliveredSeq, len(feed))
			}
		}
		w.agrees(t, feed, customers, each)
	})
}

// TestACopyOfTheProgramDeliversWhatAKilledOneHeld lets two programs on one database share the deliveries to four
// receivers, and kills one of them when all are behind.
func TestACopyOfTheProgramDeliversWhatAKilledOneHeld(t *testing.T) {
	eachEngine(t, func(t terminal) {
		const receivers, changes, killAt = 4, 60, 40
		t.do("shop", "create", "abc", "ABC")
		id, secret := t.client("create", "--name", "Web")
		first, second := t.start("--webhook-allow=127.0.0.1"), t.start("--webhook-allow=127.0.0.1")
		token := (&server{terminal: t, base: second.base}).token(id, secret)
		at := []caller{{t.T, first.base, "abc", token}, {t.T, second.base, "abc", token}}
		var (
			made, hook struct{ ID int64 }
			witnesses  [receivers]*witness
			hooks      [receivers]int64
		)
		at[0].must(http.MethodPost, "/customers", `{"name":"Khách","comments":"0"}`, &made)
		for i := range receivers { // the copy that commits looks first
			witnesses[i] = newWitness(t.T)
			witnesses[i].takes = 10 * time.Millisecond
			at[i%2].must(http.MethodPost, "/webhooks", fmt.Sprintf(`{"Webhook":{"Type":"customer.update","Url":%q}}`, witnesses[i].URL), &hook)
			hooks[i] = hook.ID
		}
		for n := 1; n <= changes; n++ {
			if n == killAt {
				first.kill()
			}
			by := at[1]
			if n < killAt {
				by = at[n%2]
			}
			by.must(http.MethodPut, fmt.Sprint("/customers/", made.ID), fmt.Sprintf(`{"comments":"%d"}`, n), new(any))
		}
		for i, w := range witnesses {
			var now struct{ DeliveredSeq int64 }
			for end := time.Now().Add(time.Minute); now.DeliveredSeq < changes+1; time.Sleep(10 * time.Millisecond) { // one is the customer's
				at[1].must(http.MethodGet, fmt.Sprint("/webhooks/", hooks[i]), "", &now)
				if time.Now().After(end) {
					t.Fatalf("receiver %d was told up to %d", i, now.DeliveredSeq)
				}
			}
			w.mu.Lock()
			newest := 0
			for _, told := range w.seen {
				if told.change() > newest+1 {
					t.Errorf("receiver %d was told of change %d after %d", i, told.change(), newest)
				}
				newest = max(newest, told.change())
			}
			if newest != changes {
				t.Errorf("receiver %d was told of %d changes", i, newest)
			}
			w.mu.Unlock()
		}
	})
}

// killing is a program that is killed now and then.
type killing struct {
	terminal
	mu sync.RWMutex
	*process
	token string
}

func (k *killing) restart() { k.process = k.terminal.start("--webhook-allow=127.0.0.1") }

func (k *killing) caller() caller {
	return caller{k.terminal.T, k.base, "abc", k.token}
}

// change writes until it is acknowledged.
func (k *killing) change(customer int64, n int) {
	for {
		k.mu.RLock()
		base := k.base
		k.mu.RUnlock()
		r, err := http.NewRequest(http.MethodPut, fmt.Sprint(base, "/customers/", customer), bytes.NewReader(fmt.Appendf(nil, `{"comments":"%d"}`, n)))
		if err != nil {
			k.terminal.Error(err)
			return
		}
		r.Header.Set("Authorization", "Bearer "+k.token)
		r.Header.Set("Retailer", "abc")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			time.Sleep(5 * time.Millisecond)
			continue
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK && err == nil {
			return
		}
		if err == nil {
			k.terminal.Errorf("a change is answered with %s: %s", answer.Status, text)
			return
		}
	}
}

// feed reads all events of the shop, and checks their numbers.
func (k *killing) feed() (all []noted) {
	k.terminal.Helper()
	for next := int64(0); ; {
		var piece struct {
			Data []struct {
				Seq  int64
				Type string
				Data []noted
			}
			Next, Last int64
		}
		k.caller().must(http.MethodGet, fmt.Sprint("/events?limit=1000&after=", next), "", &piece)
		for _, e := range piece.Data {
			if e.Seq != int64(len(all))+1 {
				k.terminal.Fatalf("number %d follows %d", e.Seq, len(all))
			}
			told := noted{}
			if e.Type == "customer.update" {
				told = e.Data[0]
			}
			all = append(all, told)
		}
		if next = piece.Next; next == piece.Last {
			return all
		}
	}
}

// agrees compares what the witness was told with the feed and with what was acknowledged.
func (w *witness) agrees(t terminal, feed []noted, customers []int64, each int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	told := map[noted]int{}
	newest, last := map[int64]int{}, map[int64]int{}
	for _, n := range w.seen {
		if told[n]++; n.change() > newest[n.ID]+1 {
			t.Errorf("customer %d: change %d is told after %d", n.ID, n.change(), newest[n.ID])
		}
		newest[n.ID], last[n.ID] = max(newest[n.ID], n.change()), n.change()
	}
	inFeed := map[noted]int{}
	for _, n := range feed {
		if inFeed[n]++; n.ID != 0 && told[n] == 0 {
			t.Errorf("customer %d: change %d was not delivered", n.ID, n.change())
		}
	}
	for _, c := range customers {
		for n := 1; n <= each; n++ {
			if inFeed[noted{c, strconv.Itoa(n)}] == 0 {
				t.Errorf("customer %d: change %d was acknowledged and is not in the feed", c, n)
			}
		}
		if last[c] != each {
			t.Errorf("customer %d: the last that was told is change %d of %d", c, last[c], each)
		}
	}
	t.Logf("%d events, %d deliveries", len(feed), len(w.seen))
}

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

// customerChange is the data of a customer's event in these tests: the customer and the number of the change.
type customerChange struct {
	ID       int64 `json:"Id"`
	Comments string
}

func (n customerChange) change() int { c, _ := strconv.Atoi(n.Comments); return c }

// orderedReceiver is a receiver that records the order of the events.
type orderedReceiver struct {
	*httptest.Server
	delay time.Duration // for an answer
	mu    sync.Mutex
	seen  []customerChange
}

func newOrderedReceiver(t *testing.T) *orderedReceiver {
	w := &orderedReceiver{}
	w.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body struct {
			Notifications []struct{ Data []customerChange }
		}
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return // the sender was killed
		}
		if err := json.Unmarshal(text, &body); err != nil || len(body.Notifications) != 1 {
			t.Errorf("the receiver got %s (%v)", text, err)
			return
		}
		time.Sleep(w.delay)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.seen = append(w.seen, body.Notifications[0].Data...)
	}))
	t.Cleanup(w.Close)
	return w
}

// TestNoEventIsLostWhenTheProgramIsKilled kills the program several times while sixteen clients change customers. All
// acknowledged changes are in the feed, which has neither gaps nor duplicates, and all events of the feed are delivered, in
// order for each customer.
func TestNoEventIsLostWhenTheProgramIsKilled(t *testing.T) {
	changes, kills := 1000, 3
	if *thorough {
		changes, kills = 10_000, 10
	}
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		id, secret := t.client("create", "--name", "Web")
		k := &killedProgram{terminal: t}
		k.restart()
		k.token = (&server{terminal: t, base: k.base}).token(id, secret)
		w := newOrderedReceiver(t.T)
		var hook struct{ ID int64 }
		k.caller().must(http.MethodPost, "/webhooks", fmt.Sprintf(`{"Webhook":{"Type":"customer.update","Url":%q}}`, w.URL), &hook)

		const clients = 16
		customers := make([]int64, clients)
		for i := range customers {
			var made struct{ ID int64 }
			k.caller().must(http.MethodPost, "/customers", fmt.Sprintf(`{"name":"Khách %d","comments":"0"}`, i), &made)
			customers[i] = made.ID
		}
		var (
			acknowledged atomic.Int64
			writers      sync.WaitGroup
		)
		each := changes / clients
		for _, customer := range customers {
			writers.Go(func() {
				for n := 1; n <= each && !t.Failed(); n++ {
					k.change(customer, n)
					acknowledged.Add(1)
				}
			})
		}
		for i := range kills {
			for acknowledged.Load() < int64(each*clients*(i+1)/(kills+1)) && !t.Failed() {
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

// TestAnotherProgramContinuesTheDeliveriesOfAKilledOne lets two programs on one database share the deliveries to four
// receivers, and kills one of them when all have a backlog.
func TestAnotherProgramContinuesTheDeliveriesOfAKilledOne(t *testing.T) {
	eachEngine(t, func(t terminal) {
		const receivers, changes, killAt = 4, 60, 40
		t.do("shop", "create", "abc", "ABC")
		id, secret := t.client("create", "--name", "Web")
		first, second := t.start("--webhook-allow=127.0.0.1"), t.start("--webhook-allow=127.0.0.1")
		token := (&server{terminal: t, base: second.base}).token(id, secret)
		at := []caller{{t.T, first.base, "abc", token}, {t.T, second.base, "abc", token}}
		var (
			made, hook struct{ ID int64 }
			servers    [receivers]*orderedReceiver
			hooks      [receivers]int64
		)
		at[0].must(http.MethodPost, "/customers", `{"name":"Khách","comments":"0"}`, &made)
		for i := range receivers { // the copy that commits reads the log first
			servers[i] = newOrderedReceiver(t.T)
			servers[i].delay = 10 * time.Millisecond
			at[i%2].must(http.MethodPost, "/webhooks", fmt.Sprintf(`{"Webhook":{"Type":"customer.update","Url":%q}}`, servers[i].URL), &hook)
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
		for i, w := range servers {
			var now struct{ DeliveredSeq int64 }
			for end := time.Now().Add(time.Minute); now.DeliveredSeq < changes+1; time.Sleep(10 * time.Millisecond) { // one is the customer's
				at[1].must(http.MethodGet, fmt.Sprint("/webhooks/", hooks[i]), "", &now)
				if time.Now().After(end) {
					t.Fatalf("receiver %d got events up to %d", i, now.DeliveredSeq)
				}
			}
			w.mu.Lock()
			newest := 0
			for _, change := range w.seen {
				if change.change() > newest+1 {
					t.Errorf("receiver %d got change %d after %d", i, change.change(), newest)
				}
				newest = max(newest, change.change())
			}
			if newest != changes {
				t.Errorf("receiver %d got %d changes", i, newest)
			}
			w.mu.Unlock()
		}
	})
}

// killedProgram is a program that is killed and started again.
type killedProgram struct {
	terminal
	mu sync.RWMutex
	*process
	token string
}

func (k *killedProgram) restart() { k.process = k.terminal.start("--webhook-allow=127.0.0.1") }

func (k *killedProgram) caller() caller {
	return caller{k.terminal.T, k.base, "abc", k.token}
}

// change writes until it is acknowledged.
func (k *killedProgram) change(customer int64, n int) {
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
func (k *killedProgram) feed() (all []customerChange) {
	k.terminal.Helper()
	for next := int64(0); ; {
		var piece struct {
			Data []struct {
				Seq  int64
				Type string
				Data []customerChange
			}
			Next, Last int64
		}
		k.caller().must(http.MethodGet, fmt.Sprint("/events?limit=1000&after=", next), "", &piece)
		for _, e := range piece.Data {
			if e.Seq != int64(len(all))+1 {
				k.terminal.Fatalf("number %d follows %d", e.Seq, len(all))
			}
			change := customerChange{}
			if e.Type == "customer.update" {
				change = e.Data[0]
			}
			all = append(all, change)
		}
		if next = piece.Next; next == piece.Last {
			return all
		}
	}
}

// agrees compares the received events with the feed and with the acknowledged changes.
func (w *orderedReceiver) agrees(t terminal, feed []customerChange, customers []int64, each int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	delivered := map[customerChange]int{}
	newest, last := map[int64]int{}, map[int64]int{}
	for _, n := range w.seen {
		if delivered[n]++; n.change() > newest[n.ID]+1 {
			t.Errorf("customer %d: change %d is told after %d", n.ID, n.change(), newest[n.ID])
		}
		newest[n.ID], last[n.ID] = max(newest[n.ID], n.change()), n.change()
	}
	inFeed := map[customerChange]int{}
	for _, n := range feed {
		if inFeed[n]++; n.ID != 0 && delivered[n] == 0 {
			t.Errorf("customer %d: change %d was not delivered", n.ID, n.change())
		}
	}
	for _, c := range customers {
		for n := 1; n <= each; n++ {
			if inFeed[customerChange{c, strconv.Itoa(n)}] == 0 {
				t.Errorf("customer %d: change %d was acknowledged and is not in the feed", c, n)
			}
		}
		if last[c] != each {
			t.Errorf("customer %d: the last that was told is change %d of %d", c, last[c], each)
		}
	}
	t.Logf("%d events, %d deliveries", len(feed), len(w.seen))
}

package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/schema"
	"github.com/taphoa/taphoa/internal/webhook"
)

// TestMain lets more tests run at once than there are processors, since they mostly wait.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", fmt.Sprint(max(4, runtime.GOMAXPROCS(0)))); err != nil {
		panic(err)
	}
	dbtest.Main(m)
}

// customerUpdated is the event of these tests: a customer, by id, has changed.
var customerUpdated = event.Kind[int64]{Type: "customer.update", Data: func(_ *db.Tx, ids []int64) (any, error) {
	data := []taphoa.CustomerData{}
	for _, id := range ids {
		data = append(data, taphoa.CustomerData{ID: id, Code: fmt.Sprint("KH", id), Name: "Khách"})
	}
	return data, nil
}}

var (
	customerDeleted = event.Kind[int64]{Type: "customer.delete"}
	orderUpdated    = event.Kind[int64]{Type: "order.update", Data: func(_ *db.Tx, ids []int64) (any, error) { return ids, nil }}
)

// shop is a shop with registrations on an engine.
type shop struct {
	*testing.T
	d     *db.DB
	clock *dbtest.Clock
	id    int64
}

func eachShop(t *testing.T, test func(s shop)) {
	t.Helper()
	t.Parallel()
	eachShopAlone(t, test)
}

// eachShopAlone is eachShop for tests that measure time: no others run at the same time.
func eachShopAlone(t *testing.T, test func(s shop)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { test(shop{t, d, clock, 1}) })
}

// eachUnmigrated is eachShop for a database without tables.
func eachUnmigrated(t *testing.T, test func(s shop)) {
	t.Helper()
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			clock := dbtest.NewClock()
			d, err := db.Open(t.Context(), dbtest.URL(t, engine), db.Options{Now: clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { d.Close() }) // after the deliverer has ended
			test(shop{t, d, clock, 1})
		})
	}
}

// migrateFrom makes the database one of before a migration, with the rows of a script, and migrates it.
func (s shop) migrateFrom(migration, script string) {
	s.Helper()
	dbtest.MigrateBefore(s, s.d, migration, script)
	if _, err := schema.Migrate(s.Context(), s.d); err != nil {
		s.Fatal(err)
	}
}

func (s shop) write(op func(tx *db.Tx) error) {
	s.Helper()
	if err := s.d.Write(s.Context(), db.Actor{Retailer: s.id}, op); err != nil {
		s.Fatal(err)
	}
}

func (s shop) read(op func(tx *db.Tx) error) {
	s.Helper()
	if err := s.d.Read(s.Context(), db.Actor{Retailer: s.id}, op); err != nil {
		s.Fatal(err)
	}
}

// emit emits customer.update for customers, each in a commit of its own.
func (s shop) emit(ids ...int64) {
	s.Helper()
	for _, id := range ids {
		s.write(func(tx *db.Tx) error { customerUpdated.Emit(tx, id); return nil })
	}
}

// customerState is a customer and the number of its state.
type customerState struct{ id, state int64 }

func (c customerState) String() string { return fmt.Sprint(c.id, "/", c.state) }

// customerChanged is customer.update, with the number of the state as the code.
var customerChanged = event.Kind[customerState]{Type: "customer.update", Data: func(_ *db.Tx, states []customerState) (any, error) {
	data := []taphoa.CustomerData{}
	for _, c := range states {
		data = append(data, taphoa.CustomerData{ID: c.id, Code: fmt.Sprint(c.state), Name: "Khách"})
	}
	return data, nil
}}

// emitStates emits one event with states of customers.
func (s shop) emitStates(states ...customerState) {
	s.Helper()
	s.write(func(tx *db.Tx) error { customerChanged.Emit(tx, states...); return nil })
}

func (s shop) set(name, value string) {
	s.Helper()
	s.write(func(tx *db.Tx) error { return org.SetSetting(tx, name, value) })
}

// register registers a URL for customer.update.
func (s shop) register(url string) int64 {
	s.Helper()
	return s.registerAs("customer.update", url, "")
}

func (s shop) registerAs(kind, url, secret string) (id int64) {
	s.Helper()
	s.write(func(tx *db.Tx) error {
		in := taphoa.WebhookInput{WebhookWrite: taphoa.WebhookWrite{
			Type: taphoa.Some(kind), URL: taphoa.Some(url), Secret: taphoa.SomeIf(secret),
		}}
		if err := in.Validate(); err != nil {
			return err
		}
		w, err := webhook.Register(tx, &in)
		id = w.ID
		return err
	})
	return id
}

// change updates a registration.
func (s shop) change(id int64, in taphoa.WebhookWrite) {
	s.Helper()
	s.write(func(tx *db.Tx) error {
		_, err := webhook.Update(tx, &taphoa.WebhookInput{ID: id, WebhookWrite: in})
		return err
	})
}

func (s shop) registration(id int64) (w taphoa.Webhook) {
	s.Helper()
	s.read(func(tx *db.Tx) (err error) {
		w, err = webhook.Get(tx, &taphoa.ByID{ID: id})
		return err
	})
	return w
}

// log returns the deliveries of a registration, the oldest first.
func (s shop) log(id int64) (list []taphoa.WebhookDelivery) {
	s.Helper()
	s.read(func(tx *db.Tx) error {
		page, err := webhook.ListDeliveries(tx, &taphoa.DeliveryQuery{
			Paging: taphoa.Paging{PageSize: taphoa.PageSizeMax, OrderBy: "id", OrderDirection: "asc"}, WebhookID: id,
		})
		list = page.Data
		return err
	})
	return list
}

// startDeliverer runs a deliverer until the test ends or stop is called.
func (s shop) startDeliverer(o webhook.Options) (stop func()) {
	s.Helper()
	if o.Guard.Allowed == nil {
		o.Guard.Allowed = webhook.Loopback()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return s.run(webhook.NewDeliverer(s.d, o))
}

func (s shop) run(c *webhook.Deliverer) (stop func()) {
	s.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Run(ctx)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	s.Cleanup(stop)
	return stop
}

// until waits for a condition.
func (s shop) until(what string, is func() bool) {
	s.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("still not so: %s", what)
		}
	}
}

// request is a request that a receiver got.
type request struct {
	ID       string `json:"Id"`
	Attempt  int
	RemoveID []int64 `json:"RemoveId"`
	Notes    []struct {
		Action string
		Data   json.RawMessage
	} `json:"Notifications"`

	path   string
	header http.Header
	body   []byte
	at     time.Time
}

// keys returns the ids of the records in a request.
func (g request) keys() (keys []int64) {
	var items []struct {
		ID int64 `json:"Id"`
	}
	if json.Unmarshal(g.Notes[0].Data, &items) == nil {
		for _, item := range items {
			keys = append(keys, item.ID)
		}
	}
	return keys
}

// states returns the states of customers in a request.
func (g request) states() (list []customerState) {
	var items []struct {
		ID   int64 `json:"Id"`
		Code int64 `json:",string"`
	}
	if json.Unmarshal(g.Notes[0].Data, &items) == nil {
		for _, item := range items {
			list = append(list, customerState{item.ID, item.Code})
		}
	}
	return list
}

// receiver is a test server that stores its requests. It responds by the handler, or with 200.
type receiver struct {
	*httptest.Server
	mu   sync.Mutex
	list []request
}

func newReceiver(t *testing.T, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		q.Body = io.NopCloser(bytes.NewReader(body)) // for requestOf
		g := request{path: q.URL.RequestURI(), header: q.Header.Clone(), body: body, at: time.Now()}
		if err != nil || json.Unmarshal(body, &g) != nil || len(g.Notes) != 1 {
			t.Errorf("the receiver got %q, %v", body, err)
			return
		}
		r.mu.Lock()
		r.list = append(r.list, g)
		r.mu.Unlock()
		if answer != nil {
			answer(w, q)
		}
	}))
	t.Cleanup(r.Close)
	t.Cleanup(r.CloseClientConnections)
	return r
}

// requestOf returns what a handler of a receiver got.
func requestOf(q *http.Request) (g request) {
	if json.NewDecoder(q.Body).Decode(&g) != nil {
		return request{}
	}
	return g
}

func (r *receiver) all() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]request(nil), r.list...)
}

// ids returns the customers of all requests, in order.
func (r *receiver) ids() (ids []int64) {
	for _, g := range r.all() {
		ids = append(ids, g.keys()...)
	}
	return ids
}

func numbers(from, to int64) (list []int64) {
	for n := from; n <= to; n++ {
		list = append(list, n)
	}
	return list
}

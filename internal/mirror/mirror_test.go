package mirror_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/debt"
	"github.com/taphoa/taphoa/internal/mirror"
	"github.com/taphoa/taphoa/internal/schema"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/testbench"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// source is a live shop: the demo's, in a sandbox with the vendor's limits.
type source struct {
	testing.TB
	url    string
	client *client.Client
}

func fillSource(url string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, url, db.Options{})
	if err != nil {
		return err
	}
	_, err = schema.Migrate(ctx, d)
	if err == nil {
		err = testbench.Demo(ctx, d)
	}
	return errors.Join(err, d.Close())
}

func openSource(t *testing.T) *source {
	t.Helper()
	s := testbench.New(testbench.Options{Dir: t.TempDir(), Log: new(dbtest.Log).Logger(), VendorLimits: true})
	template := dbtest.Filled(t, dbtest.Engines[0], "source, "+schema.Fingerprint(), fillSource)
	if err := s.AddFile(t.Context(), testbench.DefaultTemplate, strings.TrimPrefix(template, "sqlite:")); err != nil {
		t.Fatal(err)
	}
	fork, err := s.Create(t.Context(), testbench.ForkInput{Name: "live", Retailer: "cobien", ClientID: "mirror", ClientSecret: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	s.SetDefault(fork)
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	o := &source{TB: t, url: server.URL}
	o.client = o.newClient()
	return o
}

func (s *source) newClient() *client.Client { return s.newClientThrough(http.DefaultTransport) }

func (s *source) newClientThrough(network http.RoundTripper) *client.Client {
	s.Helper()
	attempts := 10
	if network != http.DefaultTransport {
		attempts = 1
	}
	c, err := client.New(client.Config{
		BaseURL: s.url, HTTPClient: &http.Client{Transport: network, Timeout: time.Minute}, Retailer: "cobien", ClientID: "mirror", ClientSecret: "secret", Backoff: time.Millisecond, Attempts: attempts,
		Scopes: []string{client.ScopePublic, client.ScopeAdmin},
	})
	if err != nil {
		s.Fatal(err)
	}
	return c
}

// age lets two hours pass, and something happen then: what was made before is not changed meanwhile for a pull.
func (s *source) age() {
	s.Helper()
	s.control("clock", `{"advance": "2h"}`)
	if _, err := s.client.CreateCustomer(s.Context(), &taphoa.CustomerInput{Name: taphoa.Some("Chị Mới")}); err != nil {
		s.Fatal(err)
	}
}

// rules has requests to the shop fail.
func (s *source) rules(rules string) { s.Helper(); s.control("faults", rules) }

// matched is how many requests a rule of faults was about.
func (s *source) matched(rule int) int64 {
	s.Helper()
	answer, err := http.Get(s.url + "/_sandbox/shops/live/faults") //nolint:noctx // the server is in this process
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	var kept struct{ Rules []testbench.Rule }
	if err := json.NewDecoder(answer.Body).Decode(&kept); err != nil {
		s.Fatal(err)
	}
	return kept.Rules[rule].Matched
}

// control changes something of the sandbox.
func (s *source) control(what, to string) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPut, s.url+"/_sandbox/shops/live/"+what, strings.NewReader(to))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		s.Fatalf("%s is refused: %d", what, answer.StatusCode)
	}
}

// copied is a mirror of the source.
type copied struct {
	testing.TB
	*mirror.Mirror
	db *db.DB
}

func (s *source) mirror(t *testing.T, d *db.DB, c *client.Client) *copied {
	t.Helper()
	m, err := mirror.Open(t.Context(), d, c, mirror.Options{Retailer: "cobien", Source: s.url})
	if err != nil {
		t.Fatal(err)
	}
	return &copied{t, m, d}
}

func (c *copied) pull() {
	c.Helper()
	if err := c.Pull(c.Context()); err != nil {
		c.Fatal(err)
	}
}

// equal fails for each member that the source shows otherwise, and for what breaks the ledgers.
func (c *copied) equal() {
	c.Helper()
	shown := 0
	n, err := c.Verify(c.Context(), func(d mirror.Difference) {
		if shown++; shown <= 10 {
			c.Errorf("%s %d %s: %s at the source, %s here", d.List, d.ID, d.Member, d.Source, d.Mirror)
		}
	})
	if err != nil || n < 300 || shown > 10 {
		c.Errorf("%d records compared, %d differences, error %v", n, shown, err)
	}
	err = c.db.Read(c.Context(), db.Actor{Retailer: c.Retailer()}, func(tx *db.Tx) error {
		for _, check := range []func(*db.Tx) ([]string, error){
			cash.Check, debt.Check, db.CheckCounts,
			func(tx *db.Tx) ([]string, error) { return stock.Check(tx, stock.Limits{BelowZero: true}) },
		} {
			findings, err := check(tx)
			if err != nil {
				return err
			}
			for _, f := range findings {
				c.Error(f)
			}
		}
		return nil
	})
	if err != nil {
		c.Error(err)
	}
}

func TestAMirrorShowsWhatTheShopShows(t *testing.T) {
	t.Parallel()
	s := openSource(t)
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		clock.Set(taphoa.TimeOf(time.Now()))
		c := s.mirror(t, d, s.client)
		c.pull()
		c.equal()
	})
}

// TestAPullAsksForNoMoreThanItNeeds counts the requests of a first pull: one for the first 100 rows of a list, one for 99 further ones, one
// for what has changed meanwhile if it was more than a page, and one for the settings, for the id of the shop and for the number of voided
// entries of the cash book each. With 10,000 products and 50,000 documents that is 640 at most, as go run ./bench -only mirror measures.
func TestAPullAsksForNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	s := openSource(t)
	s.age()
	clock := dbtest.NewClock()
	clock.Set(taphoa.TimeOf(time.Now()))
	network, rows := &limited{left: 1000}, map[string]int64{}
	m, err := mirror.Open(t.Context(), dbtest.Open(t, dbtest.Migrated(t, dbtest.Engines[0]), clock), s.newClientThrough(network), mirror.Options{
		Retailer: "cobien", Source: s.url, Progress: func(p mirror.Progress) { rows[p.List] = max(rows[p.List], p.Total) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Pull(t.Context()); err != nil {
		t.Fatal(err)
	}
	bound := 3 // also for the number of voided entries of the cash book
	for list, n := range rows {
		pages := max(1, int(n+97)/99)
		if bound += pages; pages > 1 {
			bound++
		}
		t.Logf("%s: %d rows", list, n)
	}
	t.Logf("%d requests", network.sent)
	if network.sent > bound {
		t.Errorf("%d requests, %d would do", network.sent, bound)
	}
	network.sent = 0
	if err := m.Pull(t.Context()); err != nil {
		t.Fatal(err)
	}
	lengths := 1 // of the voided entries of the cash book, and of each price book: nothing else tells what leaves them
	for list := range rows {
		if strings.HasPrefix(list, "pricebooks/") {
			lengths++
		}
	}
	if t.Logf("%d requests for nothing new", network.sent); network.sent > len(rows)+lengths+1 {
		t.Errorf("%d requests for %d lists in which nothing has changed", network.sent, len(rows))
	}
}

// TestChangesAreFollowed changes what is mirrored: codes that change places, a level, a customer who is gone, a category that moves.
func TestChangesAreFollowed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		clock.Set(taphoa.TimeOf(time.Now()))
		s := openSource(t)
		c := s.mirror(t, d, s.client)
		c.pull()
		products, err := s.client.ListProducts(t.Context(), &taphoa.ProductQuery{ProductType: []int64{2}, IsActive: taphoa.Some(true), IncludeInventory: true})
		if err != nil {
			t.Fatal(err)
		}
		one, other := products.Data[0], products.Data[1]
		rename := func(p *taphoa.Product, code string) {
			t.Helper()
			if _, err := s.client.UpdateProduct(t.Context(), &taphoa.ProductInput{ID: p.ID, Code: taphoa.Some(code)}); err != nil {
				t.Fatal(err)
			}
		}
		rename(&one, "TAM")
		rename(&other, one.Code)
		rename(&one, other.Code)
		at := one.Inventories[0]
		_, err = s.client.UpdateProduct(t.Context(), &taphoa.ProductInput{ID: one.ID, Inventories: []taphoa.InventoryInput{
			{BranchID: at.BranchID, OnHand: taphoa.Some(at.OnHand + taphoa.Units(5)), Cost: taphoa.Some(at.Cost + taphoa.Dong(1))},
		}})
		if err != nil {
			t.Fatal(err)
		}
		sale, err := s.client.CreateInvoice(t.Context(), &taphoa.InvoiceInput{
			BranchID: taphoa.Some(at.BranchID), CustomerID: taphoa.Some(int64(1)), TotalPayment: taphoa.Some(taphoa.Dong(10_000)),
			InvoiceDetails: []taphoa.DetailInput{{ProductID: taphoa.Some(one.ID), Quantity: taphoa.Some(taphoa.Units(2)), Price: taphoa.Some(taphoa.Dong(50_000))}},
		})
		if err != nil {
			t.Fatal(err)
		}
		gone, err := s.client.CreateCustomer(t.Context(), &taphoa.CustomerInput{Name: taphoa.Some("Chị Đi"), ContactNumber: taphoa.Some("0999888777")})
		if err != nil {
			t.Fatal(err)
		}
		order, err := s.client.CreateOrder(t.Context(), &taphoa.OrderInput{
			BranchID: taphoa.Some(at.BranchID), CustomerID: taphoa.Some(int64(1)), TotalPayment: taphoa.Some(taphoa.Dong(20_000)),
			OrderDetails: []taphoa.DetailInput{{ProductID: taphoa.Some(one.ID), Quantity: taphoa.Some(taphoa.Units(3)), Price: taphoa.Some(taphoa.Dong(50_000))}},
		})
		if err != nil {
			t.Fatal(err)
		}
		back, err := s.client.CreateReturn(t.Context(), &taphoa.ReturnInput{
			BranchID: taphoa.Some(at.BranchID), InvoiceID: taphoa.Some(sale.ID), TotalPayment: taphoa.Some(taphoa.Dong(10_000)),
			ReturnDetails: []taphoa.ReturnDetailInput{{DetailInput: taphoa.DetailInput{ProductID: taphoa.Some(one.ID), Quantity: taphoa.Some(taphoa.Units(1))}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		c.pull()
		c.equal()
		if _, err := s.client.DeleteReturn(t.Context(), &taphoa.ReturnDelete{ID: back.ID}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.client.DeleteOrder(t.Context(), &taphoa.OrderDelete{ID: order.ID}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.client.DeleteInvoiceByID(t.Context(), &taphoa.InvoiceDelete{ID: sale.ID, IsVoidPayment: true}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.client.DeleteCustomer(t.Context(), &taphoa.ByID{ID: gone.ID}); err != nil {
			t.Fatal(err)
		}
		c.pull()
		c.equal()
	})
}

// limited is a network that ends after some requests.
type limited struct {
	left, sent int
	pages      map[string]int // of lists, behind the first one
}

func (l *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/connect/token") {
		return http.DefaultTransport.RoundTrip(r)
	}
	if l.left == 0 {
		return nil, http.ErrServerClosed
	}
	l.left--
	l.sent++
	if l.pages != nil && r.URL.Query().Get("currentItem") > "0" {
		l.pages[r.URL.String()]++
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestAPullThatIsCutGoesOn cuts a pull before each of its requests: each run gets one page further, which the next ones do not ask for
// again, but for what has changed in the lists that are at their end.
func TestAPullThatIsCutGoesOn(t *testing.T) {
	t.Parallel()
	s := openSource(t)
	open := func() (*copied, *limited) {
		network := &limited{left: 1000}
		return s.mirror(t, dbtest.Open(t, dbtest.Migrated(t, dbtest.Engines[0]), dbtest.NewClock()), s.newClientThrough(network)), network
	}
	whole, network := open()
	whole.pull()
	asked := network.sent

	c, network := open()
	network.pages = map[string]int{}
	runs := asked / 2
	for range runs {
		network.left = 2 // the settings, and one page
		if err := c.Pull(t.Context()); err == nil {
			t.Fatal("two requests do for the whole shop")
		}
	}
	network.left = 1000
	c.pull()
	if len(network.pages) < 5 {
		t.Errorf("%d pages come behind a first one", len(network.pages))
	}
	for page, n := range network.pages {
		if n > 1 {
			t.Errorf("%s is asked for %d times", page, n)
		}
	}
	c.equal()
}

// TestAFlakySourceIsCopiedWhole pulls through answers that are refused, cut, half, and late.
func TestAFlakySourceIsCopiedWhole(t *testing.T) {
	t.Parallel()
	s := openSource(t)
	s.rules(`{"rules": [
		{"method": "GET", "fault": "cut", "probability": 0.15, "seed": 1},
		{"method": "GET", "fault": "half", "probability": 0.15, "seed": 2},
		{"method": "GET", "fault": "status", "status": 500, "probability": 0.15, "seed": 3},
		{"method": "GET", "fault": "limit", "retryAfter": 1, "calls": [5]},
		{"method": "GET", "fault": "drift"}
	]}`)
	clock := dbtest.NewClock()
	clock.Set(taphoa.TimeOf(time.Now()))
	c := s.mirror(t, dbtest.Open(t, dbtest.Migrated(t, dbtest.Engines[0]), clock), s.client)
	c.pull()
	if n := s.matched(4); n != 0 {
		t.Errorf("%d pages are asked for without an order", n)
	}
	s.rules(`{"rules": []}`)
	c.equal()
}

// meddler is a network on which something is done before the second page of customers is asked for.
type meddler struct {
	pages int
	do    func()
}

func (m *meddler) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/customers" {
		if m.pages++; m.pages == 2 {
			m.do()
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestRowsThatMoveUnderAPassAreNotMissed deletes a customer of the first page before the second one is read, and makes another one, so
// that the list is as long as before: the rows of the second page have moved up by one.
func TestRowsThatMoveUnderAPassAreNotMissed(t *testing.T) {
	t.Parallel()
	s := openSource(t)
	s.age()
	clock := dbtest.NewClock()
	clock.Set(taphoa.TimeOf(time.Now()))
	network := &meddler{do: func() {
		for id := int64(1); id < 90; id++ {
			if _, err := s.client.DeleteCustomer(t.Context(), &taphoa.ByID{ID: id}); err != nil {
				continue // has debts, or documents that are not finished
			}
			if _, err := s.client.CreateCustomer(t.Context(), &taphoa.CustomerInput{Name: taphoa.Some("Chị Mới")}); err != nil {
				t.Error(err)
			}
			return
		}
		t.Error("no customer can be deleted")
	}}
	c := s.mirror(t, dbtest.Open(t, dbtest.Migrated(t, dbtest.Engines[0]), clock), s.newClientThrough(network))
	c.pull()
	c.equal()
}

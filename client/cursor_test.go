package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// servers wrap a Taphoa so that it treats cursors like other servers.
var servers = map[string]func(http.Handler) http.Handler{
	"with cursors": func(next http.Handler) http.Handler { return next },
	"that ignores cursors": func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			q.Del("cursor")
			r.URL.RawQuery = q.Encode()
			next.ServeHTTP(w, r)
		})
	},
	"that refuses cursors": func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("cursor") {
				http.Error(w, "unknown parameter", http.StatusBadRequest)
				return
			}
			next.ServeHTTP(w, r)
		})
	},
}

const withCursors = "with cursors"

// eachServer runs a test against each kind of server on both engines, with the ids of the shop's products.
func eachServer(t *testing.T, products int, test func(t *testing.T, kind string, d *apitest.Server, c *client.Client, ids []int64)) {
	for kind, wrap := range servers {
		t.Run(kind, func(t *testing.T) {
			for _, engine := range dbtest.Engines {
				t.Run(engine, func(t *testing.T) {
					t.Parallel()
					d := apitest.New(t, engine)
					c := connect(t, config(d, serve(t, wrap(d))))
					test(t, kind, d, c, createProducts(t, c, products))
				})
			}
		})
	}
}

// createProducts creates products and returns their ids.
func createProducts(t *testing.T, c *client.Client, n int) []int64 {
	t.Helper()
	var inputs []taphoa.ProductInput
	for i := range n {
		inputs = append(inputs, taphoa.ProductInput{Code: taphoa.Some(fmt.Sprintf("H%03d", i)), Name: taphoa.Some(fmt.Sprint("Hàng ", i))})
	}
	for part := range slices.Chunk(inputs, 100) {
		if _, err := c.BulkCreateProducts(t.Context(), &taphoa.ProductsInput{ListProducts: part}); err != nil {
			t.Fatal(err)
		}
	}
	var ids []int64
	for p, err := range client.All(t.Context(), c.ListProducts, nil) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) != n {
		t.Fatalf("%d of %d products", len(ids), n)
	}
	return ids
}

func TestAllReturnsEveryProductWhileSomeAreDeleted(t *testing.T) {
	eachServer(t, 250, func(t *testing.T, kind string, _ *apitest.Server, c *client.Client, ids []int64) {
		seen, order, n := map[int64]int{}, []int64{}, 0
		for p, err := range client.All(t.Context(), c.ListProducts, &taphoa.ProductQuery{Paging: taphoa.Paging{PageSize: 30}}) {
			if err != nil {
				t.Fatal(err)
			}
			seen[p.ID]++
			order = append(order, p.ID)
			if n++; n == 20 || n == 100 {
				for _, gone := range order[len(order)-5:] {
					if _, err := c.DeleteProduct(t.Context(), &taphoa.ByID{ID: gone}); err != nil {
						t.Fatal(err)
					}
				}
			}
			if n > 1000 {
				t.Fatal("no end")
			}
		}
		if len(seen) != len(ids) || kind == withCursors && n != len(ids) {
			t.Errorf("%d of %d products were returned, in %d rows", len(seen), len(ids), n)
		}
	})
}

// startWriters changes products with eight concurrent writers until stop is called. Of each three products in a row the
// first is unchanged, the second renamed repeatedly, the third deleted. With add, products are created as well, and half of
// them deleted. The clock advances a second a round, so that some changes have the same instant.
func startWriters(t *testing.T, d *apitest.Server, c *client.Client, ids []int64, add bool) (stop func()) {
	t.Helper()
	var stopped atomic.Bool
	var writers sync.WaitGroup
	for writer := range 8 {
		writers.Go(func() {
			for round := 0; !stopped.Load(); round++ {
				for i := 3 * writer; i+2 < len(ids) && !stopped.Load(); i += 3 * 8 {
					if writer == 0 {
						d.Clock.Advance(1)
					}
					_, err := c.UpdateProduct(t.Context(), &taphoa.ProductInput{ID: ids[i+1], Name: taphoa.Some(fmt.Sprint("Tên ", round))})
					if err == nil && round == 0 {
						_, err = c.DeleteProduct(t.Context(), &taphoa.ByID{ID: ids[i+2]})
					}
					if add && err == nil {
						var p taphoa.Product
						if p, err = c.CreateProduct(t.Context(), &taphoa.ProductInput{Name: taphoa.Some("Mới")}); err == nil && i%2 == 0 {
							_, err = c.DeleteProduct(t.Context(), &taphoa.ByID{ID: p.ID})
						}
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	return func() { stopped.Store(true); writers.Wait() }
}

// TestAllReturnsEveryProductUnderConcurrentWrites reads the list while products are renamed and deleted, and with cursors
// also added: there each is returned once. Without cursors none is skipped as long as the list only gets shorter.
func TestAllReturnsEveryProductUnderConcurrentWrites(t *testing.T) {
	eachServer(t, 240, func(t *testing.T, kind string, d *apitest.Server, c *client.Client, ids []int64) {
		stop := startWriters(t, d, c, ids, kind == withCursors)
		defer stop()
		for range 3 {
			seen := map[int64]int{}
			for p, err := range client.All(t.Context(), c.ListProducts, &taphoa.ProductQuery{Paging: taphoa.Paging{PageSize: 7}}) {
				if err != nil {
					t.Fatal(err)
				}
				seen[p.ID]++
			}
			for i, id := range ids {
				if i%3 != 2 && seen[id] == 0 {
					t.Errorf("product %d was skipped", id)
				}
			}
			for id, n := range seen {
				if kind == withCursors && n != 1 {
					t.Errorf("product %d was returned %d times", id, n)
				}
			}
		}
	})
}

// TestSyncLosesNothingUnderConcurrentWrites keeps a mirror of a shop with concurrent writers.
func TestSyncLosesNothingUnderConcurrentWrites(t *testing.T) {
	eachServer(t, 240, func(t *testing.T, kind string, d *apitest.Server, c *client.Client, ids []int64) {
		stop := startWriters(t, d, c, ids, kind == withCursors)
		defer stop()
		var since taphoa.Time
		mirror := map[int64]string{}
		sync := func() {
			t.Helper()
			var first taphoa.Page[taphoa.Product]
			list := func(ctx context.Context, q *taphoa.ProductQuery) (taphoa.Page[taphoa.Product], error) {
				page, err := c.ListProducts(ctx, q)
				if first.Timestamp == 0 {
					first = page
				}
				return page, err
			}
			query := &taphoa.ProductQuery{Paging: taphoa.Paging{PageSize: 7}}
			next, err := client.Sync(t.Context(), list, query, since, func(rows []taphoa.Product, removed []int64) error {
				for _, p := range rows {
					mirror[p.ID] = p.Name
				}
				for _, id := range removed {
					delete(mirror, id)
				}
				return nil
			})
			want := taphoa.Time(first.Timestamp)
			if kind != withCursors || first.NextCursor == "" {
				want = want.Add(-time.Minute)
			}
			if err != nil || next != max(since, want) {
				t.Fatalf("the next instant is %v, want %v: %v", next, max(since, want), err)
			}
			since = next
		}
		for range 5 {
			sync()
		}
		stop()
		sync()
		shop := map[int64]string{}
		for p, err := range client.All(t.Context(), c.ListProducts, nil) {
			if err != nil {
				t.Fatal(err)
			}
			shop[p.ID] = p.Name
		}
		if !reflect.DeepEqual(mirror, shop) {
			t.Errorf("the mirror has %d products, the shop %d, or other names", len(mirror), len(shop))
		}
	})
}

// TestSyncByCursorHasNoOverlap: with cursors the changes of the last minute are not delivered again.
func TestSyncByCursorHasNoOverlap(t *testing.T) {
	eachServer(t, 150, func(t *testing.T, kind string, d *apitest.Server, c *client.Client, ids []int64) {
		rename := func(id int64) {
			d.Clock.Advance(10)
			if _, err := c.UpdateProduct(t.Context(), &taphoa.ProductInput{ID: id, Name: taphoa.Some("Tên mới")}); err != nil {
				t.Fatal(err)
			}
		}
		var got []int64
		apply := func(rows []taphoa.Product, _ []int64) error {
			for _, p := range rows {
				got = append(got, p.ID)
			}
			return nil
		}
		rename(ids[3])
		since, err := client.Sync(t.Context(), c.ListProducts, nil, 0, apply)
		if err != nil || !slices.Equal(got, ids) {
			t.Fatalf("%d of %d products, %v", len(got), len(ids), err)
		}
		rename(ids[7])
		got = nil
		want := ids
		if kind == withCursors {
			want = []int64{ids[3], ids[7]} // the first has the instant itself, which lastModifiedFrom includes
		}
		if _, err = client.Sync(t.Context(), c.ListProducts, nil, since, apply); err != nil || !slices.Equal(got, want) {
			t.Errorf("%d products are delivered again, want %d: %v", len(got), len(want), err)
		}
	})
}

// TestEveryListCanBeReadByCursor reads every list of the demo that has cursors in three pages and compares the rows with
// those of one page. A request without a cursor gets none.
func TestEveryListCanBeReadByCursor(t *testing.T) {
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c := connectDemo(t, serveDemo(t, engine))
			campaigns, err := c.ListVoucherCampaigns(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			several := 0
			methods := reflect.ValueOf(c)
			for i := range methods.NumMethod() {
				name, method := methods.Type().Method(i).Name, methods.Method(i)
				if method.Type().In(1).Kind() != reflect.Pointer || name == "ListWebhookDeliveries" { // ListDeliveries, of one webhook
					continue
				}
				query := reflect.New(method.Type().In(1).Elem())
				if v, ok := query.Interface().(*taphoa.VoucherQuery); ok {
					v.CampaignID = taphoa.Some(campaigns.Data[0].ID)
				}
				if query.Elem().FieldByName("Cursor").IsValid() && checkList(t, name, method, query) > 1 {
					several++
				}
			}
			if several < 20 {
				t.Errorf("only %d lists have several records", several)
			}
		})
	}
}

// checkList reads a list in one page and in three, and returns how many records it has.
func checkList(t *testing.T, name string, method, query reflect.Value) int {
	t.Helper()
	if old := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), query}); !old[0].FieldByName("NextCursor").IsZero() {
		t.Errorf("%s: a request without a cursor gets one", name)
	}
	read := func(pageSize int) (all []any, pages int) {
		size := query.Elem().FieldByName("PageSize").Addr().Interface()
		if whole, ok := size.(*taphoa.Opt[int64]); ok {
			*whole = taphoa.Some(int64(pageSize))
		} else {
			*size.(*int64) = int64(pageSize)
		}
		for cursor := "*"; cursor != ""; pages++ {
			query.Elem().FieldByName("Cursor").SetString(cursor)
			out := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), query})
			if !out[1].IsNil() {
				t.Fatalf("%s: %v", name, out[1])
			}
			for _, row := range out[0].FieldByName("Data").Seq2() {
				all = append(all, row.Interface())
			}
			cursor = out[0].FieldByName("NextCursor").String()
		}
		return all, pages
	}
	whole, _ := read(taphoa.PageSizeMax)
	size := max(1, (len(whole)+2)/3)
	if rows, pages := read(size); !reflect.DeepEqual(rows, whole) || pages != max(1, (len(whole)+size-1)/size) {
		t.Errorf("%s: %d rows on %d pages of %d, want %d", name, len(rows), pages, size, len(whole))
	}
	return len(whole)
}

// script is a server that returns pages in turn and records the requests.
type script struct {
	pages     []taphoa.Page[int64]
	errs      map[int]error // by the number of the request
	requested []string
}

func (s *script) list(_ context.Context, q *taphoa.ProductQuery) (taphoa.Page[int64], error) {
	return s.response(q.Cursor, q.CurrentItem, q.PageSize)
}

func (s *script) response(cursor string, item, size int64) (taphoa.Page[int64], error) {
	at := len(s.requested)
	s.requested = append(s.requested, fmt.Sprintf("%s %d %d", cursor, item, size))
	if err := s.errs[at]; err != nil {
		return taphoa.Page[int64]{}, err
	}
	if len(s.pages) == 0 {
		return taphoa.Page[int64]{Total: 6, PageSize: size}, nil
	}
	page := s.pages[0]
	s.pages = s.pages[1:]
	return page, nil
}

func TestAListIsReadByCursorIfTheServerHasCursors(t *testing.T) {
	refusal := func(status int) error { return &client.Error{Status: status, Code: "X"} }
	page := func(total int64, next string, rows ...int64) taphoa.Page[int64] {
		return taphoa.Page[int64]{Total: total, PageSize: 2, Data: rows, NextCursor: next}
	}
	for name, c := range map[string]struct {
		query     taphoa.Paging
		pages     []taphoa.Page[int64]
		errs      map[int]error
		requested string // cursor, currentItem and pageSize of each request
		rows      string
		fails     string
	}{
		"cursors to the end": {
			pages:     []taphoa.Page[int64]{page(5, "a", 1, 2), page(5, "b", 3, 4), page(5, "", 5)},
			requested: "* 0 100, a 0 100, b 0 100", rows: "[1 2 3 4 5]",
		},
		"rows that were added meanwhile are beyond the total": {
			pages:     []taphoa.Page[int64]{page(3, "a", 1, 2), page(3, "b", 3, 4), page(3, "", 5)},
			requested: "* 0 100, a 0 100, b 0 100", rows: "[1 2 3 4 5]",
		},
		"all on one page": {pages: []taphoa.Page[int64]{page(2, "", 1, 2)}, requested: "* 0 100", rows: "[1 2]"},
		"an empty list":   {pages: []taphoa.Page[int64]{page(0, "")}, requested: "* 0 100", rows: "[]"},
		"no cursors": {
			pages:     []taphoa.Page[int64]{page(3, "", 1, 2), page(3, "", 3)},
			requested: "* 0 100,  2 100", rows: "[1 2 3]",
		},
		"no cursors, and the list gets shorter": {
			pages:     []taphoa.Page[int64]{page(4, "", 1, 2), page(3, "", 4), page(3, "", 3, 4)},
			requested: "* 0 100,  2 100,  1 100", rows: "[1 2 3 4]",
		},
		"no cursors, and the list gets shorter by a page that is still to come": {
			pages:     []taphoa.Page[int64]{page(6, "", 1, 2), page(4, "", 3, 4), page(4, "", 1, 2), page(4, "", 3, 4)},
			requested: "* 0 100,  2 100,  0 100,  2 100", rows: "[1 2 1 2 3 4]",
		},
		"an unknown parameter is refused": {
			errs:      map[int]error{0: refusal(400)},
			pages:     []taphoa.Page[int64]{page(3, "", 1, 2), page(3, "", 3)},
			requested: "* 0 100,  0 100,  2 100", rows: "[1 2 3]",
		},
		"the query is refused for something else": {errs: map[int]error{0: refusal(420), 1: refusal(421)}, requested: "* 0 100,  0 100", rows: "[]", fails: "421 X: "},
		"the server is down":                      {errs: map[int]error{0: refusal(503)}, requested: "* 0 100", rows: "[]", fails: "503 X: "},
		"too many requests":                       {errs: map[int]error{0: refusal(429)}, requested: "* 0 100", rows: "[]", fails: "429 X: "},
		"the token is refused":                    {errs: map[int]error{0: refusal(401)}, requested: "* 0 100", rows: "[]", fails: "401 X: "},
		"the connection breaks":                   {errs: map[int]error{0: errors.New("broken")}, requested: "* 0 100", rows: "[]", fails: "broken"},
		"a refusal of a later page": {
			pages: []taphoa.Page[int64]{page(5, "a", 1, 2)}, errs: map[int]error{1: refusal(400)},
			requested: "* 0 100, a 0 100", rows: "[1 2]", fails: "400 X: ",
		},
		"the same cursor for ever": {
			pages:     []taphoa.Page[int64]{page(5, "a", 1, 2), page(5, "a", 1, 2)},
			requested: "* 0 100, a 0 100", rows: "[1 2]", fails: "client: the server answers a page with the cursor of that very page",
		},
		"the caller begins after some rows": {
			query:     taphoa.Paging{CurrentItem: 3, PageSize: 2},
			pages:     []taphoa.Page[int64]{page(6, "", 4, 5), page(6, "", 6)},
			requested: " 3 2,  5 2,  7 2", rows: "[4 5 6]",
		},
		"the caller begins after a page": {
			query:     taphoa.Paging{Cursor: "a"},
			pages:     []taphoa.Page[int64]{page(9, "b", 3, 4), page(9, "", 5)},
			requested: "a 0 100, b 0 100", rows: "[3 4 5]",
		},
		"the caller begins after a page, and it is refused": {
			query: taphoa.Paging{Cursor: "a"}, errs: map[int]error{0: refusal(400)},
			requested: "a 0 100", rows: "[]", fails: "400 X: ",
		},
	} {
		s, rows, fails := &script{pages: c.pages, errs: c.errs}, []int64{}, ""
		for row, err := range client.All(t.Context(), s.list, &taphoa.ProductQuery{Paging: c.query}) {
			if err != nil {
				fails = err.Error()
				break
			}
			rows = append(rows, row)
		}
		if requested := strings.Join(s.requested, ", "); requested != c.requested || fmt.Sprint(rows) != c.rows || fails != c.fails {
			t.Errorf("%s: requested %q, got %v, %q", name, requested, rows, fails)
		}
	}
}

// TestAWholeListIsNotCut: a list that is not paged by default is requested without a page size.
func TestAWholeListIsNotCut(t *testing.T) {
	for size, want := range map[int64]string{0: " 0 0", 2: "* 0 2"} {
		s := &script{pages: []taphoa.Page[int64]{{Total: 2, PageSize: 2, Data: []int64{1, 2}}}}
		list := func(_ context.Context, q *taphoa.VoucherQuery) (taphoa.Page[int64], error) {
			return s.response(q.Cursor, q.CurrentItem.Or(0), q.PageSize.Or(0))
		}
		for _, err := range client.All(t.Context(), list, &taphoa.VoucherQuery{WholePaging: taphoa.WholePaging{PageSize: taphoa.SomeIf(size)}}) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if requested := strings.Join(s.requested, ", "); requested != want {
			t.Errorf("of size %d: %q, want %q", size, requested, want)
		}
	}
}

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

// servers are the kinds of servers that a client may meet, made of a Taphoa.
var servers = map[string]func(http.Handler) http.Handler{
	"with cursors": func(next http.Handler) http.Handler { return next },
	"that passes over cursors": func(next http.Handler) http.Handler {
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

// eachServer runs a test against each kind of server on both engines. The shop has some products, whose ids it gets.
func eachServer(t *testing.T, products int, test func(t *testing.T, kind string, d *apitest.Server, c *client.Client, ids []int64)) {
	for kind, make := range servers {
		t.Run(kind, func(t *testing.T) {
			for _, engine := range dbtest.Engines {
				t.Run(engine, func(t *testing.T) {
					t.Parallel()
					d := apitest.New(t, engine)
					c := connect(t, config(d, serve(t, make(d))))
					test(t, kind, d, c, stock(t, c, products))
				})
			}
		})
	}
}

// stock makes products and answers their ids.
func stock(t *testing.T, c *client.Client, n int) []int64 {
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

func TestAllProductsComeThoughSomeGoMeanwhile(t *testing.T) {
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
			t.Errorf("%d of %d products came, %d times", len(seen), len(ids), n)
		}
	})
}

// churn lets eight hands change products until it is stopped. Of each three neighbours the first stays, the second is renamed
// again and again, the third is deleted. With add, new products come as well, and half of them go again. Time goes on by a
// second a round of the hands, so that some changes share their instant.
func churn(t *testing.T, d *apitest.Server, c *client.Client, ids []int64, add bool) (stop func()) {
	t.Helper()
	var stopped atomic.Bool
	var hands sync.WaitGroup
	for hand := range 8 {
		hands.Go(func() {
			for round := 0; !stopped.Load(); round++ {
				for i := 3 * hand; i+2 < len(ids) && !stopped.Load(); i += 3 * 8 {
					if hand == 0 {
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
	return func() { stopped.Store(true); hands.Wait() }
}

// TestAllProductsComeWhileEightHandsChangeThem walks while products are renamed and deleted, and at a server with cursors also
// added: there each comes once. Without cursors none is left out as long as the list only gets shorter.
func TestAllProductsComeWhileEightHandsChangeThem(t *testing.T) {
	eachServer(t, 240, func(t *testing.T, kind string, d *apitest.Server, c *client.Client, ids []int64) {
		stop := churn(t, d, c, ids, kind == withCursors)
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
					t.Errorf("product %d did not come", id)
				}
			}
			for id, n := range seen {
				if kind == withCursors && n != 1 {
					t.Errorf("product %d came %d times", id, n)
				}
			}
		}
	})
}

// TestSyncLosesNothingWhileEightHandsChangeTheShop keeps a mirror of a shop that does not stand still.
func TestSyncLosesNothingWhileEightHandsChangeTheShop(t *testing.T) {
	eachServer(t, 240, func(t *testing.T, kind string, d *apitest.Server, c *client.Client, ids []int64) {
		stop := churn(t, d, c, ids, kind == withCursors)
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
			mark := taphoa.Time(first.Timestamp)
			if kind != withCursors || first.NextCursor == "" {
				mark = mark.Add(-time.Minute)
			}
			if err != nil || next != max(since, mark) {
				t.Fatalf("the next mark is %v, want %v: %v", next, max(since, mark), err)
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

// TestSyncByCursorReachesNotBack holds that where the mark is exact no minute of changes is told again.
func TestSyncByCursorReachesNotBack(t *testing.T) {
	eachServer(t, 150, func(t *testing.T, kind string, d *apitest.Server, c *client.Client, ids []int64) {
		rename := func(id int64) {
			d.Clock.Advance(10)
			if _, err := c.UpdateProduct(t.Context(), &taphoa.ProductInput{ID: id, Name: taphoa.Some("Tên mới")}); err != nil {
				t.Fatal(err)
			}
		}
		var told []int64
		tell := func(rows []taphoa.Product, _ []int64) error {
			for _, p := range rows {
				told = append(told, p.ID)
			}
			return nil
		}
		rename(ids[3])
		since, err := client.Sync(t.Context(), c.ListProducts, nil, 0, tell)
		if err != nil || !slices.Equal(told, ids) {
			t.Fatalf("%d of %d products, %v", len(told), len(ids), err)
		}
		rename(ids[7])
		told = nil
		want := ids
		if kind == withCursors {
			want = []int64{ids[3], ids[7]} // the first lies at the mark, which lastModifiedFrom includes
		}
		if _, err = client.Sync(t.Context(), c.ListProducts, nil, since, tell); err != nil || !slices.Equal(told, want) {
			t.Errorf("%d products are told again, want %d: %v", len(told), len(want), err)
		}
	})
}

// TestEveryListIsWalkedByCursor walks every list of the demo that knows cursors, in three pages: what comes is what the whole
// list has. Who does not ask for a cursor gets none.
func TestEveryListIsWalkedByCursor(t *testing.T) {
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
				if query.Elem().FieldByName("Cursor").IsValid() && walkList(t, name, method, query) > 1 {
					several++
				}
			}
			if several < 20 {
				t.Errorf("only %d lists have several records", several)
			}
		})
	}
}

// walkList walks a list whole and in parts, and answers how many records it has.
func walkList(t *testing.T, name string, method, query reflect.Value) int {
	t.Helper()
	if old := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), query}); !old[0].FieldByName("NextCursor").IsZero() {
		t.Errorf("%s: who asks for no cursor gets one", name)
	}
	walk := func(pageSize int) (all []any, pages int) {
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
	whole, _ := walk(taphoa.PageSizeMax)
	size := max(1, (len(whole)+2)/3)
	if parts, pages := walk(size); !reflect.DeepEqual(parts, whole) || pages != max(1, (len(whole)+size-1)/size) {
		t.Errorf("%s: %d rows on %d pages of %d, want %d", name, len(parts), pages, size, len(whole))
	}
	return len(whole)
}

// script is a server that answers pages in turn and keeps what it was asked.
type script struct {
	pages []taphoa.Page[int64]
	errs  map[int]error // by the number of the request
	asked []string
}

func (s *script) list(_ context.Context, q *taphoa.ProductQuery) (taphoa.Page[int64], error) {
	return s.answer(q.Cursor, q.CurrentItem, q.PageSize)
}

func (s *script) answer(cursor string, item, size int64) (taphoa.Page[int64], error) {
	at := len(s.asked)
	s.asked = append(s.asked, fmt.Sprintf("%s %d %d", cursor, item, size))
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

func TestAListIsAskedByCursorWhereTheServerHasOne(t *testing.T) {
	refusal := func(status int) error { return &client.Error{Status: status, Code: "X"} }
	page := func(total int64, next string, rows ...int64) taphoa.Page[int64] {
		return taphoa.Page[int64]{Total: total, PageSize: 2, Data: rows, NextCursor: next}
	}
	for name, c := range map[string]struct {
		query taphoa.Paging
		pages []taphoa.Page[int64]
		errs  map[int]error
		asked string // cursor, currentItem and pageSize of each request
		rows  string
		fails string
	}{
		"cursors to the end": {
			pages: []taphoa.Page[int64]{page(5, "a", 1, 2), page(5, "b", 3, 4), page(5, "", 5)},
			asked: "* 0 100, a 0 100, b 0 100", rows: "[1 2 3 4 5]",
		},
		"rows that have come meanwhile are beyond the total": {
			pages: []taphoa.Page[int64]{page(3, "a", 1, 2), page(3, "b", 3, 4), page(3, "", 5)},
			asked: "* 0 100, a 0 100, b 0 100", rows: "[1 2 3 4 5]",
		},
		"all on one page": {pages: []taphoa.Page[int64]{page(2, "", 1, 2)}, asked: "* 0 100", rows: "[1 2]"},
		"an empty list":   {pages: []taphoa.Page[int64]{page(0, "")}, asked: "* 0 100", rows: "[]"},
		"no cursors": {
			pages: []taphoa.Page[int64]{page(3, "", 1, 2), page(3, "", 3)},
			asked: "* 0 100,  2 100", rows: "[1 2 3]",
		},
		"no cursors, and the list gets shorter": {
			pages: []taphoa.Page[int64]{page(4, "", 1, 2), page(3, "", 4), page(3, "", 3, 4)},
			asked: "* 0 100,  2 100,  1 100", rows: "[1 2 3 4]",
		},
		"no cursors, and the list gets shorter by a page that is still to come": {
			pages: []taphoa.Page[int64]{page(6, "", 1, 2), page(4, "", 3, 4), page(4, "", 1, 2), page(4, "", 3, 4)},
			asked: "* 0 100,  2 100,  0 100,  2 100", rows: "[1 2 1 2 3 4]",
		},
		"an unknown parameter is refused": {
			errs:  map[int]error{0: refusal(400)},
			pages: []taphoa.Page[int64]{page(3, "", 1, 2), page(3, "", 3)},
			asked: "* 0 100,  0 100,  2 100", rows: "[1 2 3]",
		},
		"the query is refused for something else": {errs: map[int]error{0: refusal(420), 1: refusal(421)}, asked: "* 0 100,  0 100", rows: "[]", fails: "421 X: "},
		"the server is down":                      {errs: map[int]error{0: refusal(503)}, asked: "* 0 100", rows: "[]", fails: "503 X: "},
		"too many requests":                       {errs: map[int]error{0: refusal(429)}, asked: "* 0 100", rows: "[]", fails: "429 X: "},
		"the token is refused":                    {errs: map[int]error{0: refusal(401)}, asked: "* 0 100", rows: "[]", fails: "401 X: "},
		"the connection breaks":                   {errs: map[int]error{0: errors.New("broken")}, asked: "* 0 100", rows: "[]", fails: "broken"},
		"a refusal on the way": {
			pages: []taphoa.Page[int64]{page(5, "a", 1, 2)}, errs: map[int]error{1: refusal(400)},
			asked: "* 0 100, a 0 100", rows: "[1 2]", fails: "400 X: ",
		},
		"the same cursor for ever": {
			pages: []taphoa.Page[int64]{page(5, "a", 1, 2), page(5, "a", 1, 2)},
			asked: "* 0 100, a 0 100", rows: "[1 2]", fails: "client: the server answers a page with the cursor of that very page",
		},
		"the caller begins behind some rows": {
			query: taphoa.Paging{CurrentItem: 3, PageSize: 2},
			pages: []taphoa.Page[int64]{page(6, "", 4, 5), page(6, "", 6)},
			asked: " 3 2,  5 2,  7 2", rows: "[4 5 6]",
		},
		"the caller begins behind a page": {
			query: taphoa.Paging{Cursor: "a"},
			pages: []taphoa.Page[int64]{page(9, "b", 3, 4), page(9, "", 5)},
			asked: "a 0 100, b 0 100", rows: "[3 4 5]",
		},
		"the caller begins behind a page, and it is refused": {
			query: taphoa.Paging{Cursor: "a"}, errs: map[int]error{0: refusal(400)},
			asked: "a 0 100", rows: "[]", fails: "400 X: ",
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
		if asked := strings.Join(s.asked, ", "); asked != c.asked || fmt.Sprint(rows) != c.rows || fails != c.fails {
			t.Errorf("%s: asked %q, got %v, %q", name, asked, rows, fails)
		}
	}
}

// TestAWholeListIsNotCut holds that a list which is whole without a page size is asked for as it is.
func TestAWholeListIsNotCut(t *testing.T) {
	for size, want := range map[int64]string{0: " 0 0", 2: "* 0 2"} {
		s := &script{pages: []taphoa.Page[int64]{{Total: 2, PageSize: 2, Data: []int64{1, 2}}}}
		list := func(_ context.Context, q *taphoa.VoucherQuery) (taphoa.Page[int64], error) {
			return s.answer(q.Cursor, q.CurrentItem.Or(0), q.PageSize.Or(0))
		}
		for _, err := range client.All(t.Context(), list, &taphoa.VoucherQuery{WholePaging: taphoa.WholePaging{PageSize: taphoa.SomeIf(size)}}) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if asked := strings.Join(s.asked, ", "); asked != want {
			t.Errorf("of size %d: %q, want %q", size, asked, want)
		}
	}
}

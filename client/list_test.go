package client_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/apitest"
)

// newStockedShop returns a shop with 250 products.
func newStockedShop(t *testing.T) (*apitest.Server, *client.Client, []int64) {
	t.Helper()
	d := apitest.New(t, "sqlite")
	c := connect(t, config(d, serve(t, d)))
	return d, c, createProducts(t, c, 250)
}

func TestUnusualListsEnd(t *testing.T) {
	type list = client.List[taphoa.ProductQuery, int64]
	for name, c := range map[string]struct {
		list list
		want int
	}{
		"a smaller page than asked for": {func(_ context.Context, q *taphoa.ProductQuery) (taphoa.Page[int64], error) {
			rows := numbers(230)
			from := min(q.CurrentItem, 230)
			return taphoa.Page[int64]{Total: 230, PageSize: 50, Data: rows[from:min(from+50, 230)]}, nil
		}, 230},
		"no page size": {func(_ context.Context, q *taphoa.ProductQuery) (taphoa.Page[int64], error) {
			rows := numbers(230)
			from := min(q.CurrentItem, 230)
			return taphoa.Page[int64]{Total: 230, Data: rows[from:min(from+20, 230)]}, nil
		}, 230},
		"the same page again and again": {func(context.Context, *taphoa.ProductQuery) (taphoa.Page[int64], error) {
			return taphoa.Page[int64]{Total: 230, PageSize: 20, Data: numbers(20)}, nil
		}, 20},
		"neither total nor size": {func(context.Context, *taphoa.ProductQuery) (taphoa.Page[int64], error) {
			return taphoa.Page[int64]{Data: numbers(20)}, nil
		}, 20},
		"a list that gets shorter by a page that is still to come": {func() list {
			rows := numbers(60)
			return func(_ context.Context, q *taphoa.ProductQuery) (taphoa.Page[int64], error) {
				from := min(q.CurrentItem, int64(len(rows)))
				page := taphoa.Page[int64]{Total: int64(len(rows)), PageSize: 20, Data: rows[from:min(from+20, int64(len(rows)))]}
				if q.CurrentItem == 0 {
					rows = numbers(40)
				}
				return page, nil
			}
		}(), 60}, // the first page twice
		"nothing but a total": {func(context.Context, *taphoa.ProductQuery) (taphoa.Page[int64], error) {
			return taphoa.Page[int64]{Total: 7, PageSize: 20}, nil
		}, 0},
		"a list that shrinks for ever": {func() list {
			total := int64(1000)
			return func(context.Context, *taphoa.ProductQuery) (taphoa.Page[int64], error) {
				if total -= 10; total <= 0 {
					return taphoa.Page[int64]{PageSize: 1}, nil
				}
				return taphoa.Page[int64]{Total: total, PageSize: 1, Data: []int64{total}}, nil
			}
		}(), -1},
	} {
		n := 0
		for _, err := range client.All(t.Context(), c.list, nil) {
			if n++; err != nil || n > 10_000 {
				t.Fatalf("%s: %v after %d rows", name, err, n)
			}
		}
		if c.want >= 0 && n != c.want {
			t.Errorf("%s: %d rows", name, n)
		}
	}
}

func numbers(n int64) (all []int64) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

func TestSyncReportsChangesAndRemovals(t *testing.T) {
	d, c, ids := newStockedShop(t)
	mirror := map[int64]string{}
	apply := func(rows []taphoa.Product, removed []int64) error {
		for _, p := range rows {
			mirror[p.ID] = p.Name
		}
		for _, id := range removed {
			delete(mirror, id)
		}
		return nil
	}
	since, err := client.Sync(t.Context(), c.ListProducts, nil, 0, apply)
	if err != nil || since == 0 || len(mirror) != 250 {
		t.Fatalf("%d products until %v, %v", len(mirror), since, err)
	}
	d.Clock.Advance(3600)
	if _, err := c.UpdateProduct(t.Context(), &taphoa.ProductInput{ID: ids[7], Name: taphoa.Some("Tên mới")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DeleteProduct(t.Context(), &taphoa.ByID{ID: ids[8]}); err != nil {
		t.Fatal(err)
	}
	d.Clock.Advance(3600)
	got := 0
	next, err := client.Sync(t.Context(), c.ListProducts, nil, since.Add(time.Hour), func(rows []taphoa.Product, removed []int64) error {
		got += len(rows) + len(removed)
		return apply(rows, removed)
	})
	if _, there := mirror[ids[8]]; err != nil || got != 2 || mirror[ids[7]] != "Tên mới" || there || next <= since {
		t.Errorf("got %d, %q, removed %t, %v", got, mirror[ids[7]], !there, err)
	}
	full := errors.New("disk full")
	if again, err := client.Sync(t.Context(), c.ListProducts, nil, 5, func([]taphoa.Product, []int64) error { return full }); again != 5 || !errors.Is(err, full) {
		t.Errorf("%v %v", again, err)
	}
}

func TestFollowReturnsEventsInOrder(t *testing.T) {
	d := apitest.New(t, "sqlite")
	c := connect(t, config(d, serve(t, d)))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := range 3 {
			time.Sleep(30 * time.Millisecond)
			if _, err := c.CreateCustomer(ctx, &taphoa.CustomerInput{Name: taphoa.Some(fmt.Sprint("Khách ", i))}); err != nil {
				t.Error(err)
			}
		}
	})
	var names []string
	for e, err := range c.Follow(ctx, taphoa.EventQuery{Types: []string{"customer.update"}}) {
		if err != nil {
			t.Fatal(err)
		}
		customers, err := client.DataOf[taphoa.CustomerData](e.Data)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range customers {
			names = append(names, k.Name)
		}
		if len(names) == 3 {
			break
		}
	}
	writer.Wait() // the last event may arrive before the response
	if want := []string{"Khách 0", "Khách 1", "Khách 2"}; !slices.Equal(names, want) {
		t.Errorf("got %v", names)
	}
	for _, err := range c.Follow(ctx, taphoa.EventQuery{After: taphoa.Some(int64(999))}) {
		if e := (*client.Error)(nil); !errors.As(err, &e) || e.Code != taphoa.CodeEventsGone {
			t.Errorf("beyond the end: %v", err)
		}
	}
}

package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/db"
)

// shortOrder is of goods without other units and combos: the plan knows their event, so that it is not read.
func shortOrder(d *apitest.Server) string {
	return fmt.Sprintf(`{"branchId":%d,"customerId":%d,"method":"Cash","orderDetails":[{"productCode":"AO-M","quantity":1}]}`,
		d.ID("branch:CN1"), d.ID("customer:KH-HOA"))
}

// TestAnOrderTakesTwoRoundTripsAloneAndOneInAGroup: what it asks travels with the lock of the shop's head, what it saves
// with what the next order asks, or with the commit.
func TestAnOrderTakesTwoRoundTripsAloneAndOneInAGroup(t *testing.T) {
	t.Parallel()
	d := apitest.Seeded(t, "postgres")
	body := shortOrder(d)
	sell := func() {
		if a := d.Send(http.MethodPost, "/orders", body); a.Status != http.StatusOK {
			t.Errorf("answered %d: %s", a.Status, a.Body)
		}
	}
	sell()
	sell()
	before := d.DB.Stats(t.Context())
	sell()
	if n := d.DB.Stats(t.Context()).RoundTrips - before.RoundTrips; n != 2 {
		t.Errorf("an order alone takes %d round trips, want 2", n)
	}

	// The first operation keeps the writer busy until the orders wait for it.
	const orders = 6
	began, release := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	before = d.DB.Stats(t.Context())
	group.Go(func() {
		err := d.DB.Write(t.Context(), db.Actor{Retailer: d.Shop.Retailer}, func(tx *db.Tx) error {
			close(began)
			<-release
			_, err := db.All[int64](tx, `SELECT id FROM branches WHERE retailer_id = :retailer`)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-began
	for range orders {
		group.Go(sell)
	}
	for d.DB.Stats(t.Context()).Writer.Waiting < orders {
		time.Sleep(time.Millisecond)
	}
	close(release)
	group.Wait()
	after := d.DB.Stats(t.Context())
	commits := after.Writer.Commits - before.Writer.Commits
	if n := after.RoundTrips - before.RoundTrips; n != 1+orders+commits {
		t.Errorf("%d orders and an operation that asks once take %d round trips in %d commits", orders, n, commits)
	}
	if commits > orders {
		t.Errorf("%d commits: the orders have not shared any", commits)
	}
}

// TestTwoServersTakeTurnsAtAShop: each server expects of the shop what it stored last, and is wrong. Each order is sent to
// both under one key: the second server replays what the first has answered.
func TestTwoServersTakeTurnsAtAShop(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		servers, body := []*apitest.Server{d, d.SecondServer()}, shortOrder(d)
		code := func(a apitest.Answer) string {
			if a.Status != http.StatusOK {
				t.Fatalf("answered %d: %s", a.Status, a.Body)
			}
			code, _ := a.Get("$.code")
			return code
		}
		codes := map[string]bool{}
		for i := range 16 {
			first, second := servers[i/2%2], servers[(i/2+1)%2]
			key := fmt.Sprint("order ", i)
			a := first.Send(http.MethodPost, "/orders", body, keyHeader, key)
			b := second.Send(http.MethodPost, "/orders", body, keyHeader, key)
			if b.Header.Get("Idempotency-Replayed") != "true" || !bytes.Equal(a.Body, b.Body) {
				t.Errorf("order %d: %d %s, then %d %s", i, a.Status, a.Body, b.Status, b.Body)
			}
			dry := second.Send(http.MethodPost, "/orders", body, dryRunHeader, "true")
			next := first.Send(http.MethodPost, "/orders", body)
			if code(dry) != code(next) {
				t.Errorf("a dry run shows order %s, then comes %s", code(dry), code(next))
			}
			codes[code(a)], codes[code(next)] = true, true
		}
		if len(codes) != 32 {
			t.Errorf("32 orders have %d codes", len(codes))
		}
	})
}

package api_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/apitest"
)

// walk reads a list by cursor and returns its rows. If seen is not nil, it gets each page before the next is requested.
func walk(t *testing.T, d *apitest.Server, target string, seen func(apitest.Answer)) (rows []row) {
	t.Helper()
	var first [2]string
	for cursor, pages := "*", 0; cursor != ""; pages++ {
		a := d.Send(http.MethodGet, target+"&cursor="+cursor, "")
		rows = append(rows, rowsOf(t, a)...)
		stamp, _ := a.Get("$.timestamp")
		total, _ := a.Get("$.total")
		if pages == 0 {
			first = [2]string{stamp, total}
		}
		if now := [2]string{stamp, total}; now != first {
			t.Errorf("%s: page %d has %v, the first one %v", target, pages, now, first)
		}
		cursor, _ = a.Get("$.nextCursor")
		if url.QueryEscape(cursor) != cursor {
			t.Errorf("%s: the cursor %s must be escaped", target, cursor)
		}
		if pages > 1000 {
			t.Fatalf("%s has no end", target)
		}
		if seen != nil {
			seen(a)
		}
	}
	return rows
}

// TestEveryListIsWalkedByCursor walks each list by cursors while the shop changes, and asks with wrong ones.
func TestEveryListIsWalkedByCursor(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		assort(t, d)
		paths := listPaths(d)
		paths["listCategories as a tree"] = paths["listCategories"] + "&hierachicalData=1"
		paths["getPriceBook 0"] = "/pricebooks/0?"
		changes := 0
		change := func(apitest.Answer) {
			changes++
			d.Clock.Advance(1)
			if a := d.Send(http.MethodPut, "/settings", fmt.Sprintf(`{"RewardPointRate":%d0000}`, changes)); a.Status != http.StatusOK {
				t.Fatalf("%s", a.Body)
			}
		}
		for operation, path := range paths {
			size := "&pageSize=2"
			if operation == "listLocations" {
				size = "&pageSize=100"
			}
			plain := d.Send(http.MethodGet, path+"&pageSize=1000", "")
			wanted, walked := texts(rowsOf(t, plain)), texts(walk(t, d, path+size, change))
			if len(wanted) < 3 || !slices.Equal(walked, wanted) || strings.Contains(string(plain.Body), "nextCursor") {
				t.Errorf("%s: the walk met %d records, not these %d:\n%s\n%s", operation, len(walked), len(wanted), walked, wanted)
			}
			other := "&orderBy=id&orderDirection=desc"
			if strings.Contains(operation, "Deliver") { // the newest come first
				other = "&orderBy=id"
			}
			next, _ := d.Send(http.MethodGet, path+size+"&cursor=*", "").Get("$.nextCursor")
			if a := d.As(d.OtherShop).Send(http.MethodGet, path+size+"&cursor="+next, ""); a.Status != 420 {
				t.Errorf("%s: another shop's cursor: %d %s", operation, a.Status, a.Body)
			}
			for _, wrong := range []string{
				"cursor=" + changedCursor(t, next, `"at":`, `"at":-`), "cursor=" + changedCursor(t, next, `"c":`, `"c":-1`), "cursor=x", "cursor=%25", "cursor=" + next + "A", "cursor=" + strings.TrimPrefix(next, "e"), "cursor=*&currentItem=1", "cursor=" + next + "&currentItem=1",
				"cursor=" + next + other, "cursor=" + strings.Repeat("e30", 1000),
			} {
				a := d.Send(http.MethodGet, path+size+"&"+wrong, "")
				if field, _ := a.Get("$.responseStatus.errors[0].fieldName"); a.Status != 420 || field != "cursor" {
					t.Errorf("%s: %s: %d %s", operation, wrong, a.Status, a.Body)
				}
			}
		}
	})
}

// changedCursor is a cursor in which a client has replaced a text.
func changedCursor(t *testing.T, cursor, old, instead string) string {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("the cursor %s, %v", text, err)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(text), old, instead, 1)))
}

// TestAWalkGoesOnBehindTheLongestTexts sorts by members that are as long as allowed: the server accepts the cursors that it
// returns, and they are short enough for proxies.
func TestAWalkGoesOnBehindTheLongestTexts(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		long := strings.NewReplacer("~2000", strings.Repeat("ệ", 1999), "~65536", strings.Repeat("ệ", 21_000),
			"~255", strings.Repeat("ệ", 254), "~100", strings.Repeat("ệ", 99))
		for i := range 3 {
			for _, request := range []string{
				`POST /products {"name":"#~255","categoryId":{category:Trà},"description":"#~65536","orderTemplate":"#~2000","attributes":[
					{"attributeName":"A~100","attributeValue":"#~255"},{"attributeName":"B~100","attributeValue":"#~255"}]}`,
				`POST /customers {"name":"#~255","comments":"#~2000","address":"#~255","organization":"#~255"}`,
				`POST /suppliers {"name":"#~255","comments":"#~2000","address":"#~255"}`,
				`POST /customers/group {"name":"#~100","description":"#~2000"}`,
				`POST /pricebooks {"name":"#~255"}`,
				`POST /trademarks {"tradeMarkName":"#~255"}`,
				`POST /branches {"branchName":"#~255","address":"#~255"}`,
				`POST /orders {"branchId":{branch:CN1},"description":"#~2000","orderDetails":[{"productCode":"TRA","quantity":1}]}`,
			} {
				method, rest, _ := strings.Cut(fillIn(d, strings.ReplaceAll(request, "#", fmt.Sprint(i))), " ")
				path, body, _ := strings.Cut(rest, " ")
				if a := d.Send(method, path, long.Replace(body)); a.Status != http.StatusOK {
					t.Fatalf("%s: %d %s", request, a.Status, a.Body)
				}
			}
		}
		for list, members := range map[string]string{
			"products": "name fullName description orderTemplate", "customers": "name comments address organization",
			"suppliers": "name comments address", "customers/group": "name description", "pricebooks": "name", "trademarks": "tradeMarkName",
			"branches": "branchName address", "orders": "description",
		} {
			for _, member := range strings.Fields(members) {
				for _, direction := range []string{"asc", "desc"} {
					target := fmt.Sprintf("/%s?pageSize=1&orderBy=%s&orderDirection=%s", list, member, direction)
					total := ""
					rows := walk(t, d, target, func(a apitest.Answer) {
						total, _ = a.Get("$.total")
						if next, _ := a.Get("$.nextCursor"); len(next) > 4000 {
							t.Errorf("%s: a cursor has %d bytes", target, len(next))
						}
					})
					if fmt.Sprint(len(rows)) != total {
						t.Errorf("%s: the walk met %d of %s", target, len(rows), total)
					}
				}
			}
		}
	})
}

// TestAWalkWithEightWritersLosesAndDoublesNothing reads each list by small pages while eight concurrent clients add, change,
// delete and void records of all of them. A record that exists during the whole walk is returned exactly once, no record is
// returned twice, and lastModifiedFrom with the walk's timestamp returns all the rest.
func TestAWalkWithEightWritersLosesAndDoublesNothing(t *testing.T) {
	const writers, before, most = 8, 2, 6
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		d.Set("UseSurcharge", "true")
		d.Set("AllowSellWhenOutStock", "true")
		r := newRace(t, []*apitest.Server{d})
		paths, operations := listPaths(d), slices.Sorted(maps.Keys(mirroredLists))
		var group sync.WaitGroup
		workers := make([]*writer, writers)
		for i := range workers {
			h := r.newWriter(i, most)
			workers[i] = h
			group.Go(func() {
				for _, operation := range operations {
					for l := h.filled(operation); h.add(operation, l, before); {
					}
				}
			})
		}
		group.Wait()
		deliver(d)
		whole := func(operation string) map[string]bool {
			ids := map[string]bool{}
			for _, x := range rowsOf(t, d.Send(http.MethodGet, paths[operation]+"&pageSize=1000", "")) {
				ids[x.id()] = true
			}
			return ids
		}
		had, met := map[string]map[string]bool{}, map[string]map[string]int{}
		for operation := range paths {
			had[operation], met[operation] = whole(operation), map[string]int{}
		}
		began := r.writes.Load()
		for _, h := range workers {
			group.Go(func() { h.work(operations, r.over.Load) })
		}
		var pollers []*poller
		for operation, path := range paths {
			size := 5
			if operation == "listLocations" {
				size = 100
			}
			p := &poller{race: r, operation: operation, by: workers[0].by, rows: map[string]string{}, removed: map[string]bool{}}
			if r.paths[operation] != "" {
				path = strings.Replace(r.paths[operation], "pageSize=1000", "", 1)
				pollers = append(pollers, p)
			}
			for _, x := range walk(t, d, fmt.Sprint(path, "&pageSize=", size), func(a apitest.Answer) {
				_, _, p.mark = p.take(a.Body)
				if strings.Contains(operation, "Deliver") {
					deliver(d)
				}
				for since := r.writes.Load(); r.writes.Load() < since+1 && !r.Failed(); { // so that each page is of another shop
					time.Sleep(50 * time.Microsecond)
				}
			}) {
				met[operation][x.id()]++
			}
		}
		r.over.Store(true)
		group.Wait()
		records := 0
		for operation := range paths {
			for id := range whole(operation) {
				if had[operation][id] && met[operation][id] != 1 {
					t.Errorf("%s: the walk met %s %d times", operation, id, met[operation][id])
				}
				records++
			}
			for id, times := range met[operation] {
				if times > 1 {
					t.Errorf("%s: the walk met %s %d times", operation, id, times)
				}
			}
		}
		for _, p := range pollers {
			p.poll()
			p.compare()
		}
		t.Logf("%d lists, %d records, %d writes meanwhile", len(paths), records, r.writes.Load()-began)
	})
}

// texts are rows as sorted texts.
func texts(rows []row) []string {
	var all []string
	for _, r := range rows {
		all = append(all, fmt.Sprint(r))
	}
	slices.Sort(all)
	return all
}

package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/apitest"
)

// walk walks a list by cursor and answers its rows. Between two pages it runs meanwhile, if there is one.
func walk(t *testing.T, d *apitest.Door, target string, meanwhile func()) (rows []row) {
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
			t.Errorf("%s: page %d bears %v, the first one %v", target, pages, now, first)
		}
		cursor, _ = a.Get("$.nextCursor")
		if url.QueryEscape(cursor) != cursor {
			t.Errorf("%s: the cursor %s must be escaped", target, cursor)
		}
		if pages > 1000 {
			t.Fatalf("%s has no end", target)
		}
		if meanwhile != nil {
			meanwhile()
		}
	}
	return rows
}

// TestEveryListIsWalkedByCursor walks each list by cursors while the shop changes, and asks with wrong ones.
func TestEveryListIsWalkedByCursor(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Door) {
		assort(t, d)
		paths := lists(d)
		paths["listCategories as a tree"] = paths["listCategories"] + "&hierachicalData=1"
		paths["getPriceBook 0"] = "/pricebooks/0?"
		changes := 0
		change := func() {
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
			for _, wrong := range []string{
				"cursor=x", "cursor=%25", "cursor=" + next + "A", "cursor=" + strings.TrimPrefix(next, "e"), "cursor=*&currentItem=1", "cursor=" + next + "&currentItem=1",
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

// texts are rows as sorted texts.
func texts(rows []row) []string {
	var all []string
	for _, r := range rows {
		all = append(all, fmt.Sprint(r))
	}
	slices.Sort(all)
	return all
}

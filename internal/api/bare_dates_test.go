package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
)

// untilMidnight are ends whose bare date is its midnight, as recorded at the vendor.
var untilMidnight = map[string]bool{"listCashFlow.endDate": true}

// wholeDays are ends that are days whatever the clock says (contract observed-behaviour).
var wholeDays = map[string]bool{"listInvoices.toPurchaseDate": true, "listOrders.toPurchaseDate": true, "listReturns.toReturnDate": true}

// TestABareEndDateIncludesItsDay in every list: no end of a period is forgotten.
func TestABareEndDateIncludesItsDay(t *testing.T) {
	seen := 0
	for _, r := range api.Routes() {
		if r.Method != http.MethodGet {
			continue
		}
		for _, f := range members(r.In) {
			name := f.Tag.Get("query")
			isEnd := strings.HasPrefix(name, "to") || strings.HasPrefix(name, "end")
			if !isEnd || f.Type != reflect.TypeFor[taphoa.Opt[taphoa.Time]]() {
				continue
			}
			seen++
			key := r.Operation + "." + name
			if bare := f.Tag.Get("bare") == "end"; bare == (untilMidnight[key] || wholeDays[key]) {
				t.Errorf("%s includes the day of a bare date: %v", key, bare)
			}
		}
	}
	if seen < 10 {
		t.Errorf("%d ends of periods", seen)
	}
}

// TestABareEndThatIsKeptIsTheLastSecondOfItsDay in every request that has one, at any depth.
func TestABareEndThatIsKeptIsTheLastSecondOfItsDay(t *testing.T) {
	seen, visited := map[string]bool{}, map[reflect.Type]bool{}
	var visit func(in reflect.Type)
	visit = func(in reflect.Type) {
		if in = elementOf(in); in == nil || visited[in] {
			return
		}
		visited[in] = true
		eachField(in, func(f reflect.StructField) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if (name == "endDate" || name == "expireDate") && elementOf(f.Type) == reflect.TypeFor[taphoa.Time]() {
				seen[in.Name()+"."+name] = true
				if f.Tag.Get("bare") != "end" {
					t.Errorf("%s.%s of a bare date ends at its midnight", in, name)
				}
			}
			visit(f.Type)
		})
	}
	for _, r := range api.Routes() {
		if r.Method != http.MethodGet {
			visit(r.In)
		}
	}
	if len(seen) < 5 { // price books, campaigns of vouchers and of coupons, batches that are bought, batches that are counted
		t.Errorf("only %v are kept", seen)
	}
}

// TestATransferOfTheAfternoonIsOfItsDay, and so are purchases, counts and changes; an end with a clock is that instant.
func TestATransferOfTheAfternoonIsOfItsDay(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		d.Clock.Advance(5 * 3600)
		for path, body := range map[string]string{
			"/transfers":      `{"fromBranchId":{branch:CN1},"toBranchId":{branch:CN2},"status":2,"transferDetails":[{"productCode":"TRA","sendQuantity":1}]}`,
			"/stocktakes":     `{"branchId":{branch:CN1},"isAdjust":true,"stockTakeDetails":[{"productCode":"TRA","actualQuantity":8}]}`,
			"/purchaseorders": `{"branchId":{branch:CN1},"purchaseOrderDetails":[{"productCode":"TRA","quantity":1,"price":1000}]}`,
		} {
			if a := d.Send(http.MethodPost, path, fillIn(d, body)); a.Status != http.StatusOK {
				t.Fatalf("%s: %d %s", path, a.Status, a.Body)
			}
		}
		today := d.Clock.Now()
		day, noon, total := today.Std().Format("2006-01-02"), today.Day().Add(12*time.Hour), ""
		for target, found := range map[string]string{
			"/transfers?fromTransferDate=" + day + "&toTransferDate=" + day:                             "1",
			"/transfers?fromTransferDate=" + day + "&toTransferDate=" + day + "T12:00:00":               "0",
			"/purchaseorders?fromPurchaseDate=" + day + "&toPurchaseDate=" + day:                        "1",
			"/purchaseorders?fromPurchaseDate=" + day + "&toPurchaseDate=" + day + "T12:00:00":          "0",
			"/purchaseorders?lastModifiedFrom=" + day + "&toDate=" + day:                                "1",
			"/stocktakes?fromBalancedDate=" + day + "&toBalancedDate=" + day:                            "1",
			"/stocktakes?fromBalancedDate=" + day + "&toBalancedDate=" + url.QueryEscape(noon.String()): "0",
		} {
			a := d.Send(http.MethodGet, target, "")
			if total, _ = a.Get("$.total"); total != found {
				t.Errorf("%s finds %s, want %s: %s", target, total, found, a.Body)
			}
		}
		for path, body := range map[string]string{
			"/pricebooks":         `{"name":"Giá hè","startDate":"2026-06-01","endDate":"2026-08-31","isGlobal":true}`,
			"/vouchers/campaigns": `{"name":"Hè","price":50000,"startDate":"2026-06-01","endDate":"2026-08-31"}`,
		} {
			a := d.Send(http.MethodPost, path, body)
			if text := fmt.Sprint(a.Status, " ", string(a.Body)); !strings.Contains(text, "2026-08-31T23:59:59.0000000") {
				t.Errorf("%s: %s", path, text)
			}
		}
	})
}

package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/demo"
)

// withoutFilter are the query members that lists take although they change nothing of the page, with the reason, by
// operation and member.
var withoutFilter = map[string]string{
	"listPurchaseOrders includeOrderDelivery": "the documents copy it from orders; a purchase has no delivery",
	"listWebhookDeliveries webhookId":         "the path names the webhook",
	"listDeadDeliveries outcome":              "all of them are dead",
}

// alongside is what a member needs beside it to show.
var alongside = map[string]string{"listProducts BranchIds": "&includeInventory=true"}

// outside are values that no record has, by the kind of the member.
var outside = map[string][]string{
	"number": {"987654321"}, "string": {"khong-co"}, "time": {"2000-01-01", "2100-01-01"}, "bool": {"true", "false"},
}

// TestEveryQueryMemberHasAnEffect asks each list of the demo with one query member after another: for one of its values the
// answer must differ from that without it. A member that is read into the query and that no condition uses changes nothing.
// One engine is enough: others compare what the conditions find.
func TestEveryQueryMemberHasAnEffect(t *testing.T) {
	t.Parallel()
	b := newBigShop(t, "sqlite")
	needed := 0
	for _, route := range listRoutes() {
		plain := listRequest{route: route}
		ids := []string{""}
		if strings.Contains(route.Paths[0], "{id}") {
			ids = b.sample(route.Operation + ".{id}")
		}
		for _, f := range members(route.In) {
			name := f.Tag.Get("query")
			key := route.Operation + " " + name
			if sampleValues[route.Operation+"."+name+"!"] != "" {
				continue // the list is refused without it
			}
			effective := false
			for _, plain.id = range ids {
				before := b.wholePage(&plain, alongside[key])
				for _, value := range append(b.samples(route.Operation, f), outside[kindOf(elementOf(f.Type))]...) {
					if effective {
						break
					}
					r := plain
					r.filter = name + "=" + value
					effective = b.wholePage(&r, alongside[key]) != before
				}
			}
			switch reason := withoutFilter[key]; {
			case !effective && reason == "":
				t.Errorf("%s has no effect", key)
			case effective && reason != "":
				t.Errorf("%s is excepted, but has an effect", key)
			case reason != "":
				needed++
			}
		}
	}
	if needed != len(withoutFilter) {
		t.Errorf("%d of %d excepted members exist", needed, len(withoutFilter))
	}
}

// wholePage is the answer of a list, with many records.
func (b *bigShop) wholePage(r *listRequest, more string) string {
	target := strings.Replace(r.target(b, 0), fmt.Sprintf("pageSize=%d", pageRows), "pageSize=500", 1) + more
	request := httptest.NewRequest(http.MethodGet, target, nil)
	request.Header.Set("Retailer", demo.ShopCode)
	request.Header.Set("Authorization", "Bearer "+b.token)
	a := (&apitest.Server{Handler: b}).Do(request)
	return fmt.Sprint(a.Status, string(a.Body))
}

package testbench_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/testbench"
)

type clockState struct {
	Now    string
	Frozen bool
	Ahead  float64 `json:"aheadSeconds"`
}

func (f *fork) setClock(input string) (now clockState) {
	f.Helper()
	f.ask(&now, "PUT", "/_sandbox/shops/"+f.Name+"/clock", input)
	return now
}

// TestTheClockOfAShopIsItsOwn: documents bear its instants, tokens and days end by it, and it never goes back.
func TestTheClockOfAShopIsItsOwn(t *testing.T) {
	b := open(t, testbench.Options{})
	f, other := b.fork(`{"name":"mai"}`), b.fork(`{"name":"nay"}`)
	f.call(nil, "GET", "/branches", "")
	frozen := f.setClock(`{"frozen":true}`)
	type customer struct{ CreatedDate string }
	create := func(f *fork) customer {
		var made struct{ Data customer }
		f.call(&made, "POST", "/customers", `{"name":"Chị Bảy","branchId":1}`)
		return made.Data
	}
	if got := create(f); !strings.HasPrefix(got.CreatedDate, frozen.Now[:19]) {
		t.Errorf("a customer of %s was made at %s", frozen.Now, got.CreatedDate)
	}
	time.Sleep(50 * time.Millisecond)
	if again := f.setClock(`{}`); again.Now != frozen.Now || !again.Frozen {
		t.Errorf("the stopped clock went from %s to %+v", frozen.Now, again)
	}
	later := f.setClock(`{"advance":"2d1h","frozen":false}`)
	if later.Frozen || later.Ahead < 48*3600 || later.Ahead > 50*3600 {
		t.Errorf("two days and an hour later it is %+v", later)
	}
	status, _, text := b.do("GET", "/branches", "", "Authorization: Bearer "+f.token, "Retailer: "+f.Retailer)
	if status != http.StatusUnauthorized || !strings.Contains(text, "TokenException") {
		t.Errorf("a token two days later: %d %s", status, text)
	}
	f.token = ""
	if got := create(f); got.CreatedDate < later.Now {
		t.Errorf("after %s a customer was made at %s", later.Now, got.CreatedDate)
	}
	if got := create(other); got.CreatedDate >= later.Now {
		t.Errorf("the other shop's clock went along: %s", got.CreatedDate)
	}
	for _, c := range []struct{ input, field string }{
		{`{"now":"2020-01-01T00:00:00"}`, "now"},
		{`{"advance":"-1h"}`, "advance"},
		{`{"advance":"mai"}`, "advance"},
		{`{"advance":"36h\n"}`, "advance"},
		{`{"advance":"99999d"}`, "now"},
		{`{"frozen":"yes"}`, "frozen"},
		{`{"now":"hôm nay"}`, "now"},
	} {
		if status, _, text := b.do("PUT", "/_sandbox/shops/mai/clock", c.input); status < 400 || status >= 500 || !strings.Contains(text, `"fieldName": "`+c.field+`"`) {
			t.Errorf("%s: %d %s", c.input, status, text)
		}
	}
	if now := f.setClock(`{}`); now.Now < later.Now || now.Frozen {
		t.Errorf("refused changes left %+v", now)
	}
}

// TestHooksAreTriedAgainByTheClock: a receiver that fails is asked again when the clock says so, at once.
func TestHooksAreTriedAgainByTheClock(t *testing.T) {
	b := open(t, testbench.Options{})
	f := b.fork(`{"name":"hook"}`)
	got := make(chan string, 10)
	fail := true
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ ID string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		if fail {
			w.WriteHeader(http.StatusServiceUnavailable)
			fail = false
		}
		got <- body.ID
	}))
	defer receiver.Close()
	f.call(nil, "POST", "/webhooks", `{"Webhook":{"Type":"customer.update","Url":"`+receiver.URL+`/hook","IsActive":true}}`)
	f.call(nil, "POST", "/customers", `{"name":"Chị Tám","branchId":1}`)
	wait := func(limit time.Duration) string {
		select {
		case id := <-got:
			return id
		case <-time.After(limit):
			return ""
		}
	}
	first := wait(5 * time.Second)
	if first == "" {
		t.Fatal("no hook came")
	}
	second := ""
	for range 20 { // the failure may not be written yet
		f.setClock(`{"advance":"1m"}`)
		if second = wait(500 * time.Millisecond); second != "" {
			break
		}
	}
	if second != first {
		t.Errorf("minutes later the hook %q came again as %q", first, second)
	}
}

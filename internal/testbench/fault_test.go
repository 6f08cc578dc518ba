package testbench_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/testbench"
)

// rules sets the fork's rules.
func (f *fork) rules(rules string) {
	f.Helper()
	f.ask(nil, "PUT", "/_sandbox/shops/"+f.Name+"/faults", `{"rules":[`+rules+`]}`)
}

// try sends a request that may fail in any way.
func (f *fork) try(method, path, body string) (status int, text string, err error) {
	f.Helper()
	r, err := http.NewRequestWithContext(f.Context(), method, f.url+path, strings.NewReader(body))
	if err != nil {
		f.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+f.token)
	r.Header.Set("Retailer", f.Retailer)
	response, err := new(http.Transport).RoundTrip(r) // tries nothing again by itself
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, string(answer), err
}

func (f *fork) customers() int64 {
	f.Helper()
	var p page
	f.call(&p, "GET", "/customers", "")
	return p.Total
}

const chiNam = `{"name":"Chị Năm","branchId":1}`

// TestRequestsFailByRule: each kind, for the calls that the rule names and no other.
func TestRequestsFailByRule(t *testing.T) {
	b := open(t, testbench.Options{})
	f := b.fork(`{"name":"loi"}`)
	before := f.customers()
	statuses := func(n int) (all []int) {
		for range n {
			status, _, err := f.try("GET", "/categories", "")
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, status)
		}
		return all
	}
	f.rules(`{"method":"get","path":"/categories","calls":[2,4],"fault":"token"}`)
	if got := statuses(5); !slices.Equal(got, []int{200, 401, 200, 401, 200}) {
		t.Errorf("calls 2 and 4: %v", got)
	}
	f.rules(`{"path":"/categor*","after":1,"times":2,"fault":"status","status":502},{"path":"/customers/**","fault":"refuse","message":"Khách đã bị khóa"}`)
	if got := statuses(5); !slices.Equal(got, []int{200, 502, 502, 200, 200}) {
		t.Errorf("two after the first: %v", got)
	}
	if status, text, _ := f.try("GET", "/customers/code/KH1", ""); status != 420 || !strings.Contains(text, "Khách đã bị khóa") {
		t.Errorf("a sentence: %d %s", status, text)
	}
	f.rules(`{"path":"/categories","calls":[1],"fault":"token"},{"path":"/categories","times":2,"fault":"status"},{"path":"/","fault":"status"}`)
	if got := statuses(4); !slices.Equal(got, []int{401, 503, 503, 200}) {
		t.Errorf("a rule behind another one: %v", got)
	}
	chosen := func() []int {
		f.rules(`{"path":"/categories","probability":0.5,"seed":7,"fault":"limit","retryAfter":3}`)
		return statuses(12)
	}
	one := chosen()
	if two := chosen(); !slices.Equal(one, two) || !slices.Contains(one, 429) || !slices.Contains(one, 200) {
		t.Errorf("equal seeds chose %v and %v", one, two)
	}
	f.rules(`{"method":"POST","path":"/customers","fault":"cut","times":1},{"method":"GET","path":"/branches","fault":"half"},{"path":"/categories","fault":"delay","milliseconds":120}`)
	if _, text, err := f.try("POST", "/customers", chiNam); err == nil {
		t.Errorf("a connection that is cut answered %s", text)
	}
	if got := f.customers(); got != before+1 {
		t.Errorf("what was written before the cut: %d customers, want %d", got, before+1)
	}
	if status, text, err := f.try("GET", "/branches", ""); status != 200 || !errors.Is(err, io.ErrUnexpectedEOF) || json.Valid([]byte(text)) {
		t.Errorf("half a body: %d %v %s", status, err, text)
	}
	began := time.Now()
	if statuses(1); time.Since(began) < 120*time.Millisecond {
		t.Errorf("a delay of 120 ms took %s", time.Since(began))
	}
	f.rules(``)
	if got := statuses(2); !slices.Equal(got, []int{200, 200}) {
		t.Errorf("without rules: %v", got)
	}
}

// TestAnswersFromBeforeTheLastWrites: a client that reads what it has written finds it later.
func TestAnswersFromBeforeTheLastWrites(t *testing.T) {
	b := open(t, testbench.Options{})
	f := b.fork(`{"name":"cu"}`)
	before := f.customers()
	f.rules(`{"method":"GET","path":"/customers","fault":"stale","writes":2}`)
	for want := range int64(4) {
		if got := f.customers(); got != before+max(0, want-2) {
			t.Errorf("after %d writes a reader sees %d more customers, want %d", want, got-before, max(0, want-2))
		}
		f.call(nil, "POST", "/customers", chiNam)
	}
	if status, _, _ := f.try("POST", "/customers", `{}`); status != 420 {
		t.Errorf("a customer without a name: %d", status)
	}
	f.rules(``)
	if got := f.customers(); got != before+4 {
		t.Errorf("without the rule there are %d more customers, want 4", got-before)
	}
}

// TestHooksFailByRule: late, doubled, in another order, lost.
func TestHooksFailByRule(t *testing.T) {
	b := open(t, testbench.Options{})
	f := b.fork(`{"name":"hooks"}`)
	got := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		for _, name := range []string{"Một", "Hai", "Ba"} {
			if strings.Contains(string(text), name) {
				got <- name
			}
		}
	}))
	defer receiver.Close()
	f.call(nil, "POST", "/webhooks", `{"Webhook":{"Type":"customer.update","Url":"`+receiver.URL+`/hook","IsActive":true}}`)
	came := func(want int) (names []string) {
		limit := time.After(8 * time.Second)
		for len(names) < want {
			select {
			case name := <-got:
				names = append(names, name)
			case <-limit:
				return names
			}
		}
		return names
	}
	create := func(names ...string) {
		for _, name := range names {
			f.call(nil, "POST", "/customers", fmt.Sprintf(`{"name":%q,"branchId":1}`, name))
		}
	}
	f.rules(`{"hook":"customer.update","fault":"double","times":1}`)
	create("Một", "Hai")
	if names := came(3); !slices.Equal(names, []string{"Một", "Một", "Hai"}) {
		t.Errorf("doubled: %v", names)
	}
	f.rules(`{"hook":"*","fault":"reorder","times":1}`)
	create("Một", "Hai")
	if names := came(2); !slices.Equal(names, []string{"Hai", "Một"}) {
		t.Errorf("in another order: %v", names)
	}
	f.rules(`{"hook":"*","fault":"reorder"}`)
	create("Một", "Hai", "Ba", "Một")
	if names := came(4); !slices.Equal(names, []string{"Hai", "Một", "Một", "Ba"}) {
		t.Errorf("all in another order: %v", names)
	}
	f.rules(`{"hook":"*","fault":"reorder","times":1},{"hook":"*","fault":"double"}`)
	create("Một", "Hai")
	if names := came(3); !slices.Equal(names, []string{"Hai", "Hai", "Một"}) {
		t.Errorf("after one that is doubled: %v", names)
	}
	f.rules(`{"hook":"customer.update","fault":"lose","times":1}`)
	create("Một", "Hai")
	if names := came(1); !slices.Equal(names, []string{"Hai"}) {
		t.Errorf("lost: %v", names)
	}
	f.rules(`{"hook":"customer.update","fault":"late","milliseconds":400,"times":1}`)
	began := time.Now()
	create("Một", "Hai")
	if names := came(2); !slices.Equal(names, []string{"Hai", "Một"}) || time.Since(began) < 400*time.Millisecond {
		t.Errorf("late: %v after %s", names, time.Since(began))
	}
}

// TestRulesAreChecked: a wrong one is refused by its member, and changes nothing.
func TestRulesAreChecked(t *testing.T) {
	b := open(t, testbench.Options{})
	f := b.fork(`{"name":"sai"}`)
	f.rules(`{"path":"/x","fault":"token"}`)
	for _, c := range []struct{ rule, field string }{
		{`{"fault":"late"}`, "fault"},
		{`{"fault":"boom"}`, "fault"},
		{`{}`, "fault"},
		{`{"fault":"token","hook":"*"}`, "fault"},
		{`{"fault":"late","hook":"*"}`, "milliseconds"},
		{`{"fault":"lose","hook":"*","path":"/x"}`, "hook"},
		{`{"fault":"token","path":"x"}`, "path"},
		{`{"fault":"token","path":"/[x"}`, "path"},
		{`{"fault":"token","probability":2}`, "probability"},
		{`{"fault":"delay"}`, "milliseconds"},
		{`{"fault":"delay","milliseconds":70000}`, "milliseconds"},
		{`{"fault":"status","status":200}`, "status"},
		{`{"fault":"stale","writes":21}`, "writes"},
		{`{"fault":"limit","retryAfter":-1}`, "retryAfter"},
		{`{"fault":"token","after":-1}`, "after"},
		{`{"fault":"token","times":-1}`, "times"},
		{`{"fault":"token","fired":1}`, "matched"},
	} {
		status, _, text := b.do("PUT", "/_sandbox/shops/sai/faults", `{"rules":[{"path":"/ok","fault":"token"},`+c.rule+`]}`)
		if status != 420 || !strings.Contains(text, `"fieldName": "rules[1].`+c.field+`"`) {
			t.Errorf("%s: %d %s", c.rule, status, text)
		}
	}
	var kept struct{ Rules []testbench.Rule }
	if f.ask(&kept, "GET", "/_sandbox/shops/sai/faults", ""); len(kept.Rules) != 1 || kept.Rules[0].Path != "/x" {
		t.Errorf("the rules are %+v", kept.Rules)
	}
}

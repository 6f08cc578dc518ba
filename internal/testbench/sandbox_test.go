package testbench_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/testbench"
)

// bench is a sandbox that is served, as a test program sees it.
type bench struct {
	testing.TB
	*testbench.Sandbox
	url string
}

func open(t *testing.T, o testbench.Options) *bench {
	t.Helper()
	o.Dir = t.TempDir()
	o.Log = new(dbtest.Log).Logger()
	s := testbench.New(o)
	made, err := templates()
	if err != nil {
		t.Fatal(err)
	}
	s.Share(made)
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &bench{t, s, server.URL}
}

// do sends a request; headers are "Name: value".
func (b *bench) do(method, path, body string, headers ...string) (status int, h http.Header, text string) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
		if name == "Host" {
			r.Host = value
		}
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	return response.StatusCode, response.Header, string(answer)
}

// ask is do for what is answered with 200, in JSON.
func (b *bench) ask(answer any, method, path, body string, headers ...string) {
	b.Helper()
	status, _, text := b.do(method, path, body, headers...)
	if status != http.StatusOK {
		b.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	if answer != nil {
		if err := json.Unmarshal([]byte(text), answer); err != nil {
			b.Fatal(err)
		}
	}
}

// fork is a shop of a test.
type fork struct {
	*bench
	Name, Retailer, ClientID, ClientSecret string
	token                                  string
}

func (b *bench) fork(input string) *fork {
	b.Helper()
	f := &fork{bench: b}
	b.ask(f, "POST", "/_sandbox/shops", input)
	return f
}

func (f *fork) call(answer any, method, path, body string) {
	f.Helper()
	if f.token == "" {
		var token struct {
			AccessToken string `json:"access_token"`
		}
		form := url.Values{"grant_type": {"client_credentials"}, "scopes": {"PublicApi.Access Taphoa.Admin"}, "client_id": {f.ClientID}, "client_secret": {f.ClientSecret}}
		f.ask(&token, "POST", "/connect/token", form.Encode(), "Content-Type: application/x-www-form-urlencoded")
		f.token = token.AccessToken
	}
	f.ask(answer, method, path, body, "Authorization: Bearer "+f.token, "Retailer: "+f.Retailer)
}

type page struct {
	Total int64
	Data  []struct {
		ID   int64
		Code string
		Name string
	}
}

// TestTwoTestsHaveAShopEach: what one sells the other does not see, and each answer names its fork.
func TestTwoTestsHaveAShopEach(t *testing.T) {
	b := open(t, testbench.Options{})
	one, two := b.fork(`{}`), b.fork(`{"clientId":"My-App","clientSecret":"s3cret!","retailer":"CuaHang"}`)
	if two.ClientID != "My-App" || two.ClientSecret != "s3cret!" || two.Retailer != "CuaHang" {
		t.Fatalf("the fork is %+v", two)
	}
	var before, after, others page
	two.call(&others, "GET", "/customers", "")
	one.call(&before, "GET", "/customers", "")
	one.call(nil, "POST", "/customers", `{"name":"Chị Năm","contactNumber":"0900123987","branchId":1}`)
	one.call(&after, "GET", "/customers", "")
	if after.Total != before.Total+1 || before.Total != others.Total {
		t.Errorf("one has %d and then %d customers, two has %d", before.Total, after.Total, others.Total)
	}
	two.call(&others, "GET", "/customers", "")
	if others.Total != before.Total {
		t.Errorf("two has %d customers after one was given another", others.Total)
	}
	status, h, text := b.do("GET", "/customers", "", "Authorization: Bearer "+one.token, "Retailer: "+two.Retailer)
	if status != http.StatusUnauthorized || h.Get(testbench.Header) != one.Name {
		t.Errorf("the token of one in two: %d %s %s", status, h.Get(testbench.Header), text)
	}
}

// TestForksAreBounded: the fork that was used least recently makes room, and says why.
func TestForksAreBounded(t *testing.T) {
	b := open(t, testbench.Options{MaxForks: 3})
	one := b.fork(`{"name":"one"}`)
	b.fork(`{"name":"two"}`)
	b.fork(`{"name":"three"}`)
	one.call(nil, "GET", "/categories", "")
	b.fork(`{"name":"four"}`)
	var names []struct{ Name string }
	b.ask(&names, "GET", "/_sandbox/shops", "")
	if got := fmt.Sprint(names); got != "[{four} {one} {three}]" {
		t.Errorf("the forks are %s", got)
	}
	for _, headers := range [][]string{{"X-Taphoa-Sandbox: two"}, {"Retailer: two"}} {
		status, h, text := b.do("GET", "/categories", "", headers...)
		if status != http.StatusServiceUnavailable || !strings.Contains(text, "3 bản sao") || h.Get("Retry-After") == "" {
			t.Errorf("%v: %d %s", headers, status, text)
		}
	}
	b.fork(`{"name":"two"}`) // again
	if status, _, text := b.do("POST", "/_sandbox/shops", `{"name":"two"}`); status != 420 || !strings.Contains(text, `"fieldName": "name"`) {
		t.Errorf("a second two: %d %s", status, text)
	}
	b.fork(`{"name":"two","replace":true}`)
}

// TestOnlyProgramsUseTheControl: no web page does, by no name.
func TestOnlyProgramsUseTheControl(t *testing.T) {
	b := open(t, testbench.Options{})
	for _, c := range []struct {
		status       int
		method, body string
		headers      []string
	}{
		{http.StatusForbidden, "POST", "{}", []string{"Origin: https://evil.example"}},
		{http.StatusForbidden, "GET", "", []string{"Sec-Fetch-Site: cross-site"}},
		{http.StatusForbidden, "GET", "", []string{"Sec-Fetch-Site: same-site"}},
		{http.StatusMisdirectedRequest, "GET", "", []string{"Host: evil.example"}},
		{http.StatusUnsupportedMediaType, "POST", "{}", []string{"Content-Type: text/plain"}},
		{http.StatusBadRequest, "POST", `{"tên":"x"}`, nil},
		{http.StatusBadRequest, "POST", `{"name":3}`, nil},
		{http.StatusBadRequest, "POST", `[]`, nil},
		{420, "POST", `{"name":"Đông"}`, nil},
		{420, "POST", `{"template":"none"}`, nil},
		{420, "POST", `{"clientId":"x"}`, nil},
		{420, "POST", `{"clientId":"x y","clientSecret":"z"}`, nil},
		{420, "POST", `{"retailer":"Cô Ba"}`, nil},
		{http.StatusOK, "GET", "", []string{"Host: public.kiotapi.com"}},
	} {
		if status, _, text := b.do(c.method, "/_sandbox/shops", c.body, c.headers...); status != c.status {
			t.Errorf("%s %s %v: %d %s", c.method, c.body, c.headers, status, text)
		}
	}
	var none []any
	if b.ask(&none, "GET", "/_sandbox/shops", ""); len(none) != 0 {
		t.Errorf("refused requests left %v", none)
	}
}

// TestASnapshotComesBack: stock, numbers and tokens are those of then.
func TestASnapshotComesBack(t *testing.T) {
	b := open(t, testbench.Options{})
	f := b.fork(`{"name":"kho"}`)
	count := func() int64 {
		var p page
		f.call(&p, "GET", "/customers", "")
		return p.Total
	}
	before := count()
	b.ask(nil, "POST", "/_sandbox/shops/kho/snapshots", `{"name":"truoc"}`)
	for i := range 3 {
		f.call(nil, "POST", "/customers", fmt.Sprintf(`{"name":"Khách %d","branchId":1}`, i))
	}
	if count() != before+3 {
		t.Fatal("the customers were not made")
	}
	b.ask(nil, "POST", "/_sandbox/shops/kho/snapshots/truoc/restore", "")
	if got := count(); got != before {
		t.Errorf("after the restore there are %d customers, want %d", got, before)
	}
	if status, _, text := b.do("POST", "/_sandbox/shops/kho/snapshots/sau/restore", ""); status != 420 || !strings.Contains(text, "sau") {
		t.Errorf("an unknown snapshot: %d %s", status, text)
	}
}

// TestAForkIsMadeFast prints what a fork costs; it fails for what is many times the bound.
func TestAForkIsMadeFast(t *testing.T) {
	b := open(t, testbench.Options{})
	var took []time.Duration
	for range 30 {
		began := time.Now()
		f, err := b.Create(context.Background(), testbench.ForkInput{})
		if err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(began))
		if err := b.Delete(f.Name); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(took)
	t.Logf("fork: median %s, p95 %s", took[len(took)/2], took[len(took)*95/100])
	if took[len(took)/2] > time.Second {
		t.Errorf("a fork takes %s", took[len(took)/2])
	}
}

// TestManyTestsAtOnce: forks are made, used and deleted side by side.
func TestManyTestsAtOnce(t *testing.T) {
	b := open(t, testbench.Options{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5 {
				f := b.fork(`{}`)
				for range 5 {
					f.call(nil, "GET", "/products?pageSize=20", "")
				}
				b.ask(nil, "DELETE", "/_sandbox/shops/"+f.Name, "")
			}
		})
	}
	all.Wait()
}

// TestAProgramWithUnknownCredentials: the default fork takes them as they come, and then no other secret for the same id.
func TestAProgramWithUnknownCredentials(t *testing.T) {
	b := open(t, testbench.Options{AnyCredentials: true})
	made, err := b.Create(t.Context(), testbench.ForkInput{Name: "first"})
	if err != nil {
		t.Fatal(err)
	}
	b.SetDefault(made)
	form := func(secret string) string {
		return url.Values{"grant_type": {"client_credentials"}, "scopes": {"PublicApi.Access"}, "client_id": {"Abc-From-Code"}, "client_secret": {secret}}.Encode()
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			f := &fork{bench: b, Retailer: "a-shop-of-somewhere", ClientID: "Abc-From-Code", ClientSecret: "first"}
			f.call(nil, "GET", "/products", "")
		})
	}
	all.Wait()
	status, _, text := b.do("POST", "/connect/token", form("another"), "Content-Type: application/x-www-form-urlencoded")
	if status != http.StatusBadRequest || !strings.Contains(text, "invalid_client") {
		t.Errorf("another secret: %d %s", status, text)
	}
	if status, _, _ = b.do("GET", "/products", "", "Authorization: Bearer nonsense", "Retailer: x"); status != http.StatusUnauthorized {
		t.Errorf("a made-up token: %d", status)
	}
}

// TestAProgramStaysKnown: a client that the default fork took as it came is known after a restore to before that, and after another fork
// of its id was deleted; also if it names the shop when it asks for its token.
func TestAProgramStaysKnown(t *testing.T) {
	b := open(t, testbench.Options{AnyCredentials: true})
	made, err := b.Create(t.Context(), testbench.ForkInput{Name: "first"})
	if err != nil {
		t.Fatal(err)
	}
	b.SetDefault(made)
	if _, err := made.Save(t.Context(), "before"); err != nil {
		t.Fatal(err)
	}
	signIn := func(client, secret string, headers ...string) int {
		form := url.Values{"grant_type": {"client_credentials"}, "scopes": {"PublicApi.Access"}, "client_id": {client}, "client_secret": {secret}}
		status, _, _ := b.do("POST", "/connect/token", form.Encode(), append(headers, "Content-Type: application/x-www-form-urlencoded")...)
		return status
	}
	known := func(when string) {
		t.Helper()
		for client, headers := range map[string][]string{"from-code": nil, "with-retailer": {"Retailer: " + made.Retailer}, "with-fork": {testbench.Header + ": first"}} {
			if status := signIn(client, "its-own", headers...); status != http.StatusOK {
				t.Errorf("%s %s: %d", when, client, status)
			}
			if status := signIn(client, "another", headers...); status != http.StatusBadRequest {
				t.Errorf("%s %s with another secret: %d", when, client, status)
			}
		}
	}
	known("at first")
	if err := made.Restore("before"); err != nil {
		t.Fatal(err)
	}
	known("after a restore")
	other := b.fork(`{"name":"other","clientId":"From-Code","clientSecret":"of-the-other"}`)
	if status := signIn("from-code", "its-own"); status != http.StatusBadRequest {
		t.Errorf("while another fork has its id: %d", status)
	}
	b.ask(nil, "DELETE", "/_sandbox/shops/"+other.Name, "")
	known("after another fork had its id")
}

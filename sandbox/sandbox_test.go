package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/sandbox"
)

// program is one that has KiotViet's hosts in its code, and its credentials in its configuration.
type program struct {
	http                 *http.Client
	retailer, id, secret string
}

func of(s *sandbox.Shop) *program { return &program{s.HTTP, s.Retailer, s.ClientID, s.ClientSecret} }

// call signs in and calls KiotViet.
func (p *program) call(ctx context.Context, method, path, body string, answer any) (status int, err error) {
	form := url.Values{"scopes": {"PublicApi.Access"}, "grant_type": {"client_credentials"}, "client_id": {p.id}, "client_secret": {p.secret}}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if _, err = p.send(ctx, "POST", "https://id.kiotviet.vn/connect/token", form.Encode(), &token, "application/x-www-form-urlencoded", ""); err != nil {
		return 0, err
	}
	return p.send(ctx, method, "https://public.kiotapi.com"+path, body, answer, "application/json", token.AccessToken)
}

func (p *program) send(ctx context.Context, method, to, body string, answer any, kind, token string) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, method, to, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", kind)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Retailer", p.retailer)
	}
	response, err := p.http.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	return response.StatusCode, json.NewDecoder(response.Body).Decode(answer)
}

const twoBottles = `{"branchId":1,"totalPayment":20000,"method":"Cash","invoiceDetails":[{"productCode":"SP000001","quantity":2}]}`

// sell has the program sell two bottles.
func sell(t *testing.T, p *program) (status int, err error) {
	t.Helper()
	var invoice struct{ Code string }
	return p.call(t.Context(), "POST", "/invoices", twoBottles, &invoice)
}

// onHand is what the main branch has of the bottles.
func onHand(s *sandbox.Shop) taphoa.Quantity {
	return s.State().Stock["SP000001"]["Chi nhánh trung tâm"].OnHand
}

// TestAProgramWithKiotVietsHostsSellsInTheShopOfItsTest: two tests at once have a shop each, and nothing that the program does would
// differ at KiotViet.
func TestAProgramWithKiotVietsHostsSellsInTheShopOfItsTest(t *testing.T) {
	for range 2 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			shop := sandbox.New(t)
			before := onHand(shop)
			if status, err := sell(t, of(shop)); err != nil || status != http.StatusOK {
				t.Fatal(status, err)
			}
			if sold := before - onHand(shop); sold != taphoa.Units(2) {
				t.Errorf("%s bottles are sold", sold)
			}
			shop.Expect(
				sandbox.Expectation{Method: "POST", Path: "/invoices", Times: 1, Status: 200, Body: map[string]any{"branchId": 1}, Header: map[string]string{"Retailer": shop.Retailer}},
				sandbox.Expectation{Method: "POST", Path: "/orders", Never: true},
			)
			shop.ExpectNoDifferences()
			tea, err := shop.Client.GetProductByCode(t.Context(), &taphoa.ProductByCode{Code: "SP000001"})
			if err != nil || tea.Code != "SP000001" {
				t.Errorf("the client of the test gets %s, %v", tea.Code, err)
			}
			shop.ExpectNoDifferences()
			if all := shop.Requests(); len(all) != 4 || all[1].Operation != "createInvoice" || !strings.Contains(all[1].Body, "SP000001") {
				t.Errorf("%d requests: %+v", len(all), all)
			}
			shop.ForgetRequests()
			if all := shop.Requests(); len(all) != 0 {
				t.Errorf("%d requests are not forgotten", len(all))
			}
		})
	}
}

// TestWhatWouldDifferIsTold: a page of more than a hundred products.
func TestWhatWouldDifferIsTold(t *testing.T) {
	shop := sandbox.New(t)
	var page struct{ Total int }
	if _, err := of(shop).call(t.Context(), "GET", "/products?pageSize=300", "", &page); err != nil {
		t.Fatal(err)
	}
	if found := shop.Differences(); len(found) != 1 || found[0].ID != "page-size" || found[0].Operation != "listProducts" {
		t.Errorf("what would differ: %+v", found)
	}
	shop.ExpectNoDifferences("page-size")
}

// TestKiotVietBreaksOnCommand: the second invoice is stored, but its answer is lost; after a snapshot is restored it was never sold.
func TestKiotVietBreaksOnCommand(t *testing.T) {
	shop := sandbox.New(t)
	shop.Snapshot("before")
	before := onHand(shop)
	shop.SetFaults(sandbox.Fault{Method: "POST", Path: "/invoices", Calls: []int64{2}, Fault: "cut"})
	p := of(shop)
	if _, err := sell(t, p); err != nil {
		t.Fatal(err)
	}
	if _, err := sell(t, p); err == nil {
		t.Error("the second invoice has an answer")
	}
	if rules := shop.Faults(); len(rules) != 1 || rules[0].Matched != 2 || rules[0].Fired != 1 {
		t.Errorf("the rules: %+v", rules)
	}
	if sold := before - onHand(shop); sold != taphoa.Units(4) {
		t.Errorf("%s bottles are sold", sold)
	}
	shop.Restore("before")
	if onHand(shop) != before {
		t.Error("the bottles are not there again")
	}
	shop.ExpectInOrder(sandbox.Expectation{Method: "POST", Path: "/connect/token"}, sandbox.Expectation{Method: "POST", Path: "/invoices", AtLeast: 2})
}

// TestTheClockGoesAhead: the shop's clock goes ahead, and stops.
func TestTheClockGoesAhead(t *testing.T) {
	shop := sandbox.Options{Template: sandbox.Empty}.New(t)
	shop.Freeze()
	began := shop.Now()
	shop.Advance(36 * time.Hour)
	if now := shop.Now(); now.Sub(began) != 36*time.Hour {
		t.Errorf("36 hours are %s", now.Sub(began))
	}
	newYear := time.Date(began.Year()+1, 1, 1, 0, 0, 0, 0, taphoa.Vietnam)
	shop.SetTime(newYear)
	if now := shop.Now(); !now.Equal(newYear) {
		t.Errorf("the new year begins at %s", now)
	}
	branch, err := shop.Client.ListBranches(t.Context(), nil)
	if err != nil || branch.Total != 1 {
		t.Errorf("the empty shop has %d branches, %v", branch.Total, err)
	}
	shop.Run()
	shop.ExpectState(map[string]any{"documents": map[string]any{"invoices": map[string]any{"Hoàn thành": 0}}})
}

// TestAProgramHasItsCredentialsInItsCode: the shop has them, and takes the place of one that a killed test has left.
func TestAProgramHasItsCredentialsInItsCode(t *testing.T) {
	o := sandbox.Options{Template: sandbox.Empty, Retailer: "cuahangcuatoi", ClientID: "3f0f2b1e", ClientSecret: "A1B2"}
	shop := o.New(t)
	p := &program{shop.HTTP, "cuahangcuatoi", "3f0f2b1e", "A1B2"}
	var page struct{ Total int }
	if status, err := p.call(t.Context(), "GET", "/branches", "", &page); err != nil || status != http.StatusOK || page.Total != 1 {
		t.Errorf("%d branches, %d %v", page.Total, status, err)
	}
	refused := &fake{TB: t}
	refused.do(func() { o.New(refused) })
	if !strings.Contains(refused.said, "3f0f2b1e") {
		t.Errorf("a second shop with these credentials: %q", refused.said)
	}
}

// TestASandboxThatRunsIsUsed: that of TAPHOA_SANDBOX_URL. One that does not answer is named.
func TestASandboxThatRunsIsUsed(t *testing.T) {
	outer := sandbox.Options{Template: sandbox.Empty}.New(t)
	t.Setenv("TAPHOA_SANDBOX_URL", outer.URL+"/")
	inner := sandbox.Options{Template: sandbox.Empty}.New(t)
	if inner.URL != outer.URL || inner.Name == outer.Name {
		t.Errorf("%s at %s beside %s at %s", inner.Name, inner.URL, outer.Name, outer.URL)
	}
	c, err := client.New(client.Config{BaseURL: inner.URL, TokenURL: inner.TokenURL, Retailer: inner.Retailer, ClientID: inner.ClientID, ClientSecret: inner.ClientSecret})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ListBranches(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if environ := strings.Join(inner.Environ(), "\n"); !strings.HasSuffix(environ, "TAPHOA_SANDBOX_CLIENT_SECRET="+inner.ClientSecret) {
		t.Error("a program is not told of its shop")
	}
	t.Setenv("TAPHOA_SANDBOX_URL", "http://127.0.0.1:1")
	refused := &fake{TB: t}
	refused.do(func() { sandbox.New(refused) })
	if !strings.Contains(refused.said, "TAPHOA_SANDBOX_URL") {
		t.Errorf("without a sandbox: %q", refused.said)
	}
}

// fake is a test that fails without failing the test that it is in.
type fake struct {
	testing.TB
	failed   bool
	said     string
	cleanups []func()
}

func (f *fake) Errorf(format string, args ...any) { f.failed = true; f.Logf(format, args...) }
func (f *fake) Logf(format string, args ...any)   { f.said += fmt.Sprintf(format, args...) + "\n" }
func (f *fake) Failed() bool                      { return f.failed }
func (f *fake) Cleanup(do func())                 { f.cleanups = append(f.cleanups, do) }

func (f *fake) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	panic(f)
}

// do runs the test, and cleans up after it.
func (f *fake) do(test func()) {
	defer func() {
		if p := recover(); p != nil && p != any(f) {
			panic(p)
		}
		for i := len(f.cleanups) - 1; i >= 0; i-- {
			f.cleanups[i]()
		}
	}()
	test()
}

// TestAFailedTestSaysWhatItsProgramAskedFor: also what of it was refused, and why.
func TestAFailedTestSaysWhatItsProgramAskedFor(t *testing.T) {
	failed := &fake{TB: t}
	failed.do(func() {
		shop := sandbox.Options{Template: sandbox.Empty}.New(failed)
		if status, err := sell(t, of(shop)); err != nil || status == http.StatusOK {
			t.Errorf("the empty shop sells: %d %v", status, err)
		}
		shop.Expect(sandbox.Expectation{Method: "POST", Path: "/invoices", AtMost: 1, Status: 200}, sandbox.Expectation{Path: "/orders"})
		shop.ExpectState(map[string]any{"stock": map[string]any{"SP000001": map[string]any{}}})
		shop.SetFaults(sandbox.Fault{Fault: "no such fault"})
		t.Error("the test goes on")
	})
	for _, want := range []string{"createInvoice", "#2 POST /invoices → 420", "SP000001", "/orders", "fault phải là"} {
		if !strings.Contains(failed.said, want) {
			t.Errorf("it does not say %q:\n%s", want, failed.said)
		}
	}
}

// TestNothingIsLeft: neither files nor a server.
func TestNothingIsLeft(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	url := ""
	t.Run("a test", func(t *testing.T) { url = sandbox.Options{Template: sandbox.Empty}.New(t).URL })
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("%v are left, %v", left, err)
	}
	if r, err := http.Get(url + "/_sandbox/health"); err == nil { //nolint:noctx // it is refused at once
		r.Body.Close()
		t.Error("the sandbox is served")
	}
}

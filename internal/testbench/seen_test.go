package testbench_test

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/taphoa/taphoa/internal/testbench"
)

// shown is an entry of the log of requests, as a test program reads it.
type shown struct {
	Number                  int64
	Method, Path, Operation string
	Status                  int
	Header                  map[string]string
	Body, Answer            string
	Said                    []struct{ In, Name, Judgement, Documented string }
	Differences             []struct {
		ID      string
		Details []string
	}
}

func (f *fork) log(query string) []shown {
	f.Helper()
	var page struct {
		Last int64
		Data []shown
	}
	f.ask(&page, "GET", "/_sandbox/shops/"+f.Name+"/requests?limit=500&"+query, "")
	return page.Data
}

// differences are those of the fork, as "id operation count: details".
func (f *fork) differences() (all []string) {
	f.Helper()
	for _, d := range f.report().Differences {
		all = append(all, strings.TrimSuffix(fmt.Sprintf("%s %s %d: %s", d.ID, d.Operation, d.Count, strings.Join(d.Details, ", ")), ": "))
	}
	return all
}

func (f *fork) report() (r testbench.Report) {
	f.Helper()
	f.ask(&r, "GET", "/_sandbox/shops/"+f.Name+"/report", "")
	return r
}

func (f *fork) api(headers ...string) []string {
	return append([]string{"Authorization: Bearer " + f.token, "Retailer: " + f.Retailer}, headers...)
}

// send is call for what may be refused.
func (f *fork) send(method, path, body string, headers ...string) (int, string) {
	f.Helper()
	status, _, text := f.do(method, path, body, f.api(headers...)...)
	return status, text
}

func (f *fork) getToken(form url.Values, headers ...string) int {
	f.Helper()
	status, _, _ := f.do("POST", "/connect/token", form.Encode(), append([]string{"Content-Type: application/x-www-form-urlencoded", testbench.Header + ": " + f.Name}, headers...)...)
	return status
}

func (f *fork) credentials() url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "scopes": {"PublicApi.Access"}, "client_id": {f.ClientID}, "client_secret": {f.ClientSecret}}
}

func expectLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("%q is missing in\n%s", line, strings.Join(got, "\n"))
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("%q was not expected", line)
		}
	}
}

// TestAClientThatMisspellsIsTold: which names no one reads, which are spelled otherwise, and what the answers held.
func TestAClientThatMisspellsIsTold(t *testing.T) {
	t.Parallel()
	f := open(t, testbench.Options{}).fork(`{"name":"kho"}`)
	f.call(nil, "GET", "/orders?PageSize=5&lastModifyFrom=2020-01-01&fromPurchaseDate=31/12/2019", "")
	f.call(nil, "POST", "/orders", `{"branchId":1,"Note":"x","orderDetails":[{"ProductCode":"SP000001","quanity":1,"quantity":1}]}`)
	f.call(nil, "GET", "/orders", "")
	log := f.log("operation=createOrder")
	if len(log) != 1 || log[0].Status != 200 || len(log[0].Said) != 6 {
		t.Fatalf("%+v", log)
	}
	expectLines(t, f.differences(), "member-spelling listOrders 1: PageSize → pageSize", "member-unknown listOrders 1: lastModifyFrom → lastModifiedFrom",
		"date-form listOrders 1: fromPurchaseDate=31/12/2019", "member-unknown createOrder 1: Note, orderDetails[].quanity → orderDetails[].quantity",
		"member-spelling createOrder 1: orderDetails[].ProductCode → orderDetails[].productCode")
	report := f.report()
	for _, o := range report.Operations {
		if o.Operation == "listOrders" && (o.Count != 2 || !slices.Contains(o.Held, "data[].orderDetails[].productCode") || !slices.Contains(o.NotHeld, "data[].orderDelivery")) {
			t.Errorf("%+v", o)
		}
	}
}

// TestWhatDiffersAtTheVendorIsFound has a client for each of the other differences.
func TestWhatDiffersAtTheVendorIsFound(t *testing.T) {
	t.Parallel()
	b := open(t, testbench.Options{})
	f := b.fork(`{"name":"kho"}`)
	f.call(nil, "GET", "/products?pageSize=200", "")
	f.call(nil, "GET", "/Products?pageSize=100&cursor=*", "")
	f.call(nil, "GET", "/stocktakes", "")
	f.send("POST", "/categories", `{"categoryName":"Nhóm thử"}`, "Idempotency-Key: 1", "Taphoa-Dry-Run: true")
	f.send("GET", "/categories", "", "Host: id.kiotviet.vn")
	f.send("GET", "/categories", "", "Host: public.kiotapi.com")
	f.do("GET", "/branches", "", "Authorization: Bearer "+f.token)
	f.do("GET", "/branches", "", "Authorization: Bearer "+f.token, "Retailer: other", testbench.Header+": kho")
	f.do("GET", "/nothing", "", testbench.Header+": kho")
	f.do("GET", "/openapi.json", "", testbench.Header+": kho")
	if status := f.getToken(url.Values{"grant_type": {"password"}, "client_id": {f.ClientID}, "client_secret": {f.ClientSecret}}, "Host: public.kiotapi.com"); status != 400 {
		t.Errorf("a wrong grant is %d", status)
	}
	f.do("POST", "/connect/token", `{"grant_type":"client_credentials","scopes":"PublicApi.Access","client_id":"x","client_secret":"y"}`,
		"Content-Type: application/json", testbench.Header+": kho")
	got := f.differences()
	expectLines(t, got, "page-size listProducts 1: pageSize=200", "path-spelling listProducts 1: /Products → /products", "member-here-only listProducts 1: cursor",
		"here-only listStockTakes 1: GET /stocktakes", "headers-here-only createCategory 1: Idempotency-Key, Taphoa-Dry-Run", "wrong-host listCategories 1: id.kiotviet.vn",
		"retailer listBranches 2: Retailer:, Retailer: other", "no-wait listBranches 1: 401", "here-only GET /openapi.json 1: GET /openapi.json",
		"wrong-host getAccessToken 1: public.kiotapi.com", "token-scopes getAccessToken 1: scopes", "token-grant getAccessToken 1: grant_type",
		"token-form getAccessToken 1: Content-Type: application/json")
}

// TestATokenForEachCallIsNoticed: ten needless ones are, whatever comes between them.
func TestATokenForEachCallIsNoticed(t *testing.T) {
	t.Parallel()
	f := open(t, testbench.Options{}).fork(`{"name":"kho"}`)
	for range 13 {
		if status := f.getToken(f.credentials()); status != 200 {
			t.Fatal(status)
		}
	}
	expectLines(t, f.differences(), "tokens getAccessToken 3")
}

// TestExpectationsAreMetOrSayWhatIsNearest.
func TestExpectationsAreMetOrSayWhatIsNearest(t *testing.T) {
	t.Parallel()
	f := open(t, testbench.Options{}).fork(`{"name":"kho"}`)
	f.call(nil, "GET", "/products?pageSize=20&orderBy=code", "")
	f.call(nil, "POST", "/orders", `{"branchId":1,"orderDetails":[{"productCode":"SP000001","quantity":1.50},{"productCode":"SP000002","quantity":1}]}`)
	for _, c := range []struct{ want, problem string }{
		{`{"expectations":[{"method":"POST","path":"/Orders/","times":1,"status":200,"with":{"body":{"branchId":1.0,"orderDetails":[{"quantity":1.5}]}}}]}`, ""},
		{`{"inOrder":true,"expectations":[{"method":"GET","path":"/products","with":{"query":{"pageSize":20}}},{"method":"POST","path":"/orders"}]}`, ""},
		{`{"expectations":[{"method":"DELETE","path":"/orders/{id}","times":0},{"path":"/orders","atMost":1}]}`, ""},
		{`{"inOrder":true,"expectations":[{"method":"POST","path":"/orders"},{"method":"GET","path":"/products"}]}`, "đến trước"},
		{
			`{"expectations":[{"method":"POST","path":"/orders","with":{"body":{"orderDetails":[{"quantity":1.5},{"quantity":2}]}}}]}`,
			"Gần nhất là yêu cầu số 3 (POST /orders): body.orderDetails[1].quantity là 1, mong đợi 2",
		},
		{`{"expectations":[{"method":"POST","path":"/orders","with":{"body":{"orderDetails":[{"discount":5}]}}}]}`, "body.orderDetails[0].discount là không có, mong đợi 5"},
		{`{"expectations":[{"method":"GET","path":"/products","with":{"header":{"Authorization":"Bearer x"}}}]}`, "header.Authorization là ***"},
		{`{"expectations":[{"method":"POST","path":"/connect/token","with":{"body":{"client_secret":"x"}}}]}`, "body.client_secret là ***, mong đợi ***"},
		{`{"expectations":[{"method":"POST","path":"/orders","times":2}]}`, "đúng 2 yêu cầu POST /orders, nhưng có 1"},
		{`{"expectations":[{"method":"POST","path":"/orders","status":420}]}`, "status là 200, mong đợi 420"},
		{`{"expectations":[]}`, "từ 1 đến"},
	} {
		status, _, text := f.do("POST", "/_sandbox/shops/kho/expect", c.want)
		if want := map[bool]int{true: 200, false: 420}[c.problem == ""]; status != want || !strings.Contains(text, c.problem) {
			t.Errorf("%s\nis %d %s\nnot %s", c.want, status, text, c.problem)
		}
	}
	f.ask(nil, "DELETE", "/_sandbox/shops/kho/requests", "")
	if status, _, text := f.do("POST", "/_sandbox/shops/kho/expect", `{"expectations":[{"path":"/orders"}]}`); status != 420 || !strings.Contains(text, "chưa có yêu cầu nào") {
		t.Errorf("after the log is forgotten: %d %s", status, text)
	}
	if r := f.report(); r.Requests != 0 || len(r.Operations) != 0 {
		t.Errorf("after the log is forgotten the report is %+v", r)
	}
}

// TestTheStateIsAsserted: stock, debts, cash and documents before and after a sale.
func TestTheStateIsAsserted(t *testing.T) {
	t.Parallel()
	f := open(t, testbench.Options{}).fork(`{"name":"kho"}`)
	var before struct {
		Stock     map[string]map[string]struct{ OnHand, Reserved float64 }
		Cash      map[string]map[string]float64
		Documents map[string]map[string]int64
	}
	f.ask(&before, "GET", "/_sandbox/shops/kho/state", "")
	branch, code := "", "SP000001"
	for name, level := range before.Stock[code] {
		if level.OnHand >= 2 {
			branch = name
		}
	}
	var branches struct {
		Data []struct {
			ID         int64
			BranchName string
		}
	}
	f.call(&branches, "GET", "/branches", "")
	id := int64(0)
	for _, b := range branches.Data {
		if b.BranchName == branch {
			id = b.ID
		}
	}
	f.call(nil, "POST", "/invoices", fmt.Sprintf(`{"branchId":%d,"method":"Cash","totalPayment":10000,"invoiceDetails":[{"productCode":%q,"quantity":2,"price":10000}]}`, id, code))
	done := "Hoàn thành"
	want := fmt.Sprintf(`{"stock":{%q:{%q:{"onHand":%v}}},"cash":{%q:{"Cash":%v}},"documents":{"invoices":{%q:%d}}}`, code, branch,
		before.Stock[code][branch].OnHand-2, branch, before.Cash[branch]["Cash"]+10000, done, before.Documents["invoices"][done]+1)
	f.ask(nil, "POST", "/_sandbox/shops/kho/assert", want)
	status, _, text := f.do("POST", "/_sandbox/shops/kho/assert", fmt.Sprintf(`{"stock":{%q:{%q:{"onHand":-7}},"none":{}}}`, code, branch))
	if status != 420 || !strings.Contains(text, `"path": "stock.`+code) || !strings.Contains(text, "mong đợi -7") || !strings.Contains(text, "stock.none là không có") {
		t.Errorf("%d %s", status, text)
	}
	if status, _, text := f.do("POST", "/_sandbox/shops/kho/assert", `{"stok":{}}`); status != 420 || !strings.Contains(text, "stok") {
		t.Errorf("%d %s", status, text)
	}
}

// TestNoSecretIsShown searches the log, the reports and the page for all secrets of a story.
func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	f := open(t, testbench.Options{}).fork(`{"name":"kho","clientId":"app","clientSecret":"v3ry-s3cret"}`)
	f.call(nil, "GET", "/categories", "")
	form := f.credentials()
	form.Set("password", "hunter2hunter2")
	f.getToken(form)
	f.do("POST", "/connect/token?client_secret=v3ry-s3cret", `{"client_secret":"v3ry-s3cret","x":"v3ry-s3cret"}`, testbench.Header+": kho")
	f.do("POST", "/connect/token", "--b\r\nContent-Disposition: form-data; name=\"client_secret\"\r\n\r\nv3ry-s3cret\r\n--b--", testbench.Header+": kho", "Content-Type: multipart/form-data; boundary=b")
	f.send("GET", "/categories?access_token="+f.token, "", "Cookie: session=hunter2hunter2", "X-Api-Key: hunter2hunter2")
	f.send("POST", "/webhooks", `{"Webhook":{"Type":"order.update","Url":"http://localhost:9/x","Secret":"hunter2hunter2"}}`)
	for _, path := range []string{"/requests?limit=500", "/report?format=json", "/report?format=text", "/report?format=junit", "/state"} {
		_, _, text := f.do("GET", "/_sandbox/shops/kho"+path, "")
		for _, secret := range []string{"v3ry-s3cret", "hunter2hunter2", f.token, f.token[len(f.token)-20:]} {
			if strings.Contains(text, secret) {
				t.Errorf("%s has the secret %s:\n%.3000s", path, secret, text)
			}
		}
	}
	_, _, page := f.do("GET", "/_sandbox/?fork=kho", "", "Accept: text/html")
	for _, secret := range []string{"v3ry-s3cret", "hunter2hunter2", f.token} {
		if strings.Contains(page, secret) || !strings.Contains(page, "getAccessToken") {
			t.Errorf("the page has the secret %s, or no requests", secret)
		}
	}
}

// TestTheLogIsBounded: large bodies, many requests and many names are kept in part, and counted.
func TestTheLogIsBounded(t *testing.T) {
	t.Parallel()
	f := open(t, testbench.Options{}).fork(`{"name":"kho"}`)
	f.call(nil, "GET", "/branches", "")
	f.send("POST", "/categories", `{"categoryName":"`+strings.Repeat("x", 3<<20)+`"}`)
	var names strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&names, `,"n%d":{"a":[1,2]}`, i)
	}
	f.send("POST", "/categories", `{"categoryName":"y"`+names.String()+`}`)
	f.send("POST", "/categories", strings.Repeat(`{"a":[`, 10_000))
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(`{"categoryName":"Packed","categoryNam":1}`))
	_ = w.Close()
	f.send("POST", "/categories", packed.String(), "Content-Encoding: gzip")
	for i := range 2100 {
		f.do("GET", fmt.Sprintf("/none/%d", i), "", testbench.Header+": kho")
	}
	r := f.report()
	if r.Requests != 2106 || len(r.Operations) > 310 {
		t.Errorf("%d requests of %d operations", r.Requests, len(r.Operations))
	}
	log := f.log("after=0")
	if len(log) != 500 || log[0].Number != 107 {
		t.Errorf("the log has %d requests from number %d", len(log), log[0].Number)
	}
	for _, o := range r.Operations {
		if o.Operation == "createCategory" && (len(o.Said) > 302 || o.Count != 4) {
			t.Errorf("%d calls with %d names", o.Count, len(o.Said))
		}
	}
	if !slices.ContainsFunc(f.differences(), func(d string) bool { return strings.HasPrefix(d, "member-unknown createCategory 2: ") }) {
		t.Error(f.differences())
	}
	_, _, text := f.do("GET", "/_sandbox/shops/kho/report?format=text", "")
	for line := range strings.Lines(text) {
		if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > 80 {
			t.Errorf("%q is wider than a terminal", line)
		}
	}
}

// TestHostileTextStaysText: names, bodies, headers and paths of clients are no part of a page, a report or a terminal.
func TestHostileTextStaysText(t *testing.T) {
	t.Parallel()
	f := open(t, testbench.Options{}).fork(`{"name":"kho"}`)
	const script = `<script>alert(1)</script>`
	f.call(nil, "GET", "/branches", "")
	f.send("POST", "/categories", `{"`+script+`":"`+script+`","\u001b[2J\u202e":1,"]]>":"<img src=x onerror=alert(1)>"}`, "X-Note: "+script, "User-Agent: "+script)
	f.send("GET", "/orders?"+url.QueryEscape(script)+"=1&lastModifiedFrom="+url.QueryEscape(script), "")
	f.do("GET", "/<script>alert(1)</script>", "", testbench.Header+": kho")
	f.do("GET", "/x%22%3E%3Cscript%3E", "", testbench.Header+": kho")
	for _, at := range []string{"/_sandbox/?fork=kho", "/_sandbox/?fork=kho&after=0&rows=1", "/_sandbox/?fork=" + url.QueryEscape(script)} {
		_, h, text := f.do("GET", at, "", "Accept: text/html")
		if strings.Contains(text, "<script>alert") || strings.Contains(text, "<img src=x") {
			t.Errorf("%s shows a client's tags:\n%s", at, text)
		}
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'") {
			t.Errorf("%s has the policy %q", at, csp)
		}
	}
	_, _, text := f.do("GET", "/_sandbox/shops/kho/report?format=text", "")
	if strings.ContainsAny(text, "\x1b\u202e") {
		t.Errorf("the report moves the cursor: %q", text)
	}
	_, h, junit := f.do("GET", "/_sandbox/shops/kho/report?format=junit", "")
	var suite struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Cases    []struct {
			Failure *struct{} `xml:"failure"`
		} `xml:"testcase"`
	}
	if err := xml.Unmarshal([]byte(junit), &suite); err != nil || suite.Tests != len(suite.Cases) || suite.Failures == 0 || !strings.Contains(h.Get("Content-Type"), "xml") {
		t.Errorf("%v: %d tests, %d failures: %s", err, suite.Tests, suite.Failures, junit)
	}
	if status, _, _ := f.do("GET", "/_sandbox/", "", "Accept: text/html", "Sec-Fetch-Site: cross-site"); status != http.StatusForbidden {
		t.Errorf("a page of another origin gets %d", status)
	}
}

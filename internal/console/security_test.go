package console_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/requestlog"
	"github.com/taphoa/taphoa/internal/right"
)

// route is a pattern of the desk.
type route struct{ method, path string }

// routes are those of the desk with the ids of records of the shop that serves.
func (d *desk) routes() (all []route) {
	d.t.Helper()
	ids := map[string]string{
		"products": "product:TRA", "customers": "customer:KH-HOA", "users": "user:lan", "invoices": "invoice:HD000001",
		"webhooks": "webhook:product.update", "deliveries": "delivery:dead",
	}
	for _, pattern := range d.console.Patterns() {
		method, path, found := strings.Cut(pattern, " ")
		if !found {
			method, path = "", pattern
		}
		path = strings.TrimSuffix(path, "{$}")
		if strings.Contains(path, "{id}") {
			kind := strings.Split(path, "/")[2]
			id := map[string]string{"roles": d.ownRole, "connections": d.Shop.ClientID, "requests": d.logged, "audit": d.audited}[kind]
			if id == "" {
				id = strconv.FormatInt(d.ID(ids[kind]), 10)
			}
			path = strings.ReplaceAll(path, "{id}", id)
		}
		all = append(all, route{method, path})
	}
	if len(all) < 35 || slices.ContainsFunc(all, func(r route) bool { return strings.Contains(r.path, "{") }) {
		d.t.Fatalf("the routes are %v", all)
	}
	return all
}

// opened is what the routes are for visitors.
var opened = map[string]bool{
	"/console/sign-in": true, "/console/passkey": true, "/console/passkey/challenge": true, "/console/demo": true, "/console/second-factor": true, "/console/link": true, "/console/link/accept": true,
	"/console/language": true, "/setup": true, "/setup/begin": true, "/console/": true,
	"/connect/authorize": true, "/connect/authorize/consent": true, "/connect/endsession": true, "/connect/endsession/confirm": true,
}

// secrets are what the seeded shop has, and nobody else may read.
var secrets = []string{"Trà xanh", "Chị Hoa", "Nguyễn Thị Lan", "HD000001", "KH-HOA", "0912345678"}

// sell makes the invoice HD000001, a role of the shop's own, and an entry of the request log.
func (d *desk) sell() {
	d.t.Helper()
	saved := d.owner().post("/console/roles", url.Values{"name": {"Vai trò riêng"}, "products.see": {"true"}}).want(http.StatusOK)
	d.ownRole = path.Base(saved.link("Vai trò riêng"))
	d.logged = strconv.FormatInt(d.note(d.Shop, requestlog.Entry{Operation: "listOrders", Status: 420}), 10)
	d.create("/invoices", fmt.Sprintf(`{"branchId":%d,"soldById":%d,"customerId":%d,"invoiceDetails":[{"productCode":"TRA","productId":%d,"quantity":2,"price":25000}]}`,
		d.ID("branch:CN1"), d.ID("user:lan"), d.ID("customer:KH-HOA"), d.ID("product:TRA")))
	d.audited = path.Base(d.owner().get("/console/audit?operation=createInvoice").want(http.StatusOK).rowLinks()[0])
}

// filled are values for every form of the desk.
var filled = url.Values{
	"name": {"Đã vào"}, "givenName": {"Đã vào"}, "userName": {"davao"}, "categoryId": {"1"}, "column": {"name"}, "language": {"en"}, "do": {"all"},
	"endsOn": {"2020-01-01"}, "shop": {"taphoa"}, "password": {"x"}, "again": {"x"}, "secret": {"x"}, "code": {"123456"}, "etag": {`W/"1"`},
}

// TestWithoutASessionOfTheShopThereIsNothing asks every route as everybody else: it shows no data, and changes nothing.
func TestWithoutASessionOfTheShopThereIsNothing(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.sell()
		pending := d.owner()
		pending.withSecondFactor()
		pending.setCookie("taphoa", d.session(d.Shop, ""))
		ended := d.signedIn(d.Shop, "lan")
		token := ended.cookie("taphoa")
		ended.post("/console/sign-out", url.Values{}).want(http.StatusOK)
		ended.setCookie("taphoa", token)
		garbage, other := d.visitor(), d.signedIn(d.OtherShop, "")
		garbage.setCookie("taphoa", strings.Repeat("B", 43))
		before := d.Digest(d.Shop)
		for name, p := range map[string]*person{
			"nobody": d.visitor(), "garbage": garbage, "a session that has ended": ended, "another shop": other, "a second factor that is owed": pending,
			"a token of the API": d.visitor().with("Authorization", "Bearer "+d.Shop.Token, "Retailer", d.Shop.Code, "Cookie", "taphoa="+d.Shop.Token),
		} {
			p := p.alone()
			for _, r := range d.routes() {
				form := url.Values(nil)
				if r.method == http.MethodPost {
					form = filled
				}
				if r.path == "/console/live" && name == "another shop" || strings.Contains(r.path, "/account/") && r.method == http.MethodPost || r.path == "/console/sign-out" || r.path == "/connect/endsession/confirm" {
					continue // has a test of its own
				}
				answer := p.send(cmpOr(r.method, http.MethodGet), r.path, form)
				if r.path == "/console/style" && strings.HasPrefix(name, "another") {
					continue // made-up data
				}
				switch {
				case answer.status >= http.StatusInternalServerError:
					t.Errorf("%s, %s %s: %d", name, r.method, r.path, answer.status)
				case opened[r.path] || name == "another shop":
				case answer.status != http.StatusSeeOther && answer.status != http.StatusUnauthorized && answer.status != http.StatusNotFound:
					t.Errorf("%s, %s %s: %d", name, r.method, r.path, answer.status)
				}
				if name == "another shop" && strings.ContainsAny(r.path, "0123456789") && answer.status != http.StatusNotFound {
					t.Errorf("%s, %s %s: %d", name, r.method, r.path, answer.status)
				}
				if name != "another shop" || strings.ContainsAny(r.path, "0123456789") {
					answer.hasNot(secrets...)
				}
			}
		}
		if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
			t.Errorf("something has changed: %v", differs)
		}
	})
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// TestTheAPITakesNoCookie sends the cookie of the desk to each operation of the API.
func TestTheAPITakesNoCookie(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		token := d.session(d.Shop, "")
		var document struct {
			Paths map[string]map[string]any `json:"paths"`
		}
		if err := json.Unmarshal(d.Send(http.MethodGet, "/openapi.json", "").Body, &document); err != nil || len(document.Paths) < 50 {
			t.Fatalf("%d paths: %v", len(document.Paths), err)
		}
		for path, methods := range document.Paths {
			if strings.HasPrefix(path, "/connect/") || strings.HasPrefix(path, "/.well-known/") {
				continue
			}
			path = strings.NewReplacer("{", "", "}", "", "...", "").Replace(path)
			for method := range methods {
				method = strings.ToUpper(method)
				for _, headers := range [][]string{
					{"Cookie", "taphoa=" + token + "; __Host-taphoa=" + token, "Authorization", ""},
					{"Cookie", "taphoa=" + token, "Authorization", "Bearer " + token},
				} {
					if a := d.Send(method, path, "{}", headers...); a.Status != http.StatusUnauthorized {
						t.Errorf("%s %s: %d", method, path, a.Status)
					}
				}
			}
		}
	})
}

// TestAnotherSiteChangesNothing posts every form from elsewhere with the cookie of the owner.
func TestAnotherSiteChangesNothing(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.sell()
		owner := d.owner().alone()
		token := owner.cookie("taphoa")
		before := d.Digest(d.Shop)
		for _, headers := range [][]string{
			{"Origin", "https://evil.example"},
			{"Origin", "null"},
			{"Sec-Fetch-Site", "cross-site", "Origin", "null"},
			{"Sec-Fetch-Site", "same-site"},
			{"Sec-Fetch-Site", "cross-site", "Origin", d.http.URL},
			{"Origin", strings.Replace(d.http.URL, "127.0.0.1", "127.0.0.2", 1)},
		} {
			for _, r := range d.routes() {
				for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
					if r.method == http.MethodGet && method == http.MethodPost {
						continue
					}
					answer := owner.with(headers...).send(method, r.path, filled)
					if method == http.MethodPost && (r.path == "/connect/authorize" || r.path == "/connect/endsession") { // becomes a GET of the same
						if to := answer.header.Get("Location"); answer.status != http.StatusSeeOther || !strings.HasPrefix(to, r.path+"?") || len(answer.header["Set-Cookie"]) > 0 {
							t.Errorf("POST %s with %v: %d, %s", r.path, headers, answer.status, to)
						}
						continue
					}
					if answer.status != http.StatusForbidden || len(answer.header["Set-Cookie"]) > 0 {
						t.Errorf("%s %s with %v: %d %v", method, r.path, headers, answer.status, answer.header["Set-Cookie"])
					}
				}
			}
		}
		owner.with("Origin", "https://evil.example").post("/console/customers", filled).has("Yêu cầu này đến từ một trang web khác")
		owner.setCookie("taphoa", token)
		owner.get("/console/account").want(http.StatusOK)
		if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
			t.Errorf("something has changed: %v", differs)
		}
	})
}

// TestReadingChangesNothing gets every page as the owner, with what a form would send as the query.
func TestReadingChangesNothing(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.sell()
		owner := d.owner().alone()
		before, token := d.Digest(d.Shop), owner.cookie("taphoa")
		for _, r := range d.routes() {
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace} {
				if r.path == "/console/live" {
					continue
				}
				start := time.Now()
				answer := owner.send(method, r.path+"?"+filled.Encode(), nil)
				if answer.status >= http.StatusInternalServerError || time.Since(start) > 5*time.Second {
					t.Errorf("%s %s: %d after %v", method, r.path, answer.status, time.Since(start))
				}
				if owner.cookie("taphoa") != token {
					t.Fatalf("%s %s ends the session", method, r.path)
				}
			}
		}
		if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
			t.Errorf("something has changed: %v", differs)
		}
		start := time.Now()
		owner.send(http.MethodHead, "/console/live?kinds=customer.update", nil)
		if time.Since(start) > time.Second {
			t.Errorf("HEAD of the live page takes %v", time.Since(start))
		}
	})
}

// attack goes into every text. A page that has it as an element or an attribute, or in a header, is at fault.
const attack = `"><script>alert(1)</script><img src=x onerror=alert(1)>'{{.}}` + "`${1}javascript:alert(1)"

// TestTextsStayTexts puts an attack into every text of the shop and looks at each page.
func TestTextsStayTexts(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		text := func(n int) string { return quoted(attack + strconv.Itoa(n)) }
		customer := d.create("/customers", `{"name":`+text(1)+`,"code":"`+"XSS'`<b>"+`","contactNumber":"<i>09","address":`+text(2)+`,"email":`+text(3)+`,"comments":`+text(4)+
			`,"organization":`+text(5)+`,"taxCode":"<u>1","locationName":`+text(6)+`,"wardName":`+text(7)+`,"IdentificationNumber":"<s>"}`)
		category := d.create("/categories", `{"categoryName":`+text(8)+`}`)
		product := d.create("/products", `{"name":`+text(9)+`,"categoryId":`+category+`,"unit":"<q>","description":`+text(10)+`,"basePrice":1000,"allowsSale":true}`)
		user := d.create("/users", `{"userName":`+text(11)+`,"givenName":`+text(12)+`,"address":`+text(13)+`,"description":`+text(14)+`,"email":`+text(15)+`}`)
		d.change("/branches/"+strconv.FormatInt(d.ID("branch:CN1"), 10), `{"branchName":`+text(16)+`}`)
		d.create("/customers/group", `{"name":`+text(17)+`}`)
		invoice := d.create("/invoices", fmt.Sprintf(`{"branchId":%d,"soldById":%s,"customerId":%s,"description":%s,"invoiceDetails":[{"productId":%s,"quantity":1,"price":1000}]}`,
			d.ID("branch:CN1"), user, customer, text(18), product))
		d.give(attack+"11", access.UserRole{Role: right.OwnerRole})
		owner := d.signedIn(d.Shop, attack+"11").with("User-Agent", attack, "Accept-Language", attack, "Referer", d.http.URL+"/console/"+url.PathEscape(attack))
		escaped := url.QueryEscape(attack)
		for _, path := range []string{
			"/console/customers", "/console/customers/" + customer, "/console/products", "/console/products/" + product, "/console/users", "/console/users/" + user,
			"/console/invoices", "/console/invoices/" + invoice, "/console/products/new", "/console/search?q=" + url.QueryEscape("script"), "/console/search?q=" + escaped,
			"/console/customers?q=" + escaped + "&groupId=" + escaped + "&sort=" + escaped + "&from=" + escaped + "&" + escaped + "=" + escaped,
			"/console/invoices?q=" + escaped + "&fromPurchaseDate=" + escaped + "&status=" + escaped, "/console/nothing/" + url.PathEscape(attack), "/console/customers/" + url.PathEscape(attack),
			"/console/account", "/console/confirm?next=" + escaped, "/console/live?kinds=" + escaped,
		} {
			owner.get(path).harmless()
			d.visitor().get(path).harmless()
			d.visitor().with("Hx-Request", "true", "Hx-Target", attack).get(path).harmless()
		}
		owner.setCookie("taphoa-notice", url.QueryEscape(attack))
		owner.get("/console/customers").harmless().has(strings.Join(strings.Fields(attack), " ")) // it is there, as text
		for _, path := range []string{"/console/customers", "/console/products", "/console/users", "/console/customers/" + customer} {
			form := url.Values{}
			for name := range filled {
				form.Set(name, attack)
			}
			for _, name := range []string{"key", "address", "comments", "contactNumber", "basePrice", "birthDate", "gender", "email", attack} {
				form.Set(name, attack)
			}
			owner.post(path, form).harmless()
			d.visitor().post(path, form).harmless()
		}
		d.visitor().post("/console/sign-in", url.Values{
			"shop": {attack}, "userName": {attack}, "next": {attack}, "kept-path": {"/console/" + attack}, "kept-form": {escaped + "=" + escaped}, "password": {attack},
		}).harmless()
		owner.post("/console/users/"+user+"/end", url.Values{"endsOn": {attack}}).harmless()
		owner.post("/console/language", url.Values{"language": {attack}, "next": {"/console/" + attack}}).harmless()
		d.owner().post("/console/users/"+user+"/invite", url.Values{}).want(http.StatusOK).harmless()
	})
}

// harmless checks that nothing of the attack is more than text.
func (p *page) harmless() *page {
	p.t.Helper()
	if p.status >= http.StatusInternalServerError {
		p.t.Errorf("%s: %d", p.at, p.status)
	}
	for name, values := range p.header {
		if strings.ContainsAny(strings.Join(values, ""), "\r\n") || strings.Contains(strings.Join(values, ""), "<script") {
			p.t.Errorf("%s: the header %s is %q", p.at, name, values)
		}
	}
	for _, n := range find(p.root, func(*html.Node) bool { return true }) {
		switch {
		case n.Data == "script" && (attribute(n, "src") == "" || !strings.HasPrefix(attribute(n, "src"), "/console/static/")), n.Data == "img" && attribute(n, "src") == "x",
			slices.Contains([]string{"style", "iframe", "object", "embed", "base"}, n.Data):
			p.t.Errorf("%s has a %s", p.at, n.Data)
		}
		for _, a := range n.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" || strings.HasPrefix(a.Key, "hx-on") || strings.ContainsAny(a.Key, "<\"'{") ||
				(a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction" || strings.HasPrefix(a.Key, "hx-get")) &&
					!strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "#") && !strings.HasPrefix(value, "data:image/png;base64,") ||
				a.Key != "data-copies" && strings.HasPrefix(value, "//") { // a hash that is copied may begin so
				p.t.Errorf("%s has <%s %s=%q>", p.at, n.Data, a.Key, a.Val)
			}
		}
	}
	return p
}

// TestEveryAnswerIsProtected looks at the headers of pages, refusals and redirects, for who is signed in and who is not.
func TestEveryAnswerIsProtected(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.sell()
		for name, p := range map[string]*person{"owner": d.owner(), "visitor": d.visitor(), "from another site": d.owner().with("Origin", "https://evil.example")} {
			p := p.alone()
			for _, r := range append(d.routes(), route{"GET", "/console//products"}, route{"GET", "/console/%2e%2e/"}, route{"DELETE", "/console/customers"}, route{"GET", "/console/../x"},
				route{"GET", "/setup/"}, route{"GET", "/setup/nothing"}, route{"POST", "/setup/nothing"}, route{"GET", "/console/static/nothing.js"}) {
				if r.path == "/console/live" && name != "visitor" {
					continue
				}
				form := url.Values(nil)
				if r.method == http.MethodPost {
					form = url.Values{}
				}
				answer := p.send(cmpOr(r.method, http.MethodGet), r.path, form)
				for header, want := range map[string]string{
					"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
					"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
				} {
					if got := answer.header.Get(header); got != want {
						t.Errorf("%s, %s %s (%d): %s is %q", name, r.method, r.path, answer.status, header, got)
					}
				}
				if answer.header.Get("X-Request-Id") == "" {
					t.Errorf("%s %s has no id", r.method, r.path)
				}
			}
		}
	})
}

// TestUnreasonableRequests are refused with a sentence.
func TestUnreasonableRequests(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		owner := d.owner()
		owner.post("/console/customers", url.Values{"name": {strings.Repeat("x", 2<<20)}}).want(http.StatusBadRequest).has("dài quá 1 MB")
		d.visitor().post("/console/sign-in", url.Values{"shop": {strings.Repeat("x", 2<<20)}}).want(http.StatusBadRequest)
		for _, path := range []string{"/console/customers?q=", "/console/search?q=", "/console/invoices?status=", "/console/products?categoryId=", "/console/sign-in?shop=", "/console/confirm?next=/console/"} {
			for _, text := range []string{strings.Repeat("x", 64<<10), "%00", "%ff%fe", "%zz", "a%00b", "%ED%A0%80", "'--", "%25", "%5C", "100%25_"} {
				if answer := owner.get(path + text); answer.status >= http.StatusInternalServerError {
					t.Errorf("%s%.10s: %d", path, text, answer.status)
				}
			}
		}
		for _, form := range []url.Values{{"name": {"a\xff"}}, {"name": {"a\x00"}}, {"a\x00": {""}}, {"key": {"\xff"}, "name": {"A"}}} {
			owner.post("/console/customers", form).want(http.StatusBadRequest).has("Không đọc được nội dung biểu mẫu")
		}
		for _, cookie := range []string{"taphoa=\xff\xfe", "taphoa=" + strings.Repeat("A", 30_000), "taphoa=a; taphoa=b", "taphoa-language=\xff; taphoa-notice=%zz", "taphoa-notice=%ff%00", "taphoa-columns-customers=..\xff", ";;=;", "__Host-taphoa=x"} {
			if answer := d.visitor().with("Cookie", cookie).get("/console/sign-in"); answer.status != http.StatusOK {
				t.Errorf("cookie %.30q: %d", cookie, answer.status)
			}
		}
		for _, kind := range []string{"application/json", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain", "nonsense;;"} {
			if answer := owner.with("Content-Type", kind).post("/console/customers", url.Values{"name": {"Kiểu khác"}}); answer.status < 400 || answer.status >= 500 {
				t.Errorf("%s: %d", kind, answer.status)
			}
		}
		for _, key := range []string{strings.Repeat("k", 10_000), "khóa", " ", "a\tb"} {
			if answer := owner.post("/console/customers", url.Values{"name": {"Khóa"}, "key": {key}}); answer.status >= 500 {
				t.Errorf("key %.10q: %d", key, answer.status)
			}
		}
		for _, path := range []string{
			"/console/%2e%2e/", "/console/%2e%2e/connect/token", "/console//products", "/CONSOLE", "/CONSOLE/products", "/console/Products", "/console/products/", "/console/products/%2f", "/console/./products",
			"/console/%00", "/console/%ff", "/console;x", "/consolex", "/console/static/../console.go", "/console/static/%2e%2e/console.go", "/console/static/", "/setup/../console/products", "/console/products%3f",
		} {
			if answer := d.visitor().alone().get(path); answer.status >= 500 || answer.status == http.StatusOK {
				t.Errorf("%s: %d %.200s", path, answer.status, answer.text())
			}
			if answer := owner.alone().get(path); answer.status >= 500 {
				t.Errorf("%s of the owner: %d", path, answer.status)
			}
		}
	})
}

// TestRequestsThatHxSends are answered with the header that leads on, for the same pages only.
func TestRequestsThatHxSends(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		hx := []string{"Hx-Request", "true", "Hx-Target", "records"}
		answer := d.visitor().with(hx...).get("/console/customers?q=a").want(http.StatusOK)
		if got := answer.header.Get("Hx-Redirect"); got != "/console/sign-in?"+(url.Values{"next": {"/console/customers?q=a"}}).Encode() {
			t.Errorf("leads to %q", got)
		}
		answer.hasNot(secrets...)
		for _, next := range elsewhere {
			got := d.owner().with(hx...).post("/console/language", url.Values{"next": {next}}).header.Get("Hx-Redirect")
			if got != "/console/" && !strings.Contains(next, "\x00") { // that is no text
				t.Errorf("%q leads to %q", next, got)
			}
		}
	})
}

package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/dbtest"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/openapi"
)

// publicPaths are all that is served without a token.
func publicPaths() []string {
	all := []string{
		"/", "/docs", "/docs/home.css", "/docs/home.js", "/openapi.json", "/healthz", "/readyz", "/metrics",
		"/connect/token", "/connect/revocation", "/connect/userinfo", "/.well-known/openid-configuration", "/.well-known/jwks.json",
	}
	for _, f := range openapi.Files() {
		all = append(all, f.Path)
	}
	return all
}

// TestPublicPathsTellNothingOfTheShops reads all that needs no token after a day's work in two shops: no name, code, id of a
// client or secret of theirs is in it.
func TestPublicPathsTellNothingOfTheShops(t *testing.T) {
	apitest.Each(t, func(t *testing.T, d *apitest.Server) {
		createOtherRecords(t, d)
		d.Send(http.MethodGet, "/customers", "", "X-Request-Id", "yeu-cau-1")
		d.Send(http.MethodGet, "/customers/code/KH-LANG", "")
		d.Send(http.MethodPost, "/connect/token", "grant_type=client_credentials&client_id="+d.Shop.ClientID+"&client_secret=sai",
			"Content-Type", "application/x-www-form-urlencoded")
		stranger := []string{"Authorization", "", "Retailer", "", "Accept", chromium}
		for _, path := range publicPaths() {
			a := d.Send(http.MethodGet, path, "", stranger...)
			want := 200
			switch path {
			case "/connect/token", "/connect/revocation":
				want = http.StatusMethodNotAllowed
			case "/connect/userinfo":
				want = http.StatusUnauthorized
			}
			if a.Status != want {
				t.Errorf("%s: %d", path, a.Status)
			}
			for _, needle := range []string{
				d.OtherShop.Code, "Tạp hóa 1", "Tạp hóa 2", d.Shop.ClientID, d.Shop.Secret, d.Shop.Token, "apitest", "yeu-cau-1",
				"KH-LANG", "láng giềng", "LANG-GIENG", "VC-LANG", "x.vn",
			} {
				if strings.Contains(string(a.Body), needle) {
					t.Errorf("%s shows %q", path, needle)
				}
			}
			if a.Header.Get("Set-Cookie") != "" || a.Header.Get("Server") != "" || a.Header.Get("X-Powered-By") != "" {
				t.Errorf("%s: %v", path, a.Header)
			}
		}
	})
}

// TestNothingOfARequestIsInAPageUnescaped asks for every public path and for some others with markup in all places.
func TestNothingOfARequestIsInAPageUnescaped(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	const markup = `<script>alert(1)</script>`
	hostile := `"'>` + markup
	for _, path := range append(publicPaths(), "/khong-co", "/docs/khong-co", "/.well-known/khong-co", "/customers", "/docs/%3Cscript%3Ealert(1)%3C/script%3E",
		"/%3Cscript%3Ealert(1)%3C/script%3E", "/.well-known/..%2f%3Cscript%3Ealert(1)%3C/script%3E") {
		for _, method := range []string{"GET", "POST", "HEAD"} {
			a := d.Send(method, path+"?lang=%22%27%3E%3Cscript%3Ealert(1)%3C/script%3E&%3Cscript%3Ealert(1)%3C/script%3E=1", "", "Accept", "text/html", "Authorization", hostile,
				"Retailer", hostile, "Accept-Language", hostile, "User-Agent", hostile, "Referer", hostile, "X-Request-Id", hostile, "X-Forwarded-Host", hostile,
				"X-Forwarded-For", hostile, "X-Forwarded-Prefix", hostile, "Origin", hostile, "Cookie", hostile)
			kind := a.Header.Get("Content-Type")
			if strings.HasPrefix(kind, "text/html") && strings.Contains(string(a.Body), markup) {
				t.Errorf("%s %s shows markup of the request: %s", method, path, a.Body)
			}
			if strings.HasPrefix(kind, "text/html") && method == http.MethodGet && a.Status == http.StatusOK && !strings.Contains(a.Header.Get("Content-Security-Policy"), "default-src 'none'") {
				t.Errorf("%s %s has the policy %q", method, path, a.Header.Get("Content-Security-Policy"))
			}
			for name, values := range a.Header {
				if name != "Location" && strings.Contains(strings.Join(values, ""), "<script") {
					t.Errorf("%s %s has the header %s: %q", method, path, name, values)
				}
			}
			if strings.HasPrefix(kind, "application/json") && method != http.MethodHead && !json.Valid(a.Body) {
				t.Errorf("%s %s is no JSON: %s", method, path, a.Body)
			}
		}
	}
}

// TestNoSpellingOfAPathHasMoreRights asks for what needs a token without one, and for what needs the admin's scope with one of
// the vendor's, under spellings that a proxy, a framework or a file system takes for the same path.
func TestNoSpellingOfAPathHasMoreRights(t *testing.T) {
	d := apitest.Seeded(t, "sqlite")
	public := d.As(d.Shop)
	public.Shop.Token = d.Token(d.Shop, oauth.ScopePublic)
	before := d.Digest(d.Shop)
	var spellings []string
	for _, in := range []string{"/docs", "/docs/", "/healthz", "/metrics", "/readyz", "/.well-known", "/openapi.json", "/connect/token", "/products", "/x"} {
		for _, up := range []string{"/../", "/%2e%2e/", "/..%2f", "/%2e%2e%2f", "/..;/", "/..%5c", "/%252e%252e/", "/..%00/", "/%c0%ae%c0%ae/", "/../../", "/..//"} {
			spellings = append(spellings, in+up+"branches")
		}
	}
	spellings = append(spellings,
		"/Branches", "/BRANCHES", "/branches/", "//branches", "///branches//", "/%62ranches", "/branches;jsessionid=1", "/branches%3bx", "/branches%00", "/branches%00.css",
		"/branches.json", "/branches%2f", "/branches%20", "/branches%09", "/./branches", "/%2e/branches", "/branches/.", "/branches/..", "/branches%23", "/branches%3f", "/%5cbranches",
		"/branches%c0%af", "/%2fbranches", "/docs%2f..%2fbranches", "/%ef%bc%8fbranches", "/bran\u0441hes", "/branches/%2e%2e/docs", "/branches?/docs", "/branches/docs", "/branches%0d%0a",
	)
	for _, target := range spellings {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
			a := d.Send(method, target, `{"branchName":"Lậu"}`, "Authorization", "", "Accept", "text/html")
			if strings.Contains(string(a.Body), "CN2") || strings.Contains(string(a.Body), `"data"`) || a.Status >= 500 {
				t.Errorf("%s %s without a token: %d %.300s", method, target, a.Status, a.Body)
			}
			if to := a.Header.Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, ":") || strings.Contains(to, `\`) {
				t.Errorf("%s %s leads to %s", method, target, to)
			}
			if a = public.Send(method, target, `{"branchName":"Lậu"}`); a.Status >= 500 || method != http.MethodGet && a.Status == http.StatusOK && !strings.HasPrefix(target, "/healthz") {
				t.Errorf("%s %s without the scope: %d %.300s", method, target, a.Status, a.Body)
			}
		}
	}
	if differs := before.Differs(d.Digest(d.Shop)); differs != nil {
		t.Errorf("a spelling has changed %s", differs)
	}
}

// TestBrowsersOfOtherOriginsAreToldNothing asks as pages of other origins do, with and without a configured one.
func TestBrowsersOfOtherOriginsAreToldNothing(t *testing.T) {
	const ours = "https://shop.example"
	for _, configured := range []string{"", ours, "*"} {
		d := apitest.SeededWith(t, "sqlite", api.Options{CORSOrigin: configured})
		for _, origin := range []string{ours, "https://evil.example", "null", "https://shop.example.evil.example", "http://shop.example", "https://SHOP.example:443", ""} {
			for _, r := range api.Routes() {
				target := strings.NewReplacer("{id}", "987654321", "{code...}", "X").Replace(r.Paths[0])
				a := d.Send(http.MethodOptions, target, "", "Authorization", "", "Retailer", "", "Origin", origin, "Access-Control-Request-Method", r.Method,
					"Access-Control-Request-Headers", "authorization, retailer")
				wanted := http.StatusNoContent // a preflight has no token
				if configured == "" {
					wanted = http.StatusUnauthorized
				}
				h := a.Header
				if a.Status != wanted || h.Get("Access-Control-Allow-Origin") != configured || h.Get("Access-Control-Allow-Credentials") != "" || len(a.Body) > 0 != (configured == "") {
					t.Errorf("%q asks %q for %s: %d %v %s", origin, configured, target, a.Status, h, a.Body)
				}
				if allowed := strings.Split(h.Get("Access-Control-Allow-Methods"), ", "); configured != "" && !slices.Contains(allowed, r.Method) {
					t.Errorf("%s is not among %q", r.Method, allowed)
				}
			}
			a := d.Send(http.MethodGet, "/branches", "", "Origin", origin)
			if a.Header.Get("Access-Control-Allow-Origin") != configured || a.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%q reads from %q: %v", origin, configured, a.Header)
			}
		}
	}
}

// TestTheLogHasALineForARequestWhateverItSays sends what would be further lines, or columns of other fields.
func TestTheLogHasALineForARequestWhateverItSays(t *testing.T) {
	d, log := watched(t, "sqlite", api.Options{AccessLog: true})
	hostile := []string{"x\r\n{\"level\":\"ERROR\",\"msg\":\"request\"}", "x\" level=ERROR msg=request", "\x1b[31mx\x1b[0m\u202e\u2028", "\xff\xfe", strings.Repeat("x", 5000)}
	paths := []string{"/a%0d%0a%7b%22level%22:%22ERROR%22%7d", "/a%22%20level=ERROR", "/a%1b%5b31m", "/a%ff%fe", "/customers/code/%0a", "/khong%00co"}
	d.Send(http.MethodGet, "/", "", "X-Forwarded-For", "192.0.2.9") // what is logged once is logged
	first := strings.Count(log.String(), "\n")
	sent := 0
	for _, text := range hostile {
		for _, path := range paths {
			a := d.Send(http.MethodGet, path, "", "X-Request-Id", text, "User-Agent", text, "X-Forwarded-For", text, "Retailer", text, "Referer", text)
			sent++
			if id := a.Header.Get("X-Request-Id"); strings.ContainsAny(id, "\r\n\" \x1b") || len(id) > 64 || id == "" {
				t.Errorf("the request's id is %q", id)
			}
		}
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")[first:]
	if len(lines) != sent {
		t.Errorf("%d requests have %d lines", sent, len(lines))
	}
	for _, line := range lines {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil || fields["level"] != "INFO" || strings.Contains(line, "\x1b") {
			t.Errorf("a line is %q: %v", line, err)
		}
	}
}

// TestAFaultInsideIsInTheLogAlone takes a table away: the answer has the number of the request, by which the log has the reason,
// and nothing of the reason.
func TestAFaultInsideIsInTheLogAlone(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			d, log := watched(t, engine, api.Options{})
			if err := d.DB.Script(t.Context(), `ALTER TABLE bank_accounts RENAME TO moved`); err != nil {
				t.Fatal(err)
			}
			for _, r := range [][3]string{{"GET", "/BankAccounts"}, {"GET", "/BankAccounts?pageSize=1"}, {"POST", "/BankAccounts", `{"bankName":"ACB","accountNumber":"123"}`}} {
				a := d.Send(r[0], r[1], r[2])
				sentence, err := a.Refusal()
				id := a.Header.Get("X-Request-Id")
				if a.Status != http.StatusInternalServerError || err != nil || sentence != "Lỗi hệ thống, vui lòng báo mã yêu cầu "+id {
					t.Errorf("%s %s: %d %s", r[0], r[1], a.Status, a.Body)
				}
				for _, inside := range []string{"bank_accounts", "SELECT", "INSERT", "SQL", ".go", "goroutine", engine} {
					if strings.Contains(string(a.Body), inside) {
						t.Errorf("%s %s shows %s: %s", r[0], r[1], inside, a.Body)
					}
				}
				lines := log.Lines("request failed")
				if last := lines[max(0, len(lines)-1):]; len(last) == 0 || last[0]["id"] != id || !strings.Contains(fmt.Sprint(last[0]["error"]), "bank_accounts") {
					t.Errorf("%s %s: the log has %v", r[0], r[1], last)
				}
			}
		})
	}
}

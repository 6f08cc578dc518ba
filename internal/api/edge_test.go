package api_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/dbtest"
)

// request is one without a token, from another machine of a test network.
func request(method, target, host string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	if !strings.HasPrefix(target, "http") {
		r.Host = host
	}
	for pair := range slices.Chunk(headers, 2) {
		r.Header.Add(pair[0], pair[1])
	}
	return r
}

// TestANameThatWasMadeToResolveToThisMachineGetsNothing plays a web page whose name a DNS server has rebound to 127.0.0.1.
func TestANameThatWasMadeToResolveToThisMachineGetsNothing(t *testing.T) {
	t.Parallel()
	d, _ := watched(t, "sqlite", api.Options{LoopbackOnly: true, CORSOrigin: "*"})
	refused := func(r *http.Request) {
		t.Helper()
		a := d.Do(r)
		sentence, err := a.Refusal()
		if a.Status != http.StatusMisdirectedRequest || r.Method != http.MethodHead && (err != nil || !strings.Contains(sentence, "localhost, *.localhost, 127.0.0.1")) {
			t.Errorf("%s %s of %q: %d %s", r.Method, r.URL, r.Host, a.Status, a.Body)
		}
		if a.Header.Get("Access-Control-Allow-Origin") != "" || a.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s of %q has the headers %v", r.Method, r.URL, r.Host, a.Header)
		}
	}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"} {
		for _, path := range []string{
			"/", "/docs", "/docs/page.js", "/openapi.json", "/connect/token", "//connect/token", "/.well-known/openid-configuration",
			"/metrics", "/healthz", "/readyz", "/products", "/webhooks", "/nothing",
		} {
			refused(request(method, path, "evil.example", "Accept", chromium, "X-Forwarded-Host", "localhost", "Origin", "http://evil.example"))
		}
	}
	for _, host := range []string{
		"evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.1@evil.example", "evil.example@127.0.0.1", "evillocalhost",
		"2130706433", "0x7f000001", "127.1", "0177.0.0.1", "127.0.0.1.evil.example:80", "localhost:80.evil.example", "localhost:evil",
		"0.0.0.0", "[::]", "192.168.1.5", "[fe80::1]", "[::2]", "[::ffff:10.0.0.1]", "localhost..", "localhost,evil.example", "evil/.localhost", "",
	} {
		refused(request("GET", "/healthz", host))
	}
	refused(request("GET", "http://evil.example/healthz", ""))
	bare := request("GET", "/healthz", "evil.example")
	bare.Proto, bare.ProtoMinor = "HTTP/1.0", 0
	refused(bare)
	bare.Host = ""
	if a := d.Do(bare); a.Status != http.StatusOK {
		t.Errorf("HTTP/1.0 without a host: %d %s", a.Status, a.Body)
	}
	for _, host := range []string{
		"localhost", "LocalHost:8080", "localhost.", "localhost.:8080", "shop.localhost", "a.b.LOCALHOST:1", "127.0.0.1", "127.0.0.1:65535",
		"127.8.9.10", "127.0.0.1.", "[::1]", "[::1]:8080", "[0:0:0:0:0:0:0:1]", "[0000::0001]:80", "[::ffff:127.0.0.1]",
	} {
		if a := d.Do(request("GET", "/healthz", host)); a.Status != http.StatusOK {
			t.Errorf("the host %q: %d %s", host, a.Status, a.Body)
		}
	}
	if a := d.Do(request("GET", "http://localhost:8080/healthz", "")); a.Status != http.StatusOK {
		t.Errorf("an absolute target: %d %s", a.Status, a.Body)
	}
	open := apitest.New(t, "sqlite")
	if a := open.Do(request("GET", "/healthz", "shop.example")); a.Status != http.StatusOK {
		t.Errorf("a server that is no demo: %d %s", a.Status, a.Body)
	}
}

// TestWhatIsForOperatorsHasOneSpelling is about rules of proxies, which compare text.
func TestWhatIsForOperatorsHasOneSpelling(t *testing.T) {
	t.Parallel()
	d := apitest.New(t, "sqlite")
	own, _ := watched(t, "sqlite", api.Options{OwnMetrics: true})
	operational := own.Handler.(*api.Server).Operational()
	unknown := func(h http.Handler, path string) {
		t.Helper()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request("GET", path, "shop.example"))
		a := apitest.Answer{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
		if _, err := a.Refusal(); a.Status != http.StatusNotFound || err != nil || strings.Contains(string(a.Body), "taphoa_") {
			t.Errorf("%s: %d %.200s", path, a.Status, a.Body)
		}
	}
	for _, name := range []string{"metrics", "healthz", "readyz"} {
		encoded := "%" + map[string]string{"m": "6d", "h": "68", "r": "72"}[name[:1]] + name[1:]
		for _, path := range []string{
			"/" + strings.ToUpper(name), "/" + strings.ToUpper(name[:1]) + name[1:], "/" + name + "/", "//" + name, "///" + name + "//", "/" + encoded,
			"/%2F" + name, "/" + name + "%2F", "/a/../" + name, "/./" + name, "/docs/../" + name, "/.well-known/../" + name, "/docs/%2e%2e/" + name,
			"/" + name + "%20", "/" + name + "%00", "/" + name + ";a", "/" + name + ".json", "/connect/token/../../" + name,
		} {
			unknown(d, path)
			unknown(operational, path)
		}
		for _, target := range []string{"/" + name, "/" + name + "?a=b", "http://shop.example/" + name} {
			if a := d.Do(request("GET", target, "shop.example")); a.Status != http.StatusOK {
				t.Errorf("%s: %d %s", target, a.Status, a.Body)
			}
			w := httptest.NewRecorder()
			if operational.ServeHTTP(w, request("GET", target, "shop.example")); w.Code != http.StatusOK || w.Header().Get("X-Frame-Options") != "DENY" {
				t.Errorf("%s on a listener of its own: %d %v", target, w.Code, w.Header())
			}
		}
		for _, method := range []string{"POST", "OPTIONS", "DELETE"} {
			a := d.Do(request(method, "/"+name, "shop.example"))
			if _, err := a.Refusal(); a.Status != http.StatusMethodNotAllowed || err != nil || a.Header.Get("Allow") != "GET" {
				t.Errorf("%s /%s: %d %v %s", method, name, a.Status, a.Header, a.Body)
			}
		}
		if a := d.Do(request("HEAD", "/"+name, "shop.example")); a.Status != http.StatusOK {
			t.Errorf("HEAD /%s: %d", name, a.Status)
		}
	}
	unknown(own, "/metrics")
	for _, path := range []string{"/products", "/connect/token", "/docs", "/", "/.well-known/jwks.json"} {
		unknown(operational, path)
	}
	if a := own.Do(request("GET", "/readyz", "shop.example")); a.Status != http.StatusOK {
		t.Errorf("/readyz beside a listener for metrics: %d", a.Status)
	}
	for _, path := range []string{"/docs/nothing", "/.well-known/nothing", "/docs/../openapi.json"} {
		unknown(d, path)
	}
	for _, path := range []string{"//connect/token", "/connect/token/", "/Connect/Token"} { // base URLs of clients end in slashes
		if a := d.Do(request("POST", path, "shop.example")); a.Status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
}

func TestEveryAnswerTellsBrowsersWhatTheyMayNotDo(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		d := apitest.NewWith(t, engine, api.Options{CORSOrigin: "https://shop.example"})
		tag := d.Send("GET", "/branches", "").Header.Get("ETag")
		for _, c := range []struct {
			method, target, body string
			want                 int
			headers              []string
		}{
			{"GET", "/branches", "", 200, nil},
			{"HEAD", "/branches", "", 200, nil},
			{"GET", "/branches", "", 304, []string{"If-None-Match", tag}},
			{"GET", "/branches", "", 401, []string{"Authorization", "Bearer x"}},
			{"GET", "/nothing", "", 404, nil},
			{"DELETE", "/branches", "", 405, nil},
			{"POST", "/customers", "{", 400, nil},
			{"POST", "/customers", "{}", 420, nil},
			{"POST", "/connect/token", "", 400, nil},
			{"GET", "/connect/token", "", 405, nil},
			{"OPTIONS", "/products", "", 204, nil},
			{"GET", "/metrics", "", 200, nil},
			{"GET", "/healthz", "", 200, nil},
			{"GET", "/readyz", "", 200, nil},
			{"GET", "/.well-known/jwks.json", "", 200, nil},
			{"GET", "/openapi.json", "", 200, nil},
			{"GET", "/docs", "", 200, nil},
			{"GET", "/docs/nothing", "", 404, nil},
			{"GET", "/", "", 200, []string{"Accept", chromium}},
		} {
			a := d.Send(c.method, c.target, c.body, c.headers...)
			if a.Status != c.want {
				t.Errorf("%s %s on %s: %d %s", c.method, c.target, engine, a.Status, a.Body)
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"} {
				if got := a.Header[name]; len(got) != 1 || got[0] != want {
					t.Errorf("%s %s on %s: %s is %q", c.method, c.target, engine, name, got)
				}
			}
		}
	}
}

// TestOnlyATrustedProxySaysWhereARequestIsFrom reads the client from the access log.
func TestOnlyATrustedProxySaysWhereARequestIsFrom(t *testing.T) {
	t.Parallel()
	d, j := watched(t, "sqlite", api.Options{
		AccessLog: true, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::1/128")},
	})
	const proxy = "10.1.2.3:5000"
	for i, c := range []struct {
		peer         string
		chain        []string // the lines of X-Forwarded-For
		remote, said string   // of the log
	}{
		{proxy, nil, proxy, ""},
		{proxy, []string{"203.0.113.9"}, "203.0.113.9:0", proxy},
		{proxy, []string{"198.51.100.1, 203.0.113.9"}, "203.0.113.9:0", proxy}, // the first is what the client has sent
		{proxy, []string{"198.51.100.1", "203.0.113.9, 10.9.9.9"}, "203.0.113.9:0", proxy},
		{proxy, []string{"203.0.113.9", "10.9.9.9", "2001:db8::1"}, "203.0.113.9:0", proxy},
		{proxy, []string{"10.7.7.7, 10.8.8.8"}, "10.7.7.7:0", proxy},
		{proxy, []string{"203.0.113.9:4711"}, "203.0.113.9:4711", proxy},
		{proxy, []string{"[2001:db8::9]:4711"}, "[2001:db8::9]:4711", proxy},
		{proxy, []string{"2001:db8::9"}, "[2001:db8::9]:0", proxy},
		{proxy, []string{"[2001:db8::9]"}, "[2001:db8::9]:0", proxy},
		{proxy, []string{"fe80::9%eth0"}, "[fe80::9]:0", proxy},
		{proxy, []string{"::ffff:203.0.113.9"}, "203.0.113.9:0", proxy},
		{proxy, []string{"203.0.113.9, ::ffff:10.9.9.9"}, "203.0.113.9:0", proxy},
		{proxy, []string{"203.0.113.9, unknown"}, proxy, ""},
		{proxy, []string{"203.0.113.9, <script>, 10.9.9.9"}, "10.9.9.9:0", proxy},
		{proxy, []string{"203.0.113.9,"}, proxy, ""},
		{proxy, []string{"203.0.113.9:99999"}, proxy, ""},
		{proxy, []string{""}, proxy, ""},
		{"[::ffff:10.1.2.3]:5000", []string{"203.0.113.9"}, "203.0.113.9:0", "[::ffff:10.1.2.3]:5000"},
		{"[2001:db8::1]:5000", []string{"203.0.113.9"}, "203.0.113.9:0", "[2001:db8::1]:5000"},
		{"192.0.2.1:1234", []string{"203.0.113.9"}, "192.0.2.1:1234", ""},
		{"[2001:db8::2]:1234", []string{"203.0.113.9, 10.9.9.9"}, "[2001:db8::2]:1234", ""},
		{"", []string{"203.0.113.9"}, "", ""},
	} {
		r := request("GET", "/healthz", "shop.example")
		r.RemoteAddr = c.peer
		for _, line := range c.chain {
			r.Header.Add("X-Forwarded-For", line)
		}
		for _, name := range []string{"Forwarded", "X-Real-Ip", "X-Forwarded-Host", "X-Forwarded-Port"} {
			r.Header.Set(name, "127.0.0.1")
		}
		d.Do(r)
		line := j.Lines("request")[i]
		peer, _ := line["peer"].(string)
		if line["remote"] != c.remote || peer != c.said || line["forwarded"] != nil {
			t.Errorf("%v from %s is logged as %v", c.chain, c.peer, line)
		}
		if r.RemoteAddr != c.remote || len(r.Header) > 0 {
			t.Errorf("%v from %s goes on as from %s with %v", c.chain, c.peer, r.RemoteAddr, r.Header)
		}
	}
	if told := j.Lines("X-Forwarded-For is ignored, since --trusted-proxy does not name the peer"); len(told) != 1 || told[0]["peer"] != "192.0.2.1:1234" {
		t.Errorf("of peers that are not trusted it tells %v", told)
	}
}

func TestOnlyATrustedProxySaysWhichScheme(t *testing.T) {
	t.Parallel()
	d := apitest.NewWith(t, "sqlite", api.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for _, c := range []struct {
		peer, scheme, want string
	}{
		{"10.1.2.3:1", "https", "https://localhost:8080"},
		{"10.1.2.3:1", "http, HTTPS", "https://localhost:8080"},
		{"10.1.2.3:1", "https, http", "http://localhost:8080"},
		{"10.1.2.3:1", "javascript", "http://localhost:8080"},
		{"10.1.2.3:1", "", "http://localhost:8080"},
		{"192.0.2.1:1", "https", "http://localhost:8080"},
	} {
		r := request("GET", "/.well-known/openid-configuration", "localhost:8080", "X-Forwarded-Proto", c.scheme, "X-Forwarded-Host", "evil.example")
		r.RemoteAddr = c.peer
		if issuer, _ := d.Do(r).Get("$.issuer"); strings.Trim(issuer, `"`) != c.want {
			t.Errorf("%q from %s: %s, want %s", c.scheme, c.peer, issuer, c.want)
		}
	}
}

// TestAPageNamesNoHostThatAShellWouldRun sends names that package net/http lets through and that no browser forbids.
func TestAPageNamesNoHostThatAShellWouldRun(t *testing.T) {
	t.Parallel()
	d := apitest.New(t, "sqlite")
	for host, want := range map[string]string{
		"shop.example": "BASE=http://shop.example\n", "[2001:db8::1]:8080": "BASE=http://[2001:db8::1]:8080\n",
		"$(id).evil.example": "BASE=http://localhost\n", "a;id": "BASE=http://localhost\n", "a'&id": "BASE=http://localhost\n", "": "BASE=http://localhost\n",
	} {
		a := d.Do(request("GET", "/", host, "Accept", chromium))
		if !strings.Contains(string(a.Body), want) || host != "" && want == "BASE=http://localhost\n" && strings.Contains(string(a.Body), host) {
			t.Errorf("the page of %q is %d %s", host, a.Status, a.Body)
		}
	}
}

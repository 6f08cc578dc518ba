package api_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
)

// TestPasswordsAreTakenWhereNoOneReadsThemOnTheWay sends requests through the whole server, whose certificate's page reports
// what a page with a password would see.
func TestPasswordsAreTakenWhereNoOneReadsThemOnTheWay(t *testing.T) {
	t.Parallel()
	var https, secure bool
	d := apitest.NewWith(t, "sqlite", api.Options{
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.9/32")},
		Certificate: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			https, secure = api.IsHTTPS(r), api.SecureEnough(r)
		}),
	})
	const local, proxy, localProxy, lan = "127.0.0.1:1", "10.1.2.3:1", "127.0.0.9:1", "192.168.1.7:1"
	const proto, chain = "X-Forwarded-Proto", "X-Forwarded-For"
	for _, c := range []struct {
		peer, host    string
		tls           bool
		headers       []string
		https, secure bool
	}{
		{lan, "192.168.1.5", false, nil, false, false},
		{lan, "192.168.1.5", true, nil, true, true},
		{lan, "localhost", false, nil, false, false}, // anyone can send this Host
		{lan, "127.0.0.1", false, nil, false, false},
		{local, "localhost:8080", false, nil, false, true},
		{local, "127.0.0.1:8080", false, nil, false, true},
		{local, "quay1.localhost", false, nil, false, true},
		{"[::1]:1", "[::1]:8080", false, nil, false, true},
		{"[::ffff:127.0.0.1]:1", "127.0.0.1", false, nil, false, true},
		{local, "shop.example", false, nil, false, false}, // a proxy that is not named
		{local, "192.168.1.5", false, nil, false, false},
		{local, "localhost.evil.example", false, nil, false, false},
		{local, "", false, nil, false, false},
		{"", "localhost", false, nil, false, false},
		{"@", "localhost", false, nil, false, false},
		{local, "shop.example", true, nil, true, true},

		// X-Forwarded-Proto of one who is not trusted counts for nothing, and gives a proxy away.
		{lan, "192.168.1.5", false, []string{proto, "https"}, false, false},
		{lan, "localhost", false, []string{proto, "https", chain, "127.0.0.1"}, false, false},
		{lan, "192.168.1.5", false, []string{"Forwarded", "proto=https;for=127.0.0.1", "X-Forwarded-Ssl", "on", "X-Forwarded-Scheme", "https"}, false, false},
		{local, "shop.example", false, []string{proto, "https"}, false, false},
		{local, "localhost", false, []string{proto, "https"}, false, false},
		{local, "localhost", false, []string{chain, "203.0.113.9"}, false, false},
		{local, "localhost", false, []string{"Forwarded", "for=203.0.113.9"}, false, false},
		{local, "localhost", false, []string{"X-Real-Ip", "203.0.113.9"}, false, false},
		{lan, "192.168.1.5", true, []string{proto, "http"}, true, true},

		// Of a trusted proxy the scheme alone counts.
		{proxy, "shop.example", false, []string{proto, "https"}, true, true},
		{proxy, "shop.example", false, []string{proto, "https", chain, "203.0.113.9"}, true, true},
		{proxy, "shop.example", false, []string{proto, "http, HTTPS"}, true, true},
		{proxy, "shop.example", false, []string{proto, "https, http"}, false, false}, // the first is what the client has sent
		{proxy, "shop.example", false, []string{proto, "http", chain, "203.0.113.9"}, false, false},
		{proxy, "shop.example", false, []string{proto, "wss"}, false, false},
		{proxy, "shop.example", false, nil, false, false},
		{proxy, "shop.example", true, []string{proto, "http"}, false, false}, // TLS on the last part of the way only
		{proxy, "localhost", false, []string{chain, "127.0.0.1"}, false, false},
		{proxy, "localhost", false, []string{proto, "http", chain, "127.0.0.1"}, false, false},
		{proxy, "localhost", false, []string{proto, "https", chain, "127.0.0.1"}, true, true},
		{localProxy, "localhost", false, []string{proto, "http"}, false, false},
		{localProxy, "localhost", false, []string{chain, "203.0.113.9"}, false, false},
		{localProxy, "localhost", false, nil, false, true}, // a program on the proxy's machine, which is this one
		{localProxy, "shop.example", false, []string{proto, "https"}, true, true},
	} {
		r := request("GET", "/certificate", c.host, c.headers...)
		r.RemoteAddr, r.Host = c.peer, c.host
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		https, secure = !c.https, !c.secure
		if a := d.Do(r); a.Status != http.StatusOK {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		if https != c.https || secure != c.secure {
			t.Errorf("from %s to %q, TLS %v, %q: HTTPS %v, secure enough %v, want %v and %v", c.peer, c.host, c.tls, c.headers, https, secure, c.https, c.secure)
		}
	}
}

// TestPlainHTTPLeadsToHTTPS asks the listener beside the one with TLS.
func TestPlainHTTPLeadsToHTTPS(t *testing.T) {
	t.Parallel()
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("page " + r.URL.Path)) })
	d := apitest.NewWith(t, "sqlite", api.Options{Certificate: page})
	d.Handler.(*api.Server).Mount(page, "/console", "/setup")
	plain := d.Handler.(*api.Server).PlainHTTP(api.PlainHTTPOptions{
		Secure: func(host string) string {
			return map[string]string{"shop.example": "https://shop.example:8443", "192.168.1.5": "https://192.168.1.5:8443", "::1": "https://[::1]:8443"}[host]
		},
		Challenges: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("challenge " + r.URL.Path)) }),
	})
	for _, c := range []struct {
		method, target, host string
		headers              []string
		status               int
		want                 string // Location, or a part of the body
	}{
		{"GET", "/", "shop.example", nil, 308, "https://shop.example:8443/"},
		{"GET", "/products?pageSize=3&a=%2F", "shop.example:8080", nil, 308, "https://shop.example:8443/products?pageSize=3&a=%2F"},
		{"POST", "/invoices", "192.168.1.5:8080", nil, 308, "https://192.168.1.5:8443/invoices"},
		{"DELETE", "/a%20b/../c", "[::1]:8080", nil, 308, "https://[::1]:8443/a%20b/../c"},
		{"GET", "//evil.example/x", "shop.example", nil, 308, "https://shop.example:8443//evil.example/x"},
		{"GET", "/metrics", "shop.example", nil, 308, "https://shop.example:8443/metrics"},
		{"GET", "/healthz", "shop.example", nil, 308, "https://shop.example:8443/healthz"},
		{"GET", "/connect/tokens", "shop.example", nil, 308, "https://shop.example:8443/connect/tokens"},
		{"GET", "http://shop.example/x?y=1", "", nil, 308, "https://shop.example:8443/x?y=1"},
		{"GET", "/", "evil.example", nil, 421, "chứng chỉ"},
		{"GET", "/certificate", "evil.example", nil, 421, "chứng chỉ"},
		{"GET", "/", "", nil, 421, "chứng chỉ"},
		{"GET", "http://evil.example/", "", nil, 421, "chứng chỉ"},
		{"GET", "/", "shop.example@evil.example", nil, 421, "chứng chỉ"},
		{"OPTIONS", "*", "shop.example", nil, 404, `"responseStatus"`},
		{"GET", "/certificate", "192.168.1.5:8080", nil, 200, "page /certificate"},
		{"GET", "/certificate/taphoa-ca.crt", "192.168.1.5", nil, 200, "page /certificate/taphoa-ca.crt"},
		{"POST", "/certificate", "192.168.1.5", nil, 405, "GET"},
		{"GET", "/certificate/local.pem", "192.168.1.5", nil, 308, "https://192.168.1.5:8443/certificate/local.pem"},
		{"GET", "/.well-known/acme-challenge/abc", "shop.example", nil, 200, "challenge /.well-known/acme-challenge/abc"},

		// What has shown a secret is refused aloud.
		{"POST", "/connect/token", "shop.example", nil, 403, `"error_description":"Yêu cầu này gửi mật khẩu`},
		{"POST", "//Connect/Token/", "shop.example", nil, 403, `"error":"invalid_request"`},
		{"POST", "/connect/token", "evil.example", nil, 403, "https://"},
		{"GET", "/products", "shop.example", []string{"Authorization", "Bearer x"}, 403, `"errorCode"`},
		{"POST", "/invoices", "shop.example", []string{"Authorization", "Basic x"}, 403, "https://"},
		{"POST", "/console/sign-in", "shop.example", nil, 403, "https://"},
		{"POST", "/setup", "shop.example", nil, 403, "https://"},
		{"GET", "/console/sign-in", "shop.example", nil, 308, "https://shop.example:8443/console/sign-in"},
		{"POST", "/consoles", "shop.example", nil, 308, "https://shop.example:8443/consoles"},
	} {
		r := request(c.method, c.target, c.host, c.headers...)
		w := httptest.NewRecorder()
		plain.ServeHTTP(w, r)
		got := w.Body.String()
		if w.Code == http.StatusPermanentRedirect {
			got = w.Header().Get("Location")
			if got != c.want {
				t.Errorf("%s %s of %q leads to %s, want %s", c.method, c.target, c.host, got, c.want)
			}
		}
		if w.Code != c.status || !strings.Contains(got, c.want) {
			t.Errorf("%s %s of %q: %d %s", c.method, c.target, c.host, w.Code, got)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s %s of %q has the headers %v", c.method, c.target, c.host, w.Header())
		}
	}
	demo, _ := watched(t, "sqlite", api.Options{LoopbackOnly: true})
	w := httptest.NewRecorder()
	demo.Handler.(*api.Server).PlainHTTP(api.PlainHTTPOptions{Secure: func(string) string { return "https://x" }}).ServeHTTP(w, request("GET", "/", "evil.example"))
	if w.Code != http.StatusMisdirectedRequest {
		t.Errorf("a demo leads others' names to %d", w.Code)
	}
}

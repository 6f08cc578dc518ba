package testbench_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/testbench"
	"github.com/taphoa/taphoa/internal/trust"
)

// TestAProgramBehindAProxy: by HTTPS_PROXY the vendor's hosts are the sandbox, and no other host is anything.
func TestAProgramBehindAProxy(t *testing.T) {
	b := open(t, testbench.Options{})
	b.fork(`{"name":"mine","clientId":"app","clientSecret":"hush"}`)
	authority, err := trust.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	proxy := testbench.NewProxy(b.Sandbox, authority.TLS(), func(h http.Handler) *http.Server { return &http.Server{Handler: h} })
	defer proxy.Close()
	server := httptest.NewServer(proxy)
	defer server.Close()
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.AuthorityPEM())
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(at), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	for range 2 { // over the same connection, and over another
		response, err := client.PostForm("https://id.kiotviet.vn/connect/token", url.Values{
			"grant_type": {"client_credentials"}, "scopes": {"PublicApi.Access"}, "client_id": {"app"}, "client_secret": {"hush"},
		})
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusOK || !strings.Contains(string(text), "access_token") || response.Header.Get(testbench.Header) != "mine" {
			t.Errorf("a token: %d %s", response.StatusCode, text)
		}
		client.CloseIdleConnections()
	}
	for _, other := range []string{"https://example.org/", "https://id.kiotviet.vn:8443/", "https://127.0.0.1/", "https://evil.id.kiotviet.vn/"} {
		if response, err := client.Get(other); err == nil {
			response.Body.Close()
			t.Errorf("%s answered %d", other, response.StatusCode)
		}
	}
	response, err := client.Get(server.URL + "/_sandbox/health")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("the sandbox itself through its proxy: %d", response.StatusCode)
	}
	for _, other := range []string{"http://example.org/", "http://localhost:1/"} {
		response, err := client.Get(other)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusForbidden || !strings.Contains(string(text), "Sandbox chỉ chuyển tiếp") {
			t.Errorf("%s: %d %s", other, response.StatusCode, text)
		}
	}
}

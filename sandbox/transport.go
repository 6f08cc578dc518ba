package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/taphoa/taphoa/internal/testbench"
	"github.com/taphoa/taphoa/internal/trust"
)

// transport leads KiotViet's hosts to a shop.
type transport struct {
	server *server
	fork   string
}

// RoundTrip implements [http.RoundTripper].
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	host := strings.ToLower(strings.TrimSuffix(r.URL.Hostname(), "."))
	base, err := url.Parse(t.server.url)
	switch {
	case err != nil:
		return nil, err
	case slices.Contains(trust.VendorHosts, host):
	case r.URL.Host == base.Host:
		host = base.Host
	default:
		return t.server.http.RoundTrip(r)
	}
	sent := r.Clone(r.Context())
	sent.URL.Scheme, sent.URL.Host, sent.Host = base.Scheme, base.Host, host // by which the report knows a wrong host
	sent.Header.Set(testbench.Header, t.fork)
	return t.server.http.RoundTrip(sent)
}

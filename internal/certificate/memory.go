package certificate

import (
	"context"
	"crypto/tls"
	"time"
)

// Memory is a local authority with its one certificate, as [Local] has, that no file keeps and that ends with the process.
type Memory struct{ pair *localPair }

// NewMemory makes an authority whose name begins with maker and its certificate for hosts, which begin with a name.
func NewMemory(maker string, hosts []string, life time.Duration) (*Memory, error) {
	text, err := sign(maker, hosts[0], hosts, life)
	if err != nil {
		return nil, err
	}
	pair, err := parseLocal(text)
	return &Memory{pair}, err
}

// TLS implements [Source].
func (m *Memory) TLS() *tls.Config {
	return listener(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &m.pair.server, nil })
}

// Covers implements [Source].
func (m *Memory) Covers(host string) bool { return m.pair.covers(host) }

// Run implements [Source]: nothing is renewed.
func (*Memory) Run(ctx context.Context) { <-ctx.Done() }

// AuthorityPEM returns the authority's certificate.
func (m *Memory) AuthorityPEM() []byte { return m.pair.authorityPEM() }

// Fingerprint returns the SHA-256 of the authority's certificate, as systems show it.
func (m *Memory) Fingerprint() string { return m.pair.fingerprint() }

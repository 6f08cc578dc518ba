package certificate

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/net/idna"
)

// ChallengePath is below which an authority asks over plain HTTP (RFC 8555, section 8.3).
const ChallengePath = "/.well-known/acme-challenge/"

// authorityTimeout bounds one request to an authority.
const authorityTimeout = 30 * time.Second

// ACMEOptions are the options of [NewACME].
type ACMEOptions struct {
	Domains   []string       // as [ParseDomain] returns them; the first one is that of clients that name none
	Dir       string         // keeps the account, certificates and their keys
	Directory string         // the URL of the authority; none: Let's Encrypt's
	Roots     *x509.CertPool // that sign the authority's own certificate; nil: the system's
	UserAgent string         // as RFC 8555, section 6.1 asks for
	Log       *slog.Logger
}

// ACME gets certificates from an authority (RFC 8555), and renews them.
type ACME struct {
	manager *autocert.Manager
	domains []string
	log     *slog.Logger
}

// NewACME returns the source of certificates for some domains. The authority is asked by [ACME.Run] or at the first handshake.
// It returns an [io/fs.PathError] for a directory that cannot be written: without it each start would ask for new certificates.
func NewACME(o ACMEOptions) (*ACME, error) {
	if err := makeDirectory(o.Dir); err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12}
	return &ACME{
		manager: &autocert.Manager{
			Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(o.Dir), HostPolicy: autocert.HostWhitelist(o.Domains...),
			Client: &acme.Client{
				DirectoryURL: cmp.Or(o.Directory, autocert.DefaultACMEDirectory), UserAgent: o.UserAgent,
				HTTPClient: &http.Client{Transport: transport, Timeout: authorityTimeout},
			},
		},
		domains: o.Domains, log: o.Log,
	}, nil
}

// ParseDomain returns a name as certificates have it, and whether an authority may give a certificate for it: with a dot, no
// address and no wildcard.
func ParseDomain(text string) (name string, ok bool) {
	name, err := idna.Lookup.ToASCII(strings.TrimSuffix(text, "."))
	_, address := netip.ParseAddr(name)
	return name, err == nil && address != nil && strings.Contains(name, ".") && !strings.ContainsAny(name, "*:/@ ")
}

// TLS implements [Source]. The listener answers TLS-ALPN-01 (RFC 8737), too.
func (a *ACME) TLS() *tls.Config {
	c := listener(a.certificate)
	c.NextProtos = append(c.NextProtos, acme.ALPNProto)
	return c
}

// certificate returns the certificate for a client. One that names no host, as one that knows an address only, gets the first.
func (a *ACME) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if hello.ServerName == "" {
		named := *hello
		named.ServerName = a.domains[0]
		hello = &named
	}
	return a.manager.GetCertificate(hello)
}

// Covers implements [Source].
func (a *ACME) Covers(host string) bool {
	return slices.Contains(a.domains, strings.ToLower(strings.TrimSuffix(host, ".")))
}

// Challenges returns the handler of [ChallengePath] on a listener without TLS. Without it the authority asks the one with TLS.
func (a *ACME) Challenges() http.Handler { return a.manager.HTTPHandler(http.NotFoundHandler()) }

// Run implements [Source]: it gets the certificates before clients wait for them, and warns once a day of one that could not be
// renewed, which the manager tries by itself.
func (a *ACME) Run(ctx context.Context) {
	ready := map[string]bool{}
	for {
		for _, name := range a.domains {
			cert, err := a.fetch(ctx, name)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				a.log.Error("the authority gave no certificate", "domain", name, "error", err.Error())
				continue
			case !ready[name]:
				a.log.Info("the certificate is there", "domain", name, "ends", cert.Leaf.NotAfter)
			}
			ready[name] = true
			warnOfEnd(a.log, cert.Leaf, name)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(inspectEvery):
		}
	}
}

// fetch returns the certificate of a domain for clients of today, whose keys are on a curve. The manager asks the authority
// for up to five minutes, whatever becomes of the context.
func (a *ACME) fetch(ctx context.Context, name string) (*tls.Certificate, error) {
	type result struct {
		cert *tls.Certificate
		err  error
	}
	done := make(chan result, 1)
	go func() {
		cert, err := a.manager.GetCertificate(&tls.ClientHelloInfo{ServerName: name, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}})
		done <- result{cert, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		return r.cert, r.err
	}
}

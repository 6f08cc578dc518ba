package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// authority is an ACME authority on this machine (RFC 8555): it checks nonces, signatures and challenges, and signs.
type authority struct {
	*testing.T
	*httptest.Server
	kind              string // of the challenges that it offers
	tlsAddr, httpAddr string // where all domains are, instead of ports 443 and 80

	root *x509.Certificate
	key  *ecdsa.PrivateKey

	mu       sync.Mutex
	requests int
	nonces   map[string]bool
	accounts []jose.JSONWebKey
	orders   []*acmeOrder
}

type acmeOrder struct {
	domain, token, status, certificate string
}

func newAuthority(t *testing.T, kind, tlsAddr, httpAddr string) *authority {
	t.Helper()
	a := &authority{T: t, kind: kind, tlsAddr: tlsAddr, httpAddr: httpAddr, nonces: map[string]bool{}}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		Subject: pkix.Name{CommonName: "Test authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.root, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.Server = httptest.NewTLSServer(a)
	t.Cleanup(a.Close)
	return a
}

// flags are those of serve that make it ask this authority.
func (a *authority) flags() []string {
	file := filepath.Join(a.TempDir(), "acme-ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw}), 0o600); err != nil {
		a.Fatal(err)
	}
	return []string{"--acme-directory", a.URL + "/directory", "--acme-ca", file}
}

// asked returns how many requests it had, and the domains that certificates were asked for.
func (a *authority) asked() (requests int, domains []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, o := range a.orders {
		domains = append(domains, o.domain)
	}
	slices.Sort(domains)
	return a.requests, slices.Compact(domains)
}

func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests++
	nonce := rand.Text()
	a.nonces[nonce] = true
	w.Header().Set("Replay-Nonce", nonce)
	switch {
	case r.URL.Path == "/directory":
		a.send(w, http.StatusOK, map[string]string{
			"newNonce": a.URL + "/nonce", "newAccount": a.URL + "/account", "newOrder": a.URL + "/order", "revokeCert": a.URL + "/revoke", "keyChange": a.URL + "/key",
		})
	case r.URL.Path == "/nonce":
	case r.Method != http.MethodPost:
		w.WriteHeader(http.StatusMethodNotAllowed)
	default:
		payload, account, err := a.verify(r)
		if err != nil {
			a.problem(w, err)
			return
		}
		a.answer(w, r.URL.Path, payload, account)
	}
}

func (a *authority) send(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (a *authority) problem(w http.ResponseWriter, err error) {
	a.send(w, http.StatusBadRequest, map[string]string{"type": "urn:ietf:params:acme:error:malformed", "detail": err.Error()})
}

// verify returns the payload of a signed request and its account (section 6.2).
func (a *authority) verify(r *http.Request) (payload []byte, account int, err error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, 0, err
	}
	signed, err := jose.ParseSignedJSON(string(text), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return nil, 0, err
	}
	head := signed.Signatures[0].Protected
	if !a.nonces[head.Nonce] || head.ExtraHeaders["url"] != a.URL+r.URL.Path {
		return nil, 0, fmt.Errorf("nonce %q, url %v", head.Nonce, head.ExtraHeaders["url"])
	}
	delete(a.nonces, head.Nonce)
	if head.JSONWebKey != nil {
		a.accounts = append(a.accounts, *head.JSONWebKey)
		account = len(a.accounts) - 1
	} else if _, err := fmt.Sscanf(strings.TrimPrefix(head.KeyID, a.URL), "/account/%d", &account); err != nil || account >= len(a.accounts) {
		return nil, 0, fmt.Errorf("account %q", head.KeyID)
	}
	payload, err = signed.Verify(a.accounts[account].Key)
	return payload, account, err
}

func (a *authority) answer(w http.ResponseWriter, path string, payload []byte, account int) {
	if path == "/account" {
		w.Header().Set("Location", fmt.Sprintf("%s/account/%d", a.URL, account))
		a.send(w, http.StatusCreated, map[string]string{"status": "valid"})
		return
	}
	if path == "/order" {
		var in struct{ Identifiers []struct{ Value string } }
		if err := json.Unmarshal(payload, &in); err != nil || len(in.Identifiers) != 1 {
			a.problem(w, fmt.Errorf("order %s: %w", payload, err))
			return
		}
		a.orders = append(a.orders, &acmeOrder{domain: in.Identifiers[0].Value, token: rand.Text(), status: "pending"})
		a.sendOrder(w, http.StatusCreated, len(a.orders)-1)
		return
	}
	var what string
	var n int
	if _, err := fmt.Sscanf(strings.ReplaceAll(path, "/", " "), "%s %d", &what, &n); err != nil || n >= len(a.orders) {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	switch o := a.orders[n]; what {
	case "order":
		a.sendOrder(w, http.StatusOK, n)
	case "authz":
		status := map[string]string{"pending": "pending", "invalid": "invalid"}[o.status]
		if status == "" {
			status = "valid"
		}
		a.send(w, http.StatusOK, map[string]any{
			"status": status, "identifier": map[string]string{"type": "dns", "value": o.domain}, "challenges": []any{a.challenge(n)},
		})
	case "challenge":
		thumb, err := a.accounts[account].Thumbprint(crypto.SHA256)
		if err == nil {
			err = a.validate(o, o.token+"."+base64.RawURLEncoding.EncodeToString(thumb))
		}
		if o.status = "ready"; err != nil {
			a.Errorf("the challenge of %s: %v", o.domain, err)
			o.status = "invalid"
		}
		a.send(w, http.StatusOK, a.challenge(n))
	case "finalize":
		if err := a.sign(o, payload); err != nil {
			a.problem(w, err)
			return
		}
		a.sendOrder(w, http.StatusOK, n)
	case "certificate":
		w.Header().Set("Content-Type", "application/pem-certificate-chain")
		_, _ = io.WriteString(w, o.certificate)
	}
}

func (a *authority) challenge(n int) map[string]string {
	return map[string]string{"type": a.kind, "status": "pending", "token": a.orders[n].token, "url": fmt.Sprintf("%s/challenge/%d", a.URL, n)}
}

func (a *authority) sendOrder(w http.ResponseWriter, status, n int) {
	at := func(what string) string { return fmt.Sprintf("%s/%s/%d", a.URL, what, n) }
	w.Header().Set("Location", at("order"))
	a.send(w, status, map[string]any{
		"status": a.orders[n].status, "identifiers": []any{map[string]string{"type": "dns", "value": a.orders[n].domain}},
		"authorizations": []string{at("authz")}, "finalize": at("finalize"), "certificate": at("certificate"),
	})
}

// validate asks the domain whether the account controls it (section 8.3; RFC 8737).
func (a *authority) validate(o *acmeOrder, authorization string) error {
	if a.kind == "http-01" {
		r, err := http.NewRequest(http.MethodGet, "http://"+a.httpAddr+"/.well-known/acme-challenge/"+o.token, nil)
		if err != nil {
			return err
		}
		r.Host = o.domain
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if text, _ := io.ReadAll(answer.Body); string(text) != authorization {
			return fmt.Errorf("%s %s", answer.Status, text)
		}
		return nil
	}
	conn, err := tls.Dial("tcp", a.tlsAddr, &tls.Config{ServerName: o.domain, NextProtos: []string{"acme-tls/1"}, InsecureSkipVerify: true})
	if err != nil {
		return err
	}
	defer conn.Close()
	sum := sha256.Sum256([]byte(authorization))
	want, err := asn1.Marshal(sum[:])
	if err != nil {
		return err
	}
	cert := conn.ConnectionState().PeerCertificates[0]
	if !slices.Equal(cert.DNSNames, []string{o.domain}) || !slices.ContainsFunc(cert.Extensions, func(e pkix.Extension) bool {
		return e.Critical && e.Id.Equal(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 31}) && bytes.Equal(e.Value, want)
	}) {
		return fmt.Errorf("the certificate of the challenge is for %v with %v", cert.DNSNames, cert.Extensions)
	}
	return nil
}

func (a *authority) sign(o *acmeOrder, payload []byte) error {
	var in struct{ CSR string }
	if err := json.Unmarshal(payload, &in); err != nil || o.status != "ready" {
		return fmt.Errorf("order %s: %w", o.status, err)
	}
	der, err := base64.RawURLEncoding.DecodeString(in.CSR)
	if err != nil {
		return err
	}
	request, err := x509.ParseCertificateRequest(der)
	if err != nil || request.CheckSignature() != nil || !slices.Equal(request.DNSNames, []string{o.domain}) {
		return fmt.Errorf("the request is for %v: %w", request.DNSNames, err)
	}
	der, err = x509.CreateCertificate(rand.Reader, &x509.Certificate{
		DNSNames: request.DNSNames, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.root, request.PublicKey, a.key)
	o.status, o.certificate = "valid", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return err
}

// roots trust what the authority signs.
func (a *authority) roots() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.root)
	return p
}

// TestAnAuthorityGivesTheCertificateOfADomain is the whole way by each kind of challenge, and a second start.
func TestAnAuthorityGivesTheCertificateOfADomain(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"tls-alpn-01", "http-01"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
			x.do("shop", "create", "abc", "ABC")
			port := freePort(t)
			a := newAuthority(t, kind, "127.0.0.1:"+port, "127.0.0.1:"+freePort(t))
			flags := append(a.flags(), "--addr", a.tlsAddr, "--http-addr", a.httpAddr, "--domain", "Shop.example,kho.shop.example")
			s := x.serve(flags...)
			handshake := func(name string) (*x509.Certificate, error) {
				c, err := tls.Dial("tcp", a.tlsAddr, &tls.Config{RootCAs: a.roots(), ServerName: name})
				if err != nil {
					return nil, err
				}
				defer c.Close()
				return c.ConnectionState().PeerCertificates[0], nil
			}
			first, err := handshake("shop.example")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := handshake("kho.shop.example"); err != nil {
				t.Error(err)
			}
			for _, name := range []string{"evil.example", "x.shop.example", "localhost", "example"} {
				if _, err := handshake(name); err == nil {
					t.Errorf("%s gets a certificate", name)
				}
			}
			if _, domains := a.asked(); !slices.Equal(domains, []string{"kho.shop.example", "shop.example"}) {
				t.Errorf("the authority was asked for %v", domains)
			}
			if out := x.do("health", "--addr", a.tlsAddr); out != "ready\n" { // which names no domain
				t.Errorf("health prints %s", out)
			}
			s.says(`(?m)^Home page +https://shop\.example:` + port + `/$`)
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.roots(), ServerName: "shop.example"}}}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+a.tlsAddr+"/.well-known/openid-configuration", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = "evil.example"
			answer, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if text, _ := io.ReadAll(answer.Body); !strings.Contains(string(text), `"issuer":"https://shop.example:`+port+`"`) {
				t.Errorf("the discovery document is %s", text)
			}
			for host, want := range map[string]int{"shop.example": 308, "shop.example:8080": 308, "evil.example": 421, "127.0.0.1": 421} {
				if status, location := redirected(t, "http://"+a.httpAddr+"/a?b=c", host); status != want || want == 308 && location != "https://shop.example:"+port+"/a?b=c" {
					t.Errorf("plain HTTP of %s is %d %s", host, status, location)
				}
			}
			s.stops()
			dir := filepath.Join(filepath.Dir(strings.TrimPrefix(x.database, "sqlite:")), "taphoa-tls")
			if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("the directory is %v %v", info, err)
			}

			before, _ := a.asked()
			s = x.serve(flags...)
			again, err := handshake("shop.example")
			if err != nil || !bytes.Equal(again.Raw, first.Raw) {
				t.Errorf("a second start has another certificate: %v", err)
			}
			if after, _ := a.asked(); after != before {
				t.Errorf("a second start asks the authority %d times", after-before)
			}
			s.stops()
		})
	}
}

// redirected returns the status of a request with a Host, and where it leads.
func redirected(t *testing.T, url, host string) (status int, location string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode, answer.Header.Get("Location")
}

func TestAnAuthorityThatRefusesIsLogged(t *testing.T) {
	t.Parallel()
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	a := newAuthority(t, "dns-01", "", "") // which a server cannot answer
	s := x.serve(append(a.flags(), "--domain", "shop.example")...)
	for tries := 0; ; tries++ {
		if _, logged := s.text(); strings.Contains(logged, "the authority gave no certificate") && strings.Contains(logged, "shop.example") {
			break
		}
		if tries == 500 {
			_, logged := s.text()
			t.Fatalf("it logs %s", logged)
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.stops()
}

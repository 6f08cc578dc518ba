//go:build linux || darwin

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/api"
)

// trusting returns a client that trusts the certificates of a file, and speaks HTTP/2 where the server does.
func trusting(t *testing.T, file, name string) *http.Client {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		t.Fatalf("%s has no certificate", file)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: name}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

// address is where the server listens.
func (s *server) address() string {
	return strings.TrimPrefix(strings.TrimPrefix(s.base, "http://"), "https://")
}

// logLine returns the last logged line with a message.
func (s *server) logLine(msg string) (line map[string]any) {
	s.Helper()
	_, logged := s.text()
	for text := range strings.Lines(logged) {
		var one map[string]any
		if json.Unmarshal([]byte(text), &one) == nil && one["msg"] == msg {
			line = one
		}
	}
	if line == nil {
		s.Errorf("there is no line %q in the log:\n%s", msg, logged)
	}
	return line
}

// TestTheAPIIsServedByHTTPS uses a certificate from files.
func TestTheAPIIsServedByHTTPS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	chain, key := filepath.Join(dir, "chain.pem"), filepath.Join(dir, "key.pem")
	selfSigned(t, chain, key)
	x := terminal{T: t, database: "sqlite:" + filepath.Join(dir, "taphoa.db"), variables: map[string]string{"TAPHOA_TLS_CERT": chain, "TAPHOA_TLS_KEY": key}}
	x.do("shop", "create", "abc", "ABC")
	id, secret := x.client("create", "--name", "Web")
	s := x.serve("--http-addr=127.0.0.1:0")
	c := trusting(t, chain, "shop.example")
	send := func(method, path, body string, headers ...string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		a, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		text, _ := io.ReadAll(a.Body)
		return a, string(text)
	}
	started := s.logLine("started")
	if !strings.HasPrefix(s.base, "https://127.0.0.1:") || started["address"] != s.base {
		t.Errorf("it listens on %s, logged as %v", s.base, started)
	}
	s.says(`(?m)^Home page +https://127\.0\.0\.1:\d+/$`)
	if a, text := send("GET", "/.well-known/openid-configuration", ""); a.ProtoMajor != 2 || a.TLS.Version != tls.VersionTLS13 || !strings.Contains(text, `"issuer":"`+s.base+`"`) {
		t.Errorf("discovery by %s: %s", a.Proto, text)
	}
	form := url.Values{"grant_type": {"client_credentials"}, "scopes": {"PublicApi.Access"}, "client_id": {id}, "client_secret": {secret}}.Encode()
	var token struct {
		Token string `json:"access_token"`
	}
	if _, text := send("POST", "/connect/token", form, "Content-Type", "application/x-www-form-urlencoded"); json.Unmarshal([]byte(text), &token) != nil || token.Token == "" {
		t.Fatal(text)
	}
	headers := []string{"Retailer", "abc", "Authorization", "Bearer " + token.Token, "Content-Type", "application/json"}
	if a, text := send("POST", "/categories", `{"categoryName": "`+strings.Repeat("x", 4_300_000)+`"}`, headers...); a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %s %.200s", a.Status, text)
	}
	streamsOverHTTP2(t, c, s.base, headers, func() { send("POST", "/customers", `{"name": "Chị Hoa", "branchId": 1}`, headers...) })

	for version, wants := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		conn, err := tls.Dial("tcp", s.address(), &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version})
		if (err == nil) != wants {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
		if err == nil {
			conn.Close()
		}
	}
	if out := x.do("health", "--addr", s.address()); out != "ready\n" {
		t.Errorf("health prints %s", out)
	}
	plain, _ := started["http"].(string)
	if status, location := redirected(t, plain+"/products?pageSize=1", "shop.example"); status != 308 || location != "https://shop.example"+s.base[strings.LastIndex(s.base, ":"):]+"/products?pageSize=1" {
		t.Errorf("plain HTTP is %d %s", status, location)
	}
	a, err := http.PostForm(plain+"/connect/token", url.Values{"client_id": {id}, "client_secret": {secret}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if text, _ := io.ReadAll(a.Body); a.StatusCode != http.StatusForbidden || !strings.Contains(string(text), `"error_description":`) {
		t.Errorf("a secret by plain HTTP is %s %s", a.Status, text)
	}
	s.stops()
}

// streamsOverHTTP2 waits for the event of a change.
func streamsOverHTTP2(t *testing.T, c *http.Client, base string, headers []string, change func()) {
	t.Helper()
	patience, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(patience, http.MethodGet, base+"/events?after=0", nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	r.Header.Set("Accept", "text/event-stream")
	stream, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	change()
	for lines := bufio.NewScanner(stream.Body); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "event: customer.update") {
			return
		}
	}
	t.Errorf("a stream by %s has no event", stream.Proto)
}

// TestASlowHandshakeConcernsNoOneElse opens connections that begin TLS and say no more.
func TestASlowHandshakeConcernsNoOneElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	chain, key := filepath.Join(dir, "chain.pem"), filepath.Join(dir, "key.pem")
	selfSigned(t, chain, key)
	pair, err := tls.LoadX509KeyPair(chain, key)
	if err != nil {
		t.Fatal(err)
	}
	server := api.HTTPServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), slog.New(slog.DiscardHandler))
	if server.ReadHeaderTimeout <= 0 || server.ReadHeaderTimeout > 10*time.Second {
		t.Errorf("a handshake may take %v", server.ReadHeaderTimeout) // net/http bounds it by the shortest of its timeouts
	}
	server.ReadHeaderTimeout = 2 * time.Second
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.ServeTLS(l, "", "") }()
	t.Cleanup(func() { server.Close() })
	var silent []net.Conn
	for i := range 50 {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, _ = conn.Write([]byte{22, 3, 1, 2, 0}[:i%6]) // of a ClientHello's first record
		silent = append(silent, conn)
	}
	start := time.Now()
	a, err := trusting(t, chain, "shop.example").Get("https://" + l.Addr().String())
	if err != nil || time.Since(start) > 1900*time.Millisecond {
		t.Fatalf("beside slow handshakes a request takes %v: %v", time.Since(start), err)
	}
	a.Body.Close()
	for _, conn := range silent {
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.Copy(io.Discard, conn); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Fatalf("a slow handshake is not ended: %v", err)
		}
	}
}

// TestTheDemoHasItsOwnAuthority runs what it prints, with the curl of this machine.
func TestTheDemoHasItsOwnAuthority(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	x := terminal{T: t, database: "sqlite:" + filepath.Join(dir, "demo.db")}
	s := x.serve("--demo", "--tls-local", "--database", x.database, "--http-addr=127.0.0.1:0")
	ca := filepath.Join(dir, "taphoa-tls", "taphoa-ca.crt")
	s.says(`(?m)^Certificate +https://127\.0\.0\.1:\d+/certificate lets phones`)
	s.says("trigger invoice.update --url " + s.base + " --ca " + regexp.QuoteMeta(ca))
	if out := x.do("health", "--addr", s.address()); out != "ready\n" {
		t.Errorf("health prints %s", out)
	}
	if out := x.do("trigger", "invoice.update", "--url", s.base, "--ca", ca); out == "" {
		t.Error("trigger prints nothing")
	}
	x.refused("no server answers at "+s.base, "trigger", "invoice.update", "--url", s.base)
	x.refused("--ca: ", "trigger", "invoice.update", "--url", s.base, "--ca", ca+"x")
	x.refused("has no certificate in PEM", "trigger", "invoice.update", "--url", s.base, "--ca", filepath.Join(dir, "demo.db"))
	c := trusting(t, ca, "")
	for path, part := range map[string]string{"/certificate": "Android", "/certificate/taphoa-ca.crt": "BEGIN CERTIFICATE", "/certificate/page.css": "body", "/": "taphoa"} {
		for _, base := range []string{s.base, s.logLine("started")["http"].(string)} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept", "text/html")
			a, err := c.Do(r) // plain HTTP leads to HTTPS
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(a.Body)
			if a.Body.Close(); a.StatusCode != http.StatusOK || !strings.Contains(string(text), part) || strings.Contains(string(text), "PRIVATE KEY") {
				t.Errorf("%s%s is %s %.300s", base, path, a.Status, text)
			}
		}
	}
	for _, path := range []string{"/certificate/qr.png", "/certificate/local.pem", "/certificate/../local.pem"} { // no phone reaches the demo
		if a, err := c.Get(s.base + path); err != nil || a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %v %v", path, a, err)
		}
	}
	curl, err := exec.LookPath("curl")
	if err == nil {
		printed, _ := s.text()
		command := regexp.MustCompile(`(?s)TOKEN=\$\(curl.*?/'\)`).FindString(strings.ReplaceAll(printed, "\n  ", "\n"))
		out, err := exec.Command("sh", "-c", command+`; echo "$TOKEN"`).CombinedOutput()
		if err != nil || len(out) < 100 {
			t.Errorf("%s prints %s, %v", command, out, err)
		}
		if out, err := exec.Command(curl, "-sS", s.base+"/readyz").CombinedOutput(); err == nil {
			t.Errorf("curl trusts it without being told to: %s", out)
		}
	}
	s.stops()
	first, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	s = x.serve("--demo", "--tls-local", "--database", x.database)
	if second, err := os.ReadFile(ca); err != nil || string(second) != string(first) {
		t.Errorf("a second start has another authority: %v", err)
	}
	s.stops()
}

// TestPhonesOfTheNetworkAreServed listens on all addresses of this machine, and asks those of loopback.
func TestPhonesOfTheNetworkAreServed(t *testing.T) {
	eachEngine(t, func(t terminal) {
		t.do("shop", "create", "abc", "ABC")
		dir := filepath.Join(t.TempDir(), "tls")
		s := t.serve("--addr=0.0.0.0:0", "--tls-local", "--tls-dir", dir, "--public-url=https://shop.example")
		port := s.base[strings.LastIndex(s.base, ":"):]
		c := trusting(t.T, filepath.Join(dir, "taphoa-ca.crt"), "shop.example") // the name is in the certificate
		a, err := c.Get("https://127.0.0.1" + port + "/certificate")
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		if text, _ := io.ReadAll(a.Body); !strings.Contains(string(text), "https://shop.example/certificate/taphoa-ca.crt") || !strings.Contains(string(text), "qr.png") {
			t.Errorf("the page is %s", text)
		}
		s.says(`https://shop\.example/certificate lets phones`)
		s.stops()
		if _, logged := s.text(); strings.Contains(logged, "--public-url") {
			t.Errorf("it logs %s", logged)
		}
	})
}

func TestFlagsOfTheCertificateAreChecked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	chain, key, other, otherKey := filepath.Join(dir, "chain.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "other.pem"), filepath.Join(dir, "other-key.pem")
	selfSigned(t, chain, key)
	selfSigned(t, other, otherKey)
	damaged := filepath.Join(dir, "damaged")
	if err := os.Mkdir(damaged, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(damaged, "local.pem"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	x := terminal{T: t, database: "sqlite:" + filepath.Join(dir, "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	for _, c := range []struct{ words, args string }{
		{"--tls-cert and --tls-key belong together", "--tls-cert=" + chain},
		{"--tls-cert and --tls-key belong together", "--tls-key=" + key},
		{"--tls-cert and --domain are two ways to a certificate", "--domain=shop.example --tls-cert=" + chain + " --tls-key=" + key},
		{"--tls-cert and --tls-local are two ways", "--tls-local --tls-key=" + key},
		{"--domain and --tls-local are two ways", "--tls-local --domain=shop.example"},
		{"--tls-cert: there is no file " + chain + "x", "--tls-cert=" + chain + "x --tls-key=" + key},
		{"--tls-key: there is no file " + key + "x", "--tls-cert=" + chain + " --tls-key=" + key + "x"},
		{"--tls-cert: the file " + key + " has no certificate in PEM", "--tls-cert=" + key + " --tls-key=" + key},
		{"--tls-key: the file " + otherKey + " does not have the key of the certificate in " + chain, "--tls-cert=" + chain + " --tls-key=" + otherKey},
		{"--tls-key: the file " + chain + " does not have the key", "--tls-cert=" + chain + " --tls-key=" + chain},
		{"--http-addr does nothing without one of these: --tls-cert, --domain, --tls-local", "--http-addr=127.0.0.1:0"},
		{"--tls-dir does nothing without one of these: --domain, --tls-local", "--tls-dir=" + dir},
		{"--tls-dir does nothing without", "--tls-dir=" + dir + " --tls-cert=" + chain + " --tls-key=" + key},
		{"--acme-directory does nothing without", "--acme-directory=https://a.example --tls-local"},
		{"--acme-ca does nothing without", "--acme-ca=" + chain},
		{"--acme-ca: there is no file", "--domain=shop.example --acme-ca=" + chain + "x"},
		{"--acme-ca: the file " + key + " has no certificate", "--domain=shop.example --acme-ca=" + key},
		{"--acme-directory must be a URL such as", "--domain=shop.example --acme-directory=http://a.example"},
		{"--public-url must begin with https://", "--tls-local --public-url=http://shop.example"},
		{"--http-addr \"8080\": missing port", "--tls-local --http-addr=8080"},
		{"loopback addresses only, not on 0.0.0.0:0", "--demo --tls-local --http-addr=0.0.0.0:0"},
		{`--domain: "192.168.1.5" is no name such as shop.example`, "--domain=shop.example,192.168.1.5"},
		{"is no name such as", "--domain=localhost"},
		{"is no name such as", "--domain=*.shop.example"},
		{"is no name such as", "--domain=https://shop.example"},
		{"is no name such as", "--domain=shop.example:443"},
		{"is no name such as", "--domain=../shop.example"},
		{"a file in " + damaged + " is damaged", "--tls-local --tls-dir=" + damaged},
		{"certificates cannot be kept in " + chain, "--tls-local --tls-dir=" + chain},
	} {
		x.refused(c.words, append([]string{"serve", "--addr=127.0.0.1:0"}, strings.Fields(c.args)...)...)
	}
	x.database = "postgres://taphoa@127.0.0.1:1/taphoa" // is not asked
	x.refused("--tls-local keeps its certificates in files: name a directory with --tls-dir", "serve", "--tls-local")
	x.refused("--domain keeps its certificates in files: name a directory with --tls-dir", "serve", "--domain=shop.example")
	if _, err := os.Stat(filepath.Join(dir, "taphoa-tls")); err == nil {
		t.Error("a refused start leaves a directory")
	}
}

func TestInsecureSignInIsWarnedAboutBeyondLoopback(t *testing.T) {
	t.Parallel()
	x := terminal{T: t, database: "sqlite:" + filepath.Join(t.TempDir(), "taphoa.db")}
	x.do("shop", "create", "abc", "ABC")
	for args, want := range map[string]int{
		"--insecure-sign-in":                              0,
		"--insecure-sign-in --addr=0.0.0.0:0":             1,
		"--addr=0.0.0.0:0":                                0,
		"--insecure-sign-in --addr=0.0.0.0:0 --tls-local": 0,
	} {
		s := x.serve(strings.Fields(args)...)
		s.stops()
		if _, logged := s.text(); strings.Count(logged, "--insecure-sign-in: passwords and PINs") != want {
			t.Errorf("with %s it logs %s", args, logged)
		}
	}
}

package certificate_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taphoa/taphoa/internal/certificate"
)

// journal is a log that tests read.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) log() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

// count returns the number of lines that have a text.
func (j *journal) count(text string) (n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for line := range strings.Lines(j.b.String()) {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// pair makes a certificate that signs itself, and its key.
func pair(t *testing.T, name string, life time.Duration) (chain, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(life),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text})
}

func write(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// serveTLS serves a source on a free port of this machine.
func serveTLS(t *testing.T, source certificate.Source) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{TLSConfig: source.TLS(), ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), Handler: http.NotFoundHandler()}
	go func() { _ = server.ServeTLS(l, "", "") }()
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

// TestFilesAreReplacedWhileClientsConnect writes fifty certificates, none of them at once, as copying programs do.
func TestFilesAreReplacedWhileClientsConnect(t *testing.T) {
	t.Parallel()
	dir, j := t.TempDir(), &journal{}
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	chain, key := pair(t, "shop.example", time.Hour*24*90)
	write(t, certFile, chain)
	write(t, keyFile, key)
	f, err := certificate.OpenFiles(certFile, keyFile, j.log())
	if err != nil {
		t.Fatal(err)
	}
	addr := serveTLS(t, f)
	roots := x509.NewCertPool()
	const replacements = 50
	texts := [replacements][2][]byte{}
	roots.AppendCertsFromPEM(chain)
	for i := range texts {
		texts[i][0], texts[i][1] = pair(t, "shop.example", time.Hour*24*90)
		roots.AppendCertsFromPEM(texts[i][0])
	}
	var done atomic.Bool
	var handshakes atomic.Int64
	var clients sync.WaitGroup
	for range 3 {
		clients.Go(func() {
			for !done.Load() {
				c, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: roots, ServerName: "shop.example"})
				if err != nil {
					t.Error(err)
					return
				}
				handshakes.Add(1)
				c.Close()
			}
		})
	}
	for i, text := range texts {
		write(t, certFile, text[0][:len(text[0])/2])
		if f.Reload() {
			t.Fatal("half a certificate is in use")
		}
		write(t, certFile, text[0])
		if f.Reload() {
			t.Fatal("a certificate is in use without its key")
		}
		for range 3 {
			f.Reload() // says nothing more
		}
		write(t, keyFile, text[1])
		if !f.Reload() {
			t.Fatalf("the certificate %d is not in use", i)
		}
		for before := handshakes.Load(); handshakes.Load() < before+2 && !t.Failed(); {
			time.Sleep(100 * time.Microsecond)
		}
	}
	done.Store(true)
	clients.Wait()
	if n, read := j.count("cannot be used, the one of before stays"), j.count("was read again"); n != 2*replacements || read != replacements {
		t.Errorf("of %d replacements it logs %d that were not whole and %d that were", replacements, n, read)
	}
	c, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: roots, ServerName: "shop.example"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if last, _ := pem.Decode(texts[replacements-1][0]); !bytes.Equal(c.ConnectionState().PeerCertificates[0].Raw, last.Bytes) {
		t.Error("the last certificate is not the one in use")
	}
	t.Logf("%d handshakes", handshakes.Load())
}

// TestFilesAreWatched goes through four days of a server's clock.
func TestFilesAreWatched(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		j := &journal{}
		certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
		chain, key := pair(t, "old.example", (14*24+23)*time.Hour+30*time.Minute)
		write(t, certFile, chain)
		write(t, keyFile, key)
		f, err := certificate.OpenFiles(certFile, keyFile, j.log())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			f.Run(ctx)
		}()
		pass := func(d time.Duration) {
			time.Sleep(d)
			synctest.Wait()
		}
		pass(23 * time.Hour)
		if n := j.count("expires soon"); n != 0 {
			t.Errorf("it warns %d times more than two weeks before the end", n)
		}
		pass(36 * time.Hour)
		if n := j.count("expires soon"); n != 2 {
			t.Errorf("in a day and a half it warns %d times", n)
		}
		chain, key = pair(t, "old.example", time.Minute)
		write(t, certFile, chain)
		write(t, keyFile, key)
		pass(10 * time.Second)
		if n := j.count("expires soon"); n != 3 || j.count("was read again") != 1 {
			t.Errorf("of a new one that ends in a minute it has warned %d times", n)
		}
		pass(24 * time.Hour)
		if n := j.count("has expired"); n != 1 {
			t.Errorf("in the day after the end it warns %d times", n)
		}
		if err := os.Remove(keyFile); err != nil {
			t.Fatal(err)
		}
		pass(time.Hour)
		if n := j.count("cannot be used"); n != 1 || !f.Covers("old.example") {
			t.Errorf("of a missing key it logs %d lines in an hour", n)
		}
		chain, key = pair(t, "new.example", 90*24*time.Hour)
		write(t, certFile, chain)
		write(t, keyFile, key)
		pass(10 * time.Second)
		if !f.Covers("new.example") || f.Covers("old.example") {
			t.Error("after ten seconds the new certificate is not in use")
		}
		cancel()
		<-ended
	})
}

func TestFilesThatCannotBeUsedAreToldApart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	chain, key := pair(t, "shop.example", time.Hour)
	_, otherKey := pair(t, "shop.example", time.Hour)
	for name, text := range map[string][]byte{
		"cert": chain, "key": key, "other": otherKey, "both": append(append([]byte{}, key...), chain...), "empty": nil, "text": []byte("no PEM"),
		"damaged": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}),
	} {
		write(t, filepath.Join(dir, name), text)
	}
	for _, c := range []struct {
		cert, key string
		want      error
	}{
		{"cert", "key", nil},
		{"both", "both", nil}, // as HAProxy has it
		{"cert", "other", certificate.ErrKey},
		{"cert", "text", certificate.ErrKey},
		{"cert", "empty", certificate.ErrKey},
		{"cert", "cert", certificate.ErrKey},
		{"key", "key", certificate.ErrNoCertificate},
		{"empty", "key", certificate.ErrNoCertificate},
		{"text", "key", certificate.ErrNoCertificate},
		{"damaged", "key", certificate.ErrNoCertificate},
		{"nothing", "key", fs.ErrNotExist},
		{"cert", "nothing", fs.ErrNotExist},
	} {
		if _, err := certificate.OpenFiles(filepath.Join(dir, c.cert), filepath.Join(dir, c.key), slog.New(slog.DiscardHandler)); !errors.Is(err, c.want) {
			t.Errorf("%s with %s: %v, want %v", c.cert, c.key, err, c.want)
		}
	}
}

package certificate_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taphoa/taphoa/internal/certificate"
)

var hosts = []string{"localhost", "quay1", "quay1.local", "127.0.0.1", "::1", "192.168.1.5", "fd00::5"}

func openLocal(t *testing.T, dir string, hosts []string, log *slog.Logger) *certificate.Local {
	t.Helper()
	l, err := certificate.OpenLocal(dir, func() []string { return hosts }, log)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// served returns the certificate that a client gets.
func served(t *testing.T, s certificate.Source) *tls.Certificate {
	t.Helper()
	c, err := s.TLS().GetCertificate(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestALocalAuthorityHasSignedOneCertificate(t *testing.T) {
	t.Parallel()
	j, dir := &journal{}, filepath.Join(t.TempDir(), "tls")
	l := openLocal(t, dir, hosts, j.log())
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(l.AuthorityPEM()) {
		t.Fatal("the authority has no certificate")
	}
	leaf := served(t, l).Leaf
	for _, host := range hosts {
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host}); err != nil || !l.Covers(host) {
			t.Errorf("%s: %v", host, err)
		}
	}
	for _, host := range []string{"shop.example", "192.168.1.6", "quay2.local", "x.quay1", ""} {
		if l.Covers(host) {
			t.Errorf("it covers %q", host)
		}
	}
	block, _ := pem.Decode(l.AuthorityPEM())
	authority, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if !authority.IsCA || authority.MaxPathLen != 0 || !authority.MaxPathLenZero || authority.KeyUsage != x509.KeyUsageCertSign {
		t.Errorf("the authority is %+v", authority)
	}
	permitted := slices.Clone(authority.PermittedDNSDomains)
	for _, n := range authority.PermittedIPRanges {
		if ones, bits := n.Mask.Size(); ones != bits {
			t.Errorf("the authority may sign for %s", n)
		}
		permitted = append(permitted, n.IP.String())
	}
	if !authority.PermittedDNSDomainsCritical || !slices.Equal(permitted, hosts) {
		t.Errorf("the authority may sign for %v, critical %v", permitted, authority.PermittedDNSDomainsCritical)
	}
	for _, c := range []*x509.Certificate{leaf, authority} {
		if life := c.NotAfter.Sub(c.NotBefore); life > 825*24*time.Hour || c.NotAfter != leaf.NotAfter || time.Since(c.NotBefore) < 0 {
			t.Errorf("%s is valid for %v", c.Subject, life)
		}
	}
	files, keys := 0, 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files, keys = files+1, keys+bytes.Count(text, []byte("PRIVATE KEY-----\n"))/2 // of BEGIN and END; one line each
		if info, _ := d.Info(); runtime.GOOS != "windows" && info.Mode() != 0o600 {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil || files != 2 || keys != 1 {
		t.Errorf("%d files have %d keys, %v", files, keys, err)
	}
	if info, _ := os.Stat(dir); runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("the directory has the mode %v", info.Mode())
	}
	key, err := x509.MarshalPKIXPublicKey(leaf.PublicKey)
	signer, err2 := x509.MarshalPKIXPublicKey(authority.PublicKey)
	if err != nil || err2 != nil || bytes.Equal(key, signer) {
		t.Error("the key that is kept is the authority's")
	}
	if j.count("a local authority was made") != 1 || j.count(l.Fingerprint()) != 1 {
		t.Errorf("it logs %s", j.b.String())
	}
}

// TestOpenSSLAcceptsALocalAuthority asks a second implementation of RFC 5280.
func TestOpenSSLAcceptsALocalAuthority(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed here")
	}
	dir := t.TempDir()
	l := openLocal(t, dir, hosts, slog.New(slog.DiscardHandler))
	leaf := filepath.Join(t.TempDir(), "leaf.pem")
	write(t, leaf, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: served(t, l).Certificate[0]}))
	verify := func(args ...string) (string, error) {
		args = append([]string{"verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", filepath.Join(dir, certificate.AuthorityFile)}, args...)
		out, err := exec.Command(openssl, append(args, leaf)...).CombinedOutput()
		return string(out), err
	}
	for _, args := range [][]string{{"-verify_hostname", "quay1.local"}, {"-verify_ip", "192.168.1.5"}, {"-verify_ip", "::1"}} {
		if out, err := verify(args...); err != nil {
			t.Errorf("openssl verify %v: %s", args, out)
		}
	}
	if out, err := verify("-verify_hostname", "shop.example"); err == nil {
		t.Errorf("openssl accepts another name: %s", out)
	}
}

func TestALocalAuthorityIsUsedAgain(t *testing.T) {
	t.Parallel()
	j, dir := &journal{}, t.TempDir()
	first := openLocal(t, dir, hosts, j.log())
	if err := os.Remove(filepath.Join(dir, certificate.AuthorityFile)); err != nil {
		t.Fatal(err)
	}
	moved := append(slices.Clone(hosts), "192.168.1.77", "2001:db8::77", "quay9.local")
	second := openLocal(t, dir, moved, j.log())
	if second.Fingerprint() != first.Fingerprint() || !bytes.Equal(served(t, first).Certificate[0], served(t, second).Certificate[0]) {
		t.Error("a second start has another certificate")
	}
	if text, err := os.ReadFile(filepath.Join(dir, certificate.AuthorityFile)); err != nil || !bytes.Equal(text, first.AuthorityPEM()) {
		t.Errorf("the authority's file is %s, %v", text, err)
	}
	if j.count("lacks") != 1 || j.count("192.168.1.77") != 1 || j.count("quay9.local") != 1 || j.count("delete the file") != 1 || j.count("2001:db8") != 0 {
		t.Errorf("of new names and addresses it logs %s", j.b.String())
	}
	if err := os.Remove(filepath.Join(dir, "local.pem")); err != nil { // as the line says
		t.Fatal(err)
	}
	third := openLocal(t, dir, moved, j.log())
	if third.Fingerprint() == first.Fingerprint() || !third.Covers("192.168.1.77") || j.count("lacks") != 1 {
		t.Error("after the file was deleted the certificate lacks the new address")
	}
	text, err := os.ReadFile(filepath.Join(dir, "local.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range [][]byte{nil, text[:len(text)/2], bytes.ReplaceAll(text, []byte("A"), []byte("B")), text[:bytes.LastIndex(text, []byte("-----BEGIN"))]} {
		write(t, filepath.Join(dir, "local.pem"), damaged)
		if _, err := certificate.OpenLocal(dir, func() []string { return hosts }, j.log()); !errors.Is(err, certificate.ErrLocalFile) {
			t.Errorf("of a damaged file: %v", err)
		}
	}
}

// TestALocalAuthorityIsReplacedBeforeItEnds goes through two and a half years of a server's clock.
func TestALocalAuthorityIsReplacedBeforeItEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		j := &journal{}
		l := openLocal(t, dir, hosts, j.log())
		first := l.Fingerprint()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			l.Run(ctx)
		}()
		time.Sleep(789 * 24 * time.Hour)
		synctest.Wait()
		if l.Fingerprint() != first || j.count("REPLACED") != 0 {
			t.Error("it is replaced more than 30 days before its end")
		}
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if l.Fingerprint() == first || j.count("THE CERTIFICATE WAS REPLACED") != 1 {
			t.Errorf("it is not replaced, or not loudly: %s", j.b.String())
		}
		if c := served(t, l).Leaf; time.Until(c.NotAfter) < 800*24*time.Hour {
			t.Errorf("the new one ends at %v", c.NotAfter)
		}
		cancel()
		<-ended
		second := l.Fingerprint()
		time.Sleep(810 * 24 * time.Hour) // nothing runs
		l = openLocal(t, dir, hosts, j.log())
		if l.Fingerprint() == second || j.count("THE CERTIFICATE WAS REPLACED") != 2 {
			t.Error("a start within the last 30 days goes on with the old one")
		}
	})
}

func TestAMachineKnowsItsNames(t *testing.T) {
	t.Parallel()
	all := certificate.MachineHosts()
	for _, want := range []string{"localhost", "127.0.0.1", "::1"} {
		if !slices.Contains(all, want) {
			t.Errorf("%v lacks %s", all, want)
		}
	}
	for i, host := range all {
		if slices.Contains(all[:i], host) || strings.HasPrefix(host, "fe80") || strings.HasPrefix(host, "169.254.") || strings.Contains(host, "/") {
			t.Errorf("%v has %s", all, host)
		}
	}
}

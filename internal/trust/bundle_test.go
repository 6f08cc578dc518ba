package trust_test

import (
	"bytes"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/certificate"
	"github.com/taphoa/taphoa/internal/trust"
)

func authority(t *testing.T) *certificate.Memory {
	t.Helper()
	a, err := trust.NewAuthority("shop.example", "localhost")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnAuthorityIsForTheVendorsHosts(t *testing.T) {
	t.Parallel()
	a := authority(t)
	for _, host := range []string{"id.kiotviet.vn", "public.kiotapi.com", "localhost", "127.0.0.1", "::1", "shop.example"} {
		if !a.Covers(host) {
			t.Errorf("not for %s", host)
		}
	}
	if a.Covers("kiotviet.vn") || a.Covers("example.org") {
		t.Error("it is for others, too")
	}
}

// variable returns the value of a variable, which is there once.
func variable(t *testing.T, environ []string, name string) (value string) {
	t.Helper()
	found := 0
	for _, v := range environ {
		if n, text, _ := strings.Cut(v, "="); n == name {
			value, found = text, found+1
		}
	}
	if found != 1 {
		t.Errorf("%s is there %d times", name, found)
	}
	return value
}

func TestABundleKeepsWhatTheCallerTrusts(t *testing.T) {
	t.Parallel()
	mine, node := authority(t).AuthorityPEM(), authority(t).AuthorityPEM()
	own := t.TempDir()
	for name, text := range map[string][]byte{"mine.pem": mine, "node.pem": node} {
		if err := os.WriteFile(filepath.Join(own, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dir, a := t.TempDir(), authority(t).AuthorityPEM()
	m, err := trust.Bundle(dir, a, []string{
		"HOME=/home/a", "REQUESTS_CA_BUNDLE=" + filepath.Join(own, "none"), "REQUESTS_CA_BUNDLE=" + own, "NODE_EXTRA_CA_CERTS=" + filepath.Join(own, "node.pem"),
		"SSL_CERT_DIR=/my/certs", "JAVA_TOOL_OPTIONS=-Xmx100m", "PHP_INI_SCAN_DIR=/my/php", "PIP_CERT=/not/there",
	})
	if err != nil {
		t.Fatal(err)
	}
	bundle := variable(t, m.Environ, "SSL_CERT_FILE")
	for _, name := range []string{"CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO"} {
		if v := variable(t, m.Environ, name); v != bundle {
			t.Errorf("%s is %s", name, v)
		}
	}
	for _, c := range []struct {
		file string
		has  [][]byte
		not  []byte
	}{{bundle, [][]byte{mine, node, a}, nil}, {variable(t, m.Environ, "NODE_EXTRA_CA_CERTS"), [][]byte{node, a}, mine}} {
		text := []byte(read(t, c.file))
		for _, one := range c.has {
			if bytes.Count(text, one) != 1 {
				t.Errorf("%s lacks a certificate, or has it twice", c.file)
			}
		}
		if c.not != nil && bytes.Contains(text, c.not) {
			t.Errorf("%s has another one", c.file)
		}
	}
	for name, want := range map[string]string{
		"HOME": "/home/a", "SSL_CERT_DIR": "/my/certs", "PHP_INI_SCAN_DIR": "/my/php" + string(os.PathListSeparator) + filepath.Join(dir, "php"),
	} {
		if v := variable(t, m.Environ, name); v != want {
			t.Errorf("%s is %s", name, v)
		}
	}
	if v := variable(t, m.Environ, "JAVA_TOOL_OPTIONS"); !strings.HasPrefix(v, "-Xmx100m -Djavax.net.ssl.trustStore=") {
		t.Errorf("JAVA_TOOL_OPTIONS is %s", v)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	inner, _ := filepath.Glob(filepath.Join(dir, "*", "*"))
	for _, file := range slices.Concat(files, inner) {
		if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte("PRIVATE KEY")) {
			t.Errorf("%s has a key", file)
		}
	}
}

// TestJavaReadsTheStore asks Java itself, which has its own certificates in the store, too.
func TestJavaReadsTheStore(t *testing.T) {
	t.Parallel()
	keytool, err := exec.LookPath("keytool")
	if err != nil {
		t.Skip("keytool is not installed here")
	}
	a, dir := authority(t), t.TempDir()
	list := func(file string) string {
		out, err := exec.Command(keytool, "-J-XX:TieredStopAtLevel=1", "-list", "-keystore", file, "-storepass", "changeit").CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		return string(out)
	}
	m, err := trust.Bundle(dir, a.AuthorityPEM(), os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	out := list(filepath.Join(dir, "java.p12"))
	if !strings.Contains(out, a.Fingerprint()) {
		t.Errorf("it lacks the authority: %s", out)
	}
	if m.Java == "" {
		t.Skip("Java's own certificates are not found here")
	}
	if java, ours := strings.Count(list(m.Java), "trustedCertEntry"), strings.Count(out, "trustedCertEntry"); java == 0 || ours < java+1 {
		t.Errorf("Java has %d certificates in %s, the store has %d", java, m.Java, ours)
	}
	// The caller's own store, which is ours of before, is kept.
	second, next := authority(t), t.TempDir()
	if _, err := trust.Bundle(next, second.AuthorityPEM(), m.Environ); err != nil {
		t.Fatal(err)
	}
	if out := list(filepath.Join(next, "java.p12")); !strings.Contains(out, a.Fingerprint()) || !strings.Contains(out, second.Fingerprint()) {
		t.Errorf("it lacks a certificate: %s", out)
	}
}

func TestCertificatesInPEMAreWholeInABundle(t *testing.T) {
	t.Parallel()
	m, err := trust.Bundle(t.TempDir(), authority(t).AuthorityPEM(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for system, with := range m.Covers {
		was, is := count(read(t, system)), count(read(t, with))
		if is < was+1 {
			t.Errorf("%s has %d certificates, what covers it has %d", system, was, is)
		}
	}
}

func count(text string) (n int) {
	for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
		n++
	}
	return n
}

package certificate_test

import (
	"bytes"
	"crypto/x509"
	"testing"
	"time"

	"github.com/taphoa/taphoa/internal/certificate"
)

func TestAnAuthorityInMemorySignsAsOneWithFiles(t *testing.T) {
	t.Parallel()
	m, err := certificate.NewMemory("Taphoa sandbox", []string{"id.shop.example", "127.0.0.1"}, 90*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(m.AuthorityPEM()) || bytes.Contains(m.AuthorityPEM(), []byte("PRIVATE")) {
		t.Fatalf("the authority's certificate is %s", m.AuthorityPEM())
	}
	leaf := served(t, m).Leaf
	chains, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "id.shop.example"})
	if err != nil || !m.Covers("127.0.0.1") || m.Covers("shop.example") {
		t.Fatalf("the certificate: %v", err)
	}
	authority := chains[0][1]
	if want := "Taphoa sandbox id.shop.example " + time.Now().Format(time.DateOnly); authority.Subject.CommonName != want {
		t.Errorf("its name is %s, want %s", authority.Subject.CommonName, want)
	}
	if life := leaf.NotAfter.Sub(leaf.NotBefore); life != 90*24*time.Hour || !authority.PermittedDNSDomainsCritical || !authority.MaxPathLenZero {
		t.Errorf("it is valid for %v", life)
	}
}

package certificate

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

// backdated is for clients whose clocks are late.
const backdated = time.Hour

// localPair is a certificate with its authority.
type localPair struct {
	server    tls.Certificate
	authority *x509.Certificate
}

func (p *localPair) covers(host string) bool { return p.server.Leaf.VerifyHostname(host) == nil }

func (p *localPair) authorityPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.authority.Raw})
}

func (p *localPair) fingerprint() string {
	sum := sha256.Sum256(p.authority.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
}

// sign makes an authority and the one certificate that it signs, and returns the PEM of both. The authority's key ends with this
// function. Its name begins with maker, and has the name of whom the certificate is for and the day.
func sign(maker, subject string, hosts []string, life time.Duration) ([]byte, error) {
	authorityKey, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	key, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	subject = subject[:min(len(subject), 38)] // a common name has 64 characters at most (RFC 5280, appendix A.1)
	now := time.Now()
	from := now.Add(-backdated)
	authority := &x509.Certificate{
		Subject:   pkix.Name{Organization: []string{"Taphoa"}, CommonName: fmt.Sprintf("%s %s %s", maker, subject, now.Format(time.DateOnly))},
		NotBefore: from, NotAfter: from.Add(life),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		PermittedDNSDomainsCritical: true,
	}
	leaf := &x509.Certificate{
		Subject:   pkix.Name{Organization: []string{"Taphoa"}, CommonName: subject},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: authority.ExtKeyUsage,
	}
	for _, host := range hosts {
		if ip, err := netip.ParseAddr(host); err == nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip.AsSlice())
			authority.PermittedIPRanges = append(authority.PermittedIPRanges, &net.IPNet{IP: ip.AsSlice(), Mask: net.CIDRMask(ip.BitLen(), ip.BitLen())})
		} else {
			leaf.DNSNames = append(leaf.DNSNames, host)
		}
	}
	authority.PermittedDNSDomains = leaf.DNSNames
	signed, err1 := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	authority, err2 = x509.ParseCertificate(signed) // with the key's identifier
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	der, err1 := x509.CreateCertificate(rand.Reader, leaf, authority, key.Public(), authorityKey)
	private, err2 := x509.MarshalPKCS8PrivateKey(key)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, block := range []pem.Block{{Type: "PRIVATE KEY", Bytes: private}, {Type: "CERTIFICATE", Bytes: der}, {Type: "CERTIFICATE", Bytes: signed}} {
		_ = pem.Encode(&b, &block) // a buffer takes all
	}
	return b.Bytes(), nil
}

// parseLocal reads what sign has written.
func parseLocal(text []byte) (*localPair, error) {
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, errors.Join(ErrLocalFile, err)
	}
	if len(pair.Certificate) != 2 {
		return nil, ErrLocalFile
	}
	authority, err := x509.ParseCertificate(pair.Certificate[1])
	if err == nil {
		err = pair.Leaf.CheckSignatureFrom(authority)
	}
	if err != nil {
		return nil, errors.Join(ErrLocalFile, err)
	}
	return &localPair{pair, authority}, nil
}

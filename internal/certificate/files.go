package certificate

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// rereadEvery is how often the files are compared with what is in use.
const rereadEvery = 5 * time.Second

var (
	// ErrNoCertificate is the error of [OpenFiles] for a file without a certificate.
	ErrNoCertificate = errors.New("there is no certificate in PEM")

	// ErrKey is the error of [OpenFiles] for a file whose key is none, or not that of the certificate.
	ErrKey = errors.New("the key is not that of the certificate")
)

// Files is a certificate with its chain and its key in PEM files, which are read again when they change.
type Files struct {
	cert, key string
	log       *slog.Logger
	current   atomic.Pointer[tls.Certificate]
	seen      [sha256.Size]byte // of what was read last, be it usable or not
}

// OpenFiles reads a certificate with its chain, and its key. It returns an [io/fs.PathError] for a file that cannot be read,
// [ErrNoCertificate] or [ErrKey].
func OpenFiles(cert, key string, log *slog.Logger) (*Files, error) {
	f := &Files{cert: cert, key: key, log: log}
	pair, _, err := f.read()
	if err != nil {
		return nil, err
	}
	f.current.Store(pair)
	return f, nil
}

// read reads the files, and reports whether they are others than at the last time.
func (f *Files) read() (pair *tls.Certificate, changed bool, err error) {
	chain, err1 := os.ReadFile(f.cert)
	key, err2 := os.ReadFile(f.key)
	h := sha256.New()
	for _, part := range [][]byte{chain, {0}, key} {
		_, _ = h.Write(part) // never fails
	}
	if err = errors.Join(err1, err2); err != nil {
		_, _ = h.Write([]byte(err.Error()))
	}
	sum := [sha256.Size]byte(h.Sum(nil))
	changed, f.seen = sum != f.seen, sum
	if err != nil || !changed {
		return nil, changed, err
	}
	pair, err = parsePair(chain, key)
	return pair, true, err
}

// parsePair returns a certificate with its chain and its key.
func parsePair(chain, key []byte) (*tls.Certificate, error) {
	if _, err := firstCertificate(chain); err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, errors.Join(ErrKey, err)
	}
	return &pair, nil
}

// firstCertificate returns the first certificate of a file, which may have keys before it.
func firstCertificate(text []byte) (*x509.Certificate, error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				err = errors.Join(ErrNoCertificate, err)
			}
			return cert, err
		}
	}
	return nil, ErrNoCertificate
}

// TLS implements [Source].
func (f *Files) TLS() *tls.Config {
	return listener(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.current.Load(), nil })
}

// Covers implements [Source].
func (f *Files) Covers(host string) bool { return f.current.Load().Leaf.VerifyHostname(host) == nil }

// Run implements [Source]: it reads the files again when they change, and warns once a day of a certificate that ends.
func (f *Files) Run(ctx context.Context) {
	var inspected time.Time
	for ticker := time.NewTicker(rereadEvery); ; {
		if time.Since(inspected) >= inspectEvery {
			inspected = time.Now()
			warnOfEnd(f.log, f.current.Load().Leaf, f.cert)
		}
		select {
		case <-ctx.Done():
			ticker.Stop()
			return
		case <-ticker.C:
		}
		if f.reload() {
			inspected = time.Time{}
		}
	}
}

// reload puts a changed certificate into use, and reports whether it did. One that is not whole, as while it is being written,
// or that does not fit its key is logged once, and the one in use stays.
func (f *Files) reload() bool {
	pair, changed, err := f.read()
	switch {
	case !changed:
		return false
	case err != nil:
		f.log.Warn("the certificate's files have changed and cannot be used, the one of before stays", "certificate", f.cert, "key", f.key, "error", err.Error())
		return false
	}
	f.current.Store(pair)
	f.log.Info("the certificate was read again", "certificate", f.cert, "names", pair.Leaf.DNSNames, "ends", pair.Leaf.NotAfter)
	return true
}

package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"time"
)

// Source is where the server's certificate comes from.
type Source interface {
	// TLS returns the configuration of a listener: TLS 1.2 or newer, HTTP/2 where the client has it.
	TLS() *tls.Config
	// Covers reports whether the certificate is valid for a name or an address without a port.
	Covers(host string) bool
	// Run keeps the certificate current until the context ends, and warns of what will end.
	Run(ctx context.Context)
}

const (
	// warnBefore is how long before its end a certificate is warned about.
	warnBefore = 14 * 24 * time.Hour

	// inspectEvery is how often the ends of certificates are looked at.
	inspectEvery = 24 * time.Hour
)

// listener returns the configuration of a listener with the certificates that get returns.
func listener(get func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: get}
}

// warnOfEnd logs that a certificate has ended, or ends soon.
func warnOfEnd(log *slog.Logger, leaf *x509.Certificate, where string) {
	switch left := time.Until(leaf.NotAfter); {
	case left <= 0:
		log.Warn("the certificate has expired", "of", where, "ended", leaf.NotAfter)
	case left <= warnBefore:
		log.Warn("the certificate expires soon", "of", where, "ends", leaf.NotAfter, "days", int(left.Hours()/24))
	}
}

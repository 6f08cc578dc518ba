package certificate

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/idna"
)

const (
	// localFile has the key of the server's certificate, that certificate, and the authority's, in PEM.
	localFile = "local.pem"

	// AuthorityFile has the authority's certificate alone, in PEM, for programs on this machine.
	AuthorityFile = "taphoa-ca.crt"

	// localLife is how long a certificate of a local authority is valid. Apple's systems accept 825 days at most
	// (support.apple.com/103769).
	localLife = 820 * 24 * time.Hour

	// localRenewal is how long before its end it is replaced.
	localRenewal = 30 * 24 * time.Hour
)

// ErrLocalFile is the error of [OpenLocal] for a file that it has not written, or not whole.
var ErrLocalFile = errors.New("there are no certificates of a local authority")

// Local is an authority of its own, which has signed one certificate, for the names and addresses of this machine. Its key is
// not kept, so it signs nothing else.
type Local struct {
	file    string
	hosts   func() []string
	log     *slog.Logger
	current atomic.Pointer[localPair]
}

// OpenLocal reads the certificate that a directory keeps, or makes one there: for the names and addresses that hosts returns.
// It logs names that it lacks. It returns an [io/fs.PathError] or [ErrLocalFile].
func OpenLocal(dir string, hosts func() []string, log *slog.Logger) (*Local, error) {
	l := &Local{file: filepath.Join(dir, localFile), hosts: hosts, log: log}
	if err := makeDirectory(dir); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(l.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return l, l.renew()
	case err != nil:
		return nil, err
	}
	pair, err := parseLocal(text)
	if err != nil {
		return nil, err
	}
	l.current.Store(pair)
	if l.due() {
		return l, l.renew()
	}
	if missing := l.missing(); len(missing) > 0 {
		l.log.Warn("this machine has names or addresses that its certificate lacks; to make a new one, which phones must be told to trust again, "+
			"delete the file and start again", "missing", missing, "file", l.file)
	}
	return l, replaceFile(filepath.Join(dir, AuthorityFile), l.AuthorityPEM())
}

// due reports whether the certificate must be replaced.
func (l *Local) due() bool { return time.Until(l.current.Load().server.Leaf.NotAfter) <= localRenewal }

// renew makes a new authority and certificate.
func (l *Local) renew() error {
	hosts := l.hosts()
	machine := hosts[min(1, len(hosts)-1)]
	text, err := sign("Taphoa", machine, hosts, localLife)
	if err != nil {
		return err
	}
	pair, err := parseLocal(text)
	if err != nil {
		return err
	}
	if err := replaceFile(l.file, text); err != nil {
		return err
	}
	if was := l.current.Swap(pair); was != nil {
		l.log.Warn("THE CERTIFICATE WAS REPLACED, since it ends: phones and computers must be told to trust the new authority, at /certificate",
			"ended", was.server.Leaf.NotAfter, "ends", pair.server.Leaf.NotAfter, "sha256", l.Fingerprint())
	} else {
		l.log.Info("a local authority was made", "file", l.file, "names", l.names(), "ends", pair.server.Leaf.NotAfter, "sha256", l.Fingerprint())
	}
	return replaceFile(filepath.Join(filepath.Dir(l.file), AuthorityFile), l.AuthorityPEM())
}

// TLS implements [Source].
func (l *Local) TLS() *tls.Config {
	return listener(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &l.current.Load().server, nil })
}

// Covers implements [Source].
func (l *Local) Covers(host string) bool { return l.current.Load().covers(host) }

// Run implements [Source]: it looks once a day whether the certificate must be replaced.
func (l *Local) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(inspectEvery):
		}
		if !l.due() {
			continue
		}
		if err := l.renew(); err != nil {
			l.log.Error("the certificate ends and could not be replaced", "ends", l.current.Load().server.Leaf.NotAfter, "error", err.Error())
		}
	}
}

// AuthorityPEM returns the authority's certificate.
func (l *Local) AuthorityPEM() []byte { return l.current.Load().authorityPEM() }

// Fingerprint returns the SHA-256 of the authority's certificate, as systems show it.
func (l *Local) Fingerprint() string { return l.current.Load().fingerprint() }

// names returns the names and addresses of the certificate.
func (l *Local) names() (all []string) {
	leaf := l.current.Load().server.Leaf
	all = slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		all = append(all, ip.String())
	}
	return all
}

// missing returns what the certificate lacks. Addresses of IPv6 are not among it: systems change them every day (RFC 8981).
func (l *Local) missing() (all []string) {
	for _, host := range l.hosts() {
		if ip, err := netip.ParseAddr(host); !l.Covers(host) && (err != nil || ip.Is4()) {
			all = append(all, host)
		}
	}
	return all
}

// lan returns an address by which other machines reach this one; "" if there is none.
func (l *Local) lan() string {
	for _, ip := range l.current.Load().server.Leaf.IPAddresses {
		if !ip.IsLoopback() {
			return ip.String()
		}
	}
	return ""
}

// MachineHosts returns the names and addresses of this machine: those of loopback, its host name, that name in .local, and the
// addresses of its interfaces, the one that reaches other networks first. Link-local addresses are left out: browsers have no
// way to write the zone that those of IPv6 need, and those of IPv4 mean that there was no other.
func MachineHosts() []string {
	all := []string{"localhost"}
	if name, err := os.Hostname(); err == nil {
		if name, err = idna.Lookup.ToASCII(name); err == nil && name != "" {
			first, _, _ := strings.Cut(name, ".")
			all = append(all, name, first+".local")
		}
	}
	all = append(all, "127.0.0.1", "::1")
	if c, err := net.Dial("udp", "192.0.2.1:9"); err == nil { // nothing is sent
		all = append(all, c.LocalAddr().(*net.UDPAddr).IP.String())
		_ = c.Close()
	}
	addresses, _ := net.InterfaceAddrs() // where they cannot be listed, the names remain
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			all = append(all, n.IP.String())
		}
	}
	var once []string
	for _, host := range all {
		if !slices.Contains(once, host) {
			once = append(once, host)
		}
	}
	return once
}

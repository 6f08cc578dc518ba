package testbench

import (
	"crypto/tls"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/trust"
)

// Proxy serves a sandbox to clients that call its address, and to those that use that as their forward proxy (RFC 9110, section 9.3.6):
// the vendor's hosts lead to the sandbox, and no other one anywhere. config has the certificate of the vendor's hosts.
type Proxy struct {
	sandbox *Sandbox
	tunnels tunnels
	server  *http.Server
}

// NewProxy returns a proxy whose tunnels a server serves that newServer makes, until [Proxy.Close].
func NewProxy(s *Sandbox, config *tls.Config, newServer func(http.Handler) *http.Server) *Proxy {
	p := &Proxy{sandbox: s, server: newServer(s), tunnels: tunnels{conns: make(chan net.Conn), closed: make(chan struct{})}}
	p.server.TLSConfig = config
	go func() { _ = p.server.ServeTLS(&p.tunnels, "", "") }()
	return p
}

// Close ends all tunnels.
func (p *Proxy) Close() error { return p.server.Close() }

// ServeHTTP serves one request.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.connect(w, r)
	case r.URL.IsAbs() && !vendorHost(r.URL.Host) && !ownAddress(r):
		refuse(w, http.StatusForbidden, errProxied(r.URL.Host))
	default:
		p.sandbox.ServeHTTP(w, r)
	}
}

func vendorHost(host string) bool {
	if name, port, err := net.SplitHostPort(host); err == nil && (port == "443" || port == "80") {
		host = name
	}
	return slices.Contains(trust.VendorHosts, strings.ToLower(strings.TrimSuffix(host, ".")))
}

// ownAddress reports whether a request is for this server, by a client that uses it as its proxy also for that.
func ownAddress(r *http.Request) bool {
	at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && oauth.IsLoopback(r.URL.Host) && r.URL.Port() == strconv.Itoa(at.Port)
}

func errProxied(host string) *taphoa.Error {
	return &taphoa.Error{
		Code:    taphoa.CodeBusiness,
		Message: "Sandbox chỉ chuyển tiếp tới " + strings.Join(trust.VendorHosts, " và ") + ", không tới " + host,
	}
}

// connect turns the connection into one to the sandbox, as which the client then begins TLS.
func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	if !vendorHost(r.Host) {
		refuse(w, http.StatusForbidden, errProxied(r.Host))
		return
	}
	conn, rest, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2, which no client speaks to a proxy without TLS
		refuse(w, http.StatusBadRequest, &taphoa.Error{Code: taphoa.CodeValidate, Message: "Proxy này chỉ hiểu HTTP/1.1"})
		return
	}
	_, err = conn.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n"))
	if err != nil || rest.Reader.Buffered() > 0 { // who sends before the answer would be served half of it
		_ = conn.Close()
		return
	}
	p.tunnels.add(conn)
}

// tunnels is the listener of connections that came through the proxy.
type tunnels struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (t *tunnels) add(conn net.Conn) {
	select {
	case t.conns <- conn:
	case <-t.closed:
		_ = conn.Close()
	}
}

// Accept implements [net.Listener].
func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case conn := <-t.conns:
		return conn, nil
	case <-t.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (t *tunnels) Close() error {
	t.once.Do(func() { close(t.closed) })
	return nil
}

// Addr implements [net.Listener].
func (t *tunnels) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

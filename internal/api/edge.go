package api

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/oauth"
)

// Values of the headers that every answer has. All answers share them.
var (
	noSniff    = []string{"nosniff"}
	noFrame    = []string{"DENY"}
	noReferrer = []string{"no-referrer"}
)

// protect sets the headers of every answer: a browser guesses no type, shows it in no frame, and sends no referrer.
func protect(h http.Header) {
	h["X-Content-Type-Options"] = noSniff
	h["X-Frame-Options"] = noFrame
	h["Referrer-Policy"] = noReferrer
}

// errHost refuses a request for another name than one of this machine's, as a web page sends it whose name was made to
// resolve to this machine (DNS rebinding).
var errHost = &taphoa.Error{
	Kind: taphoa.KindMisdirected, Code: "MisdirectedRequest",
	Message: "Máy chủ này chỉ trả lời khi được gọi bằng tên của chính máy chạy nó: localhost, *.localhost, 127.0.0.1 hoặc [::1]",
}

// misdirected reports that a request is not for this machine. HTTP/1.0, which no browser sends, may name no host.
func misdirected(r *http.Request) bool {
	return !oauth.IsLoopback(r.Host) && (r.Host != "" || r.ProtoAtLeast(1, 1))
}

// forwarded makes RemoteAddr the client's address, and returns the peer's if it is another. Of the headers in which a
// proxy, or anybody, may say where a request is from, it leaves X-Forwarded-Proto of a trusted proxy alone, and reports whether
// there was one, no matter from where.
func (s *Server) forwarded(r *http.Request) (peer string, proxied bool) {
	chain, scheme := r.Header["X-Forwarded-For"], r.Header["X-Forwarded-Proto"]
	for name := range r.Header {
		if name == "Forwarded" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			delete(r.Header, name)
			proxied = true
		}
	}
	if len(chain) == 0 && len(scheme) == 0 {
		return "", proxied
	}
	if at, ok := address(r.RemoteAddr); !ok || !s.trusts(at) {
		if len(chain) > 0 {
			s.untrusted.Do(func() {
				s.log.Warn("X-Forwarded-For is ignored, since --trusted-proxy does not name the peer", "peer", r.RemoteAddr)
			})
		}
		return "", proxied
	}
	if len(scheme) > 0 {
		values := strings.Split(scheme[len(scheme)-1], ",")
		if last := strings.ToLower(strings.TrimSpace(values[len(values)-1])); last == "http" || last == "https" {
			r.Header["X-Forwarded-Proto"] = []string{last}
		}
	}
	var client netip.AddrPort
	for _, entry := range slices.Backward(strings.Split(strings.Join(chain, ","), ",")) {
		at, ok := address(strings.TrimSpace(entry))
		if !ok {
			break
		}
		if client = at; !s.trusts(at) {
			break
		}
	}
	if !client.IsValid() {
		return "", proxied
	}
	peer, r.RemoteAddr = r.RemoteAddr, client.String()
	return peer, proxied
}

// trusts reports whether an address is a trusted proxy's.
func (s *Server) trusts(at netip.AddrPort) bool {
	return slices.ContainsFunc(s.options.TrustedProxies, func(n netip.Prefix) bool { return n.Contains(at.Addr()) })
}

// address parses an address with or without a port, 0 being none. One of IPv4 inside IPv6 is IPv4, a zone is left out.
func address(text string) (netip.AddrPort, bool) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		host, port = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"), "0"
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, false
	}
	at, err := netip.ParseAddrPort(net.JoinHostPort(a.Unmap().WithZone("").String(), port))
	return at, err == nil
}

package api

import (
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/certificate"
	"github.com/taphoa/taphoa/internal/oauth"
)

// proxiedKey is the context's key of what [Server.forwarded] reports.
type proxiedKey struct{}

// IsHTTPS reports whether the client's request came by HTTPS: to this server, or to the trusted proxy that says so.
func IsHTTPS(r *http.Request) bool {
	if scheme := r.Header.Get("X-Forwarded-Proto"); scheme != "" { // of a trusted proxy; others' are removed
		return scheme == "https"
	}
	return r.TLS != nil
}

// SecureEnough reports whether a request may carry a password, a PIN or a set-up link: by HTTPS, or from this machine to a name
// of it. A request from this machine to another name, or with a header of proxies, is one that a proxy passes on which
// --trusted-proxy does not name, so where it came from is not known.
func SecureEnough(r *http.Request) bool {
	if IsHTTPS(r) {
		return true
	}
	peer, ok := address(r.RemoteAddr)
	return ok && peer.Addr().IsLoopback() && oauth.IsLoopback(r.Host) && r.Context().Value(proxiedKey{}) == nil
}

// PlainHTTPOptions are the options of [Server.PlainHTTP].
type PlainHTTPOptions struct {
	// Secure returns scheme, host and port of the address with TLS for a host without a port; "" for one that is not the server's.
	Secure func(host string) string

	Challenges http.Handler // of [certificate.ChallengePath]; nil: no authority asks
}

// errPlainSecret refuses what has shown its secret to everyone on the way. A redirect would hide that for ever.
var errPlainSecret = &taphoa.Error{
	Kind: taphoa.KindForbidden, Code: taphoa.CodeBusiness,
	Message: "Yêu cầu này gửi mật khẩu hoặc token qua HTTP không mã hóa nên bị từ chối: hãy đổi địa chỉ sang https:// và thay mật khẩu đã gửi",
}

// errSecureHost refuses a request for a host that the server has no certificate for.
var errSecureHost = &taphoa.Error{
	Kind: taphoa.KindMisdirected, Code: "MisdirectedRequest",
	Message: "Máy chủ này không có chứng chỉ cho tên được gọi, hãy dùng tên hoặc địa chỉ có trong chứng chỉ của nó",
}

// PlainHTTP is the handler beside one with TLS: it sends clients to the latter, answers the challenges of an authority, and
// serves the certificate that phones are to trust.
func (s *Server) PlainHTTP(o PlainHTTPOptions) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.enter(w, r, func(c *call, id string) { s.plain(c, id, o) })
	})
}

func (s *Server) plain(c *call, id string, o PlainHTTPOptions) {
	host := c.r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	target, path := o.Secure(strings.Trim(host, "[]")), publicPath(c.r)
	switch {
	case o.Challenges != nil && strings.HasPrefix(c.r.URL.Path, certificate.ChallengePath):
		o.Challenges.ServeHTTP(c.w, c.r)
	case path == oauth.TokenPath, path == oauth.RevocationPath:
		c.w.Header().Set("Connection", "close")
		oauth.Refuse(c.w, http.StatusForbidden, "invalid_request", errPlainSecret.Message)
	case len(c.r.Header["Authorization"]) > 0, c.r.Method == http.MethodPost && s.hasPage(c.r.URL.Path):
		c.w.Header().Set("Connection", "close")
		s.fail(c, errPlainSecret, id)
	case target == "":
		s.fail(c, errSecureHost, id)
	case s.options.Certificate != nil && slices.Contains(certificate.Paths, path):
		s.public[path](c.w, c.r)
	case !strings.HasPrefix(c.r.URL.Path, "/"): // OPTIONS *
		s.fail(c, errNoRoute(c.r), id)
	default:
		c.w.Header()["Location"] = []string{target + c.r.URL.RequestURI()}
		c.w.WriteHeader(http.StatusPermanentRedirect)
	}
}

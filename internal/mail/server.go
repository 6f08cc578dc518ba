package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"time"
)

// Server is where mail is handed in, and who sends it. It is safe for concurrent use.
type Server struct {
	// Roots certify the server; nil for those of the system.
	Roots *x509.CertPool

	host           string
	port           int
	implicit       bool   // TLS from the start
	plain          bool   // without TLS, on this machine
	user, password string // empty: it asks for none
	from           *mail.Address
	limit          time.Duration // for handing in one mail
}

// Ports of submission (RFC 8314).
const (
	portSTARTTLS = 587
	portTLS      = 465
)

// Errors of [New], which repeat nothing of what was given.
var (
	ErrURL  = errors.New("this is no URL of an SMTP server")
	ErrFrom = errors.New("this is no address")
)

// New returns the server of a URL: smtp://USER:PASSWORD@HOST:PORT, which must offer STARTTLS unless the host is loopback, or smtps://,
// with TLS from the start. Without port it is 587 or 465; a server that asks for no password needs none. Mail comes from an address
// such as no-reply@shop.example or Taphoa <no-reply@shop.example>. The error is [ErrURL] or [ErrFrom].
func New(smtpURL, from string) (*Server, error) {
	s, ok := parse(smtpURL)
	if !ok {
		return nil, ErrURL
	}
	var err error
	if s.from, err = mail.ParseAddress(from); err != nil {
		return nil, ErrFrom
	}
	return s, nil
}

func parse(text string) (*Server, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return nil, false
	}
	s := &Server{host: u.Hostname(), port: portSTARTTLS, limit: sendTime}
	switch u.Scheme {
	case "smtp":
		s.plain = isLoopback(s.host)
	case "smtps":
		s.implicit, s.port = true, portTLS
	default:
		return nil, false
	}
	if text := u.Port(); text != "" {
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil || port == 0 {
			return nil, false
		}
		s.port = int(port)
	}
	if u.User != nil {
		s.user = u.User.Username()
		s.password, _ = u.User.Password()
		if s.user == "" || s.password == "" {
			return nil, false
		}
	}
	return s, true
}

// ParseAddress returns the address in a text that people typed, without a name, if there is exactly one.
func ParseAddress(text string) (address string, ok bool) {
	parsed, err := mail.ParseAddress(text)
	if err != nil {
		return "", false
	}
	return parsed.Address, true
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *Server) address() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }

func (s *Server) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
}

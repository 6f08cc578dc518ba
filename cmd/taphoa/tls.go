package main

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/certificate"
	"github.com/taphoa/taphoa/internal/message"
)

// tlsDirName is the directory of certificates beside an SQLite file.
const tlsDirName = "taphoa-tls"

// tlsFlags are the flags of serve that say where its certificate comes from, and what is allowed without one.
type tlsFlags struct {
	TLSCert       string   `name:"tls-cert" variable:"TAPHOA_TLS_CERT" placeholder:"FILE" help:"Serve HTTPS with the certificate of this file, its chain included; read again when it changes."`
	TLSKey        string   `name:"tls-key" variable:"TAPHOA_TLS_KEY" placeholder:"FILE" help:"The key of --tls-cert."`
	Domain        []string `variable:"TAPHOA_DOMAIN" sep:"," placeholder:"NAME" help:"Serve HTTPS under this name, such as shop.example, with a certificate of Let's Encrypt or of --acme-directory."`
	ACMEDirectory string   `name:"acme-directory" variable:"TAPHOA_ACME_DIRECTORY" placeholder:"URL" help:"With --domain: ask this authority instead (RFC 8555)."`
	ACMECA        string   `name:"acme-ca" variable:"TAPHOA_ACME_CA" placeholder:"FILE" help:"With --acme-directory: the certificates that sign the authority's own."`
	TLSLocal      bool     `name:"tls-local" variable:"TAPHOA_TLS_LOCAL" help:"Serve HTTPS in the local network with a certificate of its own, which phones are told to trust at /certificate."`
	TLSDir        string   `name:"tls-dir" variable:"TAPHOA_TLS_DIR" placeholder:"DIR" help:"Where --domain and --tls-local keep certificates, taphoa-tls beside the SQLite file unless given."`
	HTTPAddr      string   `name:"http-addr" variable:"TAPHOA_HTTP_ADDR" placeholder:"HOST:PORT" help:"Where to listen without TLS, to send clients to HTTPS and for challenges of --domain."`

	InsecureSignIn bool `variable:"TAPHOA_INSECURE_SIGN_IN" help:"Let people sign in over plain HTTP from other machines, whose passwords everyone on the way can read."`
}

// security is where the server's certificate comes from; the zero value is plain HTTP.
type security struct {
	source     certificate.Source // nil: plain HTTP
	challenges http.Handler       // of an authority, by plain HTTP; nil: none
	authority  *certificate.Local // is the source with --tls-local
	page       *certificate.Page  // of authority
	plain      net.Listener       // without TLS; nil without --http-addr
}

// checkTLS refuses flags of the certificate that are invalid or cannot be combined, and files that cannot be used.
func (s *serving) checkTLS() (err error) {
	const files, ownWays, allWays = "--tls-cert", "--domain, --tls-local", "--tls-cert, --domain, --tls-local"
	var ways []string
	for _, way := range []struct {
		flag  string
		given bool
	}{{files, s.TLSCert != "" || s.TLSKey != ""}, {"--domain", len(s.Domain) > 0}, {"--tls-local", s.TLSLocal}} {
		if way.given {
			ways = append(ways, way.flag)
		}
	}
	if len(ways) > 1 {
		return message.Errorf("%s and %s are two ways to a certificate: keep one of them", s.flagOrVariable(ways[0]), s.flagOrVariable(ways[1]))
	}
	for _, c := range []struct{ flag, value, with string }{
		{"--acme-directory", s.ACMEDirectory, "--domain"},
		{"--acme-ca", s.ACMECA, "--domain"},
		{"--tls-dir", s.TLSDir, ownWays},
		{"--http-addr", s.HTTPAddr, allWays},
	} {
		if c.value != "" && (len(ways) == 0 || !strings.Contains(c.with, ways[0])) {
			return message.Errorf("%s does nothing without one of these: %s", s.flagOrVariable(c.flag), c.with)
		}
	}
	switch {
	case len(ways) == 0:
		return nil
	case s.PublicURL != "" && !strings.HasPrefix(s.PublicURL, "https:"):
		return message.Errorf("%s must begin with https:// where the server has a certificate", s.flagOrVariable("--public-url"))
	case ways[0] == files:
		err = s.openFiles()
	case !strings.HasPrefix(s.database, "sqlite:") && s.TLSDir == "":
		return message.Errorf("%s keeps its certificates in files: name a directory with --tls-dir", s.flagOrVariable(ways[0]))
	}
	for i, text := range s.Domain {
		var ok bool
		if s.Domain[i], ok = certificate.ParseDomain(text); !ok {
			return message.Errorf("%s: %q is no name such as shop.example; authorities certify no addresses and wildcards", s.flagOrVariable("--domain"), text)
		}
	}
	if u, invalid := url.Parse(s.ACMEDirectory); s.ACMEDirectory != "" && (invalid != nil || u.Scheme != "https" || u.Host == "") {
		return message.Errorf("%s must be a URL such as https://acme.example/directory, not %s", s.flagOrVariable("--acme-directory"), s.ACMEDirectory)
	}
	if err == nil && s.HTTPAddr != "" {
		_, err = s.onlyHere("--http-addr", s.HTTPAddr)
	}
	return err
}

// openFiles reads the certificate of --tls-cert.
func (s *serving) openFiles() error {
	if s.TLSCert == "" || s.TLSKey == "" {
		return message.Errorf("--tls-cert and --tls-key belong together: give both")
	}
	files, err := certificate.OpenFiles(s.TLSCert, s.TLSKey, s.log)
	at := (*fs.PathError)(nil)
	switch cert, key := s.flagOrVariable("--tls-cert"), s.flagOrVariable("--tls-key"); {
	case err == nil:
		s.source = files
	case errors.As(err, &at) && at.Path == s.TLSCert:
		return message.Errorf("%s: %w", cert, describeError(at))
	case errors.As(err, &at):
		return message.Errorf("%s: %w", key, describeError(at))
	case errors.Is(err, certificate.ErrNoCertificate):
		return message.Errorf("%s: the file %s has no certificate in PEM", cert, s.TLSCert)
	default:
		return message.Errorf("%s: the file %s does not have the key of the certificate in %s", key, s.TLSKey, s.TLSCert)
	}
	return nil
}

// openTLS opens the directory of --domain or --tls-local.
func (s *serving) openTLS() (err error) {
	if s.TLSDir == "" {
		s.TLSDir = filepath.Join(filepath.Dir(strings.TrimPrefix(s.database, "sqlite:")), tlsDirName)
	}
	switch {
	case len(s.Domain) > 0:
		o := certificate.ACMEOptions{
			Domains: s.Domain, Dir: s.TLSDir, Directory: s.ACMEDirectory, UserAgent: "taphoa/" + api.ReadBuild().Version, Log: s.log,
		}
		if s.ACMECA != "" {
			if o.Roots, err = trusted(s.flagOrVariable("--acme-ca"), s.ACMECA, x509.NewCertPool()); err != nil {
				return err
			}
		}
		acme, failed := certificate.NewACME(o)
		if err = failed; err == nil && s.plain != nil {
			s.challenges = acme.Challenges() // before the authority is asked
		}
		s.source = acme
	case s.TLSLocal:
		s.authority, err = certificate.OpenLocal(s.TLSDir, s.hosts, s.log)
		s.source = s.authority
	}
	at := (*fs.PathError)(nil)
	switch {
	case errors.Is(err, certificate.ErrLocalFile):
		return message.Errorf("a file in %s is damaged: delete the directory, and the next start makes a new authority, which phones must be told to trust again", s.TLSDir)
	case errors.As(err, &at):
		return message.Errorf("certificates cannot be kept in %s: %w", s.TLSDir, describeError(at))
	}
	return err
}

// hosts returns the names and addresses that the certificate of --tls-local is for.
func (s *serving) hosts() []string {
	all := certificate.MachineHosts()
	if u, err := url.Parse(s.PublicURL); err == nil && u.Hostname() != "" && !slices.Contains(all, u.Hostname()) {
		all = append(all, u.Hostname())
	}
	return all
}

// trusted adds the certificates of a flag's file to those that are trusted.
func trusted(flag, file string, pool *x509.CertPool) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, message.Errorf("%s: %w", flag, describeError(err))
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, message.Errorf("%s: the file %s has no certificate in PEM", flag, file)
	}
	return pool, nil
}

// setBase sets the server's URLs, and the page of --tls-local.
func (s *serving) setBase(l net.Listener) {
	if s.base = "http://" + l.Addr().String(); s.source == nil {
		s.link = linkTo(s.base)
		return
	}
	s.base = "https://" + l.Addr().String()
	s.link = linkTo(s.base)
	if len(s.Domain) > 0 {
		s.link = certificate.Origin("https", s.Domain[0], portOf(l))
	}
	if s.authority == nil {
		return
	}
	s.page = &certificate.Page{Local: s.authority, Base: s.PublicURL, Scheme: "https"}
	if !s.local {
		s.page.Port = portOf(l)
	}
	if s.plain != nil && !s.plain.Addr().(*net.TCPAddr).IP.IsLoopback() { // a phone that does not trust it yet is not warned there
		s.page.Scheme, s.page.Port = "http", portOf(s.plain)
	}
}

func portOf(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String()) // of TCP
	return port
}

// certificatePage is the handler of the page; nil without --tls-local.
func (s *serving) certificatePage() http.Handler {
	if s.page == nil {
		return nil
	}
	return s.page
}

// plainHTTP is the handler of --http-addr beside one with TLS on a listener.
func (s *serving) plainHTTP(handler *api.Server, l net.Listener) http.Handler {
	return handler.PlainHTTP(api.PlainHTTPOptions{Challenges: s.challenges, Secure: func(host string) string {
		public, err := url.Parse(s.PublicURL)
		switch {
		case err == nil && public.Host != "" && strings.EqualFold(host, public.Hostname()):
			return "https://" + public.Host
		case s.source.Covers(host):
			return certificate.Origin("https", host, portOf(l))
		}
		return ""
	}})
}

// serveOn serves requests on a listener, with TLS if there is a certificate.
func (s *serving) serveOn(server *http.Server, l net.Listener) error {
	if s.source == nil {
		return server.Serve(l)
	}
	server.TLSConfig = s.source.TLS()
	return server.ServeTLS(l, "", "")
}

// trustFlag returns a flag with the authority of --tls-local for a command in an example.
func (s *serving) trustFlag(flag string) string {
	if s.authority == nil {
		return ""
	}
	return " " + flag + " " + quoted(filepath.Join(s.TLSDir, certificate.AuthorityFile))
}

package certificate

import (
	"bytes"
	_ "embed" // for the files below
	"html/template"
	"image/png"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"golang.org/x/text/language"
)

// The paths of a [Page].
const (
	PagePath      = "/certificate"
	AuthorityPath = PagePath + "/" + AuthorityFile
	qrPath        = PagePath + "/qr.png"
	stylePath     = PagePath + "/page.css"
)

// Paths are all that a [Page] serves.
var Paths = []string{PagePath, AuthorityPath, qrPath, stylePath}

// dotSize is the width of a dot of the QR code, in pixels.
const dotSize = 8

var (
	//go:embed page/page.html
	pageText string

	//go:embed page/page.css
	pageStyle []byte

	pageTemplate = template.Must(template.New("certificate").Parse(pageText))

	// pageLanguages are those of the page; the first one is for those who prefer none of them.
	pageLanguages = language.NewMatcher([]language.Tag{language.Vietnamese, language.English})
)

// pagePolicy lets the page load its style and the QR code, and nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Page is the page on which phones and computers get the authority's certificate, with the certificate and a QR code of its
// address. It is public: it tells which names the server's certificate has no more than the handshake does.
type Page struct {
	Local  *Local
	Base   string // where clients reach the server, without a slash at the end; empty: at the machine's addresses, with
	Scheme string // http or https, and
	Port   string // this port; empty: only this machine reaches it, so there is no QR code
}

// URL returns the address of a path for other machines, which reach this one by the name or address that a request was for, or
// by the machine's first address. It is "" if they cannot.
func (p *Page) URL(host, path string) string {
	if p.Base != "" {
		return p.Base + path
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	ip, err := netip.ParseAddr(host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback() || !p.Local.Covers(host) {
		host = p.Local.lan()
	}
	if p.Port == "" || host == "" {
		return ""
	}
	return Origin(p.Scheme, host, p.Port) + path
}

// Origin returns the URL of a server without a path; the port is left out where the scheme implies it.
func Origin(scheme, host, port string) string {
	if scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		return scheme + "://" + strings.TrimSuffix(net.JoinHostPort(host, ""), ":")
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// ServeHTTP serves [Paths], for GET and HEAD.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store") // it depends on the Host header, and a new authority has the same address
	h.Set("Content-Security-Policy", pagePolicy)
	switch strings.ToLower(strings.TrimRight(r.URL.Path, "/")) {
	case AuthorityPath:
		h.Set("Content-Type", "application/x-x509-ca-cert")
		_, _ = w.Write(p.Local.AuthorityPEM())
	case stylePath:
		h.Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(pageStyle)
	case qrPath:
		p.code(w, r)
	default:
		p.page(w, r)
	}
}

// code serves the QR code of the certificate's address.
func (p *Page) code(w http.ResponseWriter, r *http.Request) {
	target := p.URL(r.Host, AuthorityPath)
	if target == "" {
		http.NotFound(w, r)
		return
	}
	code, err := qr.Encode(target, qr.M, qr.Auto)
	if err == nil {
		code, err = barcode.Scale(code, dotSize*code.Bounds().Dx(), dotSize*code.Bounds().Dy())
	}
	var b bytes.Buffer
	if err == nil {
		err = png.Encode(&b, code)
	}
	if err != nil { // the address is longer than a code can be
		p.Local.log.Error("the QR code could not be drawn", "url", target, "error", err.Error())
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(b.Bytes())
}

// shown is what the page shows.
type shown struct {
	Language, Other       string // of the page, and the other one
	Target, Fingerprint   string
	Ends                  string // a date
	Download, Code, Style string // paths
}

// Text is a text in the page's language.
func (s *shown) Text(vietnamese, english string) string {
	if s.Language == "en" {
		return english
	}
	return vietnamese
}

func (p *Page) page(w http.ResponseWriter, r *http.Request) {
	s := &shown{
		Language: "vi", Other: "en", Target: p.URL(r.Host, AuthorityPath), Fingerprint: p.Local.Fingerprint(),
		Download: AuthorityPath, Code: qrPath, Style: stylePath,
	}
	if _, at := language.MatchStrings(pageLanguages, r.URL.Query().Get("lang"), r.Header.Get("Accept-Language")); at == 1 {
		s.Language, s.Other = s.Other, s.Language
	}
	s.Ends = p.Local.current.Load().authority.NotAfter.Format(s.Text("02/01/2006", "2 January 2006"))
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, s); err != nil {
		panic(err) // the template is invalid, which a test finds
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

package api

import (
	"bytes"
	_ "embed" // for the files below
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/openapi"
	"github.com/taphoa/taphoa/internal/org"
)

var (
	//go:embed home/home.html
	homeText string

	//go:embed home/home.css
	homeStyle []byte

	//go:embed home/home.js
	homeScript []byte
)

// homeFiles are what the page at / asks for.
var homeFiles = []openapi.File{
	{Path: "/docs/home.css", Type: "text/css; charset=utf-8", Content: homeStyle},
	{Path: "/docs/home.js", Type: "text/javascript; charset=utf-8", Content: homeScript},
}

// home is the page at / for people: what this is and where things are. Since it is public, it names the shop only
// where there is one, and shows keys only of a demo.
type home struct {
	Language  string
	Languages []openapi.LanguageLink
	Version   string // of a release; others say nothing to people
	Base      string // of all addresses
	Shop      string // the name of the only shop; empty where there are several
	Demo      *openapi.Demo
	Scopes    string // that a token is asked for with
}

// Text is a text in the page's language.
func (h *home) Text(english, vietnamese string) string {
	return openapi.Phrase{english, vietnamese}.In(h.Language)
}

var homePage = template.Must(template.New("home").Parse(homeText))

// home serves the page at / to browsers.
func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	name, release := languageOf(r), ReadBuild().Version
	if strings.HasPrefix(release, "(") {
		release = ""
	}
	var b bytes.Buffer
	var shop string
	err := s.db.Read(r.Context(), db.Actor{}, func(tx *db.Tx) error {
		shops, err := org.ListShops(tx)
		if shop = ""; len(shops) == 1 {
			shop = shops[0].Name
		}
		return err
	})
	if err != nil {
		shop = "" // the page helps also while the database is away
	}
	err = homePage.Execute(&b, &home{
		Language: name, Languages: openapi.LanguageLinks(name), Version: release, Base: s.oauth.Base(r), Shop: shop, Demo: s.options.Demo, Scopes: oauth.ScopePublic,
	})
	c := &call{w: w, r: r, kind: []string{"text/html; charset=utf-8"}}
	if err != nil {
		c.kind = nil
		s.fail(c, err, w.Header().Get("X-Request-Id"))
		return
	}
	w.Header().Set("Content-Security-Policy", homePolicy)
	w.Header().Set("Cache-Control", "no-store") // its URLs have the host of the request
	w.Header()["Vary"] = []string{"Accept, Accept-Encoding, Accept-Language"}
	c.write(http.StatusOK, b.Bytes())
}

const homePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// wantsPage reports whether a request comes from a browser that shows a page: one that names HTML among what it accepts
// and likes nothing in JSON better. Programs name JSON, anything, or nothing.
func wantsPage(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	var html, json float64
	for _, line := range r.Header["Accept"] {
		for kind := range strings.SplitSeq(line, ",") {
			kind, parameters, _ := strings.Cut(kind, ";")
			quality := 1.0
			if _, text, ok := strings.Cut(parameters, "q="); ok {
				quality, _ = strconv.ParseFloat(strings.TrimSpace(text), 64)
			}
			switch strings.ToLower(strings.TrimSpace(kind)) {
			case "text/html", "application/xhtml+xml":
				html = max(html, quality)
			case "application/json":
				json = max(json, quality)
			}
		}
	}
	return html > json
}

package openapi

import (
	"bytes"
	_ "embed" // for the files below
	"html/template"

	"github.com/go-json-experiment/json/jsontext"
)

// File is a part of the page that shows the document.
type File struct {
	Path    string // in the URL; one with a version never changes
	Type    string // Content-Type
	Content []byte
	Zipped  bool // the content is compressed with gzip
}

var (
	//go:embed docs/page.html
	pageText string

	//go:embed docs/page.css
	style []byte

	//go:embed docs/page.js
	script []byte

	//go:embed docs/icon.svg
	icon []byte

	//go:embed docs/chrome.vi.json
	chromeVietnamese []byte

	//go:embed docs/scalar-1.76.0.js.gz
	scalar []byte

	//go:embed docs/scalar.LICENSE.txt
	licence []byte
)

// Files returns the files that the page loads, and the licence of Scalar.
func Files() []File {
	return []File{
		{Path: "/docs/page.css", Type: "text/css; charset=utf-8", Content: style},
		{Path: "/docs/page.js", Type: "text/javascript; charset=utf-8", Content: script},
		{Path: "/docs/icon.svg", Type: "image/svg+xml", Content: icon},
		{Path: "/docs/scalar-1.76.0.js", Type: "text/javascript; charset=utf-8", Content: scalar, Zipped: true},
		{Path: "/docs/scalar.license.txt", Type: "text/plain; charset=utf-8", Content: licence},
	}
}

// Demo has the public credentials of a demo shop.
type Demo struct {
	Retailer     string                    `json:"retailer"` // value of the Retailer header
	ClientID     string                    `json:"clientId"`
	ClientSecret string                    `json:"clientSecret"`
	Scopes       string                    `json:"scopes"` // of its client, separated by blanks
	Examples     map[string]jsontext.Value `json:"-"`      // of bodies that its records fit, by operation
}

// configuration is read by the page's script.
type configuration struct {
	Document string         `json:"document"`
	Demo     *Demo          `json:"demo,omitzero"`   // its token and shop are filled in
	Chrome   jsontext.Value `json:"chrome,omitzero"` // Scalar's own texts in this language
}

// LanguageLink is a link to a page in one language.
type LanguageLink struct {
	Tag, Name string
	Current   bool
}

// LanguageLinks returns a link for each of the [Languages].
func LanguageLinks(current string) []LanguageLink {
	names := Phrase{"English", "Tiếng Việt"}
	links := make([]LanguageLink, len(Languages))
	for i, tag := range Languages {
		links[i] = LanguageLink{tag, names[i], tag == current}
	}
	return links
}

var page = template.Must(template.New("page").Parse(pageText))

// Page returns the HTML that shows the document in a language, with the credentials of the demo shop if there is one.
func Page(language string, demo *Demo) ([]byte, error) {
	c := configuration{Document: "/openapi.json?lang=" + language, Demo: demo}
	if language == Languages[1] {
		c.Chrome = chromeVietnamese
	}
	var b bytes.Buffer
	err := page.Execute(&b, map[string]any{"Language": language, "Languages": LanguageLinks(language), "Configuration": c})
	return b.Bytes(), err
}

// Policy is the Content-Security-Policy of the page: the browser connects only to this server, whatever the script does.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

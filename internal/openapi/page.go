package openapi

import (
	_ "embed" // for the files below
)

// File is a part of the page that shows the document.
type File struct {
	Path    string // in the URL
	Type    string // Content-Type
	Content []byte
}

var (
	//go:embed docs/index.html
	index []byte

	//go:embed docs/rapidoc-min.js
	script []byte

	//go:embed docs/rapidoc.LICENSE.txt
	licence []byte
)

// Files are all that the page consists of.
func Files() []File {
	return []File{
		{"/docs", "text/html; charset=utf-8", index},
		{"/docs/rapidoc-min.js", "text/javascript; charset=utf-8", script},
		{"/docs/rapidoc.license.txt", "text/plain; charset=utf-8", licence},
	}
}

// Policy is the Content-Security-Policy of the page: a browser asks nobody but this server, whatever the script says.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

package api

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// askMax is the largest body that a GET is understood from.
const askMax = 64 << 10

// askInQuery puts what a GET asks for in its body into its query, if it has none: some clients send their parameters as
// JSON, or as a form, and would take the first of all customers for the one that they search. A body that says nothing
// (null, {}) or cannot be read is passed over; the vendor's documents know none.
func askInQuery(r *http.Request) {
	if r.URL.RawQuery != "" || r.ContentLength == 0 || r.Body == nil {
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, askMax+1))
	if err != nil || len(body) > askMax {
		return
	}
	var members map[string]jsontext.Value
	body = bytes.TrimSpace(body)
	switch {
	case json.Unmarshal(body, &members, jsontext.AllowDuplicateNames(true)) == nil:
		var asked []string // in the order of the members: of several undocumented names the last one counts
		names := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true))
		for _, err := names.ReadToken(); err == nil && names.PeekKind() == '"'; err = names.SkipValue() {
			name, _ := names.ReadToken() // the body was read before
			for _, text := range plainValues(members[name.String()]) {
				asked = append(asked, url.QueryEscape(name.String())+"="+url.QueryEscape(text))
			}
			delete(members, name.String())
		}
		r.URL.RawQuery = strings.Join(asked, "&")
	case strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "application/x-www-form-urlencoded"):
		r.URL.RawQuery = string(body)
	}
}

// plainValues are the texts of a number, text or boolean, or of a list of them.
func plainValues(value jsontext.Value) (all []string) {
	switch value.Kind() {
	case '[':
		var list []jsontext.Value
		if json.Unmarshal(value, &list) == nil {
			for _, v := range list {
				if v.Kind() != '[' {
					all = append(all, plainValues(v)...)
				}
			}
		}
	case '"':
		var text string
		if json.Unmarshal(value, &text) == nil {
			all = append(all, text)
		}
	case '0', 't', 'f':
		all = append(all, string(value))
	}
	return all
}

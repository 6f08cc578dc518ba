package console_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// create adds a record by the API, and returns its id.
func (d *desk) create(path, body string) string {
	d.t.Helper()
	a := d.Send(http.MethodPost, path, body)
	id, ok := a.Get("$.id")
	for _, at := range []string{"$.data.id", "$.categoryId"} {
		if !ok {
			id, ok = a.Get(at)
		}
	}
	if !ok || a.Status != http.StatusOK && a.Status != http.StatusCreated {
		d.t.Fatalf("POST %s: %d %s", path, a.Status, a.Body)
	}
	return id
}

// change changes a record by the API.
func (d *desk) change(path, body string) {
	d.t.Helper()
	if a := d.Send(http.MethodPut, path, body); a.Status != http.StatusOK {
		d.t.Fatalf("PUT %s: %d %s", path, a.Status, a.Body)
	}
}

// record is a record as the API gives it.
func (d *desk) record(path string) string {
	d.t.Helper()
	a := d.Send(http.MethodGet, path, "")
	if a.Status != http.StatusOK {
		d.t.Fatalf("GET %s: %d %s", path, a.Status, a.Body)
	}
	return string(a.Body)
}

// heads are the titles of a list's columns.
func (p *page) heads() (heads []string) {
	for _, n := range find(p.root, func(n *html.Node) bool {
		return n.Data == "th" && strings.Contains(attribute(n, "role"), "columnheader")
	}) {
		heads = append(heads, textOf(n))
	}
	return heads
}

// rowLinks are the addresses of a list's records.
func (p *page) rowLinks() (links []string) {
	for _, n := range find(p.root, func(n *html.Node) bool {
		return n.Data == "a" && slices.Contains(strings.Fields(attribute(n, "class")), "row-link")
	}) {
		links = append(links, attribute(n, "href"))
	}
	return links
}

// quoted is a text in JSON.
func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

var modified = regexp.MustCompile(`,?"modifiedDate":"[^"]*"`)

// without is a record but for when it was modified.
func without(record string) string { return modified.ReplaceAllString(record, "") }

// isCode finds what a page shows once.
func isCode(n *html.Node) bool { return n.Data == "code" && has(n, "data-selects") }

package api

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
)

// Resource is a kind of records that operations write.
type Resource struct {
	Name string // as in the audit log
	Get  string // the operation that shows one by its id; "" where the list shows all of each
	List string // the operation that shows all of them, or the one there is

	GetQuery, ListQuery url.Values // what asks them for all that they can include
	GetPages, ListPages bool       // the operation answers in pages
}

// Resources are the kinds of records that the routes write and show, in their order.
func Resources() (all []*Resource) {
	written, known := map[string]bool{}, map[string]*Resource{}
	for i := range routes {
		if r := &routes[i]; r.method != http.MethodGet {
			written[r.resource()] = true
		}
	}
	for i := range routes {
		r := &routes[i]
		name := r.resource()
		if r.method != http.MethodGet || !written[name] {
			continue
		}
		is := known[name]
		if is == nil {
			is = &Resource{Name: name}
			known[name], all = is, append(all, is)
		}
		path, _, _ := strings.Cut(r.paths, " ")
		query, pages := includes(r.in)
		switch rest := strings.ToLower(path[1:]); {
		case is.Get == "" && rest == name+"/{id}":
			is.Get, is.GetQuery, is.GetPages = r.operation, query, pages
		case is.List == "" && !strings.Contains(rest, "{"):
			is.List, is.ListQuery, is.ListPages = r.operation, query, pages
		}
	}
	return all
}

// includes are the parameters of a query that ask for more of each record, and whether it asks for a page.
func includes(in reflect.Type) (query url.Values, pages bool) {
	query = url.Values{}
	if in == nil || in.Kind() != reflect.Struct {
		return query, false
	}
	for _, f := range reflect.VisibleFields(in) {
		name := f.Tag.Get("query")
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "include") && !strings.HasPrefix(lower, "includeremove") && f.Tag.Get("view") == "" && f.Type.Kind() == reflect.Bool {
			query.Set(name, "true")
		}
		pages = pages || lower == "currentitem"
	}
	return query, pages
}

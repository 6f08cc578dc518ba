package api

import (
	"net/url"
	"strings"

	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/wire"
)

// route is one operation: its name in the contract, its method, its paths (several when clients spell it in several
// ways) and its endpoint. In a path {x} is one segment, {x...} the rest, for codes that hold slashes.
type route struct {
	operation string
	method    string
	needs     right.Right // of a person
	paths     string      // separated by blanks; the documented one first
	endpoint
}

// node is a place in the tree of paths.
type node struct {
	next   map[string]*node // by segment, in lower case
	any    *node            // a parameter
	name   string           // of the parameter that leads here
	rest   bool             // the parameter takes the rest of the path
	routes map[string]*route
}

func compileRoutes(table []route) *node {
	root := &node{}
	for i := range table {
		for _, path := range strings.Fields(table[i].paths) {
			n := root
			for _, segment := range strings.Split(strings.Trim(path, "/"), "/") {
				n = n.child(segment)
			}
			if n.routes == nil {
				n.routes = map[string]*route{}
			}
			if n.routes[table[i].method] != nil {
				panic("two routes for " + table[i].method + " " + path)
			}
			n.routes[table[i].method] = &table[i]
		}
	}
	return root
}

func (n *node) child(segment string) *node {
	if name, ok := strings.CutPrefix(segment, "{"); ok {
		if n.any == nil {
			name = strings.TrimSuffix(name, "}")
			n.any = &node{name: strings.TrimSuffix(name, "..."), rest: strings.HasSuffix(name, "...")}
		}
		return n.any
	}
	segment = strings.ToLower(segment)
	if n.next == nil {
		n.next = map[string]*node{}
	}
	if n.next[segment] == nil {
		n.next[segment] = &node{}
	}
	return n.next[segment]
}

// find returns the routes of a path by method, and the path's parameters. Letter case and doubled or trailing slashes
// do not matter; literal segments win over parameters. code:X is code/X, as two clients write it.
func (n *node) find(path string) (map[string]*route, []wire.Param) {
	var params []wire.Param
	for path != "" {
		segment, rest, _ := strings.Cut(path, "/")
		if segment == "" {
			path = rest
			continue
		}
		if code, ok := cutCode(path); ok && n.next["code"] != nil {
			path = "code/" + code
			continue
		}
		if next := n.next[strings.ToLower(segment)]; next != nil {
			n, path = next, rest
			continue
		}
		if n = n.any; n == nil {
			return nil, nil
		}
		if n.rest {
			segment, rest = strings.TrimRight(path, "/"), ""
		}
		value, err := url.PathUnescape(segment)
		if err != nil {
			return nil, nil
		}
		params = append(params, wire.Param{Name: n.name, Value: value})
		path = rest
	}
	return n.routes, params
}

// cutCode returns the code of a path that begins with code:, also as it is escaped, unless nothing but slashes follows.
func cutCode(path string) (code string, ok bool) {
	for _, prefix := range []string{"code:", "code%3a"} {
		if len(path) > len(prefix) && strings.EqualFold(path[:len(prefix)], prefix) {
			code = path[len(prefix):]
			return code, strings.Trim(code, "/") != ""
		}
	}
	return "", false
}

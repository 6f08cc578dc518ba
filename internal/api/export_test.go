package api

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/openapi"
)

// Route is a line of the route table as tests see it.
type Route struct {
	Operation string // without the brackets of those that are not in the contract
	Ours      bool   // not in the contract
	Method    string
	Paths     []string
	In, Out   reflect.Type
	Scope     string // that a token must have
	Tagged    bool   // answers have an ETag
}

// Routes is the route table.
func Routes() []Route {
	all := make([]Route, len(routes))
	for i := range routes {
		all[i] = routes[i].shown()
	}
	return all
}

func (r *route) shown() Route {
	name := strings.Trim(r.operation, "()")
	return Route{name, name != r.operation, r.method, strings.Fields(r.paths), r.in, r.out, r.scope, r.ask != nil}
}

// OperationAt is the operation that answers a method at a path, or "".
func OperationAt(method, escapedPath string) string {
	found, _ := compileRoutes(routes).find(escapedPath)
	if r := found[method]; r != nil {
		return r.shown().Operation
	}
	return ""
}

// Operations is the route table as the OpenAPI document has it.
func Operations() []openapi.Operation { return (&Server{routes: compileRoutes(routes)}).operations() }

// Followers is how many logs are being followed.
func Followers(h http.Handler) int {
	f := h.(*Server).followers
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.shops)
}

// Hold takes memory in the name of a client: of what bodies are read into, or of what requests are decoded into.
// It is nil when there is not so much left.
func Hold(h http.Handler, clientID string, received bool, bytes int64) (release func()) {
	s := h.(*Server)
	q := &s.decoded
	if received {
		q = &s.received
	}
	if c := q.Try(bytes, memoryLimits(&call{who: oauth.Identity{ClientID: clientID}})...); c != nil {
		return c.Release
	}
	return nil
}

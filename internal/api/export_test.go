package api

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"

	"github.com/taphoa/taphoa/internal/db"
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

// TaggedAt reports whether GET answers at a path with an ETag.
func TaggedAt(escapedPath string) bool {
	found, _ := compileRoutes(routes).find(escapedPath)
	r := found[http.MethodGet]
	return r != nil && r.ask != nil
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

// Fresh is what GET answers at a target to a shop's reader who may see all, made of nothing that is kept, and its ETag.
func Fresh(h http.Handler, d *db.DB, retailer int64, target string) (answer []byte, tag string, err error) {
	s := h.(*Server)
	r := asking(target)
	c := &call{r: r, who: oauth.Identity{Retailer: retailer}}
	c.methods, c.params = s.routes.find(r.URL.EscapedPath())
	c.route = c.methods[http.MethodGet]
	read, err := c.route.ask(s, c)
	if err != nil {
		return nil, "", err
	}
	err = d.Write(r.Context(), db.Actor{Retailer: retailer}, func(tx *db.Tx) (err error) { // who writes uses nothing that is kept
		write, err := read(tx)
		if err == nil {
			answer, tag = write(nil)
		}
		return err
	})
	return answer, tag, err
}

// KeptAt is the version at which an answer is kept for a target, and how many bytes all of them are counted as.
func KeptAt(h http.Handler, retailer int64, target string) (version int64, kept bool, size int) {
	s := h.(*Server)
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	k, kept := s.cache.answers.Peek(keyOf(&call{r: asking(target), who: oauth.Identity{Retailer: retailer}}))
	if kept {
		version = k.version
	}
	return version, kept, s.cache.answers.Size()
}

// asking is a request for a target that a transcript spells as clients do.
func asking(target string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	at, err := url.ParseRequestURI(target)
	if err != nil {
		panic(err)
	}
	r.URL = at
	return r
}

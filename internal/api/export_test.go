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
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/wire"
)

// WhyUnavailable is the sentence for an unavailable database, with or without an Idempotency-Key.
var WhyUnavailable = whyUnavailable

// Route is a line of the route table as tests see it.
type Route struct {
	Operation string // without the brackets of those that are not in the contract
	Ours      bool   // not in the contract
	Method    string
	Paths     []string
	In, Out   reflect.Type
	Scope     string // that a token must have
	Tagged    bool   // answers have an ETag
	Needs     right.Right
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
	return Route{name, name != r.operation, r.method, strings.Fields(r.paths), r.in, r.out, r.scope, r.ask != nil, r.needs}
}

// OperationAt is the operation of a method at a path, or "".
func OperationAt(method, escapedPath string) string {
	found, _ := compiled().routes.find(escapedPath)
	if r := found[method]; r != nil {
		return r.shown().Operation
	}
	return ""
}

// TaggedAt reports whether the answer of GET at a path has an ETag.
func TaggedAt(escapedPath string) bool {
	found, _ := compiled().routes.find(escapedPath)
	r := found[http.MethodGet]
	return r != nil && r.ask != nil
}

// Operations is the route table as the OpenAPI document has it.
func Operations() []openapi.Operation { return (&Server{routes: compiled().routes}).operations() }

// LogReaders is how many event logs are being read for subscribers.
func LogReaders(h http.Handler) int {
	l := h.(*Server).logReaders
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.shops)
}

// Hold reserves memory for a client: of the memory for reading bodies, or of the memory for decoding requests. It is nil
// when not enough is left.
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

// Fresh is the answer of GET at a target for a caller of a shop who may see all, without any cache, and its ETag.
func Fresh(h http.Handler, d *db.DB, retailer int64, target string) (answer []byte, tag string, err error) {
	s := h.(*Server)
	r := getRequest(target)
	c := &call{r: r, who: oauth.Identity{Retailer: retailer}}
	c.methods, c.params = s.routes.find(r.URL.EscapedPath())
	c.route = c.methods[http.MethodGet]
	read, err := c.route.ask(s, c)
	if err != nil {
		return nil, "", err
	}
	err = d.Write(r.Context(), db.Actor{Retailer: retailer}, func(tx *db.Tx) (err error) { // writes use no cache
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
	k, kept := s.cache.answers.Peek(keyOf(&call{r: getRequest(target), who: oauth.Identity{Retailer: retailer}}))
	if kept {
		version = k.version
	}
	return version, kept, s.cache.answers.Size()
}

// getRequest is a GET request for a target as clients write it in transcripts.
func getRequest(target string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	at, err := url.ParseRequestURI(target)
	if err != nil {
		panic(err)
	}
	r.URL = at
	return r
}

// ViewOfMember is what hides a member of a resource in the audit log.
func ViewOfMember(resource, member string) wire.View {
	return compiled().views.of(resource, member)
}

// RequestNames are the members that the documents have in requests of an operation, as paths such as orderDetails.productCode.
func RequestNames(operation string) map[string]bool {
	all, o := map[string]bool{}, documents().Operations[operation]
	if o == nil {
		return nil
	}
	var visit func(members documentedMembers, path string, depth int)
	visit = func(members documentedMembers, path string, depth int) {
		for name, of := range members {
			all[join(path, name)] = true
			if of, _ = list(of); depth < 5 {
				visit(documents().Types[of], join(path, name), depth+1)
			}
		}
	}
	visit(o.Query, "", 0)
	visit(documents().Types[o.Body], "", 0)
	return all
}

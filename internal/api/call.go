package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/right"
)

// Call asks for an operation on behalf of a person who is signed in, within this program. It meets the same rules, limits
// and refusals as a request of a client.
type Call struct {
	Operation string            // its name in the route table
	Path      map[string]string // the parameters of its path
	Query     url.Values
	Body      []byte // JSON
	IfMatch   string // the ETag of what the person has seen; of a write
	Key       string // an Idempotency-Key; of a write
	Approval  string // the secret of the approval of another person: see [access.Service.Approve]; of a write
}

// Answer is the answer to a [Call].
type Answer struct {
	Body []byte // JSON, as clients get it
	ETag string // of a reading operation
}

// Do carries out a call. Its error is for [Server.Refuse].
func (s *Server) Do(ctx context.Context, who oauth.Identity, in Call) (answer Answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = db.NewPanic(p)
		}
	}()
	route := s.operationNamed(in.Operation)
	path, _, _ := strings.Cut(route.paths, " ")
	for name, value := range in.Path {
		path = strings.NewReplacer("{"+name+"}", url.PathEscape(value), "{"+name+"...}", url.PathEscape(value)).Replace(path)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	r := (&http.Request{
		Method: route.method, URL: &url.URL{Path: path, RawQuery: in.Query.Encode()}, Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader(in.Body)), ContentLength: int64(len(in.Body)),
	}).WithContext(ctx)
	for name, value := range map[string]string{"If-Match": in.IfMatch, keyHeader: in.Key} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	if len(in.Body) > 0 {
		r.Header["Content-Type"] = jsonType
	}
	w := &recorded{header: http.Header{}}
	c := &call{w: w, r: r, route: route, who: who, inner: true, approval: in.Approval}
	c.methods, c.params = s.routes.find(path)
	defer func() { c.memory.Release() }() // of a large body, which is read below
	if !who.Allows(route.scope) {
		return Answer{}, errNoScope(route.scope)
	}
	if err := c.admit(); err != nil {
		return Answer{}, err
	}
	c.view = viewOf(who.Held)
	if err = route.handle(s, c); err != nil {
		return Answer{}, err
	}
	return Answer{w.body.Bytes(), w.header.Get("Etag")}, nil
}

// operationNamed returns the route of an operation, which exists.
func (s *Server) operationNamed(name string) *route {
	for i := range routes {
		if routes[i].operation == name {
			return &routes[i]
		}
	}
	panic(fmt.Sprintf("there is no operation %q", name))
}

// recorded is a response that stays in memory.
type recorded struct {
	header http.Header
	body   bytes.Buffer
}

func (w *recorded) Header() http.Header         { return w.header }
func (w *recorded) WriteHeader(int)             {}
func (w *recorded) Write(b []byte) (int, error) { return w.body.Write(b) }

// Tokens is the service that knows the clients: who changes one has it forget what it knew.
func (s *Server) Tokens() *oauth.Service { return s.oauth }

// Needs is the right that a person needs for an operation, which exists.
func Needs(operation string) right.Right {
	for i := range routes {
		if routes[i].operation == operation {
			return routes[i].needs
		}
	}
	panic(fmt.Sprintf("there is no operation %q", operation))
}

// Operation returns the types of what an operation takes and answers, and the scope that it needs; zero values if there is no
// such operation.
func Operation(name string) (in, out reflect.Type, scope string) {
	for i := range routes {
		if r := &routes[i]; r.operation == name {
			return r.in, r.out, r.scope
		}
	}
	return nil, nil, ""
}

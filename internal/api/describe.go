package api

import (
	"net/http"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/openapi"
)

// describe adds what describes the API to the paths that need no token: the OpenAPI document and the page that shows it.
func (s *Server) describe(mux *http.ServeMux) {
	s.page(mux, "/openapi.json", "application/json", s.document)
	for _, f := range openapi.Files() {
		s.page(mux, f.Path, f.Type, func() ([]byte, error) { return f.Content, nil })
	}
}

// page answers GET with a text that stays the same as long as the program runs and is made when it is first asked for.
func (s *Server) page(mux *http.ServeMux, path, kind string, text func() ([]byte, error)) {
	made := sync.OnceValues(func() (*kept, error) {
		b, err := text()
		return &kept{body: b, tag: []string{tagOf(b)}}, err
	})
	mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		c := &call{w: w, r: r}
		k, err := made()
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			err = errMethod(w, map[string]*route{http.MethodGet: nil})
		}
		if err != nil {
			s.fail(c, err, w.Header().Get("X-Request-Id"))
			return
		}
		c.kind = []string{kind}
		w.Header().Set("Content-Security-Policy", openapi.Policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		s.sendKept(c, k)
	})
}

// document is the OpenAPI document of the route table.
func (s *Server) document() ([]byte, error) {
	version := "(unknown)"
	if build, ok := debug.ReadBuildInfo(); ok {
		version = build.Main.Version
	}
	return openapi.Document(s.operations(), openapi.Options{
		Version: version, CamelOnly: s.options.CamelOnly, Refusal: reflect.TypeFor[envelope](),
		Scopes: []openapi.Scope{
			{Name: oauth.ScopePublic, About: "What the vendor's API can do."},
			{Name: oauth.ScopeAdmin, About: "Writes of what the vendor's API can only read, for clients made with --admin."},
		},
	})
}

func (s *Server) operations() []openapi.Operation {
	all := make([]openapi.Operation, len(routes))
	for i := range routes {
		r := &routes[i]
		name := strings.Trim(r.operation, "()")
		o := openapi.Operation{
			ID: name, Ours: name != r.operation, Method: r.method, Paths: strings.Fields(r.paths), In: r.in, Out: r.out, Scope: r.scope,
			Tagged: r.look != nil,
		}
		found, params := s.routes.find(o.Paths[0])
		shown := found[http.MethodGet]
		o.Readable = r.look == nil && len(params) > 0 && shown != nil && shown.look != nil
		all[i] = o
	}
	return all
}

package client_test

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/client"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/wire"
)

// route is a method and path of the API, and the client's method for it.
type route struct {
	http, method string
	path         *regexp.Regexp
}

// routes returns the routes of the OpenAPI document, those with fewer placeholders first.
func routes(t *testing.T, d *apitest.Server) []route {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			ID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(d.Send(http.MethodGet, "/openapi.json", "").Body, &doc); err != nil {
		t.Fatal(err)
	}
	var all []route
	for _, path := range slices.SortedFunc(maps.Keys(doc.Paths), func(a, b string) int {
		return strings.Count(a, "{") - strings.Count(b, "{")
	}) {
		pattern := regexp.QuoteMeta(path)
		pattern = strings.NewReplacer(`\{code\}`, `(?P<code>.+)`, `\{code\.\.\.\}`, `(?P<code>.+)`, `\{id\}`, `(?P<id>[^/]+)`).Replace(pattern)
		for method, o := range doc.Paths[path] {
			id := strings.TrimSuffix(o.ID, strings.ToUpper(method[:1])+method[1:]) // the second method of an operation
			name := strings.ToUpper(id[:1]) + id[1:]
			if strings.HasSuffix(name, "Id") {
				name = strings.TrimSuffix(name, "Id") + "ID"
			}
			all = append(all, route{strings.ToUpper(method), name, regexp.MustCompile(`(?i)^` + pattern + `/*$`)})
		}
	}
	return all
}

// replayHandler decodes each request into an input and sends it again with the client: the request that the client encodes
// must get the response that the transcript expects.
type replayHandler struct {
	t         *testing.T
	handler   http.Handler
	routes    []route
	requested *sync.Map // the client's methods that have succeeded
}

func (p *replayHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	method, in := p.decode(r, body)
	if !method.IsValid() {
		p.handler.ServeHTTP(w, r)
		return
	}
	recorder := &recordingTransport{handler: p.handler, template: r}
	c := connect(p.t, client.Config{
		BaseURL: "http://127.0.0.1", Retailer: "x", ClientID: "x", ClientSecret: "x", HTTPClient: &http.Client{Transport: recorder}, Attempts: 1,
	})
	results := reflect.ValueOf(c).MethodByName(p.name(r)).Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
	maps.Copy(w.Header(), recorder.response.Header)
	w.WriteHeader(recorder.response.Status)
	_, _ = w.Write(recorder.response.Body)
	p.check(r, recorder.response, results)
}

// otherSpelling matches paths that the document does not have.
var otherSpelling = regexp.MustCompile(`(?i)^(/salechannel|/trademark)s|^/saleschannels|^/surcharges`)

func (p *replayHandler) find(r *http.Request) (route, []wire.Param) {
	path := otherSpelling.ReplaceAllString(r.URL.EscapedPath(), "$1")
	switch lower := strings.ToLower(r.URL.EscapedPath()); {
	case strings.HasPrefix(lower, "/saleschannels"):
		path = "/salechannel" + path
	case strings.HasPrefix(lower, "/surcharges"):
		path = "/surchages" + path
	}
	for _, route := range p.routes {
		if m := route.path.FindStringSubmatch(path); m != nil && route.http == r.Method {
			var params []wire.Param
			for i, name := range route.path.SubexpNames() {
				if name != "" {
					value, _ := url.PathUnescape(m[i])
					params = append(params, wire.Param{Name: name, Value: value})
				}
			}
			return route, params
		}
	}
	return route{}, nil
}

func (p *replayHandler) name(r *http.Request) string {
	found, _ := p.find(r)
	return found.method
}

// decode returns the client's method of a request and its input, or an invalid method if there is none.
func (p *replayHandler) decode(r *http.Request, body []byte) (method, in reflect.Value) {
	found, params := p.find(r)
	if found.method == "" || r.Header.Get("Accept") == "text/event-stream" || r.Header.Get("Content-Encoding") != "" {
		return method, in
	}
	method = reflect.ValueOf(&client.Client{}).MethodByName(found.method)
	if !method.IsValid() {
		p.t.Errorf("the client has no method %s", found.method)
		return method, in
	}
	in = reflect.New(method.Type().In(1).Elem())
	source := &wire.Source{Path: params, Query: r.URL.RawQuery, Body: body, ContentType: r.Header.Get("Content-Type")}
	if r.Method == http.MethodGet {
		source.Body = nil
	}
	if wire.Decode(source, in.Interface()) != nil {
		return reflect.Value{}, in
	}
	return method, in
}

// check compares the client's result with the response.
func (p *replayHandler) check(r *http.Request, a apitest.Answer, results []reflect.Value) {
	err, _ := results[1].Interface().(error)
	if a.Status != http.StatusOK {
		if err == nil {
			p.t.Errorf("%s %s: %d is no error", r.Method, r.URL, a.Status)
		}
		return
	}
	if err != nil {
		p.t.Errorf("%s %s: %v", r.Method, r.URL, err)
		return
	}
	p.requested.Store(p.name(r), true)
	read := results[0].Interface()
	if c, ok := read.(taphoa.Customer); ok && r.Method != http.MethodGet {
		read = taphoa.CustomerWritten{Customer: c, Message: taphoa.MessageUpdated, Data: c}
	}
	if again := wire.Append(nil, read); !bytes.Equal(again, a.Body) {
		p.t.Errorf("%s %s: the client has read\n%s\nof\n%s", r.Method, r.URL, again, a.Body)
	}
}

// recordingTransport passes the client's requests to a handler, with the headers of the transcript's request, and records
// the response.
type recordingTransport struct {
	handler  http.Handler
	template *http.Request
	response apitest.Answer
}

func (h *recordingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/connect/token" {
		body := `{"access_token":"x","expires_in":100}`
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}, Request: r}, nil
	}
	r = r.Clone(r.Context())
	zipped := r.Header["Content-Encoding"]
	kind := r.Header["Content-Type"]
	r.Header = h.template.Header.Clone()
	r.Header["Content-Encoding"], r.Header["Content-Type"] = zipped, kind
	r.RemoteAddr, r.RequestURI = h.template.RemoteAddr, r.URL.RequestURI()
	h.response = (&apitest.Server{Handler: h.handler}).Do(r)
	return &http.Response{
		StatusCode: h.response.Status, Header: h.response.Header, Body: io.NopCloser(bytes.NewReader(h.response.Body)), Request: r,
	}, nil
}

// TestTheTranscriptsHoldForTheClient sends all transcripts with the client's methods. Each method succeeds at least once.
func TestTheTranscriptsHoldForTheClient(t *testing.T) {
	files, err := filepath.Glob("../internal/api/testdata/*/*.http")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts: ", err)
	}
	var requested sync.Map
	known := routes(t, apitest.New(t, "sqlite"))
	t.Run("play", func(t *testing.T) {
		for _, file := range files {
			s, err := apitest.ReadScript(file)
			if err != nil {
				t.Fatal(err)
			}
			t.Run(strings.TrimSuffix(filepath.Base(file), ".http"), func(t *testing.T) {
				t.Parallel()
				d := apitest.Seeded(t, "sqlite")
				d.Handler = &replayHandler{t: t, handler: d.Handler, routes: known, requested: &requested}
				s.Play(t, d)
			})
		}
	})
	methods := reflect.TypeFor[*client.Client]()
	for i := range methods.NumMethod() {
		name := methods.Method(i).Name
		if _, ok := requested.Load(name); !ok && name != "Follow" {
			t.Error(name, "was never called")
		}
	}
}

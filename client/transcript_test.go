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

// way is a method and path of the API, and the client's method for it.
type way struct {
	http, method string
	path         *regexp.Regexp
}

// ways reads the OpenAPI document: what has fewer placeholders comes first.
func ways(t *testing.T, d *apitest.Server) []way {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			ID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(d.Send(http.MethodGet, "/openapi.json", "").Body, &doc); err != nil {
		t.Fatal(err)
	}
	var all []way
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
			all = append(all, way{strings.ToUpper(method), name, regexp.MustCompile(`(?i)^` + pattern + `/*$`)})
		}
	}
	return all
}

// player stands before a door and lets the client say again what it is asked: what the client has understood of the
// request has to get the answer that the transcript expects.
type player struct {
	t     *testing.T
	door  http.Handler
	ways  []way
	asked *sync.Map // the methods that have got an answer
}

func (p *player) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	method, in := p.understand(r, body)
	if !method.IsValid() {
		p.door.ServeHTTP(w, r)
		return
	}
	heard := &hearing{door: p.door, like: r}
	c := connect(p.t, client.Config{
		BaseURL: "http://door", Retailer: "x", ClientID: "x", ClientSecret: "x", HTTPClient: &http.Client{Transport: heard}, Attempts: 1,
	})
	results := reflect.ValueOf(c).MethodByName(p.name(r)).Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
	maps.Copy(w.Header(), heard.answer.Header)
	w.WriteHeader(heard.answer.Status)
	_, _ = w.Write(heard.answer.Body)
	p.check(r, heard.answer, results)
}

// otherSpelling are paths that the document has no entry for.
var otherSpelling = regexp.MustCompile(`(?i)^(/salechannel|/trademark)s|^/saleschannels|^/surcharges`)

func (p *player) find(r *http.Request) (way, []wire.Param) {
	path := otherSpelling.ReplaceAllString(r.URL.EscapedPath(), "$1")
	switch lower := strings.ToLower(r.URL.EscapedPath()); {
	case strings.HasPrefix(lower, "/saleschannels"):
		path = "/salechannel" + path
	case strings.HasPrefix(lower, "/surcharges"):
		path = "/surchages" + path
	}
	for _, way := range p.ways {
		if m := way.path.FindStringSubmatch(path); m != nil && way.http == r.Method {
			var params []wire.Param
			for i, name := range way.path.SubexpNames() {
				if name != "" {
					value, _ := url.PathUnescape(m[i])
					params = append(params, wire.Param{Name: name, Value: value})
				}
			}
			return way, params
		}
	}
	return way{}, nil
}

func (p *player) name(r *http.Request) string {
	found, _ := p.find(r)
	return found.method
}

// understand makes the input of the client's method of a request, if it can be one.
func (p *player) understand(r *http.Request, body []byte) (method, in reflect.Value) {
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

// check compares what the client has made of an answer with the answer.
func (p *player) check(r *http.Request, a apitest.Answer, results []reflect.Value) {
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
	p.asked.Store(p.name(r), true)
	read := results[0].Interface()
	if c, ok := read.(taphoa.Customer); ok && r.Method != http.MethodGet {
		read = taphoa.CustomerWritten{Customer: c, Message: taphoa.MessageUpdated, Data: c}
	}
	if again := wire.Append(nil, read); !bytes.Equal(again, a.Body) {
		p.t.Errorf("%s %s: the client has read\n%s\nof\n%s", r.Method, r.URL, again, a.Body)
	}
}

// hearing sends the client's requests to a door, with the headers of the request that they stand for.
type hearing struct {
	door   http.Handler
	like   *http.Request
	answer apitest.Answer
}

func (h *hearing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/connect/token" {
		body := `{"access_token":"x","expires_in":100}`
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}, Request: r}, nil
	}
	r = r.Clone(r.Context())
	zipped := r.Header["Content-Encoding"]
	kind := r.Header["Content-Type"]
	r.Header = h.like.Header.Clone()
	r.Header["Content-Encoding"], r.Header["Content-Type"] = zipped, kind
	r.RemoteAddr, r.RequestURI = h.like.RemoteAddr, r.URL.RequestURI()
	h.answer = (&apitest.Server{Handler: h.door}).Do(r)
	return &http.Response{
		StatusCode: h.answer.Status, Header: h.answer.Header, Body: io.NopCloser(bytes.NewReader(h.answer.Body)), Request: r,
	}, nil
}

// TestTheTranscriptsComeOutAsWellThroughTheClient sends all transcripts through the client's methods. Each method gets an
// answer at least once.
func TestTheTranscriptsComeOutAsWellThroughTheClient(t *testing.T) {
	files, err := filepath.Glob("../internal/api/testdata/*/*.http")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts: ", err)
	}
	var asked sync.Map
	known := ways(t, apitest.New(t, "sqlite"))
	t.Run("play", func(t *testing.T) {
		for _, file := range files {
			s, err := apitest.ReadScript(file)
			if err != nil {
				t.Fatal(err)
			}
			t.Run(strings.TrimSuffix(filepath.Base(file), ".http"), func(t *testing.T) {
				t.Parallel()
				d := apitest.Seeded(t, "sqlite")
				d.Handler = &player{t: t, door: d.Handler, ways: known, asked: &asked}
				s.Play(t, d)
			})
		}
	})
	methods := reflect.TypeFor[*client.Client]()
	for i := range methods.NumMethod() {
		name := methods.Method(i).Name
		if _, ok := asked.Load(name); !ok && name != "Follow" {
			t.Error(name, "was never asked")
		}
	}
}

package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/wire"
)

// reader is a server without database: it finds the operation, reads the request into its input, validates that, and
// refuses as the whole server does, but carries out nothing.
func reader() *Server {
	log := slog.New(slog.DiscardHandler)
	return &Server{log: log, routes: compileRoutes(routes), pageMax: taphoa.PageSizeMax}
}

// read reads a request. It returns what was read, unless it was refused with the status of w.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (*call, any) {
	c := &call{w: w, r: r}
	input, err := s.readCall(c)
	c.memory.Release()
	if err != nil {
		s.fail(c, err, "id")
		return c, nil
	}
	return c, input
}

func (s *Server) readCall(c *call) (any, error) {
	found, params := s.routes.find(c.r.URL.EscapedPath())
	if found == nil {
		return nil, errNoRoute(c.r)
	}
	if c.r.Method == http.MethodGet {
		askInQuery(c.r)
	}
	if c.route = found[c.r.Method]; c.route == nil {
		return nil, errMethod(c.w, found)
	}
	c.params = params
	input := reflect.New(c.route.in).Interface()
	return input, s.decode(c, input)
}

// requestOf is a request as net/http would hand it over, nil if it would refuse it.
func requestOf(method, target, body string, header http.Header) *http.Request {
	at, err := url.ParseRequestURI(target)
	if err != nil || method == "" || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return nil
	}
	return (&http.Request{
		Method: method, URL: at, Header: header, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
	}).WithContext(context.Background())
}

// mustBeRefusal fails unless a status and body are a refusal as the contract has it.
func mustBeRefusal(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	var e struct {
		ResponseStatus struct {
			ErrorCode string `json:"errorCode"`
			Message   string `json:"message"`
		} `json:"responseStatus"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || e.ResponseStatus.Message == "" || e.ResponseStatus.ErrorCode == "" {
		t.Fatalf("%d %s has no sentence: %v", w.Code, w.Body, err)
	}
	if w.Code < 400 || w.Code >= 500 {
		t.Fatalf("the refusal is %d %s", w.Code, w.Body)
	}
}

// FuzzRequest sends arbitrary requests to all operations, up to what needs a database: each is read or refused with a
// sentence, and never one and then the other.
func FuzzRequest(f *testing.F) {
	s := reader()
	for _, r := range routes {
		f.Add(r.method, strings.NewReplacer("{", "", "}", "", "...", "").Replace(strings.Fields(r.paths)[0]), "", `{"name":"x","branchId":1}`, "application/json")
	}
	for _, seed := range [][5]string{
		{"GET", "/products/1", "includeInventory=true&BranchIds=1,2&orderBy=name&pageSize=20", "", ""},
		{"GET", "/customers", "", `{"code":"KH1","lastModifiedFrom":"2026-01-01"}`, "application/json"},
		{"POST", "/orders", "", `{"branchId":1,"orderDetails":[{"productId":1,"quantity":2,"discountRatio":5}],"payments":[{"method":"Cash","amount":1}]}`, "application/json"},
		{"PUT", "/orders/2", "dryRun=1", `{"status":5,"orderDelivery":{"receiver":"x","weight":-1}}`, "application/json"},
		{"POST", "/customers", "", "name=a&groupIds[0]=1&birthDate=2000-01-01", "application/x-www-form-urlencoded"},
		{"POST", "/webhooks", "", `{"Webhook":{"Type":"order.update","Url":"https://a.example/","IsActive":true}}`, "application/json"},
		{"GET", "/products/code:A%2FB", "", "", ""},
		{"PATCH", "/products/1", "", "", ""},
		{"GET", "//Orders/", "status=1&status=2", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4])
	}
	f.Fuzz(func(t *testing.T, method, path, query, body, contentType string) {
		if len(path)+len(query)+len(body)+len(contentType) > 2<<10 || strings.ContainsAny(contentType, "\r\n") {
			return
		}
		target := "/" + strings.TrimLeft(path, "/")
		if query != "" {
			target += "?" + query
		}
		send := func() (*httptest.ResponseRecorder, any) {
			r := requestOf(method, target, body, http.Header{"Content-Type": {contentType}})
			if r == nil {
				return nil, nil
			}
			w := httptest.NewRecorder()
			_, input := s.read(w, r)
			if input == nil {
				mustBeRefusal(t, w)
			}
			return w, input
		}
		w, first := send()
		if w == nil || first == nil {
			return
		}
		if _, second := send(); second == nil || !reflect.DeepEqual(first, second) {
			t.Fatalf("%s %s %q is read as %+v, and again as %+v", method, target, body, first, second)
		}
	})
}

// FuzzFind finds the operation of a path, and compares its parameters with how net/url reads the path.
func FuzzFind(f *testing.F) {
	root := compileRoutes(routes)
	for _, seed := range []string{"/products/1", "/Products//code/A/B/", "/products/code:x", "/products/code%3Ax", "/products/code%3A", "/customers/%e1%ba%ae", "/%2e%2e/orders", "/orders/code/%", "", "/products/code/%2f%25"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		at, err := url.ParseRequestURI("/" + path)
		if err != nil {
			return
		}
		escaped := at.EscapedPath()
		found, params := root.find(escaped)
		for _, p := range params {
			// Apart from slashes and the letter case of what is literal, a parameter is a part of the decoded path.
			if !strings.Contains(at.Path, strings.TrimRight(p.Value, "/")) {
				t.Fatalf("%q: the parameter %s is %q, the path is %q", escaped, p.Name, p.Value, at.Path)
			}
		}
		for _, same := range []string{"/" + escaped, escaped + "/"} {
			if other, values := root.find(same); len(other) != len(found) || !reflect.DeepEqual(values, params) {
				t.Fatalf("%q has %d operations with %v, %q has %d with %v", escaped, len(found), params, same, len(other), values)
			}
		}
	})
}

// FuzzFilters reads the query of a list. What is accepted is the same when the Go client sends it, which writes each value in
// one spelling, and the same once more: nothing is lost, limited or moved by the way.
func FuzzFilters(f *testing.F) {
	var lists []*route
	for i := range routes {
		if r := &routes[i]; r.method == get && !strings.Contains(r.paths, "{") {
			lists = append(lists, r)
		}
	}
	for i := range lists {
		f.Add(uint8(i), "pageSize=50&currentItem=100&orderBy=name&orderDirection=Desc&lastModifiedFrom=2026-09-01&branchIds=1,2&status=1&code=x&cursor=*")
	}
	for _, seed := range []string{
		"branchIds=1&branchIds=2&BRANCHIDS[]=3", "status=[1,3]&customerIds=%5B%5D", "fromPurchaseDate=2026-09-01&toPurchaseDate=2026-09-02", "isActive=True&includeRemoveIds=1",
		"pageSize=0&currentItem=-1", "name=Áo+%C4%91%E1%BB%8F&orderBy=%00", "lastModifiedFrom=2026-09-01T08:21:36.1234567%2B07:00", "createdDate=/Date(0)/",
	} {
		f.Add(uint8(len(seed)), seed)
	}
	s := reader()
	f.Fuzz(func(t *testing.T, n uint8, query string) {
		if len(query) > 1<<10 {
			return
		}
		list := lists[int(n)%len(lists)]
		read := func(query string) (any, error) {
			in := reflect.New(list.in).Interface()
			return in, s.fill(&wire.Source{Query: query}, in)
		}
		first, err := read(query)
		if err != nil {
			mustRefuse(t, err, "")
			return
		}
		sent, err := wire.NewRequest("/", false, first)
		if err != nil {
			t.Fatalf("%s?%s is read as %+v, which cannot be sent: %v", list.operation, query, first, err)
		}
		if strings.Contains(sent.Query, "=null") {
			return // the very instant of the epoch means none
		}
		second, err := read(sent.Query)
		if err != nil {
			t.Fatalf("%s?%s is sent as %s, which is refused: %v", list.operation, query, sent.Query, err)
		}
		if again, err := wire.NewRequest("/", false, second); err != nil || again.Query != sent.Query {
			t.Fatalf("%s?%s is sent as %s, and that as %s, %v", list.operation, query, sent.Query, again.Query, err)
		}
	})
}

// FuzzGunzip compares what a body in gzip's form is unpacked to with compress/gzip, which also takes what RFC 1952 reserves.
func FuzzGunzip(f *testing.F) {
	for _, parts := range [][]string{{}, {""}, {`{"name":"x"}`}, {"a", "b"}, {strings.Repeat("0", 1<<10)}} {
		var packed []byte
		for _, part := range parts {
			packed = Gzip(packed, []byte(part))
		}
		f.Add(packed)
		f.Add(packed[:len(packed)/2])
	}
	f.Add([]byte(`{"name":"x"}`))
	s, zip := reader(), new(gzip.Reader)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := s.unpacked(body)
		if err != nil {
			mustRefuse(t, err, "")
			return
		}
		if want, err := unzipped(zip, body); len(body) > 0 && (err != nil || len(want) > bodyMax || !bytes.Equal(got, want)) {
			t.Fatalf("%x is unpacked to %q; want %q, %v", body, got, want, err)
		}
	})
}

// unpacked is what the server reads from a body in gzip's form.
func (s *Server) unpacked(body []byte) ([]byte, error) {
	r := &http.Request{Method: post, Header: http.Header{"Content-Encoding": {"gzip"}}, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body))}
	c := &call{w: httptest.NewRecorder(), r: r}
	got, err := s.readBody(c, make([]byte, 0, 512))
	c.memory.Release()
	return got, err
}

// FuzzGzip packs texts behind what is there: compress/gzip unpacks them.
func FuzzGzip(f *testing.F) {
	for _, seed := range []string{"", "a", "Áo", strings.Repeat("0123456789", 100)} {
		f.Add([]byte(seed))
	}
	zip := new(gzip.Reader)
	var buffer []byte
	f.Fuzz(func(t *testing.T, text []byte) {
		buffer = Gzip(append(buffer[:0], "kept"...), text)
		if back, err := unzipped(zip, buffer[4:]); err != nil || !bytes.Equal(back, text) || string(buffer[:4]) != "kept" {
			t.Fatalf("%q comes back as %q, %v", text, back, err)
		}
	})
}

// unzipped unpacks by compress/gzip with a reader that is used again: a new one takes longer than all else.
func unzipped(with *gzip.Reader, packed []byte) ([]byte, error) {
	if err := with.Reset(bytes.NewReader(packed)); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(with, bodyMax+1))
}

// FuzzIdempotencyKey reads the key of a write: it is taken as it is sent, or refused, and belongs to one request.
func FuzzIdempotencyKey(f *testing.F) {
	for _, seed := range []string{"1", "khóa-1", "\x7f", "a b", "a\u200bb", "\xff", "", strings.Repeat("ă", keyMax), strings.Repeat("a", keyMax+1)} {
		f.Add(seed, "a=1", `{"id":1}`)
	}
	f.Fuzz(func(t *testing.T, text, query, body string) {
		r := &http.Request{Method: post, URL: &url.URL{Path: "/orders", RawQuery: query}, Header: http.Header{keyHeader: {text}}}
		key, err := parseIdempotencyKey(r, []byte(body))
		if err != nil {
			mustRefuse(t, err, keyHeader)
			if utf8.RuneCountInString(text) <= keyMax && text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") == "" {
				t.Fatalf("%q is refused: %v", text, err)
			}
			return
		}
		if n := utf8.RuneCountInString(text); key.key != text || n < 1 || n > keyMax || !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\r\n\x7f") {
			t.Fatalf("%q is read as %q", text, key.key)
		}
		if again, _ := parseIdempotencyKey(r, []byte(body)); *again != *key {
			t.Fatalf("%q is read as %+v, and again as %+v", text, key, again)
		}
		others := []*http.Request{
			{Method: put, URL: r.URL, Header: r.Header},
			{Method: post, URL: &url.URL{Path: "/order", RawQuery: query}, Header: r.Header},
			{Method: post, URL: &url.URL{Path: "/orders", RawQuery: query + "&"}, Header: r.Header},
		}
		for _, r := range others {
			if other, _ := parseIdempotencyKey(r, []byte(body)); other.fingerprint == key.fingerprint {
				t.Fatalf("%s %v has the fingerprint of POST /orders?%s", r.Method, r.URL, query)
			}
		}
		if other, _ := parseIdempotencyKey(r, []byte(body+" ")); other.fingerprint == key.fingerprint {
			t.Fatalf("%q has the fingerprint of the same with a blank", body)
		}
		r.Header[keyHeader] = []string{text, text}
		if _, err := parseIdempotencyKey(r, []byte(body)); err == nil {
			t.Fatalf("%q is taken twice", text)
		}
	})
}

// mustRefuse fails unless an error is a refusal that names the field; without one, any refusal will do.
func mustRefuse(t *testing.T, err error, field string) {
	t.Helper()
	var refusal *taphoa.Error
	if !errors.As(err, &refusal) || refusal.Kind == taphoa.KindInternal || field != "" && refusal.Field != field || refusal.Message == "" {
		t.Fatalf("%#v is no refusal of %s", err, field)
	}
}

// FuzzConditions reads the headers that ask for a changed answer, or for a packed one.
func FuzzConditions(f *testing.F) {
	for _, seed := range []string{`"a", W/"b"`, "*", "gzip;q=0, *;q=1", "x-gzip; q=0.001", "identity", "", ",", "a,b", `"a,b"`, "GZIP ; Q=nan", "gzip;q=-0"} {
		f.Add(seed, `"`+seed+`"`)
	}
	f.Fuzz(func(t *testing.T, text, other string) {
		tag := tagOf(wire.Form{}, []byte(text))
		for _, line := range []string{tag, strings.TrimPrefix(tag, "W/"), other + "," + tag, tag + " , " + other, "*"} {
			if !names([]string{line}, tag) {
				t.Fatalf("%q does not name %s", line, tag)
			}
		}
		if has := names([]string{other}, tag); has && !strings.Contains(other, strings.TrimPrefix(tag, "W/")) && !strings.Contains(other, "*") {
			t.Fatalf("%q names %s", other, tag)
		}
		takes := func(lines ...string) bool {
			return TakesGzip(&http.Request{Header: http.Header{"Accept-Encoding": lines}})
		}
		if takes(text) && !strings.Contains(strings.ToLower(text), "gzip") && !strings.Contains(text, "*") {
			t.Fatalf("%q takes gzip", text)
		}
		if takes(text, other) != takes(text+","+other) {
			t.Fatalf("%q and %q are read apart as %v", text, other, takes(text, other))
		}
		if !takes("gzip, "+text) || takes("gzip;q=0, "+text) {
			t.Fatalf("%q overrules what names gzip before it", text)
		}
	})
}

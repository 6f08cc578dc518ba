package api_test

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/openapi"
)

// described is what the OpenAPI document says beyond the types, written by this test.
const described = "../openapi/described.json"

// TestOpenAPIAndIndexes checks the document of the API against the standard, the route table and the answers of the transcripts,
// and the statements of these against the indexes. Both need all transcripts.
func TestOpenAPIAndIndexes(t *testing.T) {
	t.Parallel()
	texts := &sentTexts{}
	d := apitest.New(t, "sqlite")
	served := d.Send(http.MethodGet, "/openapi.json", "", "Authorization", "", "Retailer", "")
	doc := parse(t, served.Body)
	if served.Status != http.StatusOK || doc == nil {
		t.Fatalf("%d %.300s", served.Status, served.Body)
	}
	t.Run("standard", func(t *testing.T) { holdsToTheStandard(t, doc) })
	t.Run("routes", func(t *testing.T) { hasEveryRoute(t, doc) })
	answers, events := playTranscripts(t, texts)
	t.Run("every index is used", func(t *testing.T) { everyIndexIsUsed(t, texts) })
	t.Run("answers", func(t *testing.T) { fitsEveryAnswer(t, doc, answers) })
	t.Run("events", func(t *testing.T) { tellsOfEveryEvent(t, doc, events) })
	t.Run("described", func(t *testing.T) { isDescribed(t, answers, events) })
	t.Run("languages", func(t *testing.T) { isToldInBothLanguages(t, d) })
}

func parse(t *testing.T, text []byte) map[string]any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v: %.300s", err, text)
	}
	doc, _ := v.(map[string]any)
	return doc
}

// at is what a document has below some names.
func at(doc any, names ...string) any {
	for _, name := range names {
		members, _ := doc.(map[string]any)
		doc = members[name]
	}
	return doc
}

func compiler(t *testing.T, doc any) *jsonschema.Compiler {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource("https://taphoa.test/openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	return c
}

// holdsToTheStandard checks the document against the official schema, and each of its schemas against JSON Schema.
func holdsToTheStandard(t *testing.T, doc map[string]any) {
	text, err := os.ReadFile("../openapi/testdata/openapi-3.1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	c := compiler(t, doc)
	if err := c.AddResource("https://taphoa.test/standard.json", parse(t, text)); err != nil {
		t.Fatal(err)
	}
	standard, err := c.Compile("https://taphoa.test/standard.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := standard.Validate(doc); err != nil {
		t.Error(err)
	}
	schemas, _ := at(doc, "components", "schemas").(map[string]any)
	for name := range schemas {
		if _, err := c.Compile("https://taphoa.test/openapi.json#/components/schemas/" + name); err != nil {
			t.Error(err)
		}
	}
	named := regexp.MustCompile(`"#/(components/[^"]*)"`)
	whole, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range named.FindAllSubmatch(whole, -1) {
		if at(doc, strings.Split(string(m[1]), "/")...) == nil {
			t.Errorf("nothing is called %s", m[1])
		}
	}
}

// hasEveryRoute looks for each line of the route table, once.
func hasEveryRoute(t *testing.T, doc map[string]any) {
	count := 0
	paths, _ := doc["paths"].(map[string]any)
	for _, methods := range paths {
		count += len(methods.(map[string]any))
	}
	ids := map[string]bool{}
	for _, r := range api.Routes() {
		path := strings.ReplaceAll(r.Paths[0], "...}", "}")
		o := at(paths, path, strings.ToLower(r.Method))
		origin := map[bool]string{true: "taphoa", false: "vendor"}[r.Ours]
		id, _ := at(o, "operationId").(string)
		if !strings.HasPrefix(id, r.Operation) || at(o, "x-taphoa-origin") != origin || ids[id] {
			t.Errorf("%s %s is %v, want %s of %s", r.Method, path, id, r.Operation, origin)
		}
		ids[id] = true
		if scopes := fmt.Sprint(at(o, "security")); scopes != "[map[Retailer:[] oauth2:["+r.Scope+"]] map[Retailer:[] bearer:[]]]" {
			t.Errorf("%s has the scopes %s, want %s", r.Operation, scopes, r.Scope)
		}
		if at(doc, "components", "securitySchemes", "oauth2", "flows", "clientCredentials", "scopes", r.Scope) == nil {
			t.Errorf("the scope %s is not explained", r.Scope)
		}
		if summary, _ := at(o, "summary").(string); summary == "" {
			t.Errorf("%s has no summary", r.Operation)
		}
	}
	if count != len(api.Routes()) {
		t.Errorf("%d operations of %d routes", count, len(api.Routes()))
	}
}

// exchange is a request of a transcript and its answer.
type exchange struct {
	operation, what string
	request, answer []byte
	status          int
}

// playTranscripts plays all transcripts and returns their answers, in their order, and the events that they left. It collects
// the statements that they send.
func playTranscripts(t *testing.T, texts *sentTexts) (answers, events []exchange) {
	t.Helper()
	all := scripts(t)
	answersOf, eventsOf := make([][]exchange, len(all)), make([][]exchange, len(all))
	t.Run("transcripts", func(t *testing.T) {
		for i, s := range all {
			t.Run(s.File, func(t *testing.T) {
				t.Parallel()
				d := apitest.Seeded(t, "sqlite")
				texts.collect(d)
				plain := d.Handler
				d.Handler = recorder{plain, s.File, &answersOf[i]}
				s.Play(t, d)
				d.Handler = recorder{plain, s.File, &eventsOf[i]}
				d.Send(http.MethodGet, "/events?limit=1000", "")
				d.Handler = plain
				askBesides(t, d, s)
			})
		}
	})
	return slices.Concat(answersOf...), slices.Concat(eventsOf...)
}

// recorder records the requests of operations and their answers.
type recorder struct {
	inner    http.Handler
	file     string
	recorded *[]exchange
}

func (h recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	method, path, query := r.Method, r.URL.EscapedPath(), r.URL.RawQuery
	a := (&apitest.Server{Handler: h.inner}).Do(r)
	maps.Copy(w.Header(), a.Header)
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
	if operation := api.OperationAt(method, path); operation != "" && strings.Contains(a.Header.Get("Content-Type"), "json") {
		what := fmt.Sprintf("%s: %s %s?%s", h.file, method, path, query)
		*h.recorded = append(*h.recorded, exchange{operation, what, body, a.Body, a.Status})
	}
}

// closed is a document whose answers have no members but those that it names: what is not described must not be sent.
func closed(doc map[string]any) map[string]any {
	schemas, _ := at(doc, "components", "schemas").(map[string]any)
	var seal func(at any)
	seal = func(at any) {
		switch at := at.(type) {
		case map[string]any:
			if name, ok := at["$ref"].(string); ok {
				if s, ok := schemas[strings.TrimPrefix(name, "#/components/schemas/")].(map[string]any); ok && s["additionalProperties"] == nil {
					seal(s)
				}
			}
			if at["properties"] != nil && at["additionalProperties"] == nil {
				at["additionalProperties"] = false
			}
			for _, v := range at {
				seal(v)
			}
		case []any:
			for _, v := range at {
				seal(v)
			}
		}
	}
	for _, methods := range doc["paths"].(map[string]any) {
		for _, o := range methods.(map[string]any) {
			seal(at(o, "responses", "200"))
		}
	}
	seal(at(doc, "components", "responses"))
	seal(doc["webhooks"])
	return doc
}

// schemaOf compiles a schema of an operation.
func schemaOf(t *testing.T, c *jsonschema.Compiler, r *api.Route, rest string) *jsonschema.Schema {
	t.Helper()
	path := strings.NewReplacer("...}", "}", "/", "~1", "{", "%7B", "}", "%7D").Replace(r.Paths[0])
	s, err := c.Compile("https://taphoa.test/openapi.json#/paths/" + path + "/" + strings.ToLower(r.Method) + "/" + rest + "/content/application~1json/schema")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fitsEveryAnswer checks answers against the document.
func fitsEveryAnswer(t *testing.T, doc map[string]any, answers []exchange) {
	c := compiler(t, closed(doc))
	schemas := map[string]*jsonschema.Schema{}
	for _, r := range api.Routes() {
		schemas[r.Operation] = schemaOf(t, c, &r, "responses/200")
	}
	refusal, err := c.Compile("https://taphoa.test/openapi.json#/components/responses/Refused/content/application~1json/schema")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range answers {
		schema := schemas[x.operation]
		if x.status >= 400 {
			schema = refusal
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(x.answer))
		if err == nil {
			err = schema.Validate(v)
		}
		if err != nil {
			t.Errorf("%s: %v", x.what, err)
		}
	}
	if len(answers) < 100 {
		t.Errorf("only %d answers recorded", len(answers))
	}
}

// isDescribed compares what is written with the contract and the transcripts, or writes it.
func isDescribed(t *testing.T, answers, events []exchange) {
	about := describe(t, answers, events)
	want, err := json.Marshal(about, json.Deterministic(true), jsontext.WithIndent("\t"))
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	have, err := os.ReadFile(described)
	if err == nil && bytes.Equal(have, want) {
		return
	}
	if !apitest.Updating() {
		t.Fatalf("%s is not what the contract and the transcripts say: run go test ./internal/api -run OpenAPI -update", described)
	}
	if err := os.WriteFile(described, want, 0o600); err != nil {
		t.Fatal(err)
	}
}

// describe gathers the contract's notes, and from the transcripts an example of each operation: the first whose request
// is as the document has it.
func describe(t *testing.T, answers, events []exchange) *openapi.Descriptions {
	about := &openapi.Descriptions{
		Operations: map[string]*openapi.About{}, Members: map[string]map[string]string{}, Required: required(t, answers), Events: samples(t, events),
	}
	for _, r := range api.Routes() {
		about.Operations[r.Operation] = &openapi.About{}
	}
	served(t, func(c *contract, o *operation, r *api.Route) {
		a := about.Operations[r.Operation]
		a.Resource, a.Note = c.Resource, meaning(o.Note)
		for _, m := range slices.Concat(o.Query, o.PathParams) {
			if note := meaning(m.Note); note != "" {
				if a.Parameters == nil {
					a.Parameters = map[string]string{}
				}
				a.Parameters[parameterOf(r.In, m.Name)] = note
			}
		}
		for _, h := range o.Headers {
			a.Headers = append(a.Headers, h.Name)
		}
		n := &notes{contract: c, about: about, done: map[reflect.Type]bool{}}
		n.take(r.In, c.Types[o.Body])
		item := c.Types[o.Response.Item]
		switch out := elementOf(r.Out); o.Response.Shape {
		case "page", "wrapped":
			n.take(elementOf(answered(out)["data"]), item)
		default:
			n.take(out, item)
		}
	})
	document, err := openapi.Document(api.Operations(), openapi.Options{Version: "x", Refusal: reflect.TypeFor[struct{}](), Described: about})
	if err != nil {
		t.Fatal(err)
	}
	doc := parse(t, document)
	c := compiler(t, doc)
	for _, r := range api.Routes() {
		var takes *jsonschema.Schema
		if at(doc, "paths", strings.ReplaceAll(r.Paths[0], "...}", "}"), strings.ToLower(r.Method), "requestBody") != nil {
			takes = schemaOf(t, c, &r, "requestBody")
		}
		if x := example(r.Operation, takes, answers); x != nil {
			a := about.Operations[r.Operation]
			if answer := compact(t, x.answer); len(answer) <= answerWorst {
				a.Answer = answer
			}
			if takes != nil && len(x.request) > 0 {
				a.Request = compact(t, x.request)
			}
		}
	}
	return about
}

// How many bytes a request, and an answer, may have to be easy to read as an example.
const (
	requestMax  = 500
	answerMax   = 3000
	answerWorst = 5000 // when there is no shorter one, with its lists cut
)

// example is the best success, the first of equals: its answer short, its request valid for the document, short, and with as
// much in it as possible.
func example(operation string, takes *jsonschema.Schema, answers []exchange) (best *exchange) {
	quality := func(x *exchange) int {
		if strings.HasPrefix(x.what, "testdata/clients/") { // odd spellings, which are no example
			return 0
		}
		if len(x.answer) > answerMax {
			return 1
		}
		if takes == nil || len(x.request) == 0 {
			return 2
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(x.request))
		if err != nil || takes.Validate(v) != nil {
			return 2
		}
		if len(x.request) > requestMax {
			return 3
		}
		return 3 + len(x.request)
	}
	most := 0
	for i := range answers {
		if x := &answers[i]; x.operation == operation && x.status == http.StatusOK && quality(x) > most {
			best, most = x, quality(x)
		}
	}
	return best
}

// evidence is what a note says about the documents rather than about the shop.
var evidence = regexp.MustCompile(`(?i)document|print|live|client|seed|source|pdf|spel|\btyp[eo]|copied|example|accept|treat|ignore|emit|see |` +
	`capital|record(ed|s an)|drawn|drawing|mislabel|legend|bare|changelog|revision|JSON|conflict|alias|int |the detail|purpose|keep the|` +
	`current( docs| only|:)|from current|byte|echo|slip|lower-case|send |calls? it|section|remark|singular|vienthuong|one member|placeholder|` +
	`response|not needed|plugin|as above|optional|decimal|always voucher|payment by voucher|no operation|no request|not clear|without them return|there is no|everywhere|it is an int|refer to a batch|long here|values are|update's comment|unlike other|in l and|in c and|c and x|elsewhere|mention|text also|e\.g\.$|write whole|do not filter|always null|comment|described as|^use |^written as|plural|branchs|pascal|named code|text unknown|\? here|^always -1|` +
	`^1$|^endpoint|in the query string here|same object as|^links|^default \d|one object|that order|^not listed|^default|^with |` +
	`^before tax|^list:|^required on|^may be html|^percent$|^amount$|^ward$|^rate$|^full name$|^creator$|^line order|^not present|^tax rate$|^all customers|^all users|` +
	`^computed|^campaign must|^only vouchers|^same values|^instead of|^productId `)

// meaning are the sentences of a note that are for users of the API.
func meaning(note string) string {
	var kept []string
	for _, s := range strings.SplitAfter(strings.ReplaceAll(note, "; ", ". "), ". ") {
		if s = strings.TrimSuffix(strings.TrimSpace(s), "."); s == "" || evidence.MatchString(s) || strings.HasPrefix(s, "list:") {
			continue
		}
		if first, _, _ := strings.Cut(s, " "); strings.ToLower(first) == first { // productId stays as it is
			s = strings.ToUpper(s[:1]) + s[1:]
		}
		kept = append(kept, s+".")
	}
	return strings.Join(kept, " ")
}

// notes takes the contract's notes on members over to the Go types that have them.
type notes struct {
	contract *contract
	about    *openapi.Descriptions
	done     map[reflect.Type]bool
}

func (n *notes) take(t reflect.Type, members []member) {
	if t = elementOf(t); t == nil || t.Kind() != reflect.Struct || n.done[t] {
		return
	}
	n.done[t] = true
	eachField(t, func(f reflect.StructField) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		for _, m := range members {
			if name == "" || !strings.EqualFold(m.Name, name) {
				continue
			}
			if note := meaning(m.Note); note != "" {
				of := n.about.Members[openapi.TypeName(t)]
				if of == nil {
					of = map[string]string{}
					n.about.Members[openapi.TypeName(t)] = of
				}
				if of[name] == "" {
					of[name] = note
				}
			}
			n.take(f.Type, n.contract.Types[strings.TrimSuffix(m.Type, "[]")])
		}
	})
}

// parameterOf is our spelling of a parameter.
func parameterOf(t reflect.Type, name string) string {
	eachField(t, func(f reflect.StructField) {
		for _, from := range []string{"query", "path"} {
			if f.Tag.Get(from) != "" && slices.ContainsFunc(strings.Split(f.Tag.Get("alias")+","+f.Tag.Get(from), ","), func(n string) bool { return strings.EqualFold(n, name) }) {
				name = f.Tag.Get(from)
			}
		}
	})
	return name
}

// invented replaces the client of the transcripts: the document is public.
var invented = strings.NewReplacer("7a000000-0000-4000-8000-000000000001", "5f0c1d8e-3b7a-4e61-9c24-8d1f6a2b7e90", "apitest", "Web")

// compact is an example without blanks, and with one element of each list at its top.
func compact(t *testing.T, text []byte) jsontext.Value {
	t.Helper()
	const top = 2 // the depth of the list in {"data":[…]}
	d := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true))
	var out bytes.Buffer
	e := jsontext.NewEncoder(&out, jsontext.AllowDuplicateNames(true))
	for {
		if kind, count := d.StackIndex(d.StackDepth()); kind == '[' && count > 0 && d.StackDepth() <= top && d.PeekKind() != ']' {
			if err := d.SkipValue(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		token, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			return jsontext.Value(invented.Replace(strings.TrimSpace(out.String())))
		}
		if err == nil {
			err = e.WriteToken(token)
		}
		if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
}

// TestTheDocsNeedNoOtherServer reads the page that shows the document, and the files that it uses.
func TestTheDocsNeedNoOtherServer(t *testing.T) {
	t.Parallel()
	d := apitest.New(t, "sqlite")
	for _, path := range []string{"/docs", "/docs/", "/docs?lang=vi"} {
		a := d.Send(http.MethodGet, path, "", "Authorization", "", "Retailer", "")
		page := string(a.Body)
		if a.Status != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") || strings.Contains(page, "//") {
			t.Errorf("%s: %d %v %s", path, a.Status, a.Header, page)
		}
		isGuarded(t, path, a)
		used := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1)
		for _, m := range used {
			url := html.UnescapeString(m[1])
			if url == "/" || strings.HasPrefix(url, "/?") { // for browsers alone
				continue
			}
			a := d.Send(http.MethodGet, url, "", "Authorization", "", "Accept-Encoding", "gzip")
			if a.Status != http.StatusOK || a.Header.Get("Content-Encoding") != "gzip" && len(a.Body) >= 1<<10 {
				t.Errorf("%s: %d %v", url, a.Status, a.Header)
			}
			plainly := d.Send(http.MethodGet, url, "", "Authorization", "")
			if a.Header.Get("Content-Encoding") == "gzip" && plain(t, a) != string(plainly.Body) {
				t.Errorf("%s has another text for clients without gzip", url)
			}
			if a := d.Send(http.MethodGet, url, "", "Accept-Encoding", "gzip", "If-None-Match", a.Header.Get("ETag")); a.Status != http.StatusNotModified {
				t.Errorf("%s again: %d", url, a.Status)
			}
		}
		if len(used) < 8 {
			t.Errorf("%s uses %v", path, used)
		}
	}
	if a := d.Send(http.MethodGet, "/docs/scalar.license.txt", ""); a.Status != http.StatusOK || !strings.Contains(string(a.Body), "MIT License") {
		t.Errorf("the script's licence: %d", a.Status)
	}
	for _, path := range []string{"/openapi.json", "/docs/page.js"} {
		if a := d.Send(http.MethodPost, path, "{}"); a.Status != http.StatusMethodNotAllowed || a.Header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("POST %s: %d %v", path, a.Status, a.Header)
		}
	}
	if a := d.Send(http.MethodGet, "/docs/nothing.js", ""); a.Status != http.StatusNotFound {
		t.Errorf("what is not there: %d", a.Status)
	}
}

// isGuarded checks the headers of a page: the browser asks only this server and sends no referrer.
func isGuarded(t *testing.T, path string, a apitest.Answer) {
	t.Helper()
	policy := a.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "script-src 'self';") ||
		!strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "http") || strings.Contains(policy, "*") {
		t.Errorf("%s lets the browser ask others: %s", path, policy)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s has the header %s: %q", path, name, got)
		}
	}
}

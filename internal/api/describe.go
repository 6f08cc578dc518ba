package api

import (
	"bytes"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/language"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/openapi"
	"github.com/taphoa/taphoa/internal/webhook"
	"github.com/taphoa/taphoa/internal/wire"
)

// describe adds what describes the API to the paths that need no token: the OpenAPI document and the page that shows it.
func (s *Server) describe() {
	s.page("/openapi.json", "application/json", func(r *http.Request) string { return asked(r, "") }, s.document)
	s.page("/docs", "text/html; charset=utf-8", languageOf, func(language string) ([]byte, error) {
		return openapi.Page(language, s.options.Demo)
	})
	for _, f := range slices.Concat(openapi.Files(), homeFiles) {
		s.file(&f)
	}
}

// languages matches what a browser wants with what there is.
var languages = func() language.Matcher {
	var tags []language.Tag
	for _, name := range openapi.Languages {
		tags = append(tags, language.Make(name))
	}
	return language.NewMatcher(tags)
}()

// asked is the best of the languages: what ?lang= says, else what the browser prefers, else the first.
func asked(r *http.Request, preferred string) string {
	_, at := language.MatchStrings(languages, r.URL.Query().Get("lang"), preferred)
	return openapi.Languages[at]
}

func languageOf(r *http.Request) string { return asked(r, r.Header.Get("Accept-Language")) }

// page serves a text at a path. It stays the same in each language as long as the program runs, and is made at the first
// request.
func (s *Server) page(
	path, kind string, choose func(*http.Request) string, text func(language string) ([]byte, error),
) {
	texts := map[string]func() (*cachedAnswer, error){}
	for _, name := range openapi.Languages {
		texts[name] = sync.OnceValues(func() (*cachedAnswer, error) {
			b, err := text(name)
			return &cachedAnswer{body: b, tag: []string{tagOf(wire.Form{}, b)}}, err
		})
	}
	s.public[path] = s.readable(func(w http.ResponseWriter, r *http.Request) {
		c := &call{w: w, r: r, kind: []string{kind}}
		k, err := texts[choose(r)]()
		if err != nil {
			s.fail(c, err, w.Header().Get("X-Request-Id"))
			return
		}
		w.Header().Set("Content-Security-Policy", openapi.Policy) // a browser asks no other server
		w.Header()["Vary"] = varyLanguage
		w.Header().Set("Cache-Control", "no-cache") // kept by browsers, but asked for with its ETag each time
		s.sendKept(c, k)
	})
}

// file serves a part of the page. Browsers cache one that has a version in its name without asking again.
func (s *Server) file(f *openapi.File) {
	plain := sync.OnceValues(func() (*cachedAnswer, error) {
		b := f.Content
		if f.Zipped {
			from, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				return nil, err
			}
			if b, err = io.ReadAll(from); err != nil {
				return nil, err
			}
		}
		return &cachedAnswer{body: b, tag: []string{tagOf(wire.Form{}, b)}}, nil
	})
	tag := []string{tagOf(wire.Form{}, f.Content)}
	s.public[f.Path] = s.readable(func(w http.ResponseWriter, r *http.Request) {
		c := &call{w: w, r: r, kind: []string{f.Type}}
		w.Header().Set("Content-Security-Policy", openapi.Policy)
		w.Header().Set("Cache-Control", "no-cache")
		if f.Zipped {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			if TakesGzip(r) {
				if !c.unchanged(tag) {
					w.Header()["Content-Encoding"] = gzipEncoding
					c.begin(http.StatusOK, len(f.Content))
					_, _ = w.Write(f.Content)
				}
				return
			}
		}
		k, err := plain()
		if err != nil {
			s.fail(c, err, w.Header().Get("X-Request-Id"))
			return
		}
		s.sendKept(c, k)
	})
}

// readable is a handler that refuses other methods than GET.
func (s *Server) readable(answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			s.fail(&call{w: w, r: r}, errMethod(w, map[string]*route{http.MethodGet: nil}), w.Header().Get("X-Request-Id"))
			return
		}
		answer(w, r)
	}
}

// document is the OpenAPI document of the route table.
func (s *Server) document(language string) ([]byte, error) {
	verify, err := snippets()
	if err != nil {
		return nil, err
	}
	var examples map[string]jsontext.Value
	if s.options.Demo != nil {
		examples = s.options.Demo.Examples
	}
	return openapi.Document(s.operations(), openapi.Options{
		Version: ReadBuild().Version, Language: language, CamelOnly: s.options.CamelOnly, Refusal: reflect.TypeFor[Envelope](), Events: events, Verify: verify,
		Examples: examples,
		Scopes: []openapi.Scope{
			{Name: oauth.ScopePublic, About: "What the vendor's API can do."},
			{Name: oauth.ScopeAdmin, About: "Writes of what the vendor's API can only read, for clients made with --admin."},
		},
	})
}

// events are the types of events with what they say about a record.
var events = []openapi.Event{
	{Type: "customer.update", Item: reflect.TypeFor[taphoa.CustomerData]()},
	{Type: "customer.delete", Item: reflect.TypeFor[int64](), RemoveIDs: true},
	{Type: "product.update", Item: reflect.TypeFor[taphoa.ProductData]()},
	{Type: "product.delete", Item: reflect.TypeFor[int64](), RemoveIDs: true},
	{Type: "stock.update", Item: reflect.TypeFor[taphoa.StockData]()},
	{Type: "order.update", Item: reflect.TypeFor[taphoa.OrderData]()},
	{Type: "invoice.update", Item: reflect.TypeFor[taphoa.InvoiceData]()},
	{Type: "pricebook.update", Item: reflect.TypeFor[taphoa.PriceBookData]()},
	{Type: "pricebook.delete", Item: reflect.TypeFor[int64]()},
	{Type: "pricebookdetail.update", Item: reflect.TypeFor[taphoa.PriceBookDetailData]()},
	{Type: "pricebookdetail.delete", Item: reflect.TypeFor[taphoa.PriceBookDetailRemoved]()},
	{Type: "category.update", Item: reflect.TypeFor[taphoa.CategoryData]()},
	{Type: "category.delete", Item: reflect.TypeFor[int64](), RemoveIDs: true},
	{Type: "branch.update", Item: reflect.TypeFor[taphoa.BranchData]()},
	{Type: "branch.delete", Item: reflect.TypeFor[int64](), RemoveIDs: true},

	{Type: "return.update", Ours: true, PascalCase: true, Item: reflect.TypeFor[taphoa.Return]()},
	{Type: "purchaseorder.update", Ours: true, PascalCase: true, Item: reflect.TypeFor[taphoa.PurchaseOrder]()},
	{Type: "ordersupplier.update", Ours: true, PascalCase: true, Item: reflect.TypeFor[taphoa.OrderSupplier]()},
	{Type: "transfer.update", Ours: true, PascalCase: true, Item: reflect.TypeFor[taphoa.Transfer]()},
	{Type: "supplier.update", Ours: true, PascalCase: true, Item: reflect.TypeFor[taphoa.Supplier]()},
	{Type: "supplier.delete", Ours: true, Item: reflect.TypeFor[int64]()},
	{Type: "cashflow.update", Ours: true, PascalCase: true, Item: reflect.TypeFor[taphoa.CashFlow]()},
	{Type: "debtadjustment.update", Ours: true, PascalCase: true, Item: reflect.TypeFor[taphoa.DebtAdjustment]()},
}

// snippets are the functions that check a signature.
func snippets() ([]openapi.Snippet, error) {
	all := []openapi.Snippet{
		{Language: "Node.js", Syntax: "js", Code: "node.js"},
		{Language: "PHP", Syntax: "php", Code: "php.php"},
		{Language: "Python", Syntax: "python", Code: "python.py"},
		{Language: "Go", Syntax: "go", Code: "go.go.txt"},
	}
	for i := range all {
		text, err := webhook.VerifyFS.ReadFile("verify/" + all[i].Code)
		if err != nil {
			return nil, err
		}
		all[i].Code = string(text)
	}
	return all, nil
}

func (s *Server) operations() []openapi.Operation {
	all := make([]openapi.Operation, len(routes))
	for i := range routes {
		r := &routes[i]
		name := strings.Trim(r.operation, "()")
		o := openapi.Operation{
			ID: name, Ours: name != r.operation, Method: r.method, Paths: strings.Fields(r.paths), In: r.in, Out: r.out, Scope: r.scope,
			Tagged: r.ask != nil, Admin: r.scope == oauth.ScopeAdmin,
		}
		found, params := s.routes.find(o.Paths[0])
		shown := found[http.MethodGet]
		o.Readable = r.ask == nil && len(params) > 0 && shown != nil && shown.ask != nil
		all[i] = o
	}
	return all
}

package api

import (
	"net/http"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/openapi"
	"github.com/taphoa/taphoa/internal/webhook"
)

// describe adds what describes the API to the paths that need no token: the OpenAPI document and the pages for people.
func (s *Server) describe(mux *http.ServeMux) {
	s.page(mux, "/openapi.json", "application/json", s.document)
	for _, f := range openapi.Files() {
		s.page(mux, f.Path, f.Type, func(string) ([]byte, error) { return f.Content, nil })
	}
}

// page answers GET with a text that stays the same in its language as long as the program runs and is made when it is
// first asked for.
func (s *Server) page(mux *http.ServeMux, path, kind string, text func(language string) ([]byte, error)) {
	texts := map[string]func() (*kept, error){}
	for _, language := range openapi.Languages {
		texts[language] = sync.OnceValues(func() (*kept, error) {
			b, err := text(language)
			return keep(b, len(b), len(b), []string{tagOf(b, len(b), len(b))}), err
		})
	}
	mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		c := &call{w: w, r: r}
		made := texts[r.URL.Query().Get("lang")]
		if made == nil {
			made = texts[openapi.Languages[0]]
		}
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
func (s *Server) document(language string) ([]byte, error) {
	verify, err := snippets()
	if err != nil {
		return nil, err
	}
	return openapi.Document(s.operations(), openapi.Options{
		Version: version(), Language: language, CamelOnly: s.options.CamelOnly, Refusal: reflect.TypeFor[envelope](), Events: events, Verify: verify,
		Scopes: []openapi.Scope{
			{Name: oauth.ScopePublic, About: "What the vendor's API can do."},
			{Name: oauth.ScopeAdmin, About: "Writes of what the vendor's API can only read, for clients made with --admin."},
		},
	})
}

// version is that of the program.
func version() string {
	if build, ok := debug.ReadBuildInfo(); ok && build.Main.Version != "" {
		return build.Main.Version
	}
	return "(unknown)"
}

// events are the types of events with what they say about a record.
var events = []openapi.Event{
	{Type: "customer.update", Item: reflect.TypeFor[taphoa.CustomerData]()},
	{Type: "customer.delete", Item: reflect.TypeFor[int64](), Again: true},
	{Type: "product.update", Item: reflect.TypeFor[taphoa.ProductData]()},
	{Type: "product.delete", Item: reflect.TypeFor[int64](), Again: true},
	{Type: "stock.update", Item: reflect.TypeFor[taphoa.StockData]()},
	{Type: "order.update", Item: reflect.TypeFor[taphoa.OrderData]()},
	{Type: "invoice.update", Item: reflect.TypeFor[taphoa.InvoiceData]()},
	{Type: "pricebook.update", Item: reflect.TypeFor[taphoa.PriceBookData]()},
	{Type: "pricebook.delete", Item: reflect.TypeFor[int64]()},
	{Type: "pricebookdetail.update", Item: reflect.TypeFor[taphoa.PriceBookDetailData]()},
	{Type: "pricebookdetail.delete", Item: reflect.TypeFor[taphoa.PriceBookDetailRemoved]()},
	{Type: "category.update", Item: reflect.TypeFor[taphoa.CategoryData]()},
	{Type: "category.delete", Item: reflect.TypeFor[int64](), Again: true},
	{Type: "branch.update", Item: reflect.TypeFor[taphoa.BranchData]()},
	{Type: "branch.delete", Item: reflect.TypeFor[int64](), Again: true},

	{Type: "return.update", Ours: true, Noun: true, Item: reflect.TypeFor[taphoa.Return]()},
	{Type: "purchaseorder.update", Ours: true, Noun: true, Item: reflect.TypeFor[taphoa.PurchaseOrder]()},
	{Type: "ordersupplier.update", Ours: true, Noun: true, Item: reflect.TypeFor[taphoa.OrderSupplier]()},
	{Type: "transfer.update", Ours: true, Noun: true, Item: reflect.TypeFor[taphoa.Transfer]()},
	{Type: "supplier.update", Ours: true, Noun: true, Item: reflect.TypeFor[taphoa.Supplier]()},
	{Type: "supplier.delete", Ours: true, Item: reflect.TypeFor[int64]()},
	{Type: "cashflow.update", Ours: true, Noun: true, Item: reflect.TypeFor[taphoa.CashFlow]()},
}

// snippets are the functions that check a signature.
func snippets() ([]openapi.Snippet, error) {
	all := []openapi.Snippet{{Language: "Node.js", Code: "node.js"}, {Language: "PHP", Code: "php.php"}, {Language: "Python", Code: "python.py"}, {Language: "Go", Code: "go.go.txt"}}
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
			Tagged: r.look != nil, Admin: r.scope == oauth.ScopeAdmin,
		}
		found, params := s.routes.find(o.Paths[0])
		shown := found[http.MethodGet]
		o.Readable = r.look == nil && len(params) > 0 && shown != nil && shown.look != nil
		all[i] = o
	}
	return all
}

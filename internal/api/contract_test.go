package api_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/wire"
)

// contract is one file of testdata/contract: what the vendor's documents and real clients say about some operations.
type contract struct {
	Resource   string
	Operations []operation
	Types      map[string][]member
	Messages   []struct {
		Text string
		In   []string
	}
}

type operation struct {
	ID          string
	Method      string
	Path        string
	Aliases     []string `yaml:"aliases"`
	PathAliases []string `yaml:"path_aliases"`
	Host        string
	PathParams  []member `yaml:"path_params"`
	Query       []member
	Headers     []member
	Summary     string
	Note        string
	Body        string
	Response    struct {
		Shape   string
		Item    string
		Message string
		Extra   []member
	}
}

type member struct {
	Name     string
	Type     string
	Alias    string
	Required bool
	In       []string
	Note     string
}

func contracts(t *testing.T) []*contract {
	t.Helper()
	files, err := filepath.Glob("testdata/contract/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no contract: ", err)
	}
	var all []*contract
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := &contract{}
		if err := yaml.Unmarshal(text, c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, c)
	}
	return all
}

// served visits the operations of the contract that the API's host answers.
func served(t *testing.T, visit func(c *contract, o *operation, r *api.Route)) {
	t.Helper()
	routes := api.Routes()
	for _, c := range contracts(t) {
		for i := range c.Operations {
			o := &c.Operations[i]
			if o.Host == "identity" {
				continue
			}
			at := slices.IndexFunc(routes, func(r api.Route) bool { return r.Operation == o.ID && !r.Ours })
			if at < 0 {
				t.Errorf("%s: no route is called %s (%s %s)", c.Resource, o.ID, o.Method, o.Path)
				continue
			}
			visit(c, o, &routes[at])
		}
	}
}

var restPattern = regexp.MustCompile(`\.\.\.\}`)

// TestEveryDocumentedOperationHasARoute compares methods and paths, also those that only clients use.
func TestEveryDocumentedOperationHasARoute(t *testing.T) {
	known := map[string]bool{}
	served(t, func(c *contract, o *operation, r *api.Route) {
		known[o.ID] = true
		if r.Method != o.Method {
			t.Errorf("%s: %s has the method %s, the contract %s", c.Resource, o.ID, r.Method, o.Method)
		}
		var paths []string
		for _, p := range r.Paths {
			paths = append(paths, strings.ToLower(restPattern.ReplaceAllString(p, "}")))
		}
		for _, p := range slices.Concat([]string{o.Path}, o.Aliases, o.PathAliases) {
			if !slices.Contains(paths, strings.ToLower(p)) && shared[o.ID+" "+p] == "" {
				t.Errorf("%s: %s has no path %s, only %s", c.Resource, o.ID, p, r.Paths)
			}
		}
	})
	for _, r := range api.Routes() {
		if !r.Ours && !known[r.Operation] {
			t.Errorf("%s is no operation of the contract: put its name in brackets", r.Operation)
		}
	}
}

// shared are documented paths that another operation's path answers, and which.
var shared = map[string]string{"getSupplierByCode /suppliers/{code}": "getSupplierById"}

// notShown are documented members that answers leave out, and why.
var notShown = map[string]string{
	"getOrderSupplier.(members of OrderSupplier except total)": "not a name: the members are there",
	"OrderSupplier.discountRatio":                              "shown as a number, which the contract prefers to the documented string",
}

// TestEveryDocumentedMemberIsInTheAnswers finds members that an answer's type lacks, or has with another JSON type.
func TestEveryDocumentedMemberIsInTheAnswers(t *testing.T) {
	served(t, func(c *contract, o *operation, r *api.Route) {
		check := &answerCheck{t: t, contract: c, operation: o.ID, done: map[string]bool{}}
		out := r.Out
		for out.Kind() == reflect.Pointer {
			out = out.Elem()
		}
		item, itemMembers := out, c.Types[o.Response.Item]
		switch o.Response.Shape {
		case "page":
			check.members(out, []member{
				{Name: "total", Type: "int"},
				{Name: "pageSize", Type: "int"},
				{Name: "data", Type: "object[]"},
				{Name: "timestamp", Type: "datetime"},
			}, "page")
			item = elementOf(answered(out)["data"])
		case "wrapped":
			item = elementOf(answered(out)["data"])
			if o.Response.Message != "" {
				check.members(out, []member{{Name: "message", Type: "string"}}, "wrapped")
			}
		case "array":
			item = elementOf(out)
		case "message":
			itemMembers = []member{{Name: "message", Type: "string"}}
		case "object":
		default:
			t.Errorf("%s: %s has an answer of an unknown shape %q", c.Resource, o.ID, o.Response.Shape)
		}
		if item == nil {
			t.Errorf("%s: the answer of %s has no data", c.Resource, o.ID)
			return
		}
		if len(itemMembers) == 0 {
			t.Errorf("%s: the contract does not describe %s", c.Resource, o.Response.Item)
		}
		check.members(item, itemMembers, o.Response.Item)
		check.members(out, o.Response.Extra, o.ID)
	})
}

type answerCheck struct {
	t         *testing.T
	contract  *contract
	operation string
	done      map[string]bool // types that have been looked at
}

func (c *answerCheck) members(have reflect.Type, want []member, name string) {
	c.t.Helper()
	shown := answered(have)
	for _, m := range want {
		if notShown[name+"."+m.Name] != "" {
			continue
		}
		for _, spelling := range []string{m.Name, m.Alias} {
			if spelling == "" {
				continue
			}
			field, ok := shown[spelling]
			if !ok {
				c.t.Errorf("%s, %s: %s lacks %s (%s, in %v)", c.contract.Resource, c.operation, name, spelling, m.Type, m.In)
				continue
			}
			c.kind(field, m, name)
		}
	}
}

// kind compares a documented type with a Go type as JSON knows them.
func (c *answerCheck) kind(have reflect.Type, m member, name string) {
	c.t.Helper()
	documented, list := strings.CutSuffix(m.Type, "[]")
	got := kindOf(have)
	if list {
		if got != "array" {
			c.t.Errorf("%s, %s: %s.%s is %s, documented as %s", c.contract.Resource, c.operation, name, m.Name, got, m.Type)
			return
		}
		have, got = elementOf(have), kindOf(elementOf(have))
	}
	kinds := map[string]string{
		"int": "number", "int64": "number", "decimal": "number", "double": "number", "string": "string", "bool": "bool",
		"datetime": "time", "date": "time",
	}
	want := kinds[documented]
	if want == "" {
		want = "object"
	}
	if got != want {
		c.t.Errorf("%s, %s: %s.%s is %s, documented as %s", c.contract.Resource, c.operation, name, m.Name, got, m.Type)
		return
	}
	inner := c.contract.Types[documented]
	if want != "object" || documented == "object" || c.done[documented] {
		return
	}
	if inner == nil {
		c.t.Errorf("%s: the contract does not describe %s", c.contract.Resource, documented)
	}
	c.done[documented] = true
	c.members(have, inner, documented)
}

// notTaken are documented members and parameters that requests may carry and that mean nothing to us, and why.
var notTaken = map[string]string{
	"ProductCreate.fullName":                "derived",
	"ProductCreate.hasVariants":             "derived from attributes",
	"ProductUpdate.hasVariants":             "derived from attributes",
	"BulkProductCreate.fullName":            "derived",
	"BulkProductCreate.hasVariants":         "derived from attributes",
	"BulkProductUpdate.fullName":            "derived",
	"BulkProductUpdate.hasVariants":         "derived from attributes",
	"InventoryWrite.branchName":             "the branch is known by its id",
	"InventoryWrite.reserved":               "comes from open orders",
	"listProducts.includeCombo":             "may be ignored, says the contract",
	"listProducts.isMykiot":                 "to be ignored, says the contract",
	"getProduct.IncludeProductShelves":      "the detail always has them",
	"getProductByCodeQuery.Id":              "always 0",
	"listCategories.includeRemoveIds":       "the list always has them",
	"getCategory.hierachicalData":           "to be ignored, says the contract",
	"OrderCreate.total":                     "computed",
	"PurchaseOrderWrite.id":                 "repeats the path",
	"getPurchaseOrder.includePayment":       "the detail always has them",
	"getPurchaseOrder.includeOrderDelivery": "a purchase has no delivery",
	"OrderCreate.retailerId":                "the shop is the caller's",
	"OrderUpdate.id":                        "repeats the path",
	"CustomerWrite.id":                      "repeats the path",
	"InvoiceUpdate.id":                      "repeats the path",
	"OrderDetailWrite.productName":          "the stored name is used",
	"InvoiceDetailWrite.productName":        "the stored name is used",
	"listOrders.includeTotal":               "totals are always there",
	"listInvoices.includeTotal":             "totals are always there",

	"TransferWrite.id":             "repeats the path",
	"TransferLineWrite.transferId": "repeats the path",
}

// TestEveryDocumentedRequestMemberIsTaken finds members and parameters that the type of an operation's input lacks.
func TestEveryDocumentedRequestMemberIsTaken(t *testing.T) {
	used := map[string]bool{}
	served(t, func(c *contract, o *operation, r *api.Route) {
		check := &requestCheck{t: t, contract: c, operation: o.ID, done: map[string]bool{}, used: used}
		check.members(accepted(r.In, "path"), o.PathParams, o.ID, false)
		check.members(accepted(r.In, "query"), o.Query, o.ID, true)
		if o.Body != "" {
			if c.Types[o.Body] == nil {
				t.Errorf("%s: the contract does not describe %s", c.Resource, o.Body)
			}
			check.members(accepted(r.In, "json"), c.Types[o.Body], o.Body, true)
		}
	})
	for name := range notTaken {
		if !used[name] && notTaken[name] != "" {
			t.Errorf("%s is taken, or not documented: notTaken need not excuse it", name)
		}
	}
}

type requestCheck struct {
	t         *testing.T
	contract  *contract
	operation string
	done      map[string]bool
	used      map[string]bool
}

func (c *requestCheck) members(have map[string]reflect.Type, want []member, name string, nested bool) {
	c.t.Helper()
	for _, m := range want {
		for _, spelling := range []string{m.Name, m.Alias} {
			if spelling == "" {
				continue
			}
			field, ok := have[strings.ToLower(spelling)]
			if !ok {
				if notTaken[name+"."+spelling] != "" {
					c.used[name+"."+spelling] = true
				} else {
					c.t.Errorf("%s, %s: %s does not take %s (%s, in %v)", c.contract.Resource, c.operation, name, spelling, m.Type, m.In)
				}
				continue
			}
			documented := strings.TrimSuffix(m.Type, "[]")
			if inner := c.contract.Types[documented]; inner != nil && nested && !c.done[documented] {
				c.done[documented] = true
				c.members(accepted(elementOf(field), "json"), inner, documented, true)
			}
		}
	}
}

// answered are the members that a type writes, in every spelling.
func answered(t reflect.Type) map[string]reflect.Type {
	members := map[string]reflect.Type{}
	eachField(t, func(f reflect.StructField) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			return
		}
		for _, spelling := range append(strings.Split(f.Tag.Get("also"), ","), name) {
			members[spelling] = f.Type
		}
	})
	return members
}

// accepted are the members that a type reads from the path, the query or the body, in lower case.
func accepted(t reflect.Type, from string) map[string]reflect.Type {
	members := map[string]reflect.Type{}
	eachField(t, func(f reflect.StructField) {
		name, _, _ := strings.Cut(f.Tag.Get(from), ",")
		if name == "" || name == "-" {
			return
		}
		names := []string{name}
		if alias := f.Tag.Get("alias"); alias != "" && from != "path" {
			names = append(names, strings.Split(alias, ",")...)
		}
		for _, n := range names {
			members[strings.ToLower(n)] = f.Type
		}
	})
	return members
}

func eachField(t reflect.Type, visit func(reflect.StructField)) {
	if t == nil {
		return
	}
	if t = elementOf(t); t.Kind() != reflect.Struct {
		return
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && f.Tag.Get("json") == "" {
			eachField(f.Type, visit)
		} else {
			visit(f)
		}
	}
}

// elementOf is what a list, pointer or Opt holds in the end.
func elementOf(t reflect.Type) reflect.Type {
	for t != nil {
		switch {
		case t.Kind() == reflect.Pointer, t.Kind() == reflect.Slice && t != reflect.TypeFor[wire.Raw]():
			t = t.Elem()
		case strings.HasPrefix(t.Name(), "Opt["):
			t = t.Field(0).Type
		default:
			return t
		}
	}
	return nil
}

// kindOf is how JSON shows a Go type; times are strings of their own form.
func kindOf(t reflect.Type) string {
	for t.Kind() == reflect.Pointer || strings.HasPrefix(t.Name(), "Opt[") {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		} else {
			t = t.Field(0).Type
		}
	}
	switch {
	case t == reflect.TypeFor[taphoa.Time](), t == reflect.TypeFor[taphoa.Stamp]():
		return "time"
	case t.Kind() == reflect.String:
		return "string"
	case t.Kind() == reflect.Bool:
		return "bool"
	case t.Kind() == reflect.Slice:
		return "array"
	case t.Kind() == reflect.Struct:
		return "object"
	case t.Kind() == reflect.Int64, t.Kind() == reflect.Int, t.Kind() == reflect.Int32:
		return "number"
	}
	return fmt.Sprint(t)
}

// TestEveryDocumentedSentenceIsInATranscript looks for the sentences of the documents, word for word.
func TestEveryDocumentedSentenceIsInATranscript(t *testing.T) {
	var all strings.Builder
	for _, s := range scripts(t) {
		text, err := os.ReadFile(s.File)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, c := range contracts(t) {
		for _, m := range c.Messages {
			documented := slices.Contains(m.In, "seed") || slices.Contains(m.In, "current")
			if documented && !strings.Contains(all.String(), m.Text+"\n") && !strings.Contains(all.String(), `"`+m.Text+`"`) {
				t.Errorf("%s: no transcript has the sentence %q", c.Resource, m.Text)
			}
		}
	}
}

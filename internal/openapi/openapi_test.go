package openapi_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/openapi"
	"github.com/taphoa/taphoa/internal/wire"
)

type (
	tea struct {
		ID     int64                    `json:"id"`
		Name   string                   `json:"name" also:"Name,title"`
		Price  taphoa.Money             `json:"price"`
		Note   taphoa.Opt[string]       `json:"note,omitzero"`
		Closed taphoa.Opt[taphoa.Money] `json:"closed"`
		Kinds  []tea                    `json:"kinds"`
		First  *tea                     `json:"first"`
		Extra  wire.Raw                 `json:"extra,omitzero"`
	}
	teaInput struct {
		taphoa.ByID
		Name   taphoa.Opt[string] `json:"name" alias:"title,label" max:"20"`
		Tags   []string           `json:"tags" max:"5" query:"tags"`
		Cups   []tea              `json:"cups" wire:"root"`
		Void   bool               `query:"isVoid" json:"isVoid"`
		Hidden string             `json:"-"`
	}
	teaQuery struct {
		taphoa.Paging
		Status []int64 `query:"status" alias:"state"`
	}
)

func of[T any]() reflect.Type { return reflect.TypeFor[T]() }

// document describes a table of three routes.
func document(t *testing.T, o openapi.Options) map[string]any {
	t.Helper()
	if o.Described == nil {
		o.Described = &openapi.Descriptions{}
	}
	o.Refusal = of[taphoa.Message]()
	text, err := openapi.Document([]openapi.Operation{
		{ID: "listTeas", Method: "GET", Paths: []string{"/teas", "/tea"}, In: of[teaQuery](), Out: of[taphoa.Page[tea]](), Scope: "Tea", Tagged: true},
		{ID: "getTea", Ours: true, Method: "GET", Paths: []string{"/teas/{id}"}, In: of[taphoa.ByID](), Out: of[tea](), Scope: "Tea"},
		{ID: "updateTea", Method: "PUT", Paths: []string{"/teas/{id}"}, In: of[teaInput](), Out: of[tea](), Scope: "Tea", Readable: true},
		{ID: "feed", Ours: true, Method: "POST", Paths: []string{"/feed/{rest...}"}, Scope: "Tea"},
	}, o)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// lookup returns the value at a path such as paths./teas.get, and resolves references.
func lookup(t *testing.T, doc map[string]any, names ...string) map[string]any {
	t.Helper()
	var at any = doc
	for _, name := range names {
		at = at.(map[string]any)[name]
		if at == nil {
			t.Fatalf("there is no %s of %s", name, names)
		}
		if ref, ok := at.(map[string]any)["$ref"].(string); ok {
			at = lookup(t, doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
		}
	}
	return at.(map[string]any)
}

func checkJSON(t *testing.T, what string, got any, want string) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil || string(text) != want {
		t.Errorf("%s is %s, want %s", what, text, want)
	}
}

func TestAResponseHasTheMembersOfItsType(t *testing.T) {
	doc := document(t, openapi.Options{})
	page := lookup(t, doc, "paths", "/teas", "get", "responses", "200", "content", "application/json", "schema")
	checkJSON(t, "a page's required members", page["required"], `["total","pageSize","data","timestamp"]`)
	tea := lookup(t, doc, "components", "schemas", "Tea")
	checkJSON(t, "required", tea["required"], `["id","name","Name","title","price","closed","kinds","first"]`)
	for member, want := range map[string]string{
		"id": `{"format":"int64","type":"integer"}`, "price": `{"description":"Đồng.","type":"number"}`, "note": `{"type":"string"}`,
		"title": `{"description":"The same as name.","type":"string"}`, "closed": `{"description":"Đồng.","type":["number","null"]}`,
		"kinds": `{"items":{"$ref":"#/components/schemas/Tea"},"type":"array"}`,
		"first": `{"anyOf":[{"$ref":"#/components/schemas/Tea"},{"type":"null"}]}`, "extra": `{"description":"Any JSON."}`,
	} {
		checkJSON(t, member, tea["properties"].(map[string]any)[member], want)
	}
	camel := lookup(t, document(t, openapi.Options{CamelOnly: true}), "components", "schemas", "Tea")
	checkJSON(t, "required in camelCase only", camel["required"], `["id","name","title","price","closed","kinds","first"]`)
}

func TestARequestHasTheMembersOfItsType(t *testing.T) {
	doc := document(t, openapi.Options{})
	put := lookup(t, doc, "paths", "/teas/{id}", "put")
	body := lookup(t, put, "requestBody")
	input := lookup(t, doc, "paths", "/teas/{id}", "put", "requestBody", "content", "application/json", "schema", "properties")
	checkJSON(t, "name", input["name"], `{"description":"Also accepted as title, label.","maxLength":20,"type":["string","null"]}`)
	checkJSON(t, "tags", input["tags"], `{"items":{"maxLength":5,"type":"string"},"type":"array"}`)
	if !strings.Contains(body["description"].(string), "cups") || input["id"] != nil || input["Hidden"] != nil || input["isVoid"] == nil {
		t.Errorf("the body is %v of %v", body["description"], input)
	}
	if required := lookup(t, doc, "components", "schemas", "TeaRequest")["required"]; required != nil {
		t.Errorf("a request must have %v", required)
	}
	var names []string
	for _, p := range put["parameters"].([]any) {
		p := p.(map[string]any)
		if ref, ok := p["$ref"].(string); ok {
			p = lookup(t, doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
		}
		names = append(names, p["in"].(string)+" "+p["name"].(string))
	}
	if want := []string{"path id", "query tags", "query isVoid", "header Idempotency-Key", "header Taphoa-Dry-Run", "header If-Match"}; !slices.Equal(names, want) {
		t.Errorf("the parameters are %q, want %q", names, want)
	}
	checkJSON(t, "a path with a rest", lookup(t, doc, "paths", "/feed/{rest}", "post")["operationId"], `"feed"`)
}

func TestDescriptionsAreUsed(t *testing.T) {
	doc := document(t, openapi.Options{Described: &openapi.Descriptions{
		Operations: map[string]*openapi.About{"listTeas": {Resource: "drinks", Parameters: map[string]string{"status": "Fresh or old."}}},
		Members:    map[string]map[string]string{"Tea": {"price": "Of a cup."}},
		Words:      openapi.Words{Operations: map[string]openapi.Phrase{"listTeas": {"All teas", "Các loại trà"}}},
	}})
	list := lookup(t, doc, "paths", "/teas", "get")
	checkJSON(t, "summary", list["summary"], `"All teas"`)
	checkJSON(t, "description", list["description"], `"Also at `+"`/tea`"+`."`)
	checkJSON(t, "the tag of the same resource", lookup(t, doc, "paths", "/teas/{id}", "put")["tags"], `["drinks"]`)
	checkJSON(t, "a summary of the name", lookup(t, doc, "paths", "/teas/{id}", "put")["summary"], `"Update tea"`)
	checkJSON(t, "origin", lookup(t, doc, "paths", "/teas/{id}", "get")["x-taphoa-origin"], `"taphoa"`)
	checkJSON(t, "price", lookup(t, doc, "components", "schemas", "Tea", "properties", "price")["description"], `"Of a cup. Đồng."`)
	status := list["parameters"].([]any)[5].(map[string]any)
	checkJSON(t, "status", status["description"], `"Fresh or old. Also accepted as state."`)
}

func TestRequiredMembersAreNotNullable(t *testing.T) {
	doc := document(t, openapi.Options{Described: &openapi.Descriptions{Required: map[string][]string{"TeaInput": {"name"}}}})
	schema := lookup(t, doc, "paths", "/teas/{id}", "put", "requestBody", "content", "application/json", "schema")
	checkJSON(t, "required", schema["required"], `["name"]`)
	checkJSON(t, "name", schema["properties"].(map[string]any)["name"], `{"description":"Also accepted as title, label.","maxLength":20,"type":"string"}`)
}

func TestTheDocumentIsInTheRequestedLanguage(t *testing.T) {
	descriptions := &openapi.Descriptions{
		Members: map[string]map[string]string{"Tea": {"price": "Of a cup.", "note": "As it is."}},
		Words: openapi.Words{
			Operations: map[string]openapi.Phrase{"listTeas": {"All teas", "Các loại trà"}},
			Members:    map[string]openapi.Phrase{"NAME": {"Its name.", "Tên."}, "Tea.title": {"Never said.", "Không nói."}, "teaInput.name": {"New name.", "Tên mới."}},
			Parameters: map[string]openapi.Phrase{"getTea.id": {"Of the tea.", "Của trà."}},
			Vietnamese: map[string]string{"Of a cup.": "Của một chén.", "The same as %s.": "Như %s."},
		},
	}
	for language, want := range map[string][]string{
		"":   {"All teas", "Its name.", "Of a cup. Đồng.", "As it is.", "The same as name.", "New name. Also accepted as title, label.", "Of the tea."},
		"vi": {"Các loại trà", "Tên.", "Của một chén. Đồng.", "As it is.", "Như name.", "Tên mới. Also accepted as title, label.", "Của trà."},
		"fr": {"All teas", "Its name.", "Of a cup. Đồng.", "As it is.", "The same as name.", "New name. Also accepted as title, label.", "Of the tea."},
	} {
		doc := document(t, openapi.Options{Language: language, Described: descriptions})
		tea := lookup(t, doc, "components", "schemas", "Tea", "properties")
		about := func(at any) string { return at.(map[string]any)["description"].(string) }
		input := lookup(t, doc, "paths", "/teas/{id}", "put", "requestBody", "content", "application/json", "schema", "properties")
		got := []string{
			lookup(t, doc, "paths", "/teas", "get")["summary"].(string), about(tea["name"]), about(tea["price"]), about(tea["note"]), about(tea["Name"]),
			about(input["name"]), about(lookup(t, doc, "paths", "/teas/{id}", "get")["parameters"].([]any)[0]),
		}
		if !slices.Equal(got, want) {
			t.Errorf("in %q: %q", language, got)
		}
	}
}

func TestWebhooksShowTheBodiesOfEvents(t *testing.T) {
	doc := document(t, openapi.Options{
		Events: []openapi.Event{
			{Type: "tea.update", Item: of[tea](), PascalCase: true, Ours: true},
			{Type: "tea.delete", Item: of[int64](), RemoveIDs: true},
		},
		Verify:    []openapi.Snippet{{Language: "Node.js", Syntax: "js", Code: "verify()\n"}},
		Described: &openapi.Descriptions{Events: map[string]jsontext.Value{"tea.delete": jsontext.Value("[7]")}},
	})
	schema := lookup(t, doc, "components", "schemas", "TeaEvent")
	checkJSON(t, "required", schema["required"], `["Id","Name","Price","Closed","Kinds","First"]`)
	update := lookup(t, doc, "webhooks", "tea.update", "post")
	checkJSON(t, "origin", update["x-taphoa-origin"], `"taphoa"`)
	if about := update["description"].(string); !strings.Contains(about, "do not decode it") || !strings.Contains(about, "**Node.js**\n\n```js\nverify()\n```") {
		t.Errorf("how to check it: %s", about)
	}
	deleted := lookup(t, doc, "webhooks", "tea.delete", "post", "requestBody", "content", "application/json")
	checkJSON(t, "RemoveId", lookup(t, deleted, "example")["RemoveId"], `[7]`)
	checkJSON(t, "Notifications", lookup(t, deleted, "example")["Notifications"], `[{"Action":"tea.delete.1","Data":[7]}]`)
}

package api_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/openapi"
	"github.com/taphoa/taphoa/internal/wire"
)

// required are the members that the contract calls required wherever a type is written, but those without which a
// transcript was served.
func required(t *testing.T, answers []exchange) map[string][]string {
	t.Helper()
	words, err := openapi.ReadWords()
	if err != nil {
		t.Fatal(err)
	}
	n := needs{}
	served(t, func(c *contract, o *operation, r *api.Route) {
		if r.Method != http.MethodGet {
			n.learn(c, r.In, c.Types[o.Body], map[reflect.Type]bool{})
		}
	})
	for typ, members := range words.Required {
		for _, name := range members {
			if n[typ] == nil {
				n[typ] = map[string]bool{}
			}
			n[typ][name] = true
		}
	}
	in := map[string]reflect.Type{}
	for _, r := range api.Routes() {
		in[r.Operation] = r.In
	}
	for i := range answers {
		var body any
		if x := &answers[i]; x.status == http.StatusOK && json.Unmarshal(x.request, &body) == nil {
			n.see(in[x.operation], body)
		}
	}
	all := map[string][]string{}
	for typ, members := range words.Required {
		for _, name := range members {
			if !n[typ][name] {
				t.Errorf("words.json has %s.%s as required, but a request without it was served, or there is none", typ, name)
			}
			delete(n[typ], name)
		}
	}
	for typ, members := range n {
		for name, needed := range members {
			if needed {
				all[typ] = append(all[typ], name)
			}
		}
		slices.Sort(all[typ])
	}
	return all
}

// samples are the shortest data of each type of event.
func samples(t *testing.T, happened []exchange) map[string]jsontext.Value {
	t.Helper()
	all := map[string]jsontext.Value{}
	for _, x := range happened {
		var feed taphoa.EventFeed
		if err := wire.Decode(&wire.Source{Body: x.answer, ContentType: "application/json"}, &feed); err != nil {
			t.Fatal(err)
		}
		for _, e := range feed.Data {
			if known := all[e.Type]; known == nil || len(e.Data) < len(known) {
				all[e.Type] = e.Data
			}
		}
	}
	return all
}

// needs are the members of types by whether a request must have them.
type needs map[string]map[string]bool

func (n needs) learn(c *contract, t reflect.Type, members []member, done map[reflect.Type]bool) {
	if t = elementOf(t); t == nil || t.Kind() != reflect.Struct || done[t] || len(members) == 0 {
		return
	}
	done[t] = true
	of := n[openapi.TypeName(t)]
	if of == nil {
		of = map[string]bool{}
		n[openapi.TypeName(t)] = of
	}
	eachField(t, func(f reflect.StructField) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		at := slices.IndexFunc(members, func(m member) bool { return strings.EqualFold(m.Name, name) })
		if name == "" || at < 0 {
			return
		}
		known, ok := of[name]
		of[name] = members[at].Required && (known || !ok)
		n.learn(c, f.Type, c.Types[strings.TrimSuffix(members[at].Type, "[]")], done)
	})
}

// see forgets the needs that a body that was served does without.
func (n needs) see(t reflect.Type, body any) {
	if t = elementOf(t); t == nil || t.Kind() != reflect.Struct {
		return
	}
	switch body := body.(type) {
	case []any:
		for _, item := range body {
			n.see(t, item)
		}
	case map[string]any:
		eachField(t, func(f reflect.StructField) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" {
				return
			}
			value := valueOf(body, append(strings.Split(f.Tag.Get("alias"), ","), name))
			if value == nil {
				delete(n[openapi.TypeName(t)], name)
			} else {
				n.see(f.Type, value)
			}
		})
	}
}

// valueOf is what a body has under one of some names.
func valueOf(body map[string]any, names []string) any {
	for key, value := range body {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, key) }) {
			return value
		}
	}
	return nil
}

// isToldInBothLanguages looks for members, parameters, operations and tags without a description or a title, and for
// texts that the Vietnamese document has in English.
func isToldInBothLanguages(t *testing.T, d *apitest.Server) {
	documents := map[string]any{}
	for _, language := range openapi.Languages {
		documents[language] = parse(t, d.Send(http.MethodGet, "/openapi.json?lang="+language, "", "Authorization", "", "Retailer", "").Body)
	}
	words, err := openapi.ReadWords()
	if err != nil {
		t.Fatal(err)
	}
	var told strings.Builder // all English texts
	var compare func(where string, english, vietnamese any)
	compare = func(where string, english, vietnamese any) {
		switch e := english.(type) {
		case map[string]any:
			v, _ := vietnamese.(map[string]any)
			if e["name"] != nil && e["in"] != nil && e["description"] == nil {
				t.Errorf("%s: the parameter %s has no description", where, e["name"])
			}
			properties, _ := e["properties"].(map[string]any)
			for name, p := range properties {
				if at(p, "description") == nil {
					t.Errorf("%s: the member %s has no description", where, name)
				}
			}
			for name, value := range e {
				if name != "example" {
					compare(where+"/"+name, value, v[name])
				}
			}
		case []any:
			v, _ := vietnamese.([]any)
			for i, value := range e {
				if i < len(v) {
					compare(where, value, v[i])
				}
			}
		case string:
			name := where[strings.LastIndex(where, "/")+1:]
			if !slices.Contains([]string{"description", "summary", "x-displayName"}, name) && !strings.Contains(where, "/scopes/") {
				return
			}
			told.WriteString(e + "\n")
			if e == vietnamese && e != "OK" {
				t.Errorf("%s: no Vietnamese for %q", where, e)
			}
		}
	}
	compare("", documents["en"], documents["vi"])
	unused := func(name, english string) {
		if start, _, _ := strings.Cut(english, "%s"); !strings.Contains(told.String(), start) {
			t.Errorf("words.json has %s, but nothing in the document says %q", name, english)
		}
	}
	for english, vietnamese := range words.Vietnamese {
		unused(vietnamese, english)
	}
	for _, phrases := range []map[string]openapi.Phrase{words.Operations, words.Notes, words.Resources, words.Members, words.Parameters} {
		for name, p := range phrases {
			unused(name, p[0])
		}
	}
	tags, _ := at(documents["en"], "tags").([]any)
	for _, tag := range tags {
		if at(tag, "x-displayName") == nil {
			t.Errorf("the resource %v has no title", at(tag, "name"))
		}
	}
}

// tellsOfEveryEvent looks for each type of event, and checks those that the transcripts made against the document.
func tellsOfEveryEvent(t *testing.T, doc map[string]any, happened []exchange) {
	c := compiler(t, closed(doc))
	data := map[string]*jsonschema.Schema{}
	for _, kind := range event.Types {
		s, err := c.Compile("https://taphoa.test/openapi.json#/webhooks/" + kind + "/post/requestBody/content/application~1json/schema" +
			"/properties/Notifications/items/properties/Data")
		if err != nil {
			t.Fatal(err)
		}
		data[kind] = s
	}
	for _, x := range happened {
		events, _ := at(parse(t, x.answer), "data").([]any)
		for _, e := range events {
			kind, _ := at(e, "type").(string)
			if err := data[kind].Validate(at(e, "data")); err != nil {
				t.Errorf("%s: %s: %v", x.what, kind, err)
			}
		}
	}
	for _, kind := range event.Types {
		body := at(doc, "webhooks", kind, "post", "requestBody", "content", "application/json")
		notifications, _ := at(body, "example", "Notifications").([]any)
		if len(notifications) != 1 || data[kind].Validate(at(notifications[0], "Data")) != nil {
			t.Errorf("%s has the example %v", kind, at(body, "example"))
		}
	}
}

package openapi

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Operation is a line of the route table.
type Operation struct {
	ID       string // its name in the contract; of two lines with one name the later is called by its method as well
	Ours     bool   // not in the contract
	Method   string
	Paths    []string     // in all spellings, the documented one first
	In, Out  reflect.Type // what it takes and answers
	Scope    string       // that a token must have
	Tagged   bool         // its answers have an ETag
	Readable bool         // a write at whose path something can be read that has one
}

// Options of [Document].
type Options struct {
	Version   string        // of the program
	Refusal   reflect.Type  // the body of every refusal
	Scopes    []Scope       // in the order in which they are shown
	CamelOnly bool          // of names that differ in letter case alone, answers have one
	Described *Descriptions // nil for those that the program brings along
}

// Scope is what a token may be good for.
type Scope struct{ Name, About string }

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSONTo writes the members that have a value.
func (o object) MarshalJSONTo(e *jsontext.Encoder) error {
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, m := range o {
		if m.value == nil || m.value == "" {
			continue
		}
		if err := e.WriteToken(jsontext.String(m.name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(e, m.value); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

func ref(kind, name string) object { return object{{"$ref", "#/components/" + kind + "/" + name}} }

// document is one under way.
type document struct {
	schemas *schemas
	about   *Descriptions
	tags    []string
	ids     []string
}

// Document is the OpenAPI 3.1 document of a route table.
func Document(table []Operation, o Options) ([]byte, error) {
	about := o.Described
	if about == nil {
		var err error
		if about, err = described(); err != nil {
			return nil, err
		}
	}
	d := &document{schemas: newSchemas(about, o.CamelOnly), about: about}
	refusal := d.schemas.of(o.Refusal, answer)
	paths := d.paths(table)
	var tags []object
	for _, t := range d.tags {
		tags = append(tags, object{{"name", t}})
	}
	return json.Marshal(object{
		{"openapi", "3.1.1"},
		{"info", object{
			{"title", "Taphoa"},
			{"version", o.Version},
			{"summary", "The KiotViet Public API, self-hosted"},
			{"description", intro},
			{"license", object{{"name", "Apache 2.0"}, {"identifier", "Apache-2.0"}}},
		}},
		{"servers", []object{{{"url", "/"}}}},
		{"tags", tags},
		{"paths", paths},
		{"components", object{
			{"schemas", d.schemas.components},
			{"parameters", parameters},
			{"headers", headers},
			{"responses", refusals(refusal)},
			{"securitySchemes", object{{"oauth2", object{
				{"type", "oauth2"},
				{"description", "POST /connect/token with client_id and client_secret, which `taphoa client create` prints."},
				{"flows", object{{"clientCredentials", object{{"tokenUrl", "/connect/token"}, {"scopes", scopes(o.Scopes)}}}}},
			}}}},
		}},
	})
}

func scopes(all []Scope) object {
	var o object
	for _, s := range all {
		o = append(o, member{s.Name, s.About})
	}
	return o
}

// place is where a path stands in the document: {code...} is OpenAPI's {code}.
func place(path string) string { return strings.ReplaceAll(path, "...}", "}") }

// paths has each operation once, at its documented path, in the order of the table.
func (d *document) paths(table []Operation) object {
	var paths object
	for i := range table {
		op := &table[i]
		at := slices.IndexFunc(paths, func(m member) bool { return m.name == place(op.Paths[0]) })
		if at < 0 {
			at = len(paths)
			paths = append(paths, member{place(op.Paths[0]), object{}})
		}
		method := member{strings.ToLower(op.Method), d.operation(op, d.tag(table, op))}
		paths[at].value = append(paths[at].value.(object), method)
	}
	return paths
}

// tag is the resource of an operation: as the contract has it, or as that of its neighbours, or the path's first part.
func (d *document) tag(table []Operation, op *Operation) string {
	tag := d.about.of(op.ID).Resource
	for i := 0; i < len(table) && tag == ""; i++ {
		if firstPart(table[i].Paths[0]) == firstPart(op.Paths[0]) {
			tag = d.about.of(table[i].ID).Resource
		}
	}
	if tag == "" {
		tag = firstPart(op.Paths[0])
	}
	if !slices.Contains(d.tags, tag) {
		d.tags = append(d.tags, tag)
	}
	return tag
}

// id is an operation's name, which no other has: some answer to two methods.
func (d *document) id(op *Operation) string {
	id := op.ID
	if slices.Contains(d.ids, id) {
		id += capital(strings.ToLower(op.Method))
	}
	d.ids = append(d.ids, id)
	return id
}

func firstPart(path string) string {
	first, _, _ := strings.Cut(strings.Trim(path, "/"), "/")
	return strings.ToLower(first)
}

func (d *document) operation(op *Operation, tag string) object {
	about := d.about.of(op.ID)
	origin := "vendor"
	if op.Ours {
		origin = "taphoa"
	}
	success := object{
		{"description", "OK"},
		{"headers", successHeaders(op)},
		{"content", content(d.schemas.of(op.Out, answer), about.Answer)},
	}
	responses := object{{"200", success}}
	if op.Tagged {
		responses = append(responses, member{"304", object{{"description", "Not changed since the answer whose ETag is in If-None-Match."}}})
	}
	for _, r := range refused {
		if r.name != "Stale" || op.Readable {
			responses = append(responses, member{r.status, ref("responses", r.name)})
		}
	}
	return object{
		{"operationId", d.id(op)},
		{"tags", []string{tag}},
		{"summary", about.summary(op.ID)},
		{"description", description(op, about)},
		{"x-taphoa-origin", origin},
		{"security", []object{{{"oauth2", []string{op.Scope}}}}},
		{"parameters", d.parameters(op, about)},
		{"requestBody", d.body(op, about)},
		{"responses", responses},
	}
}

func successHeaders(op *Operation) any {
	switch {
	case op.Tagged:
		return object{{"ETag", ref("headers", "ETag")}}
	case op.Method != http.MethodGet:
		return object{{"Idempotency-Replayed", ref("headers", "Idempotency-Replayed")}}
	}
	return nil
}

func content(schema object, example jsontext.Value) object {
	media := object{{"schema", schema}}
	if example != nil {
		media = append(media, member{"example", example})
	}
	return object{{"application/json", media}}
}

// description says what neither the summary nor the schema does.
func description(op *Operation, about *About) string {
	var lines []string
	if about.Note != "" {
		lines = append(lines, about.Note)
	}
	if op.Ours {
		lines = append(lines, "Not in the vendor's documents.")
	}
	if len(op.Paths) > 1 {
		others := make([]string, len(op.Paths)-1)
		for i, p := range op.Paths[1:] {
			others[i] = "`" + place(p) + "`"
		}
		lines = append(lines, "Also at "+strings.Join(others, ", ")+".")
	}
	return strings.Join(lines, "\n\n")
}

func (d *document) parameters(op *Operation, about *About) []object {
	all := []object{ref("parameters", "Retailer")}
	for _, name := range placeholders(op.Paths[0]) {
		schema := object{{"type", "string"}}
		visit(op.In, func(f reflect.StructField) {
			if strings.EqualFold(f.Tag.Get("path"), name) {
				schema = d.schemas.of(f.Type, request)
			}
		})
		all = append(all, object{{"name", name}, {"in", "path"}, {"required", true}, {"description", about.parameter(name)}, {"schema", schema}})
	}
	visit(op.In, func(f reflect.StructField) {
		name := f.Tag.Get("query")
		if name == "" || slices.Contains(placeholders(op.Paths[0]), f.Tag.Get("path")) {
			return
		}
		all = append(all, object{
			{"name", name},
			{"in", "query"},
			{"description", sentences(about.parameter(name), d.schemas.spellings(f))},
			{"schema", d.schemas.limited(f, plain(f.Type), request)},
		})
	})
	for _, h := range about.Headers {
		all = append(all, object{{"name", h.Name}, {"in", "header"}, {"description", h.Note}, {"schema", object{{"type", "string"}}}})
	}
	if op.Tagged {
		return append(all, ref("parameters", "If-None-Match"))
	}
	if op.Method != http.MethodGet {
		all = append(all, ref("parameters", "Idempotency-Key"))
	}
	if op.Readable {
		all = append(all, ref("parameters", "If-Match"))
	}
	return all
}

// placeholders are the names in a path.
func placeholders(path string) []string {
	var names []string
	for part := range strings.SplitSeq(place(path), "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// body describes what a write takes as JSON, nil when it takes nothing.
func (d *document) body(op *Operation, about *About) any {
	if op.Method == http.MethodGet {
		return nil
	}
	members, root := 0, ""
	visit(op.In, func(f reflect.StructField) {
		if name := jsonName(f); name != "" {
			members++
			if f.Tag.Get("wire") == "root" {
				root = name
			}
		}
	})
	if members == 0 {
		return nil
	}
	note := ""
	if root != "" {
		note = "The list " + root + " may also be sent alone, as an array."
	}
	return object{{"description", note}, {"content", content(d.schemas.body(op.In, placeholders(op.Paths[0])), about.Request)}}
}

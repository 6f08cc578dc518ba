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
	Admin    bool         // which only the clients of administrators get
	Tagged   bool         // its answers have an ETag
	Readable bool         // a write at whose path something can be read that has one
}

// Options of [Document].
type Options struct {
	Version   string                    // of the program
	Language  string                    // of its texts, the first of [Languages] unless given
	Refusal   reflect.Type              // the body of every refusal
	Scopes    []Scope                   // in the order in which they are shown; the first is what most clients want
	Events    []Event                   // that webhooks tell of
	Verify    []Snippet                 // how a receiver checks their signature
	CamelOnly bool                      // of names that differ in letter case alone, answers have one
	Examples  map[string]jsontext.Value // of bodies, by operation, in place of those that are described
	Described *Descriptions             // nil for those that the program brings along
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
	*texts
	schemas *schemas
	verify  []Snippet
	bodies  map[string]jsontext.Value
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
	x := &texts{newLanguage(o.Language, &about.Words), about}
	d := &document{texts: x, schemas: newSchemas(x, o.CamelOnly), verify: o.Verify, bodies: o.Examples}
	refusal := d.schemas.of(o.Refusal, answer)
	paths := d.paths(table)
	webhooks := d.webhooks(o.Events)
	var usual []string
	for _, s := range o.Scopes[:min(1, len(o.Scopes))] {
		usual = append(usual, s.Name)
	}
	return json.Marshal(object{
		{"openapi", "3.1.1"},
		{"info", object{
			{"title", "Taphoa"},
			{"version", o.Version},
			{"summary", d.say("The KiotViet Public API, self-hosted")},
			{"description", d.say(intro)},
			{"license", object{{"name", "Apache 2.0"}, {"identifier", "Apache-2.0"}}},
		}},
		{"servers", []object{{{"url", "/"}}}},
		{"tags", d.resources()},
		{"x-tagGroups", d.groups()},
		{"paths", paths},
		{"webhooks", webhooks},
		{"components", object{
			{"schemas", d.schemas.components},
			{"parameters", d.sharedParameters()},
			{"headers", d.sharedHeaders()},
			{"responses", d.refusals(refusal)},
			{"securitySchemes", object{
				{"oauth2", object{
					{"type", "oauth2"},
					{"description", d.say("POST /connect/token with client_id and client_secret, which `taphoa client create` prints.")},
					{"flows", object{{"clientCredentials", object{{"tokenUrl", "/connect/token"}, {"scopes", d.scopes(o.Scopes)}}}}},
					{"x-default-scopes", usual}, // that the page asks for
				}},
				{"bearer", object{{"type", "http"}, {"scheme", "bearer"}, {"description", d.say("A token that you have already.")}}},
				{"Retailer", object{
					{"type", "apiKey"}, {"in", "header"}, {"name", "Retailer"}, {"description", d.say("The shop's name, beside the token.")},
				}},
			}},
		}},
	})
}

func (d *document) scopes(all []Scope) object {
	var o object
	for _, s := range all {
		o = append(o, member{s.Name, d.say(s.About)})
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

// resources are the tags, with their titles.
func (d *document) resources() []object {
	var tags []object
	for _, t := range d.tags {
		tag := object{{"name", t}}
		if title, ok := d.about.Words.Resources[t]; ok {
			tag = append(tag, member{"x-displayName", d.pick(title)})
		}
		tags = append(tags, tag)
	}
	return tags
}

// groups are the groups of tags, as pages that show the document have them.
func (d *document) groups() any {
	var groups []object
	for _, g := range d.about.Words.Groups {
		groups = append(groups, object{{"name", d.pick(g.Name)}, {"tags", g.Resources}})
	}
	if groups == nil {
		return nil
	}
	return groups
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
		responses = append(responses, member{"304", object{{"description", d.say("Not changed since the answer whose ETag is in If-None-Match.")}}})
	}
	for _, r := range refused {
		if r.name != "Stale" || op.Readable {
			responses = append(responses, member{r.status, ref("responses", r.name)})
		}
	}
	none := []string{}
	return object{
		{"operationId", d.id(op)},
		{"tags", []string{tag}},
		{"summary", d.title(op.ID)},
		{"description", d.description(op, about)},
		{"x-taphoa-origin", origin},
		{"security", []object{
			{{"oauth2", []string{op.Scope}}, {"Retailer", none}},
			{{"bearer", none}, {"Retailer", none}},
		}},
		{"parameters", d.operationParameters(op, about)},
		{"requestBody", d.body(op, about)},
		{"responses", responses},
	}
}

func successHeaders(op *Operation) any {
	switch {
	case op.Tagged:
		return object{{"ETag", ref("headers", "ETag")}}
	case op.Method != http.MethodGet:
		return object{
			{"Idempotency-Replayed", ref("headers", "Idempotency-Replayed")},
			{"Taphoa-Dry-Run", ref("headers", "Taphoa-Dry-Run")},
		}
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

// description says what neither the title nor the schema does.
func (d *document) description(op *Operation, about *About) string {
	lines := []string{}
	if p, ok := d.about.Words.Notes[op.ID]; ok {
		lines = append(lines, d.pick(p))
	}
	if about.Note != "" {
		lines = append(lines, d.say(about.Note))
	}
	if op.ID == registerWebhook && len(d.verify) > 0 {
		lines = append(lines, d.verification())
	}
	if op.Ours {
		lines = append(lines, d.say("Not in the vendor's documents."))
	}
	if op.Admin {
		lines = append(lines, d.sayf("Needs a token of the scope `%s`.", op.Scope))
	}
	if len(op.Paths) > 1 {
		others := make([]string, len(op.Paths)-1)
		for i, p := range op.Paths[1:] {
			others[i] = "`" + place(p) + "`"
		}
		lines = append(lines, d.sayf("Also at %s.", strings.Join(others, ", ")))
	}
	return strings.Join(lines, "\n\n")
}

func (d *document) operationParameters(op *Operation, about *About) []object {
	var all []object
	for _, name := range placeholders(op.Paths[0]) {
		schema := object{{"type", "string"}}
		visit(op.In, func(f reflect.StructField) {
			if strings.EqualFold(f.Tag.Get("path"), name) {
				schema = d.schemas.of(f.Type, request)
			}
		})
		all = append(all, object{{"name", name}, {"in", "path"}, {"required", true}, {"description", d.parameter(op, name)}, {"schema", schema}})
	}
	visit(op.In, func(f reflect.StructField) {
		name := f.Tag.Get("query")
		if name == "" || slices.Contains(placeholders(op.Paths[0]), f.Tag.Get("path")) {
			return
		}
		all = append(all, object{
			{"name", name},
			{"in", "query"},
			{"description", sentences(d.parameter(op, name), d.schemas.spellings(f))},
			{"schema", d.schemas.limited(f, plain(f.Type), request)},
		})
	})
	for _, name := range about.Headers {
		all = append(all, object{{"name", name}, {"in", "header"}, {"description", d.parameter(op, name)}, {"schema", text}})
	}
	if op.Tagged {
		return append(all, ref("parameters", "If-None-Match"))
	}
	if op.Method != http.MethodGet {
		all = append(all, ref("parameters", "Idempotency-Key"), ref("parameters", "Taphoa-Dry-Run"))
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
	example := d.bodies[op.ID]
	if example == nil {
		example = about.Request
	}
	note := ""
	if root != "" {
		note = d.sayf("The list %s may also be sent alone, as an array.", root)
	}
	return object{{"description", note}, {"content", content(d.schemas.body(op.In, placeholders(op.Paths[0])), example)}}
}

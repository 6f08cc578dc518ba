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
	ID       string // its name in the contract; of two lines with one name the later one gets its method as a suffix
	Ours     bool   // not in the contract
	Method   string
	Paths    []string     // in all spellings, the documented one first
	In, Out  reflect.Type // of the request and of the response
	Scope    string       // that a token must have
	Admin    bool         // the scope is one of administrators' clients only
	Tagged   bool         // its responses have an ETag
	Readable bool         // a write whose path has a GET with an ETag
}

// Options of [Document].
type Options struct {
	Version   string                    // of the program
	Language  string                    // of its texts, the first of [Languages] unless given
	Refusal   reflect.Type              // the body of every refusal
	Scopes    []Scope                   // in the order in which they are shown; the first is the default
	Events    []Event                   // of webhooks
	Verify    []Snippet                 // examples of how a receiver checks their signature
	CamelOnly bool                      // of names that differ in letter case alone, responses have one
	Examples  map[string]jsontext.Value // of bodies, by operation, instead of those in Described
	Described *Descriptions             // nil for the embedded ones
}

// Scope is a scope of tokens with its description.
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

// document is the state while a document is built.
type document struct {
	*texts
	schemas *schemas
	verify  []Snippet
	bodies  map[string]jsontext.Value
	tags    []string
	ids     []string
}

// Document returns the OpenAPI 3.1 document of a route table.
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
	refusal := d.schemas.of(o.Refusal, response)
	paths := d.paths(table)
	webhooks := d.webhooks(o.Events)
	var defaultScopes []string
	for _, s := range o.Scopes[:min(1, len(o.Scopes))] {
		defaultScopes = append(defaultScopes, s.Name)
	}
	return json.Marshal(object{
		{"openapi", "3.1.1"},
		{"info", object{
			{"title", "Taphoa"},
			{"version", o.Version},
			{"summary", d.translate("The KiotViet Public API, self-hosted")},
			{"description", d.translate(intro)},
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
					{"description", d.translate("POST /connect/token with client_id and client_secret, which `taphoa client create` prints.")},
					{"flows", object{
						{"clientCredentials", object{{"tokenUrl", "/connect/token"}, {"scopes", d.scopes(o.Scopes)}}},
						{"authorizationCode", object{
							{"authorizationUrl", "/connect/authorize"}, {"tokenUrl", "/connect/token"}, {"refreshUrl", "/connect/token"}, {"scopes", d.scopes(o.Scopes)},
						}},
					}},
					{"x-default-scopes", defaultScopes}, // the default on the page
				}},
				{"bearer", object{{"type", "http"}, {"scheme", "bearer"}, {"description", d.translate("A token that you have already.")}}},
				{"Retailer", object{
					{"type", "apiKey"}, {"in", "header"}, {"name", "Retailer"}, {"description", d.translate("The shop's name, beside the token.")},
				}},
			}},
		}},
	})
}

func (d *document) scopes(all []Scope) object {
	var o object
	for _, s := range all {
		o = append(o, member{s.Name, d.translate(s.About)})
	}
	return o
}

// documentPath returns a path as OpenAPI writes it: {code} for {code...}.
func documentPath(path string) string { return strings.ReplaceAll(path, "...}", "}") }

// paths returns each operation once, at its documented path, in the order of the table.
func (d *document) paths(table []Operation) object {
	var paths object
	for i := range table {
		op := &table[i]
		at := slices.IndexFunc(paths, func(m member) bool { return m.name == documentPath(op.Paths[0]) })
		if at < 0 {
			at = len(paths)
			paths = append(paths, member{documentPath(op.Paths[0]), object{}})
		}
		method := member{strings.ToLower(op.Method), d.operation(op, d.tag(table, op))}
		paths[at].value = append(paths[at].value.(object), method)
	}
	return paths
}

// tag returns the resource of an operation: from the contract, from another operation with the same first path segment, or
// the segment itself.
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

// id returns a unique operationId: some operations have two methods.
func (d *document) id(op *Operation) string {
	id := op.ID
	if slices.Contains(d.ids, id) {
		id += capital(strings.ToLower(op.Method))
	}
	d.ids = append(d.ids, id)
	return id
}

// resources returns the tags with their titles.
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

// groups returns the groups of tags for x-tagGroups.
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
		{"content", content(d.schemas.of(op.Out, response), about.Answer)},
	}
	responses := object{{"200", success}}
	if op.Tagged {
		responses = append(responses, member{"304", object{{"description", d.translate("Not changed since the answer whose ETag is in If-None-Match.")}}})
	}
	for _, r := range refusalResponses {
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

// description returns the notes about an operation.
func (d *document) description(op *Operation, about *About) string {
	lines := []string{}
	if p, ok := d.about.Words.Notes[op.ID]; ok {
		lines = append(lines, d.pick(p))
	}
	if about.Note != "" {
		lines = append(lines, d.translate(about.Note))
	}
	if op.ID == registerWebhook && len(d.verify) > 0 {
		lines = append(lines, d.verification())
	}
	if op.Ours {
		lines = append(lines, d.translate("Not in the vendor's documents."))
	}
	if op.Admin {
		lines = append(lines, d.translatef("Needs a token of the scope `%s`.", op.Scope))
	}
	if len(op.Paths) > 1 {
		others := make([]string, len(op.Paths)-1)
		for i, p := range op.Paths[1:] {
			others[i] = "`" + documentPath(p) + "`"
		}
		lines = append(lines, d.translatef("Also at %s.", strings.Join(others, ", ")))
	}
	return strings.Join(lines, "\n\n")
}

func (d *document) operationParameters(op *Operation, about *About) []object {
	var all []object
	for _, name := range placeholders(op.Paths[0]) {
		schema := object{{"type", "string"}}
		visitFields(op.In, func(f reflect.StructField) {
			if strings.EqualFold(f.Tag.Get("path"), name) {
				schema = d.schemas.of(f.Type, request)
			}
		})
		all = append(all, object{{"name", name}, {"in", "path"}, {"required", true}, {"description", d.parameter(op, name)}, {"schema", schema}})
	}
	visitFields(op.In, func(f reflect.StructField) {
		name := f.Tag.Get("query")
		if name == "" || slices.Contains(placeholders(op.Paths[0]), f.Tag.Get("path")) {
			return
		}
		all = append(all, object{
			{"name", name},
			{"in", "query"},
			{"description", joinSentences(d.parameter(op, name), d.schemas.spellings(f))},
			{"schema", d.schemas.withLimit(f, nonNull(f.Type), request)},
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

// placeholders returns the names of a path's placeholders.
func placeholders(path string) []string {
	var names []string
	for part := range strings.SplitSeq(documentPath(path), "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// body describes the request body of a write, nil if it has none.
func (d *document) body(op *Operation, about *About) any {
	if op.Method == http.MethodGet {
		return nil
	}
	members, root := 0, ""
	visitFields(op.In, func(f reflect.StructField) {
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
		note = d.translatef("The list %s may also be sent alone, as an array.", root)
	}
	return object{{"description", note}, {"content", content(d.schemas.body(op.In, placeholders(op.Paths[0])), example)}}
}

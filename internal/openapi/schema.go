package openapi

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/wire"
)

// direction selects how a type is described: all members of a request are optional, those of a response are required unless
// they are tagged omitzero. An event of ours has the members of a response in PascalCase, each once.
type direction int

const (
	response direction = iota
	request
	event
)

var suffixes = map[direction]string{response: "Answer", request: "Request", event: "Event"}

// basics are the schemas of types that are not structs with members.
var basics = map[reflect.Type]object{
	reflect.TypeFor[taphoa.Money]():    {{"type", "number"}, {"description", "Đồng."}},
	reflect.TypeFor[taphoa.Quantity](): {{"type", "number"}},
	reflect.TypeFor[taphoa.Percent]():  {{"type", "number"}},
	reflect.TypeFor[taphoa.Time]():     {{"type", "string"}, {"description", "Vietnam time, yyyy-MM-ddTHH:mm:ss.fffffff."}},
	reflect.TypeFor[taphoa.Stamp]():    {{"type", "string"}, {"format", "date-time"}, {"description", "Vietnam time with its offset."}},
	reflect.TypeFor[wire.Raw]():        {{"description", "Any JSON."}},
	reflect.TypeFor[taphoa.ProductImageData](): {
		{"type", "string"}, {"description", "A link; an object with the link in Image if the shop's WebhookImageStrings is false."},
	},
}

// directedType is a type in one direction.
type directedType struct {
	typ       reflect.Type
	direction direction
}

// schemas converts Go types to JSON schemas; named types become components.
type schemas struct {
	*texts
	camelOnly  bool
	names      map[directedType]string
	components object
}

func newSchemas(x *texts, camelOnly bool) *schemas {
	return &schemas{texts: x, camelOnly: camelOnly, names: map[directedType]string{}}
}

// of returns the schema of a type.
func (s *schemas) of(t reflect.Type, w direction) object {
	if w == event && t == reflect.TypeFor[taphoa.Time]() {
		t = reflect.TypeFor[taphoa.Stamp]()
	}
	if schema, ok := basics[t]; ok {
		schema = slices.Clone(schema)
		for i := range schema {
			if schema[i].name == "description" {
				schema[i].value = s.translate(schema[i].value.(string))
			}
		}
		return schema
	}
	if t == nil {
		return object{}
	}
	if t.Kind() == reflect.Pointer || isOpt(t) {
		return nullable(s.of(inner(t), w), w)
	}
	switch t.Kind() {
	case reflect.String:
		return object{{"type", "string"}}
	case reflect.Bool:
		return object{{"type", "boolean"}}
	case reflect.Int, reflect.Int64:
		return object{{"type", "integer"}, {"format", "int64"}}
	case reflect.Int32:
		return object{{"type", "integer"}, {"format", "int32"}}
	case reflect.Slice:
		return object{{"type", "array"}, {"items", s.of(t.Elem(), w)}}
	case reflect.Struct:
		if name := nameOf(t); name != "" {
			return s.component(directedType{t, w}, name, func() object { return s.members(t, w, nil) })
		}
		return s.members(t, w, nil)
	}
	return object{}
}

// component adds a named schema once and returns a reference to it. Of types with the same name, and of the directions of
// one type, the later ones get a longer name.
func (s *schemas) component(t directedType, name string, make func() object) object {
	if existing := s.names[t]; existing != "" {
		return ref("schemas", existing)
	}
	used := slices.Collect(maps.Values(s.names))
	for other := range suffixes {
		if slices.Contains(used, name) && other != t.direction && s.names[directedType{t.typ, other}] == name {
			name += suffixes[t.direction]
			break
		}
	}
	if slices.Contains(used, name) {
		_, pkg, _ := cutLast(t.typ.PkgPath(), "/")
		name = capital(pkg) + name
	}
	for base, n := name, 2; slices.Contains(used, name); n++ {
		name = fmt.Sprint(base, n)
	}
	s.names[t] = name // before make: the type may contain itself
	at := len(s.components)
	s.components = append(s.components, member{name, nil})
	s.components[at].value = make()
	return ref("schemas", name)
}

// body returns the schema of a request's body: the members of a type except those in its path.
func (s *schemas) body(t reflect.Type, inPath []string) object {
	partial := false
	visitFields(t, func(f reflect.StructField) {
		partial = partial || jsonName(f) != "" && slices.Contains(inPath, f.Tag.Get("path"))
	})
	if partial {
		return s.members(t, request, inPath)
	}
	return s.of(t, request)
}

// members returns the schema of a struct.
func (s *schemas) members(t reflect.Type, w direction, inPath []string) object {
	var properties object
	var required []string
	visitFields(t, func(f reflect.StructField) {
		name := jsonName(f)
		if name == "" || slices.Contains(inPath, f.Tag.Get("path")) {
			return
		}
		about := s.member(t, name)
		if w == request {
			typ := f.Type
			if slices.Contains(s.about.Required[TypeName(t)], name) || slices.Contains(s.about.Words.Required[TypeName(t)], name) {
				required, typ = append(required, name), nonNull(typ)
			}
			properties = append(properties, member{name, withDescription(s.withLimit(f, typ, w), joinSentences(about, s.spellings(f)))})
			return
		}
		omitted := strings.HasSuffix(f.Tag.Get("json"), ",omitzero")
		typ := f.Type
		if omitted {
			typ = nonNull(typ)
		}
		names := wire.Spellings(name, f.Tag.Get("also"), s.camelOnly)
		if w == event {
			names = []string{capital(name)}
		}
		for i, spelling := range names {
			if i > 0 {
				about = s.translatef("The same as %s.", names[0])
			}
			properties = append(properties, member{spelling, withDescription(s.of(typ, w), about)})
			if !omitted {
				required = append(required, spelling)
			}
		}
	})
	schema := object{{"type", "object"}, {"properties", properties}}
	if properties == nil {
		schema = schema[:1]
	}
	if required != nil {
		schema = append(schema, member{"required", required})
	}
	return schema
}

// withLimit returns the schema of a field, with maxLength if it is a text with a max tag, with its bounds if it is a number.
func (s *schemas) withLimit(f reflect.StructField, t reflect.Type, w direction) object {
	schema := s.of(t, w)
	limit, err := strconv.Atoi(f.Tag.Get("max"))
	if err != nil {
		return schema
	}
	if schema[0].value == "integer" {
		return append(schema, member{"minimum", 0}, member{"maximum", limit})
	}
	for i := range schema {
		if items, ok := schema[i].value.(object); ok && schema[i].name == "items" {
			schema[i].value = append(items, member{"maxLength", limit})
			return schema
		}
	}
	return append(schema, member{"maxLength", limit})
}

// spellings returns a sentence with the further names of a member in requests.
func (s *schemas) spellings(f reflect.StructField) string {
	alias := f.Tag.Get("alias")
	if alias == "" {
		return ""
	}
	return s.translatef("Also accepted as %s.", strings.ReplaceAll(alias, ",", ", "))
}

// withDescription returns a schema with the text about its member before its own description.
func withDescription(schema object, about string) object {
	if about == "" {
		return schema
	}
	schema = slices.Clone(schema)
	if at := slices.IndexFunc(schema, func(m member) bool { return m.name == "description" }); at >= 0 {
		schema[at].value = joinSentences(about, schema[at].value.(string))
		return schema
	}
	return append(schema, member{"description", about})
}

// nullable returns a schema that accepts null as well, except for objects of requests, where null means absent.
func nullable(schema object, w direction) object {
	for i := range schema {
		if text, ok := schema[i].value.(string); ok && schema[i].name == "type" {
			schema = slices.Clone(schema)
			schema[i].value = []string{text, "null"}
			return schema
		}
	}
	if w == request {
		return schema
	}
	return object{{"anyOf", []object{schema, {{"type", "null"}}}}}
}

// visitFields calls each for the fields of a struct and of its embedded structs.
func visitFields(t reflect.Type, each func(reflect.StructField)) {
	if t == nil || t.Kind() != reflect.Struct {
		return
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && f.Tag.Get("json") == "" && f.Type.Kind() == reflect.Struct {
			visitFields(f.Type, each)
		} else if f.IsExported() {
			each(f)
		}
	}
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return strings.TrimPrefix(name, "-")
}

func isOpt(t reflect.Type) bool {
	return t.PkgPath() == reflect.TypeFor[taphoa.Error]().PkgPath() && strings.HasPrefix(t.Name(), "Opt[")
}

// inner returns the element type of a pointer or an Opt.
func inner(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t.Field(0).Type
}

// nonNull returns a type without pointers and Opts.
func nonNull(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || isOpt(t) {
		t = inner(t)
	}
	return t
}

// nameOf returns the name of a type's component: OrderPage for Page[taphoa.Order].
func nameOf(t reflect.Type) string {
	name, of, generic := strings.Cut(t.Name(), "[")
	if !generic {
		return capital(name)
	}
	args := strings.Split(strings.TrimSuffix(of, "]"), ",")
	for i := len(args) - 1; i >= 0; i-- {
		arg := args[i]
		if _, last, ok := cutLast(arg, "."); ok {
			arg = last
		}
		name = capital(strings.Map(letters, arg)) + name
	}
	return capital(name)
}

func letters(r rune) rune {
	if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '_' {
		return r
	}
	return -1
}

func capital(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

func cutLast(text, at string) (before, after string, found bool) {
	if i := strings.LastIndex(text, at); i >= 0 {
		return text[:i], text[i+len(at):], true
	}
	return "", text, false
}

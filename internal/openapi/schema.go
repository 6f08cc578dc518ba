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

// way is the direction in which a type travels: all members of a request may be missing, those of an answer are there
// unless they are tagged omitzero. An event of ours has an answer's members in PascalCase, each once.
type way int

const (
	answer way = iota
	request
	event
)

var suffixes = map[way]string{answer: "Answer", request: "Request", event: "Event"}

// basics are types that are no structs of members.
var basics = map[reflect.Type]object{
	reflect.TypeFor[taphoa.Money]():    {{"type", "number"}, {"description", "Đồng."}},
	reflect.TypeFor[taphoa.Quantity](): {{"type", "number"}},
	reflect.TypeFor[taphoa.Percent]():  {{"type", "number"}},
	reflect.TypeFor[taphoa.Time]():     {{"type", "string"}, {"description", "Vietnam time, yyyy-MM-ddTHH:mm:ss.fffffff."}},
	reflect.TypeFor[taphoa.Stamp]():    {{"type", "string"}, {"format", "date-time"}, {"description", "Vietnam time with its offset."}},
	reflect.TypeFor[wire.Raw]():        {{"description", "Any JSON."}},
}

// travelling is a type on one of its ways.
type travelling struct {
	typ reflect.Type
	way way
}

// schemas turns Go types into JSON schemas; what has a name becomes a component.
type schemas struct {
	*texts
	camelOnly  bool
	names      map[travelling]string
	components object
}

func newSchemas(x *texts, camelOnly bool) *schemas {
	return &schemas{texts: x, camelOnly: camelOnly, names: map[travelling]string{}}
}

// of is the schema of a type.
func (s *schemas) of(t reflect.Type, w way) object {
	if w == event && t == reflect.TypeFor[taphoa.Time]() {
		t = reflect.TypeFor[taphoa.Stamp]()
	}
	if schema, ok := basics[t]; ok {
		schema = slices.Clone(schema)
		for i := range schema {
			if schema[i].name == "description" {
				schema[i].value = s.say(schema[i].value.(string))
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
			return s.component(travelling{t, w}, name, func() object { return s.members(t, w, nil) })
		}
		return s.members(t, w, nil)
	}
	return object{}
}

// component makes a named schema once and answers a reference to it. Of types with the same name, and of the ways of one
// type, the later have a longer name.
func (s *schemas) component(t travelling, name string, make func() object) object {
	if known := s.names[t]; known != "" {
		return ref("schemas", known)
	}
	taken := slices.Collect(maps.Values(s.names))
	for other := range suffixes {
		if slices.Contains(taken, name) && other != t.way && s.names[travelling{t.typ, other}] == name {
			name += suffixes[t.way]
			break
		}
	}
	if slices.Contains(taken, name) {
		_, room, _ := cutLast(t.typ.PkgPath(), "/")
		name = capital(room) + name
	}
	for base, n := name, 2; slices.Contains(taken, name); n++ {
		name = fmt.Sprint(base, n)
	}
	s.names[t] = name // before it is made: it may hold itself
	at := len(s.components)
	s.components = append(s.components, member{name, nil})
	s.components[at].value = make()
	return ref("schemas", name)
}

// body is the schema of a request's body: the members of a type without those that its path has.
func (s *schemas) body(t reflect.Type, inPath []string) object {
	partial := false
	visit(t, func(f reflect.StructField) {
		partial = partial || jsonName(f) != "" && slices.Contains(inPath, f.Tag.Get("path"))
	})
	if partial {
		return s.members(t, request, inPath)
	}
	return s.of(t, request)
}

// members is the schema of a struct.
func (s *schemas) members(t reflect.Type, w way, inPath []string) object {
	var properties object
	var required []string
	visit(t, func(f reflect.StructField) {
		name := jsonName(f)
		if name == "" || slices.Contains(inPath, f.Tag.Get("path")) {
			return
		}
		about := s.member(t, name)
		if w == request {
			typ := f.Type
			if slices.Contains(s.about.Required[TypeName(t)], name) || slices.Contains(s.about.Words.Required[TypeName(t)], name) {
				required, typ = append(required, name), plain(typ)
			}
			properties = append(properties, member{name, noted(s.limited(f, typ, w), sentences(about, s.spellings(f)))})
			return
		}
		omitted := strings.HasSuffix(f.Tag.Get("json"), ",omitzero")
		typ := f.Type
		if omitted {
			typ = plain(typ)
		}
		names := wire.Spellings(name, f.Tag.Get("also"), s.camelOnly)
		if w == event {
			names = []string{capital(name)}
		}
		for i, spelling := range names {
			if i > 0 {
				about = s.sayf("The same as %s.", names[0])
			}
			properties = append(properties, member{spelling, noted(s.of(typ, w), about)})
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

// limited is the schema of a field that may say how long its texts are.
func (s *schemas) limited(f reflect.StructField, t reflect.Type, w way) object {
	schema := s.of(t, w)
	most, err := strconv.Atoi(f.Tag.Get("max"))
	if err != nil {
		return schema
	}
	for i := range schema {
		if items, ok := schema[i].value.(object); ok && schema[i].name == "items" {
			schema[i].value = append(items, member{"maxLength", most})
			return schema
		}
	}
	return append(schema, member{"maxLength", most})
}

// spellings says under which further names a request may have a member.
func (s *schemas) spellings(f reflect.StructField) string {
	alias := f.Tag.Get("alias")
	if alias == "" {
		return ""
	}
	return s.sayf("Also accepted as %s.", strings.ReplaceAll(alias, ",", ", "))
}

// noted is a schema with what is known of the member that has it.
func noted(schema object, about string) object {
	if about == "" {
		return schema
	}
	schema = slices.Clone(schema)
	if at := slices.IndexFunc(schema, func(m member) bool { return m.name == "description" }); at >= 0 {
		schema[at].value = sentences(about, schema[at].value.(string))
		return schema
	}
	return append(schema, member{"description", about})
}

// nullable is a schema that null fits as well. In place of a request's object null says nothing.
func nullable(schema object, w way) object {
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

// visit calls visit for the fields of a struct, those of embedded structs among them.
func visit(t reflect.Type, each func(reflect.StructField)) {
	if t == nil || t.Kind() != reflect.Struct {
		return
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && f.Tag.Get("json") == "" && f.Type.Kind() == reflect.Struct {
			visit(f.Type, each)
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

// inner is what a pointer or an Opt holds.
func inner(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t.Field(0).Type
}

// plain is a type without what only says that it may be missing.
func plain(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || isOpt(t) {
		t = inner(t)
	}
	return t
}

// nameOf is the name of a type's component: Page[taphoa.Order] is OrderPage.
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

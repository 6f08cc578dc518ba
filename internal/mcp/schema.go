package mcp

import (
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
)

// schema is a JSON Schema of arguments.
type schema struct {
	Type        string            `json:"type"`
	Description string            `json:"description,omitempty"`
	Properties  map[string]schema `json:"properties,omitempty"`
	Items       *schema           `json:"items,omitempty"`
	Required    []string          `json:"required,omitempty"`
	Additional  *bool             `json:"additionalProperties,omitempty"`
}

// exact is an amount or a quantity, scaled by [taphoa.Scale]: what has more places is refused.
type exact int64

// UnmarshalJSON reads a number.
func (e *exact) UnmarshalJSON(b []byte) error {
	n, err := taphoa.ParseExactDecimal(string(b))
	*e = exact(n)
	return err
}

// money is an amount that may be absent.
func (e *exact) money() taphoa.Opt[taphoa.Money] {
	if e == nil {
		return taphoa.Opt[taphoa.Money]{}
	}
	return taphoa.Some(taphoa.Money(*e))
}

// schemaOf describes a struct by the tags of its fields: json, doc, and need for what may not be left out.
func schemaOf[T any]() schema { return describe(reflect.TypeFor[T]()) }

func describe(t reflect.Type) schema {
	if t == reflect.TypeFor[exact]() || t == reflect.TypeFor[*exact]() {
		return schema{Type: "number"}
	}
	switch t.Kind() {
	case reflect.String:
		return schema{Type: "string"}
	case reflect.Int64:
		return schema{Type: "integer"}
	case reflect.Bool:
		return schema{Type: "boolean"}
	case reflect.Slice:
		items := describe(t.Elem())
		return schema{Type: "array", Items: &items}
	}
	closed := false
	s := schema{Type: "object", Properties: map[string]schema{}, Additional: &closed}
	for field := range fields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		p := describe(field.Type)
		p.Description = field.Tag.Get("doc")
		s.Properties[name] = p
		if _, needed := field.Tag.Lookup("need"); needed {
			s.Required = append(s.Required, name)
		}
	}
	return s
}

// fields are those of a struct, and of the structs embedded in it.
func fields(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for _, field := range reflect.VisibleFields(t) {
			if !field.Anonymous && !yield(field) {
				return
			}
		}
	}
}

// missing returns the first argument that is needed and not there.
func (s schema) missing(arguments []byte) string {
	given := map[string]jsontext.Value{}
	_ = json.Unmarshal(arguments, &given) // was read before
	for _, name := range s.Required {
		if given[name].Kind() == 0 || given[name].Kind() == 'n' {
			return name
		}
	}
	return ""
}

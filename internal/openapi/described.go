package openapi

import (
	_ "embed"
	"reflect"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Descriptions are what the types do not say.
type Descriptions struct {
	Operations map[string]*About            `json:"operations"` // by their names
	Members    map[string]map[string]string `json:"members"`    // what a member means, by the Go type it stands in
}

// About is what is known of an operation.
type About struct {
	Resource   string            `json:"resource,omitzero"`
	Summary    string            `json:"summary,omitzero"`
	Note       string            `json:"note,omitzero"`
	Parameters map[string]string `json:"parameters,omitzero"` // by name
	Headers    []Header          `json:"headers,omitzero"`
	Request    jsontext.Value    `json:"request,omitzero"` // an example of a body
	Answer     jsontext.Value    `json:"answer,omitzero"`  // and of what it is answered with
}

// Header is a header that an operation heeds.
type Header struct {
	Name string `json:"name"`
	Note string `json:"note"`
}

//go:embed described.json
var describedText []byte

func described() (*Descriptions, error) {
	d := &Descriptions{}
	err := json.Unmarshal(describedText, d)
	return d, err
}

func (d *Descriptions) of(operation string) *About {
	if a := d.Operations[operation]; a != nil {
		return a
	}
	return &About{}
}

// member is what a member means in a type, or in one that is embedded in it.
func (d *Descriptions) member(t reflect.Type, f reflect.StructField, name string) string {
	if note := d.Members[TypeName(t)][name]; note != "" {
		return note
	}
	for i := range t.NumField() {
		e := t.Field(i)
		if e.Anonymous && e.Type.Kind() == reflect.Struct && e.Tag.Get("json") == "" {
			if note := d.member(e.Type, f, name); note != "" {
				return note
			}
		}
	}
	return ""
}

// TypeName is how [Descriptions] call a type.
func TypeName(t reflect.Type) string { return nameOf(t) }

// summary is a line about an operation, made of its name if there is none.
func (a *About) summary(id string) string {
	if a.Summary != "" {
		return strings.TrimSuffix(a.Summary, ".")
	}
	var words strings.Builder
	for i, r := range id {
		if i > 0 && unicode.IsUpper(r) {
			words.WriteByte(' ')
		}
		words.WriteRune(unicode.ToLower(r))
	}
	return capital(words.String())
}

// common are the parameters of every list.
var common = map[string]string{
	"pageSize":       "How many records: 20 unless given, at most 1,000, or 100 where the server keeps the vendor's limits.",
	"currentItem":    "How many records to skip.",
	"orderBy":        "The member to sort by.",
	"orderDirection": "Asc or Desc.",
	"id":             "The record's id.",
	"code":           "The record's code.",
}

func (a *About) parameter(name string) string {
	if note := common[name]; note != "" {
		return note
	}
	return a.Parameters[name]
}

// sentences joins those that are there.
func sentences(all ...string) string {
	var some []string
	for _, s := range all {
		if s != "" {
			some = append(some, s)
		}
	}
	return strings.Join(some, " ")
}

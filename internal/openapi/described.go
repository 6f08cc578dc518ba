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
	Required   map[string][]string          `json:"required"`   // members that a request must have, by its Go type
	Events     map[string]jsontext.Value    `json:"events"`     // an example of what an event says, by its type
	Words      Words                        `json:"-"`
}

// About is what is known of an operation.
type About struct {
	Resource   string            `json:"resource,omitzero"`
	Note       string            `json:"note,omitzero"`
	Parameters map[string]string `json:"parameters,omitzero"` // by name
	Headers    []string          `json:"headers,omitzero"`    // that it heeds
	Request    jsontext.Value    `json:"request,omitzero"`    // an example of a body
	Answer     jsontext.Value    `json:"answer,omitzero"`     // and of what it is answered with
}

var (
	//go:embed described.json
	describedText []byte

	//go:embed words.json
	wordsText []byte
)

func described() (*Descriptions, error) {
	d := &Descriptions{}
	if err := json.Unmarshal(describedText, d); err != nil {
		return nil, err
	}
	words, err := ReadWords()
	d.Words = *words
	return d, err
}

// ReadWords reads the words that the program brings along.
func ReadWords() (*Words, error) {
	w := &Words{}
	err := json.Unmarshal(wordsText, w)
	return w, err
}

func (d *Descriptions) of(operation string) *About {
	if a := d.Operations[operation]; a != nil {
		return a
	}
	return &About{}
}

// withEmbedded is a type and those whose members it has, too.
func withEmbedded(t reflect.Type) []reflect.Type {
	all := []reflect.Type{t}
	for i := range t.NumField() {
		if e := t.Field(i); e.Anonymous && e.Type.Kind() == reflect.Struct && e.Tag.Get("json") == "" {
			all = append(all, withEmbedded(e.Type)...)
		}
	}
	return all
}

// TypeName is how [Descriptions] call a type.
func TypeName(t reflect.Type) string { return nameOf(t) }

// texts are the document's texts in one language.
type texts struct {
	language
	about *Descriptions
}

// member is what a member means in a type: as it is written for this type, or as the contract has it, or what members of
// this name mean everywhere.
func (x *texts) member(t reflect.Type, name string) string {
	types := withEmbedded(t)
	for _, t := range types {
		if p, ok := x.members[strings.ToLower(TypeName(t)+"."+name)]; ok {
			return x.pick(p)
		}
	}
	for _, t := range types {
		if note := x.about.Members[TypeName(t)][name]; note != "" {
			return x.say(note)
		}
	}
	return x.pick(x.members[strings.ToLower(name)])
}

// parameter is what a parameter of an operation means: as it is written for the operation, or for all parameters of
// this name, or as the contract has it, or what a member of this name means.
func (x *texts) parameter(op *Operation, name string) string {
	for _, key := range []string{op.ID + "." + name, name} {
		if p, ok := x.parameters[strings.ToLower(key)]; ok {
			return x.pick(p)
		}
	}
	if note := x.about.of(op.ID).Parameters[name]; note != "" {
		return x.say(note)
	}
	return x.pick(x.members[strings.ToLower(name)])
}

// title is a line about an operation, made of its name if there is none.
func (x *texts) title(operation string) string {
	if p, ok := x.about.Words.Operations[operation]; ok {
		return x.pick(p)
	}
	var words strings.Builder
	for i, r := range operation {
		if i > 0 && unicode.IsUpper(r) {
			words.WriteByte(' ')
		}
		words.WriteRune(unicode.ToLower(r))
	}
	return capital(words.String())
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

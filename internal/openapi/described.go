package openapi

import (
	_ "embed"
	"reflect"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Descriptions are the texts and examples that cannot be derived from the types.
type Descriptions struct {
	Operations map[string]*About            `json:"operations"` // by their names
	Members    map[string]map[string]string `json:"members"`    // texts about members, by the Go type
	Required   map[string][]string          `json:"required"`   // members that a request must have, by its Go type
	Events     map[string]jsontext.Value    `json:"events"`     // examples of events' data, by the event's type
	Words      Words                        `json:"-"`
}

// About is the description of an operation.
type About struct {
	Resource   string            `json:"resource,omitzero"`
	Note       string            `json:"note,omitzero"`
	Parameters map[string]string `json:"parameters,omitzero"` // by name
	Headers    []string          `json:"headers,omitzero"`    // that it reads
	Request    jsontext.Value    `json:"request,omitzero"`    // an example of a request's body
	Answer     jsontext.Value    `json:"answer,omitzero"`     // an example of the response's body
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

// ReadWords returns the embedded words.json.
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

// embeddedTypes returns a type and all types that it embeds.
func embeddedTypes(t reflect.Type) []reflect.Type {
	all := []reflect.Type{t}
	for i := range t.NumField() {
		if e := t.Field(i); e.Anonymous && e.Type.Kind() == reflect.Struct && e.Tag.Get("json") == "" {
			all = append(all, embeddedTypes(e.Type)...)
		}
	}
	return all
}

// TypeName returns the name of a type in [Descriptions].
func TypeName(t reflect.Type) string { return nameOf(t) }

// texts are the document's texts in one language.
type texts struct {
	language
	about *Descriptions
}

// member returns the text about a member of a type: from words.json for this type, from the contract, or from words.json for
// members of this name.
func (x *texts) member(t reflect.Type, name string) string {
	types := embeddedTypes(t)
	for _, t := range types {
		if p, ok := x.members[strings.ToLower(TypeName(t)+"."+name)]; ok {
			return x.pick(p)
		}
	}
	for _, t := range types {
		if note := x.about.Members[TypeName(t)][name]; note != "" {
			return x.translate(note)
		}
	}
	return x.pick(x.members[strings.ToLower(name)])
}

// parameter returns the text about a parameter of an operation: from words.json for the operation or for all parameters of
// this name, from the contract, or the text about members of this name.
func (x *texts) parameter(op *Operation, name string) string {
	for _, key := range []string{op.ID + "." + name, name} {
		if p, ok := x.parameters[strings.ToLower(key)]; ok {
			return x.pick(p)
		}
	}
	if note := x.about.of(op.ID).Parameters[name]; note != "" {
		return x.translate(note)
	}
	return x.pick(x.members[strings.ToLower(name)])
}

// title returns the title of an operation, by default its name in words.
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

// joinSentences joins the sentences that are not empty.
func joinSentences(all ...string) string {
	var some []string
	for _, s := range all {
		if s != "" {
			some = append(some, s)
		}
	}
	return strings.Join(some, " ")
}

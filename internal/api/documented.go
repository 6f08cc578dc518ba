package api

import (
	_ "embed" // for the names
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// documentedText has the names of the contract, written by TestTheDocumentedNamesAreTheContracts.
//
//go:embed documented.json
var documentedText []byte

// documented are the names that the vendor's documents have.
type documented struct {
	Operations map[string]*documentedOperation `json:"operations"`
	Types      map[string]documentedMembers    `json:"types"`
}

// documentedOperation is one operation of the documents. A type is followed by [] for a list of it.
type documentedOperation struct {
	Paths  []string          `json:"paths"`
	Query  documentedMembers `json:"query,omitzero"`
	Body   string            `json:"body,omitzero"`
	Answer string            `json:"answer,omitzero"`
}

// documentedMembers are the types of members by their names. A name with [seenOnly] before it is in no document: programs send it.
type documentedMembers map[string]string

const seenOnly = "~"

var documents = sync.OnceValue(func() *documented {
	d := &documented{}
	if err := json.Unmarshal(documentedText, d); err != nil {
		panic(err) // the file is in the program
	}
	return d
})

// list splits a type from its brackets.
func list(of string) (name string, isList bool) { return strings.CutSuffix(of, "[]") }

// AnswerMembers returns the members of an operation's answer that the documents have, as paths such as
// data[].orderDetails[].productCode, sorted.
func AnswerMembers(operation string) []string {
	d, all := documents(), []string{}
	o := d.Operations[operation]
	if o == nil {
		return all
	}
	var within []string
	var visit func(of, path string)
	visit = func(of, path string) {
		name, isList := list(of)
		if isList {
			path += "[]"
		}
		if slices.Contains(within, name) {
			return
		}
		within = append(within, name)
		for member, of := range d.Types[name] {
			if strings.HasPrefix(member, seenOnly) {
				continue
			}
			inner := join(path, member)
			visit(of, inner)
			if _, isList := list(of); isList {
				inner += "[]"
			}
			all = append(all, inner)
		}
		within = within[:len(within)-1]
	}
	visit(o.Answer, "")
	slices.Sort(all)
	return all
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// AnswerHeld calls held for the [AnswerMembers] that a JSON text has, some of them several times. Of a text that breaks off it reads
// the beginning.
func AnswerHeld(operation string, answer []byte, held func(member string)) {
	o := documents().Operations[operation]
	if o == nil {
		return
	}
	h := answerReader{documents(), jsontext.NewDecoder(strings.NewReader(string(answer)), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)), held, nil}
	_ = h.value(o.Answer, "") // until the text breaks off
}

// answerReader reads an answer as its documented type.
type answerReader struct {
	*documented
	text *jsontext.Decoder
	held func(string)
	path []visited // the types that enclose the value
}

type visited struct{ name, path string }

func (h *answerReader) value(of, path string) error {
	name, isList := list(of)
	if isList {
		path += "[]"
	}
	if h.Types[name] == nil {
		return h.text.SkipValue()
	}
	if at := slices.IndexFunc(h.path, func(v visited) bool { return v.name == name }); at >= 0 {
		path = h.path[at].path // a type within itself: its members are those of the outer one
	}
	h.path = append(h.path, visited{name, path})
	defer func() { h.path = h.path[:len(h.path)-1] }()
	return h.elements(name, path)
}

// elements reads an object, or the objects of a list.
func (h *answerReader) elements(name, path string) error {
	switch h.text.PeekKind() {
	case '[':
		if _, err := h.text.ReadToken(); err != nil {
			return err
		}
		for h.text.PeekKind() != ']' {
			if err := h.elements(name, path); err != nil {
				return err
			}
		}
		_, err := h.text.ReadToken()
		return err
	case '{':
		return h.object(name, path)
	}
	return h.text.SkipValue()
}

func (h *answerReader) object(name, path string) error {
	if _, err := h.text.ReadToken(); err != nil {
		return err
	}
	for h.text.PeekKind() != '}' {
		token, err := h.text.ReadToken()
		if err != nil {
			return err
		}
		member := token.String()
		of, known := h.Types[name][member]
		if !known {
			if err := h.text.SkipValue(); err != nil {
				return err
			}
			continue
		}
		inner := join(path, member)
		shown := inner
		if _, isList := list(of); isList {
			shown += "[]"
		}
		h.held(shown)
		if err := h.value(of, inner); err != nil {
			return err
		}
	}
	_, err := h.text.ReadToken()
	return err
}

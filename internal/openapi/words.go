package openapi

import (
	"fmt"
	"slices"
	"strings"
)

// Languages are those of the document, by their BCP 47 tags; the first is the default.
var Languages = []string{"en", "vi"}

// Words are the texts of words.json: those that neither the types nor the contract have, and the Vietnamese of all others.
// Names are compared without letter case.
type Words struct {
	Groups     []Group             `json:"groups"`     // of resources, in the order in which they are shown
	Resources  map[string]Phrase   `json:"resources"`  // their titles
	Operations map[string]Phrase   `json:"operations"` // their titles, by name
	Notes      map[string]Phrase   `json:"notes"`      // further notes about an operation
	Members    map[string]Phrase   `json:"members"`    // about members of a name; Type.name for one type
	Parameters map[string]Phrase   `json:"parameters"` // about parameters of a name; operation.name for one operation
	Required   map[string][]string `json:"required"`   // required members of operations of ours, by type
	Vietnamese map[string]string   `json:"vietnamese"` // of an English text
}

// Group is a group of resources.
type Group struct {
	Name      Phrase   `json:"name"`
	Resources []string `json:"resources"`
}

// Phrase is a text in all [Languages].
type Phrase [2]string

// lowerCaseKeys returns the phrases by names in lower case.
func lowerCaseKeys(all map[string]Phrase) map[string]Phrase {
	low := make(map[string]Phrase, len(all))
	for name, p := range all {
		low[strings.ToLower(name)] = p
	}
	return low
}

// language has the texts for one of the [Languages].
type language struct {
	name       string
	vietnamese map[string]string
	members    map[string]Phrase
	parameters map[string]Phrase
}

func newLanguage(name string, w *Words) language {
	return language{name: name, vietnamese: w.Vietnamese, members: lowerCaseKeys(w.Members), parameters: lowerCaseKeys(w.Parameters)}
}

// translate returns an English text in this language, unchanged if there is no translation.
func (l *language) translate(english string) string {
	if vietnamese := l.vietnamese[english]; vietnamese != "" {
		return Phrase{english, vietnamese}.In(l.name)
	}
	return english
}

// translatef formats with a translated format.
func (l *language) translatef(english string, args ...any) string {
	return fmt.Sprintf(l.translate(english), args...)
}

func (l *language) pick(p Phrase) string { return p.In(l.name) }

// In returns the phrase in a language, by default the first.
func (p Phrase) In(language string) string { return p[max(0, slices.Index(Languages, language))] }

package openapi

import (
	"fmt"
	"slices"
	"strings"
)

// Languages are those that the document is written in, by their BCP 47 tags; the first unless another is asked for.
var Languages = []string{"en", "vi"}

// Words are the document's texts that neither a type nor the contract has, and the Vietnamese of those that they have.
// Names are compared without letter case.
type Words struct {
	Groups     []Group             `json:"groups"`     // of resources, in the order in which they are shown
	Resources  map[string]Phrase   `json:"resources"`  // their titles
	Operations map[string]Phrase   `json:"operations"` // their titles, by name
	Notes      map[string]Phrase   `json:"notes"`      // what else there is to know of an operation
	Members    map[string]Phrase   `json:"members"`    // what a member of this name means; as Type.name in one type
	Parameters map[string]Phrase   `json:"parameters"` // what a parameter of this name means; as operation.name in one operation
	Required   map[string][]string `json:"required"`   // members without which an operation of ours refuses, by type
	Vietnamese map[string]string   `json:"vietnamese"` // of an English text
}

// Group is a group of resources.
type Group struct {
	Name      Phrase   `json:"name"`
	Resources []string `json:"resources"`
}

// Phrase is a text in all [Languages].
type Phrase [2]string

// lowered is the phrases by names in small letters.
func lowered(all map[string]Phrase) map[string]Phrase {
	low := make(map[string]Phrase, len(all))
	for name, p := range all {
		low[strings.ToLower(name)] = p
	}
	return low
}

// language speaks one of the [Languages].
type language struct {
	name       string
	vietnamese map[string]string
	members    map[string]Phrase
	parameters map[string]Phrase
}

func newLanguage(name string, w *Words) language {
	return language{name: name, vietnamese: w.Vietnamese, members: lowered(w.Members), parameters: lowered(w.Parameters)}
}

// say is an English text in this language.
func (l *language) say(english string) string {
	if vietnamese := l.vietnamese[english]; vietnamese != "" {
		return Phrase{english, vietnamese}.In(l.name)
	}
	return english
}

// sayf fills in an English format in this language.
func (l *language) sayf(english string, args ...any) string {
	return fmt.Sprintf(l.say(english), args...)
}

func (l *language) pick(p Phrase) string { return p.In(l.name) }

// In is the phrase in a language.
func (p Phrase) In(language string) string { return p[max(0, slices.Index(Languages, language))] }

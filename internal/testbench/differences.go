package testbench

import (
	_ "embed" // for the differences
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed differences.yaml
var differencesText []byte

// Phrase is a text in both languages.
type Phrase struct {
	English    string `yaml:"en"`
	Vietnamese string `yaml:"vi"`
}

// In returns the text in a language: vi, or English.
func (p Phrase) In(language string) string {
	if language == vietnamese {
		return p.Vietnamese
	}
	return p.English
}

const vietnamese = "vi"

// Difference is something that works in a sandbox and differs at the vendor.
type Difference struct {
	ID       string
	Title    Phrase
	Text     Phrase
	Advice   Phrase
	Source   string
	Detected string // how, in English; "" for what is not looked for
}

// Differences are those of differences.yaml, in its order.
var Differences = sync.OnceValue(func() []Difference {
	var all []Difference
	if err := yaml.Unmarshal(differencesText, &all); err != nil {
		panic(err) // the file is in the program
	}
	return all
})

// difference returns the one of an id.
func difference(id string) *Difference {
	all := Differences()
	for i := range all {
		if all[i].ID == id {
			return &all[i]
		}
	}
	panic("testbench: no difference " + id)
}

package testbench

import (
	_ "embed" // for the differences
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
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
	Limit    int    // that --vendor-limits enforces; 0: it is no limit
	Rules    []Rule // of a quirk
}

// Differences are those of differences.yaml, in its order.
var Differences = sync.OnceValue(func() []Difference {
	var all []Difference
	if err := yaml.Unmarshal(differencesText, &all); err != nil {
		panic(err) // the file is in the program
	}
	return all
})

// detect returns the details of a difference in a request, in words of the request; none if it has none. It is called once a request, in
// the order of the requests.
func (d *Difference) detect(w *watch, n *Request, e *api.Explained) []string {
	if detect := detectors[d.ID]; detect != nil {
		return detect(w, n, e)
	}
	u, err := url.ParseRequestURI(n.URL)
	found := err == nil && slices.ContainsFunc(d.Rules, func(r Rule) bool { return r.matches(n.Method, u) })
	return detail(found, n.Method+" "+n.path())
}

// AllQuirks stands for those of all differences, where quirks are named.
const AllQuirks = "*"

// quirkRules returns the rules of some quirks.
func quirkRules(ids []string) (rules []*Rule, err error) {
	var known []string
	for _, d := range Differences() {
		if len(d.Rules) > 0 {
			known = append(known, d.ID)
		}
	}
	for i, id := range ids {
		if id != AllQuirks && !slices.Contains(known, id) {
			return nil, taphoa.Refuse(taphoa.CodeValidate, fmt.Sprintf("quirks[%d]", i), "Không có tật %s; quirks gồm: %s, hoặc %s là tất cả",
				id, strings.Join(known, ", "), AllQuirks)
		}
	}
	for _, d := range Differences() {
		if slices.Contains(ids, d.ID) || slices.Contains(ids, AllQuirks) {
			for _, r := range d.Rules {
				r.Quirk = d.ID
				rules = append(rules, &r)
			}
		}
	}
	return rules, nil
}

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

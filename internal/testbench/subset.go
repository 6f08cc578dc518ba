package testbench

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa/internal/requestlog"
)

// mismatch is where a value is not what was expected.
type mismatch struct {
	Path     string         `json:"path"`
	Expected jsontext.Value `json:"expected"`
	Got      jsontext.Value `json:"got,omitzero"` // empty: it is missing
}

// subset compares a value with what is expected of it: objects by the expected members, lists in their order, numbers by value. Values
// of a form are texts, also where a number is expected.
type subset struct {
	form  bool
	found []mismatch
}

// mismatchesMax bounds what is told of one comparison.
const mismatchesMax = 50

func (s *subset) compare(path string, want, got jsontext.Value) {
	if len(s.found) >= mismatchesMax {
		return
	}
	differs := func() { s.found = append(s.found, mismatch{path, want, got}) }
	switch want.Kind() {
	case '{':
		var wanted, have map[string]jsontext.Value
		if json.Unmarshal(want, &wanted) != nil || json.Unmarshal(got, &have, jsontext.AllowDuplicateNames(true)) != nil || have == nil {
			differs()
			return
		}
		for _, name := range inOrder(want) {
			inner := name
			if path != "" {
				inner = path + "." + name
			}
			if value, ok := have[name]; ok {
				s.compare(inner, wanted[name], value)
			} else {
				s.found = append(s.found, mismatch{inner, wanted[name], nil})
			}
		}
	case '[':
		var wanted, have []jsontext.Value
		if json.Unmarshal(want, &wanted) != nil || json.Unmarshal(got, &have) != nil || len(have) < len(wanted) {
			differs()
			return
		}
		for i := range wanted {
			s.compare(fmt.Sprintf("%s[%d]", path, i), wanted[i], have[i])
		}
	default:
		if !s.same(want, got) {
			differs()
		}
	}
}

// inOrder are the names of an object as they come in its text.
func inOrder(object jsontext.Value) (names []string) {
	d := jsontext.NewDecoder(strings.NewReader(string(object)))
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() == '"' {
		name, _ := d.ReadToken()
		names = append(names, name.String())
		err = d.SkipValue()
	}
	return names
}

// same compares values that are neither objects nor lists.
func (s *subset) same(want, got jsontext.Value) bool {
	if s.form && got.Kind() == '"' {
		return plain(want) == plain(got) || equalNumbers(plain(want), plain(got))
	}
	switch {
	case want.Kind() != got.Kind():
		return false
	case want.Kind() == '0':
		return equalNumbers(string(want), string(got))
	}
	return plain(want) == plain(got)
}

// digitsMax bounds the numbers that are compared by value: 1e999999 takes a while.
const (
	digitsMax   = 40
	exponentMax = 3 // characters
)

func equalNumbers(one, other string) bool {
	for _, number := range []string{one, other} {
		if _, exponent, _ := strings.Cut(strings.ToLower(number), "e"); len(number) > digitsMax || len(exponent) > exponentMax {
			return one == other
		}
	}
	a, ok := new(big.Rat).SetString(one)
	b, ok2 := new(big.Rat).SetString(other)
	return ok && ok2 && a.Cmp(b) == 0
}

// plain is the text of a value.
func plain(value jsontext.Value) string {
	var text string
	if value.Kind() == '"' && json.Unmarshal(value, &text) == nil {
		return text
	}
	return string(value)
}

const valueMax = 200 // bytes of a value in a sentence

// shownValue is a value for a sentence, masked if the name of its member is that of a secret.
func (q *requests) shownValue(path string, value jsontext.Value) string {
	if len(value) == 0 {
		return "không có"
	}
	name := path[strings.LastIndexByte(path, '.')+1:]
	if requestlog.Mask("?"+name+"=x", valueMax) != "?"+name+"=x" || secretHeaders.MatchString(name) {
		return mask
	}
	return cut(q.masked(string(value), valueMax), valueMax)
}

// formValue is a form or a query as an object; what comes several times is a list.
func formValue(values map[string][]string) jsontext.Value {
	object := map[string]any{}
	for name, all := range values {
		object[name] = all
		if len(all) == 1 {
			object[name] = all[0]
		}
	}
	text, err := json.Marshal(object, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return jsontext.Value("{}")
	}
	return text
}

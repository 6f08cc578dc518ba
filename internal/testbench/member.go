package testbench

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// member is a value of a record, by its path: inventories[0].onHand.
type member struct {
	path  string
	value jsontext.Value
}

// record is what the API shows of one.
type record struct {
	id         int64
	code, name string
	members    []member
}

// naming are the members that name a record, the first that there is.
var naming = []string{
	"name", "categoryName", "branchName", "givenName", "userName", "surchargeName", "tradeMarkName", "bankName", "contactName", "type",
}

// newRecord reads a record from the answers that show it, of which the later ones add to lists named data.
func newRecord(id int64, answers ...jsontext.Value) *record {
	f := &flat{seen: map[string]bool{}, paged: len(answers) > 1 || hasPage(answers[0])}
	for _, answer := range answers {
		f.add(answer)
	}
	r := &record{id: id, members: f.members}
	r.code = r.text("code")
	for _, name := range naming {
		if r.name = r.text(name); r.name != "" || r.code != "" {
			break
		}
	}
	return r
}

// text is a member that is one.
func (r *record) text(path string) string {
	i := slices.IndexFunc(r.members, func(m member) bool { return m.path == path })
	if i < 0 || r.members[i].value.Kind() != '"' {
		return ""
	}
	text, _ := jsontext.AppendUnquote(nil, r.members[i].value)
	return string(text)
}

// flat are the members of a record in their order, each once: not in all its spellings.
type flat struct {
	members []member
	seen    map[string]bool // paths in lower case
	paged   bool            // the record is shown in pages
	rows    int             // of the pages so far
}

func (f *flat) add(answer jsontext.Value) {
	d := decoder(answer)
	if token, err := d.ReadToken(); err != nil || token.Kind() != '{' {
		return
	}
	for d.PeekKind() == '"' {
		name, value := readMember(d)
		switch lower := strings.ToLower(name); {
		case f.paged && lower == "data" && value.Kind() == '[':
			for _, item := range elements(value) {
				f.value(fmt.Sprintf("data[%d]", f.rows), item)
				f.rows++
			}
		case lower == "data", lower == "message", lower == "timestamp", f.paged && lower == "pagesize":
			// the same once more, or nothing of the record
		default:
			f.value(name, value)
		}
	}
}

// value adds what is at a path.
func (f *flat) value(path string, value jsontext.Value) {
	lower := strings.ToLower(path)
	if f.seen[lower] {
		return
	}
	f.seen[lower] = true
	switch value.Kind() {
	case '{':
		d := decoder(value)
		_, _ = d.ReadToken()
		for d.PeekKind() == '"' {
			name, inner := readMember(d)
			f.value(path+"."+name, inner)
		}
	case '[':
		for i, item := range elements(value) {
			f.value(fmt.Sprintf("%s[%d]", path, i), item)
		}
	default:
		f.members = append(f.members, member{path, value})
	}
}

func decoder(value jsontext.Value) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewReader(value), jsontext.AllowDuplicateNames(true))
}

// readMember reads a member of an object; what the API answers is JSON.
func readMember(d *jsontext.Decoder) (name string, value jsontext.Value) {
	token, err := d.ReadToken()
	if err != nil {
		return "", nil
	}
	name = token.String()
	value, err = d.ReadValue()
	if err != nil {
		return name, jsontext.Value("null")
	}
	return name, value.Clone()
}

// elements are those of a list.
func elements(list jsontext.Value) (all []jsontext.Value) {
	d := decoder(list)
	if token, err := d.ReadToken(); err != nil || token.Kind() != '[' {
		return nil
	}
	for d.PeekKind() != ']' {
		value, err := d.ReadValue()
		if err != nil {
			return all
		}
		all = append(all, value.Clone())
	}
	return all
}

// lookUp is a member of an object, whatever the case of its name; nil if there is none.
func lookUp(object jsontext.Value, is func(lower string) bool) jsontext.Value {
	if object.Kind() != '{' {
		return nil
	}
	d := decoder(object)
	_, _ = d.ReadToken()
	for d.PeekKind() == '"' {
		if name, value := readMember(d); is(strings.ToLower(name)) {
			return value
		}
	}
	return nil
}

func named(name string) func(string) bool { return func(lower string) bool { return lower == name } }

// hasPage reports whether an answer is a page of something: it has a list data and their total.
func hasPage(answer jsontext.Value) bool {
	return lookUp(answer, named("data")).Kind() == '[' && lookUp(answer, named("total")) != nil
}

// idOf is the number of what an answer or an event shows: its id, or the first member that is called one.
func idOf(item jsontext.Value) int64 {
	value := item
	if item.Kind() == '{' {
		if value = lookUp(item, named("id")); value == nil {
			value = lookUp(item, func(lower string) bool { return strings.HasSuffix(lower, "id") && lower != "retailerid" })
		}
	}
	return number(value)
}

func number(value jsontext.Value) (n int64) {
	_, _ = fmt.Sscan(string(value), &n) // no number is 0
	return n
}

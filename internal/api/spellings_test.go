package api_test

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/apitest"
	"github.com/taphoa/taphoa/internal/wire"
)

// spelled is a member of an input: the documented name, and others for it.
type spelled struct {
	name   string
	others []string
	typ    reflect.Type
}

// spellings returns the members of a struct that a tag names.
func spellings(t reflect.Type, tag string) (all []spelled) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get(tag), ",")
		if f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct {
			all = append(all, spellings(f.Type, tag)...)
			continue
		}
		if name == "" || name == "-" {
			continue
		}
		m := spelled{name: name, typ: f.Type}
		for _, other := range append([]string{name}, strings.Split(f.Tag.Get("alias"), ",")...) {
			if other == "" {
				continue
			}
			for _, letters := range []string{other, strings.ToUpper(other), strings.ToLower(other), strings.ToUpper(other[:1]) + other[1:]} {
				if letters != name {
					m.others = append(m.others, letters)
				}
			}
		}
		all = append(all, m)
	}
	return all
}

// textsOf returns two different values of a type as JSON.
func textsOf(t reflect.Type) (text [2]string) {
	switch t {
	case reflect.TypeFor[taphoa.Time]():
		return [2]string{`"2026-09-01"`, `"2026-09-02"`}
	case reflect.TypeFor[wire.Raw]():
		return [2]string{`{"a":1}`, `[2]`}
	}
	switch t.Kind() {
	case reflect.String:
		return [2]string{`"1"`, `"2"`}
	case reflect.Bool:
		return [2]string{"true", "false"}
	case reflect.Pointer, reflect.Slice:
		text = textsOf(t.Elem())
	case reflect.Struct:
		if strings.HasPrefix(t.Name(), "Opt[") {
			return textsOf(t.Field(0).Type)
		}
		m := spellings(t, "json")[0]
		text = textsOf(m.typ)
		for i := range text {
			text[i] = `{"` + m.name + `":` + text[i] + `}`
		}
	default:
		return [2]string{"1", "2"}
	}
	if t.Kind() == reflect.Slice {
		text[0], text[1] = "["+text[0]+"]", "["+text[1]+"]"
	}
	return text
}

// TestTheDocumentedSpellingOfEveryMemberWins gives each member of each input, at any depth, under its documented name and
// under another, in both orders, in JSON and in queries.
func TestTheDocumentedSpellingOfEveryMemberWins(t *testing.T) {
	t.Parallel()
	tried := 0
	try := func(root reflect.Type, what string, source func(text string) *wire.Source, join, good string, bad []string) {
		decode := func(text string) any {
			in := reflect.New(root).Interface()
			if err := wire.Decode(source(text), in); err != nil {
				t.Fatalf("%v: %s %s: %v", root, what, text, err)
			}
			return in
		}
		want := decode(good)
		for _, other := range bad {
			if reflect.DeepEqual(decode(other), want) {
				t.Errorf("%v: %s: %s and %s mean the same", root, what, good, other)
			}
			for _, text := range []string{good + join + other, other + join + good} {
				if got := decode(text); !reflect.DeepEqual(got, want) {
					t.Errorf("%v: %s: %s is %+v, want %+v", root, what, text, got, want)
				}
				tried++
			}
		}
	}
	var walk func(root, at reflect.Type, before, after string, depth int)
	walk = func(root, at reflect.Type, before, after string, depth int) {
		body := func(text string) *wire.Source { return &wire.Source{Body: []byte(before + text + after)} }
		for _, m := range spellings(at, "json") {
			text, bad := textsOf(m.typ), []string(nil)
			for _, other := range m.others {
				bad = append(bad, fmt.Sprintf(`"%s":%s`, other, text[1]))
			}
			try(root, before, body, ",", fmt.Sprintf(`"%s":%s`, m.name, text[0]), bad)
			inner, open, closed := m.typ, `{`, `}`
			for {
				if inner.Kind() == reflect.Slice {
					open, closed = `[{`, `}]`
				} else if inner.Kind() != reflect.Pointer && !strings.HasPrefix(inner.Name(), "Opt[") {
					break
				}
				if inner.Kind() == reflect.Struct {
					inner = inner.Field(0).Type
				} else if inner = inner.Elem(); inner == reflect.TypeFor[byte]() {
					break
				}
			}
			if inner.Kind() == reflect.Struct && len(spellings(inner, "json")) > 0 && depth < 4 {
				walk(root, inner, before+`"`+m.name+`":`+open, closed+after, depth+1)
			}
		}
	}
	seen := map[reflect.Type]bool{}
	for _, r := range api.Routes() {
		if r.In == nil || seen[r.In] {
			continue
		}
		seen[r.In] = true
		walk(r.In, r.In, "{", "}", 0)
		for _, m := range spellings(r.In, "query") {
			text, bad := textsOf(m.typ), []string(nil)
			value := func(i int) string { return url.QueryEscape(strings.Trim(text[i], `"[]`)) }
			for _, other := range m.others {
				bad = append(bad, other+"="+value(1))
			}
			query := func(text string) *wire.Source { return &wire.Source{Query: text} }
			try(r.In, "query", query, "&", m.name+"="+value(0), bad)
		}
	}
	if tried < 5_000 {
		t.Errorf("only %d pairs were tried", tried)
	}
}

// TestTheDocumentedSpellingWinsOverHTTP: in the path, the query or the body; of others, a query comes before a body.
func TestTheDocumentedSpellingWinsOverHTTP(t *testing.T) {
	t.Parallel()
	d := apitest.Seeded(t, "sqlite")
	for _, test := range []struct {
		method, path, body string
		want               [2]string // where in the answer, and what
	}{
		{"GET", "/products?pageSize=2&PAGESIZE=3", "", [2]string{"$.pageSize", "2"}},
		{"GET", "/products?PAGESIZE=3&pageSize=2", "", [2]string{"$.pageSize", "2"}},
		{"GET", "/products?pageSize=1&CurrentItem=9&currentItem=1&CURRENTITEM=8", "", [2]string{"$.data[0].code", "{second}"}},
		{"GET", "/products", `{"pageSize":2,"PageSize":3,"pagesize":4}`, [2]string{"$.pageSize", "2"}},
		{"GET", "/products", `{"pagesize":4,"PageSize":3,"pageSize":2}`, [2]string{"$.pageSize", "2"}},
		{"GET", "/products", `{"PAGESIZE":4,"pagesize":2}`, [2]string{"$.pageSize", "2"}},
		{"GET", "/products", `{"pagesize":4,"PAGESIZE":2}`, [2]string{"$.pageSize", "2"}},
		{"GET", "/products", `{"pageSize":4,"pageSize":2}`, [2]string{"$.pageSize", "2"}},
		{"GET", "/products?pageSize=2", `{"pageSize":3}`, [2]string{"$.pageSize", "2"}},
		{"GET", "/products/code/TRA?code=TRA-HOP&Code=TRA-HOP", "", [2]string{"$.code", "TRA"}},
		{"POST", "/products?BRANCHID=x", `{"name":"a","branchId":{branch:CN1}}`, [2]string{"$.name", "a"}},
		{"POST", "/customers", `{"NAME":"b","name":"a","Name":"c","branchId":{branch:CN1}}`, [2]string{"$.data.name", "a"}},
		{"POST", "/customers", `{"name":"a","comment":"c","comments":"b","branchId":{branch:CN1}}`, [2]string{"$.data.comments", "b"}},
	} {
		want := test.want[1]
		if want == "{second}" {
			want, _ = d.Send("GET", "/products?pageSize=2", "").Get("$.data[1].code")
		}
		a := d.Send(test.method, test.path, fillIn(d, test.body), "Content-Type", "application/json")
		if got, _ := a.Get(test.want[0]); a.Status != 200 || got != want {
			t.Errorf("%s %s %s: %d, %s is %q, want %q in %s", test.method, test.path, test.body, a.Status, test.want[0], got, want, a.Body)
		}
	}
}

package console

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/taphoa/taphoa/internal/api"
	"github.com/taphoa/taphoa/internal/event"
)

// TestDescriptionsNameMembersThatThereAre: columns and fields are members of what the operations return, inputs of what they
// take, filters and orders of what the list takes, and events of those that there are.
func TestDescriptionsNameMembersThatThereAre(t *testing.T) {
	t.Parallel()
	in := func(operation string) reflect.Type {
		in, _, _ := api.Operation(operation)
		return in
	}
	out := func(operation string) reflect.Type {
		_, out, _ := api.Operation(operation)
		return out
	}
	for _, d := range append(slices.Clone(descriptions), webhooks, deliveries) {
		row := member(out(d.list), "json", "data").Type.Elem()
		needs := func(what string, of reflect.Type, tag, member string) {
			t.Helper()
			if !has(of, tag, member) {
				t.Errorf("%s: %s %s is no member of %v", d.path, what, member, of)
			}
		}
		for _, c := range d.columns {
			needs("the column", row, "json", c.member)
			if d.get != "" {
				needs("the column", out(d.get), "json", c.member)
			}
		}
		for _, f := range d.filters {
			needs("the filter", in(d.list), "query", f.param)
			if f.until != "" {
				needs("the filter", in(d.list), "query", f.until)
			}
		}
		for name := range d.with {
			needs("the parameter", in(d.list), "query", name)
		}
		if d.search != "" {
			needs("the search by", in(d.list), "query", d.search)
		}
		for _, s := range d.sections {
			for _, f := range s.fields {
				needs("the field", out(d.get), "json", f.member)
				if d.update != "" && !f.computed {
					needs("the input", in(d.update), "json", f.member)
				}
				if d.create != "" && !f.computed {
					needs("the input", in(d.create), "json", f.member)
				}
			}
			if s.lines != nil {
				needs("the lines", out(d.get), "json", s.lines.member)
				line := member(out(d.get), "json", s.lines.member).Type.Elem()
				for _, c := range s.lines.columns {
					needs("the column", line, "json", c.member)
				}
			}
		}
		for _, kind := range d.kinds {
			if !slices.Contains(event.Types, kind) {
				t.Errorf("%s: there is no event %s", d.path, kind)
			}
		}
	}
}

func has(t reflect.Type, tag, name string) bool { return member(t, tag, name) != nil }

// member returns the field of a struct with a name in a tag, also of one that it embeds.
func member(t reflect.Type, tag, name string) *reflect.StructField {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for _, f := range reflect.VisibleFields(t) {
		said, _, _ := strings.Cut(f.Tag.Get(tag), ",")
		if strings.EqualFold(said, name) && !f.Anonymous { // the API takes a member in any letter case
			return &f
		}
	}
	return nil
}

// TestEveryEventHasAName by which a person chooses what a webhook gets.
func TestEveryEventHasAName(t *testing.T) {
	t.Parallel()
	var named []string
	for i := 0; i < len(eventNames); i += 2 {
		named = append(named, eventNames[i])
		if !strings.HasSuffix(eventNames[i+1], "("+eventNames[i]+")") {
			t.Errorf("%s is called %s", eventNames[i], eventNames[i+1])
		}
	}
	want := slices.Clone(event.Types)
	slices.Sort(named)
	slices.Sort(want)
	if !slices.Equal(named, want) {
		t.Errorf("the names are of %v, the events %v", named, want)
	}
}

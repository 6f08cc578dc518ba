package console

import (
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/taphoa/taphoa/internal/message"
)

// walk calls a function for each value of a component and what it holds, and returns a copy with the texts that it gives.
func walk(v reflect.Value, see func(owner reflect.Type, field, text string) string) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return c
		}
		inner := walk(v.Elem(), see)
		if v.Kind() == reflect.Interface {
			c.Set(inner)
			return c
		}
		p := reflect.New(inner.Type())
		p.Elem().Set(inner)
		c.Set(p)
	case reflect.Slice:
		c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			c.Index(i).Set(walk(v.Index(i), see))
		}
	case reflect.Struct:
		see(v.Type(), "", "")
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if v.Field(i).Type() == reflect.TypeFor[string]() {
				c.Field(i).SetString(see(v.Type(), name, v.Field(i).String()))
			} else {
				c.Field(i).Set(walk(v.Field(i), see))
			}
		}
	}
	return c
}

func TestTheStylePagesShowEveryComponent(t *testing.T) {
	seen := map[string]bool{}
	texts := map[string]bool{}
	for _, page := range []any{stylePage("vi"), styleNarrow("vi")} {
		walk(reflect.ValueOf(page), func(owner reflect.Type, field, text string) string {
			seen[owner.Name()] = true
			texts[owner.Name()+" "+field+" "+text] = true
			return text
		})
	}
	for _, x := range templatesOf[message.Vietnamese]().Templates() {
		// What replaces parts of a page is drawn by other tests.
		if name := x.Name(); unicode.IsUpper([]rune(name + " ")[0]) && !seen[name] && name != "Found" && name != "Parts" {
			t.Errorf("no style page shows %s", name)
		}
	}
	for _, want := range []string{"Table State loading", "Table State error", "Field Kind lines", "Field Kind lookup", "Cell Title " + longName} {
		if !texts[want] {
			t.Errorf("no style page has %s", want)
		}
	}
	if n := len([]rune(longName)); n != 60 {
		t.Errorf("the long name has %d letters", n)
	}
}

// TestNoTextOfAComponentBecomesCode puts what breaks out of elements and attributes into every text of every component.
func TestNoTextOfAComponentBecomesCode(t *testing.T) {
	const evil = `x"'></textarea></title><script>evil()</script><b onclick=evil() `
	ours := []string{"Kind", "State", "Tone", "Icon", "Sort", "Width", "Language"} // choose among templates
	draw := func(change func(text string) string) string {
		var b strings.Builder
		for name, page := range map[string]any{"Page": stylePage("vi"), "Narrow": styleNarrow("vi")} {
			changed := walk(reflect.ValueOf(page), func(_ reflect.Type, field, text string) string {
				if field == "" || slices.Contains(ours, field) {
					return text
				}
				return change(text)
			})
			if err := templatesOf[message.Vietnamese]().ExecuteTemplate(&b, name, changed.Interface()); err != nil {
				t.Fatal(err)
			}
		}
		return b.String()
	}
	clean := draw(func(string) string { return "x" })
	bad := draw(func(string) string { return evil })
	for _, sign := range []string{"<script", "<b ", "</textarea", "</title", `"'`} {
		if strings.Count(bad, sign) != strings.Count(clean, sign) {
			t.Errorf("%s is %d times in the pages with bad texts, %d times in the others", sign, strings.Count(bad, sign), strings.Count(clean, sign))
		}
	}
	if links := draw(func(string) string { return "javascript:evil()" }); strings.Contains(links, `href="javascript:`) || strings.Contains(links, `action="javascript:`) {
		t.Error("a link runs a script")
	}
	for _, inline := range []string{" style=", "<style", " onclick=", " hx-on", "<script>"} {
		if strings.Contains(clean, inline) {
			t.Errorf("the pages have %s", inline)
		}
	}
}

func TestAComponentWithoutATemplateIsAnError(t *testing.T) {
	type stranger struct{}
	if err := templatesOf[message.Vietnamese]().ExecuteTemplate(io.Discard, "Narrow", Narrow{Body: []any{stranger{}}}); err == nil {
		t.Error("it is left out silently")
	}
}

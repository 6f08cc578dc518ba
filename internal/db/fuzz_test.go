package db

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/taphoa/taphoa"
)

// FuzzCursor reads cursors that clients made up, or changed: each is refused with a sentence, or is one position.
func FuzzCursor(f *testing.F) {
	const list = 7
	f.Add("*", int64(0), int64(0), "")
	f.Add("e30", int64(1), int64(-1), "Áo\x00")
	for _, text := range []string{`{"l":7,"i":1,"at":1,"c":0}`, `{"l":8,"i":1,"at":1,"c":0}`, `{"l":7,"i":1e3,"at":1}`, `{"l":7,"L":7}`, `{"l":7,"at":-1}`, `{"l":7,"t":"\u0000","at":1}`, `null`, `[]`} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(text)), int64(5), int64(1)<<60, text)
	}
	f.Fuzz(func(t *testing.T, sent string, id, num int64, text string) {
		got, err := readCursor(&taphoa.Paging{Cursor: sent}, list)
		var refusal *taphoa.Error
		switch {
		case err != nil:
			if !errors.As(err, &refusal) || refusal.Kind != taphoa.KindRefused || refusal.Field != "cursor" {
				t.Fatalf("%q: %#v is no refusal", sent, err)
			}
		case got.List != list || got.Rows < 0 || strings.Contains(got.Text, "\x00") || !utf8.ValidString(got.Text):
			t.Fatalf("%q is read as %+v", sent, got)
		case sent != cursorStart:
			if again, err := readCursor(&taphoa.Paging{Cursor: got.String()}, list); err != nil || again != got {
				t.Fatalf("%q is read as %+v, and that as %+v, %v", sent, got, again, err)
			}
		}
		if strings.Contains(text, "\x00") || !utf8.ValidString(text) {
			return // no row has such a key
		}
		ours := cursor{List: list, ID: id, Num: num, Text: text, At: 1}
		if back, err := readCursor(&taphoa.Paging{Cursor: ours.String()}, list); err != nil || back != ours {
			t.Fatalf("%+v comes back as %+v, %v", ours, back, err)
		}
	})
}

// FuzzOrderBy sorts a list by what clients name: the statement has one of the list's own orders, whatever was sent.
func FuzzOrderBy(f *testing.F) {
	for _, seed := range []string{"", "name", "NAME", "Price", "id", "retailerId", "x", "name; DROP TABLE products", "name desc", "p.name", "\x00", "ｎame", "na\u017fe"} {
		f.Add(seed, "Desc", "")
		f.Add(seed, "", "*")
	}
	products := func() *List {
		return &List{Table: "products p", Orders: Orders{"name": Text("p.name"), "price": Number("p.price").OrNull()}, Default: "price desc"}
	}
	allowed := map[string]bool{}
	for _, by := range []string{"", "p.name%s, ", "COALESCE(p.price, -9223372036854775807)%s, "} {
		for _, direction := range []string{" ASC", " DESC"} {
			allowed[strings.ReplaceAll(by, "%s", direction)+"p.id"+direction] = true
		}
	}
	f.Fuzz(func(t *testing.T, by, direction, cursor string) {
		q := products().query(&taphoa.Paging{OrderBy: by, OrderDirection: direction, Cursor: cursor})
		if !allowed[q.order()] {
			t.Fatalf("orderBy=%q&orderDirection=%q sorts by %s", by, direction, q.order())
		}
		_, known := q.Orders[strings.ToLower(by)]
		if known && q.descending != strings.EqualFold(direction, "desc") {
			t.Fatalf("orderBy=%q&orderDirection=%q sorts by %s", by, direction, q.order())
		}
		other := products().query(&taphoa.Paging{OrderBy: strings.ToUpper(by), OrderDirection: strings.ToUpper(direction), Cursor: cursor})
		if known && q.order() != other.order() {
			t.Fatalf("%q sorts by %s, in capitals by %s", by, q.order(), other.order())
		}
	})
}

// FuzzContaining compares the pattern that searches for a text with strings.Contains, by the rules of LIKE.
func FuzzContaining(f *testing.F) {
	f.Add("50%", "giảm 50% hôm nay")
	f.Add("a_b", "axb")
	f.Add(`\`, `a\b`)
	f.Add(`\%_`, `\\%__`)
	f.Fuzz(func(t *testing.T, needle, text string) {
		if len(needle)+len(text) > 200 || !utf8.ValidString(needle) || !utf8.ValidString(text) {
			return
		}
		if got, want := like(Containing(needle), text), strings.Contains(text, needle); got != want {
			t.Fatalf("%q LIKE %q is %v, want %v", text, Containing(needle), got, want)
		}
	})
}

// like is SQL's LIKE with ESCAPE '\', for one % at both ends: what is between them is literal.
func like(pattern, text string) bool {
	inner := strings.TrimPrefix(pattern, "%")
	var literal strings.Builder
	for i := 0; i < len(inner); i++ {
		switch c := inner[i]; {
		case c == '\\' && i+1 < len(inner):
			i++
			literal.WriteByte(inner[i])
		case c == '%' && i == len(inner)-1:
			return strings.Contains(text, literal.String())
		case c == '%' || c == '_' || c == '\\':
			return false // a wildcard or a torn escape in the middle
		default:
			literal.WriteByte(c)
		}
	}
	return false
}

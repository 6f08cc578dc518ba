package wire

import (
	"testing"

	"github.com/taphoa/taphoa"
)

type lineWrite struct {
	Code string             `json:"code"`
	Note taphoa.Opt[string] `json:"note"`
}

type write struct {
	ID     int64                   `path:"id" query:"id"`
	Code   string                  `path:"code"`
	Void   bool                    `query:"void" json:"void"`
	Kinds  []int64                 `query:"kinds"`
	Name   taphoa.Opt[string]      `json:"name"`
	From   taphoa.Opt[taphoa.Time] `query:"from" json:"from"`
	Price  taphoa.Money            `json:"price"`
	Lines  []lineWrite             `json:"lines"`
	Single *lineWrite              `json:"single"`
	Links  []*lineWrite            `json:"links"`
}

// TestARequestHasWhatWasSet also decodes each request again.
func TestARequestHasWhatWasSet(t *testing.T) {
	at, _ := taphoa.ParseTime("2026-03-01T08:00:00")
	for name, c := range map[string]struct {
		path              string
		body              bool
		in                write
		wantPath, q, want string
	}{
		"nothing":        {"/x", true, write{}, "/x", "", ""},
		"an id":          {"/x/{id}", true, write{ID: 7}, "/x/7", "", ""},
		"an id's query":  {"/x", true, write{ID: 7}, "/x", "id=7", ""},
		"a code":         {"/x/{code...}", false, write{Code: "A/ B%?{}"}, "/x/A%2F%20B%25%3F%7B%7D", "", ""},
		"query":          {"/x", false, write{Void: true, Kinds: []int64{1, 2}, From: taphoa.Some(at)}, "/x", "from=2026-03-01T08%3A00%3A00.0000000&kinds=1&kinds=2&void=true", ""},
		"body":           {"/x", true, write{Void: true, Kinds: []int64{1}, Price: taphoa.Dong(5)}, "/x", "kinds=1", `{"void":true,"price":5}`},
		"null and empty": {"/x", true, write{Name: taphoa.Null[string](), Lines: []lineWrite{}}, "/x", "", `{"name":null,"lines":[]}`},
		"an empty text":  {"/x", true, write{Name: taphoa.Some("")}, "/x", "", `{"name":""}`},
		"inside":         {"/x", true, write{Lines: []lineWrite{{}, {Code: "a", Note: taphoa.Null[string]()}}, Single: &lineWrite{Code: "ộ\""}}, "/x", "", `{"lines":[{},{"code":"a","note":null}],"single":{"code":"ộ\""}}`},
		"a null in it":   {"/x", true, write{Links: []*lineWrite{nil}}, "/x", "", `{"links":[null]}`},
	} {
		r, err := NewRequest(c.path, c.body, &c.in)
		if err != nil || r.Path != c.wantPath || r.Query != c.q || string(r.Body) != c.want {
			t.Errorf("%s: %+v %s %v", name, r, r.Body, err)
		}
	}
	if _, err := NewRequest("/x/code/{code...}", false, &write{}); err == nil {
		t.Error("a path without its code")
	}
	if r, err := NewRequest("/x", true, (*write)(nil)); err != nil || r.Body != nil {
		t.Error(r, err)
	}
}

func TestAResponseMayBeLargeAndHaveOtherSpellings(t *testing.T) {
	var got struct {
		Reserved int64  `json:"reserved" also:"actualReserved"`
		Text     string `json:"text" max:"3"`
	}
	if err := DecodeResponse([]byte(`{"ActualReserved":"5","text":"dài hơn ba"}`), &got); err != nil || got.Reserved != 5 || got.Text != "dài hơn ba" {
		t.Errorf("%+v %v", got, err)
	}
	var list []int64
	if err := DecodeResponse([]byte(`[1,2]`), &list); err != nil || len(list) != 2 {
		t.Errorf("%v %v", list, err)
	}
}

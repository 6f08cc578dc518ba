package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/taphoa/taphoa"
)

// mustDecodeOrRefuse decodes a source and fails if that is slow or returns neither a document nor a refusal. The document
// must be encoded as JSON that decodes to the same document.
func mustDecodeOrRefuse(t *testing.T, src Source) {
	start := time.Now()
	var in, again document
	err := Decode(&src, &in)
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v for %d bytes", took, len(src.Body)+len(src.Query))
	}
	var refusal *taphoa.Error
	if err != nil {
		if !errors.As(err, &refusal) || refusal.Message == "" || refusal.Kind == taphoa.KindInternal {
			t.Fatalf("%#v is not a refusal", err)
		}
		return
	}
	text := Append(nil, &in)
	if !jsontext.Value(text).IsValid(jsonOptions) {
		t.Fatalf("not JSON: %s", text)
	}
	if err := Decode(&Source{Body: text}, &again); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if after := Append(nil, &again); !bytes.Equal(after, text) {
		t.Fatalf("%s became %s", text, after)
	}
}

// plain returns the tree as encoding/json would.
func plain(d *tree, at int32) any {
	n := d.nodes[at]
	switch n.kind {
	case isObject:
		object := map[string]any{}
		for c := n.first; c != 0; c = d.nodes[c].next {
			object[d.nodes[c].name] = plain(d, c)
		}
		return object
	case isList:
		list := []any{}
		for c := n.first; c != 0; c = d.nodes[c].next {
			list = append(list, plain(d, c))
		}
		return list
	case isText:
		return n.text
	case isNumber:
		return json.Number(n.text)
	case isNull:
		return nil
	}
	return n.kind == isTrue
}

func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{
		orderBody, `[{"quantity":"1.5"}]`, `{"images":[{"Image":"\u00e0"}],"extra":{"a":[1,{}]},"groups":"[1,2]"}`,
		`{"id":[[7]],"orderDetails":{"0":{"price":null}},"purchaseDate":"2026-09-01T08:21:36"}`, "\ufeff null ", `{"a":1,"A":[2],"a":-0.0e1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		mustDecodeOrRefuse(t, Source{Body: body, ContentType: "application/json"})
		d := &tree{nodes: make([]node, 1)}
		at, fault := d.readJSON(body, nil)
		if fault != nil {
			return
		}
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		var want any
		if err := dec.Decode(&want); err != nil {
			t.Fatalf("encoding/json refuses it: %v", err)
		}
		if got := plain(d, at); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func FuzzDecodeForm(f *testing.F) {
	for _, seed := range []string{
		"plain=a%20b&orderDetails[0][productId]=1&orderDetails[0].quantity=2", "groups[]=1&groups=2&groups[5]=3", "a[b]c=1&.=2&a.=3&[]=4",
		"deliveryDetail=1&deliveryDetail[status]=2&deliveryDetail=3", "extra[a][][b]=1&extra[a][]=2&raws=1&raws=2", "plain=%zz%00+&gender=on",
	} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, body, value string) {
		mustDecodeOrRefuse(t, Source{Body: []byte(body), ContentType: formType})
		if !utf8.ValidString(value) || strings.Contains(value, "\x00") || len(value) > maxText {
			return
		}
		var in document
		form := url.Values{"PLAIN": {value}, "orderDetails[0][productCode]": {value}}.Encode()
		if err := Decode(&Source{Body: []byte(form)}, &in); err != nil || in.Plain != value || in.Lines[0].Code != value {
			t.Fatalf("%q came back as %+v, %v", value, in, err)
		}
	})
}

func FuzzDecodeMultipart(f *testing.F) {
	f.Add("plain", "a")
	f.Add("orderDetails[0][productId]", "7")
	f.Add("groups\"; filename=\"x", "\r\n--B\r\n")
	f.Fuzz(func(t *testing.T, name, value string) {
		mustDecodeOrRefuse(t, Source{
			Body:        []byte("--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n--B--\r\n"),
			ContentType: "multipart/form-data; boundary=B",
		})
	})
}

func FuzzDecodeQuery(f *testing.F) {
	for _, seed := range []string{"status=1&status=3", "status=1,3&words=[\"a\",b]", "status%5B%5D=1&status[1]=3&ISVOIDPAYMENT=True", "id=&days=2026-09-01,2026-09-02", "purchaseDate=2026-09-01T00:00:00+07:00"} {
		f.Add(seed, "1")
		f.Add("", seed)
	}
	f.Fuzz(func(t *testing.T, query, id string) {
		mustDecodeOrRefuse(t, Source{Query: query, Path: []Param{{"id", id}}})
	})
}

func FuzzAppendString(f *testing.F) {
	for _, seed := range []string{"", "Nước mắm", "</a>&\"\\/\b\f\n\r\t\x00\x1f\x7f", "\u2028\u2029😀", "a\xff\xe1\xbb"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
		got := string(appendString(nil, s))
		var back, want string
		if json.Unmarshal([]byte(got), &back) != nil || json.Unmarshal(out.Bytes(), &want) != nil || back != want {
			t.Fatalf("%q reads back as %q, want %q", s, back, want)
		}
		if !utf8.ValidString(s) || strings.ContainsRune(s, '\\') {
			return // encoding/json escapes U+FFFD; and what follows would take \\u2028 in s for an escape
		}
		if want := strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(strings.TrimSuffix(out.String(), "\n")); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

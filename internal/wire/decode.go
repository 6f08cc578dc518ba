package wire

import (
	"bytes"
	"fmt"
	"mime"
	"reflect"
	"strings"
	"sync"
	"unsafe"

	"github.com/taphoa/taphoa"
)

// Source is a request as it was received. Decode does not retain Body, so its buffer may be reused.
type Source struct {
	Path        []Param // the values of the route's placeholders, unescaped
	Query       string  // as in the URL, without the question mark
	Body        []byte
	ContentType string // of the body; "" without the header

	// IgnoreNulls treats members that are null as absent: clients with typed requests send null for all that they did not
	// set. Otherwise a [taphoa.Opt] is set to null.
	IgnoreNulls bool
}

// Param is a placeholder of a route and its value.
type Param struct{ Name, Value string }

// Decode fills the struct that into points to, which should be zero: absent members are left unchanged. Names match in any
// letter case, unknown ones are ignored, and values are accepted in every spelling that clients send (contract
// observed-behaviour, 4.2 and 4.3); the tests list them. The strings share one private copy of the body.
//
// The error is a [*taphoa.Error] that names the member: [taphoa.KindUnreadable] for a value that cannot be parsed or does
// not fit the type, [taphoa.KindRefused] for a text longer than its field allows.
func Decode(src *Source, into any) error {
	p := reflect.ValueOf(into)
	v := planOf(p.Type().Elem())
	if v.op != opStruct {
		panic(fmt.Sprintf("wire: Decode into %T", into))
	}
	d := decoders.Get().(*decoder)
	defer d.release()
	d.ignoreNulls = src.IgnoreNulls
	if f := d.decode(src, v, p); f != nil {
		return f.err()
	}
	return nil
}

// Weight returns the approximate maximum of bytes that [Decode] allocates for a body: texts, tree, structs.
func Weight(body []byte) int64 {
	count := func(c string) int { return bytes.Count(body, []byte(c)) }
	objects := count("{") + count("[")
	values := objects + count(",") + count("&") + 1
	if text := bytes.TrimSpace(body); len(text) > 0 && text[0] != '{' && text[0] != '[' {
		objects += count(".") // a form's a.b
		values += objects
	}
	tree := 2 * min(values, maxNodes) * int(unsafe.Sizeof(node{})) // it doubles as it grows
	return int64(2*len(body) + tree + min(objects*structSize, maxAllocated))
}

// WeightMax returns the largest [Weight] of a body of a length.
func WeightMax(length int) int64 {
	return int64(2*length + 2*maxNodes*int(unsafe.Sizeof(node{})) + maxAllocated)
}

// structSize is the size that nearly all structs of requests are within, in bytes.
const structSize = 512

// DecodeResponse decodes the JSON of a response or of a webhook's data, ours or the vendor's, into the value that into
// points to. Like [Decode] it is lenient, with the also-names as further spellings, but it sets no limits.
func DecodeResponse(body []byte, into any) error {
	p := reflect.ValueOf(into)
	v := planOf(p.Type().Elem())
	d := decoders.Get().(*decoder)
	defer d.release()
	d.unlimited = true
	root, f := d.readJSON(body, v)
	if f == nil {
		_, f = d.bind(root, v, -1, p.UnsafePointer())
	}
	if f != nil {
		return f.err()
	}
	return nil
}

// decoder is the state of one Decode.
type decoder struct {
	tree
	chosen    []choice // for each field of the structs being decoded, the node that fills it
	elements  []int32  // the elements of the slices being decoded
	allocated int      // bytes allocated for structs and lists

	ignoreNulls bool
}

// choice is the node that fills a field; node 0 is none.
type choice struct {
	node int32
	rank int16
}

var decoders = sync.Pool{New: func() any { return &decoder{tree: tree{nodes: make([]node, 1, 128)}} }}

// release returns the decoder to the pool without the request's texts, unless a large request has made it large.
func (d *decoder) release() {
	if cap(d.nodes) > 4096 {
		return
	}
	d.unlimited, d.ignoreNulls = false, false
	clear(d.nodes)
	d.nodes, d.text = d.nodes[:1], ""
	d.chosen, d.elements, d.allocated = d.chosen[:0], d.elements[:0], 0
	decoders.Put(d)
}

func (d *decoder) decode(src *Source, v *value, into reflect.Value) *fault {
	o := v.obj
	d.chosen = append(d.chosen, make([]choice, len(o.fields))...)
	if len(o.paths) > 0 {
		root := d.add(0, node{kind: isObject})
		for _, param := range src.Path {
			d.add(root, node{label: label{name: param.Name}, text: param.Value, kind: isText})
		}
		d.choose(0, root, o.paths, nil)
	}
	if len(o.queries) > 0 && src.Query != "" {
		root, f := d.readForm(src.Query, true)
		if f != nil {
			return f
		}
		d.choose(0, root, o.queries, nil)
	}
	if len(o.names) > 0 {
		root, f := d.readBody(src, v)
		if f == nil && root != 0 {
			f = d.chooseBody(root, o)
		}
		if f != nil {
			return f
		}
	}
	return d.bindChosen(0, o, into.UnsafePointer())
}

// chooseBody selects the members of a body, which may be an object, empty, or an array for the field with wire:"root".
func (d *decoder) chooseBody(root int32, o *object) *fault {
	n := &d.nodes[root]
	switch {
	case n.kind == isNull || n.kind == isText && blank(n.text):
	case n.kind == isObject:
		d.choose(0, root, o.names, o.also)
	case n.kind == isList && o.root >= 0:
		d.chosen[o.root] = choice{root, inBody.documented}
	case n.kind == isList && n.first == n.last: // an object wrapped in an array by mistake, or PHP's empty object
		if n.first != 0 {
			return d.chooseBody(n.first, o)
		}
	default:
		return unreadable("Nội dung yêu cầu phải là một đối tượng JSON")
	}
	return nil
}

// readBody parses the body into a tree and returns its root, or 0 for an empty body: what v has fields for, or all if v is nil.
// Clients send JSON with the type of a form and the other way round, so a body that begins like an object or array is JSON
// whatever its type.
func (d *decoder) readBody(src *Source, v *value) (int32, *fault) {
	body := bytes.TrimPrefix(src.Body, []byte("\ufeff"))
	text := bytes.TrimSpace(body)
	media := strings.ToLower(src.ContentType)
	switch {
	case len(text) == 0:
		return 0, nil
	case strings.HasPrefix(media, "multipart/"):
		_, params, _ := mime.ParseMediaType(src.ContentType)
		return d.readMultipart(body, params["boundary"])
	case text[0] == '{' || text[0] == '[' || strings.Contains(media, "json"):
		if v == nil {
			return d.readJSON(body, nil)
		}
		root := v.obj.root
		if text[0] != '[' || root < 0 {
			return d.readJSON(body, v)
		}
		at, f := d.readJSON(body, v.obj.fields[root].val)
		return at, f.within(v.obj.fields[root].name)
	}
	return d.readForm(string(text), false)
}

// fault is an error that collects the path of the member while it is returned from nested values.
type fault struct {
	kind taphoa.ErrorKind
	path string
	text string // a format whose first argument is the path
	args []any
}

// unreadable returns a fault of [taphoa.KindUnreadable].
func unreadable(text string, args ...any) *fault {
	return &fault{kind: taphoa.KindUnreadable, text: text, args: args}
}

// under puts the fault below a member or an index.
func (f *fault) under(name string) *fault {
	if f.path != "" && f.path[0] != '[' {
		name += "."
	}
	f.path = name + f.path
	return f
}

// within is under for a fault of the parser. Only tooMany is about one member and gets its path.
func (f *fault) within(name string) *fault {
	if f != nil && f.text == tooMany {
		f.under(name)
	}
	return f
}

func (f *fault) err() error {
	var args []any
	if strings.Contains(f.text, "%") {
		args = append([]any{f.path}, f.args...)
	}
	e := taphoa.Unreadable(f.path, f.text, args...)
	e.Kind = f.kind
	return e
}

package wire

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"unsafe"

	"github.com/taphoa/taphoa"
)

// Request is a request as a client sends it: the other end of [Source].
type Request struct {
	Path  string // escaped
	Query string
	Body  []byte // JSON; nil for none
}

// NewRequest says what the struct that in points to holds, in the way of a route: a field goes into the placeholder of
// the path that it is named for, else into the body, or into the query when the route has no body or the field no json
// name. What [Decode] would leave alone is left out: zero values, nil lists, absent Opts. An Opt that is null is sent as
// null in a body, an empty list as []. A placeholder without a value is an error: the path would lead elsewhere.
func NewRequest(path string, hasBody bool, in any) (*Request, error) {
	p := reflect.ValueOf(in)
	v := planOf(p.Type().Elem())
	if v.op != opStruct {
		panic(fmt.Sprintf("wire: NewRequest of %T", in))
	}
	if p.IsNil() {
		p = reflect.New(v.typ)
	}
	at := p.UnsafePointer()
	r := &Request{Path: path}
	query := url.Values{}
	for i := range v.obj.fields {
		f := &v.obj.fields[i]
		val := unsafe.Add(at, f.offset)
		switch {
		case f.path != "" && r.fill(f.path, f.val, val):
		case f.val.idle(val), f.query == "" && (f.body == "" || !hasBody):
		case f.body != "" && hasBody:
			r.Body = appendMember(r.Body, f, val)
		default:
			f.val.addTo(query, f.query, val)
		}
	}
	if len(r.Body) > 0 {
		r.Body[0] = '{' // in place of the first member's comma
		r.Body = append(r.Body, '}')
	}
	if _, place, missing := strings.Cut(r.Path, "{"); missing {
		name, _, _ := strings.Cut(place, "}")
		return nil, taphoa.Unreadable(strings.TrimSuffix(name, "..."), "Thiếu %s trong đường dẫn %s", strings.TrimSuffix(name, "..."), path)
	}
	r.Query = query.Encode()
	return r, nil
}

// fill puts a value into its placeholder, if the path has one that is still empty.
func (r *Request) fill(name string, v *value, p unsafe.Pointer) bool {
	for _, place := range []string{"{" + name + "}", "{" + name + "...}"} {
		if before, after, ok := strings.Cut(r.Path, place); ok {
			text := v.text(p)
			if text != "" {
				r.Path = before + url.PathEscape(text) + after
			}
			return true
		}
	}
	return false
}

// text is a scalar as a path or query has it.
func (v *value) text(p unsafe.Pointer) string {
	switch v.op {
	case opString:
		return *(*string)(p)
	case opOpt:
		if v.isZero(p) {
			return ""
		}
		return v.elem.text(p)
	}
	return strings.Trim(string(v.append(nil, p, everyCase)), `"`)
}

// addTo adds a scalar, or each of a list of scalars, to a query.
func (v *value) addTo(query url.Values, name string, p unsafe.Pointer) {
	if v.op != opSlice {
		query.Add(name, v.text(p))
		return
	}
	list := (*sliceHeader)(p)
	for i := range list.len {
		query.Add(name, v.elem.text(unsafe.Add(list.data, uintptr(i)*v.elem.size)))
	}
}

// idle reports a value that says no more than its absence.
func (v *value) idle(p unsafe.Pointer) bool {
	if v.op == opOpt {
		return *(*taphoa.OptState)(unsafe.Add(p, v.state)) == taphoa.OptAbsent
	}
	return v.isZero(p)
}

func appendMember(dst []byte, f *field, p unsafe.Pointer) []byte {
	dst = append(appendString(append(dst, ','), f.body), ':')
	return f.val.appendRequest(dst, p)
}

// appendRequest writes a value of a request.
func (v *value) appendRequest(dst []byte, p unsafe.Pointer) []byte {
	switch v.op {
	case opStruct:
		start := len(dst)
		for i := range v.obj.fields {
			if f := &v.obj.fields[i]; f.body != "" && !f.val.idle(unsafe.Add(p, f.offset)) {
				dst = appendMember(dst, f, unsafe.Add(p, f.offset))
			}
		}
		if len(dst) == start {
			return append(dst, "{}"...)
		}
		dst[start] = '{'
		return append(dst, '}')
	case opSlice:
		list := (*sliceHeader)(p)
		dst = append(dst, '[')
		for i := range list.len {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = v.elem.appendRequest(dst, unsafe.Add(list.data, uintptr(i)*v.elem.size))
		}
		return append(dst, ']')
	case opPointer:
		if !v.isZero(p) {
			return v.elem.appendRequest(dst, *(*unsafe.Pointer)(p))
		}
	case opOpt:
		if !v.isZero(p) {
			return v.elem.appendRequest(dst, p)
		}
	}
	return v.append(dst, p, everyCase)
}

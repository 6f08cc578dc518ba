package wire

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"unsafe"

	"github.com/taphoa/taphoa"
)

// Request is a request as a client sends it, the counterpart of [Source].
type Request struct {
	Path  string // escaped
	Query string
	Body  []byte // JSON; nil for none
}

// NewRequest encodes the struct that in points to for a route: a field goes into the path's placeholder of its name, else
// into the body, or into the query if the route has no body or the field no json name. Zero values, nil lists and absent
// Opts are omitted. An Opt that is null is sent as null in a body, an empty list as []. A placeholder without a value is an
// error, since the path would be another route's.
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
		case f.val.isAbsent(val), f.query == "" && (f.body == "" || !hasBody):
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
	if _, placeholder, missing := strings.Cut(r.Path, "{"); missing {
		name, _, _ := strings.Cut(placeholder, "}")
		return nil, taphoa.Unreadable(strings.TrimSuffix(name, "..."), "Thiếu %s trong đường dẫn %s", strings.TrimSuffix(name, "..."), path)
	}
	r.Query = query.Encode()
	return r, nil
}

// fill replaces the placeholder of a value and reports whether the path had one.
func (r *Request) fill(name string, v *value, p unsafe.Pointer) bool {
	for _, placeholder := range []string{"{" + name + "}", "{" + name + "...}"} {
		if before, after, ok := strings.Cut(r.Path, placeholder); ok {
			text := v.text(p)
			if text != "" {
				r.Path = before + url.PathEscape(text) + after
			}
			return true
		}
	}
	return false
}

// text returns a scalar as it is written in a path or query.
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
	return strings.Trim(string(v.append(nil, p, format{})), `"`)
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

// isAbsent reports whether a value is equivalent to an absent member.
func (v *value) isAbsent(p unsafe.Pointer) bool {
	if v.op == opOpt {
		return *(*taphoa.OptState)(unsafe.Add(p, v.state)) == taphoa.OptAbsent
	}
	return v.isZero(p)
}

func appendMember(dst []byte, f *field, p unsafe.Pointer) []byte {
	dst = append(appendString(append(dst, ','), f.body), ':')
	return f.val.appendRequest(dst, p)
}

// appendRequest appends a value as JSON, without absent members.
func (v *value) appendRequest(dst []byte, p unsafe.Pointer) []byte {
	switch v.op {
	case opStruct:
		start := len(dst)
		for i := range v.obj.fields {
			if f := &v.obj.fields[i]; f.body != "" && !f.val.isAbsent(unsafe.Add(p, f.offset)) {
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
	return v.append(dst, p, format{})
}

package wire

import (
	"reflect"
	"strconv"
	"unicode/utf8"
	"unsafe"

	"github.com/taphoa/taphoa"
)

// Append appends v as JSON exactly as JavaScript's JSON.stringify would write it (clients check signatures over their own
// re-serialisation): no blanks, raw UTF-8, only the escapes that JSON requires. Pass a pointer to the value to save a copy.
// Invalid UTF-8 becomes U+FFFD; a type that the package does not support panics.
func Append(dst []byte, v any) []byte { return AppendAs(dst, v, Form{}) }

// Form is the format of a response. Its zero value is the vendor's, with all members.
type Form struct {
	// CamelOnly leaves out an also-name that differs from its member's name in letter case alone; of the two the one with
	// the small first letter is written.
	CamelOnly bool
	View      View
}

// View are the kinds of members that a caller may not see, one bit each. Its zero value shows all.
type View uint8

// The kinds of members that may be hidden, by their tag view.
const (
	HidesCost      View = 1 << iota // view:"cost": the cost of goods
	HidesPurchases                  // view:"purchase": what suppliers are paid for goods
	HidesDebts                      // view:"debt": what partners owe and are owed
	HidesTotals                     // view:"total": sums over documents
)

// Hides are the views by the tag of the members that they hide.
var Hides = map[string]View{"cost": HidesCost, "purchase": HidesPurchases, "debt": HidesDebts, "total": HidesTotals}

// AppendAs is [Append] in a form.
func AppendAs(dst []byte, v any, f Form) []byte {
	as := format{everyCase, f.View}
	if f.CamelOnly {
		as.spelling = camelCase
	}
	return appendIn(dst, v, as)
}

// AppendPascal is [Append] in the format of the vendor's events: names with an upper-case first letter, each member once,
// and times with their offset.
func AppendPascal(dst []byte, v any) []byte { return appendIn(dst, v, format{pascalCase, 0}) }

// format chooses a member's keys, and whether it is written.
type format struct {
	spelling uint8
	view     View
}

func appendIn(dst []byte, v any, as format) []byte {
	if v == nil {
		return append(dst, "null"...)
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Pointer {
		at := reflect.New(rv.Type())
		at.Elem().Set(rv)
		rv = at
	}
	if rv.IsNil() {
		return append(dst, "null"...)
	}
	return planOf(rv.Type().Elem()).append(dst, rv.UnsafePointer(), as)
}

// append writes the value at p.
func (v *value) append(dst []byte, p unsafe.Pointer, as format) []byte {
	switch v.op {
	case opString:
		return appendString(dst, *(*string)(p))
	case opBool:
		return strconv.AppendBool(dst, *(*bool)(p))
	case opInt:
		return strconv.AppendInt(dst, *(*int64)(p), 10)
	case opInt32:
		return strconv.AppendInt(dst, int64(*(*int32)(p)), 10)
	case opDecimal:
		return taphoa.AppendDecimal(dst, *(*int64)(p))
	case opStruct:
		return v.obj.append(dst, p, as)
	case opSlice:
		list := (*sliceHeader)(p)
		dst = append(dst, '[')
		for i := range list.len {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = v.elem.append(dst, unsafe.Add(list.data, uintptr(i)*v.elem.size), as)
		}
		return append(dst, ']')
	}
	if v.isZero(p) {
		return append(dst, "null"...)
	}
	switch v.op {
	case opTime:
		if as.spelling == pascalCase {
			return append((*taphoa.Stamp)(p).AppendWire(append(dst, '"')), '"')
		}
		return append((*taphoa.Time)(p).AppendWire(append(dst, '"')), '"')
	case opStamp:
		return append((*taphoa.Stamp)(p).AppendWire(append(dst, '"')), '"')
	case opRaw:
		return append(dst, *(*Raw)(p)...)
	case opPointer:
		p = *(*unsafe.Pointer)(p)
	}
	return v.elem.append(dst, p, as) // what a pointer or an Opt holds
}

func (o *object) append(dst []byte, p unsafe.Pointer, as format) []byte {
	start := len(dst)
	out := o.out[as.spelling]
	for i := range out {
		m := &out[i]
		at := unsafe.Add(p, m.offset)
		if m.view&as.view != 0 || m.omitzero && m.val.isZero(at) {
			continue
		}
		dst = append(dst, m.key...)
		from := len(dst)
		dst = m.val.append(dst, at, as)
		for to, also := len(dst), m.also; len(also) > 0; also = also[1:] {
			dst = append(dst, also[0]...)
			dst = append(dst, dst[from:to]...)
		}
	}
	if len(dst) == start {
		return append(dst, "{}"...)
	}
	dst[start] = '{' // in place of the first key's comma
	return append(dst, '}')
}

// isZero reports what omitzero leaves out.
func (v *value) isZero(p unsafe.Pointer) bool {
	switch v.op {
	case opString:
		return len(*(*string)(p)) == 0
	case opBool:
		return !*(*bool)(p)
	case opInt, opDecimal, opTime, opStamp:
		return *(*int64)(p) == 0
	case opInt32:
		return *(*int32)(p) == 0
	case opPointer:
		return *(*unsafe.Pointer)(p) == nil
	case opSlice:
		return (*sliceHeader)(p).data == nil
	case opRaw:
		return len(*(*Raw)(p)) == 0
	case opOpt:
		return *(*taphoa.OptState)(unsafe.Add(p, v.state)) != taphoa.OptValue
	}
	rv := reflect.NewAt(v.typ, p)
	if z, ok := rv.Interface().(interface{ IsZero() bool }); ok {
		return z.IsZero()
	}
	return rv.Elem().IsZero()
}

// escapes has the character after the backslash for each byte that must be escaped in a JSON string; 'u' means four hex
// digits follow.
var escapes = func() (table [256]byte) {
	for c := range ' ' {
		table[c] = 'u'
	}
	table['"'], table['\\'] = '"', '\\'
	table['\b'], table['\f'], table['\n'], table['\r'], table['\t'] = 'b', 'f', 'n', 'r', 't'
	return table
}()

// appendString appends s between quotes.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for {
		end, seen := 0, byte(0)
		for ; end < len(s) && escapes[s[end]] == 0; end++ {
			seen |= s[end]
		}
		if run := s[:end]; seen < utf8.RuneSelf || utf8.ValidString(run) {
			dst = append(dst, run...)
		} else {
			for _, r := range run { // range yields U+FFFD for a byte that is not UTF-8
				dst = utf8.AppendRune(dst, r)
			}
		}
		if end == len(s) {
			return append(dst, '"')
		}
		c := s[end]
		if dst = append(dst, '\\', escapes[c]); escapes[c] == 'u' {
			const hex = "0123456789abcdef"
			dst = append(dst, '0', '0', hex[c>>4], hex[c&15])
		}
		s = s[end+1:]
	}
}

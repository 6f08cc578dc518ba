package wire

import (
	"cmp"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/taphoa/taphoa"
)

// Raw is the JSON text of a member, read and written unchanged. Empty means null.
type Raw = jsontext.Value

// op selects how a Go type is decoded and encoded.
type op uint8

const (
	opString op = iota
	opBool
	opInt     // any integer of 64 bits
	opInt32   // any integer of 32 bits
	opDecimal // Money, Quantity, Percent
	opTime
	opStamp
	opRaw
	opStruct
	opPointer
	opSlice
	opOpt
)

// number reports whether lists of the type may be sent as one comma-separated string.
func (o op) number() bool { return o == opInt || o == opInt32 || o == opDecimal }

// value is the plan of one Go type.
type value struct {
	op    op
	typ   reflect.Type
	size  uintptr
	state uintptr // offset of the State of an Opt
	elem  *value  // of a pointer, slice or Opt
	item  *value  // plan of a list's elements; set for single values too, since a list may be sent for one
	base  *value  // without pointers, slices and Opts
	obj   *object // the members of a struct
}

// object is the plan of a struct with its embedded structs.
type object struct {
	fields  []field             // that are decoded
	out     [spellings][]member // that are encoded, in order, by spelling
	paths   map[string]accepted
	queries map[string]accepted
	names   map[string]accepted
	also    map[string]accepted // further names in responses
	root    int                 // the field with wire:"root", or -1
}

// field is a field of a struct that is decoded.
type field struct {
	name   string // for messages
	path   string // its names in path, query and body; "" for none
	query  string
	body   string
	val    *value
	offset uintptr
	words  words // of a status
	clears bool  // null clears it, also where others ignore nulls
	max    int   // of a text: runes, 0 for the default limit of bodies; else 0, maxByte, maxPlaces, lastSecond or lastInstant
}

// member is a field of a struct that is encoded.
type member struct {
	key      string // `,"name":`
	val      *value
	offset   uintptr
	also     []string // further keys
	omitzero bool
	view     View // that hide it
}

// slot is the field of a name; of several values for one field, the one with the lowest rank is used.
type slot struct{ field, rank int16 }

// accepted is the field of a folded name, with its rank in letter cases other than the tag's.
type accepted struct {
	slot
	spelling string // in the tag
	exact    int16  // the rank of this spelling
}

// lookupField returns the field of a member's name, in any letter case; also-names are valid in responses only.
func (o *object) lookupField(name string, response bool) (slot, bool) {
	return lookup(name, o.names, o.also, response)
}

func lookup(name string, names, also map[string]accepted, response bool) (slot, bool) {
	if len(name) > maxName {
		return slot{}, false
	}
	var folded [maxName]byte
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		folded[i] = c
	}
	to, ok := names[string(folded[:len(name)])]
	if !ok && response {
		to, ok = also[string(folded[:len(name)])]
	}
	if ok && to.spelling == name {
		to.rank = to.exact
	}
	return to.slot, ok
}

// source is where members are, as the ranks of names there: of the documented spelling, which comes before all others in any
// source, and of the first other one.
type source struct{ documented, others int16 }

var (
	inPath  = source{0, 0} // under the name of the route's placeholder
	inQuery = source{1, 1000}
	inBody  = source{2, 2000}
)

const (
	rankAlso = 3000 // of the names that responses have, and requests do not

	maxName = 64 // bytes of a member's name
)

// sliceHeader is the memory layout of a slice.
type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

var plans sync.Map // reflect.Type → *value; only complete plans are stored, and compiling one twice does no harm

// planOf returns the plan of t.
func planOf(t reflect.Type) *value {
	if v, ok := plans.Load(t); ok {
		return v.(*value)
	}
	c := compiler{}
	v := c.value(t, "")
	for t, v := range c {
		plans.Store(t, v)
	}
	return v
}

// compiler has the plans being compiled, so that a type may contain itself.
type compiler map[reflect.Type]*value

// value compiles the plan of t; where is for the message of a panic.
func (c compiler) value(t reflect.Type, where string) *value {
	if v := c[t]; v != nil {
		return v
	}
	v := &value{typ: t, size: t.Size()}
	v.item, v.base = v, v
	c[t] = v
	switch t {
	case reflect.TypeFor[taphoa.Money](), reflect.TypeFor[taphoa.Quantity](), reflect.TypeFor[taphoa.Percent]():
		v.op = opDecimal
		return v
	case reflect.TypeFor[taphoa.Time]():
		v.op = opTime
		return v
	case reflect.TypeFor[taphoa.Stamp]():
		v.op = opStamp
		return v
	case reflect.TypeFor[Raw]():
		v.op = opRaw
		return v
	}
	switch t.Kind() {
	case reflect.String:
		v.op = opString
	case reflect.Bool:
		v.op = opBool
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.op = opInt
		if t.Size() == 4 {
			v.op = opInt32
		}
	case reflect.Pointer:
		v.op, v.elem = opPointer, c.value(t.Elem(), where)
	case reflect.Slice:
		v.op, v.elem = opSlice, c.value(t.Elem(), where)
	case reflect.Struct:
		if isOpt(t) {
			v.op, v.elem, v.state = opOpt, c.value(t.Field(0).Type, where), t.Field(1).Offset
		} else {
			v.op, v.obj = opStruct, c.object(t)
		}
	default:
		panic(fmt.Sprintf("wire: %s: the type %s is not supported", where, t))
	}
	if v.op == opSlice && v.elem.op == opSlice {
		panic(fmt.Sprintf("wire: %s: lists of lists are not supported", where))
	}
	switch v.op {
	case opSlice:
		v.item, v.base = v.elem, v.elem.base
	case opPointer, opOpt:
		v.item, v.base = v.elem.item, v.elem.base
	}
	return v
}

func isOpt(t reflect.Type) bool {
	return t.PkgPath() == reflect.TypeFor[taphoa.Error]().PkgPath() && strings.HasPrefix(t.Name(), "Opt[")
}

func (c compiler) object(t reflect.Type) *object {
	o := &object{paths: map[string]accepted{}, queries: map[string]accepted{}, names: map[string]accepted{}, also: map[string]accepted{}, root: -1}
	written := map[string]bool{}
	c.fields(o, t, 0, written)
	for name := range o.names {
		delete(o.also, name)
	}
	return o
}

// fields adds the fields of t, whose offset in the object's struct is base.
func (c compiler) fields(o *object, t reflect.Type, base uintptr, written map[string]bool) {
	for i := range t.NumField() {
		sf := t.Field(i)
		where := t.String() + "." + sf.Name
		name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
		path, query := sf.Tag.Get("path"), sf.Tag.Get("query")
		switch {
		case sf.Anonymous && name == "" && sf.Type.Kind() == reflect.Struct:
			c.fields(o, sf.Type, base+sf.Offset, written)
			continue
		case name == "-":
			name = ""
		case name == "" && (options != "" || sf.Anonymous):
			panic("wire: " + where + ": the field has no json name, and embedded pointers are not supported")
		}
		if name == "" && query == "" && path == "" {
			continue
		}
		if !sf.IsExported() || options != "" && options != "omitzero" {
			panic("wire: " + where + ": only exported fields and the json option omitzero are supported")
		}
		f := field{name: cmp.Or(name, query, path), path: path, query: query, body: name, val: c.value(sf.Type, where), offset: base + sf.Offset}
		f.max, f.words = limitOf(sf.Tag, where, f.val), wordsOf(sf.Tag, where, f.val)
		if f.max == 0 && name == "" && f.val.base.op == opString {
			f.max = maxSearchText
		}
		if sf.Tag.Get("wire") == "root" {
			o.root = len(o.fields)
		}
		at, aliases := int16(len(o.fields)), split(sf.Tag.Get("alias"))
		accept(where, o.paths, at, inPath, path)
		accept(where, o.queries, at, inQuery, query, aliases...)
		accept(where, o.names, at, inBody, name, aliases...)
		f.clears = sf.Tag.Get("null") == "clears"
		o.fields = append(o.fields, f)
		if name == "" {
			continue
		}
		for i, other := range split(sf.Tag.Get("also")) {
			rank := rankAlso + 2*int16(i)
			o.also[strings.ToLower(other)] = accepted{slot{at, rank + 1}, other, rank}
		}
		view := ViewOf(sf.Tag)
		for i, keys := range keysOf(where, written, name, sf.Tag.Get("also")) {
			o.out[i] = append(o.out[i], member{keys[0], f.val, f.offset, keys[1:], options == "omitzero", view})
		}
	}
}

// ViewOf are the views that hide a member with a tag.
func ViewOf(tag reflect.StructTag) (view View) {
	for _, name := range split(tag.Get("view")) {
		if Hides[name] == 0 {
			panic("wire: there is no view " + name)
		}
		view |= Hides[name]
	}
	return view
}

// accept adds the names under which a field is decoded; aliases rank after the name.
func accept(where string, names map[string]accepted, at int16, in source, name string, aliases ...string) {
	if name == "" {
		return
	}
	exact, other := in.documented, in.others
	for _, name := range append([]string{name}, aliases...) {
		folded := strings.ToLower(name)
		if _, twice := names[folded]; twice || len(name) > maxName {
			panic("wire: " + where + ": the name " + name + " is used twice or too long")
		}
		names[folded] = accepted{slot{at, other}, name, exact}
		exact, other = other+1, other+2
	}
}

// The spellings of members.
const (
	everyCase  = iota // every spelling in the vendor's documents
	camelCase         // of those that differ in letter case alone, the one with the lower-case first letter
	pascalCase        // for events: the first spelling with an upper-case first letter, and times with their offset
	spellings
)

// Spellings returns the names under which a member with a name and an also tag is written. With camelOnly, of names that
// differ in letter case alone it returns the one that begins with a lower-case letter (PowerShell refuses objects with such
// pairs).
func Spellings(name, also string, camelOnly bool) []string {
	all := []string{name}
	for _, other := range split(also) {
		switch {
		case !camelOnly || !strings.EqualFold(other, name):
			all = append(all, other)
		case strings.ToLower(other[:1]) == other[:1]:
			all[0] = other
		}
	}
	return all
}

// keysOf returns the keys of a member by spelling.
func keysOf(where string, written map[string]bool, name, also string) (keys [3][]string) {
	for _, spelling := range Spellings(name, also, false) {
		if written[spelling] {
			panic("wire: " + where + ": the name " + spelling + " is written twice")
		}
		written[spelling] = true
		keys[everyCase] = append(keys[everyCase], key(spelling))
	}
	for _, spelling := range Spellings(name, also, true) {
		keys[camelCase] = append(keys[camelCase], key(spelling))
	}
	keys[pascalCase] = []string{key(strings.ToUpper(name[:1]) + name[1:])}
	return keys
}

func key(name string) string { return string(append(appendString([]byte{','}, name), ':')) }

// limitOf returns the value of the max tag, which only strings may have, and whole numbers if it is 255; of the places tag,
// which is 4 and only decimals may have; or what the bare tag means, which is "end" and only times may have.
func limitOf(tags reflect.StructTag, where string, v *value) int {
	tag, want := tags.Get("max"), opString
	if places := tags.Get("places"); places != "" {
		tag, want = places, opDecimal
	}
	if bare := tags.Get("bare"); bare != "" {
		if bare != "end" || v.base.op != opTime {
			panic("wire: " + where + ": the tag bare:" + strconv.Quote(bare) + " does not fit")
		}
		if tags.Get("json") == "" {
			return lastInstant
		}
		return lastSecond
	}
	if tag == "" {
		return 0
	}
	for v.elem != nil {
		v = v.elem
	}
	limit, err := strconv.Atoi(tag)
	if limit == maxByte && v.op == opInt {
		want = opInt
	}
	if err != nil || limit <= 0 || v.op != want || want == opDecimal && limit != maxPlaces {
		panic("wire: " + where + ": the limit " + strconv.Quote(tag) + " does not fit")
	}
	return limit
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

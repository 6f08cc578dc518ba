package wire

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Limits of one request. No operation accepts a list of more than 1,000 records, and operations with lower limits refuse
// with their own sentence. Serials are lists of plain values. With 131,072 nodes a tree has 7 MiB.
const (
	maxDepth   = 64
	maxNodes   = 1 << 17
	maxRecords = 2_000  // elements of a list of objects, and of any list in a query
	maxPlain   = 10_000 // elements of a list of plain values in a body
)

// maxElements returns how many values of a plan the list n may have.
func (n *node) maxElements(v *value) int {
	if n.query || v.base.op == opStruct || v.base.op == opRaw {
		return maxRecords
	}
	return maxPlain
}

// kind is the JSON type of a node.
type kind uint8

const (
	isNull kind = iota
	isFalse
	isTrue
	isNumber
	isText
	isList
	isObject
)

// node is one value of a request. Nodes refer to each other by their index in the tree; 0 is none.
type node struct {
	label
	text        string // of a number or string; the JSON text of a list or object from JSON
	first, last int32  // children
	next        int32  // sibling
	named       bool   // an object with a name that is not an index, also one that was skipped
	kind        kind
	query       bool // from the query
	repeated    bool // a list of a repeated name in a form: a single value is the last one
}

// label is the name of a node in its object.
type label struct {
	name  string // as it was sent; an index or "" in a form's list
	to    slot   // its field, if found
	found bool
}

// tree is a parsed request. Its strings are substrings of private copies of the request.
type tree struct {
	nodes []node
	text  string // the JSON body
	pos   int    // of the parser in text

	unlimited bool // of a response: no limits
}

// add appends n to the children of parent, or adds a root if parent is 0.
func (t *tree) add(parent int32, n node) int32 {
	at := int32(len(t.nodes))
	t.nodes = append(t.nodes, n)
	if parent != 0 {
		p := &t.nodes[parent]
		if p.first == 0 {
			p.first = at
		} else {
			t.nodes[p.last].next = at
		}
		p.last = at
	}
	return at
}

// list reports whether a node is a list: of JSON, or an object whose names are indexes (a form's a[0]=…, a[]=…, a=1&a=2, and
// how PHP encodes an array with gaps).
func (t *tree) list(at int32) bool {
	n := &t.nodes[at]
	if n.kind != isObject || n.first == 0 {
		return n.kind == isList
	}
	if n.named {
		return false
	}
	for c := n.first; c != 0; c = t.nodes[c].next {
		if !isIndex(t.nodes[c].name) {
			return false
		}
	}
	return true
}

func isIndex(name string) bool { return strings.Trim(name, "0123456789") == "" }

var jsonOptions = jsontext.AllowDuplicateNames(true)

// readJSON parses a JSON body into nodes: only members that v has a field for, or all if v is nil.
func (t *tree) readJSON(body []byte, v *value) (int32, *fault) {
	if !jsontext.Value(body).IsValid(jsonOptions) {
		return 0, invalidJSON(body)
	}
	t.text, t.pos = string(body), 0
	t.space()
	return t.read(0, label{}, v, 0)
}

// invalidJSON returns the refusal with the position of the syntax error.
func invalidJSON(body []byte) *fault {
	dec := jsontext.NewDecoder(bytes.NewBuffer(body), jsonOptions) // a Buffer is not copied
	_, err := dec.ReadValue()
	at := dec.InputOffset()
	if err == nil {
		_, err = dec.ReadToken() // after the value
	}
	if syntax := (*jsontext.SyntacticError)(nil); errors.As(err, &syntax) {
		at = syntax.ByteOffset
	}
	before := body[:min(at, int64(len(body)))]
	what := "sai"
	if errors.Is(err, io.ErrUnexpectedEOF) {
		what = "thiếu phần cuối"
	}
	line := 1 + bytes.Count(before, []byte{'\n'})
	column := 1 + utf8.RuneCount(before[1+bytes.LastIndexByte(before, '\n'):])
	return unreadable("Nội dung JSON không hợp lệ: %[2]s ở dòng %[3]d, cột %[4]d", what, line, column)
}

// read adds the value at t.pos. The text was validated before, so only the first bytes of values are checked.
func (t *tree) read(parent int32, l label, v *value, depth int) (int32, *fault) {
	start := t.pos
	n := node{label: l}
	switch t.text[start] {
	case '{':
		n.kind = isObject
	case '[':
		n.kind = isList
	case '"':
		n.kind, n.text = isText, t.quoted()
	case 't':
		n.kind = isTrue
	case 'f':
		n.kind = isFalse
	case 'n':
		n.kind = isNull
	default:
		n.kind = isNumber
	}
	if len(t.nodes) > maxNodes && !t.unlimited || n.kind >= isList && depth == maxDepth {
		return 0, tooComplex()
	}
	switch {
	case n.kind < isText:
		t.literal()
		n.text = t.text[start:t.pos]
	case n.kind >= isList && v.raw(): // only its text is needed
		if f := t.skip(depth); f != nil {
			return 0, f
		}
		n.text, n.named = t.text[start:t.pos], true
	case n.kind >= isList:
		at := t.add(parent, n)
		return at, t.readMembers(at, v, depth+1)
	}
	return t.add(parent, n), nil
}

// raw reports whether a plan is of a Raw, or of an Opt or pointer of one.
func (v *value) raw() bool {
	for v != nil && (v.op == opOpt || v.op == opPointer) {
		v = v.elem
	}
	return v != nil && v.op == opRaw
}

func tooComplex() *fault {
	return unreadable("Nội dung JSON không hợp lệ: quá %[2]d giá trị hoặc lồng nhau quá %[3]d cấp", maxNodes, maxDepth)
}

// readMembers adds the values between the brackets at t.pos. Members that v has no field for are skipped, and a list that is
// too long is refused at once.
func (t *tree) readMembers(at int32, v *value, depth int) *fault {
	start, object, named, count := t.pos, t.nodes[at].kind == isObject, false, 0
	t.pos++
	for {
		switch t.text[t.space()] {
		case '}', ']':
			t.pos++
			t.nodes[at].text, t.nodes[at].named = t.text[start:t.pos], named
			return nil
		case ',':
			t.pos++
			t.space()
		}
		l, item, index, wanted := label{}, v, !object, true
		if object {
			l.name = t.quoted()
			t.space()
			t.pos++ // the colon
			t.space()
			item, wanted = t.member(&l, v)
			index = !l.found && isIndex(l.name)
			named = named || !index
		}
		if index && v != nil {
			if count++; count > t.nodes[at].maxElements(v.item) && !t.unlimited {
				return unreadable(tooMany, t.nodes[at].maxElements(v.item))
			}
			item = v.item
		}
		var f *fault
		if wanted {
			_, f = t.read(at, l, item, depth)
		} else {
			f = t.skip(depth)
		}
		switch {
		case f == nil:
		case l.found:
			return f.within(v.base.obj.fields[l.to.field].name)
		case item != v:
			return f.within("[" + strconv.Itoa(count-1) + "]")
		default:
			return f
		}
	}
}

// member returns the plan of a member of an object, and whether v has a field for it.
func (t *tree) member(l *label, v *value) (*value, bool) {
	switch {
	case v == nil:
		return nil, true
	case v.base.op == opStruct:
		if l.to, l.found = v.base.obj.lookupField(l.name, t.unlimited); l.found {
			return v.base.obj.fields[l.to.field].val, true
		}
	case v.base.op == opString: // the first text of {"Image": "https://…"} is taken
		return v.base, true
	}
	return v, isIndex(l.name)
}

// skip skips the value at t.pos.
func (t *tree) skip(depth int) *fault {
	for outside := depth; ; {
		switch t.text[t.pos] {
		case '{', '[':
			if depth == maxDepth {
				return tooComplex()
			}
			depth++
			t.pos++
			continue
		case '}', ']':
			depth--
			t.pos++
		case '"':
			t.quote()
		case ',', ':', ' ', '\t', '\r', '\n':
			t.pos++
			continue
		default:
			t.literal()
		}
		if depth == outside {
			return nil
		}
	}
}

// literal skips a number, true, false or null.
func (t *tree) literal() {
	for t.pos < len(t.text) && t.text[t.pos] > ' ' && t.text[t.pos] != ',' && t.text[t.pos]|0x20 != '}' {
		t.pos++ // until a blank, comma or closing bracket: ']' and '}' differ in one bit
	}
}

// space skips blanks and returns the position after them.
func (t *tree) space() int {
	for t.pos < len(t.text) && t.text[t.pos] <= ' ' {
		t.pos++
	}
	return t.pos
}

// quoted returns the string at t.pos, without its quotes and escapes.
func (t *tree) quoted() string {
	start := t.pos
	if t.quote() {
		return t.text[start+1 : t.pos-1]
	}
	unquoted, _ := jsontext.AppendUnquote(nil, t.text[start:t.pos]) // the text was validated before
	return string(unquoted)
}

// quote skips the string at t.pos and reports whether it has no escapes.
func (t *tree) quote() (plain bool) {
	plain = true
	for t.pos++; t.text[t.pos] != '"'; t.pos++ {
		if t.text[t.pos] == '\\' {
			plain = false
			t.pos++
		}
	}
	t.pos++
	return plain
}

// appendJSON writes a node as JSON: one from JSON literally, one from a form with its values as strings.
func (t *tree) appendJSON(dst []byte, at int32) []byte {
	n := &t.nodes[at]
	switch {
	case n.kind == isText:
		return appendString(dst, n.text)
	case n.kind != isObject || n.text != "":
		return append(dst, n.text...)
	}
	list, start := t.list(at), len(dst)
	for c := n.first; c != 0; c = t.nodes[c].next {
		dst = append(dst, ',')
		if !list {
			dst = append(appendString(dst, t.nodes[c].name), ':')
		}
		dst = t.appendJSON(dst, c)
	}
	if list {
		dst[start] = '['
		return append(dst, ']')
	}
	dst[start] = '{' // a form's objects are never empty
	return append(dst, '}')
}

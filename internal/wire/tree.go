package wire

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Limits of one request. With 262,144 nodes its tree takes 12 MiB, and a batch of 10,000 products still fits.
const (
	maxDepth = 64
	maxNodes = 1 << 18
)

// kind is what a node is.
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

// node is one value of a request. Nodes refer to each other by their place in the tree; 0 is none.
type node struct {
	name        string // as a member of an object, as it was sent; an index or "" in a form's list
	text        string // a number or a text; of a list or object from JSON its JSON text
	first, last int32  // children
	next        int32  // sibling
	kind        kind
	query       bool // came in the query
	repeated    bool // a form's list, made because a name came again: for a plain field the last one counts
}

// tree is a request, whatever it came as. Its texts are parts of private copies of the request.
type tree struct {
	nodes []node
	text  string // the JSON body
	pos   int    // where reading stands in it

	trusting bool // an answer: large ones are meant
}

// add puts n behind the children of parent, or on its own when parent is 0.
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

// list reports a list: of JSON, or an object whose names are indexes (a form's a[0]=…, a[]=…, a=1&a=2, and what PHP
// makes of an array with gaps).
func (t *tree) list(at int32) bool {
	n := &t.nodes[at]
	if n.kind != isObject || n.first == 0 {
		return n.kind == isList
	}
	for c := n.first; c != 0; c = t.nodes[c].next {
		if strings.Trim(t.nodes[c].name, "0123456789") != "" {
			return false
		}
	}
	return true
}

var jsonOptions = jsontext.AllowDuplicateNames(true)

// readJSON makes a node of a JSON body.
func (t *tree) readJSON(body []byte) (int32, *fault) {
	if !jsontext.Value(body).IsValid(jsonOptions) {
		return 0, invalidJSON(body)
	}
	t.text, t.pos = string(body), 0
	return t.read(0, "", 0)
}

// invalidJSON says where body stops being JSON.
func invalidJSON(body []byte) *fault {
	dec := jsontext.NewDecoder(bytes.NewReader(body), jsonOptions)
	_, err := dec.ReadValue()
	at := dec.InputOffset()
	if err == nil {
		_, err = dec.ReadToken() // what follows the value
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

// read adds the value at t.pos. The text is known to be JSON, so only what tells values apart is looked at.
func (t *tree) read(parent int32, name string, depth int) (int32, *fault) {
	start := t.space()
	n := node{name: name}
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
	if len(t.nodes) > maxNodes && !t.trusting || n.kind >= isList && depth == maxDepth {
		return 0, unreadable("Nội dung JSON không hợp lệ: quá %[2]d giá trị hoặc lồng nhau quá %[3]d cấp", maxNodes, maxDepth)
	}
	if n.kind < isText {
		for t.pos < len(t.text) && t.text[t.pos] > ' ' && t.text[t.pos] != ',' && t.text[t.pos]|0x20 != '}' {
			t.pos++ // until a blank, comma or closing bracket: ']' and '}' differ in one bit
		}
		n.text = t.text[start:t.pos]
	}
	at := t.add(parent, n)
	if n.kind < isList {
		return at, nil
	}
	return at, t.readMembers(at, depth+1)
}

// readMembers adds what stands between the brackets at t.pos.
func (t *tree) readMembers(at int32, depth int) *fault {
	start, object := t.pos, t.nodes[at].kind == isObject
	t.pos++
	for {
		switch t.text[t.space()] {
		case '}', ']':
			t.pos++
			t.nodes[at].text = t.text[start:t.pos]
			return nil
		case ',':
			t.pos++
			t.space()
		}
		name := ""
		if object {
			name = t.quoted()
			t.space()
			t.pos++ // the colon
		}
		if _, f := t.read(at, name, depth); f != nil {
			return f
		}
	}
}

// space skips blanks and tells where it stopped.
func (t *tree) space() int {
	for t.pos < len(t.text) && t.text[t.pos] <= ' ' {
		t.pos++
	}
	return t.pos
}

// quoted is the string at t.pos, without its quotes and escapes.
func (t *tree) quoted() string {
	start := t.pos
	plain := true
	for t.pos++; t.text[t.pos] != '"'; t.pos++ {
		if t.text[t.pos] == '\\' {
			plain = false
			t.pos++
		}
	}
	t.pos++
	if plain {
		return t.text[start+1 : t.pos-1]
	}
	unquoted, _ := jsontext.AppendUnquote(nil, t.text[start:t.pos]) // the text is known to be valid
	return string(unquoted)
}

// appendJSON writes a node as JSON: what came as JSON literally, what came in a form with its values as texts.
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

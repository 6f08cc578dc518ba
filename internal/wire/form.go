package wire

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/url"
	"strconv"
	"strings"
)

// Limits of a form or query.
const (
	maxMembers = 10_000
	maxIndex   = 10_000
)

// formKey identifies a node of a form's tree.
type formKey struct {
	parent int32
	name   string
}

// form builds a tree from names such as orderDetails[0][productId], orderDetails[0].productId, status[] and a repeated
// status (contract observed-behaviour, 4.2 and 4.3).
type form struct {
	*tree
	root       int32
	query      bool
	nodesByKey map[formKey]int32
	count      int
}

// readForm parses an urlencoded form or a query into an object. A value with an invalid escape is used as it is: "100%".
func (t *tree) readForm(raw string, query bool) (int32, *fault) {
	f := form{tree: t, root: t.add(0, node{kind: isObject}), query: query, nodesByKey: map[formKey]int32{}}
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		name, value, _ := strings.Cut(pair, "=")
		if name == "" || query && value == "" {
			continue // an empty value in a query is absent: BranchIds= means no filter
		}
		if fault := f.put(unescape(name), unescape(value)); fault != nil {
			return 0, fault
		}
	}
	return f.root, nil
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return strings.ReplaceAll(s, "+", " ")
}

// readMultipart parses a multipart/form-data body into an object; files are ignored.
func (t *tree) readMultipart(body []byte, boundary string) (int32, *fault) {
	f := form{tree: t, root: t.add(0, node{kind: isObject}), nodesByKey: map[formKey]int32{}}
	for parts := multipart.NewReader(bytes.NewReader(body), boundary); ; {
		part, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // a truncated body returns an error that wraps it
			return f.root, nil
		}
		var value []byte
		if err == nil && part.FileName() == "" {
			value, err = io.ReadAll(part)
		}
		if err != nil {
			return 0, unreadable("Nội dung multipart/form-data không hợp lệ")
		}
		if name := part.FormName(); name != "" && part.FileName() == "" {
			if fault := f.put(name, string(value)); fault != nil {
				return 0, fault
			}
		}
	}
}

// put adds one name and its value.
func (f *form) put(path, value string) *fault {
	if f.count++; f.count > maxMembers || len(f.nodes) > maxNodes {
		return unreadable("Có quá %[2]d tham số", maxMembers)
	}
	at := f.root
	for depth := 0; ; depth++ {
		name, rest, more := nextName(path, depth == 0)
		if depth == maxDepth || depth > 0 && tooLarge(name) {
			return unreadable("Tên tham số không hợp lệ: lồng nhau quá %[2]d cấp hoặc chỉ số quá %[3]d", maxDepth, maxIndex)
		}
		if !more {
			f.set(at, name, value)
			return nil
		}
		at, path = f.openObject(at, name), rest
	}
}

// nextName splits off the first name of a path: "a" of a[b][c], a.b or a, and "b" of [b][c] or .b; more reports that the
// path goes on. A name with unbalanced brackets matches no field.
func nextName(path string, top bool) (name, rest string, more bool) {
	switch {
	case !top && path[0] == '[':
		if name, rest, ok := strings.Cut(path[1:], "]"); ok {
			return name, rest, rest != ""
		}
		return path, "", false
	case !top && path[0] == '.':
		path = path[1:]
	}
	if end := strings.IndexAny(path, "[."); end > 0 {
		return path[:end], path[end:], true
	}
	return path, "", false
}

// tooLarge reports whether a name is an index beyond the limit.
func tooLarge(name string) bool {
	if strings.Trim(name, "0123456789") != "" || name == "" {
		return false
	}
	index, err := strconv.Atoi(name)
	return err != nil || index > maxIndex
}

// openObject returns the object called name within parent, a new one for the empty name.
func (f *form) openObject(parent int32, name string) int32 {
	at, ok := f.nodesByKey[formKey{parent, name}]
	if !ok {
		at = f.add(parent, node{label: label{name: name}, kind: isObject, query: f.query})
	}
	if n := &f.nodes[at]; n.kind == isText {
		n.kind, n.text = isObject, "" // a=1&a[b]=2: the later one is used
	}
	if name != "" {
		f.nodesByKey[formKey{parent, name}] = at
	}
	return at
}

// set adds a value called name to parent; a repeated name becomes a list.
func (f *form) set(parent int32, name, value string) {
	at, ok := f.nodesByKey[formKey{parent, name}]
	if ok {
		if n := &f.nodes[at]; n.kind == isText {
			first := node{text: n.text, kind: isText, query: f.query}
			n.kind, n.text, n.repeated = isObject, "", true
			f.add(at, first)
		}
		parent, name = at, ""
	}
	at = f.add(parent, node{label: label{name: name}, text: value, kind: isText, query: f.query})
	if name != "" {
		f.nodesByKey[formKey{parent, name}] = at
	}
}

package wire

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Bounds of an [Explanation].
const (
	maxSaid     = 300 // names in one object
	maxSaidText = 200 // bytes of a value
)

// Explanation is what [Decode] makes of the names in a request.
type Explanation struct {
	Path, Query, Body []Said
	plan              *object
}

// Said is a name that a request has, in one object or in all objects of one list.
type Said struct {
	Name    string // as it was sent; "" for a list that is the whole body
	Field   string // the name of its field; "" if there is none
	Text    string // its first plain value
	Instant bool   // the field is an instant
	List    bool
	Members []Said

	val   *value
	names map[string]accepted
	at    int16 // of the field
}

// Explain returns what [Decode] makes of the names in a request for a struct of type t: with its plan, so that they agree. It reads
// no values, and returns the error of Decode for what has no structure.
func Explain(src *Source, t reflect.Type) (Explanation, error) {
	v := planOf(t)
	if v.op != opStruct {
		panic(fmt.Sprintf("wire: Explain for %s", t))
	}
	e := Explanation{plan: v.obj}
	d := decoders.Get().(*decoder)
	defer d.release()
	for _, param := range src.Path {
		root := d.add(0, node{kind: isObject})
		d.add(root, node{label: label{name: param.Name}, text: param.Value, kind: isText})
		e.Path = d.said(e.Path, root, v.obj, v.obj.paths)
	}
	if src.Query != "" {
		root, f := d.readForm(src.Query, true)
		if f != nil {
			return e, f.err()
		}
		e.Query = d.said(nil, root, v.obj, v.obj.queries)
	}
	root, f := d.readBody(src, nil)
	if f != nil {
		return e, f.err()
	}
	if root != 0 {
		e.Body = d.saidInBody(root, v.obj)
	}
	return e, nil
}

// saidInBody follows [decoder.chooseBody].
func (d *decoder) saidInBody(root int32, o *object) []Said {
	n := &d.nodes[root]
	switch {
	case n.kind == isObject:
		return d.said(nil, root, o, o.names)
	case n.kind == isList && o.root >= 0:
		s := Said{at: int16(o.root), names: o.names}
		s.of(&o.fields[o.root], o.fields[o.root].body)
		d.below(&s, root)
		return []Said{s}
	case n.kind == isList && n.first == n.last && n.first != 0:
		return d.saidInBody(n.first, o)
	}
	return nil
}

// said adds the names of an object to those of others in the same list.
func (d *decoder) said(all []Said, parent int32, o *object, names map[string]accepted) []Said {
	for at := d.nodes[parent].first; at != 0; at = d.nodes[at].next {
		name := d.nodes[at].name
		i := slices.IndexFunc(all, func(s Said) bool { return s.Name == name })
		if i < 0 {
			if len(all) == maxSaid {
				continue
			}
			i = len(all)
			all = append(all, Said{Name: strings.Clone(name), names: names})
			if to, ok := lookup(name, names, nil, false); ok {
				all[i].at = to.field
				all[i].of(&o.fields[to.field], names[strings.ToLower(name)].spelling)
			}
		}
		d.below(&all[i], at)
	}
	return all
}

func (s *Said) of(f *field, name string) {
	s.Field, s.val = name, f.val
	s.Instant = f.val.base.op == opTime
}

// below adds what a node of a name has.
func (d *decoder) below(s *Said, at int32) {
	n := &d.nodes[at]
	switch {
	case s.val != nil && s.val.raw():
	case d.list(at):
		s.List = true
		for c := n.first; c != 0; c = d.nodes[c].next {
			d.below(s, c)
		}
	case n.kind == isObject:
		if s.val != nil && s.val.base.op == opStruct {
			s.Members = d.said(s.Members, at, s.val.base.obj, s.val.base.obj.names)
		}
	case s.Text == "":
		s.Text = strings.ToValidUTF8(n.text[:min(len(n.text), maxSaidText)], "")
	}
}

// Means reports whether another name is of the same field.
func (s *Said) Means(name string) bool {
	to, ok := lookup(name, s.names, nil, false)
	return ok && s.val != nil && to.field == s.at
}

// Fields returns the names of the fields below a member.
func (s *Said) Fields() []string {
	if s.val == nil || s.val.base.op != opStruct {
		return nil
	}
	return s.val.base.obj.fieldNames(func(f *field) string { return f.body })
}

// QueryFields returns the names of the fields of a query.
func (e *Explanation) QueryFields() []string {
	return e.plan.fieldNames(func(f *field) string { return f.query })
}

// BodyFields returns the names of the fields of a body.
func (e *Explanation) BodyFields() []string {
	return e.plan.fieldNames(func(f *field) string { return f.body })
}

func (o *object) fieldNames(name func(*field) string) (all []string) {
	for i := range o.fields {
		if n := name(&o.fields[i]); n != "" {
			all = append(all, n)
		}
	}
	return all
}

package api

import (
	"reflect"
	"strings"
	"sync"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/wire"
)

// viewOf is what a person is not shown: a kind of members is hidden from who does not hold the right to see it wherever they hold any.
func viewOf(held *right.Held) (view wire.View) {
	if held == nil {
		return 0
	}
	everywhere := held.Everywhere()
	for _, v := range right.Views {
		if !everywhere.Has(v.Needs) {
			view |= wire.Hides[v.Name]
		}
	}
	return view
}

// admit refuses an operation that a person has no right to. A write with an approval is judged where that is used up.
func (c *call) admit() error {
	if c.approval == "" && !c.who.Held.Allows(c.route.needs) {
		return right.Lack(c.route.needs, 0)
	}
	return nil
}

// approve uses up the approval of another person, in the transaction of the write.
func (c *call) approve(tx *db.Tx) error {
	if c.approval == "" {
		return nil
	}
	if c.route.needs == right.Administer && !c.who.Held.Allows(right.Administer) {
		return right.Lack(right.Administer, 0) // that asks for a password, and a PIN is none
	}
	about := c.route.operation
	for _, p := range c.params {
		if p.Name == "id" {
			about += " " + p.Value
		}
	}
	if err := access.UseApproval(tx, c.approval, about); err != nil {
		return err
	}
	actor := tx.Actor()
	if !actor.Held.Allows(c.route.needs) {
		return right.Lack(c.route.needs, 0)
	}
	return nil
}

// guard is a member of a query that sorts or filters records, and what hides the members by which it does.
type guard struct {
	at    []int // the field
	name  string
	view  wire.View
	sorts map[string]wire.View // of orderBy: the hidden names, in lower case
}

// guardsOf are the members of a query that not everyone may use, for records of an answer's type.
func guardsOf(in, out reflect.Type) (all []guard) {
	for _, f := range reflect.VisibleFields(in) {
		name, view := f.Tag.Get("query"), wire.ViewOf(f.Tag)
		switch {
		case name == "orderBy":
			if sorts := map[string]wire.View{}; hiddenNames(sorts, out) {
				all = append(all, guard{f.Index, name, 0, sorts})
			}
		case view != 0:
			all = append(all, guard{f.Index, name, view, nil})
		}
	}
	return all
}

// hiddenNames adds the names of members that are hidden from some, in lower case, as orderBy takes them for the records of an
// answer: those of its data, or of itself. It reports whether there are any.
func hiddenNames(names map[string]wire.View, answer reflect.Type) bool {
	for answer.Kind() == reflect.Pointer || answer.Kind() == reflect.Slice {
		answer = answer.Elem()
	}
	if answer.Kind() != reflect.Struct {
		return false
	}
	if data, found := answer.FieldByName("Data"); found {
		return hiddenNames(names, data.Type)
	}
	for _, f := range reflect.VisibleFields(answer) {
		view := wire.ViewOf(f.Tag)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		for _, name := range append(strings.Split(f.Tag.Get("also"), ","), name) {
			if view != 0 {
				names[strings.ToLower(strings.TrimSpace(name))] = view
			}
		}
	}
	return len(names) > 0
}

// hidden refuses a query that sorts or filters by members that the person is not shown.
func (c *call) hidden(guards []guard, input any) error {
	if c.view == 0 || len(guards) == 0 {
		return nil
	}
	query := reflect.ValueOf(input).Elem()
	for i := range guards {
		g := &guards[i]
		value, view, by := query.FieldByIndex(g.at), g.view, g.name
		if g.sorts != nil {
			by = value.String()
			view = g.sorts[strings.ToLower(by)]
		}
		if view&c.view == 0 || value.IsZero() {
			continue
		}
		for _, v := range right.Views {
			if view&c.view&wire.Hides[v.Name] != 0 {
				return right.LackField(v.Needs, 0, g.name, "Không lọc hay sắp xếp theo %s được", by)
			}
		}
	}
	return nil
}

// Shows reports whether a person is shown a member of what an operation answers, by its path: data.debt in a list. What is no member
// is shown to all.
func Shows(held *right.Held, operation, path string) bool {
	view := viewOf(held)
	return view == 0 || hides(operation, path)&view == 0
}

var hiding sync.Map // operation and path -> wire.View; of what the program asks for alone

// hides are the views that hide a member, or one that it is in.
func hides(operation, path string) (view wire.View) {
	key := operation + " " + path
	if known, found := hiding.Load(key); found {
		return known.(wire.View)
	}
	_, t, _ := Operation(operation)
	for name := range strings.SplitSeq(path, ".") {
		f, found := memberOf(t, "json", name)
		if !found {
			break
		}
		view |= wire.ViewOf(f.Tag)
		t = f.Type
	}
	hiding.Store(key, view)
	return view
}

// Asks reports whether a person may ask an operation with a parameter of its query.
func Asks(held *right.Held, operation, parameter string) bool {
	t, _, _ := Operation(operation)
	f, found := memberOf(t, "query", parameter)
	return !found || wire.ViewOf(f.Tag)&viewOf(held) == 0
}

// memberOf returns the field with a name in a tag, also of a struct that is embedded, optional or in a list.
func memberOf(t reflect.Type, tag, name string) (f reflect.StructField, found bool) {
	for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice) {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct {
		return f, false
	}
	for _, f := range reflect.VisibleFields(t) {
		if said, _, _ := strings.Cut(f.Tag.Get(tag), ","); said == name && !f.Anonymous {
			return f, true
		}
	}
	return f, false
}

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

// seenBy are the rights to see what views hide.
var seenBy = []struct {
	view wire.View
	need right.Right
}{
	{wire.HidesCost, right.SeeCost}, {wire.HidesPurchases, right.SeePurchasePrices}, {wire.HidesDebts, right.SeeDebts}, {wire.HidesTotals, right.SeeTotals},
}

// viewOf is what a person is not shown: a kind of members is hidden from who does not hold the right to see it wherever they hold any.
func viewOf(held *right.Held) (view wire.View) {
	everywhere := held.Everywhere()
	for _, s := range seenBy {
		if !everywhere.Has(s.need) {
			view |= s.view
		}
	}
	return view
}

// admit refuses an operation that a person has no right to. A write that is allowed on the spot is judged where that is used up.
func (c *call) admit() error {
	if c.approval == "" && !c.who.Held.Somewhere().Has(c.route.needs) {
		return right.Lack(c.route.needs, 0)
	}
	return nil
}

// approve uses up what another person allows on the spot, in the transaction of the write.
func (c *call) approve(tx *db.Tx) error {
	if c.approval == "" {
		return nil
	}
	if c.route.needs == right.Administer && !c.who.Held.Somewhere().Has(right.Administer) {
		return right.Lack(right.Administer, 0) // that asks for a password, and a PIN is none
	}
	if err := access.UseApproval(tx, c.approval, c.route.operation); err != nil {
		return err
	}
	actor := tx.Actor()
	if !actor.Held.Somewhere().Has(c.route.needs) {
		return right.Lack(c.route.needs, 0)
	}
	return nil
}

// hidden refuses a query that sorts or filters by members that the person is not shown.
func (c *call) hidden(input any) error {
	if c.view == 0 {
		return nil
	}
	v := reflect.ValueOf(input).Elem()
	return hiddenIn(c, v)
}

func hiddenIn(c *call, v reflect.Value) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			if err := hiddenIn(c, v.Field(i)); err != nil {
				return err
			}
			continue
		}
		name := f.Tag.Get("query")
		hides := wire.ViewOf(f.Tag)
		if f.Name == "OrderBy" && v.Field(i).Kind() == reflect.String {
			hides = orderHides(c.route.out, v.Field(i).String())
		} else if v.Field(i).IsZero() {
			continue
		}
		for _, s := range seenBy {
			if hides&c.view&s.view != 0 {
				return right.LackField(s.need, 0, name, "Không lọc hay sắp xếp theo %s được", name)
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

// orderHides are the views that hide the member by which records of an answer's type are sorted.
func orderHides(t reflect.Type, by string) wire.View {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return 0
	}
	if data, found := t.FieldByName("Data"); found {
		return orderHides(data.Type, by)
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			if view := orderHides(f.Type, by); view != 0 {
				return view
			}
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if strings.EqualFold(name, by) {
			return wire.ViewOf(f.Tag)
		}
	}
	return 0
}

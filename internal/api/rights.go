package api

import (
	"reflect"
	"strings"

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

// admit refuses an operation that a person has no right to. A write with an approval is judged where that is used up.
func (c *call) admit() error {
	if c.approval == "" && !c.who.Held.Somewhere().Has(c.route.needs) {
		return right.Lack(c.route.needs, 0)
	}
	return nil
}

// approve uses up the approval of another person, in the transaction of the write.
func (c *call) approve(tx *db.Tx) error {
	if c.approval == "" {
		return nil
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

package plan_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog/plan"
)

func TestALineMovesBaseUnits(t *testing.T) {
	can := &plan.Item{ID: 1, Code: "LON", Type: taphoa.ProductGoods, BaseID: 1, Conversion: taphoa.Units(1)}
	crate := &plan.Item{ID: 2, Code: "THÙNG", Type: taphoa.ProductGoods, BaseID: 1, Conversion: taphoa.Units(24)}
	trip := &plan.Item{ID: 3, Code: "GIAO", Type: taphoa.ProductService, BaseID: 3, Conversion: taphoa.Units(1)}
	party := &plan.Item{ID: 4, Code: "TIEC", Type: taphoa.ProductCombo, BaseID: 4, Conversion: taphoa.Units(1), Materials: []plan.Material{
		{ProductID: 1, Quantity: taphoa.Units(26)}, {ProductID: 5, Quantity: taphoa.Scale * 2 / 5},
	}}
	for _, c := range []struct {
		item     *plan.Item
		quantity taphoa.Quantity
		want     string // "" for a refusal
	}{
		{can, taphoa.Units(2), "[{1 2}]"},
		{can, 2.5 * taphoa.Scale, "[{1 2.5}]"},
		{can, 0, "[{1 0}]"},
		{crate, taphoa.Units(2), "[{1 48}]"},
		{crate, taphoa.Quantity(int64(1 << 62)), ""},
		{trip, taphoa.Units(2), "[]"},
		{party, taphoa.Units(2), "[{1 52} {5 0.8}]"},
		{party, taphoa.Quantity(int64(1 << 61)), ""},
		{party, 0.0001 * taphoa.Scale, ""}, // of the smallest quantity nothing would be left
	} {
		got, err := c.item.Quantities(c.quantity)
		var refusal *taphoa.Error
		switch {
		case c.want != "" && (err != nil || fmt.Sprint(got) != c.want):
			t.Errorf("%v of %s move %v, %v, want %s", c.quantity, c.item.Code, got, err, c.want)
		case c.want == "" && (!errors.As(err, &refusal) || refusal.Code != taphoa.CodeProduct || refusal.Field != "quantity"):
			t.Errorf("%v of %s move %v, %v, want a refusal", c.quantity, c.item.Code, got, err)
		}
	}
}

func TestLinesNameProductsByIDOrCode(t *testing.T) {
	lines := []taphoa.DetailInput{
		{ProductID: taphoa.Some[int64](7)}, {ProductCode: taphoa.Some(" sp 1 ")}, {ProductID: taphoa.Some[int64](8), ProductCode: taphoa.Some("SP2")}, {},
	}
	ids, codes := plan.Named(lines, plan.DetailName)
	if !slices.Equal(ids, []int64{7, 8}) || !slices.Equal(codes, []string{" sp 1 ", ""}) {
		t.Errorf("the lines name %v and %q", ids, codes)
	}
	seven, old := &plan.Item{ID: 7, Code: "SP 1"}, &plan.Item{ID: 9, Code: "CŨ", Deleted: true}
	items := plan.NewItems(seven, old)
	for _, c := range []struct {
		id   int64
		code string
		want *plan.Item
	}{
		{7, "", seven}, {7, "CŨ", seven}, {0, " sp 1\t", seven}, {8, "SP 1", nil}, {0, "", nil}, {9, "", old}, {0, "CŨ", nil},
	} {
		if got := items.Find(c.id, c.code); got != c.want {
			t.Errorf("%d %q is %v, want %v", c.id, c.code, got, c.want)
		}
	}
	var none *plan.Items
	if none.ByID(7) != nil || none.ByCode("SP 1") != nil {
		t.Error("there are products among none")
	}
}

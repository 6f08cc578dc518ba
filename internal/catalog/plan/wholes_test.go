package plan_test

import (
	"errors"
	"testing"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog/plan"
)

func TestTheShownQuantityOfAUnitIsAllOfAWhole(t *testing.T) {
	crate := &plan.Item{ID: 2, Code: "THÙNG", Type: taphoa.ProductGoods, BaseID: 1, Conversion: taphoa.Units(24)}
	can := &plan.Item{ID: 1, Code: "LON", Type: taphoa.ProductGoods, BaseID: 1, Conversion: taphoa.Units(1)}
	for _, c := range []struct {
		item           *plan.Item
		quantity       taphoa.Quantity
		wholes         []taphoa.Quantity
		want           taphoa.Quantity
		whatItMeans    string
		otherwiseMoved taphoa.Quantity
	}{
		{crate, 8.2917 * taphoa.Scale, []taphoa.Quantity{taphoa.Units(199)}, taphoa.Units(199), "less than it says", 199.0008 * taphoa.Scale},
		{crate, 8.3333 * taphoa.Scale, []taphoa.Quantity{taphoa.Units(200)}, taphoa.Units(200), "more than it says", 199.9992 * taphoa.Scale},
		{crate, 8.2917 * taphoa.Scale, []taphoa.Quantity{taphoa.Units(5), taphoa.Units(199)}, taphoa.Units(199), "the second whole", 199.0008 * taphoa.Scale},
		{crate, 8.2917 * taphoa.Scale, []taphoa.Quantity{taphoa.Units(200)}, 199.0008 * taphoa.Scale, "another quantity", 199.0008 * taphoa.Scale},
		{crate, 8.2917 * taphoa.Scale, []taphoa.Quantity{-taphoa.Units(199), 0}, 199.0008 * taphoa.Scale, "nothing there", 199.0008 * taphoa.Scale},
		{crate, 0, []taphoa.Quantity{0.001 * taphoa.Scale}, 0.001 * taphoa.Scale, "too little to be shown", 0},
		{can, taphoa.Units(5), []taphoa.Quantity{taphoa.Units(5)}, taphoa.Units(5), "a base unit", taphoa.Units(5)},
	} {
		for wholes, want := range map[*[]taphoa.Quantity]taphoa.Quantity{&c.wholes: c.want, {}: c.otherwiseMoved} {
			if got, err := c.item.Quantities(c.quantity, *wholes...); err != nil || got[0].Quantity != want {
				t.Errorf("%s: %v of %s among %v move %v, %v, want %v", c.whatItMeans, c.quantity, c.item.Code, *wholes, got, err, want)
			}
		}
	}
}

func TestLinesTakeFromAWholeOneAfterTheOther(t *testing.T) {
	crate := &plan.Item{ID: 2, Code: "THÙNG", Type: taphoa.ProductGoods, BaseID: 1, Conversion: taphoa.Units(24)}
	trip := &plan.Item{ID: 3, Code: "GIAO", Type: taphoa.ProductService, BaseID: 3, Conversion: taphoa.Units(1)}
	stock := map[int64]taphoa.Quantity{1: taphoa.Units(199)}
	wholes := plan.NewWholes(func(id int64) taphoa.Quantity { return stock[id] })
	wholes.Leave([]plan.BaseQuantity{{ProductID: 1, Quantity: taphoa.Units(7)}})
	for _, c := range []struct {
		item           *plan.Item
		quantity, want taphoa.Quantity
	}{{crate, taphoa.Units(3), taphoa.Units(72)}, {trip, taphoa.Units(1), 0}, {crate, taphoa.Units(5), taphoa.Units(120)}, {crate, 0.0001 * taphoa.Scale, 0.0024 * taphoa.Scale}} {
		moved, err := wholes.Take(c.item, c.quantity)
		var sum taphoa.Quantity
		for _, m := range moved {
			sum += m.Quantity
		}
		if err != nil || sum != c.want {
			t.Errorf("%v of %s move %v, %v, want %v", c.quantity, c.item.Code, moved, err, c.want)
		}
	}
	wholes = plan.NewWholes(func(id int64) taphoa.Quantity { return stock[id] })
	if _, err := wholes.Take(crate, taphoa.Units(4)); err != nil {
		t.Fatal(err)
	}
	if moved, err := wholes.Take(crate, 4.2917*taphoa.Scale); err != nil || moved[0].Quantity != taphoa.Units(103) {
		t.Errorf("the rest is %v, %v, want 103", moved, err)
	}
}

func TestAHeldLineNamesItsProductByItsCode(t *testing.T) {
	held := []plan.Held{{ProductID: 7, Code: "SP 1", Quantity: taphoa.Units(3)}, {ProductID: 7, Code: "SP 1", Quantity: taphoa.Units(2)}, {ProductID: 8, Code: "SP2"}}
	for _, c := range []struct {
		id   int64
		code string
		want int64
	}{{5, "SP 1", 5}, {0, " sp 1", 7}, {0, "SP2", 8}, {0, "SP3", 0}, {0, "", 0}} {
		if id, code := plan.NameHeld(held, c.id, c.code); id != c.want || code != c.code {
			t.Errorf("%+v names %d %q", c, id, code)
		}
	}
	left, gone := plan.HeldQuantities(held), &plan.Item{ID: 7, Code: "SP 1", Deleted: true}
	if err := plan.RefuseMore(left, gone, "quantity", taphoa.Units(5)); err != nil {
		t.Error(err)
	}
	var refusal *taphoa.Error
	if err := plan.RefuseMore(left, gone, "quantity", taphoa.Units(5)+taphoa.Scale/10); !errors.As(err, &refusal) || refusal.Field != "quantity" {
		t.Errorf("more than there was: %v", err)
	}
}

func TestACountOfAUnitMeansWholePieces(t *testing.T) {
	for _, c := range []struct{ quantity, conversion, want taphoa.Quantity }{
		{8.3333 * taphoa.Scale, taphoa.Units(24), taphoa.Units(200)},
		{0.3333 * taphoa.Scale, taphoa.Units(24), taphoa.Units(8)},
		{0.6667 * taphoa.Scale, taphoa.Units(3), taphoa.Units(2)},
		{2.5 * taphoa.Scale, taphoa.Units(24), taphoa.Units(60)},
		{0.3 * taphoa.Scale, taphoa.Units(24), 7.2 * taphoa.Scale}, // not a whole number by any rounding
		{0, taphoa.Units(24), 0},
	} {
		crate := &plan.Item{ID: 2, Type: taphoa.ProductGoods, BaseID: 1, Conversion: c.conversion}
		if got, err := crate.Quantities(c.quantity, plan.Pieces(c.quantity, c.conversion)); err != nil || got[0].Quantity != c.want {
			t.Errorf("%v of %v are %v, %v, want %v", c.quantity, c.conversion, got, err, c.want)
		}
	}
}

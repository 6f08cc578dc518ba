package plan

import (
	"fmt"
	"testing"

	"github.com/taphoa/taphoa"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// issued is a quantity of a product and lot.
func issued(product, lot, n int64) stockplan.NetIssued {
	return stockplan.NetIssued{ProductID: product, BatchID: lot, Quantity: taphoa.Units(n)}
}

// moving is a line that moves n of a product.
func moving(product, n int64) returnedGoods {
	return returnedGoods{code: "SP", moved: []catalogplan.BaseQuantity{{ProductID: product, Quantity: taphoa.Units(n)}}}
}

func ofLot(g returnedGoods, named, first int64) returnedGoods {
	g.lot, g.firstLot = named, first
	return g
}

// postings are what a test expects: product, lot and quantity of each.
func postings(all []stockplan.Posting) string {
	text := ""
	for _, p := range all {
		text += fmt.Sprintf("%d/%d:%v%v ", p.ProductID, p.BatchID, p.Quantity, p.Serials)
	}
	return text
}

func TestReturnedGoodsAreMatchedWithWhatIsOutstanding(t *testing.T) {
	combo := moving(1, 2)
	combo.moved = append(combo.moved, catalogplan.BaseQuantity{ProductID: 2, Quantity: taphoa.Units(50)})
	serials := moving(1, 2)
	serials.serials = []string{"A", "B"}
	for _, c := range []struct {
		name        string
		outstanding []stockplan.NetIssued
		lines       []returnedGoods
		back, rest  string
	}{
		{"a part", []stockplan.NetIssued{issued(1, 0, 5)}, []returnedGoods{moving(1, 2)}, "1/0:2[] ", "1/0:3[] "},
		{"two lines of one product", []stockplan.NetIssued{issued(1, 0, 5)}, []returnedGoods{moving(1, 2), moving(1, 3)}, "1/0:2[] 1/0:3[] ", ""},
		{"no more than was issued", []stockplan.NetIssued{issued(1, 0, 2)}, []returnedGoods{moving(1, 3), moving(1, 1)}, "1/0:2[] ", ""},
		{
			"a combo that has other materials now",
			[]stockplan.NetIssued{issued(1, 0, 6), issued(2, 0, 9)},
			[]returnedGoods{combo},
			"1/0:2[] 2/0:9[] ", "1/0:4[] ",
		},
		{"a combo with a material that was not issued", []stockplan.NetIssued{issued(1, 0, 6)}, []returnedGoods{combo}, "1/0:2[] ", "1/0:4[] "},
		{"nothing outstanding of the product", []stockplan.NetIssued{issued(3, 0, 1)}, []returnedGoods{moving(1, 1)}, "", "3/0:1[] "},
		{"what came back too much", []stockplan.NetIssued{issued(1, 0, -1)}, []returnedGoods{moving(1, 1)}, "", ""},
		{"a service", []stockplan.NetIssued{issued(1, 0, 1)}, []returnedGoods{{code: "DV"}}, "", "1/0:1[] "},
		{"serials", []stockplan.NetIssued{issued(1, 0, 3)}, []returnedGoods{serials}, "1/0:2[A B] ", "1/0:1[] "},
		{"lots in their order", []stockplan.NetIssued{issued(1, 7, 4), issued(1, 8, 2)}, []returnedGoods{moving(1, 5)}, "1/7:4[] 1/8:1[] ", "1/8:1[] "},
		{
			"the lot of the invoice's line first",
			[]stockplan.NetIssued{issued(1, 7, 4), issued(1, 8, 2)},
			[]returnedGoods{ofLot(moving(1, 5), 0, 8)},
			"1/8:2[] 1/7:3[] ", "1/7:1[] ",
		},
		{
			"the named lot alone",
			[]stockplan.NetIssued{issued(1, 7, 4), issued(1, 8, 2)},
			[]returnedGoods{ofLot(moving(1, 2), 8, 7)},
			"1/8:2[] ", "1/7:4[] ",
		},
		{"a service with a lot", nil, []returnedGoods{ofLot(returnedGoods{}, 8, 0)}, "", ""},
	} {
		before := fmt.Sprint(c.outstanding)
		back, rest, short := matchReturned(c.outstanding, c.lines)
		if got := postings(back); got != c.back || short != nil {
			t.Errorf("%s: %q comes back (short %v), want %q", c.name, got, short, c.back)
		}
		if got := postings(restPostings(rest)); got != c.rest {
			t.Errorf("%s: %q is left, want %q", c.name, got, c.rest)
		}
		if fmt.Sprint(c.outstanding) != before {
			t.Errorf("%s: the outstanding goods have changed", c.name)
		}
	}
}

func TestANamedLotMustHaveAllGoodsOfTheLine(t *testing.T) {
	outstanding := []stockplan.NetIssued{issued(1, 7, 4), issued(1, 8, 2)}
	for name, lines := range map[string][]returnedGoods{
		"too little":           {ofLot(moving(1, 3), 8, 7)},
		"another lot":          {ofLot(moving(1, 1), 9, 7)},
		"another line took it": {moving(1, 1), ofLot(moving(1, 2), 8, 8), ofLot(moving(1, 1), 8, 8)},
	} {
		back, _, short := matchReturned(outstanding, lines)
		if short != &lines[len(lines)-1] || back != nil {
			t.Errorf("%s: %q comes back, short is %v", name, postings(back), short)
		}
	}
}

func TestValidReturnsReduceWhatIsOutstanding(t *testing.T) {
	v := &StoredInvoice{
		Issued:      []stockplan.NetIssued{issued(1, 0, 5), issued(2, 7, 4), issued(2, 8, 2)},
		BroughtBack: []stockplan.NetIssued{issued(1, 0, -5), issued(2, 8, -1)},
	}
	if got, want := fmt.Sprint(v.outstanding()), fmt.Sprint([]stockplan.NetIssued{issued(1, 0, 0), issued(2, 7, 4), issued(2, 8, 1)}); got != want {
		t.Errorf("%s is outstanding, want %s", got, want)
	}
	if v.Issued[0].Quantity != taphoa.Units(5) {
		t.Error("what the invoice has issued has changed")
	}
}

package plan

import (
	"slices"
	"testing"

	"github.com/taphoa/taphoa"
)

// stored is a posting of product 7 at branch 1 that costs 0 so far.
func stored(kind string, id, at int64, p Posting) PostingRow {
	r := PostingRow{
		DocumentRef: DocumentRef{kind, id}, Step: 1, Line: 1, ProductID: 7, BranchID: int64(max(p.From, p.To)), From: p.From, To: p.To,
		Quantity: p.Quantity, CostOrder: CostOrder{taphoa.Time(at), taphoa.Time(at)},
	}
	if p.To.IsBranch() {
		r.CostTerms = CostTerms{OwnCost: p.Cost, OriginKind: p.OriginKind, OriginID: p.OriginID}
	}
	return r
}

// window is one of product 7 at branch 1 that begins with 10 units at 100.
func window(onHand int64, rows ...PostingRow) *Window {
	l := level(onHand, 0, 0)
	l.SetRecostFrom(CostOrder{1, 0})
	return &Window{
		ProductID: 7, Levels: []*LevelState{&l}, Rows: rows,
		Openings: map[int64]Opening{1: {OnHand: taphoa.Some(units(10)), Average: taphoa.Dong(100)}},
	}
}

func returned(n, invoice int64) Posting {
	return Posting{ProductID: 7, From: Customer, To: 1, Quantity: units(n), OriginKind: "invoice", OriginID: invoice}
}

func TestRevalueWorksOutCostsInTheirOrder(t *testing.T) {
	w := window(17,
		stored("invoice", 3, 30, sell(7, 1, 5)),
		stored("invoice", 1, 5, sell(7, 1, 5)), // at 100
		stored("purchase", 2, 20, buy(7, 1, 15, 200)),
		stored("return", 4, 40, returned(2, 1)), // at 100
	)
	r := w.Revalue(2000)
	var costs []taphoa.Money
	for _, c := range r.Costs {
		costs = append(costs, c.Cost, c.Average)
	}
	// 5×100 + 15×200 are 175 each; 15×175 and 2×100 are 166.1765 each
	want := []taphoa.Money{taphoa.Dong(100), taphoa.Dong(100), taphoa.Dong(200), taphoa.Dong(175), taphoa.Dong(175), taphoa.Dong(175), taphoa.Dong(100), 166.1765 * taphoa.Scale}
	if !slices.Equal(costs, want) {
		t.Errorf("%v, want %v", costs, want)
	}
	l := w.Levels[0]
	if l.Cost != 166.1765*taphoa.Scale || l.IsRecosting() || l.ReceivedAt != 100 || l.ChangedAt != 2000 || !slices.Equal(r.Levels, w.Levels) {
		t.Errorf("%+v", l)
	}
}

func TestRevalueJoinsPostingsThatCostTheSame(t *testing.T) {
	w := window(4,
		stored("invoice", 1, 10, sell(7, 1, 1)), stored("invoice", 2, 20, sell(7, 1, 2)), stored("invoice", 3, 30, sell(7, 1, 3)),
	)
	w.Rows[2].Cost, w.Rows[2].Average = taphoa.Dong(100), taphoa.Dong(100) // right already
	r := w.Revalue(2000)
	if len(r.Costs) != 1 || r.Costs[0].First.EffectiveAt != 10 || r.Costs[0].Last.EffectiveAt != 20 || r.Costs[0].Cost != taphoa.Dong(100) {
		t.Errorf("%+v", r.Costs)
	}
}

func TestRevalueGoesOnWhereItHasStopped(t *testing.T) {
	w := window(8, stored("invoice", 1, 10, sell(7, 1, 2)))
	w.StopBefore = CostOrder{15, 15}
	if r := w.Revalue(2000); len(r.Levels) != 0 || len(r.Costs) != 1 {
		t.Errorf("%+v", r)
	}
	from := w.Levels[0].RecostFrom
	if from == nil || from.CostOrder != w.StopBefore || from.OnHand.Value != units(8) || w.Levels[0].Cost != 0 {
		t.Errorf("%+v", from)
	}
	w.Openings[1] = Opening{}
	if !w.OpeningUnknown() {
		t.Error("the opening is not known")
	}
}

// A receipt elsewhere takes its cost from an invoice whose cost changes: it is to be set recosting first.
func TestRevalueNamesWhatDependsOnItOutside(t *testing.T) {
	receipt := func(branch, at, invoice int64) DependentReceipt {
		return DependentReceipt{DocumentRef{"return", 9}, 7, branch, CostOrder{taphoa.Time(at), 1}, "invoice", invoice}
	}
	for _, c := range []struct {
		name    string
		receipt DependentReceipt
		cost    int64 // of the invoice as stored
		outside bool
	}{
		{"at another branch", receipt(2, 30, 1), 0, true},
		{"at another branch, of an invoice that keeps its cost", receipt(2, 30, 1), 100, false},
		{"at another branch, before the invoice", receipt(2, 5, 1), 0, false},
		{"at a branch of the window", receipt(1, 30, 1), 0, false},
		{"at a branch of the window, before it", receipt(1, 0, 1), 0, false},
		{"of another document", receipt(2, 30, 2), 0, false},
	} {
		w := window(8, stored("invoice", 1, 10, sell(7, 1, 2)))
		w.Rows[0].Cost, w.Rows[0].Average = taphoa.Dong(c.cost), taphoa.Dong(c.cost)
		w.Dependents = []DependentReceipt{c.receipt}
		r := w.Revalue(2000)
		if outside := len(r.Outside) > 0; outside != c.outside || outside && (len(r.Costs) > 0 || !w.Levels[0].IsRecosting()) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

func TestCheckCostsFindsTheFirstWrongCostOfABranch(t *testing.T) {
	bought, sold := stored("purchase", 1, 10, buy(7, 1, 10, 100)), stored("invoice", 1, 20, sell(7, 1, 2))
	bought.Cost, bought.Average = taphoa.Dong(100), taphoa.Dong(100)
	sold.Cost, sold.Average = taphoa.Dong(100), taphoa.Dong(100)
	levels := []LevelState{level(8, 0, 100)}
	if errors := CheckCosts(levels, []PostingRow{bought, sold}); len(errors) != 0 {
		t.Errorf("%+v", errors)
	}
	sold.Cost = taphoa.Dong(90)
	levels[0].Cost = taphoa.Dong(80)
	want := []CostError{{1, taphoa.Dong(90), taphoa.Dong(100)}}
	if errors := CheckCosts(levels, []PostingRow{bought, sold}); !slices.Equal(errors, want) {
		t.Errorf("%+v, want %+v", errors, want)
	}
}

package plan

import (
	"github.com/taphoa/taphoa"
)

// Window is the part of a product's movements whose costs are computed again in one batch: at all levels that are
// recosting, from their RecostFrom on and in one order, because goods carry their cost from branch to branch.
type Window struct {
	ProductID  int64
	Levels     []*LevelState
	Openings   map[int64]Opening  // of each level's branch
	Rows       []PostingRow       // of each level, from its RecostFrom on and before StopBefore
	StopBefore CostOrder          // zero: Rows reach to the end
	Origins    []PostingRow       // of the documents that Rows name as origins
	Dependents []DependentReceipt // of the documents of Rows
}

// Opening is what a branch had of a product before its RecostFrom.
type Opening struct {
	OnHand  taphoa.Opt[taphoa.Quantity] // unknown where the window does not reach to the end and was not counted
	Average taphoa.Money
}

// OpeningUnknown reports that the window cannot be revalued: what was on hand at the beginning is not known.
func (w *Window) OpeningUnknown() bool {
	for _, l := range w.Levels {
		if !w.Openings[l.BranchID].OnHand.Has() {
			return true
		}
	}
	return false
}

// Revaluation is the result of a window.
type Revaluation struct {
	// Outside are receipts outside the window that inherit a cost which it changes. Their levels must be set recosting
	// before anything of the window may be written; Costs and Levels are empty then.
	Outside []DependentReceipt
	Costs   []CostUpdate
	Levels  []*LevelState // whose cost differs; the window has reached their end
}

// CostUpdate sets the costs of a stretch of postings of one kind that cost the same, such as the sales between two
// purchases.
type CostUpdate struct {
	Kind                         string
	ProductID, BatchID, BranchID int64
	Outside                      Location
	First, Last                  CostOrder
	Cost, Average                taphoa.Money
}

// Revalue works out the costs of a window, whose openings are known. If nothing outside depends on what changes, it moves
// the levels' RecostFrom to StopBefore, or ends their recosting at the end.
func (w *Window) Revalue(now taphoa.Time) *Revaluation {
	v, all := newValuation(), movements(w.Rows)
	for branch, o := range w.Openings {
		v.balances[branch] = &balance{o.OnHand.Value, o.Average}
	}
	v.addOrigins(all)
	v.addOrigins(movements(w.Origins))
	v.value(all)
	if outside := w.outside(all); len(outside) > 0 {
		return &Revaluation{Outside: outside}
	}
	r := &Revaluation{Costs: w.costUpdates(all)}
	for _, l := range w.Levels {
		closing := v.balances[l.BranchID]
		switch {
		case w.StopBefore == (CostOrder{}):
			if l.Cost != closing.average {
				l.Cost, l.ChangedAt = closing.average, now
				r.Levels = append(r.Levels, l)
			}
			l.endRecosting()
		case l.RecostFrom.Compare(w.StopBefore) < 0:
			l.RecostFrom.CostOrder, l.RecostFrom.OnHand = w.StopBefore, taphoa.Some(closing.onHand)
		}
	}
	return r
}

// outside are the dependents of documents whose goods leave at another cost than before, as far as they lie outside the
// window and what follows it.
func (w *Window) outside(all []*movement) (outside []DependentReceipt) {
	since := map[DocumentRef]CostOrder{} // of documents whose cost changes
	for _, m := range all {
		if m.net >= 0 || !m.mixedCost && m.cost == m.stored[0] {
			continue
		}
		if _, known := since[m.DocumentRef]; !known {
			since[m.DocumentRef] = m.CostOrder
		}
	}
	from := map[int64]CostOrder{}
	for _, l := range w.Levels {
		from[l.BranchID] = l.RecostFrom.CostOrder
	}
	for _, d := range w.Dependents {
		changed, changes := since[d.origin()]
		begin, inside := from[d.BranchID]
		if changes && d.Compare(changed) >= 0 && !(inside && begin.Compare(d.CostOrder) <= 0) {
			outside = append(outside, d)
		}
	}
	return outside
}

// costUpdates are the stretches in which something is to be written. Nothing of the same kind that costs something else
// lies within one.
func (w *Window) costUpdates(all []*movement) []CostUpdate {
	type key struct {
		kind string
		flowKey
	}
	type stretch struct {
		CostUpdate
		wrong bool
	}
	open := map[key]*stretch{}
	var wrong []*stretch
	for _, m := range all {
		s := open[key{m.Kind, m.flowKey}]
		if s == nil || s.Cost != m.cost || s.Average != m.average {
			s = &stretch{CostUpdate: CostUpdate{
				Kind: m.Kind, ProductID: w.ProductID, BatchID: m.lot, BranchID: m.branch, Outside: m.outside,
				Cost: m.cost, Average: m.average,
			}}
			open[key{m.Kind, m.flowKey}] = s
		}
		if m.isWrong() {
			if !s.wrong {
				s.wrong, s.First = true, m.CostOrder
				wrong = append(wrong, s)
			}
			s.Last = m.CostOrder
		}
	}
	updates := make([]CostUpdate, len(wrong))
	for i, s := range wrong {
		updates[i] = s.CostUpdate
	}
	return updates
}

package plan

import (
	"github.com/taphoa/taphoa"
)

// LevelState is a level with the data of its valuation: a row of stock_levels and, if its costs are to be computed again,
// its row of stock_recosts.
type LevelState struct {
	Level
	EnteredAt  taphoa.Time // no movement was recorded later, and none is effective later
	ReceivedAt taphoa.Time // no movement that can change the average is effective later; or [Recosting]
	RecostFrom *RecostFrom `db:"-"` // nil unless ReceivedAt is Recosting

	stored  *RecostFrom     // before the plan
	was     taphoa.Quantity // on hand before the step
	moved   CostOrder       // by the step; zero: nothing yet
	changed bool            // listed in Ledger.changed
}

// Recosting is the ReceivedAt of a level whose costs are to be computed again from its RecostFrom on: no movement is
// the last one at such a level.
const Recosting = taphoa.Time(9_000_000_000_000_000_000)

// RecostFrom is a position in the order of cost from which on the costs of a level are to be computed again: a row of
// stock_recosts.
type RecostFrom struct {
	ProductID, BranchID int64
	CostOrder
	OnHand     taphoa.Opt[taphoa.Quantity] // before that position, once it has been counted
	ReceivedAt taphoa.Time                 // what the level gets when its costs are right again
}

// IsRecosting reports whether the level's costs are to be computed again.
func (l *LevelState) IsRecosting() bool { return l.ReceivedAt == Recosting }

// RecostFromChanged reports whether the level is to be recosting from elsewhere than its stored row says.
func (l *LevelState) RecostFromChanged() bool { return l.RecostFrom != nil && l.RecostFrom != l.stored }

// received notes when a movement that can change the average is effective.
func (l *LevelState) received(at taphoa.Time) {
	if !l.IsRecosting() {
		l.ReceivedAt = max(l.ReceivedAt, at)
	} else if at > l.RecostFrom.ReceivedAt {
		moved := *l.RecostFrom
		moved.ReceivedAt, l.RecostFrom = at, &moved
	}
}

// SetRecostFrom has the level's costs computed again from a position on, or from an earlier one that is set already; it
// reports a change.
func (l *LevelState) SetRecostFrom(at CostOrder) bool {
	if l.IsRecosting() && l.RecostFrom.Compare(at) <= 0 {
		return false
	}
	from := RecostFrom{ProductID: l.ProductID, BranchID: l.BranchID, CostOrder: at, ReceivedAt: l.ReceivedAt}
	if l.IsRecosting() {
		from.ReceivedAt = l.RecostFrom.ReceivedAt
	}
	l.RecostFrom, l.ReceivedAt = &from, Recosting
	return true
}

// endRecosting ends the recosting of a level whose costs are right again.
func (l *LevelState) endRecosting() { l.ReceivedAt, l.RecostFrom = l.RecostFrom.ReceivedAt, nil }

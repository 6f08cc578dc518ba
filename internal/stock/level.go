package stock

import (
	"math"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Level is what a branch has of a product, in base units.
type Level struct {
	ProductID, BranchID       int64
	OnHand, Reserved, OnOrder taphoa.Quantity
	Cost                      taphoa.Money // moving average of one base unit
	ChangedAt                 taphoa.Time
}

const levelColumns = `product_id, branch_id, on_hand, reserved, on_order, cost, changed_at`

// Levels answers the levels of some products at some branches (none named: at all), ordered by product and branch.
// Only levels that ever had goods exist.
func Levels(tx *db.Tx, productIDs, branchIDs []int64) ([]Level, error) {
	if len(productIDs) == 0 {
		return nil, nil
	}
	wanted := slices.Compact(slices.Sorted(slices.Values(productIDs)))
	first, last := wanted[0], wanted[len(wanted)-1]
	switch span := last - first + 1; {
	case len(branchIDs) > 0:
	case span <= 2*int64(len(wanted)): // a page of products has neighbouring ids: one walk beats a search for each
		levels, err := db.All[Level](tx, `
			SELECT `+levelColumns+` FROM stock_levels
			WHERE retailer_id = :retailer AND product_id BETWEEN ? AND ? ORDER BY product_id, branch_id`, first, last)
		if span > int64(len(wanted)) {
			levels = slices.DeleteFunc(levels, func(l Level) bool {
				_, found := slices.BinarySearch(wanted, l.ProductID)
				return !found
			})
		}
		return levels, err
	default:
		return db.All[Level](tx, `
			SELECT `+levelColumns+` FROM stock_levels
			WHERE retailer_id = :retailer AND product_id IN ? ORDER BY product_id, branch_id`, wanted)
	}
	return db.All[Level](tx, `
		SELECT `+levelColumns+` FROM stock_levels
		WHERE retailer_id = :retailer AND product_id IN ? AND branch_id IN ? ORDER BY product_id, branch_id`,
		wanted, branchIDs)
}

// Combo is what the goods of a branch make up: how many combos, how many of those cannot be had because orders hold their
// materials, and what one costs.
type Combo struct {
	Level
	begun bool
}

// Take adds a material: one combo takes so much of what the level has.
func (c *Combo) Take(level Level, need taphoa.Quantity) {
	all, free := combos(level.OnHand, need), combos(level.OnHand-max(0, level.Reserved), need)
	if c.begun {
		all, free = min(all, c.OnHand), min(free, c.OnHand-c.Reserved)
	}
	c.OnHand, c.Reserved = all, all-free
	c.Cost = atMost(c.Cost.Add(atMost(level.Cost.Times(need))))
	c.ChangedAt, c.begun = max(c.ChangedAt, level.ChangedAt), true
}

// combos is how many whole ones a quantity of a material makes up.
func combos(quantity, need taphoa.Quantity) taphoa.Quantity {
	n, err := quantity.Div(need)
	n = max(0, atMost(n, err))
	n -= n % taphoa.Scale
	// Div rounds to four places, perhaps up to a whole one that the stock does not quite yield.
	if all, err := n.Times(need); n > 0 && (err != nil || all > quantity) {
		n -= taphoa.Scale
	}
	return n
}

// atMost makes of a number that is too large to be shown the largest that is not.
func atMost[T ~int64](n T, err error) T {
	if err != nil {
		return math.MaxInt64
	}
	return n
}

// HasHistory reports whether goods of a product ever moved.
func HasHistory(tx *db.Tx, productID int64) (bool, error) {
	_, found, err := db.One[int64](tx,
		`SELECT document_id FROM stock_postings WHERE retailer_id = :retailer AND product_id = ? ORDER BY branch_id LIMIT 1`, productID)
	return found, err
}

type spot struct{ product, branch int64 }

// costLevel is a level with what the rule of cost needs to know about it.
type costLevel struct {
	Level
	EnteredAt  taphoa.Time // the ledger has heard of no movement later, and none is effective later
	ReceivedAt taphoa.Time // no movement that can change the average is effective later; or waits
	mark       *mark       // where it waits from; nil until it is read

	was struct { // before the step that changes it
		onHand     taphoa.Quantity
		receivedAt taphoa.Time
		mark       *mark
	}
	moved    moment // by that step; zero: nothing yet
	recosted bool   // the cost has been worked out anew, and differs
}

const costLevelColumns = levelColumns + `, entered_at, received_at`

// waits is the ReceivedAt of a level whose costs are to be worked out anew from its mark on: nothing comes in its turn.
const waits = taphoa.Time(9_000_000_000_000_000_000)

func (l *costLevel) waits() bool { return l.ReceivedAt == waits }

// received notes when a movement that can change the average is effective.
func (l *costLevel) received(at taphoa.Time) {
	if !l.waits() {
		l.ReceivedAt = max(l.ReceivedAt, at)
	} else if at > l.mark.ReceivedAt {
		moved := *l.mark
		moved.ReceivedAt, l.mark = at, &moved
	}
}

// waitFrom makes the level wait for its costs from a moment on, or from an earlier one; it reports a change.
func (l *costLevel) waitFrom(m moment) bool {
	if l.waits() && l.mark.compare(m) <= 0 {
		return false
	}
	moved := mark{ProductID: l.ProductID, BranchID: l.BranchID, moment: m, ReceivedAt: l.ReceivedAt}
	if l.waits() {
		moved.ReceivedAt = l.mark.ReceivedAt
	}
	l.mark, l.ReceivedAt = &moved, waits
	return true
}

// waitNoMore ends that.
func (l *costLevel) waitNoMore() { l.ReceivedAt, l.mark = l.mark.ReceivedAt, nil }

// shelf holds the levels that one operation changes: locked.
type shelf map[spot]*costLevel

// lock reads and locks the levels of the spots, product by product, branch by branch, so that two documents never wait
// for each other in a ring. A level that does not exist yet is made first: one cannot lock what is not there. That is no
// change of it.
func lock(tx *db.Tx, spots []spot) (shelf, error) {
	byBranch := map[int64][]int64{}
	for _, s := range spots {
		byBranch[s.branch] = append(byBranch[s.branch], s.product)
	}
	branches := make([]int64, 0, len(byBranch))
	for b, products := range byBranch {
		slices.Sort(products)
		byBranch[b] = slices.Compact(products)
		branches = append(branches, b)
	}
	slices.Sort(branches)
	levels := shelf{}
	for _, branch := range branches {
		if err := levels.lockBranch(tx, branch, byBranch[branch]); err != nil {
			return nil, err
		}
	}
	return levels, nil
}

// Lock locks the levels of goods until the commit. An operation that changes levels in several calls of this package
// (an invoice of an order: what it reserves, then what it sells) locks all of them first, in one call: each call locks
// in order by itself, but not two calls together.
func Lock(tx *db.Tx, goods []Goods) error {
	spots := make([]spot, len(goods))
	for i, g := range goods {
		spots[i] = spot{g.ProductID, g.BranchID}
	}
	_, err := lock(tx, spots)
	return err
}

func (l shelf) lockBranch(tx *db.Tx, branch int64, products []int64) error {
	for {
		rows, err := db.All[costLevel](tx, `
			SELECT `+costLevelColumns+` FROM stock_levels
			WHERE retailer_id = :retailer AND branch_id = ? AND product_id IN ? ORDER BY product_id :lock`, branch, products)
		if err != nil {
			return err
		}
		for i := range rows {
			l[spot{rows[i].ProductID, branch}] = &rows[i]
		}
		if len(rows) == len(products) {
			return nil
		}
		for _, p := range products {
			if l[spot{p, branch}] == nil {
				tx.Queue(`
					INSERT INTO stock_levels (retailer_id, product_id, branch_id, changed_at) VALUES (:retailer, ?, ?, 0)
					ON CONFLICT DO NOTHING`, p, branch)
			}
		}
	}
}

// Short says that a branch has too little of a product for what was asked.
type Short struct {
	ProductID, BranchID int64
	Free                taphoa.Quantity // what may still be taken
}

func (s *Short) Error() string { return "too little stock" }

// Limits say how far a branch may be emptied.
type Limits struct {
	BelowZero     bool // the shop sells what it does not have
	BelowReserved bool // the shop sells what orders have reserved
}

// tooLittle judges a level that goes down from one quantity to another, with reserved promised to orders.
func (l Limits) tooLittle(level *Level, from, to taphoa.Quantity) *Short {
	kept := taphoa.Quantity(0)
	if !l.BelowReserved {
		kept = level.Reserved
	}
	if l.BelowZero && (l.BelowReserved || level.Reserved == 0) || to >= kept {
		return nil
	}
	return &Short{ProductID: level.ProductID, BranchID: level.BranchID, Free: max(0, from-kept)}
}

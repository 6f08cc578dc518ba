package stock

import (
	"math"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Levels returns the levels of some products at some branches (none named: at all), ordered by product and branch.
// Only levels that ever had goods exist.
func Levels(tx *db.Tx, productIDs, branchIDs []int64) ([]Level, error) {
	if len(productIDs) == 0 {
		return nil, nil
	}
	wanted := slices.Compact(slices.Sorted(slices.Values(productIDs)))
	first, last := wanted[0], wanted[len(wanted)-1]
	switch span := last - first + 1; {
	case len(branchIDs) > 0:
	case span <= 2*int64(len(wanted)): // a page of products has neighbouring ids: one range beats a search for each
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

// Combo is the level of a combo at a branch: how many its materials suffice for, how many of those orders hold by their
// materials, and what one costs.
type Combo struct {
	Level
	begun bool
}

// AddMaterial adds a material: one combo needs so much of what the level has.
func (c *Combo) AddMaterial(level Level, need taphoa.Quantity) {
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

package catalog

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
)

// limit is the least and the most that a branch should have of a product.
type limit struct {
	ProductID, BranchID      int64
	MinQuantity, MaxQuantity taphoa.Quantity
}

type limitKey struct{ product, branch int64 }

// limits are those of the products of a request.
type limits struct {
	stored map[limitKey]limit
	first  []int64 // products that get one where they had none
}

// readLimits reads what the products have whose inputs give limits.
func readLimits(tx *db.Tx, drafts []*draft) (*limits, error) {
	l := &limits{stored: map[limitKey]limit{}}
	var ids []int64
	for _, d := range drafts {
		if d.ChildTables&childLimits != 0 && d.givesLimits() {
			ids = append(ids, d.ID)
		}
	}
	if ids == nil {
		return l, nil
	}
	rows, err := db.All[limit](tx, `
		SELECT product_id, branch_id, min_quantity, max_quantity FROM product_limits
		WHERE retailer_id = :retailer AND product_id IN ?`, ids)
	for _, row := range rows {
		l.stored[limitKey{row.ProductID, row.BranchID}] = row
	}
	return l, err
}

func (d *draft) givesLimits() bool {
	for i := range d.in.Inventories {
		if at := &d.in.Inventories[i]; at.MinQuantity.Has() || at.MaxQuantity.Has() {
			return true
		}
	}
	return false
}

// set writes the limits of a product at a branch, and notes them under the branch's name. Members that are not given do not change.
func (l *limits) set(tx *db.Tx, product int64, branch string, at *taphoa.InventoryInput) {
	if !at.MinQuantity.Has() && !at.MaxQuantity.Has() {
		return
	}
	key := limitKey{product, at.BranchID}
	before, found := l.stored[key]
	after := limit{product, at.BranchID, at.MinQuantity.Or(before.MinQuantity), at.MaxQuantity.Or(before.MaxQuantity)}
	l.stored[key] = after
	audit.Value(tx, branch+".minQuantity", before.MinQuantity, after.MinQuantity)
	audit.Value(tx, branch+".maxQuantity", before.MaxQuantity, after.MaxQuantity)
	if found {
		db.Update(tx, "product_limits", &before, &after, "product_id", "branch_id")
		return
	}
	db.Insert(tx, "product_limits", after)
	l.first = append(l.first, product)
}

// refresh stores which products have limits now.
func (l *limits) refresh(tx *db.Tx) {
	if l.first != nil {
		refreshChildTables(tx, l.first...)
	}
}

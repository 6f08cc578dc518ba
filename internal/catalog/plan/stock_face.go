package plan

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
)

// StockFace is what the event stock.update shows of a base unit's product beside its code, its name and its levels.
type StockFace struct {
	// Shared: other units share the levels, or combos are made of the product. The event shows those as well, so that
	// memory does not suffice for it.
	Shared bool
	Limits []StockLimit // by branch
}

// StockLimit is how much of a product a branch should have.
type StockLimit struct {
	BranchID                 int64
	MinQuantity, MaxQuantity taphoa.Quantity
}

// StockLevel is a level of a base unit's product at a branch, after a change.
type StockLevel struct {
	ProductID, BranchID int64
	OnHand, Reserved    taphoa.Quantity
	Cost                taphoa.Money
}

// StockData returns what the event stock.update shows of changed levels, one item for each, in the order of product and
// branch. ok is false if that is not known without the database: a product is not among the items, is deleted, or shares
// its levels with other products.
func StockData(items *Items, directory *orgplan.Directory, levels []StockLevel) (data []taphoa.StockData, ok bool) {
	data = make([]taphoa.StockData, len(levels))
	for i := range levels {
		l := &levels[i]
		item, branch := items.ByID(l.ProductID), directory.BranchName(l.BranchID)
		if item == nil || item.StockFace == nil || item.StockFace.Shared || branch == "" {
			return nil, false
		}
		d := &data[i]
		*d = taphoa.StockData{
			ProductID: item.ID, ProductCode: item.Code, ProductName: item.Name, BranchID: l.BranchID, BranchName: branch,
			Cost: l.Cost, OnHand: l.OnHand, Reserved: l.Reserved, IsActive: item.IsActive,
		}
		for _, limit := range item.StockFace.Limits {
			if limit.BranchID == l.BranchID {
				d.MinQuantity, d.MaxQuantity = limit.MinQuantity, limit.MaxQuantity
			}
		}
	}
	slices.SortFunc(data, func(a, b taphoa.StockData) int {
		return cmp.Or(cmp.Compare(a.ProductID, b.ProductID), cmp.Compare(a.BranchID, b.BranchID))
	})
	return data, true
}

package catalog

import (
	"cmp"
	"math"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/stock"
)

// source has the products from which the stock of a product is computed.
type source struct {
	kind       taphoa.ProductType
	base       int64           // the base unit, whose levels count
	conversion taphoa.Quantity // base units in one
	materials  []Material      // of a combo
}

// sources are the sources of a page's products.
func (pg *productPage) sources() []source {
	sources := make([]source, len(pg.products))
	for i := range pg.products {
		p := &pg.products[i]
		sources[i] = source{p.Type, p.MasterUnitID.Or(p.ID), p.ConversionValue, pg.materials[p.ID]}
	}
	return sources
}

// levelIndex is levels in the order of product and branch, mostly asked for in the same order.
type levelIndex struct {
	levels []stock.Level
	next   int // after the one found last
}

// readLevels reads what the sources draw on; no branches named means all.
func readLevels(tx *db.Tx, sources []source, branches []int64) (*levelIndex, error) {
	ids := make([]int64, 0, len(sources))
	for i := range sources {
		switch s := &sources[i]; s.kind {
		case taphoa.ProductGoods:
			ids = append(ids, s.base)
		case taphoa.ProductCombo:
			for _, m := range s.materials {
				ids = append(ids, m.ProductID)
			}
		}
	}
	levels, err := stock.Levels(tx, ids, branches)
	return &levelIndex{levels: levels}, err
}

// at finds the level of a product at a branch; one that does not exist is zero.
func (b *levelIndex) at(product, branch int64) stock.Level {
	if b.next < len(b.levels) && b.levels[b.next].ProductID == product && b.levels[b.next].BranchID == branch {
		b.next++
		return b.levels[b.next-1]
	}
	i, found := slices.BinarySearchFunc(b.levels, stock.Level{ProductID: product, BranchID: branch},
		func(l, want stock.Level) int {
			return cmp.Or(cmp.Compare(l.ProductID, want.ProductID), cmp.Compare(l.BranchID, want.BranchID))
		})
	if !found {
		return stock.Level{ProductID: product, BranchID: branch}
	}
	b.next = i + 1
	return b.levels[i]
}

// shown is the level that a product shows at a branch, in its own unit: a unit its share of the base unit's stock, a
// combo as many as its materials allow, a service none.
func (b *levelIndex) shown(s *source, branch int64) stock.Level {
	switch s.kind {
	case taphoa.ProductGoods:
		level := b.at(s.base, branch)
		if s.conversion != taphoa.Scale {
			level.OnHand = inRange(level.OnHand.Div(s.conversion))
			level.Reserved = inRange(level.Reserved.Div(s.conversion))
			level.OnOrder = inRange(level.OnOrder.Div(s.conversion))
			level.Cost = inRange(level.Cost.Times(s.conversion))
		}
		return level
	case taphoa.ProductCombo:
		return b.combo(s.materials, branch).Level
	}
	return stock.Level{}
}

// combo returns how many combos the materials of a branch suffice for, and the cost of one.
func (b *levelIndex) combo(materials []Material, branch int64) (combo stock.Combo) {
	for _, m := range materials {
		combo.AddMaterial(b.at(m.ProductID, branch), m.Quantity)
	}
	return combo
}

// inRange limits a number to the largest that can be shown. It is for lists, where one absurd product
// must not keep the others from being listed.
func inRange[T ~int64](n T, err error) T {
	if err != nil {
		return math.MaxInt64
	}
	return n
}

// branchRow is a branch in operation.
type branchRow struct {
	ID         int64
	BranchName string
}

// openBranches returns the branches in operation where the actor holds anything, by id; narrowed to the wanted ones unless none is named.
func openBranches(tx *db.Tx, wanted []int64) ([]branchRow, error) {
	all, err := db.All[branchRow](tx, `
		SELECT id, branch_name FROM branches WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id`)
	if len(wanted) > 0 {
		all = slices.DeleteFunc(all, func(b branchRow) bool { return !slices.Contains(wanted, b.ID) })
	}
	if held := tx.Actor().Held; !held.Places().All {
		all = slices.DeleteFunc(all, func(b branchRow) bool { return held.At(b.ID) == (right.Set{}) })
	}
	return all, err
}

// fillInventories shows the stock of a page of products, an entry for every branch.
func (pg *productPage) fillInventories() error {
	branches, err := openBranches(pg.tx, pg.view.branches)
	if err != nil {
		return err
	}
	sources := pg.sources()
	levels, err := readLevels(pg.tx, sources, pg.view.branches)
	if err != nil {
		return err
	}
	n := len(branches)
	all := make([]taphoa.ProductInventory, len(pg.products)*n)
	for i := range pg.products {
		p := &pg.products[i]
		p.Inventories = all[i*n : (i+1)*n : (i+1)*n]
		for j := range branches {
			level := levels.shown(&sources[i], branches[j].ID)
			p.Inventories[j] = taphoa.ProductInventory{
				ProductID: p.ID, ProductCode: p.Code, ProductName: p.Name,
				BranchID: branches[j].ID, BranchName: branches[j].BranchName,
				Cost: level.Cost, OnHand: level.OnHand, Reserved: level.Reserved, OnOrder: level.OnOrder, IsActive: true,
			}
		}
	}
	return nil
}

// fillQuantities shows the stock limits: in the inventories always, elsewhere when they are asked for.
func (pg *productPage) fillQuantities() error {
	err := loadChildren(pg, childLimits, func(l *limit) int64 { return l.ProductID },
		func(p *taphoa.Product, limits []limit) {
			for i, l := range limits {
				if i == 0 || l.MinQuantity < p.MinQuantity.Value {
					p.MinQuantity.Value = l.MinQuantity
				}
				p.MaxQuantity.Value = max(p.MaxQuantity.Value, l.MaxQuantity)
				for j := range p.Inventories {
					if at := &p.Inventories[j]; at.BranchID == l.BranchID {
						at.MinQuantity, at.MaxQuantity = l.MinQuantity, l.MaxQuantity
					}
				}
			}
		}, `
		SELECT product_id, branch_id, min_quantity, max_quantity FROM product_limits
		WHERE retailer_id = :retailer AND product_id IN ? ORDER BY product_id, branch_id`)
	if err != nil || !pg.view.quantities {
		return err
	}
	for i := range pg.products {
		p := &pg.products[i]
		p.MinQuantity.State, p.MaxQuantity.State = taphoa.OptValue, taphoa.OptValue
		for j := range p.Inventories {
			at := &p.Inventories[j]
			at.MinQuality, at.MaxQuality = taphoa.Some(at.MinQuantity), taphoa.Some(at.MaxQuantity)
		}
	}
	return nil
}

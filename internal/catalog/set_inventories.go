package catalog

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/catalog/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/stock"
)

// setInventories sets the limits and the stock that the inputs of products have, the stock as one stock take; wrap says which
// product of a list a refusal is about. A value that the product shows already changes nothing: clients send back what they
// read, which for a unit is rounded and for a combo is not its own.
func setInventories(tx *db.Tx, drafts []*draft, wrap func(int, *draft, error) error) error {
	if !slices.ContainsFunc(drafts, func(d *draft) bool { return len(d.in.Inventories) > 0 }) {
		return nil
	}
	branches, err := openBranches(tx, nil)
	if err != nil {
		return err
	}
	products := make([]productView, len(drafts))
	for i, d := range drafts {
		products[i].Product = taphoa.Product{ID: d.ID, Type: d.Type, MasterUnitID: d.MasterUnitID, ConversionValue: d.ConversionValue}
	}
	pg := newPage(tx, products, &view{})
	if pg.combos {
		if err := pg.fillFormulas(); err != nil {
			return err
		}
	}
	sources := pg.sources()
	levels, err := readLevels(tx, sources, nil)
	if err != nil {
		return err
	}
	limits, err := readLimits(tx, drafts)
	if err != nil {
		return err
	}
	var counts []stock.Count
	for i, d := range drafts {
		var named []int64
		for j := range d.in.Inventories {
			at := &d.in.Inventories[j]
			b := slices.IndexFunc(branches, func(b branchRow) bool { return b.ID == at.BranchID })
			if b < 0 {
				return wrap(i, d, unknownBranch())
			}
			shown := levels.shown(&sources[i], at.BranchID)
			count, err := d.count(at, &sources[i], shown)
			if err == nil {
				err = d.permit(tx, at, &sources[i], &count)
			}
			if err != nil {
				return wrap(i, d, err)
			}
			audit.Record(tx, d.ID, d.Code)
			limits.set(tx, d.ID, branches[b].BranchName, at)
			noteCount(tx, branches[b].BranchName, at, &shown, &count)
			counts = merge(counts, count)
			named = append(named, at.BranchID)
		}
		stock.ShowFirst(tx, d.ID, named...)
	}
	limits.refresh(tx)
	return stock.SetStock(tx, counts)
}

// noteCount notes what a count changes of what the product shows at a branch.
func noteCount(tx *db.Tx, branch string, at *taphoa.InventoryInput, shown *stock.Level, count *stock.Count) {
	if count.OnHand.Has() {
		audit.Value(tx, branch+".onHand", shown.OnHand, at.OnHand.Value)
	}
	if count.Cost.Has() {
		audit.Value(tx, branch+".cost", shown.Cost, at.Cost.Value)
	}
}

// count is what an entry sets of the base unit's stock at its branch.
func (d *draft) count(at *taphoa.InventoryInput, s *source, shown stock.Level) (stock.Count, error) {
	count := stock.Count{ProductID: s.base, BranchID: at.BranchID}
	// A new unit usually comes with zeros, which must not set the base unit's level to zero.
	fromUnit := d.isNew && d.MasterUnitID.Has()
	if n := at.OnHand; n.Has() && n.Value != shown.OnHand && (n.Value != 0 || !fromUnit) {
		if err := d.refuseOnHand(); err != nil && n.Value != 0 {
			return count, err
		} else if err == nil {
			unit := Item{Type: taphoa.ProductGoods, BaseID: s.base, Conversion: s.conversion}
			base, err := unit.Quantities(n.Value, plan.Pieces(n.Value, s.conversion))
			if err != nil {
				return count, refuse("onHand", "Tồn kho (onHand) của sản phẩm %s quá lớn", d.Code)
			}
			count.OnHand = taphoa.Some(base[0].Quantity)
		}
	}
	if c := at.Cost; c.Has() && c.Value != shown.Cost && (c.Value != 0 || !fromUnit) && s.kind == taphoa.ProductGoods {
		base, err := c.Value.Div(s.conversion)
		if err != nil {
			return count, refuse("cost", "Giá vốn (cost) của sản phẩm %s quá lớn", d.Code)
		}
		count.Cost = taphoa.Some(base)
	}
	return count, nil
}

// permit refuses what the actor may not write of stock: any of it is a count of the branch, and a cost is for who sees it. Who does not
// see the cost is refused one that changes nothing, too, which would tell what it is; a new product has none that a zero could tell.
func (d *draft) permit(tx *db.Tx, at *taphoa.InventoryInput, s *source, count *stock.Count) error {
	may := tx.Actor().Held.At(at.BranchID)
	costed := at.Cost.Has() && s.kind == taphoa.ProductGoods && !(d.isNew && at.Cost.Value == 0)
	if costed && !may.Has(right.SeeCost) {
		return right.LackField(right.SeeCost, at.BranchID, "cost", "Không thể ghi giá vốn (cost) của sản phẩm %s", d.Code)
	}
	if (count.OnHand.Has() || count.Cost.Has()) && !may.Has(right.CreateStockTakes) {
		return right.LackField(right.CreateStockTakes, at.BranchID, "inventories", "Tồn kho và giá vốn (inventories) của sản phẩm %s phải giữ nguyên", d.Code)
	}
	return nil
}

// refuseOnHand returns the reason why the stock of a product cannot be set, if there is one.
func (d *draft) refuseOnHand() error {
	switch {
	case d.Type == taphoa.ProductCombo:
		return refuse("onHand", "Tồn kho của combo %s tính từ hàng thành phần, không thể ghi trực tiếp (onHand)", d.Code)
	case d.Type == taphoa.ProductService:
		return refuse("onHand", "Dịch vụ %s không có tồn kho (onHand)", d.Code)
	case d.IsLotSerialControl:
		return refuse("onHand", "Sản phẩm %s quản lý theo serial/IMEI, tồn kho chỉ thay đổi qua chứng từ nhập, bán, không thể ghi trực tiếp (onHand)", d.Code)
	case d.IsBatchExpireControl:
		return refuse("onHand", "Sản phẩm %s quản lý theo lô, hạn sử dụng, tồn kho chỉ thay đổi qua chứng từ nhập, bán, không thể ghi trực tiếp (onHand)", d.Code)
	}
	return nil
}

// merge adds a count; of two for the same product and branch the members of the later one are used. One that sets nothing is dropped.
func merge(counts []stock.Count, c stock.Count) []stock.Count {
	if !c.OnHand.Has() && !c.Cost.Has() {
		return counts
	}
	at := slices.IndexFunc(counts, func(o stock.Count) bool { return o.ProductID == c.ProductID && o.BranchID == c.BranchID })
	if at < 0 {
		return append(counts, c)
	}
	if c.OnHand.Has() {
		counts[at].OnHand = c.OnHand
	}
	if c.Cost.Has() {
		counts[at].Cost = c.Cost
	}
	return counts
}

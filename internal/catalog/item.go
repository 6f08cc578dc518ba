package catalog

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog/plan"
	"github.com/taphoa/taphoa/internal/db"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
	"github.com/taphoa/taphoa/internal/stock"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// Item is a product as a line of a document needs it.
type Item = plan.Item

// Material is the quantity of a product in one combo.
type Material = plan.Material

// BaseQuantity is a quantity in base units of a base unit's product.
type BaseQuantity = plan.BaseQuantity

// itemRow is an item as it is read, with flags for its rows in other tables.
type itemRow struct {
	Item
	HasUnits, HasLimits, InCombo bool
}

const itemColumns = `p.id, p.code, p.name, p.full_name, p.category_id, c.category_name, t.trade_mark_name, p.type,
	p.base_price, p.allows_sale, p.is_active, p.is_reward_point, p.is_lot_serial_control AS is_serial,
	p.is_batch_expire_control AS is_batch, COALESCE(p.master_unit_id, p.id) AS base_id, p.conversion_value AS conversion,
	p.deleted_at <> 0 AS deleted, p.parts & 2 <> 0 AS has_units, p.parts & 8 <> 0 AS has_limits,
	EXISTS (SELECT 1 FROM products o WHERE o.retailer_id = :retailer AND o.code_key = p.code_key AND o.deleted_at = 0
		AND o.id < p.id) AS doubled,
	EXISTS (SELECT 1 FROM product_formulas f
		JOIN products k ON k.retailer_id = :retailer AND k.id = f.product_id AND k.deleted_at = 0
		WHERE f.retailer_id = :retailer AND f.material_id = p.id) AS in_combo`

// byIDOrCode selects the ids of products named by id or by code key. SQLite would go through the whole shop for an OR.
const byIDOrCode = `
	SELECT k.id FROM products k WHERE k.retailer_id = :retailer AND k.id IN ?
	UNION SELECT k.id FROM products k WHERE k.retailer_id = :retailer AND k.code_key IN ? AND k.deleted_at = 0`

// FindItems returns products by id and by code, and those of also even if they are deleted: what a document has already. Codes
// match in any letter case. What does not exist, or is deleted and not among also, is missing.
//
// Products that were asked for before come from memory, as long as no event names them. The others take one query,
// one more when combos are among them, and one when products with stock limits are.
func FindItems(tx *db.Tx, ids []int64, codes []string, also []int64) (*plan.Items, error) {
	if len(ids) == 0 && len(codes) == 0 && len(also) == 0 {
		return plan.NewItems(), nil
	}
	kept, err := keptItems(tx)
	if err != nil {
		return nil, err
	}
	keys := make([]string, len(codes))
	for i, code := range codes {
		keys[i] = text.CodeKey(code)
	}
	wanted := slices.Concat(ids, also)
	items, missingIDs, missingKeys := kept.find(wanted, keys)
	if len(missingIDs) == 0 && len(missingKeys) == 0 {
		return plan.NewItems(items...), nil
	}
	found, err := readItems(tx, missingIDs, missingKeys)
	if err != nil {
		return nil, err
	}
	kept.keep(found)
	for _, item := range found {
		if !item.Deleted || slices.Contains(also, item.ID) {
			items = append(items, item)
		}
	}
	return plan.NewItems(items...), nil
}

// Items is [FindItems] of living products: by id those named in either way, and by code. The keys of the second map are the codes as they were given.
func Items(tx *db.Tx, ids []int64, codes []string) (map[int64]*Item, map[string]*Item, error) {
	found, err := FindItems(tx, ids, codes, nil)
	if err != nil {
		return nil, nil, err
	}
	byID, byCode := make(map[int64]*Item, len(ids)), make(map[string]*Item, len(codes))
	for _, id := range ids {
		if item := found.ByID(id); item != nil {
			byID[id] = item
		}
	}
	for _, code := range codes {
		if item := found.ByCode(code); item != nil {
			byID[item.ID], byCode[code] = item, item
		}
	}
	return byID, byCode, nil
}

// readItems reads products by id, also deleted ones, and by code key.
func readItems(tx *db.Tx, ids []int64, keys []string) ([]*Item, error) {
	which, args := "p.id IN ("+byIDOrCode+")", []any{ids, keys}
	switch {
	case len(keys) == 0:
		which, args = "p.id IN ?", []any{ids}
	case len(ids) == 0:
		which, args = "p.deleted_at = 0 AND p.code_key IN ?", []any{keys}
	}
	rows, err := db.All[itemRow](tx, `
		SELECT `+itemColumns+`
		FROM products p
		JOIN categories c ON c.retailer_id = :retailer AND c.id = p.category_id
		LEFT JOIN trademarks t ON t.retailer_id = :retailer AND t.id = p.trade_mark_id
		WHERE p.retailer_id = :retailer AND `+which, args...)
	if err != nil {
		return nil, err
	}
	all, byID := make([]*Item, len(rows)), make(map[int64]*Item, len(rows))
	var combos, limited []int64
	for i := range rows {
		r := &rows[i]
		item := r.Item // not a pointer into all rows: each is dropped by itself
		all[i], byID[item.ID] = &item, &item
		switch {
		case item.Type == taphoa.ProductCombo:
			combos = append(combos, item.ID)
		case item.Type == taphoa.ProductGoods && item.BaseID == item.ID && !item.Deleted:
			item.StockFace = &plan.StockFace{Shared: r.HasUnits || r.InCombo}
			if r.HasLimits {
				limited = append(limited, item.ID)
			}
		}
	}
	if err := addLimits(tx, byID, limited); err != nil {
		return nil, err
	}
	return all, addMaterials(tx, byID, combos)
}

// addLimits notes how much of base units branches should have.
func addLimits(tx *db.Tx, items map[int64]*Item, limited []int64) error {
	if len(limited) == 0 {
		return nil
	}
	type limit struct {
		ProductID int64
		plan.StockLimit
	}
	rows, err := db.All[limit](tx, `
		SELECT product_id, branch_id, min_quantity, max_quantity FROM product_limits
		WHERE retailer_id = :retailer AND product_id IN ? ORDER BY product_id, branch_id`, limited)
	for _, r := range rows {
		face := items[r.ProductID].StockFace
		face.Limits = append(face.Limits, r.StockLimit)
	}
	return err
}

// addMaterials notes what combos move.
func addMaterials(tx *db.Tx, items map[int64]*Item, combos []int64) error {
	if len(combos) == 0 {
		return nil
	}
	type component struct {
		ProductID, BaseID    int64
		Quantity, Conversion taphoa.Quantity
	}
	rows, err := db.All[component](tx, `
		SELECT f.product_id, COALESCE(m.master_unit_id, m.id) AS base_id, f.quantity, m.conversion_value AS conversion
		FROM product_formulas f
		JOIN products m ON m.retailer_id = :retailer AND m.id = f.material_id AND m.type = ?
		WHERE f.retailer_id = :retailer AND f.product_id IN ? ORDER BY f.product_id, f.material_id`, taphoa.ProductGoods, combos)
	for _, r := range rows {
		item := items[r.ProductID]
		item.Materials = addMaterial(item.Materials, r.BaseID, inRange(r.Quantity.Times(r.Conversion)))
	}
	return err
}

// addMaterial adds to materials, which name each product once: a bottle and a crate of them are one material.
func addMaterial(materials []Material, product int64, quantity taphoa.Quantity) []Material {
	for i := range materials {
		if materials[i].ProductID == product {
			materials[i].Quantity = inRange(materials[i].Quantity.Add(quantity))
			return materials
		}
	}
	return append(materials, Material{ProductID: product, Quantity: quantity})
}

// ShowStock returns the data of stock.update for levels, from products that an operation has read.
func ShowStock(items *plan.Items, directory *orgplan.Directory) stock.Show {
	return func(levels []stockplan.Level) ([]taphoa.StockData, bool) {
		changed := make([]plan.StockLevel, len(levels))
		for i, l := range levels {
			changed[i] = plan.StockLevel{ProductID: l.ProductID, BranchID: l.BranchID, OnHand: l.OnHand, Reserved: l.Reserved, Cost: l.Cost}
		}
		return plan.StockData(items, directory, changed)
	}
}

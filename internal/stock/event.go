package stock

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/stock/plan"
)

// levelChanged shows levels whose goods, promises or cost changed: of base units, of the other units that share them,
// and of the combos that they are materials of.
var levelChanged = event.Kind[plan.LevelKey]{Type: "stock.update", Data: stockData}

// ShowFirst shows a product at some branches before the others whose levels change with its own: the operation is about
// it, and it may be a unit, whose stock is its base unit's.
func ShowFirst(tx *db.Tx, productID int64, branches ...int64) {
	slices.Sort(branches)
	for _, branch := range branches {
		levelChanged.EmitFirst(tx, plan.LevelKey{ProductID: productID, BranchID: branch})
	}
}

// awaitedChanged names the products that show what is on order: webhooks do not.
var awaitedChanged = event.Kind[int64]{Type: event.Internal, Data: func(tx *db.Tx, products []int64) (any, error) {
	return db.All[int64](tx, `
		SELECT id FROM products WHERE retailer_id = :retailer AND id IN ?
		UNION ALL SELECT id FROM products WHERE retailer_id = :retailer AND master_unit_id IN ? AND deleted_at = 0
		ORDER BY 1`, products, products)
}}

// stockData shows the levels of base units, and of the other units that share them, as products' inventories show them.
func stockData(tx *db.Tx, keys []plan.LevelKey) (any, error) {
	var products, branches []int64
	for _, s := range keys {
		products = append(products, s.ProductID)
		if !slices.Contains(branches, s.BranchID) {
			branches = append(branches, s.BranchID)
		}
	}
	const columns = `EXISTS (SELECT 1 FROM product_formulas f WHERE f.retailer_id = :retailer AND f.material_id = p.id) AS in_combo,
		l.product_id AS base_id, l.branch_id, b.branch_name, p.id AS product_id, p.code AS product_code,
		p.name AS product_name, p.conversion_value, l.cost, l.on_hand, l.reserved, p.is_active,
		COALESCE(m.min_quantity, 0) AS min_quantity, COALESCE(m.max_quantity, 0) AS max_quantity`
	const rest = `
		JOIN branches b ON b.retailer_id = :retailer AND b.id = l.branch_id
		LEFT JOIN product_limits m ON m.retailer_id = :retailer AND m.product_id = p.id AND m.branch_id = l.branch_id
		WHERE l.retailer_id = :retailer AND l.product_id IN ? AND l.branch_id IN ? AND p.deleted_at = 0 `
	type row struct {
		taphoa.StockData
		InCombo         bool
		BaseID          int64
		ConversionValue taphoa.Quantity
	}
	rows, err := db.All[row](tx, `
		SELECT `+columns+` FROM stock_levels l JOIN products p ON p.retailer_id = :retailer AND p.id = l.product_id `+rest+`
		UNION ALL
		SELECT `+columns+` FROM stock_levels l JOIN products p ON p.retailer_id = :retailer AND p.master_unit_id = l.product_id `+rest+`
		ORDER BY 2, 3, 5`, products, branches, products, branches)
	rows = event.InOrder(keys, rows, func(r *row) plan.LevelKey {
		if unit := (plan.LevelKey{ProductID: r.ProductID, BranchID: r.BranchID}); slices.Contains(keys, unit) {
			return unit // that the operation is about
		}
		return plan.LevelKey{ProductID: r.BaseID, BranchID: r.BranchID}
	})
	data := make([]taphoa.StockData, 0, len(rows))
	var materials []int64
	for _, r := range rows {
		if len(branches) > 1 && !slices.Contains(keys, plan.LevelKey{ProductID: r.BaseID, BranchID: r.BranchID}) {
			continue
		}
		if r.InCombo {
			materials = append(materials, r.ProductID)
		}
		if r.ConversionValue != taphoa.Scale {
			r.OnHand = atMost(r.OnHand.Div(r.ConversionValue))
			r.Reserved = atMost(r.Reserved.Div(r.ConversionValue))
			r.Cost = atMost(r.Cost.Times(r.ConversionValue))
		}
		data = append(data, r.StockData)
	}
	if err != nil || len(materials) == 0 {
		return data, err
	}
	combos, err := comboData(tx, materials, branches, keys)
	return append(data, combos...), err
}

// comboData shows the combos that have one of the materials, at the branches where one of those changed.
func comboData(tx *db.Tx, materials, branches []int64, keys []plan.LevelKey) (data []taphoa.StockData, err error) {
	type row struct {
		taphoa.StockData
		BaseID                    int64 // of a material
		Quantity, ConversionValue taphoa.Quantity
	}
	rows, err := db.All[row](tx, `
		SELECT c.id AS product_id, c.code AS product_code, c.name AS product_name, c.is_active, b.id AS branch_id, b.branch_name,
			COALESCE(m.master_unit_id, m.id) AS base_id, f.quantity, m.conversion_value,
			COALESCE(l.cost, 0) AS cost, COALESCE(l.on_hand, 0) AS on_hand, COALESCE(l.reserved, 0) AS reserved,
			COALESCE(x.min_quantity, 0) AS min_quantity, COALESCE(x.max_quantity, 0) AS max_quantity
		FROM products c
		JOIN product_formulas f ON f.retailer_id = :retailer AND f.product_id = c.id
		JOIN products m ON m.retailer_id = :retailer AND m.id = f.material_id AND m.type = ?
		JOIN branches b ON b.retailer_id = :retailer AND b.id IN ?
		LEFT JOIN stock_levels l ON l.retailer_id = :retailer AND l.product_id = COALESCE(m.master_unit_id, m.id) AND l.branch_id = b.id
		LEFT JOIN product_limits x ON x.retailer_id = :retailer AND x.product_id = c.id AND x.branch_id = b.id
		WHERE c.retailer_id = :retailer AND c.deleted_at = 0
			AND c.id IN (SELECT f.product_id FROM product_formulas f WHERE f.retailer_id = :retailer AND f.material_id IN ?)
		ORDER BY c.id, b.id, base_id, m.id`, taphoa.ProductGoods, branches, materials)
	of := func(i int) plan.LevelKey {
		return plan.LevelKey{ProductID: rows[i].ProductID, BranchID: rows[i].BranchID}
	}
	for from, to := 0, 0; from < len(rows); from = to {
		combo, changed := Combo{}, false
		for to = from; to < len(rows) && of(to) == of(from); { // a material may be there in two units
			material, need := rows[to], taphoa.Quantity(0)
			for ; to < len(rows) && of(to) == of(from) && rows[to].BaseID == material.BaseID; to++ {
				need = atMost(need.Add(atMost(rows[to].Quantity.Times(rows[to].ConversionValue))))
			}
			combo.AddMaterial(Level{OnHand: material.OnHand, Reserved: material.Reserved, Cost: material.Cost}, need)
			changed = changed || slices.Contains(keys, plan.LevelKey{ProductID: material.BaseID, BranchID: material.BranchID})
		}
		if changed {
			shown := rows[from].StockData
			shown.OnHand, shown.Reserved, shown.Cost = combo.OnHand, combo.Reserved, combo.Cost
			data = append(data, shown)
		}
	}
	return data, err
}

package stock

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

// levelChanged tells of levels whose goods, promises or cost changed. Combos, whose stock follows from that of their
// materials, are not told of.
var levelChanged = event.Kind[spot]{Type: "stock.update", Data: stockData}

// stockData shows the levels of base units, and of the other units that share them, as products' inventories show them.
func stockData(tx *db.Tx, spots []spot) (any, error) {
	var products, branches []int64
	for _, s := range spots {
		products = append(products, s.product)
		if !slices.Contains(branches, s.branch) {
			branches = append(branches, s.branch)
		}
	}
	const columns = `l.product_id AS base_id, l.branch_id, b.branch_name, p.id AS product_id, p.code AS product_code,
		p.name AS product_name, p.conversion_value, l.cost, l.on_hand, l.reserved, p.is_active,
		COALESCE(m.min_quantity, 0) AS min_quantity, COALESCE(m.max_quantity, 0) AS max_quantity`
	const rest = `
		JOIN branches b ON b.retailer_id = :retailer AND b.id = l.branch_id
		LEFT JOIN product_limits m ON m.retailer_id = :retailer AND m.product_id = p.id AND m.branch_id = l.branch_id
		WHERE l.retailer_id = :retailer AND l.product_id IN ? AND l.branch_id IN ? AND p.deleted_at = 0 `
	type row struct {
		taphoa.StockData
		BaseID          int64
		ConversionValue taphoa.Quantity
	}
	rows, err := db.All[row](tx, `
		SELECT `+columns+` FROM stock_levels l JOIN products p ON p.retailer_id = :retailer AND p.id = l.product_id `+rest+`
		UNION ALL
		SELECT `+columns+` FROM stock_levels l JOIN products p ON p.retailer_id = :retailer AND p.master_unit_id = l.product_id `+rest+`
		ORDER BY 1, 2, 4`, products, branches, products, branches)
	data := make([]taphoa.StockData, 0, len(rows))
	for _, r := range rows {
		if len(branches) > 1 && !slices.Contains(spots, spot{r.BaseID, r.BranchID}) {
			continue
		}
		if r.ConversionValue != taphoa.Scale {
			onHand, err1 := r.OnHand.Div(r.ConversionValue)
			reserved, err2 := r.Reserved.Div(r.ConversionValue)
			cost, err3 := r.Cost.Times(r.ConversionValue)
			if err1 != nil || err2 != nil || err3 != nil {
				continue // a number that cannot be shown; the base unit's item says what there is
			}
			r.OnHand, r.Reserved, r.Cost = onHand, reserved, cost
		}
		data = append(data, r.StockData)
	}
	return data, err
}

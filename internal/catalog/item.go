package catalog

import (
	"maps"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Item is a product as a line of a document needs it.
type Item struct {
	ID            int64
	Code          string
	Name          string
	FullName      string
	CategoryID    int64
	CategoryName  string
	TradeMarkName taphoa.Opt[string]
	Type          taphoa.ProductType
	BasePrice     taphoa.Money
	AllowsSale    bool
	IsActive      bool
	IsRewardPoint bool
	IsSerial      bool            // sold by serial
	IsBatch       bool            // sold by batch; the batches belong to BaseID
	BaseID        int64           // the base unit's product; ID itself for a base unit
	Conversion    taphoa.Quantity // base units in one
	Materials     []Material      // of a combo: base units, so many to one combo; a product once; no services
}

// Material is so much of a product, in one combo.
type Material struct {
	ProductID int64
	Quantity  taphoa.Quantity
}

// Goods is so many base units of a base unit's product: what the ledger of package stock moves.
type Goods struct {
	ProductID int64
	Quantity  taphoa.Quantity
}

const itemColumns = `p.id, p.code, p.name, p.full_name, p.category_id, c.category_name, t.trade_mark_name, p.type,
	p.base_price, p.allows_sale, p.is_active, p.is_reward_point, p.is_lot_serial_control AS is_serial,
	p.is_batch_expire_control AS is_batch, COALESCE(p.master_unit_id, p.id) AS base_id, p.conversion_value AS conversion`

// byIDOrCode selects the ids of products named by id or by code key. SQLite would go through the whole shop for an OR.
const byIDOrCode = `
	SELECT k.id FROM products k WHERE k.retailer_id = :retailer AND k.id IN ?
	UNION SELECT k.id FROM products k WHERE k.retailer_id = :retailer AND k.code_key IN ? AND k.deleted_at = 0`

// Items finds products by id and by code. The codes are matched in any letter case, and the second map has them as they
// were given. What does not exist or is deleted is missing from the maps.
//
// Products that were asked for before come from memory, as long as no event tells of their change; the others take one
// query, and one more when combos are among them.
func Items(tx *db.Tx, ids []int64, codes []string) (map[int64]*Item, map[string]*Item, error) {
	if len(ids) == 0 && len(codes) == 0 {
		return nil, nil, nil
	}
	known, err := knownItems(tx)
	if err != nil {
		return nil, nil, err
	}
	byID, unknown := known.byIDs(ids)
	byCode := make(map[string]*Item, len(codes))
	var unknownCodes, keys []string
	for _, code := range codes {
		if item := known.byCode(codeKey(code)); item != nil {
			byID[item.ID], byCode[code] = item, item
		} else {
			unknownCodes, keys = append(unknownCodes, code), append(keys, codeKey(code))
		}
	}
	var (
		which string
		args  []any
	)
	switch {
	case len(unknown) == 0 && len(keys) == 0:
		return byID, byCode, nil
	case len(keys) == 0:
		which, args = "p.id IN ?", []any{unknown}
	case len(unknown) == 0:
		which, args = "p.code_key IN ?", []any{keys}
	default:
		which, args = "p.id IN ("+byIDOrCode+")", []any{unknown, keys}
	}
	found, err := items(tx, "p.deleted_at = 0 AND "+which, args...)
	if err != nil {
		return nil, nil, err
	}
	known.keep(found)
	for id, item := range found {
		if known := byID[id]; known != nil {
			item = known
		}
		byID[id] = item
		for i, key := range keys { // a code may be asked for in two spellings
			if key == codeKey(item.Code) {
				byCode[unknownCodes[i]] = item
			}
		}
	}
	return byID, byCode, nil
}

// ItemsEver is [Items] by id for products that may have been deleted: what was sold can be brought back.
func ItemsEver(tx *db.Tx, ids []int64) (map[int64]*Item, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	known, err := knownItems(tx)
	if err != nil {
		return nil, err
	}
	byID, unknown := known.byIDs(ids)
	if len(unknown) == 0 {
		return byID, nil
	}
	found, err := items(tx, "p.id IN ?", unknown)
	maps.Copy(byID, found)
	return byID, err
}

func items(tx *db.Tx, which string, args ...any) (map[int64]*Item, error) {
	rows, err := db.All[Item](tx, `
		SELECT `+itemColumns+`
		FROM products p
		JOIN categories c ON c.retailer_id = :retailer AND c.id = p.category_id
		LEFT JOIN trademarks t ON t.retailer_id = :retailer AND t.id = p.trade_mark_id
		WHERE p.retailer_id = :retailer AND `+which, args...)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]*Item, len(rows))
	var combos []int64
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
		if rows[i].Type == taphoa.ProductCombo {
			combos = append(combos, rows[i].ID)
		}
	}
	return byID, addMaterials(tx, byID, combos)
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

// addMaterial adds to materials, among which no product stands twice: a bottle and a crate of them are one material.
func addMaterial(materials []Material, product int64, quantity taphoa.Quantity) []Material {
	for i := range materials {
		if materials[i].ProductID == product {
			materials[i].Quantity = inRange(materials[i].Quantity.Add(quantity))
			return materials
		}
	}
	return append(materials, Material{product, quantity})
}

// Goods is what a line of so many pieces moves: a unit its base units, a combo its materials, a service nothing. It
// refuses quantities that the ledger cannot hold.
func (i *Item) Goods(quantity taphoa.Quantity) ([]Goods, error) {
	switch i.Type {
	case taphoa.ProductGoods:
		moved, err := i.moved(quantity, i.Conversion)
		return []Goods{{i.BaseID, moved}}, err
	case taphoa.ProductCombo:
		goods := make([]Goods, len(i.Materials))
		for n, m := range i.Materials {
			moved, err := i.moved(quantity, m.Quantity)
			if err != nil {
				return nil, err
			}
			goods[n] = Goods{m.ProductID, moved}
		}
		return goods, nil
	}
	return nil, nil
}

// moved is quantity times each.
func (i *Item) moved(quantity, each taphoa.Quantity) (taphoa.Quantity, error) {
	moved, err := quantity.Times(each)
	if err != nil || moved == 0 && quantity != 0 {
		return 0, refuse("quantity", "Số lượng %s của sản phẩm %s quá lớn hoặc quá nhỏ so với đơn vị cơ bản", quantity, i.Code)
	}
	return moved, nil
}

package plan

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/text"
)

// Item is a product as a line of a document needs it. It is shared between operations and must not be changed.
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
	IsBatch       bool            // sold by lot; the lots belong to BaseID
	BaseID        int64           // the base unit's product; ID itself for a base unit
	Conversion    taphoa.Quantity // base units in one
	Materials     []Material      // of a combo, in base units for one combo; a product once; no services
	Deleted       bool            // only a document that has it already may name it
	Doubled       bool            // a product before it has its code, since codes were not always compared as they are now

	StockFace *StockFace `db:"-"` // nil for what has no levels of its own: units, combos, services, deleted products
}

// Material is the quantity of a product in one combo.
type Material struct {
	ProductID int64
	Quantity  taphoa.Quantity
}

// BaseQuantity is a quantity in base units of a base unit's product: what the ledger of package stock moves.
type BaseQuantity struct {
	ProductID int64
	Quantity  taphoa.Quantity
}

// Quantities returns what a line of a quantity moves: a unit its base units, a combo its materials, a service nothing. It
// refuses a quantity that the ledger cannot hold ([taphoa.CodeProduct]).
//
// Of a unit four decimal places say less than base units do: 199 cans are shown as 8.2917 crates of 24, and those would be
// 199.0008 cans. So the quantity that is shown of one of wholes, which are in base units, is all of it.
func (i *Item) Quantities(quantity taphoa.Quantity, wholes ...taphoa.Quantity) ([]BaseQuantity, error) {
	switch i.Type {
	case taphoa.ProductGoods:
		for _, whole := range wholes {
			if shown, err := whole.Div(i.Conversion); err == nil && shown == quantity {
				return []BaseQuantity{{i.BaseID, whole}}, nil
			}
		}
		moved, err := i.times(quantity, i.Conversion)
		return []BaseQuantity{{i.BaseID, moved}}, err
	case taphoa.ProductCombo:
		all := make([]BaseQuantity, len(i.Materials))
		for n, m := range i.Materials {
			moved, err := i.times(quantity, m.Quantity)
			if err != nil {
				return nil, err
			}
			all[n] = BaseQuantity{m.ProductID, moved}
		}
		return all, nil
	}
	return nil, nil
}

// Pieces is the number of whole base units nearest to a quantity of a unit, for [Item.Quantities] of what was counted: a count
// comes with any decimal places (1/3 of a crate of 24 is 8 cans), of which four are kept.
func Pieces(quantity, conversion taphoa.Quantity) taphoa.Quantity {
	moved, err := quantity.Times(conversion)
	if err != nil || moved < 0 {
		return 0
	}
	return (moved + taphoa.Scale/2) / taphoa.Scale * taphoa.Scale
}

// times returns quantity times each.
func (i *Item) times(quantity, each taphoa.Quantity) (taphoa.Quantity, error) {
	moved, err := quantity.Times(each)
	if err != nil || moved == 0 && quantity != 0 {
		return 0, taphoa.Refuse(taphoa.CodeProduct, "quantity",
			"Số lượng %s của sản phẩm %s quá lớn hoặc quá nhỏ so với đơn vị cơ bản", quantity, i.Code)
	}
	return moved, nil
}

// Items are products that a document names.
type Items struct {
	byID  map[int64]*Item
	byKey map[string]*Item
}

// NewItems returns a collection of products. Deleted and doubled ones are found by id only.
func NewItems(items ...*Item) *Items {
	all := &Items{make(map[int64]*Item, len(items)), make(map[string]*Item, len(items))}
	for _, item := range items {
		all.byID[item.ID] = item
		if !item.Deleted && !item.Doubled {
			all.byKey[text.CodeKey(item.Code)] = item
		}
	}
	return all
}

// ByID returns a product, nil if it was not asked for or does not exist. It may be deleted if it was asked for as one that
// the document has already.
func (i *Items) ByID(id int64) *Item {
	if i == nil {
		return nil
	}
	return i.byID[id]
}

// ByCode returns a product by its code in any letter case, nil if it was not asked for, does not exist or is deleted.
func (i *Items) ByCode(code string) *Item {
	if i == nil {
		return nil
	}
	return i.byKey[text.CodeKey(code)]
}

// Find returns the product that a line names: by id, or by code where the id is 0.
func (i *Items) Find(id int64, code string) *Item {
	if id != 0 {
		return i.ByID(id)
	}
	return i.ByCode(code)
}

// Named returns the ids and the codes by which lines name products: name gives those of a line, whose code counts only
// where the id is 0.
func Named[T any](lines []T, name func(*T) (id int64, code string)) (ids []int64, codes []string) {
	for i := range lines {
		if id, code := name(&lines[i]); id != 0 {
			ids = append(ids, id)
		} else {
			codes = append(codes, code)
		}
	}
	return ids, codes
}

// DetailName returns how a line of an order, invoice or return names its product.
func DetailName(d *taphoa.DetailInput) (id int64, code string) {
	return d.ProductID.Or(0), d.ProductCode.Or("")
}

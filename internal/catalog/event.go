package catalog

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

var (
	productUpdated  = event.Kind[int64]{Type: "product.update", Data: productData}
	productDeleted  = event.Kind[int64]{Type: "product.delete"}
	categoryUpdated = event.Kind[int64]{Type: "category.update", Data: categoryData}
	categoryDeleted = event.Kind[int64]{Type: "category.delete"}

	// alsoChanged is about products whose display changed, although product.update does not name them.
	alsoChanged = event.Kind[indirectChange]{Type: event.Internal, Data: indirectlyChanged}
)

// indirectChange is why products may show something else than before.
type indirectChange struct {
	product int64
	usage   bool // the product has become a material of a combo, or no longer is one; otherwise it has changed itself
}

// emit emits changed products.
func emit(tx *db.Tx, ids ...int64) {
	productUpdated.Emit(tx, ids...)
	for _, id := range ids {
		alsoChanged.Emit(tx, indirectChange{product: id})
	}
}

// emitUsage emits products that have become materials of a combo, or are no longer, which is part of their StockFace.
func emitUsage(tx *db.Tx, ids ...int64) {
	for _, id := range ids {
		alsoChanged.Emit(tx, indirectChange{product: id, usage: true})
	}
}

// indirectlyChanged returns the other products that show something of changed ones, combos what they are made of and base
// units their units, and those whose usage has changed.
func indirectlyChanged(tx *db.Tx, changes []indirectChange) (any, error) {
	var changed, others []int64
	for _, c := range changes {
		if c.usage {
			others = append(others, c.product)
		} else {
			changed = append(changed, c.product)
		}
	}
	if len(changed) > 0 {
		found, err := db.All[int64](tx, `
			SELECT f.product_id FROM product_formulas f WHERE f.retailer_id = :retailer AND f.material_id IN ?
			UNION SELECT u.master_unit_id FROM products u WHERE u.retailer_id = :retailer AND u.id IN ? AND u.master_unit_id IS NOT NULL`,
			changed, changed)
		if err != nil {
			return nil, err
		}
		others = append(others, found...)
	}
	slices.Sort(others)
	others = slices.Compact(others)
	return slices.DeleteFunc(others, func(id int64) bool { return slices.Contains(changed, id) }), nil
}

func productData(tx *db.Tx, ids []int64) (any, error) {
	products, err := db.All[productView](tx,
		`SELECT `+productColumns+` FROM products p WHERE `+liveProducts+` AND p.id IN ? ORDER BY p.id`, ids)
	products = event.InOrder(ids, products, func(p *productView) int64 { return p.ID })
	if err == nil {
		err = complete(tx, products, &view{includes: includes{inventories: true, priceBooks: true, deletedAttributes: true}})
	}
	data := make([]taphoa.ProductData, len(products))
	for i := range products {
		data[i] = toldOf(&products[i].Product)
	}
	return data, err
}

// toldOf is a product as its event shows it.
func toldOf(p *taphoa.Product) taphoa.ProductData {
	d := taphoa.ProductData{
		ID: p.ID, RetailerID: taphoa.Some(p.RetailerID), Code: p.Code, Name: p.Name, FullName: p.FullName,
		CategoryID: p.CategoryID, CategoryName: p.CategoryName, MasterProductID: p.MasterProductID, AllowsSale: p.AllowsSale,
		Type: taphoa.Some(int64(p.Type)), HasVariants: p.HasVariants, BasePrice: p.BasePrice, Weight: taphoa.SomeIf(p.Weight),
		Unit: taphoa.SomeIf(p.Unit), MasterUnitID: p.MasterUnitID, ConversionValue: taphoa.Some(p.ConversionValue),
		Description: taphoa.SomeIf(p.Description), ModifiedDate: taphoa.Some(taphoa.Stamp(p.ModifiedDate.Or(p.CreatedDate))),
		IsActive: p.IsActive, IsRewardPoint: taphoa.Some(p.IsRewardPoint), OrderTemplate: p.OrderTemplate,
		TradeMarkID: p.TradeMarkID, TradeMarkName: p.TradeMarkName,
	}
	for _, a := range p.Attributes {
		d.Attributes = append(d.Attributes, taphoa.ProductAttributeData{
			ProductID: p.ID, AttributeName: a.AttributeName, AttributeValue: a.AttributeValue,
		})
	}
	for _, u := range p.Units {
		d.Units = append(d.Units, taphoa.ProductUnitData{
			ID: u.ID, Code: u.Code, Name: u.Name, FullName: u.FullName, Unit: taphoa.SomeIf(u.Unit),
			ConversionValue: u.ConversionValue, BasePrice: u.BasePrice,
		})
	}
	for _, v := range p.Inventories {
		d.Inventories = append(d.Inventories, taphoa.StockData{
			ProductID: v.ProductID, ProductCode: v.ProductCode, ProductName: v.ProductName, BranchID: v.BranchID,
			BranchName: v.BranchName, Cost: v.Cost, OnHand: v.OnHand, Reserved: v.Reserved,
			MinQuantity: v.MinQuantity, MaxQuantity: v.MaxQuantity, IsActive: v.IsActive,
		})
	}
	for _, b := range p.PriceBooks {
		d.PriceBooks = append(d.PriceBooks, taphoa.ProductPriceBookData{
			ProductID: b.ProductID, PriceBookID: b.PriceBookID, PriceBookName: b.PriceBookName, Price: b.Price,
			IsActive: b.IsActive, StartDate: taphoa.Stamped(b.StartDate), EndDate: taphoa.Stamped(b.EndDate),
		})
	}
	for _, url := range p.Images {
		d.Images = append(d.Images, taphoa.ProductImageData{Image: url})
	}
	return d
}

func categoryData(tx *db.Tx, ids []int64) (any, error) {
	categories, err := db.All[taphoa.CategoryData](tx, `
		SELECT c.id, c.category_name AS name, NULLIF(c.parent_id, 0) AS parent_id, c.retailer_id, c.rank, c.created_date,
			c.modified_date, EXISTS (SELECT 1 FROM categories k
				WHERE k.retailer_id = :retailer AND k.parent_id = c.id AND k.deleted_at = 0) AS has_child
		FROM categories c WHERE c.retailer_id = :retailer AND c.id IN ? AND c.deleted_at = 0 ORDER BY c.id`, ids)
	return event.InOrder(ids, categories, func(c *taphoa.CategoryData) int64 { return c.ID }), err
}

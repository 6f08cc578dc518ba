package catalog

import (
	"fmt"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// productColumns leaves out what joins would cost a row each: names of categories and brands are looked up once a page.
const productColumns = `p.id, p.code, p.bar_code, p.allows_sale, p.name, p.category_id, p.trade_mark_id, p.type, p.full_name,
	p.description, p.unit, p.master_unit_id, p.master_product_id, p.conversion_value, p.images, p.base_price, p.weight,
	p.is_lot_serial_control, p.is_batch_expire_control, p.order_template, p.modified_date, p.created_date, p.is_active,
	p.is_reward_point, p.master_code, p.parts`

const liveProducts = "p.retailer_id = :retailer AND p.deleted_at = 0"

// productOrders are the orders of lists of products.
var productOrders = db.Orders{
	"code": db.Text("p.code_key"), "name": db.Text("p.search"), "fullname": db.Text("p.search"), "barcode": db.Text("p.bar_code").OrNull(),
	"allowssale": db.Flag("p.allows_sale"), "categoryid": db.Number("p.category_id"),
	"categoryname": db.Named("categories", "category_name", "p.category_id"), "trademarkid": db.Number("p.trade_mark_id").OrNull(),
	"trademarkname": db.Named("trademarks", "trade_mark_name", "p.trade_mark_id"), "type": db.Number("p.type"),
	"description": db.Long("p.description"), "hasvariants": db.Flag("p.parts & 1 <> 0"), "unit": db.Text("p.unit"),
	"masterunitid": db.Number("p.master_unit_id").OrNull(), "masterproductid": db.Number("p.master_product_id").OrNull(),
	"conversionvalue": db.Number("p.conversion_value"), "baseprice": db.Number("p.base_price"), "weight": db.Number("p.weight"),
	"islotserialcontrol": db.Flag("p.is_lot_serial_control"), "isbatchexpirecontrol": db.Flag("p.is_batch_expire_control"),
	"ordertemplate": db.Long("p.order_template"), "minquantity": ofLimits("MIN(x.min_quantity)"),
	"maxquantity": ofLimits("MAX(x.max_quantity)"), "taxtype": ofTax(func(p *taphoa.Product) string { return p.TaxType.Value }),
	"taxrate": ofTax(func(p *taphoa.Product) string { return p.TaxRate.Value }),
	"taxratedirect": ofTax(func(p *taphoa.Product) string {
		if !p.TaxRateDirect.Has() {
			return ""
		}
		return fmt.Sprintf("%020d", p.TaxRateDirect.Value)
	}),
	"createddate": db.Number("p.created_date"), "modifieddate": db.Number("p.changed_at"), "isactive": db.Flag("p.is_active"),
	"isrewardpoint": db.Flag("p.is_reward_point"), "mastercode": db.Text("p.master_code").OrNull(),
}

func ofLimits(expression string) db.Order {
	return db.Number("COALESCE((SELECT " + expression + " FROM product_limits x WHERE x.retailer_id = :retailer AND x.product_id = p.id), 0)")
}

// ofTax sorts by what products show of the first tax on their sales.
func ofTax(shown func(*taphoa.Product) string) db.Order {
	return db.Labels(`(SELECT x.tax_id FROM product_taxes x
		WHERE x.retailer_id = :retailer AND x.product_id = p.id AND NOT x.is_purchase ORDER BY x.id LIMIT 1)`,
		taphoa.Taxes[len(taphoa.Taxes)-1].TaxID, func(id int64) string {
			tax, known := taphoa.TaxByID(id)
			if !known {
				return ""
			}
			p := taphoa.Product{}
			showRate(&p, tax)
			return shown(&p)
		})
}

// ListProducts lists the products (contract products, listProducts). A category includes its subcategories,
// about which the contract does not say anything: beers below drinks are drinks.
func ListProducts(tx *db.Tx, in *taphoa.ProductQuery) (taphoa.Page[taphoa.Product], error) {
	ids, err := listProductIDs(tx, nil, in)
	page := pageLike[taphoa.Product](&ids)
	page.Data = []taphoa.Product{}
	if err != nil || len(ids.Data) == 0 {
		return page, err
	}
	found, err := readProducts(tx, ids.Data, viewOf(in))
	for _, id := range ids.Data {
		page.Data = append(page.Data, *found[id])
	}
	return page, err
}

// pageLike returns a page with all members of a page of ids besides its rows.
func pageLike[T any](ids *taphoa.Page[int64]) taphoa.Page[T] {
	return taphoa.Page[T]{
		Total: ids.Total, PageSize: ids.PageSize, RemovedIDs: ids.RemovedIDs, RemoveID: ids.RemoveID, NextCursor: ids.NextCursor,
		Timestamp: ids.Timestamp,
	}
}

// listProductIDs returns the ids of a page, from memory if the page is one of all products in the order of their ids.
func listProductIDs(tx *db.Tx, r *textView, in *taphoa.ProductQuery) (page taphoa.Page[int64], err error) {
	list := db.List{Table: "products p", Live: "p.deleted_at = 0", Columns: "p.id", Orders: productOrders}
	list.
		If(in.LastModifiedFrom.Has(), "p.changed_at >= ?", in.LastModifiedFrom.Value).
		If(in.ToDate.Has(), "p.changed_at <= ?", in.ToDate.Value).
		If(in.MasterUnitID != 0, "p.master_unit_id = ?", in.MasterUnitID).
		If(in.MasterProductID != 0, "p.master_product_id = ?", in.MasterProductID).
		If(in.TradeMarkID != 0, "p.trade_mark_id = ?", in.TradeMarkID).
		If(len(in.ProductType) > 0, "p.type IN ?", in.ProductType).
		If(in.IsActive.Has(), "p.is_active = ?", in.IsActive.Value).
		If(in.BarCode != "", "p.bar_code = ?", text.Clean(in.BarCode)).
		If(db.Fold(in.Name) != "", `p.search LIKE ? ESCAPE '\'`, db.Contains(in.Name))
	if in.CategoryID != 0 {
		ids, err := subtree(tx, in.CategoryID)
		if err != nil {
			return page, err
		}
		list.Where("p.category_id IN ?", db.Found{For: in.CategoryID, IDs: ids})
	}
	if r != nil && !list.Filtered() && in.Cursor == "" {
		page, err = r.list(tx, &list, in.Paging)
	} else {
		page, err = db.ListPage[int64](tx, &list, in.Paging)
	}
	if err == nil && in.IncludeRemoveIDs {
		page.RemovedIDs, err = db.Removed(tx, "products", in.LastModifiedFrom, in.Paging)
		page.RemoveID = page.RemovedIDs
	}
	return page, err
}

func viewOf(in *taphoa.ProductQuery) *view {
	return &view{branches: in.BranchIDs, includes: includes{
		inventories: in.IncludeInventory, quantities: in.IncludeQuantity, priceBooks: in.IncludePriceBook,
		formulas: in.IncludeMaterial, serials: in.IncludeSerials, batches: in.IncludeBatchExpires,
		warranties: in.IncludeWarranties, shelves: in.IncludeProductShelves,
		deletedAttributes: in.IncludeSoftDeletedAttribute.Or(true),
	}}
}

// readProducts returns products of the shop by id, with what belongs to them.
func readProducts(tx *db.Tx, ids []int64, v *view) (map[int64]*taphoa.Product, error) {
	rows, err := db.All[productView](tx,
		`SELECT `+productColumns+` FROM products p WHERE p.retailer_id = :retailer AND p.id IN ? ORDER BY p.id`, ids)
	if err == nil {
		err = complete(tx, rows, v)
	}
	found := make(map[int64]*taphoa.Product, len(rows))
	for i := range rows {
		found[rows[i].ID] = &rows[i].Product
	}
	return found, err
}

// GetProduct returns one product with everything that belongs to it (contract products, getProduct).
func GetProduct(tx *db.Tx, in *taphoa.ProductByID) (taphoa.Product, error) {
	return oneProduct(tx, in.ID, in.IncludeQuantity, in.IncludeSoftDeletedAttribute.Or(true), "p.id = ?", in.ID)
}

// GetProductByCode is [GetProduct] by code, which is in the path or in the query (contract products,
// getProductByCode and getProductByCodeQuery).
func GetProductByCode(tx *db.Tx, in *taphoa.ProductByCode) (taphoa.Product, error) {
	if text.CodeKey(in.Code) == "" {
		return taphoa.Product{}, refuse("code", "Thiếu mã hàng hóa (code)")
	}
	return oneProduct(tx, in.Code, in.IncludeQuantity, in.IncludeSoftDeletedAttribute.Or(true),
		"p.code_key = ?", text.CodeKey(in.Code))
}

func oneProduct(tx *db.Tx, named any, quantities, deletedAttributes bool, where string, arg any) (taphoa.Product, error) {
	rows, err := db.All[productView](tx,
		`SELECT `+productColumns+` FROM products p WHERE `+liveProducts+` AND `+where+` ORDER BY p.id`, arg)
	if err == nil && len(rows) == 0 {
		err = unknown(named)
	}
	if err != nil {
		return taphoa.Product{}, err
	}
	err = complete(tx, rows, &view{includes: includes{
		inventories: true, priceBooks: true, formulas: true, serials: true, batches: true, warranties: true, shelves: true,
		quantities: quantities, deletedAttributes: deletedAttributes,
	}})
	return rows[0].Product, err
}

package catalog

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock"
)

// The parts of a product that other tables hold, as bits of products.parts, so that a page asks only those tables that
// have something for it: most products have none of these.
const (
	childAttributes int64 = 1 << iota
	childUnits
	childTaxes
	childLimits
	childPrices
	childWarranties
	childShelves
)

// refreshChildTables stores which parts products have. It is called after each write of such a part.
func refreshChildTables(tx *db.Tx, ids ...int64) {
	tx.Queue(`
		UPDATE products SET parts =
			CASE WHEN EXISTS (SELECT 1 FROM product_attributes x WHERE x.retailer_id = :retailer AND x.product_id = products.id) THEN 1 ELSE 0 END +
			CASE WHEN EXISTS (SELECT 1 FROM products x WHERE x.retailer_id = :retailer AND x.master_unit_id = products.id AND x.deleted_at = 0) THEN 2 ELSE 0 END +
			CASE WHEN EXISTS (SELECT 1 FROM product_taxes x WHERE x.retailer_id = :retailer AND x.product_id = products.id) THEN 4 ELSE 0 END +
			CASE WHEN EXISTS (SELECT 1 FROM product_limits x WHERE x.retailer_id = :retailer AND x.product_id = products.id) THEN 8 ELSE 0 END +
			CASE WHEN EXISTS (SELECT 1 FROM price_book_details x WHERE x.retailer_id = :retailer AND x.product_id = products.id) THEN 16 ELSE 0 END +
			CASE WHEN EXISTS (SELECT 1 FROM product_warranties x WHERE x.retailer_id = :retailer AND x.product_id = products.id) THEN 32 ELSE 0 END +
			CASE WHEN EXISTS (SELECT 1 FROM product_shelves x WHERE x.retailer_id = :retailer AND x.product_id = products.id) THEN 64 ELSE 0 END
		WHERE retailer_id = :retailer AND id IN ?`, ids)
	emit(tx, ids...)
}

// view is what a reader wants to see of products beyond their own row.
type view struct {
	includes
	branches []int64 // whose inventories are shown; none named: all
}

type includes struct {
	inventories, quantities, priceBooks, formulas bool
	serials, batches, warranties, shelves         bool
	deletedAttributes                             bool
}

// productView is a product as pages read it.
type productView struct {
	taphoa.Product
	ImageLines  string `db:"images"` // Images as they are stored, a link a line
	ChildTables int64  `db:"parts"`  // bits: which tables have more about it
}

// productPage is a page of products that is filled.
type productPage struct {
	tx        *db.Tx
	products  []productView
	view      *view
	children  int64                // child tables that have rows of any of them
	combos    bool                 // whether combos are among them
	index     map[int64]int        // position of a product id; created when first needed
	materials map[int64][]Material // of the combos among them
}

func newPage(tx *db.Tx, products []productView, v *view) *productPage {
	pg := &productPage{tx: tx, products: products, view: v}
	for i := range products {
		pg.children |= products[i].ChildTables
		pg.combos = pg.combos || products[i].Type == taphoa.ProductCombo
	}
	return pg
}

// complete adds to products their rows of other tables: at most one query for each table.
func complete(tx *db.Tx, products []productView, v *view) error {
	if len(products) == 0 {
		return nil
	}
	pg := newPage(tx, products, v)
	for i := range products {
		p := &products[i]
		p.RetailerID = tx.Retailer
		p.HasVariants = p.ChildTables&childAttributes != 0
		p.ModifiedDate = taphoa.Some(p.ModifiedDate.Or(p.CreatedDate))
		if p.ImageLines != "" {
			p.Images = strings.Split(p.ImageLines, "\n")
		}
	}
	if err := pg.fillNames(); err != nil {
		return err
	}
	for _, step := range []struct {
		wanted bool
		fill   func() error
	}{
		{true, pg.fillAttributes},
		{true, pg.fillUnits},
		{true, pg.fillTaxes},
		{pg.combos && (v.inventories || v.formulas), pg.fillFormulas},
		{v.inventories, pg.fillInventories},
		{v.inventories || v.quantities, pg.fillQuantities},
		{v.priceBooks, pg.fillPriceBooks},
		{v.serials, pg.fillSerials},
		{v.batches, pg.fillBatches},
		{v.warranties, pg.fillWarranties},
		{v.shelves, pg.fillShelves},
	} {
		if step.wanted {
			if err := step.fill(); err != nil {
				return err
			}
		}
	}
	return nil
}

// at is the product of an id, or nil when it is not on the page.
func (pg *productPage) at(id int64) *taphoa.Product {
	if pg.index == nil {
		pg.index = make(map[int64]int, len(pg.products))
		for i := range pg.products {
			pg.index[pg.products[i].ID] = i
		}
	}
	if i, found := pg.index[id]; found {
		return &pg.products[i].Product
	}
	return nil
}

// loadChildren runs a query for the products that have a part. Its rows come in the order of the products' ids, and each
// product is given its own. Where the ids are adjacent, its IN becomes a range, which is faster than many searches.
func loadChildren[T any](pg *productPage, child int64, owner func(*T) int64, give func(*taphoa.Product, []T), sql string) error {
	if pg.children&child == 0 {
		return nil
	}
	ids := make([]int64, 0, len(pg.products))
	for i := range pg.products {
		if pg.products[i].ChildTables&child != 0 {
			ids = append(ids, pg.products[i].ID)
		}
	}
	args := []any{ids}
	if first, last := slices.Min(ids), slices.Max(ids); last-first < 2*int64(len(ids)) {
		sql, args = strings.Replace(sql, "IN ?", "BETWEEN ? AND ?", 1), []any{first, last}
	}
	rows, err := db.All[T](pg.tx, sql, args...)
	if err == nil {
		distribute(pg, rows, owner, give)
	}
	return err
}

// distribute gives each product its rows, which come in runs.
func distribute[T any](pg *productPage, rows []T, owner func(*T) int64, give func(*taphoa.Product, []T)) {
	for from, to := 0, 0; from < len(rows); from = to {
		id := owner(&rows[from])
		for to = from; to < len(rows) && owner(&rows[to]) == id; to++ {
		}
		if p := pg.at(id); p != nil {
			give(p, rows[from:to:to])
		}
	}
}

// idName is a record that products show the name of.
type idName struct {
	ID   int64
	Name string
}

// fillNames looks up the names of the categories and brands, of which a page has far fewer than products.
func (pg *productPage) fillNames() error {
	categories, brands := map[int64]string{}, map[int64]string{}
	for i := range pg.products {
		categories[pg.products[i].CategoryID] = ""
		if brand := pg.products[i].TradeMarkID; brand.Has() {
			brands[brand.Value] = ""
		}
	}
	err := lookUp(pg.tx, categories, `SELECT id, category_name AS name FROM categories WHERE retailer_id = :retailer AND id IN ?`)
	if err == nil {
		err = lookUp(pg.tx, brands, `SELECT id, trade_mark_name AS name FROM trademarks WHERE retailer_id = :retailer AND id IN ?`)
	}
	for i := range pg.products {
		p := &pg.products[i]
		p.CategoryName = categories[p.CategoryID]
		if p.TradeMarkID.Has() {
			p.TradeMarkName = taphoa.Some(brands[p.TradeMarkID.Value])
		}
	}
	return err
}

func lookUp(tx *db.Tx, names map[int64]string, sql string) error {
	if len(names) == 0 {
		return nil
	}
	ids := make([]int64, 0, len(names))
	for id := range names {
		ids = append(ids, id)
	}
	rows, err := db.All[idName](tx, sql, ids)
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return err
}

// fillAttributes looks up the names of the attributes, of which a shop has few, instead of joining them to every row.
func (pg *productPage) fillAttributes() error {
	type value struct {
		ProductID, AttributeID int64
		Value                  string
	}
	var values []value
	names := map[int64]string{}
	err := loadChildren(pg, childAttributes, func(v *value) int64 { return v.ProductID },
		func(_ *taphoa.Product, rows []value) {
			values = append(values, rows...)
			for i := range rows {
				names[rows[i].AttributeID] = ""
			}
		}, `
		SELECT product_id, attribute_id, value FROM product_attributes
		WHERE retailer_id = :retailer AND product_id IN ? ORDER BY product_id, position`)
	if err == nil {
		living := ""
		if !pg.view.deletedAttributes {
			living = " AND deleted_at = 0"
		}
		err = lookUp(pg.tx, names, `SELECT id, name FROM attributes WHERE retailer_id = :retailer AND id IN ?`+living)
	}
	shown := make([]taphoa.ProductAttribute, 0, len(values))
	distribute(pg, values, func(v *value) int64 { return v.ProductID }, func(p *taphoa.Product, rows []value) {
		from := len(shown)
		for _, v := range rows {
			if names[v.AttributeID] != "" {
				shown = append(shown, taphoa.ProductAttribute{
					ProductID: p.ID, AttributeName: names[v.AttributeID], AttributeValue: v.Value,
				})
			}
		}
		p.Attributes = shown[from:len(shown):len(shown)]
	})
	return err
}

func (pg *productPage) fillUnits() error {
	type unit struct {
		taphoa.ProductUnit
		MasterUnitID int64
	}
	return loadChildren(pg, childUnits, func(u *unit) int64 { return u.MasterUnitID },
		func(p *taphoa.Product, rows []unit) {
			for i := range rows {
				p.Units = append(p.Units, rows[i].ProductUnit)
			}
		}, `
		SELECT u.master_unit_id, u.id, u.code, u.name, u.full_name, u.unit, u.conversion_value, u.base_price
		FROM products u
		WHERE u.retailer_id = :retailer AND u.master_unit_id IN ? AND u.deleted_at = 0
		ORDER BY u.master_unit_id, u.conversion_value, u.id`)
}

func (pg *productPage) fillTaxes() error {
	type tax struct {
		ID, ProductID, TaxID int64
		IsPurchase           bool
	}
	return loadChildren(pg, childTaxes, func(t *tax) int64 { return t.ProductID },
		func(p *taphoa.Product, rows []tax) {
			for _, row := range rows {
				rate, _ := taphoa.TaxByID(row.TaxID)
				shown := taphoa.ProductTax{ID: row.ID, ProductID: p.ID, TaxID: row.TaxID, Value: rate.Value, Name: rate.TaxName}
				if row.IsPurchase {
					p.PurchaseTax = &shown
				} else {
					if p.ProductTaxs == nil {
						showRate(p, rate)
					}
					p.ProductTaxs = append(p.ProductTaxs, shown)
				}
			}
		}, `
		SELECT id, product_id, tax_id, is_purchase FROM product_taxes
		WHERE retailer_id = :retailer AND product_id IN ? ORDER BY product_id, id`)
}

// showRate shows the sales tax as products do: by method and bare rate.
func showRate(p *taphoa.Product, tax taphoa.Tax) {
	if tax.Type == taphoa.TaxDirect {
		p.TaxType, p.TaxRateDirect = taphoa.Some(taphoa.TaxTypeDirect), tax.Value
		return
	}
	rate := tax.TaxName // KCT, KKKNT
	if tax.Value.Has() {
		rate = tax.Value.Value.String()
	}
	p.TaxType, p.TaxRate = taphoa.Some(taphoa.TaxTypeDeduction), taphoa.Some(rate)
}

// fillFormulas shows what combos consist of, and notes it for their stock.
func (pg *productPage) fillFormulas() error {
	var combos []int64
	for i := range pg.products {
		if p := &pg.products[i]; p.Type == taphoa.ProductCombo {
			combos = append(combos, p.ID)
			if pg.view.formulas {
				p.ProductFormulas = []taphoa.ProductFormula{}
			}
		}
	}
	type component struct {
		taphoa.FormulaProduct
		ComboID      int64
		Quantity     taphoa.Quantity
		Type         taphoa.ProductType
		MasterUnitID taphoa.Opt[int64]
		ChildTables  int64 `db:"parts"`
	}
	rows, err := db.All[component](pg.tx, `
		SELECT f.product_id AS combo_id, f.quantity, m.type, m.master_unit_id, m.parts, m.created_date, m.id, m.retailer_id,
			m.code, m.name, m.full_name, m.category_id, m.allows_sale, m.base_price, m.unit, m.conversion_value,
			m.modified_date, m.is_active, m.is_reward_point, m.order_template, m.is_lot_serial_control, m.is_batch_expire_control
		FROM product_formulas f
		JOIN products m ON m.retailer_id = :retailer AND m.id = f.material_id
		WHERE f.retailer_id = :retailer AND f.product_id IN ? ORDER BY f.product_id, f.material_id`, combos)
	if err != nil {
		return err
	}
	pg.materials = make(map[int64][]Material, len(combos))
	distribute(pg, rows, func(c *component) int64 { return c.ComboID }, func(p *taphoa.Product, rows []component) {
		for i := range rows {
			c := &rows[i]
			c.HasVariants = c.ChildTables&childAttributes != 0
			if c.Type == taphoa.ProductGoods {
				pg.materials[p.ID] = addMaterial(pg.materials[p.ID], c.MasterUnitID.Or(c.ID), inRange(c.Quantity.Times(c.ConversionValue)))
			}
			if pg.view.formulas {
				p.ProductFormulas = append(p.ProductFormulas, taphoa.ProductFormula{
					MaterialID: c.ID, MaterialCode: c.Code, MaterialFullName: c.FullName, MaterialName: c.Name,
					Quantity: c.Quantity, BasePrice: c.BasePrice, ProductID: p.ID, Product: c.FormulaProduct,
				})
			}
		}
	})
	return nil
}

func (pg *productPage) fillPriceBooks() error {
	for i := range pg.products {
		pg.products[i].PriceBooks = []taphoa.ProductPriceBook{}
	}
	return loadChildren(pg, childPrices, func(b *taphoa.ProductPriceBook) int64 { return b.ProductID },
		func(p *taphoa.Product, rows []taphoa.ProductPriceBook) { p.PriceBooks = rows }, `
		SELECT d.product_id, d.price_book_id, b.name AS price_book_name, b.is_active, b.start_date, b.end_date, d.price
		FROM price_book_details d
		JOIN price_books b ON b.retailer_id = :retailer AND b.id = d.price_book_id AND b.deleted_at = 0
		WHERE d.retailer_id = :retailer AND d.product_id IN ? ORDER BY d.product_id, d.price_book_id`)
}

func (pg *productPage) fillWarranties() error {
	for i := range pg.products {
		pg.products[i].ProductWarranties = []taphoa.ProductWarranty{}
	}
	return loadChildren(pg, childWarranties, func(w *taphoa.ProductWarranty) int64 { return w.ProductID },
		func(p *taphoa.Product, rows []taphoa.ProductWarranty) { p.ProductWarranties = rows }, `
		SELECT id, description, number_time, time_type, warranty_type, product_id, retailer_id, created_by, created_date, modified_date
		FROM product_warranties WHERE retailer_id = :retailer AND product_id IN ? ORDER BY product_id, id`)
}

func (pg *productPage) fillShelves() error {
	for i := range pg.products {
		pg.products[i].ProductShelves = []taphoa.ProductShelf{}
	}
	type shelf struct {
		ProductID, BranchID int64
		BranchName, Name    string
	}
	return loadChildren(pg, childShelves, func(s *shelf) int64 { return s.ProductID },
		func(p *taphoa.Product, rows []shelf) {
			for i, s := range rows {
				if i > 0 && rows[i-1].BranchID == s.BranchID {
					p.ProductShelves[len(p.ProductShelves)-1].ProductShelves += " | " + s.Name
					continue
				}
				p.ProductShelves = append(p.ProductShelves,
					taphoa.ProductShelf{BranchID: s.BranchID, BranchName: s.BranchName, ProductShelves: s.Name})
			}
		}, `
		SELECT s.product_id, s.branch_id, b.branch_name, s.name
		FROM product_shelves s
		JOIN branches b ON b.retailer_id = :retailer AND b.id = s.branch_id AND b.deleted_at = 0
		WHERE s.retailer_id = :retailer AND s.product_id IN ? ORDER BY s.product_id, s.branch_id, s.position`)
}

func (pg *productPage) fillSerials() error {
	var ids []int64
	for i := range pg.products {
		p := &pg.products[i]
		p.ProductSerials = []taphoa.ProductSerial{}
		if p.IsLotSerialControl {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := stock.Serials(pg.tx, ids)
	distribute(pg, rows, func(s *taphoa.ProductSerial) int64 { return s.ProductID },
		func(p *taphoa.Product, rows []taphoa.ProductSerial) { p.ProductSerials = rows })
	return err
}

// fillBatches shows the batches of products and, in the units' own quantities, of the units of such products.
func (pg *productPage) fillBatches() error {
	var ids []int64
	for i := range pg.products {
		p := &pg.products[i]
		p.ProductBatchExpires = []taphoa.ProductBatchExpire{}
		if p.IsBatchExpireControl {
			ids = append(ids, p.MasterUnitID.Or(p.ID))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := stock.ProductLots(pg.tx, ids)
	if err != nil {
		return err
	}
	for i := range pg.products {
		p := &pg.products[i]
		for _, b := range rows {
			if !p.IsBatchExpireControl || b.ProductID != p.MasterUnitID.Or(p.ID) {
				continue
			}
			b.ProductID = p.ID
			b.OnHand = inRange(b.OnHand.Div(p.ConversionValue))
			b.FullNameVirgule = taphoa.BatchFullName(b.BatchName, b.ExpireDate)
			p.ProductBatchExpires = append(p.ProductBatchExpires, b)
		}
	}
	return nil
}

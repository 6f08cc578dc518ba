package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/text"
)

// importedCategory is a row of categories.
type importedCategory struct {
	ID, ParentID          int64
	CategoryName, NameKey string
	Rank                  int64
	CreatedDate           taphoa.Time
	ModifiedDate          taphoa.Opt[taphoa.Time]
	ChangedAt             taphoa.Time
}

// ImportCategories writes categories as another system shows them.
func ImportCategories(tx *db.Tx, categories []taphoa.Category) error {
	rows, keys := make([]importedCategory, len(categories)), make([]string, len(categories))
	for i := range categories {
		c, r := &categories[i], &rows[i]
		plan.CopyFields(r, c)
		r.ID, r.ParentID, r.NameKey, r.ChangedAt = c.CategoryID, c.ParentID.Value, text.NameKey(c.CategoryName), c.ModifiedDate.Or(c.CreatedDate)
		keys[i] = r.NameKey
		categoryUpdated.Emit(tx, r.ID)
	}
	return db.Import(tx, "categories", rows, func(r *importedCategory) int64 { return r.ID },
		db.Freed{Column: "name_key", Set: "name_key = '~' || id", Values: keys})
}

// RemoveImportedCategories notes which categories another system has deleted.
func RemoveImportedCategories(tx *db.Tx, ids []int64) error {
	removed, err := db.RemoveImported(tx, "categories", ids)
	categoryDeleted.Emit(tx, removed...)
	return err
}

// ImportProducts writes products as another system shows them, with their inventories, materials, warranties, shelves and limits. What
// a branch has is posted to the ledger as an adjustment of what it has here.
func ImportProducts(tx *db.Tx, products []taphoa.Product) error {
	rows, ids := make([]record, len(products)), make([]int64, len(products))
	codes := db.Freed{Column: "code_key", Set: "code_key = '~' || id"}
	bars := db.Freed{Column: "bar_code", Set: "bar_code = NULL"}
	for i := range products {
		rows[i].imported(tx, &products[i])
		ids[i] = products[i].ID
		codes.Values = append(codes.Values, rows[i].CodeKey)
		if rows[i].BarCode.Has() {
			bars.Values = append(bars.Values, rows[i].BarCode.Value)
		}
	}
	if err := importBrands(tx, products); err != nil {
		return err
	}
	if err := db.Import(tx, "products", rows, func(r *record) int64 { return r.ID }, codes, bars); err != nil {
		return err
	}
	if err := importChildren(tx, products, ids); err != nil {
		return err
	}
	productUpdated.EmitFirst(tx, ids...)
	for i := range products {
		if base := products[i].MasterUnitID; base.Has() {
			ids = append(ids, base.Value)
		}
	}
	refreshChildTables(tx, ids...)
	return importStock(tx, products)
}

// imported fills a row with what another system shows.
func (r *record) imported(tx *db.Tx, p *taphoa.Product) {
	plan.CopyFields(r, p)
	r.CodeKey, r.Images, r.CreatedBy = text.CodeKey(p.Code), strings.Join(p.Images, "\n"), tx.User
	r.BarCode = taphoa.SomeIf(p.BarCode.Value)
	r.Search = db.Fold(r.FullName) + "\n" + db.Fold(r.Code) + "\n" + r.BarCode.Value
	if r.ConversionValue <= 0 {
		r.ConversionValue = taphoa.Units(1)
	}
	r.ChangedAt = p.ModifiedDate.Or(p.CreatedDate)
}

// RemoveImportedProducts notes which products another system has deleted.
func RemoveImportedProducts(tx *db.Tx, ids []int64) error {
	removed, err := db.RemoveImported(tx, "products", ids)
	if err != nil || len(removed) == 0 {
		return err
	}
	productDeleted.Emit(tx, removed...)
	units, err := db.All[int64](tx, `
		SELECT master_unit_id FROM products WHERE retailer_id = :retailer AND id IN ? AND master_unit_id IS NOT NULL`, removed)
	if err == nil && len(units) > 0 {
		refreshChildTables(tx, units...)
	}
	return err
}

// importedBrand is a row of trademarks.
type importedBrand struct {
	ID                        int64
	TradeMarkName, NameKey    string
	CreatedDate, ModifiedDate taphoa.Time
}

// importBrands writes the brands that products name.
func importBrands(tx *db.Tx, products []taphoa.Product) error {
	var rows []importedBrand
	var keys []string
	for i := range products {
		id, name := products[i].TradeMarkID, products[i].TradeMarkName.Value
		if !id.Has() || name == "" || slices.ContainsFunc(rows, func(r importedBrand) bool { return r.ID == id.Value }) {
			continue
		}
		rows = append(rows, importedBrand{id.Value, name, text.NameKey(name), tx.Now, tx.Now})
		keys = append(keys, text.NameKey(name))
	}
	return db.Import(tx, "trademarks", rows, func(r *importedBrand) int64 { return r.ID },
		db.Freed{Column: "name_key", Set: "name_key = '~' || id", Values: keys})
}

// importChildren writes the parts of products in place of those that they had.
func importChildren(tx *db.Tx, products []taphoa.Product, ids []int64) error {
	tx.Queue(`DELETE FROM product_attributes WHERE retailer_id = :retailer AND product_id IN ?`, ids)
	tx.Queue(`DELETE FROM product_taxes WHERE retailer_id = :retailer AND product_id IN ?`, ids)
	tx.Queue(`DELETE FROM product_formulas WHERE retailer_id = :retailer AND product_id IN ?`, ids)
	tx.Queue(`DELETE FROM product_warranties WHERE retailer_id = :retailer AND product_id IN ?`, ids)
	tx.Queue(`DELETE FROM product_shelves WHERE retailer_id = :retailer AND product_id IN ?`, ids)
	tx.Queue(`DELETE FROM product_limits WHERE retailer_id = :retailer AND product_id IN ?`, ids)
	if err := importAttributes(tx, products); err != nil {
		return err
	}
	for i := range products {
		importParts(tx, &products[i])
	}
	return nil
}

// importParts writes what other tables have of a product, but for its attributes.
func importParts(tx *db.Tx, p *taphoa.Product) {
	tax := func(t *taphoa.ProductTax, isPurchase bool) {
		tx.Queue(`
			INSERT INTO product_taxes (retailer_id, product_id, is_purchase, tax_id, id) VALUES (:retailer, ?, ?, ?, ?)`,
			p.ID, isPurchase, t.TaxID, t.ID)
	}
	for i := range p.ProductTaxs {
		tax(&p.ProductTaxs[i], false)
	}
	if p.PurchaseTax != nil {
		tax(p.PurchaseTax, true)
	}
	for _, m := range p.ProductFormulas {
		tx.Queue(`
			INSERT INTO product_formulas (retailer_id, product_id, material_id, quantity) VALUES (:retailer, ?, ?, ?)`,
			p.ID, m.MaterialID, m.Quantity)
		emitUsage(tx, m.MaterialID)
	}
	for i := range p.ProductWarranties {
		w := &p.ProductWarranties[i]
		tx.Queue(`
			INSERT INTO product_warranties (retailer_id, product_id, id, description, number_time, time_type, warranty_type, created_by,
				created_date, modified_date)
			VALUES (:retailer, ?, :id, :description, :number_time, :time_type, :warranty_type, :created_by, :created_date, :modified_date)`,
			w, p.ID)
	}
	for _, shelf := range p.ProductShelves {
		for at, name := range strings.Split(shelf.ProductShelves, " | ") {
			tx.Queue(`
				INSERT INTO product_shelves (retailer_id, product_id, branch_id, position, name) VALUES (:retailer, ?, ?, ?, ?)`,
				p.ID, shelf.BranchID, at, name)
		}
	}
	for i := range p.Inventories {
		if at := &p.Inventories[i]; at.MinQuantity != 0 || at.MaxQuantity != 0 {
			db.Upsert(tx, "product_limits", []string{"product_id", "branch_id"}, limit{p.ID, at.BranchID, at.MinQuantity, at.MaxQuantity})
		}
	}
}

// importAttributes writes the attributes of products, and makes those that the shop does not have yet.
func importAttributes(tx *db.Tx, products []taphoa.Product) error {
	var named []taphoa.AttributeInput
	for i := range products {
		for _, a := range products[i].Attributes {
			named = append(named, taphoa.AttributeInput{AttributeName: a.AttributeName})
		}
	}
	known, err := attributeIDs(tx, 0, named)
	if err != nil {
		return err
	}
	for i := range products {
		for at, a := range products[i].Attributes {
			key := text.NameKey(a.AttributeName)
			if known[key] == 0 {
				if known[key], err = tx.NewID("attributes"); err != nil {
					return err
				}
				tx.Queue(`
					INSERT INTO attributes (retailer_id, id, name, name_key, created_date) VALUES (:retailer, ?, ?, ?, :now)`,
					known[key], text.Clean(a.AttributeName), key)
			}
			tx.Queue(`
				INSERT INTO product_attributes (retailer_id, product_id, attribute_id, value, position) VALUES (:retailer, ?, ?, ?, ?)`,
				products[i].ID, known[key], a.AttributeValue, at)
		}
	}
	return nil
}

// importedHoldings is the kind of what products have reserved and on order in another system: one document a product.
const importedHoldings = "mirror"

// importStock lets the ledger have what another system shows of base units: the rest follows from these.
func importStock(tx *db.Tx, products []taphoa.Product) error {
	goods := make(map[int64][]importedLevel, len(products))
	for i := range products {
		if p := &products[i]; p.Type == taphoa.ProductGoods && !p.MasterUnitID.Has() {
			for _, at := range p.Inventories {
				goods[p.ID] = append(goods[p.ID], importedLevel{
					at.BranchID, at.OnHand, max(at.Reserved, 0), taphoa.Some(max(at.Cost, 0)), taphoa.Some(max(at.OnOrder, 0)),
				})
			}
		}
	}
	return setLevels(tx, goods)
}

// ImportOnHands lets the ledger have what another system shows of the stock of products, in the list that has no costs.
func ImportOnHands(tx *db.Tx, products []taphoa.ProductOnHand) error {
	ids := make([]int64, len(products))
	for i := range products {
		ids[i] = products[i].ID
	}
	base, err := db.All[int64](tx, `
		SELECT id FROM products WHERE retailer_id = :retailer AND id IN ? AND type = ? AND master_unit_id IS NULL AND deleted_at = 0`,
		ids, taphoa.ProductGoods)
	if err != nil {
		return err
	}
	goods := make(map[int64][]importedLevel, len(base))
	for i := range products {
		if p := &products[i]; slices.Contains(base, p.ID) {
			for _, at := range p.Inventories {
				goods[p.ID] = append(goods[p.ID], importedLevel{BranchID: at.BranchID, OnHand: at.OnHand, Reserved: max(at.Reserved, 0)})
			}
		}
	}
	return setLevels(tx, goods)
}

// importedLevel is what a branch has of a product in another system; absent is what that does not show.
type importedLevel struct {
	BranchID         int64
	OnHand, Reserved taphoa.Quantity
	Cost             taphoa.Opt[taphoa.Money]
	OnOrder          taphoa.Opt[taphoa.Quantity]
}

// setLevels lets the ledger have the levels of products: all of their branches.
func setLevels(tx *db.Tx, goods map[int64][]importedLevel) error {
	ids := slices.Sorted(maps.Keys(goods))
	stored, err := stock.Levels(tx, ids, nil)
	if err != nil {
		return err
	}
	levels := make(map[stock.BranchQuantity]stock.Level, len(stored))
	for _, l := range stored {
		levels[stock.BranchQuantity{ProductID: l.ProductID, BranchID: l.BranchID}] = l
	}
	var counts []stock.Count
	for _, id := range ids {
		var reserved, awaited []stock.BranchQuantity
		same := true
		for _, at := range goods[id] {
			key := stock.BranchQuantity{ProductID: id, BranchID: at.BranchID}
			now := levels[key]
			if now.OnHand != at.OnHand || now.Cost != at.Cost.Or(now.Cost) {
				counts = append(counts, stock.Count{ProductID: id, BranchID: at.BranchID, OnHand: taphoa.Some(at.OnHand), Cost: at.Cost})
			}
			onOrder := at.OnOrder.Or(now.OnOrder)
			same = same && now.Reserved == at.Reserved && now.OnOrder == onOrder
			if key.Quantity = at.Reserved; key.Quantity > 0 {
				reserved = append(reserved, key)
			}
			if key.Quantity = onOrder; key.Quantity > 0 {
				awaited = append(awaited, key)
			}
		}
		if same {
			continue
		}
		if err := stock.Reserve(tx, importedHoldings, id, reserved, stock.Limits{BelowZero: true, BelowReserved: true}); err != nil {
			return err
		}
		if err := stock.SetOnOrder(tx, importedHoldings, id, awaited); err != nil {
			return err
		}
	}
	return stock.SetStock(tx, counts)
}

// ImportUnlisted makes deleted products of those that documents of another system name and its list does not show.
func ImportUnlisted(tx *db.Tx, lines []taphoa.InvoiceDetail) error {
	ids := make([]int64, len(lines))
	for i := range lines {
		ids[i] = lines[i].ProductID
	}
	known, err := db.All[int64](tx, `SELECT id FROM products WHERE retailer_id = :retailer AND id IN ?`, append(ids, 0))
	if err != nil {
		return err
	}
	var rows []record
	var gone []int64
	for i := range lines {
		l := &lines[i]
		if slices.Contains(known, l.ProductID) || l.ProductID == 0 {
			continue
		}
		known, gone = append(known, l.ProductID), append(gone, l.ProductID)
		brand, err := importBrandNamed(tx, l.TradeMarkName.Value)
		if err != nil {
			return err
		}
		rows = append(rows, record{
			ID: l.ProductID, Code: l.ProductCode, CodeKey: fmt.Sprintf("~%d", l.ProductID), Name: l.ProductName, FullName: l.ProductName,
			CategoryID: l.CategoryID.Value, TradeMarkID: brand, Type: taphoa.ProductGoods, ConversionValue: taphoa.Units(1), BasePrice: l.Price,
			CreatedDate: tx.Now, ChangedAt: tx.Now, CreatedBy: tx.User,
		})
	}
	if err := db.Import(tx, "products", rows, func(r *record) int64 { return r.ID }); err != nil {
		return err
	}
	_, err = db.RemoveImported(tx, "products", gone)
	return err
}

// importBrandNamed returns the brand of a name, which it makes if there is none; none for no name.
func importBrandNamed(tx *db.Tx, name string) (taphoa.Opt[int64], error) {
	if name == "" {
		return taphoa.Opt[int64]{}, nil
	}
	id, found, err := db.One[int64](tx, `SELECT id FROM trademarks WHERE retailer_id = :retailer AND name_key = ? ORDER BY id LIMIT 1`, text.NameKey(name))
	if err == nil && !found {
		if id, err = tx.NewID("trademarks"); err == nil {
			err = db.Import(tx, "trademarks", []importedBrand{{id, name, text.NameKey(name), tx.Now, tx.Now}}, func(r *importedBrand) int64 { return r.ID })
		}
	}
	return taphoa.Some(id), err
}

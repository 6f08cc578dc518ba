package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
)

// Sentences of the bulk operations (contract products, messages; observed-behaviour, section 3).
const (
	bulkMax           = 100
	messageAllCreated = "Thêm mới danh sách sản phẩm thành công"
	messageAllUpdated = "Cập nhật danh sách sản phẩm thành công"
)

// CreateProduct adds a product, or a further unit or variant of one (contract products, createProduct).
func CreateProduct(tx *db.Tx, in *taphoa.ProductInput) (taphoa.Product, error) {
	d := newDraft(in)
	if err := create(tx, d); err != nil {
		return taphoa.Product{}, err
	}
	if err := finish(tx, []*draft{d}, unlisted); err != nil {
		return taphoa.Product{}, err
	}
	return GetProduct(tx, &taphoa.ProductByID{ID: d.ID})
}

// UpdateProduct changes what is given of a product (contract products, updateProduct).
func UpdateProduct(tx *db.Tx, in *taphoa.ProductInput) (taphoa.ProductUpdated, error) {
	row, err := lockProduct(tx, in.ID)
	if err != nil {
		return taphoa.ProductUpdated{}, err
	}
	d := &draft{record: row, in: in}
	if err := update(tx, d); err != nil {
		return taphoa.ProductUpdated{}, err
	}
	if err := finish(tx, []*draft{d}, unlisted); err != nil {
		return taphoa.ProductUpdated{}, err
	}
	p, err := GetProduct(tx, &taphoa.ProductByID{ID: in.ID})
	return taphoa.ProductUpdated{Product: p, Inventory: p.Inventories}, err
}

// BulkCreateProducts adds several products, all or none (contract products, bulkCreateProducts).
func BulkCreateProducts(tx *db.Tx, in *taphoa.ProductsInput) (taphoa.Message, error) {
	if err := bulkSize(in, "Danh sách sản phẩm thêm mới rỗng"); err != nil {
		return taphoa.Message{}, err
	}
	drafts := make([]*draft, len(in.ListProducts))
	for i := range in.ListProducts {
		drafts[i] = newDraft(&in.ListProducts[i])
		if err := create(tx, drafts[i]); err != nil {
			return taphoa.Message{}, element(i, drafts[i], err)
		}
	}
	return taphoa.Message{Message: messageAllCreated}, finish(tx, drafts, element)
}

// BulkUpdateProducts changes several products, all or none (contract products, bulkUpdateProducts).
func BulkUpdateProducts(tx *db.Tx, in *taphoa.ProductsInput) (taphoa.Message, error) {
	if err := bulkSize(in, "Danh sách sản phẩm cập nhật rỗng"); err != nil {
		return taphoa.Message{}, err
	}
	ids := make([]int64, len(in.ListProducts))
	for i := range in.ListProducts {
		ids[i] = in.ListProducts[i].ID
	}
	if _, err := lockProducts(tx, ids); err != nil { // in the order of their ids; read again one by one, since one may change another
		return taphoa.Message{}, err
	}
	drafts := make([]*draft, len(ids))
	for i, id := range ids {
		row, err := lockProduct(tx, id)
		if drafts[i] = (&draft{record: row, in: &in.ListProducts[i]}); err == nil {
			err = update(tx, drafts[i])
		}
		if err != nil {
			return taphoa.Message{}, element(i, drafts[i], err)
		}
	}
	return taphoa.Message{Message: messageAllUpdated}, finish(tx, drafts, element)
}

// finish does what is done when all products of a request are written: see [refuseTwins] and [setInventories].
func finish(tx *db.Tx, drafts []*draft, about func(i int, d *draft, err error) error) error {
	if err := refuseTwins(tx, drafts, about); err != nil {
		return err
	}
	return setInventories(tx, drafts, about)
}

func bulkSize(in *taphoa.ProductsInput, empty string) error {
	switch n := len(in.ListProducts); {
	case n == 0:
		return refuse("listProducts", "%s", taphoa.Term(empty))
	case n > bulkMax:
		return refuse("listProducts", "Danh sách (listProducts) có %d sản phẩm, mỗi lần chỉ được gửi tối đa %d sản phẩm", n, bulkMax)
	}
	return nil
}

// element adds to an error the product of a list that it is about.
func element(i int, d *draft, err error) error {
	var e *taphoa.Error
	if !errors.As(err, &e) {
		return err
	}
	code := d.in.Code.Or(d.in.Name.Value)
	if d.record != nil && d.Code != "" {
		code = d.Code
	}
	const sentence = "Sản phẩm thứ %d (%s): %s"
	field := strings.TrimSuffix(fmt.Sprintf("listProducts[%d].%s", i, e.Field), ".")
	if missing := (*right.Missing)(nil); errors.As(err, &missing) {
		return missing.About(field, sentence, i+1, code)
	}
	return e.About(field, sentence, i+1, code)
}

// unlisted leaves the error about a product that is not in a list as it is.
func unlisted(_ int, _ *draft, err error) error { return err }

// DeleteProduct deletes a product and, with a base unit, its other units. It keeps them for history; the next of a kind
// becomes its first (contract products, deleteProduct and undocumented). What a combo consists of cannot be deleted.
func DeleteProduct(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	doomed, err := db.All[record](tx, `
		SELECT `+recordColumns+` FROM products p
		WHERE `+liveProducts+` AND p.id IN (
			SELECT k.id FROM products k WHERE k.retailer_id = :retailer AND k.id = ?
			UNION SELECT k.id FROM products k WHERE k.retailer_id = :retailer AND k.master_unit_id = ?)
		ORDER BY p.id :lock`, in.ID, in.ID)
	if err != nil {
		return taphoa.Message{}, err
	}
	var (
		ids  []int64
		self *record
	)
	for i := range doomed {
		ids = append(ids, doomed[i].ID)
		if doomed[i].ID == in.ID {
			self = &doomed[i]
		}
	}
	if self == nil {
		return taphoa.Message{}, unknown(in.ID)
	}
	combo, used, err := comboOf(tx, ids)
	if used {
		err = refuse("id", "Sản phẩm %s là thành phần của combo %s nên không thể xóa, hãy sửa hoặc xóa combo trước", self.Code, combo)
	}
	if err != nil {
		return taphoa.Message{}, err
	}
	tx.Queue(`UPDATE products SET deleted_at = :now, changed_at = :now WHERE retailer_id = :retailer AND id IN ?`, ids)
	tx.Count("products", -1, ids...)
	audit.Record(tx, self.ID, self.Code)
	productDeleted.EmitFirst(tx, in.ID)
	productDeleted.Emit(tx, ids...)
	if self.Type == taphoa.ProductCombo {
		materials, err := db.All[int64](tx, `
			SELECT material_id FROM product_formulas WHERE retailer_id = :retailer AND product_id = ? ORDER BY material_id`, in.ID)
		if err != nil {
			return taphoa.Message{}, err
		}
		emitUsage(tx, materials...)
	}
	for _, id := range ids {
		if err := passOn(tx, id); err != nil {
			return taphoa.Message{}, err
		}
	}
	refreshChildTables(tx, self.MasterUnitID.Or(in.ID))
	return taphoa.Message{Message: taphoa.MessageDeleted}, nil
}

// comboOf is the code of a combo that one of the products is a material of.
func comboOf(tx *db.Tx, ids []int64) (code string, found bool, err error) {
	return db.One[string](tx, `
		SELECT c.code FROM product_formulas f
		JOIN products c ON c.retailer_id = :retailer AND c.id = f.product_id AND c.deleted_at = 0
		WHERE f.retailer_id = :retailer AND f.material_id IN ? ORDER BY c.id LIMIT 1`, ids)
}

// passOn makes the next of a kind its first after the first was deleted.
func passOn(tx *db.Tx, first int64) error {
	next, found, err := db.One[int64](tx, `
		SELECT id FROM products WHERE retailer_id = :retailer AND master_product_id = ? AND deleted_at = 0
		ORDER BY id LIMIT 1`, first)
	if err == nil && found {
		var others []int64
		others, err = db.All[int64](tx, `
			UPDATE products SET master_product_id = NULLIF(CAST(? AS BIGINT), id), modified_date = :now, changed_at = :now
			WHERE retailer_id = :retailer AND master_product_id = ? AND deleted_at = 0 RETURNING id`, next, first)
		slices.Sort(others)
		emit(tx, others...)
	}
	return err
}

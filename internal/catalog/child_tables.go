package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// saveChildTables writes what other tables hold of the product, as far as the input has it.
func (d *draft) saveChildTables(tx *db.Tx) error {
	in := d.in
	if in.Attributes != nil {
		if err := d.setAttributes(tx); err != nil {
			return err
		}
	}
	if in.ProductTaxs != nil {
		ids := make([]int64, len(in.ProductTaxs))
		for i := range ids {
			ids[i] = in.ProductTaxs[i].TaxID
		}
		if err := setTaxes(tx, d.ID, false, ids); err != nil {
			return err
		}
	}
	if in.PurchaseTax.Given() {
		var ids []int64
		if id := in.PurchaseTax.Value.TaxID; id != 0 {
			ids = []int64{id}
		}
		if err := setTaxes(tx, d.ID, true, ids); err != nil {
			return err
		}
	}
	if in.ProductFormulas != nil {
		if err := setFormula(tx, d.record, in.ProductFormulas); err != nil {
			return err
		}
	}
	refreshChildTables(tx, d.ID, d.MasterUnitID.Or(0), d.formerBase)
	return nil
}

// setTaxes gives a product its taxes on sales or on purchases. Unchanged taxes keep their ids.
func setTaxes(tx *db.Tx, productID int64, isPurchase bool, taxIDs []int64) error {
	present, err := db.All[int64](tx, `
		SELECT tax_id FROM product_taxes
		WHERE retailer_id = :retailer AND product_id = ? AND is_purchase = ? ORDER BY id`, productID, isPurchase)
	if err != nil || slices.Equal(present, taxIDs) {
		return err
	}
	member := "productTaxs"
	if isPurchase {
		member = "purchaseTax"
	}
	audit.Value(tx, member, taxLine(present), taxLine(taxIDs))
	tx.Queue(`DELETE FROM product_taxes WHERE retailer_id = :retailer AND product_id = ? AND is_purchase = ?`, productID, isPurchase)
	for i, tax := range taxIDs {
		if slices.Contains(taxIDs[:i], tax) {
			continue
		}
		id, err := tx.NewID("product_taxes")
		if err != nil {
			return err
		}
		tx.Queue(`
			INSERT INTO product_taxes (retailer_id, product_id, is_purchase, tax_id, id) VALUES (:retailer, ?, ?, ?, ?)`,
			productID, isPurchase, tax, id)
	}
	return nil
}

// taxLine is taxes as the audit log has them.
func taxLine(ids []int64) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		t, _ := taphoa.TaxByID(id)
		names[i] = t.TaxName
	}
	return strings.Join(names, ", ")
}

// SetFormula sets the materials of a combo: products as they are sold, units included, with their quantity in one combo. Services
// may be among them, combos not. The vendor's API has no such operation.
func SetFormula(tx *db.Tx, in *taphoa.FormulaInput) (taphoa.Product, error) {
	if err := checkList("productFormulas", len(in.ProductFormulas), false); err != nil {
		return taphoa.Product{}, err
	}
	combo, err := touchProduct(tx, in.ID)
	if err == nil {
		err = setFormula(tx, combo, in.ProductFormulas)
	}
	if err != nil {
		return taphoa.Product{}, err
	}
	return GetProduct(tx, &taphoa.ProductByID{ID: in.ID})
}

// listMax is how many materials, warranties or shelves one product may be given.
const listMax = 500

// checkList refuses a list that is missing or too long.
func checkList(field string, length int, missing bool) error {
	switch {
	case missing:
		return refuse(field, "Hãy gửi danh sách %s, hoặc [] để xóa hết", field)
	case length > listMax:
		return refuse(field, "Danh sách %s chỉ được có tối đa %d mục", field, listMax)
	}
	return nil
}

func setFormula(tx *db.Tx, combo *record, inputs []taphoa.MaterialInput) error {
	if len(inputs) > 0 && combo.Type != taphoa.ProductCombo {
		return refuse("productFormulas", "Sản phẩm %s không phải là combo nên không có hàng thành phần (productFormulas)", combo.Code)
	}
	if len(inputs) == 0 && combo.Type == taphoa.ProductCombo {
		return refuse("productFormulas", "Combo %s phải có ít nhất một hàng thành phần (productFormulas)", cmp.Or(combo.Code, combo.Name))
	}
	materials, wanted, err := resolveMaterials(tx, combo, inputs)
	if err != nil {
		return err
	}
	stored, err := db.All[materialText](tx, `
		SELECT f.material_id, p.code, f.quantity FROM product_formulas f
		JOIN products p ON p.retailer_id = :retailer AND p.id = f.material_id
		WHERE f.retailer_id = :retailer AND f.product_id = ? ORDER BY p.code_key, p.id`, combo.ID)
	if err != nil {
		return err
	}
	before := make([]int64, len(stored))
	for i := range stored {
		before[i] = stored[i].MaterialID
	}
	audit.Value(tx, "productFormulas", materialLine(stored), materialLine(wanted))
	tx.Queue(`DELETE FROM product_formulas WHERE retailer_id = :retailer AND product_id = ?`, combo.ID)
	for _, m := range materials {
		tx.Queue(`
			INSERT INTO product_formulas (retailer_id, product_id, material_id, quantity) VALUES (:retailer, ?, ?, ?)`,
			combo.ID, m.ProductID, m.Quantity)
		if at := slices.Index(before, m.ProductID); at >= 0 {
			before = slices.Delete(before, at, at+1)
		} else {
			emitUsage(tx, m.ProductID)
		}
	}
	slices.Sort(before) // what is left is no longer a material
	emitUsage(tx, before...)
	return nil
}

// materialText is a material as the audit log has it.
type materialText struct {
	MaterialID int64
	Code       string
	Quantity   taphoa.Quantity
}

func materialLine(materials []materialText) string {
	texts := make([]string, len(materials))
	for i, m := range materials {
		texts[i] = fmt.Sprintf("%v × %s", m.Quantity, m.Code)
	}
	return strings.Join(texts, ", ")
}

// resolveMaterials finds the materials of a combo, and locks them: what a combo consists of is not
// deleted (invariant 3). It returns them also as texts, by code.
func resolveMaterials(tx *db.Tx, combo *record, inputs []taphoa.MaterialInput) ([]Material, []materialText, error) {
	ids, keys := []int64{0}, []string{""}
	for _, in := range inputs {
		ids, keys = append(ids, in.MaterialID), append(keys, text.CodeKey(in.MaterialCode))
	}
	found, err := db.All[record](tx, `
		SELECT `+recordColumns+` FROM products p
		WHERE `+liveProducts+` AND p.id IN (`+byIDOrCode+`) ORDER BY p.id :lock`, ids, keys)
	if err != nil {
		return nil, nil, err
	}
	materials, texts := make([]Material, len(inputs)), make([]materialText, len(inputs))
	for i, in := range inputs {
		at := slices.IndexFunc(found, func(r record) bool {
			return r.ID == in.MaterialID || in.MaterialID == 0 && r.CodeKey == text.CodeKey(in.MaterialCode)
		})
		const field = "productFormulas"
		switch {
		case at < 0:
			return nil, nil, refuse(field, "Hàng thành phần %d%s (productFormulas) không tồn tại", in.MaterialID, in.MaterialCode)
		case found[at].Type == taphoa.ProductCombo:
			return nil, nil, refuse(field, "Combo %s không thể là thành phần của một combo (productFormulas)", found[at].Code)
		case found[at].IsLotSerialControl || found[at].IsBatchExpireControl: // the sale of a combo names neither
			return nil, nil, refuse(field, "Hàng thành phần %s (productFormulas) quản lý theo serial/IMEI hoặc theo lô nên không thể nằm trong combo", found[at].Code)
		case in.Quantity <= 0:
			return nil, nil, refuse(field, "Số lượng hàng thành phần %s (productFormulas) phải lớn hơn 0", found[at].Code)
		case slices.ContainsFunc(materials[:i], func(m Material) bool { return m.ProductID == found[at].ID }):
			return nil, nil, refuse(field, "Hàng thành phần %s (productFormulas) được khai báo hai lần", found[at].Code)
		}
		if _, err := in.Quantity.Times(found[at].ConversionValue); err != nil {
			return nil, nil, refuse(field, "Số lượng hàng thành phần %s (productFormulas) quá lớn", found[at].Code)
		}
		materials[i] = Material{ProductID: found[at].ID, Quantity: in.Quantity}
		texts[i] = materialText{found[at].ID, found[at].Code, in.Quantity}
	}
	slices.SortFunc(texts, func(a, b materialText) int {
		return cmp.Or(strings.Compare(text.CodeKey(a.Code), text.CodeKey(b.Code)), cmp.Compare(a.MaterialID, b.MaterialID))
	})
	return materials, texts, nil
}

// touchProduct notes that a product changed, and returns it.
func touchProduct(tx *db.Tx, id int64) (*record, error) {
	row, err := lockProduct(tx, id)
	if err == nil {
		audit.Record(tx, row.ID, row.Code)
		tx.Queue(`UPDATE products SET modified_date = :now, changed_at = :now WHERE retailer_id = :retailer AND id = ?`, id)
		emit(tx, id)
	}
	return row, err
}

func unknownBranch() error { return refuse("branchId", "Chi nhánh không tồn tại") }

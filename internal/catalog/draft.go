package catalog

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/text"
)

// draft is a product that an input creates or changes.
type draft struct {
	*record
	in         *taphoa.ProductInput
	isNew      bool
	sibling    *record // the base unit or first of the kind that the input names
	formerBase int64   // the base unit that the product no longer is a unit of

	before        record  // as it was read
	newAttributes bool    // the input gives it other attributes than it had
	moved         []int64 // products that become of another kind with it
}

func newDraft(in *taphoa.ProductInput) *draft {
	return &draft{in: in, isNew: true, record: &record{
		Type: typeOf(in, taphoa.ProductGoods), AllowsSale: true, IsActive: true, IsRewardPoint: true, ConversionValue: taphoa.Scale,
	}}
}

// typeOf returns the type that an input gives a product of a type. A combo is one by its materials: without them it is goods,
// as clients that send the type alone mean it.
func typeOf(in *taphoa.ProductInput, present taphoa.ProductType) taphoa.ProductType {
	wanted := in.Type.Or(present)
	if wanted == taphoa.ProductCombo && in.ProductFormulas == nil && present == taphoa.ProductGoods {
		return taphoa.ProductGoods
	}
	return wanted
}

// create writes a new product, all but its stock.
func create(tx *db.Tx, d *draft) (err error) {
	if !d.in.Name.Has() {
		return refuse("name", "Tên sản phẩm (name) không được để trống")
	}
	if d.ID, err = tx.NewID("products"); err != nil {
		return err
	}
	if err := d.apply(tx); err != nil {
		return err
	}
	if err := d.setCode(tx, text.Clean(d.in.Code.Value)); err != nil {
		return err
	}
	if err := d.name(tx); err != nil {
		return err
	}
	saveProduct(tx, nil, d.record)
	return d.saveChildTables(tx)
}

// update writes what changes of a product, all but its stock. A request that changes nothing is no change of the product.
func update(tx *db.Tx, d *draft) error {
	d.before = *d.record
	if err := d.apply(tx); err != nil {
		return err
	}
	if d.BasePrice != d.before.BasePrice && !tx.Actor().Held.Somewhere().Has(right.ChangePrices) {
		return right.LackField(right.ChangePrices, 0, "basePrice", "Giá bán (basePrice) của sản phẩm %s phải giữ nguyên", d.Code)
	}
	if code := text.Clean(d.in.Code.Value); code != "" && code != text.Clean(d.Code) {
		if err := d.setCode(tx, code); err != nil {
			return err
		}
	}
	if err := d.name(tx); err != nil {
		return err
	}
	if !d.hasLists() && db.Unchanged(&d.before, d.record) {
		return nil
	}
	saveProduct(tx, &d.before, d.record)
	return d.saveChildTables(tx)
}

// hasLists reports whether the input has something for other tables than that of products.
func (d *draft) hasLists() bool {
	in := d.in
	return in.Attributes != nil || in.ProductTaxs != nil || in.PurchaseTax.Given() || in.ProductFormulas != nil || len(in.Inventories) > 0
}

// apply applies the input to the record, or returns the rule that forbids it.
func (d *draft) apply(tx *db.Tx) error {
	if err := d.in.Validate(); err != nil {
		return err
	}
	if typeOf(d.in, d.Type) != d.Type {
		return refuse("productType", "Không thể đổi loại (productType) của sản phẩm %s", d.Code)
	}
	in := d.in
	for i := range in.Inventories {
		if at := &in.Inventories[i]; at.BranchID == 0 {
			at.BranchID = in.BranchID.Or(0)
		}
	}
	if in.Name.Has() {
		d.Name = text.Clean(in.Name.Value)
	}
	if in.Description.Given() {
		d.Description = in.Description.Value
	}
	if in.Unit.Given() {
		d.Unit = text.Clean(in.Unit.Value)
	}
	if in.OrderTemplate.Given() {
		d.OrderTemplate = taphoa.SomeIf(in.OrderTemplate.Value)
	}
	if in.MasterCode.Given() {
		d.MasterCode = taphoa.SomeIf(text.Clean(in.MasterCode.Value))
	}
	if in.Images != nil {
		var lines []string
		for _, image := range in.Images {
			lines = append(lines, strings.Fields(image)...) // a link has no blanks; a line each is how they are stored
		}
		d.Images = strings.Join(lines, "\n")
	}
	d.AllowsSale = in.AllowsSale.Or(d.AllowsSale)
	d.IsActive = in.IsActive.Or(d.IsActive)
	d.IsRewardPoint = in.IsRewardPoint.Or(d.IsRewardPoint)
	d.BasePrice = in.BasePrice.Or(d.BasePrice)
	d.Weight = in.Weight.Or(d.Weight)
	for _, set := range []func(*db.Tx) error{d.setUnit, d.setKind, d.setCategory, d.setBrand, d.setControl} {
		if err := set(tx); err != nil {
			return err
		}
	}
	if barCode := text.Clean(in.BarCode.Value); in.BarCode.Given() && barCode != d.BarCode.Value {
		return d.setBarCode(tx, barCode)
	}
	return nil
}

// name derives the full name after all its parts are set.
func (d *draft) name(tx *db.Tx) (err error) {
	var values []string
	switch {
	case len(d.in.Attributes) > 0:
		for _, a := range d.in.Attributes {
			values = append(values, text.Clean(a.AttributeValue))
		}
	case d.in.Attributes == nil && d.ChildTables&childAttributes != 0:
		values, err = storedValues(tx, d.ID)
	case d.MasterUnitID.Has(): // a unit of a variant
		values, err = storedValues(tx, d.MasterUnitID.Value)
	}
	d.describe(values)
	if err != nil || d.in.Attributes == nil || d.isNew {
		return err
	}
	return describeUnits(tx, d.ID, values)
}

// describeUnits derives the full names of the units of a variant whose attributes change.
func describeUnits(tx *db.Tx, masterUnitID int64, values []string) error {
	units, err := db.All[record](tx, `
		SELECT `+recordColumns+` FROM products p WHERE `+liveProducts+` AND p.master_unit_id = ? ORDER BY p.id :lock`, masterUnitID)
	for i := range units {
		stored, unit := &units[i], units[i]
		if unit.ChildTables&childAttributes != 0 {
			continue
		}
		if unit.describe(values); unit.FullName != stored.FullName {
			unit.ModifiedDate, unit.ChangedAt = taphoa.Some(tx.Now), tx.Now
			db.Update(tx, "products", stored, &unit, "id")
			emit(tx, unit.ID)
		}
	}
	return err
}

// setUnit makes the product a unit of a base unit when the input names one. A null changes nothing: clients send it for
// whatever they did not set. A unit has no stock to fall back on, so it stays one.
func (d *draft) setUnit(tx *db.Tx) error {
	given := d.in.ConversionValue.Value
	if d.MasterUnitID.Has() && d.in.MasterUnitID.Has() && d.in.MasterUnitID.Value == 0 {
		return refuse("masterUnitId", "Sản phẩm %s là đơn vị quy đổi nên không thể thành đơn vị cơ bản (masterUnitId là 0), hãy xóa rồi tạo lại", d.Code)
	}
	if base := d.in.MasterUnitID.Or(0); base != 0 && base != d.MasterUnitID.Value {
		master, err := lockProducts(tx, []int64{base})
		if err == nil {
			d.sibling = master[base]
			err = d.mayBeUnitOf(tx, d.sibling)
		}
		if err != nil {
			return err
		}
		if given == 0 {
			return refuse("conversionValue", "Đơn vị quy đổi phải có giá trị quy đổi (conversionValue) lớn hơn 0")
		}
		d.formerBase, d.MasterUnitID = d.MasterUnitID.Or(0), taphoa.Some(base)
		d.IsBatchExpireControl = d.sibling.IsBatchExpireControl
	}
	switch {
	case !d.MasterUnitID.Has() && given != 0 && given != taphoa.Scale:
		return refuse("conversionValue", "Giá trị quy đổi (conversionValue) của đơn vị cơ bản phải là 1; đơn vị khác phải có masterUnitId")
	case d.MasterUnitID.Has() && d.Unit == "":
		return refuse("unit", "Đơn vị quy đổi phải có tên đơn vị tính (unit)")
	case given != 0:
		d.ConversionValue = given
	}
	return nil
}

// mayBeUnitOf checks invariant 1 of the package.
func (d *draft) mayBeUnitOf(tx *db.Tx, base *record) error {
	switch {
	case base == nil:
		return refuse("masterUnitId", "Sản phẩm đơn vị cơ bản %d (masterUnitId) không tồn tại", d.in.MasterUnitID.Value)
	case base.ID == d.ID:
		return refuse("masterUnitId", "Sản phẩm không thể là đơn vị quy đổi của chính nó (masterUnitId)")
	case base.MasterUnitID.Has():
		return refuse("masterUnitId", "Sản phẩm %s (masterUnitId) không phải là đơn vị cơ bản", base.Code)
	case base.Type != taphoa.ProductGoods || d.Type != taphoa.ProductGoods:
		return refuse("masterUnitId", "Chỉ hàng hóa thường mới có nhiều đơn vị tính (masterUnitId)")
	case base.IsLotSerialControl || d.IsLotSerialControl || d.in.IsLotSerialControl.Value:
		return refuse("masterUnitId", "Sản phẩm quản lý theo serial/IMEI chỉ có một đơn vị tính (masterUnitId)")
	case d.isNew:
		return nil
	}
	units, err := unitCount(tx, d.ID)
	if err == nil && units > 0 {
		err = refuse("masterUnitId", "Sản phẩm %s đang có đơn vị quy đổi nên không thể là đơn vị của sản phẩm khác (masterUnitId)", d.Code)
	}
	if err != nil || d.MasterUnitID.Has() {
		return err // one that is a unit has no stock of its own, whose unit it ever was
	}
	return d.refuseMoved(tx, "masterUnitId")
}

func unitCount(tx *db.Tx, base int64) (int64, error) {
	n, _, err := db.One[int64](tx, `
		SELECT COUNT(*) FROM products WHERE retailer_id = :retailer AND master_unit_id = ? AND deleted_at = 0`, base)
	return n, err
}

// refuseMoved refuses to change how a product's stock is kept once there is some.
func (d *draft) refuseMoved(tx *db.Tx, field string) error {
	moved, err := stock.HasHistory(tx, d.ID)
	if err != nil {
		return err
	}
	levels, err := stock.Levels(tx, []int64{d.ID}, nil)
	for _, l := range levels {
		moved = moved || l.OnHand != 0 || l.Reserved != 0
	}
	if err == nil && moved {
		err = refuse(field, "Sản phẩm %s đã có giao dịch kho nên không thể đổi cách quản lý tồn kho (%s)", d.Code, field)
	}
	return err
}

// setKind makes the product one of a kind with another. For any product of the kind that the input names, its first is
// stored; if this product was the first of a kind itself, the others move with it.
func (d *draft) setKind(tx *db.Tx) error {
	id := d.in.MasterProductID.Or(0)
	if id == 0 || id == d.ID || id == d.MasterProductID.Value {
		return nil
	}
	kind, err := lockProducts(tx, []int64{id})
	if err != nil {
		return err
	}
	first := kind[id]
	if first != nil && first.MasterProductID.Has() {
		if first, err = lockProduct(tx, first.MasterProductID.Value); err != nil {
			return err
		}
	}
	switch {
	case first == nil:
		return refuse("masterProductId", "Sản phẩm cùng loại %d (masterProductId) không tồn tại", id)
	case first.ID == d.ID:
		return nil
	}
	if d.sibling == nil {
		d.sibling = first
	}
	d.MasterProductID = taphoa.Some(first.ID)
	if !d.MasterCode.Has() {
		d.MasterCode = first.MasterCode
	}
	d.moved, err = db.All[int64](tx, `
		UPDATE products SET master_product_id = ?, modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND master_product_id = ? AND deleted_at = 0 RETURNING id`, first.ID, d.ID)
	slices.Sort(d.moved)
	emit(tx, d.moved...)
	return err
}

// setCategory finds the category: by id, by name, that of the base unit or kind, or Khác.
func (d *draft) setCategory(tx *db.Tx) (err error) {
	id, name := d.in.CategoryID.Or(0), text.Clean(d.in.CategoryName.Value)
	switch {
	case id != 0 && id == d.CategoryID:
	case id != 0:
		d.CategoryID, err = id, lockCategory(tx, id)
	case name != "":
		d.CategoryID, err = ensureCategory(tx, name)
	case d.isNew && d.sibling != nil:
		d.CategoryID, err = d.sibling.CategoryID, lockCategory(tx, d.sibling.CategoryID)
	case d.isNew:
		d.CategoryID, err = ensureCategory(tx, otherCategory)
	}
	return err
}

func (d *draft) setBrand(tx *db.Tx) error {
	id := d.in.TradeMarkID.Or(0)
	if !d.in.TradeMarkID.Given() || id == d.TradeMarkID.Or(0) {
		return nil
	}
	if d.TradeMarkID = taphoa.SomeIf(id); id == 0 {
		return nil
	}
	_, err := lockTrademark(tx, "tradeMarkId", id)
	return err
}

// setControl decides whether the product is sold by serial or by batch. Units follow their base unit.
func (d *draft) setControl(tx *db.Tx) error {
	serial, batch := d.in.IsLotSerialControl.Or(d.IsLotSerialControl), d.in.IsBatchExpireControl.Or(d.IsBatchExpireControl)
	switch {
	case serial == d.IsLotSerialControl && batch == d.IsBatchExpireControl:
		return nil
	case d.MasterUnitID.Has():
		return refuse("isProductSerial", "Đơn vị quy đổi theo cách quản lý serial/IMEI, lô của đơn vị cơ bản")
	case serial && batch:
		return refuse("isBatchExpireControl", "Sản phẩm không thể vừa quản lý theo serial/IMEI vừa theo lô, hạn sử dụng")
	case d.Type != taphoa.ProductGoods:
		return refuse("isProductSerial", "Chỉ hàng hóa thường mới quản lý theo serial/IMEI hoặc theo lô, hạn sử dụng")
	}
	d.IsLotSerialControl, d.IsBatchExpireControl = serial, batch
	if d.isNew {
		return nil
	}
	units, err := db.All[int64](tx, `
		SELECT id FROM products WHERE retailer_id = :retailer AND master_unit_id = ? AND deleted_at = 0 ORDER BY id`, d.ID)
	if err != nil {
		return err
	}
	combo, used, err := comboOf(tx, append(units, d.ID))
	if used {
		err = refuse("isProductSerial", "Sản phẩm %s là thành phần của combo %s nên không thể quản lý theo serial/IMEI hoặc theo lô", d.Code, combo)
	}
	if err != nil {
		return err
	}
	if err == nil && len(units) > 0 && serial {
		err = refuse("isProductSerial", "Sản phẩm %s có nhiều đơn vị tính nên không thể quản lý theo serial/IMEI", d.Code)
	}
	if err != nil {
		return err
	}
	tx.Queue(`
		UPDATE products SET is_batch_expire_control = ?, modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND master_unit_id = ? AND deleted_at = 0`, batch, d.ID)
	emit(tx, units...)
	return d.refuseMoved(tx, "isProductSerial")
}

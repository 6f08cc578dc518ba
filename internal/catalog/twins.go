package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// refuseTwins refuses products of which a write has made two variants of a kind with equal attributes, or two equal units of a
// product: staff could not tell them apart. Those that were equal before may be changed otherwise.
func refuseTwins(tx *db.Tx, drafts []*draft, about func(i int, d *draft, err error) error) error {
	for i, d := range drafts {
		err := d.refuseTwinUnit(tx)
		if err == nil {
			err = d.refuseTwinVariant(tx)
		}
		if err != nil {
			return about(i, d, err)
		}
	}
	return nil
}

func (d *draft) refuseTwinUnit(tx *db.Tx) error {
	key := text.CodeKey(d.Unit)
	if d.isNew && !d.MasterUnitID.Has() || !d.isNew && d.MasterUnitID == d.before.MasterUnitID && key == text.CodeKey(d.before.Unit) {
		return nil
	}
	base := d.MasterUnitID.Or(d.ID)
	units, err := db.All[struct{ Code, Unit string }](tx, `
		SELECT p.code, p.unit FROM products p
		WHERE `+liveProducts+` AND p.id <> ? AND p.id IN (
			SELECT k.id FROM products k WHERE k.retailer_id = :retailer AND k.id = ?
			UNION SELECT k.id FROM products k WHERE k.retailer_id = :retailer AND k.master_unit_id = ?)
		ORDER BY p.id`, d.ID, base, base)
	for _, u := range units {
		switch {
		case err != nil || text.CodeKey(u.Unit) != key:
		case key == "":
			err = refuse("unit", "Sản phẩm %s và %s là hai đơn vị của cùng một hàng hóa nhưng đều không có tên đơn vị tính (unit)", d.Code, u.Code)
		default:
			err = refuse("unit", "Đơn vị tính %s (unit) của sản phẩm %s trùng với sản phẩm %s của cùng một hàng hóa", d.Unit, d.Code, u.Code)
		}
	}
	return err
}

// variant is a product of a kind with its attributes.
type variant struct {
	id, kind   int64
	code       string
	attributes []attributeText
}

// key is what variants are compared by; "" without attributes, which say nothing.
func (v *variant) key() string {
	keys := make([]string, len(v.attributes))
	for i, a := range v.attributes {
		keys[i] = text.NameKey(a.Name) + "\n" + text.CodeKey(a.Value)
	}
	slices.Sort(keys)
	return strings.Join(keys, "\n")
}

func (v *variant) String() string {
	all := make([]string, len(v.attributes))
	for i, a := range v.attributes {
		all[i] = a.Name + ": " + a.Value
	}
	return strings.Join(all, ", ")
}

func (d *draft) refuseTwinVariant(tx *db.Tx) error {
	if alone := d.isNew && !d.MasterProductID.Has(); alone || !d.isNew && !d.newAttributes && d.MasterProductID == d.before.MasterProductID {
		return nil
	}
	kind := d.MasterProductID.Or(d.ID)
	variants, err := variantsOf(tx, `p.id IN (
		SELECT k.id FROM products k WHERE k.retailer_id = :retailer AND k.id = ?
		UNION SELECT k.id FROM products k WHERE k.retailer_id = :retailer AND k.master_product_id = ?)`, kind, kind)
	changed := append(d.moved, d.ID)
	for _, pair := range twinVariants(variants) {
		if a, b := pair[0], pair[1]; err == nil && (slices.Contains(changed, a.id) || slices.Contains(changed, b.id)) {
			err = refuse("attributes", "Sản phẩm %s và %s cùng loại không thể có các thuộc tính giống nhau (attributes): %s", a.code, b.code, b)
		}
	}
	return err
}

// variantsOf returns products with attributes, without further units, by id.
func variantsOf(tx *db.Tx, condition string, args ...any) (variants []variant, err error) {
	type row struct {
		ID, Kind int64
		Code     string
		attributeText
	}
	rows, err := db.All[row](tx, `
		SELECT p.id, COALESCE(p.master_product_id, p.id) AS kind, p.code, a.name, v.value FROM products p
		JOIN product_attributes v ON v.retailer_id = :retailer AND v.product_id = p.id
		JOIN attributes a ON a.retailer_id = :retailer AND a.id = v.attribute_id
		WHERE `+liveProducts+` AND p.master_unit_id IS NULL AND `+condition+`
		ORDER BY p.id, v.position`, args...)
	for _, r := range rows {
		if n := len(variants); n == 0 || variants[n-1].id != r.ID {
			variants = append(variants, variant{id: r.ID, kind: r.Kind, code: r.Code})
		}
		last := &variants[len(variants)-1]
		last.attributes = append(last.attributes, r.attributeText)
	}
	return variants, err
}

// twinVariants returns those that are equal to a variant before them, with that.
func twinVariants(variants []variant) (pairs [][2]*variant) {
	type kindKey struct {
		kind int64
		key  string
	}
	first := map[kindKey]*variant{}
	for i := range variants {
		v := &variants[i]
		k := kindKey{v.kind, v.key()}
		if first[k] == nil {
			first[k] = v
		} else {
			pairs = append(pairs, [2]*variant{first[k], v})
		}
	}
	return pairs
}

// Outdated returns a line for each two variants or units that earlier versions made and today's rules would not.
func Outdated(tx *db.Tx) (findings []string, err error) {
	variants, err := variantsOf(tx, "p.parts & 1 <> 0")
	if err != nil {
		return nil, err
	}
	for _, pair := range twinVariants(variants) {
		findings = append(findings, fmt.Sprintf("variants: %s and %s have equal attributes: %s", pair[0].code, pair[1].code, pair[1]))
	}
	type unit struct {
		Base       int64
		Code, Unit string
	}
	units, err := db.All[unit](tx, `
		SELECT COALESCE(p.master_unit_id, p.id) AS base, p.code, p.unit FROM products p
		WHERE `+liveProducts+` AND (p.master_unit_id IS NOT NULL OR p.parts & 2 <> 0) ORDER BY p.id`)
	first := map[unit]string{}
	for _, u := range units {
		key := unit{Base: u.Base, Unit: text.CodeKey(u.Unit)}
		if code, found := first[key]; found {
			findings = append(findings, fmt.Sprintf("units: %s and %s of one product have the unit %q", code, u.Code, u.Unit))
		} else {
			first[key] = u.Code
		}
	}
	return findings, err
}

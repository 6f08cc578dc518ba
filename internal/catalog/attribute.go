package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// ListAttributes lists the attributes with the distinct values that products have (contract products, listAttributes).
func ListAttributes(tx *db.Tx, _ *struct{}) ([]taphoa.Attribute, error) {
	attributes, err := db.All[taphoa.Attribute](tx, `
		SELECT id, name FROM attributes WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY name_key, id`)
	if err != nil {
		return nil, err
	}
	values, err := attributeValues(tx)
	if err != nil {
		return nil, err
	}
	runs := map[int64][]taphoa.AttributeValue{}
	for from, to := 0, 0; from < len(values); from = to {
		for to = from; to < len(values) && values[to].AttributeID == values[from].AttributeID; to++ {
		}
		runs[values[from].AttributeID] = values[from:to:to]
	}
	for i := range attributes {
		attributes[i].AttributeValues = runs[attributes[i].ID]
	}
	if attributes == nil {
		attributes = []taphoa.Attribute{}
	}
	return attributes, nil
}

// attributeValues are the values of attributes that products have, as the first product of each writes it.
func attributeValues(tx *db.Tx) ([]taphoa.AttributeValue, error) {
	values, err := db.All[taphoa.AttributeValue](tx, `
		SELECT v.attribute_id, v.value
		FROM product_attributes v
		JOIN products p ON p.retailer_id = :retailer AND p.id = v.product_id AND p.deleted_at = 0
		WHERE v.retailer_id = :retailer
		GROUP BY v.attribute_id, v.value ORDER BY v.attribute_id, MIN(v.product_id)`)
	seen := map[taphoa.AttributeValue]bool{}
	values = slices.DeleteFunc(values, func(v taphoa.AttributeValue) bool {
		v.Value = text.CodeKey(v.Value)
		known := seen[v]
		seen[v] = true
		return known
	})
	slices.SortFunc(values, func(a, b taphoa.AttributeValue) int {
		return cmp.Or(cmp.Compare(a.AttributeID, b.AttributeID), cmp.Compare(a.Value, b.Value))
	})
	return values, err
}

// DeleteAttribute deletes an attribute. Products that have it keep it and show it unless a reader asks them not to
// (contract products, rules). The vendor's API has no operation for it.
func DeleteAttribute(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	n, err := tx.Exec(`
		UPDATE attributes SET deleted_at = :now WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, in.ID)
	if err == nil && n == 0 {
		err = taphoa.NotFound(taphoa.CodeProduct, "Thuộc tính %d không tồn tại", in.ID)
	}
	return taphoa.Message{Message: taphoa.MessageDeleted}, err
}

// attributeText is an attribute of a product.
type attributeText struct{ Name, Value string }

// attributeLine is attributes as the audit log has them: each as a member of its own would be masked for names such as Pin.
func attributeLine(attributes []attributeText) string {
	texts := make([]string, len(attributes))
	for i, a := range attributes {
		texts[i] = a.Name + ": " + a.Value
	}
	return strings.Join(texts, ", ")
}

// setAttributes gives a product its attributes in place of the present ones; attributes that are new in the shop are created.
// A product that has one twice, from before names were compared as they are now, may keep both.
func (d *draft) setAttributes(tx *db.Tx) error {
	productID, inputs, given := d.ID, d.in.Attributes, map[string]bool{}
	stored, err := attributeTexts(tx, productID)
	if err != nil {
		return err
	}
	d.newAttributes = !slices.EqualFunc(stored, inputs, func(a attributeText, in taphoa.AttributeInput) bool {
		return text.Clean(a.Name) == text.Clean(in.AttributeName) && text.CodeKey(a.Value) == text.CodeKey(in.AttributeValue)
	})
	for _, in := range inputs {
		key := text.NameKey(in.AttributeName)
		switch {
		case given[key] && d.newAttributes:
			return refuse("attributes", "Thuộc tính %s (attributeName) được khai báo hai lần", in.AttributeName)
		case given[key]:
			return nil
		}
		given[key] = true
	}
	wanted := make([]attributeText, len(inputs))
	for i, in := range inputs {
		wanted[i] = attributeText{text.Clean(in.AttributeName), text.Clean(in.AttributeValue)}
	}
	audit.Value(tx, "attributes", attributeLine(stored), attributeLine(wanted))
	ids, err := attributeIDs(tx, productID, inputs)
	if err != nil {
		return err
	}
	tx.Queue(`DELETE FROM product_attributes WHERE retailer_id = :retailer AND product_id = ?`, productID)
	for i, in := range inputs {
		key := text.NameKey(in.AttributeName)
		if ids[key] == 0 {
			if ids[key], err = tx.NewID("attributes"); err != nil {
				return err
			}
			tx.Queue(`
				INSERT INTO attributes (retailer_id, id, name, name_key, created_date) VALUES (:retailer, ?, ?, ?, :now)`,
				ids[key], text.Clean(in.AttributeName), key)
		}
		tx.Queue(`
			INSERT INTO product_attributes (retailer_id, product_id, attribute_id, value, position)
			VALUES (:retailer, ?, ?, ?, ?)`, productID, ids[key], text.Clean(in.AttributeValue), i)
	}
	return nil
}

// attributeIDs finds attributes by the keys of their names. A deleted one counts when the product has it already and
// no other has taken its name, so that a product that is sent back as it was read does not change.
func attributeIDs(tx *db.Tx, productID int64, inputs []taphoa.AttributeInput) (map[string]int64, error) {
	ids := map[string]int64{}
	if len(inputs) == 0 {
		return ids, nil
	}
	keys := make([]string, len(inputs))
	for i := range inputs {
		keys[i] = text.NameKey(inputs[i].AttributeName)
	}
	type attribute struct {
		ID      int64
		NameKey string
	}
	found, err := db.All[attribute](tx, `
		SELECT a.id, a.name_key FROM attributes a
		WHERE a.retailer_id = :retailer AND a.name_key IN ? AND (a.deleted_at = 0 OR a.id IN
			(SELECT v.attribute_id FROM product_attributes v WHERE v.retailer_id = :retailer AND v.product_id = ?))
		ORDER BY a.deleted_at DESC, a.id DESC`, keys, productID)
	for _, a := range found {
		ids[a.NameKey] = a.ID // the first that is not deleted comes last
	}
	return ids, err
}

// attributeTexts are a product's attributes in order.
func attributeTexts(tx *db.Tx, productID int64) ([]attributeText, error) {
	return db.All[attributeText](tx, `
		SELECT a.name, v.value FROM product_attributes v
		JOIN attributes a ON a.retailer_id = :retailer AND a.id = v.attribute_id
		WHERE v.retailer_id = :retailer AND v.product_id = ? ORDER BY v.position`, productID)
}

// storedValues are the values of a product's attributes in order, for full names.
func storedValues(tx *db.Tx, productID int64) (values []string, err error) {
	stored, err := attributeTexts(tx, productID)
	for _, a := range stored {
		values = append(values, a.Value)
	}
	return values, err
}

package catalog

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// ListAttributes lists the attributes with the distinct values that products have (contract products, listAttributes).
func ListAttributes(tx *db.Tx, _ *struct{}) ([]taphoa.Attribute, error) {
	attributes, err := db.All[taphoa.Attribute](tx, `
		SELECT id, name FROM attributes WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY name_key, id`)
	if err != nil {
		return nil, err
	}
	values, err := db.All[taphoa.AttributeValue](tx, `
		SELECT DISTINCT v.attribute_id, v.value
		FROM product_attributes v
		JOIN products p ON p.retailer_id = :retailer AND p.id = v.product_id AND p.deleted_at = 0
		WHERE v.retailer_id = :retailer
		ORDER BY v.attribute_id, v.value`)
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

// setAttributes gives a product its attributes in place of the present ones; attributes that are new in the shop are created.
func setAttributes(tx *db.Tx, productID int64, inputs []taphoa.AttributeInput) error {
	ids, err := attributeIDs(tx, productID, inputs)
	if err != nil {
		return err
	}
	tx.Queue(`DELETE FROM product_attributes WHERE retailer_id = :retailer AND product_id = ?`, productID)
	for i, in := range inputs {
		key := nameKey(in.AttributeName)
		if ids[key] == 0 {
			if ids[key], err = tx.NewID("attributes"); err != nil {
				return err
			}
			tx.Queue(`
				INSERT INTO attributes (retailer_id, id, name, name_key, created_date) VALUES (:retailer, ?, ?, ?, :now)`,
				ids[key], clean(in.AttributeName), key)
		}
		tx.Queue(`
			INSERT INTO product_attributes (retailer_id, product_id, attribute_id, value, position)
			VALUES (:retailer, ?, ?, ?, ?)`, productID, ids[key], clean(in.AttributeValue), i)
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
		keys[i] = nameKey(inputs[i].AttributeName)
	}
	type attribute struct {
		ID      int64
		NameKey string
	}
	found, err := db.All[attribute](tx, `
		SELECT a.id, a.name_key FROM attributes a
		WHERE a.retailer_id = :retailer AND a.name_key IN ? AND (a.deleted_at = 0 OR a.id IN
			(SELECT v.attribute_id FROM product_attributes v WHERE v.retailer_id = :retailer AND v.product_id = ?))
		ORDER BY a.deleted_at DESC`, keys, productID)
	for _, a := range found {
		ids[a.NameKey] = a.ID // the one that is not deleted comes last
	}
	return ids, err
}

// attributeValues are a product's values in order, for its full name.
func attributeValues(tx *db.Tx, productID int64) ([]string, error) {
	return db.All[string](tx, `
		SELECT value FROM product_attributes WHERE retailer_id = :retailer AND product_id = ? ORDER BY position`, productID)
}

package org

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// MirrorOwner is the id of the super administrator of a mirrored shop, which no list shows: above all ids that the source may have,
// and no reason for the allocator to go on from there.
const MirrorOwner = taphoa.IDMax

// OpenMirror opens a shop for the copy of another system's: with the id that the shop has there, and nothing but a super administrator,
// who cannot sign in. source is the address of the other system's API, maskKey what masks are made with, empty for none. tx is from then
// on in that shop, of that user.
func OpenMirror(tx *db.Tx, id int64, code, source, maskKey string) (Shop, error) {
	code, _, err := ShopNames(code, code)
	if err != nil {
		return Shop{}, err
	}
	_, taken, err := db.One[int64](tx.Everywhere(), `SELECT retailer_id FROM retailers WHERE retailer_id = ? OR code_key = ?`, id, text.CodeKey(code))
	if err == nil && taken {
		err = taphoa.Refuse(taphoa.CodeValidate, "code", "Gian hàng %s đã tồn tại", code)
	}
	if err != nil {
		return Shop{}, err
	}
	if err := tx.KeepIDs("retailers", id); err != nil {
		return Shop{}, err
	}
	tx.Retailer, tx.User = id, MirrorOwner
	tx.Queue(`
		INSERT INTO retailers (retailer_id, code, code_key, name, created_date) VALUES (:retailer, ?, ?, ?, :now)`, code, text.CodeKey(code), code)
	tx.Queue(`INSERT INTO mirrors (retailer_id, source, mask_key, created_date) VALUES (:retailer, ?, ?, :now)`, source, maskKey)
	tx.Queue(`
		INSERT INTO users (retailer_id, id, user_name, name_key, given_name, search, is_admin, created_date, changed_at)
		VALUES (:retailer, ?, 'mirror', 'mirror', 'Mirror', ?, TRUE, :now, :now)`, MirrorOwner, userSearch("Mirror", "mirror"))
	return Shop{RetailerID: id, Code: code, Name: code, CreatedDate: tx.Now}, nil
}

// MirrorSource is the address of the API that the shop of tx is a copy of; empty for a shop of its own.
func MirrorSource(tx *db.Tx) (string, error) {
	c, err := configurationOf(tx)
	return c.mirrorOf, err
}

// MirrorMaskKey is what the masks of the shop of tx are made with; empty for none.
func MirrorMaskKey(tx *db.Tx) (string, error) {
	key, _, err := db.One[string](tx, `SELECT mask_key FROM mirrors WHERE retailer_id = :retailer`)
	return key, err
}

// RefuseMirror refuses a write to a shop that is a copy.
func RefuseMirror(tx *db.Tx) error {
	source, err := MirrorSource(tx)
	if err == nil && source != "" {
		err = &taphoa.Error{
			Kind: taphoa.KindForbidden, Code: taphoa.CodeBusiness,
			Message: "Gian hàng này là bản sao chỉ đọc của một gian hàng khác: muốn ghi thử, hãy sao lưu rồi mở bản sao đó bằng taphoa sandbox --seed TỆP",
		}
	}
	return err
}

// EndMirror makes a copy a shop of its own, which may be written to.
func EndMirror(tx *db.Tx) { tx.Queue(`DELETE FROM mirrors WHERE retailer_id = :retailer`) }

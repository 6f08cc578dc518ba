package catalog

import (
	"cmp"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

const trademarkColumns = `t.id AS trade_mark_id, t.trade_mark_name, t.created_date, t.modified_date`

var trademarkOrders = db.Orders{
	"name": db.Text("t.name_key"), "trademarkname": db.Text("t.name_key"), "trademarkid": db.Number("t.id"),
	"createddate": db.Number("t.created_date"), "modifieddate": db.Number("t.modified_date"),
}

// ListTrademarks lists the brands (contract trademark).
func ListTrademarks(tx *db.Tx, in *taphoa.TrademarkQuery) (taphoa.Page[taphoa.Trademark], error) {
	list := db.List{
		Table: "trademarks t", Live: "t.deleted_at = 0", Columns: trademarkColumns, Default: "name",
		Orders: trademarkOrders,
	}
	list.If(in.LastModifiedFrom.Has(), "t.modified_date >= ?", in.LastModifiedFrom.Value)
	return db.ListPage[taphoa.Trademark](tx, &list, in.Paging)
}

// GetTrademark returns one brand, or an error if there is no such brand.
func GetTrademark(tx *db.Tx, in *taphoa.ByID) (taphoa.Trademark, error) {
	brand, found, err := db.One[taphoa.Trademark](tx, `
		SELECT `+trademarkColumns+` FROM trademarks t
		WHERE t.retailer_id = :retailer AND t.id = ? AND t.deleted_at = 0`, in.ID)
	if err == nil && !found {
		err = taphoa.NotFound(taphoa.CodeValidate, "Thương hiệu %d không tồn tại", in.ID)
	}
	return brand, err
}

// CreateTrademark adds a brand. The vendor's API has no such operation.
func CreateTrademark(tx *db.Tx, in *taphoa.TrademarkInput) (taphoa.Trademark, error) {
	if err := in.Validate(); err != nil {
		return taphoa.Trademark{}, err
	}
	if err := refuseUsedBrand(tx, 0, in.TradeMarkName); err != nil {
		return taphoa.Trademark{}, err
	}
	id, err := tx.NewID("trademarks")
	if err != nil {
		return taphoa.Trademark{}, err
	}
	tx.Queue(`
		INSERT INTO trademarks (retailer_id, id, trade_mark_name, name_key, created_date, modified_date)
		VALUES (:retailer, ?, ?, ?, :now, :now)`, id, text.Clean(in.TradeMarkName), text.NameKey(in.TradeMarkName))
	return GetTrademark(tx, &taphoa.ByID{ID: id})
}

// refuseUsedBrand refuses a name that a brand has, other than the one of the id.
func refuseUsedBrand(tx *db.Tx, id int64, name string) error {
	used, err := org.NameUsed(tx, "trademarks", text.NameKey(name), id)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "tradeMarkName", "Thương hiệu %s (tradeMarkName) đã tồn tại", text.Clean(name))
	}
	return err
}

// lockTrademark locks a brand until the commit, so that it is not deleted while a product gets it. The field is
// the one that a refusal names.
func lockTrademark(tx *db.Tx, field string, id int64) (name string, err error) {
	name, found, err := db.One[string](tx, `
		SELECT trade_mark_name FROM trademarks WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0 :lock`, id)
	if err == nil && !found {
		err = refuse(field, "Thương hiệu %d (%s) không tồn tại", id, field)
	}
	return name, err
}

// UpdateTrademark changes the name of a brand. The vendor's API has no such operation.
func UpdateTrademark(tx *db.Tx, in *taphoa.TrademarkUpdate) (taphoa.Trademark, error) {
	if err := in.Validate(); err != nil {
		return taphoa.Trademark{}, err
	}
	before, err := lockTrademark(tx, "id", in.ID)
	if err != nil {
		return taphoa.Trademark{}, err
	}
	name := cmp.Or(text.Clean(in.TradeMarkName), before)
	if err := refuseUsedBrand(tx, in.ID, name); err != nil {
		return taphoa.Trademark{}, err
	}
	if name != before {
		tx.Queue(`UPDATE trademarks SET trade_mark_name = ?, name_key = ?, modified_date = :now WHERE retailer_id = :retailer AND id = ?`,
			name, text.NameKey(name), in.ID)
	}
	return GetTrademark(tx, &in.ByID)
}

// DeleteTrademark deletes a brand that no product has. The vendor's API has no such operation.
func DeleteTrademark(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	name, err := lockTrademark(tx, "id", in.ID)
	if err != nil {
		return taphoa.Message{}, err
	}
	code, used, err := db.One[string](tx, `
		SELECT code FROM products WHERE retailer_id = :retailer AND trade_mark_id = ? AND deleted_at = 0 ORDER BY id LIMIT 1`, in.ID)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "id",
			"Thương hiệu %s đang có sản phẩm %s nên không thể xóa, hãy đổi thương hiệu của các sản phẩm trước", name, code)
	}
	if err != nil {
		return taphoa.Message{}, err
	}
	tx.Queue(`UPDATE trademarks SET deleted_at = :now WHERE retailer_id = :retailer AND id = ?`, in.ID)
	return taphoa.Message{Message: taphoa.MessageDeleted}, nil
}

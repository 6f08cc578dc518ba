package catalog

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

const trademarkColumns = `t.id AS trade_mark_id, t.trade_mark_name, t.created_date, t.modified_date`

// ListTrademarks lists the brands (contract trademark).
func ListTrademarks(tx *db.Tx, in *taphoa.TrademarkQuery) (taphoa.Page[taphoa.Trademark], error) {
	list := db.List{
		Table: "trademarks t", Columns: trademarkColumns, Default: "t.name_key",
		Orders: map[string]string{
			"name": "t.name_key", "trademarkname": "t.name_key", "trademarkid": "t.id",
			"createddate": "t.created_date", "modifieddate": "t.modified_date",
		},
	}
	list.Where("t.retailer_id = :retailer AND t.deleted_at = 0").
		If(in.LastModifiedFrom.Has(), "t.modified_date >= ?", in.LastModifiedFrom.Value)
	return db.ListPage[taphoa.Trademark](tx, &list, in.Paging)
}

// GetTrademark answers one brand, or says that it does not exist.
func GetTrademark(tx *db.Tx, in *taphoa.ByID) (taphoa.Trademark, error) {
	brand, found, err := db.One[taphoa.Trademark](tx, `
		SELECT `+trademarkColumns+` FROM trademarks t
		WHERE t.retailer_id = :retailer AND t.id = ? AND t.deleted_at = 0`, in.ID)
	if err == nil && !found {
		err = taphoa.NotFound(taphoa.CodeValidate, "Thương hiệu %d không tồn tại", in.ID)
	}
	return brand, err
}

// CreateTrademark adds a brand. The vendor's API has no operation for it.
func CreateTrademark(tx *db.Tx, name string) (taphoa.Trademark, error) {
	key := nameKey(name)
	_, used, err := db.One[int64](tx, `
		SELECT id FROM trademarks WHERE retailer_id = :retailer AND name_key = ? AND deleted_at = 0`, key)
	if err == nil && (used || clean(name) == "") {
		err = taphoa.Refuse(taphoa.CodeValidate, "tradeMarkName", "Tên thương hiệu %q trống hoặc đã tồn tại", name)
	}
	if err != nil {
		return taphoa.Trademark{}, err
	}
	id, err := tx.NewID("trademarks")
	if err != nil {
		return taphoa.Trademark{}, err
	}
	tx.Queue(`
		INSERT INTO trademarks (retailer_id, id, trade_mark_name, name_key, created_date, modified_date)
		VALUES (:retailer, ?, ?, ?, :now, :now)`, id, clean(name), key)
	return GetTrademark(tx, &taphoa.ByID{ID: id})
}

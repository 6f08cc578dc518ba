package org

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

const channelColumns = `c.id, c.name, c.is_active, c.img, c.is_not_delete, c.position, c.retailer_id, c.created_by`

// ListSaleChannels lists the shop's sale channels (contract salechannel).
func ListSaleChannels(tx *db.Tx, in *taphoa.SaleChannelQuery) (taphoa.Page[taphoa.SaleChannel], error) {
	list := db.List{
		Table: "sale_channels c", Columns: channelColumns, Default: "c.position",
		Orders: map[string]string{"name": "c.name_key", "position": "c.position", "createddate": "c.created_date"},
	}
	list.Where("c.retailer_id = :retailer AND c.deleted_at = 0").
		If(in.LastModifiedFrom.Has(), "c.changed_at >= ?", in.LastModifiedFrom.Value)
	return db.ListPage[taphoa.SaleChannel](tx, &list, in.Paging)
}

// SaleChannelInput creates a sale channel.
type SaleChannelInput struct {
	Name     string
	Img      taphoa.Opt[string]
	IsActive bool
	BuiltIn  bool // nobody can delete it
	Other    bool // where documents without a channel fall (Kênh khác)
}

// CreateSaleChannel adds a sale channel and answers its id.
func CreateSaleChannel(tx *db.Tx, in SaleChannelInput) (int64, error) {
	key := db.Fold(in.Name)
	taken, _, err := db.One[int64](tx, `
		SELECT COUNT(*) FROM sale_channels WHERE retailer_id = :retailer AND name_key = ? AND deleted_at = 0`, key)
	if err == nil && (taken > 0 || key == "") {
		err = taphoa.Refuse(taphoa.CodeValidate, "name", "Tên kênh bán hàng %q trống hoặc đã tồn tại", in.Name)
	}
	if err != nil {
		return 0, err
	}
	id, err := tx.NewID("sale_channels")
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`
		INSERT INTO sale_channels (retailer_id, id, name, name_key, is_active, is_not_delete, is_other, img, position,
			created_by, created_date, changed_at)
		VALUES (:retailer, ?, :name, ?, :is_active, :built_in, :other, :img,
			(SELECT COUNT(*) FROM sale_channels WHERE retailer_id = :retailer), ?, :now, :now)`,
		&in, id, key, tx.User)
	return id, err
}

// ResolveSaleChannel answers the channel of a document: the given one, or Kênh khác.
func ResolveSaleChannel(tx *db.Tx, id taphoa.Opt[int64]) (int64, error) {
	channel, found, err := db.One[int64](tx, `
		SELECT id FROM sale_channels
		WHERE retailer_id = :retailer AND deleted_at = 0 AND (id = ? OR CAST(? AS BIGINT) = 0 AND is_other)
		ORDER BY id LIMIT 1`, id.Or(0), id.Or(0))
	if err == nil && !found {
		err = taphoa.Refuse(taphoa.CodeValidate, "saleChannelId", "Kênh bán hàng %d không tồn tại", id.Value)
	}
	return channel, err
}

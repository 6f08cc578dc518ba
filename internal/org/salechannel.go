package org

import (
	"cmp"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

const channelColumns = `c.id, c.name, c.is_active, c.img, c.is_not_delete, c.position, c.retailer_id, c.created_by`

var channelOrders = db.Orders{
	"name": db.Text("c.name_key"), "isactive": db.Flag("c.is_active"), "isactivate": db.Flag("c.is_active"), "img": db.Text("c.img").OrNull(),
	"isnotdelete": db.Flag("c.is_not_delete"), "position": db.Number("c.position"), "createdby": db.Number("c.created_by"),
	"createddate": db.Number("c.created_date"),
}

// ListSaleChannels lists the shop's sale channels (contract salechannel).
func ListSaleChannels(tx *db.Tx, in *taphoa.SaleChannelQuery) (taphoa.Page[taphoa.SaleChannel], error) {
	list := db.List{
		Table: "sale_channels c", Live: "c.deleted_at = 0", Columns: channelColumns, Default: "position",
		Orders: channelOrders,
	}
	list.If(in.LastModifiedFrom.Has(), "c.changed_at >= ?", in.LastModifiedFrom.Value)
	return db.ListPage[taphoa.SaleChannel](tx, &list, in.Paging)
}

// GetSaleChannel returns one sale channel, or an error if there is no such channel.
func GetSaleChannel(tx *db.Tx, in *taphoa.ByID) (taphoa.SaleChannel, error) {
	return findChannel(tx, in.ID, "")
}

// findChannel reads a channel, and locks it when lock is :lock.
func findChannel(tx *db.Tx, id int64, lock string) (taphoa.SaleChannel, error) {
	channel, found, err := db.One[taphoa.SaleChannel](tx, `
		SELECT `+channelColumns+` FROM sale_channels c WHERE c.retailer_id = :retailer AND c.id = ? AND c.deleted_at = 0 `+lock, id)
	if err == nil && !found {
		err = taphoa.NotFound(taphoa.CodeValidate, "Kênh bán hàng không tồn tại")
	}
	return channel, err
}

// CreateSaleChannel adds a sale channel.
func CreateSaleChannel(tx *db.Tx, in *taphoa.SaleChannelInput) (taphoa.SaleChannel, error) {
	if err := in.Validate(); err != nil {
		return taphoa.SaleChannel{}, err
	}
	id, err := createChannel(tx, in, false)
	if err != nil {
		return taphoa.SaleChannel{}, err
	}
	return findChannel(tx, id, "")
}

// otherChannel is where documents without a channel fall.
const otherChannel = "Kênh khác"

// createChannel adds a channel; one that is built in cannot be deleted.
func createChannel(tx *db.Tx, in *taphoa.SaleChannelInput, builtIn bool) (int64, error) {
	if err := refuseUsedChannel(tx, 0, in.Name); err != nil {
		return 0, err
	}
	id, err := tx.NewID("sale_channels")
	if err != nil {
		return 0, err
	}
	tx.Queue(`
		INSERT INTO sale_channels (retailer_id, id, name, name_key, is_active, is_not_delete, is_other, img, position,
			created_by, created_date, changed_at)
		VALUES (:retailer, ?, ?, ?, ?, ?, ?, :img,
			COALESCE(CAST(? AS BIGINT), (SELECT COUNT(*) FROM sale_channels WHERE retailer_id = :retailer)), ?, :now, :now)`,
		in, id, text.Clean(in.Name), db.Fold(in.Name), in.IsActive.Or(true), builtIn, builtIn && in.Name == otherChannel, in.Position, tx.User)
	return id, nil
}

// refuseUsedChannel refuses a name that a channel has, other than the one of the id.
func refuseUsedChannel(tx *db.Tx, id int64, name string) error {
	used, err := NameUsed(tx, "sale_channels", db.Fold(name), id)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "name", "Kênh bán hàng %s (name) đã tồn tại", name)
	}
	return err
}

// UpdateSaleChannel changes the members of a sale channel that are present, with the refusals of [CreateSaleChannel].
func UpdateSaleChannel(tx *db.Tx, in *taphoa.SaleChannelUpdate) (taphoa.SaleChannel, error) {
	if err := in.Validate(); err != nil {
		return taphoa.SaleChannel{}, err
	}
	channel, err := findChannel(tx, in.ID, ":lock")
	if err != nil {
		return channel, err
	}
	before := channel
	channel.Name = cmp.Or(text.Clean(in.Name), channel.Name)
	if err := refuseUsedChannel(tx, in.ID, channel.Name); err != nil {
		return channel, err
	}
	replace(&channel.Img, in.Img)
	channel.IsActive, channel.Position = in.IsActive.Or(channel.IsActive), in.Position.Or(channel.Position)
	if db.Unchanged(&before, &channel) {
		return channel, nil
	}
	tx.Queue(`
		UPDATE sale_channels SET name = :name, name_key = ?, is_active = :is_active, img = :img, position = :position, changed_at = :now
		WHERE retailer_id = :retailer AND id = :id`, &channel, db.Fold(channel.Name))
	return findChannel(tx, in.ID, "")
}

// DeleteSaleChannel deletes a sale channel. Documents keep its name. A built-in channel cannot be deleted (contract
// salechannel, rules).
func DeleteSaleChannel(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	channel, err := findChannel(tx, in.ID, ":lock")
	if err == nil && channel.IsNotDelete {
		err = taphoa.Refuse(taphoa.CodeValidate, "id",
			"Kênh bán hàng %s là kênh mặc định (isNotDelete) nên không thể xóa, hãy ngừng sử dụng (isActive: false) nếu không cần", channel.Name)
	}
	if err != nil {
		return taphoa.Message{}, err
	}
	tx.Queue(`UPDATE sale_channels SET deleted_at = :now, changed_at = :now WHERE retailer_id = :retailer AND id = ?`, in.ID)
	return taphoa.Message{Message: taphoa.MessageDeleted}, nil
}

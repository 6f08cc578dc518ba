package stock

import (
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock/plan"
)

// Serials lists the serials of some products, in stock and gone (contract products, ProductSerial).
func Serials(tx *db.Tx, productIDs []int64) ([]taphoa.ProductSerial, error) {
	return db.All[taphoa.ProductSerial](tx, `
		SELECT product_id, serial_number, status, branch_id, 10000 AS quantity, created_date, modified_date
		FROM stock_serials WHERE retailer_id = :retailer AND product_id IN ? ORDER BY product_id, serial_number`, productIDs)
}

// ProductLots lists what is where of the lots of some products (contract products, ProductBatchExpire).
func ProductLots(tx *db.Tx, productIDs []int64) ([]taphoa.ProductBatchExpire, error) {
	return db.All[taphoa.ProductBatchExpire](tx, `
		SELECT b.id, b.product_id, l.on_hand, b.batch_name, b.expire_date, l.branch_id
		FROM stock_batches b
		JOIN stock_batch_levels l ON l.retailer_id = :retailer AND l.batch_id = b.id
		WHERE b.retailer_id = :retailer AND b.product_id IN ?
		ORDER BY b.product_id, b.expire_date, b.id, l.branch_id`, productIDs)
}

// AskLots asks for lots by id.
func AskLots(b *db.Batch, ids []int64) *db.Rows[plan.Lot] {
	if len(ids) == 0 {
		return nil
	}
	return db.Want[plan.Lot](b, `SELECT `+lotColumns+` FROM stock_batches WHERE retailer_id = :retailer AND id IN ?`, ids)
}

// FindLots returns lots by id.
func FindLots(tx *db.Tx, ids []int64) (map[int64]Lot, error) {
	b := tx.Batch()
	rows := AskLots(b, ids)
	err := b.Run()
	found := map[int64]Lot{}
	for _, lot := range rows.All() {
		found[lot.ID] = lot
	}
	return found, err
}

// ResolveLot returns the id of a product's lot of a name that expires on a day, which it creates if it is new.
func ResolveLot(tx *db.Tx, productID int64, name string, expires taphoa.Time) (int64, error) {
	id, found, err := db.One[int64](tx, `
		SELECT id FROM stock_batches
		WHERE retailer_id = :retailer AND product_id = ? AND batch_name = ? AND expire_date >= ? AND expire_date < ?
		ORDER BY id`, productID, name, expires.Day(), expires.Day().Add(24*time.Hour))
	if err != nil || found {
		return id, err
	}
	if id, err = tx.NewID("stock_batches"); err != nil {
		return 0, err
	}
	tx.Queue(`
		INSERT INTO stock_batches (retailer_id, id, product_id, batch_name, expire_date, created_date)
		VALUES (:retailer, ?, ?, ?, ?, :now)`, id, productID, name, expires)
	return id, nil
}

// ImportLot notes a lot as another system shows it, with its id there. It has no goods by that.
func ImportLot(tx *db.Tx, id, productID int64, name string, expires, created taphoa.Time) error {
	tx.Queue(`
		INSERT INTO stock_batches (retailer_id, id, product_id, batch_name, expire_date, created_date)
		VALUES (:retailer, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, id, productID, name, expires, created)
	return tx.KeepIDs("stock_batches", id)
}

package stock

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Serials lists the serials of some products, in stock and gone (contract products, ProductSerial).
func Serials(tx *db.Tx, productIDs []int64) ([]taphoa.ProductSerial, error) {
	return db.All[taphoa.ProductSerial](tx, `
		SELECT product_id, serial_number, status, branch_id, 10000 AS quantity, created_date, modified_date
		FROM stock_serials WHERE retailer_id = :retailer AND product_id IN ? ORDER BY product_id, serial_number`, productIDs)
}

// Batches lists what is where of the batches of some products (contract products, ProductBatchExpire).
func Batches(tx *db.Tx, productIDs []int64) ([]taphoa.ProductBatchExpire, error) {
	return db.All[taphoa.ProductBatchExpire](tx, `
		SELECT b.id, b.product_id, l.on_hand, b.batch_name, b.expire_date, l.branch_id
		FROM stock_batches b
		JOIN stock_batch_levels l ON l.retailer_id = :retailer AND l.batch_id = b.id
		WHERE b.retailer_id = :retailer AND b.product_id IN ?
		ORDER BY b.product_id, b.expire_date, b.id, l.branch_id`, productIDs)
}

// FindBatches returns lots by id.
func FindBatches(tx *db.Tx, ids []int64) (map[int64]Lot, error) {
	found := map[int64]Lot{}
	if len(ids) == 0 {
		return found, nil
	}
	rows, err := db.All[Lot](tx, `
		SELECT id, product_id, batch_name, expire_date, created_date FROM stock_batches
		WHERE retailer_id = :retailer AND id IN ?`, ids)
	for _, b := range rows {
		found[b.ID] = b
	}
	return found, err
}

// ResolveBatch returns the id of a product's lot, which it makes when there is none yet.
func ResolveBatch(tx *db.Tx, productID int64, name string, expires taphoa.Time) (int64, error) {
	id, found, err := db.One[int64](tx, `
		SELECT id FROM stock_batches
		WHERE retailer_id = :retailer AND product_id = ? AND batch_name = ? AND expire_date = ?`, productID, name, expires)
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

package stock

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// moveParts moves the batch and the serials of a posting.
func moveParts(tx *db.Tx, m *booked) error {
	if m.BatchID != 0 {
		if err := moveBatch(tx, m); err != nil {
			return err
		}
	}
	for _, serial := range m.Serials {
		if err := moveSerial(tx, m, serial); err != nil {
			return err
		}
		tx.Queue(`
			INSERT INTO stock_serial_postings (retailer_id, kind, document_id, step, line, serial_number)
			VALUES (:retailer, ?, ?, ?, ?, ?)`, m.Kind, m.DocumentID, m.Step, m.Line, serial)
	}
	return nil
}

// moveBatch changes how much of a batch is where. A batch never goes below zero, whatever the shop allows: there is no
// telling which batch the missing goods would be of.
func moveBatch(tx *db.Tx, m *booked) error {
	if m.FromPlace.branch() {
		n, err := tx.Exec(`
			UPDATE stock_batch_levels SET on_hand = on_hand - ?
			WHERE retailer_id = :retailer AND batch_id = ? AND branch_id = ? AND on_hand >= ?`,
			m.Quantity, m.BatchID, int64(m.FromPlace), m.Quantity)
		if err != nil {
			return err
		}
		if n == 0 {
			return taphoa.Refuse(taphoa.CodeProduct, "productBatchExpireId", "Lô hàng %d không đủ số lượng tại chi nhánh", m.BatchID)
		}
	}
	if m.ToPlace.branch() {
		tx.Queue(`
			INSERT INTO stock_batch_levels (retailer_id, batch_id, branch_id, product_id, on_hand)
			VALUES (:retailer, ?, ?, ?, ?)
			ON CONFLICT (retailer_id, batch_id, branch_id) DO UPDATE SET on_hand = stock_batch_levels.on_hand + excluded.on_hand`,
			m.BatchID, int64(m.ToPlace), m.ProductID, m.Quantity)
	}
	return nil
}

// moveSerial moves one piece. It leaves only from where it is, and enters only when it is nowhere.
func moveSerial(tx *db.Tx, m *booked, serial string) error {
	if m.FromPlace.branch() {
		n, err := tx.Exec(`
			UPDATE stock_serials SET status = 0, modified_date = :now
			WHERE retailer_id = :retailer AND product_id = ? AND serial_number = ? AND branch_id = ? AND status = 1`,
			m.ProductID, serial, int64(m.FromPlace))
		if err != nil {
			return err
		}
		if n == 0 {
			return taphoa.Refuse(taphoa.CodeProduct, "serialNumbers", "Serial/IMEI %s không có trong kho của chi nhánh", serial)
		}
	}
	if m.ToPlace.branch() {
		n, err := tx.Exec(`
			INSERT INTO stock_serials (retailer_id, product_id, serial_number, branch_id, status, created_date)
			VALUES (:retailer, ?, ?, ?, 1, :now)
			ON CONFLICT (retailer_id, product_id, serial_number)
			DO UPDATE SET branch_id = excluded.branch_id, status = 1, modified_date = :now WHERE stock_serials.status = 0`,
			m.ProductID, serial, int64(m.ToPlace))
		if err != nil {
			return err
		}
		if n == 0 {
			return taphoa.Refuse(taphoa.CodeProduct, "serialNumbers", "Serial/IMEI %s đã có trong kho", serial)
		}
	}
	return nil
}

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

// Batch is goods of a product that expire together.
type Batch struct {
	ID, ProductID int64
	BatchName     string
	ExpireDate    taphoa.Time
	CreatedDate   taphoa.Time
}

// FullName is the batch as documents show it.
func (b *Batch) FullName() string {
	return b.BatchName + " - " + b.ExpireDate.Std().Format("02/01/2006")
}

// FindBatches answers batches by id.
func FindBatches(tx *db.Tx, ids []int64) (map[int64]Batch, error) {
	found := map[int64]Batch{}
	if len(ids) == 0 {
		return found, nil
	}
	rows, err := db.All[Batch](tx, `
		SELECT id, product_id, batch_name, expire_date, created_date FROM stock_batches
		WHERE retailer_id = :retailer AND id IN ?`, ids)
	for _, b := range rows {
		found[b.ID] = b
	}
	return found, err
}

// ResolveBatch answers the id of a product's batch, which it makes when there is none yet.
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

// Pick is a part of a quantity, from one batch.
type Pick struct {
	BatchID  int64 `db:"id"`
	Quantity taphoa.Quantity
}

// PickBatches chooses the batches that expire first for a quantity leaving a branch. It answers a [*Short] when all
// batches together have too little.
func PickBatches(tx *db.Tx, productID, branchID int64, quantity taphoa.Quantity) ([]Pick, error) {
	rows, err := db.All[Pick](tx, `
		SELECT b.id, l.on_hand AS quantity
		FROM stock_batches b
		JOIN stock_batch_levels l ON l.retailer_id = :retailer AND l.batch_id = b.id AND l.branch_id = ?
		WHERE b.retailer_id = :retailer AND b.product_id = ? AND l.on_hand > 0
		ORDER BY b.expire_date, b.id`, branchID, productID)
	if err != nil {
		return nil, err
	}
	var picks []Pick
	left := quantity
	for _, r := range rows {
		r.Quantity = min(r.Quantity, left)
		picks = append(picks, r)
		if left -= r.Quantity; left == 0 {
			return picks, nil
		}
	}
	return nil, &Short{ProductID: productID, BranchID: branchID, Free: quantity - left}
}

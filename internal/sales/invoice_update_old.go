package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// lockInvoice reads an invoice that is about to change. Its order is locked first, as it is when invoices are made.
func lockInvoice(tx *db.Tx, id int64) (*taphoa.Invoice, error) {
	type ref struct{ OrderID taphoa.Opt[int64] }
	at, found, err := db.One[ref](tx, `SELECT order_id FROM invoices WHERE retailer_id = :retailer AND id = ?`, id)
	if err == nil && !found {
		err = taphoa.NotFound(taphoa.CodeInvoice, "Hóa đơn không tồn tại")
	}
	if err == nil && at.OrderID.Has() {
		_, _, err = db.One[int64](tx, `SELECT id FROM orders WHERE retailer_id = :retailer AND id = ? :lock`, at.OrderID.Value)
	}
	if err == nil {
		_, _, err = db.One[int64](tx, `SELECT id FROM invoices WHERE retailer_id = :retailer AND id = ? :lock`, id)
	}
	if err != nil {
		return nil, err
	}
	return GetInvoice(tx, &taphoa.ByID{ID: id})
}

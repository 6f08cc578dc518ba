package sales

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock"
)

// serials are the pieces that a line names, for a product kept by serial: as many as its quantity.
func (it *item) serials() ([]string, error) {
	if !it.product.IsSerial {
		return nil, nil
	}
	serials := splitSerials(it.in.SerialNumbers.Or(""))
	if it.quantity != taphoa.Units(int64(len(serials))) {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "serialNumbers",
			"Hàng hóa %s quản lý theo serial/IMEI: cần đúng %v số serial (serialNumbers), nhận được %d", it.product.Code, it.quantity, len(serials))
	}
	return serials, nil
}

// splitSerials reads a list of serials as clients join it.
func splitSerials(text string) []string {
	serials := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '|' || r == '\n' })
	for i := range serials {
		serials[i] = strings.TrimSpace(serials[i])
	}
	return serials
}

// pickBatches are the batches that a line is sold from, for a product kept in batches: the named one, or those that
// expire first.
func (it *item) pickBatches(tx *db.Tx, branchID int64) ([]stock.Pick, error) {
	if !it.product.IsBatch {
		return nil, nil
	}
	moved, err := it.product.Quantities(it.quantity)
	if err != nil || len(moved) == 0 {
		return nil, err
	}
	quantity := moved[0].Quantity
	if id := it.in.Batch().Or(0); id != 0 {
		found, err := stock.FindBatches(tx, []int64{id})
		if err == nil && found[id].ProductID != it.product.BaseID {
			err = taphoa.Refuse(taphoa.CodeInvoice, "productBatchExpireId", "Lô hàng %d không thuộc hàng hóa %s", id, it.product.Code)
		}
		return []stock.Pick{{BatchID: id, Quantity: quantity}}, err
	}
	return stock.PickBatches(tx, it.product.BaseID, branchID, quantity)
}

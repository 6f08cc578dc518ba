package sales

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock"
)

// writeLines works the invoice out and writes its lines, taxes and surcharges; replace removes earlier ones first.
func (m *making) writeLines(tx *db.Tx, replace bool) error {
	v := &m.invoice
	extra, err := sumSurcharges(m.surcharges)
	if err != nil {
		return err
	}
	sum, err := workOut(linesOf(m.items), m.mode, v.Discount, v.DiscountRatio, extra)
	if err != nil {
		return err
	}
	if replace {
		tx.Queue(`DELETE FROM invoice_lines WHERE retailer_id = :retailer AND invoice_id = ?`, v.ID)
		invoiceRules.clear(tx, "line_taxes", v.ID)
	} else if err := invoiceRules.insertSurcharges(tx, v.ID, m.surcharges); err != nil {
		return err
	}
	v.Total, v.TotalTax, v.HasTaxes, v.HasSurcharges = sum.total, taphoa.Some(sum.tax), taxed(m.items), len(m.surcharges) > 0
	if v.Discount, v.DiscountAfterTax, err = documentDiscount(m.items, m.mode, sum); err != nil {
		return err
	}
	for i, it := range m.items {
		if err := m.writeLine(tx, int64(i+1), it); err != nil {
			return err
		}
	}
	return nil
}

func (m *making) writeLine(tx *db.Tx, lineNo int64, it *item) error {
	show, err := it.shown(m.mode)
	if err != nil {
		return err
	}
	serials, err := it.serials()
	if err != nil {
		return err
	}
	if it.batches, err = it.pickBatches(tx, m.invoice.BranchID); err != nil {
		return tooLittle(err, taphoa.CodeInvoice)
	}
	d := taphoa.InvoiceDetail{
		InvoiceID: m.invoice.ID, Line: lineNo, ProductID: it.product.ID, ProductCode: it.product.Code, ProductName: it.product.FullName,
		Quantity: it.quantity, Price: show.price, Discount: taphoa.Some(show.discount), DiscountRatio: it.in.DiscountRatio,
		AllocationDiscount: taphoa.Some(show.allocation), SubTotal: show.subTotal, Note: it.in.Note,
	}
	if len(serials) > 0 {
		d.SerialNumbers = taphoa.Some(strings.Join(serials, ","))
	}
	if len(it.batches) > 0 {
		d.BatchID = taphoa.Some(it.batches[0].BatchID)
	}
	if d.ID, err = tx.NewID("invoice_lines"); err != nil {
		return err
	}
	tx.Queue(`
		INSERT INTO invoice_lines (retailer_id, invoice_id, line, id, product_id, product_code, product_name, quantity, price,
			discount, discount_ratio, allocation_discount, sub_total, note, serial_numbers, batch_id)
		VALUES (:retailer, :invoice_id, :line, :id, :product_id, :product_code, :product_name, :quantity, :price,
			:discount, :discount_ratio, :allocation_discount, :sub_total, :note, :serial_numbers, :batch_id)`, &d)
	return invoiceRules.insertTaxes(tx, m.invoice.ID, lineNo, d.ID, it, m.mode)
}

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

// postings are the movements of goods that the invoice wants.
func (m *making) postings() ([]stock.Posting, error) {
	var want []stock.Posting
	from := stock.Place(m.invoice.BranchID)
	for _, it := range m.items {
		serials, err := it.serials()
		if err != nil {
			return nil, err
		}
		for _, b := range it.batches {
			want = append(want, stock.Posting{ProductID: it.product.BaseID, From: from, To: stock.Customer, Quantity: b.Quantity, BatchID: b.BatchID})
		}
		if len(it.batches) > 0 {
			continue
		}
		moved, err := it.product.Quantities(it.quantity)
		if err != nil {
			return nil, err
		}
		for _, g := range moved {
			want = append(want, stock.Posting{ProductID: g.ProductID, From: from, To: stock.Customer, Quantity: g.Quantity, Serials: serials})
		}
	}
	return want, nil
}

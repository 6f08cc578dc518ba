package sales

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// openDebt is what is still owed for an invoice: its total without what was paid, and without what standing returns have
// taken off and not paid out. It may be negative.
func openDebt(tx *db.Tx, v *taphoa.Invoice) (taphoa.Money, error) {
	if v.GoodsReturned {
		return -v.TotalPayment, nil
	}
	credit, _, err := db.One[taphoa.Money](tx, `
		SELECT CAST(COALESCE(SUM(return_total - total_payment), 0) AS BIGINT) FROM returns
		WHERE retailer_id = :retailer AND invoice_id = ? AND status = 1`, v.ID)
	return v.Total - v.TotalPayment - credit, err
}

// refuseReturned refuses to change what was sold by an invoice of which goods have come back.
func refuseReturned(tx *db.Tx, v *taphoa.Invoice) error {
	if !slices.ContainsFunc(v.InvoiceDetails, func(d taphoa.InvoiceDetail) bool { return d.ReturnQuantity > 0 }) {
		return nil
	}
	code, _, err := db.One[string](tx, `
		SELECT code FROM returns WHERE retailer_id = :retailer AND invoice_id = ? AND status = 1 ORDER BY id LIMIT 1`, v.ID)
	if err == nil {
		err = taphoa.Refuse(taphoa.CodeInvoice, "id",
			"Hóa đơn %s đã có phiếu trả hàng %s, không thể hủy, đổi hàng hóa hay trạng thái; hãy hủy phiếu trả hàng trước", v.Code, code)
	}
	return err
}

package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/stock"
)

// lockReturn reads a return that is about to change. Its invoice is locked first, as it is when returns are made.
func lockReturn(tx *db.Tx, id int64) (*taphoa.Return, error) {
	invoice, found, err := db.One[taphoa.Opt[int64]](tx, `SELECT invoice_id FROM returns WHERE retailer_id = :retailer AND id = ?`, id)
	if err == nil && found && invoice.Has() {
		_, _, err = db.One[int64](tx, `SELECT id FROM invoices WHERE retailer_id = :retailer AND id = ? :lock`, invoice.Value)
	}
	if err == nil {
		_, _, err = db.One[int64](tx, `SELECT id FROM returns WHERE retailer_id = :retailer AND id = ? :lock`, id)
	}
	if err != nil {
		return nil, err
	}
	return GetReturn(tx, &taphoa.ByID{ID: id})
}

// UpdateReturn changes when and by whom goods were taken back, the shop's fee and the note, and pays more back: a
// higher totalPayment is the sum that is to have been paid in the end. Lines stay: who wants others voids the return
// and makes a new one. Status 2 voids.
func UpdateReturn(tx *db.Tx, in *taphoa.ReturnUpdate) (*taphoa.Return, error) {
	r, err := lockReturn(tx, in.ByID.ID)
	if err != nil {
		return nil, err
	}
	if r.Status == taphoa.ReturnVoid {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "status", "Phiếu trả hàng %s đã hủy, không thể cập nhật", r.Code)
	}
	if in.Status.Or(0) == taphoa.ReturnVoid {
		err = voidReturn(tx, r, false)
	} else {
		err = changeReturn(tx, r, &in.ReturnInput)
	}
	if err != nil {
		return nil, err
	}
	return GetReturn(tx, &in.ByID)
}

func changeReturn(tx *db.Tx, r *taphoa.Return, in *taphoa.ReturnInput) error {
	if err := changeReturnHead(tx, r, in); err != nil {
		return err
	}
	before := r.ReturnTotal
	if in.ReturnFee.Given() {
		value := r.ReturnTotal + r.ReturnFee
		r.ReturnFee = in.ReturnFee.Or(0)
		if err := setFee(r, value); err != nil {
			return err
		}
		if err := keepVouchers(tx, r); err != nil {
			return err
		}
		if err := settleReturn(tx, r); err != nil {
			return err
		}
	}
	m := &returning{in: in, ret: *r}
	refunds, err := m.refunds()
	if err != nil {
		return err
	}
	if r.TotalPayment-sumReceipts(refunds) > r.ReturnTotal {
		return tooMuchBack(r)
	}
	if err := refund(tx, r, refunds); err != nil {
		return err
	}
	addReturned(tx, r, party.Totals{Revenue: before - r.ReturnTotal})
	saveReturn(tx, r)
	return nil
}

// changeReturnHead changes who, when and the note.
func changeReturnHead(tx *db.Tx, r *taphoa.Return, in *taphoa.ReturnInput) error {
	if in.ReturnDetails != nil && !sameReturned(in.ReturnDetails, r.ReturnDetails) {
		return taphoa.Refuse(taphoa.CodeInvoice, "returnDetails",
			"Không thể đổi hàng hóa của phiếu trả hàng %s (returnDetails); hãy hủy phiếu và lập phiếu mới", r.Code)
	}
	if id := in.ReceivedByID.Or(0); id != 0 && id != r.ReceivedByID { // who has left since may stay
		receiver, err := org.FindSeller(tx, "receivedById", id)
		if err != nil {
			return err
		}
		r.ReceivedByID = receiver.ID
	}
	if at := in.ReturnDate.Or(r.ReturnDate); at != r.ReturnDate {
		r.ReturnDate = at
		if err := stock.Redate(tx, stock.Document{Kind: "return", ID: r.ID, Step: r.StockStep, EffectiveAt: at}); err != nil {
			return err
		}
	}
	patch(&r.Description, in.Description)
	return nil
}

// DeleteReturn voids a return: it stays readable, the goods leave the branch again, the customer owes what they did
// before, and the invoice can be returned anew. What was paid back stays paid unless it is to be voided, too. A return
// that is void already stays as it is.
func DeleteReturn(tx *db.Tx, in *taphoa.ReturnDelete) (*taphoa.ReturnVoided, error) {
	r, err := lockReturn(tx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := voidReturn(tx, r, in.IsVoidPayment); err != nil {
		return nil, err
	}
	if r, err = GetReturn(tx, &taphoa.ByID{ID: in.ID}); err != nil {
		return nil, err
	}
	return &taphoa.ReturnVoided{Return: *r, Message: taphoa.MessageDeleted}, nil
}

func voidReturn(tx *db.Tx, r *taphoa.Return, voidPayments bool) error {
	changed := r.Status == taphoa.ReturnDone
	if changed {
		if err := giveBack(tx, r); err != nil {
			return err
		}
	}
	for _, p := range r.Payments {
		if voidPayments && p.Status == taphoa.PaymentPaid {
			if err := cash.Void(tx, p.ID); err != nil {
				return err
			}
			r.TotalPayment += p.Amount // negative
			changed = true
		}
	}
	if changed {
		saveReturn(tx, r)
	}
	return nil
}

// giveBack takes back whatever a return has moved. The shop's settings say whether goods may leave that are not there
// any more.
func giveBack(tx *db.Tx, r *taphoa.Return) error {
	s, err := org.GetSettings(tx)
	if err != nil {
		return err
	}
	r.Status = taphoa.ReturnVoid
	doc := stock.Document{Kind: "return", ID: r.ID, Step: r.StockStep, EffectiveAt: r.ReturnDate}
	limits := stock.Limits{BelowZero: s.AllowSellWhenOutStock, BelowReserved: s.AllowSellWhenOrderOutStock}
	used, err := stock.Settle(tx, doc, nil, limits)
	if err != nil {
		return tooLittle(err, taphoa.CodeInvoice)
	}
	if used {
		r.StockStep++
	}
	if err := settleReturn(tx, r); err != nil {
		return err
	}
	for _, d := range r.ReturnDetails {
		if d.InvoiceDetailID.Has() {
			tx.Queue(`
				UPDATE invoice_lines SET return_quantity = return_quantity - ?
				WHERE retailer_id = :retailer AND invoice_id = ? AND id = ?`, d.Quantity, r.InvoiceID.Value, d.InvoiceDetailID.Value)
		}
	}
	addReturned(tx, r, party.Totals{Revenue: r.ReturnTotal, Points: r.Points})
	return nil
}

func saveReturn(tx *db.Tx, r *taphoa.Return) {
	tx.Queue(`
		UPDATE returns SET return_date = :return_date, received_by_id = :received_by_id, description = :description,
			return_fee = :return_fee, return_total = :return_total, total_payment = :total_payment, status = :status,
			stock_step = :stock_step, cash_step = :cash_step, modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = :id`, r)
	returnUpdated.Emit(tx, r.ID)
}

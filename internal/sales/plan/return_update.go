package plan

import (
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// ChangeReturn plans a change of when and by whom goods were taken back, of the shop's fee and the note, and pays more
// back: a higher totalPayment is the sum that is to have been paid in the end. Lines stay: who wants others voids the
// return and creates a new one. Status 2 voids (contract returns, updateReturn).
func ChangeReturn(f *Facts, in *taphoa.ReturnUpdate) (*Sale, error) {
	stored, err := f.takeReturn()
	if err != nil {
		return nil, err
	}
	if r := &stored.Row; r.Status == taphoa.ReturnVoid {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "status", "Phiếu trả hàng %s đã hủy, không thể cập nhật", r.Code)
	}
	switch in.Status.Or(0) {
	case 0, taphoa.ReturnDone:
	case taphoa.ReturnVoid:
		return VoidReturn(f, false)
	default:
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "status",
			"Trạng thái %d (status) của phiếu trả hàng không hợp lệ: dùng 1 (Đã trả) hoặc 2 (Đã hủy)", in.Status.Value)
	}
	s := changeStoredReturn(f)
	r, before := &s.Return.Row, f.Return.Row.ReturnTotal
	if err := s.changeReturnHeader(&in.ReturnInput); err != nil {
		return nil, err
	}
	if in.ReturnFee.Given() {
		if err := s.changeFee(in.ReturnFee.Or(0).RoundDong()); err != nil {
			return nil, err
		}
	}
	refunds, err := refunds(&in.ReturnInput, f.refunded(r.ID), r.TotalPayment)
	if err != nil {
		return nil, err
	}
	payFraction(refunds, r.TotalPayment-r.ReturnTotal)
	if r.TotalPayment-sumReceipts(refunds) > r.ReturnTotal {
		return nil, tooMuchBack(r, r.ReturnTotal)
	}
	if left := f.Cash.Open(r.document()); -sumReceipts(refunds) > left {
		return nil, tooMuchBack(r, left)
	}
	if err := s.refund(refunds, f.Clock); err != nil {
		return nil, err
	}
	s.addReturned(before-r.ReturnTotal, 0)
	r.changed(f)
	s.payOwnInvoice()
	if err := s.settle(); err != nil {
		return nil, err
	}
	s.Return.keepDate()
	return s, nil
}

// refunded is what was paid back for a return itself.
func (f *Facts) refunded(id int64) (sum taphoa.Money) {
	for _, p := range paid(f.returnPayments(id)) {
		sum -= p.Amount
	}
	return sum
}

func unknownReturn() error {
	return taphoa.NotFound(taphoa.CodeInvoice, "Phiếu trả hàng không tồn tại")
}

// changeStoredReturn begins the change of a stored return, and of the invoice whose goods it has brought back.
func changeStoredReturn(f *Facts) *Sale {
	s := &Sale{Facts: f, Return: &ReturnChange{Return: *f.Return, Stored: f.Return, worth: f.Return.Row.credit()}}
	f.Cash.Know(s.Return.Row.document(), s.Return.worth)
	if f.Return.Row.Status == taphoa.ReturnDone { // a void one has nothing to do with it any more
		s.changeReturnedInvoice()
	}
	s.setBuyer(f.Buyer)
	return s
}

// changeReturnHeader changes who, when and the note. Who has left since may stay.
func (s *Sale) changeReturnHeader(in *taphoa.ReturnInput) error {
	f, c := s.Facts, s.Return
	r := &c.Row
	if in.ReturnDetails != nil && !sameReturned(in.ReturnDetails, c.Lines) {
		return taphoa.Refuse(taphoa.CodeInvoice, "returnDetails",
			"Không thể đổi hàng hóa của phiếu trả hàng %s (returnDetails); hãy hủy phiếu và lập phiếu mới", r.Code)
	}
	if id := in.ReceivedByID.Or(0); id != 0 && id != r.ReceivedByID {
		receiver, err := f.Seller("receivedById", id)
		if err != nil {
			return err
		}
		r.ReceivedByID = receiver.ID
	}
	if at := in.ReturnDate.Or(r.ReturnDate); at != r.ReturnDate {
		if err := f.judgeDate(r.BranchID, "returnDate", at, r.ReturnDate); err != nil {
			return err
		}
		f.Cash.MoveReceipts(ofReturn(r.ID), r.CreatedDate, r.ReturnDate, at)
		f.Cash.SetEffectiveDate(cashplan.DocumentRef{Kind: "return", ID: r.ID}, at)
		r.ReturnDate = at
		if err := f.Stock.SetEffectiveDate(stockplan.Document{Kind: "return", ID: r.ID, Step: r.StockStep, EffectiveAt: at}); err != nil {
			return err
		}
	}
	given(&r.Description, in.Description)
	return nil
}

// sameReturned reports whether the lines of a request are those of a stored return.
func sameReturned(in []taphoa.ReturnDetailInput, stored []ReturnLineRow) bool {
	return slices.EqualFunc(in, stored, func(a taphoa.ReturnDetailInput, b ReturnLineRow) bool {
		return a.ProductID.Or(0) == b.ProductID && a.Quantity.Or(0) == b.Quantity && a.Price.Or(b.Price) == b.Price
	})
}

// changeFee changes the shop's fee, and so what the customer gets.
func (s *Sale) changeFee(fee taphoa.Money) error {
	r := &s.Return.Row
	value := r.ReturnTotal + r.ReturnFee
	r.ReturnFee = fee
	if err := r.setFee(value); err != nil {
		return err
	}
	if err := s.keepVouchers(); err != nil {
		return err
	}
	return s.postCredit()
}

// changed notes the instant of a change.
func (r *ReturnRow) changed(f *Facts) {
	r.ModifiedDate, r.ChangedAt = taphoa.Some(f.Now), f.Now
}

package plan

import (
	"github.com/taphoa/taphoa"
	orgplan "github.com/taphoa/taphoa/internal/org/plan"
	"github.com/taphoa/taphoa/internal/right"
)

// takeOrder takes the stored order of an operation. It does not exist for who does not see it; of who does it asks what the operation
// needs at its branch, and further rights.
func (f *Facts) takeOrder(also ...right.Right) (*StoredOrder, error) {
	o := f.Order
	if o == nil || !f.Actor.Held.Sees(right.SeeOrders, o.Row.BranchID, o.Row.SoldByID.Or(0)) {
		return nil, unknownOrder()
	}
	if o.Row.History {
		return nil, taphoa.Refuse(taphoa.CodeOrder, "id",
			"Đơn đặt hàng %s được sao chép từ gian hàng khác để tra cứu, không thể sửa, hủy, thu tiền hay lập hóa đơn: hãy lập chứng từ mới", o.Row.Code)
	}
	return o, f.Actor.May(o.Row.BranchID, also...)
}

// takeInvoice is [Facts.takeOrder] of an invoice.
func (f *Facts) takeInvoice(also ...right.Right) (*StoredInvoice, error) {
	v := f.Invoice
	if v == nil || !f.Actor.Held.Sees(right.SeeInvoices, v.Row.BranchID, v.Row.SoldByID.Or(0)) {
		return nil, unknownInvoice()
	}
	if v.Row.History {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "id",
			"Hóa đơn %s được sao chép từ gian hàng khác để tra cứu, không thể sửa, hủy, thu tiền hay trả hàng: hãy lập chứng từ mới", v.Row.Code)
	}
	return v, f.Actor.May(v.Row.BranchID, also...)
}

// takeReturn is [Facts.takeOrder] of a return.
func (f *Facts) takeReturn(also ...right.Right) (*Return, error) {
	if f.Return == nil || !f.seesReturn(&f.Return.Row) {
		return nil, unknownReturn()
	}
	if f.Return.Row.History {
		return nil, taphoa.Refuse(taphoa.CodeInvoice, "id",
			"Phiếu trả hàng %s được sao chép từ gian hàng khác để tra cứu, không thể sửa hay hủy: hãy lập chứng từ mới", f.Return.Row.Code)
	}
	return f.Return, f.Actor.May(f.Return.Row.BranchID, also...)
}

// seesReturn reports whether the actor sees a return: it is of who took the goods back, and of who had sold them.
func (f *Facts) seesReturn(r *ReturnRow) bool {
	return f.Actor.Held.Sees(right.SeeReturns, r.BranchID, r.ReceivedByID, r.SoldByID.Or(0))
}

// Seller is the user whom a member names; where it names none, the person who acts, or else the administrator of the shop.
func (f *Facts) Seller(field string, id int64) (orgplan.Seller, error) {
	if id == 0 {
		id = f.Actor.Held.User()
	}
	return f.Directory.Seller(field, id)
}

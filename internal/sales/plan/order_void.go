package plan

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/right"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// VoidOrder plans the voiding of an order: it stays readable, its goods are no longer reserved, its vouchers are released,
// its other payments stay, as the customer's credit, unless they are to be voided, too. Those that pay an invoice stay. An order that
// is void already stays as it is. Refused with taphoa.CodeOrder: a shop that takes no orders, an unknown order, and one that
// is completed.
func VoidOrder(f *Facts, voidPayments bool) (*Sale, error) {
	if err := CheckOrdering(f.settings()); err != nil {
		return nil, err
	}
	stored, err := f.takeOrder()
	if err != nil {
		return nil, err
	}
	if o := &stored.Row; o.Status == taphoa.OrderCompleted {
		return nil, taphoa.Refuse(taphoa.CodeOrder, "status", "Đơn đặt hàng %s đã hoàn thành: cần hủy hóa đơn của đơn trước", o.Code)
	}
	s := &Sale{Facts: f, Order: stored.change()}
	s.beginOrder()
	return s, s.voidOrder(voidPayments)
}

func (s *Sale) voidOrder(voidPayments bool) error {
	f, o := s.Facts, &s.Order.Row
	if err := f.Actor.May(o.BranchID, right.VoidOrders); err != nil {
		return err
	}
	s.setBuyer(f.Buyer)
	changed := o.Status != taphoa.OrderVoided
	if err := f.Stock.Reserve("order", o.ID, nil, stockplan.Limits{}); err != nil {
		return err
	}
	for _, p := range s.deposits() {
		if !voidPayments && !p.VoucherID.Has() || f.Cash.PaysOthers(p.ID) {
			continue
		}
		if _, err := f.Cash.Void(p.ID); err != nil {
			return err
		}
		if p.VoucherID.Has() {
			f.Vouchers.Release([]int64{p.VoucherID.Value})
		}
		changed = true
	}
	if changed {
		o.Status = taphoa.OrderVoided
		o.changed(f)
	}
	return s.settle()
}

package supply

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/cash"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/text"
)

// supplierOrderDraft is an order to a supplier that is created or changed. Its prices are those of a purchase order with
// the same lines, so that the later purchase order has the same total.
type supplierOrderDraft struct {
	o        supplierOrder
	in       *taphoa.OrderSupplierInput
	purchase purchaseDraft
	priced   bool // lines, expenses or discounts are in the request
}

// CreateOrderSupplier creates an order to a supplier, or a draft of one, and the supplier if it is new. The vendor's API
// has no such operation.
func CreateOrderSupplier(tx *db.Tx, in *taphoa.OrderSupplierInput) (*taphoa.OrderSupplierAnswer, error) {
	w := &supplierOrderDraft{in: in}
	w.o.Status = in.Wants(taphoa.OrderSupplierConfirmed)
	if w.o.Status != taphoa.OrderSupplierDraft && w.o.Status != taphoa.OrderSupplierConfirmed {
		return nil, refuse("status", "Trạng thái %d (status) không hợp lệ khi tạo phiếu đặt hàng nhập: chọn 0 (Phiếu tạm) hoặc 1 (Đã xác nhận NCC)", w.o.Status)
	}
	creator, err := org.FindSeller(tx, "createdBy", tx.User)
	if err != nil {
		return nil, err
	}
	w.o.CreatedBy, w.o.UserID, w.o.OrderDate = creator.ID, creator.ID, tx.Clock
	if err := w.permit(tx); err != nil {
		return nil, err
	}
	if w.o.ID, err = tx.NewID("order_suppliers"); err != nil {
		return nil, err
	}
	if in.Details == nil {
		in.Details = []taphoa.OrderSupplierDetailInput{}
	}
	if err := w.apply(tx); err != nil {
		return nil, err
	}
	if w.o.Code == "" {
		w.o.Code, err = org.NextCode(tx, "PDN", "order_suppliers", "")
		if err != nil {
			return nil, err
		}
	}
	saveOrderSupplier(tx, &w.o, w.priced)
	return orderSupplierAnswer(tx, "d.id = ?", w.o.ID)
}

// UpdateOrderSupplier changes the given members of an order to a supplier, confirms, completes or voids it. Once a part
// of it was received, only its description and status can change.
func UpdateOrderSupplier(tx *db.Tx, in *taphoa.OrderSupplierUpdate) (*taphoa.OrderSupplierAnswer, error) {
	o, err := lockOrderSupplier(tx, in.ByID.ID)
	if err != nil {
		return nil, err
	}
	w := &supplierOrderDraft{o: *o, in: &in.OrderSupplierInput}
	wanted := in.OrderSupplierInput
	if wanted.Status.Or(0) == 0 {
		wanted.Status = taphoa.Opt[int64]{} // not said: nothing becomes a draft again
	}
	if w.o.Status = wanted.Wants(o.Status); taphoa.OrderSupplierStatusValue(w.o.Status) == "" {
		return nil, refuse("status", "Trạng thái %d (status) của phiếu đặt hàng nhập không hợp lệ: dùng 0 (Phiếu tạm), 1 (Đã xác nhận NCC), 3 (Hoàn thành) hoặc 4 (Đã hủy)", w.o.Status)
	}
	moves := taphoa.OrderSupplierMoves[o.Status]
	if moves == nil || w.o.Status != o.Status && !slices.Contains(moves, w.o.Status) {
		return nil, refuse("status", "Phiếu đặt hàng nhập %s đang ở trạng thái %s, không thể cập nhật", o.Code, taphoa.Term(taphoa.OrderSupplierStatusValue(o.Status)))
	}
	if err := w.permit(tx); err != nil {
		return nil, err
	}
	if err := w.apply(tx); err != nil {
		return nil, err
	}
	saveOrderSupplier(tx, &w.o, w.priced)
	return orderSupplierAnswer(tx, "d.id = ?", w.o.ID)
}

// permit refuses what the actor may not do at the branches where the order was and is to be.
func (w *supplierOrderDraft) permit(tx *db.Tx) error {
	var also []right.Right
	if w.o.Status == taphoa.OrderSupplierVoided {
		also = append(also, right.VoidPurchases)
	}
	return mayAtBoth(tx, w.o.BranchID, w.in.BranchID.Or(0), also...)
}

// DeleteOrderSupplier voids an order to a supplier: nothing of it is on order any more. It changes nothing if the order is
// void and refuses a completed one. The vendor's API has no such operation.
func DeleteOrderSupplier(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	o, err := lockOrderSupplier(tx, in.ID)
	if err == nil {
		err = tx.Actor().May(o.BranchID)
	}
	if err != nil {
		return taphoa.Message{}, err
	}
	switch o.Status {
	case taphoa.OrderSupplierCompleted:
		return taphoa.Message{}, refuse("id", "Phiếu đặt hàng nhập %s đã hoàn thành nên không thể hủy", o.Code)
	case taphoa.OrderSupplierVoided:
	default:
		o.Status = taphoa.OrderSupplierVoided
		if err := stock.SetOnOrder(tx, orderSupplierKind, o.ID, nil); err != nil {
			return taphoa.Message{}, err
		}
		saveOrderSupplier(tx, o, false)
	}
	audit.Record(tx, o.ID, o.Code)
	return taphoa.Message{Message: taphoa.MessageDeleted}, nil
}

// orderSupplierKind is the kind of document of orders to suppliers in the goods ledger.
const orderSupplierKind = "ordersupplier"

// apply applies the request to all but the order's row.
func (w *supplierOrderDraft) apply(tx *db.Tx) error {
	o, in := &w.o, w.in
	if in.Description.Given() {
		o.Description = in.Description
	}
	w.priced = in.Details != nil || in.Expenses != nil || in.Discount.Given() || in.DiscountRatio.Given() || in.IsApplyPurchaseTax.Has()
	placed := in.BranchID.Has() || in.SupplierID.Has() || in.Supplier != nil || in.OrderDate.Has() || in.UserID.Has() || in.Code.Has()
	if o.Status == taphoa.OrderSupplierPartly && (w.priced || placed) {
		return refuse("orderSupplierDetails", "Phiếu đặt hàng nhập %s đã nhập một phần, chỉ có thể đổi ghi chú (description) và trạng thái (status)", o.Code)
	}
	if o.Status > taphoa.OrderSupplierPartly { // completed or voided by the request
		return stock.SetOnOrder(tx, orderSupplierKind, o.ID, nil)
	}
	if o.Status == taphoa.OrderSupplierPartly {
		return nil
	}
	if err := w.setHeader(tx); err != nil {
		return err
	}
	if w.priced {
		if err := w.price(tx); err != nil {
			return err
		}
	}
	if o.Status == taphoa.OrderSupplierDraft {
		return nil
	}
	return stock.SetOnOrder(tx, orderSupplierKind, o.ID, orderedGoods(o))
}

// setHeader sets code, branch, users, supplier and date.
func (w *supplierOrderDraft) setHeader(tx *db.Tx) error {
	o, in := &w.o, w.in
	if code := text.Clean(in.Code.Or("")); code != "" && text.CodeKey(code) != text.CodeKey(o.Code) {
		used, err := org.CodeUsed(tx, "order_suppliers", code, o.ID, "")
		if used {
			err = refuse("code", "Mã phiếu đặt hàng nhập %s (code) đã tồn tại", code)
		}
		if err != nil {
			return err
		}
		o.Code = code
	}
	o.BranchID, o.OrderDate = cmp.Or(in.BranchID.Or(0), o.BranchID), in.OrderDate.Or(o.OrderDate)
	if o.BranchID != o.stored.BranchID || o.BranchID == 0 { // else it may have been closed since
		if err := openBranch(tx, "Chi nhánh", "branchId", o.BranchID); err != nil {
			return err
		}
	}
	if o.OrderDate != o.stored.OrderDate {
		if err := tx.Actor().Dated(o.BranchID, "orderDate", o.OrderDate, tx.Clock); err != nil {
			return err
		}
	}
	if id := in.UserID.Or(0); id != 0 && id != o.UserID {
		user, err := org.FindSeller(tx, "userId", id)
		if err != nil {
			return err
		}
		o.UserID = user.ID
	}
	if keepsSupplier(in.Supplier, in.SupplierID, o.SupplierID, o.SupplierCode) {
		return nil
	}
	supplier, err := party.ResolveSupplier(tx, in.Supplier, in.SupplierID, o.BranchID)
	if err != nil || !supplier.Has() {
		return err
	}
	found := supplier.Value
	o.SupplierID, o.SupplierCode, o.SupplierName = taphoa.Some(found.ID), taphoa.Some(found.Code), taphoa.Some(found.Name)
	debt, err := cash.Debt(tx, cash.Supplier(found.ID))
	o.SupplierOldDebt = -debt
	return err
}

// orderedGoods returns the quantities that an order has ordered for its branch.
func orderedGoods(o *supplierOrder) []stock.BranchQuantity {
	goods := make([]stock.BranchQuantity, len(o.lines))
	for i, l := range o.lines {
		goods[i] = stock.BranchQuantity{ProductID: l.BaseID, BranchID: o.BranchID, Quantity: l.BaseQuantity}
	}
	return goods
}

// held are the lines that an order has.
func (o *supplierOrder) held() []catalogplan.Held {
	held := make([]catalogplan.Held, len(o.lines))
	for i, l := range o.lines {
		held[i] = catalogplan.Held{ProductID: l.ProductID, Code: l.ProductCode, Quantity: l.Quantity}
	}
	return held
}

package supply

import (
	"cmp"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/stock"
)

// ordering is an order to a supplier that is being made or changed. A draft of a purchase order works out its prices, so
// that the order promises what the purchase order will come to.
type ordering struct {
	before   taphoa.OrderSupplier
	o        taphoa.OrderSupplier
	in       *taphoa.OrderSupplierInput
	purchase purchase
}

// CreateOrderSupplier orders goods from a supplier, who is found or made, or notes a draft of such an order. The vendor's
// API has no such operation.
func CreateOrderSupplier(tx *db.Tx, in *taphoa.OrderSupplierInput) (*taphoa.OrderSupplierAnswer, error) {
	w := &ordering{in: in}
	w.o.Status = in.Wants(taphoa.OrderSupplierConfirmed)
	if w.o.Status != taphoa.OrderSupplierDraft && w.o.Status != taphoa.OrderSupplierConfirmed {
		return nil, refuse("status", "Trạng thái %d (status) không hợp lệ khi tạo phiếu đặt hàng nhập: chọn 0 (Phiếu tạm) hoặc 1 (Đã xác nhận NCC)", w.o.Status)
	}
	creator, err := org.FindSeller(tx, "createdBy", tx.User)
	if err != nil {
		return nil, err
	}
	w.o.CreatedBy, w.o.UserID, w.o.OrderDate = creator.ID, creator.ID, tx.Clock
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
	tx.Queue(`
		INSERT INTO order_suppliers (retailer_id, id, code, code_key, order_date, branch_id, user_id, supplier_id, supplier_code,
			supplier_name, supplier_old_debt, description, description_search, status, discount, discount_ratio,
			is_apply_purchase_tax, total_tax, ex_return_suppliers, ex_return_third_party, total_quantity, total_product_type,
			sub_total, total, created_by, created_date, changed_at)
		VALUES (:retailer, :id, :code, ?, :order_date, :branch_id, :user_id, :supplier_id, :supplier_code,
			:supplier_name, :supplier_old_debt, :description, ?, :status, :discount, :discount_ratio,
			:is_apply_purchase_tax, :total_tax, :ex_return_suppliers, :ex_return_third_party, :total_quantity, :total_product_type,
			:sub_total, :total, :created_by, :now, :now)`, &w.o, codeKey(w.o.Code), db.Fold(w.o.Description.Or("")))
	tx.Count("order_suppliers", 1, w.o.ID)
	orderSupplierUpdated.Emit(tx, w.o.ID)
	return GetOrderSupplier(tx, &taphoa.ByID{ID: w.o.ID})
}

// UpdateOrderSupplier changes the members of an order to a supplier that are given, confirms, completes or voids it. Once
// some of it has come, only its note and status change.
func UpdateOrderSupplier(tx *db.Tx, in *taphoa.OrderSupplierUpdate) (*taphoa.OrderSupplierAnswer, error) {
	before, err := lockOrderSupplier(tx, in.ByID.ID)
	if err != nil {
		return nil, err
	}
	w := &ordering{before: *before, o: *before, in: &in.OrderSupplierInput}
	w.o.Status = in.Wants(before.Status)
	moves := taphoa.OrderSupplierMoves[before.Status]
	if moves == nil || w.o.Status != before.Status && !slices.Contains(moves, w.o.Status) {
		return nil, refuse("status", "Phiếu đặt hàng nhập %s đang ở trạng thái %s, không thể cập nhật", before.Code, taphoa.Term(before.StatusValue))
	}
	if err := w.apply(tx); err != nil {
		return nil, err
	}
	saveOrderSupplier(tx, &w.o)
	return GetOrderSupplier(tx, &in.ByID)
}

// DeleteOrderSupplier voids an order to a supplier: nothing is awaited any more. One that is void already stays as it is; a
// completed one refuses. The vendor's API has no such operation.
func DeleteOrderSupplier(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	o, err := lockOrderSupplier(tx, in.ID)
	if err != nil {
		return taphoa.Message{}, err
	}
	switch o.Status {
	case taphoa.OrderSupplierCompleted:
		return taphoa.Message{}, refuse("id", "Phiếu đặt hàng nhập %s đã hoàn thành nên không thể hủy", o.Code)
	case taphoa.OrderSupplierVoided:
	default:
		o.Status = taphoa.OrderSupplierVoided
		if err := stock.SetOnOrder(tx, awaited, o.ID, nil); err != nil {
			return taphoa.Message{}, err
		}
		saveOrderSupplier(tx, o)
	}
	return taphoa.Message{Message: taphoa.MessageDeleted}, nil
}

// awaited is what the ledger of goods calls orders to suppliers.
const awaited = "ordersupplier"

func lockOrderSupplier(tx *db.Tx, id int64) (*taphoa.OrderSupplier, error) {
	if _, _, err := db.One[int64](tx, `SELECT id FROM order_suppliers WHERE retailer_id = :retailer AND id = ? :lock`, id); err != nil {
		return nil, err
	}
	return findOrderSupplier(tx, "d.id = ?", id)
}

func saveOrderSupplier(tx *db.Tx, o *taphoa.OrderSupplier) {
	tx.Queue(`
		UPDATE order_suppliers SET code = :code, code_key = ?, order_date = :order_date, branch_id = :branch_id, user_id = :user_id,
			supplier_id = :supplier_id, supplier_code = :supplier_code, supplier_name = :supplier_name,
			supplier_old_debt = :supplier_old_debt, description = :description, description_search = ?, status = :status,
			discount = :discount, discount_ratio = :discount_ratio, is_apply_purchase_tax = :is_apply_purchase_tax,
			total_tax = :total_tax, ex_return_suppliers = :ex_return_suppliers, ex_return_third_party = :ex_return_third_party,
			total_quantity = :total_quantity, total_product_type = :total_product_type, sub_total = :sub_total, total = :total,
			modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = :id`, o, codeKey(o.Code), db.Fold(o.Description.Or("")))
	orderSupplierUpdated.Emit(tx, o.ID)
}

// apply changes the order to what the request wants, all but its row.
func (w *ordering) apply(tx *db.Tx) error {
	o, in := &w.o, w.in
	if in.Description.Given() {
		o.Description = in.Description
	}
	priced := in.Details != nil || in.Expenses != nil || in.Discount.Given() || in.DiscountRatio.Given() || in.IsApplyPurchaseTax.Has()
	placed := in.BranchID.Has() || in.SupplierID.Has() || in.Supplier != nil || in.OrderDate.Has() || in.UserID.Has() || in.Code.Has()
	if o.Status == taphoa.OrderSupplierPartly && (priced || placed) {
		return refuse("orderSupplierDetails", "Phiếu đặt hàng nhập %s đã nhập một phần, chỉ có thể đổi ghi chú (description) và trạng thái (status)", o.Code)
	}
	if o.Status > taphoa.OrderSupplierPartly { // completed or voided by hand
		return stock.SetOnOrder(tx, awaited, o.ID, nil)
	}
	if o.Status == taphoa.OrderSupplierPartly {
		return nil
	}
	if err := w.head(tx); err != nil {
		return err
	}
	if priced {
		if err := w.price(tx); err != nil {
			return err
		}
	}
	if o.Status == taphoa.OrderSupplierDraft {
		return nil
	}
	return stock.SetOnOrder(tx, awaited, o.ID, orderedGoods(o))
}

// head changes code, branch, people and date.
func (w *ordering) head(tx *db.Tx) error {
	o, in := &w.o, w.in
	if code := strings.TrimSpace(in.Code.Or("")); code != "" && codeKey(code) != codeKey(o.Code) {
		used, err := codeUsed(tx, "order_suppliers", code, o.ID)
		if used {
			err = refuse("code", "Mã phiếu đặt hàng nhập %s (code) đã tồn tại", code)
		}
		if err != nil {
			return err
		}
		o.Code = code
	}
	o.BranchID, o.OrderDate = cmp.Or(in.BranchID.Or(0), o.BranchID), in.OrderDate.Or(o.OrderDate)
	if o.BranchID != w.before.BranchID || o.Status != w.before.Status || o.BranchID == 0 {
		if err := openBranch(tx, "Chi nhánh", "branchId", o.BranchID); err != nil {
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

// orderedGoods are what an order expects in its branch.
func orderedGoods(o *taphoa.OrderSupplier) []stock.BranchQuantity {
	goods := make([]stock.BranchQuantity, len(o.Details))
	for i, l := range o.Details {
		goods[i] = stock.BranchQuantity{ProductID: l.BaseID, BranchID: o.BranchID, Quantity: l.BaseQuantity}
	}
	return goods
}

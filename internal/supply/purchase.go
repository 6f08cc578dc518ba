package supply

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
)

// purchase is a purchase order that is being made or changed.
type purchase struct {
	purchaseRow
	stored     purchaseRow // of id 0 when it is new
	settings   org.Settings
	order      *supplierOrder // that it receives; nil without one
	lines      []*purchaseLine
	surcharges []taphoa.PurchaseSurcharge
	payments   []cash.Receipt // amounts as they are paid, methods and accounts
}

func refusePurchase(field, sentence string, args ...any) error {
	return taphoa.Refuse(taphoa.CodePurchase, field, sentence, args...)
}

func purchaseTooMuch() error {
	return refusePurchase("total", "Giá trị phiếu nhập (total) vượt quá giới hạn %v, hãy xem lại số lượng và đơn giá", taphoa.MoneyMax)
}

// CreatePurchaseOrder receives goods, or notes a draft of it (contract purchaseorders, createPurchaseOrder). It finds or
// makes the supplier, and books what is paid.
func CreatePurchaseOrder(tx *db.Tx, in *taphoa.PurchaseOrderInput) (*taphoa.PurchaseOrder, error) {
	status, err := purchaseStatus(in, taphoa.PurchaseCompleted)
	if err != nil {
		return nil, err
	}
	p := &purchase{}
	if p.order, err = orderToReceive(tx, in); err != nil {
		return nil, err
	}
	if p.order != nil {
		p.OrderSupplierID = taphoa.Some(p.order.ID)
	}
	p.Status, p.PurchaseDate, p.PurchaseByID = status, tx.Clock, taphoa.SomeIf(tx.User)
	if p.BranchID = in.BranchID.Or(0); p.BranchID == 0 {
		return nil, refusePurchase("branchId", "Chi nhánh (branchId) không được để trống")
	}
	if p.ID, err = tx.NewID("purchase_orders"); err != nil {
		return nil, err
	}
	if err := p.make(tx, in); err != nil {
		return nil, err
	}
	if p.Code, err = org.NextCode(tx, "PN", "purchase_orders", ""); err != nil {
		return nil, err
	}
	savePurchase(tx, &p.stored, &p.purchaseRow)
	if err := p.follow(tx); err != nil {
		return nil, err
	}
	return GetPurchaseOrder(tx, &taphoa.ByID{ID: p.ID})
}

// purchaseStatus is what a request wants the purchase order to be; absent is what it is when the request does not say
// (contract purchaseorders, conflict isDraft).
func purchaseStatus(in *taphoa.PurchaseOrderInput, absent int64) (int64, error) {
	field, text := "isDraft", strings.TrimSpace(in.IsDraft.Or(""))
	if text == "" {
		field, text = "status", strings.TrimSpace(in.Status.Or(""))
	}
	switch strings.ToLower(text) {
	case "":
		return absent, nil
	case "1", "true":
		return taphoa.PurchaseDraft, nil
	case "0", "3", "false":
		return taphoa.PurchaseCompleted, nil
	}
	return 0, refusePurchase(field,
		"Trạng thái %.20q (%s) của phiếu nhập không hợp lệ: 1 là phiếu tạm, 3 là đã nhập hàng; để hủy phiếu hãy dùng DELETE", text, field)
}

// UpdatePurchaseOrder changes the members of a draft that are given, or completes it (contract purchaseorders,
// updatePurchaseOrder). One that is completed or void stays as it is.
func UpdatePurchaseOrder(tx *db.Tx, in *taphoa.PurchaseOrderUpdate) (*taphoa.PurchaseOrder, error) {
	order, err := orderOf(tx, in.ID)
	if err != nil {
		return nil, err
	}
	before, err := lockPurchase(tx, in.ID)
	if err != nil {
		return nil, err
	}
	if before.Status != taphoa.PurchaseDraft {
		return nil, refusePurchase("status", "Phiếu nhập %s đang ở trạng thái %s nên không thể cập nhật; hãy hủy phiếu và tạo phiếu mới",
			before.Code, taphoa.Term(taphoa.PurchaseStatusValue(before.Status)))
	}
	p := &purchase{purchaseRow: *before, stored: *before, order: order}
	if p.Status, err = purchaseStatus(&in.PurchaseOrderInput, before.Status); err != nil {
		return nil, err
	}
	wanted := in.PurchaseOrderInput
	if wanted.PurchaseOrderDetails == nil {
		if wanted.PurchaseOrderDetails, err = storedDetails(tx, p.ID); err != nil {
			return nil, err
		}
	}
	if wanted.Surcharges == nil {
		if wanted.Surcharges, err = storedSurcharges(tx, p.ID); err != nil {
			return nil, err
		}
	}
	if err := p.make(tx, &wanted); err != nil {
		return nil, err
	}
	savePurchase(tx, &p.stored, &p.purchaseRow)
	if err := p.follow(tx); err != nil {
		return nil, err
	}
	return GetPurchaseOrder(tx, &in.ByID)
}

// follow brings the order to the supplier in line once the purchase order is stored.
func (p *purchase) follow(tx *db.Tx) error {
	if p.order == nil || p.Status != taphoa.PurchaseCompleted {
		return nil
	}
	return followPurchases(tx, p.order)
}

// make does what creating and changing have in common: all but the order's own row. Goods come before balances, and
// these before the codes of the payment vouchers.
func (p *purchase) make(tx *db.Tx, in *taphoa.PurchaseOrderInput) (err error) {
	if p.settings, err = org.GetSettings(tx); err != nil {
		return err
	}
	if _, err := org.GetBranch(tx, &taphoa.ByID{ID: p.BranchID}); err != nil {
		return err
	}
	if err := p.head(tx, in); err != nil {
		return err
	}
	if p.payments, err = purchasePayments(in, p.TotalPayment); err != nil {
		return err
	}
	if err := p.readLines(tx, in.PurchaseOrderDetails); err != nil {
		return err
	}
	if err := p.workOut(in.Surcharges); err != nil {
		return err
	}
	if err := p.writeLines(tx); err != nil {
		return err
	}
	if p.Status == taphoa.PurchaseCompleted {
		if err := p.receive(tx); err != nil {
			return err
		}
	}
	return p.pay(tx)
}

// head changes what a purchase order says before its lines, as far as it is given.
func (p *purchase) head(tx *db.Tx, in *taphoa.PurchaseOrderInput) error {
	if p.PurchaseDate = in.PurchaseDate.Or(p.PurchaseDate); p.PurchaseDate > tx.Clock {
		return refusePurchase("purchaseDate", "Vượt quá thời gian hiện tại: thời gian nhập hàng (purchaseDate) không được sau %s",
			tx.Clock.Std().Format("15:04:05 02/01/2006"))
	}
	if in.Description.Given() {
		p.Description = in.Description
	}
	p.IsApplyPurchaseTax = in.IsApplyPurchaseTax.Or(p.IsApplyPurchaseTax)
	if in.Discount.Given() || in.DiscountRatio.Given() {
		p.Discount, p.DiscountRatio = in.Discount, in.DiscountRatio
	} else if p.DiscountRatio.Has() {
		p.Discount = taphoa.Opt[taphoa.Money]{} // works out anew from the ratio
	}
	supplier, err := party.ResolveSupplier(tx, in.Supplier, in.SupplierID, p.BranchID)
	if err != nil || !supplier.Has() {
		return err
	}
	found := supplier.Value
	if p.TotalPayment != 0 && found.ID != p.SupplierID.Or(0) {
		var paid any = taphoa.Term("lẻ")
		if p.SupplierName.Has() {
			paid = p.SupplierName.Value
		}
		return refusePurchase("supplier", "Phiếu nhập %s đã trả %v cho nhà cung cấp %s nên không thể đổi nhà cung cấp (supplier); hãy hủy phiếu cùng phiếu chi và tạo phiếu mới",
			p.Code, p.TotalPayment, paid)
	}
	p.SupplierID, p.SupplierCode, p.SupplierName = taphoa.Some(found.ID), taphoa.Some(found.Code), taphoa.Some(found.Name)
	return nil
}

// purchasePayments are the payments that a request makes. already is what has been paid before: paidAmount names the sum
// that is to have been paid in the end.
func purchasePayments(in *taphoa.PurchaseOrderInput, already taphoa.Money) ([]cash.Receipt, error) {
	var all []cash.Receipt
	add := func(field, method string, r cash.Receipt) (err error) {
		if r.Method, err = taphoa.ParseMethod(field, method); err == nil && r.Method == taphoa.MethodVoucher {
			err = refusePurchase(field, "Không thể trả nhà cung cấp bằng voucher (%s): dùng %s", field, taphoa.MethodChoices)
		}
		all = append(all, r)
		return err
	}
	switch paid := in.PaidAmount.Or(0); {
	case paid < 0:
		return nil, refusePurchase("paidAmount", "Số tiền trả nhà cung cấp (paidAmount) không được âm")
	case paid > 0 && paid < already:
		return nil, refusePurchase("paidAmount", "Đã trả nhà cung cấp %v, không thể giảm xuống %v (paidAmount)", already, paid)
	case paid > already:
		if err := add("paymentMethod", in.PaymentMethod.Or(""), cash.Receipt{Amount: paid - already, AccountID: in.AccountID}); err != nil {
			return nil, err
		}
	}
	for _, pay := range in.Payments {
		if pay.ID.Or(0) != 0 {
			continue
		}
		if pay.Amount <= 0 {
			return nil, refusePurchase("payments.amount", "Số tiền trả nhà cung cấp (payments.amount) phải lớn hơn 0")
		}
		if err := add("payments.method", pay.Method, cash.Receipt{Amount: pay.Amount, AccountID: pay.AccountID, Description: pay.Description}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// pay books the payment vouchers.
func (p *purchase) pay(tx *db.Tx) error {
	for _, r := range p.payments {
		if r.Amount > taphoa.MoneyMax {
			return purchaseTooMuch()
		}
		sum, err := p.TotalPayment.Add(r.Amount)
		if err != nil {
			return purchaseTooMuch()
		}
		p.TotalPayment = sum
		r.BranchID, r.Partner, r.PurchaseID = p.BranchID, cash.Supplier(p.SupplierID.Or(0)), taphoa.Some(p.ID)
		r.Amount, r.TransDate = -r.Amount, tx.Clock
		if _, err := cash.Receive(tx, r); err != nil {
			return err
		}
	}
	return nil
}

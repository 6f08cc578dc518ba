package supply

import (
	"strings"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/right"
)

// purchaseDraft is a purchase order that is created or changed.
type purchaseDraft struct {
	purchaseRow
	actor      plan.Actor
	stored     purchaseRow // of id 0 when it is new
	settings   org.Settings
	order      *supplierOrder // the order that it receives; nil without one
	held       []catalogplan.Held
	lines      []*purchaseLine
	surcharges []taphoa.PurchaseSurcharge
	money      *cashplan.Ledger
	payments   []cashplan.Receipt // amounts, methods and accounts
}

func refusePurchase(field, sentence string, args ...any) error {
	return taphoa.Refuse(taphoa.CodePurchase, field, sentence, args...)
}

func purchaseTooLarge() error {
	return refusePurchase("total", "Giá trị phiếu nhập (total) vượt quá giới hạn %v, hãy xem lại số lượng và đơn giá", taphoa.MoneyMax)
}

// CreatePurchaseOrder receives goods, or stores a draft of it (contract purchaseorders, createPurchaseOrder), with its
// payments. It creates the supplier if it is new.
func CreatePurchaseOrder(tx *db.Tx, in *taphoa.PurchaseOrderInput) (*taphoa.PurchaseOrder, error) {
	status, err := purchaseStatus(in, taphoa.PurchaseCompleted)
	if err != nil {
		return nil, err
	}
	p := &purchaseDraft{actor: tx.Actor()}
	if p.order, err = lockReceivedOrder(tx, in); err != nil {
		return nil, err
	}
	if o := p.order; o != nil {
		p.OrderSupplierID, p.held = taphoa.Some(o.ID), o.held()
		p.SupplierID, p.SupplierCode, p.SupplierName = o.SupplierID, o.SupplierCode, o.SupplierName
	}
	p.Status, p.PurchaseDate, p.PurchaseByID = status, tx.Clock, taphoa.SomeIf(tx.User)
	if p.BranchID = in.BranchID.Or(0); p.BranchID == 0 {
		return nil, refusePurchase("branchId", "Chi nhánh (branchId) không được để trống")
	}
	if err := p.actor.May(p.BranchID); err != nil {
		return nil, err
	}
	if p.ID, err = tx.NewID("purchase_orders"); err != nil {
		return nil, err
	}
	if err := p.apply(tx, in); err != nil {
		return nil, err
	}
	if p.Code, err = org.NextCode(tx, "PN", "purchase_orders", ""); err != nil {
		return nil, err
	}
	if err := p.save(tx); err != nil {
		return nil, err
	}
	return findPurchase(tx, "d.id = ?", p.ID)
}

// purchaseStatus returns the status that a request asks for, or absent if it has none (contract purchaseorders, conflict
// isDraft).
func purchaseStatus(in *taphoa.PurchaseOrderInput, absent int64) (int64, error) {
	status := absent
	for _, said := range []struct {
		field string
		text  taphoa.Opt[string]
	}{{"status", in.Status}, {"isDraft", in.IsDraft}} { // the last one wins
		switch text := strings.TrimSpace(said.text.Or("")); strings.ToLower(text) {
		case "":
		case "1", "true":
			status = taphoa.PurchaseDraft
		case "0", "3", "false":
			if text != "0" || said.field == "isDraft" { // a status of 0 is not said
				status = taphoa.PurchaseCompleted
			}
		default:
			return 0, refusePurchase(said.field,
				"Trạng thái %.20q (%s) của phiếu nhập không hợp lệ: 1 là phiếu tạm, 3 là đã nhập hàng; để hủy phiếu hãy dùng DELETE", text, said.field)
		}
	}
	return status, nil
}

// UpdatePurchaseOrder changes the given members of a draft, or completes it (contract purchaseorders,
// updatePurchaseOrder). It refuses a completed or void one.
func UpdatePurchaseOrder(tx *db.Tx, in *taphoa.PurchaseOrderUpdate) (*taphoa.PurchaseOrder, error) {
	order, err := lockPurchaseOrderSupplier(tx, in.ID)
	if err != nil {
		return nil, err
	}
	before, err := lockPurchase(tx, in.ID)
	if err == nil {
		err = tx.Actor().May(before.BranchID)
	}
	if err != nil {
		return nil, err
	}
	if before.Status != taphoa.PurchaseDraft {
		return nil, refusePurchase("status", "Phiếu nhập %s đang ở trạng thái %s nên không thể cập nhật; hãy hủy phiếu và tạo phiếu mới",
			before.Code, taphoa.Term(taphoa.PurchaseStatusValue(before.Status)))
	}
	p := &purchaseDraft{purchaseRow: *before, actor: tx.Actor(), stored: *before, order: order}
	if p.Status, err = purchaseStatus(&in.PurchaseOrderInput, before.Status); err != nil {
		return nil, err
	}
	if err := p.apply(tx, &in.PurchaseOrderInput); err != nil {
		return nil, err
	}
	if err := p.save(tx); err != nil {
		return nil, err
	}
	return findPurchase(tx, "d.id = ?", p.ID)
}

// save writes the money and the row of the purchase order, and updates the order to the supplier after that.
func (p *purchaseDraft) save(tx *db.Tx) error {
	if err := saveMoney(tx, p.money, &p.purchaseRow); err != nil {
		return err
	}
	savePurchase(tx, &p.stored, &p.purchaseRow, p.lines != nil)
	if p.order == nil || p.Status != taphoa.PurchaseCompleted {
		return nil
	}
	return updateOrderProgress(tx, p.order)
}

// apply is what creating and changing have in common: all but what [purchaseDraft.save] writes. Goods are posted before the debt,
// and the debt before the payments.
func (p *purchaseDraft) apply(tx *db.Tx, in *taphoa.PurchaseOrderInput) (err error) {
	if p.settings, err = org.GetSettings(tx); err != nil {
		return err
	}
	if p.isNew() && p.order == nil { // else it may have been closed since
		if _, err := org.GetBranch(tx, &taphoa.ByID{ID: p.BranchID}); err != nil {
			return err
		}
	}
	if err := p.setHeader(tx, in); err != nil {
		return err
	}
	if p.money, err = purchaseMoney(tx, &p.stored, &p.purchaseRow); err != nil {
		return err
	}
	p.money.MoveReceipts(ofPurchase(p.ID), p.CreatedDate, p.stored.PurchaseDate, p.PurchaseDate)
	if p.payments, err = p.newPayments(in, paidFor(p.money, p.ID)); err != nil {
		return err
	}
	if p.isPriced(in) {
		if err := p.price(tx, in); err != nil {
			return err
		}
	}
	if p.Status == taphoa.PurchaseCompleted {
		if err := p.postReceipt(tx); err != nil {
			return err
		}
	}
	return p.pay(tx.Clock)
}

// isPriced reports whether a request decides the lines and the total. Others leave those of a draft as they are.
func (p *purchaseDraft) isPriced(in *taphoa.PurchaseOrderInput) bool {
	return p.isNew() || p.Status != p.stored.Status || in.PurchaseOrderDetails != nil || in.Surcharges != nil ||
		in.Discount.Given() || in.DiscountRatio.Given() || p.IsApplyPurchaseTax != p.stored.IsApplyPurchaseTax
}

// price sets lines, expenses, discount and total. What a request to change a draft does not have is as stored.
func (p *purchaseDraft) price(tx *db.Tx, in *taphoa.PurchaseOrderInput) (err error) {
	details, surcharges := in.PurchaseOrderDetails, in.Surcharges
	if !p.isNew() {
		stored, err := purchaseLines(tx, p.ID)
		if err != nil {
			return err
		}
		p.hold(stored)
		if details == nil {
			details = storedDetails(stored)
		}
		if surcharges == nil {
			if surcharges, err = storedSurcharges(tx, p.ID); err != nil {
				return err
			}
		}
	}
	if in.Discount.Given() || in.DiscountRatio.Given() {
		p.Discount, p.DiscountRatio = in.Discount, in.DiscountRatio
	} else {
		goods := p.stored.Total + p.stored.Discount.Or(0) - p.stored.TotalTax.Or(0) - p.stored.ExReturnSuppliers.Or(0)
		byRatio, err := plan.IsDiscountByRatio(goods, p.Discount.Or(0), p.DiscountRatio, 1)
		if err != nil {
			return purchaseTooLarge()
		}
		if byRatio {
			p.Discount = taphoa.Opt[taphoa.Money]{} // computed again from the ratio
		}
	}
	if err := p.readLines(tx, details); err != nil {
		return err
	}
	if err := p.computeTotals(surcharges); err != nil {
		return err
	}
	return p.writeLines(tx)
}

// hold notes what a draft has, and the order that it receives.
func (p *purchaseDraft) hold(lines []purchaseLineRow) {
	if p.order != nil {
		p.held = p.order.held()
	}
	for i := range lines {
		p.held = append(p.held, catalogplan.Held{ProductID: lines[i].ProductID, Code: lines[i].ProductCode, Quantity: lines[i].Quantity})
	}
}

// setHeader sets the given members besides lines, discount, expenses and payments.
func (p *purchaseDraft) setHeader(tx *db.Tx, in *taphoa.PurchaseOrderInput) error {
	if p.PurchaseDate = in.PurchaseDate.Or(p.PurchaseDate); p.PurchaseDate > tx.Clock {
		return refusePurchase("purchaseDate", "Vượt quá thời gian hiện tại: thời gian nhập hàng (purchaseDate) không được sau %s",
			tx.Clock.Std().Format("15:04:05 02/01/2006"))
	}
	if p.PurchaseDate != p.stored.PurchaseDate {
		if err := p.actor.Dated(p.BranchID, "purchaseDate", p.PurchaseDate, tx.Clock); err != nil {
			return err
		}
	}
	if in.Description.Given() {
		p.Description = in.Description
	}
	p.IsApplyPurchaseTax = in.IsApplyPurchaseTax.Or(p.IsApplyPurchaseTax)
	if keepsSupplier(in.Supplier, in.SupplierID, p.SupplierID, p.SupplierCode) {
		return nil
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
		return p.tell(refusePurchase("supplier",
			"Phiếu nhập %s đã trả %v cho nhà cung cấp %s nên không thể đổi nhà cung cấp (supplier); hãy hủy phiếu cùng phiếu chi và tạo phiếu mới",
			p.Code, p.TotalPayment, paid), refusePurchase("supplier",
			"Phiếu nhập %s đã trả tiền cho nhà cung cấp %s nên không thể đổi nhà cung cấp (supplier); hãy hủy phiếu cùng phiếu chi và tạo phiếu mới", p.Code, paid))
	}
	p.SupplierID, p.SupplierCode, p.SupplierName = taphoa.Some(found.ID), taphoa.Some(found.Code), taphoa.Some(found.Name)
	return nil
}

// newPayments returns the new payments of a request. already is what was paid for the purchase before: paidAmount is the
// total that is paid in the end, or comes back as the purchase shows it.
func (p *purchaseDraft) newPayments(in *taphoa.PurchaseOrderInput, already taphoa.Money) ([]cashplan.Receipt, error) {
	var all []cashplan.Receipt
	add := func(field, method string, r cashplan.Receipt) (err error) {
		r.Method, err = supplierMethod(field, method)
		all = append(all, r)
		return err
	}
	switch paid := in.PaidAmount.Or(0).RoundDong(); {
	case paid < 0:
		return nil, refusePurchase("paidAmount", "Số tiền trả nhà cung cấp (paidAmount) không được âm")
	case paid == already.RoundDong(), paid == p.TotalPayment.RoundDong(): // also where one from before amounts were whole comes back
	case paid > 0 && paid < already:
		return nil, p.tell(refusePurchase("paidAmount", "Đã trả nhà cung cấp %v, không thể giảm xuống %v (paidAmount)", already, paid),
			refusePurchase("paidAmount", "Đã trả nhà cung cấp nhiều hơn, không thể giảm xuống %v (paidAmount)", paid))
	case paid > already:
		if err := add("paymentMethod", in.PaymentMethod.Or(""), cashplan.Receipt{Amount: paid - already, AccountID: in.AccountID, Member: "paidAmount"}); err != nil {
			return nil, err
		}
	}
	for _, pay := range in.Payments {
		if pay.ID.Or(0) != 0 {
			continue
		}
		amount := pay.Amount.RoundDong()
		if amount <= 0 {
			return nil, refusePurchase("payments.amount", "Số tiền trả nhà cung cấp (payments.amount) phải lớn hơn 0")
		}
		if err := add("payments.method", pay.Method, cashplan.Receipt{
			Amount: amount, AccountID: pay.AccountID, Description: pay.Description, TransDate: pay.TransDate.Or(0), Member: "payments.amount",
		}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// supplierMethod reads the method of a payment to a supplier. It refuses a voucher.
func supplierMethod(member, text string) (taphoa.PaymentMethod, error) {
	method, err := taphoa.ParseMethod(member, text)
	if err == nil && method.AcceptsVoucher() {
		err = refusePurchase(member, "Không thể trả nhà cung cấp bằng voucher (%s): dùng %s", member, taphoa.MethodChoices)
	}
	return method, err
}

// isNew reports whether the purchase order is not stored yet.
func (p *purchaseDraft) isNew() bool { return p.stored.ID == 0 }

// pay plans the entries of the cash book for the payments, and settles the account of the supplier.
func (p *purchaseDraft) pay(now taphoa.Time) error {
	if err := p.refuseOverpaid(); err != nil {
		return err
	}
	for _, r := range p.payments {
		r.BranchID, r.Partner, r.PurchaseID = p.BranchID, cashplan.Supplier(p.SupplierID.Or(0)), taphoa.Some(p.ID)
		r.Amount = -r.Amount
		if r.TransDate == 0 {
			if r.TransDate = now; p.isNew() { // booked with the receipt of the goods
				r.TransDate = p.PurchaseDate
			}
		} else if err := p.actor.Dated(p.BranchID, "payments.transDate", r.TransDate, now); err != nil {
			return err
		}
		if _, err := p.money.Receive(r); err != nil {
			return err
		}
	}
	settlePurchase(p.money, &p.stored, &p.purchaseRow)
	return nil
}

// refuseOverpaid refuses payments that are out of range. What is paid beyond the total is credit of the supplier; an unnamed one has
// none.
func (p *purchaseDraft) refuseOverpaid() (err error) {
	paid, member := paidFor(p.money, p.ID), "paidAmount"
	for _, r := range p.payments {
		if r.Amount > taphoa.MoneyMax {
			return purchaseTooLarge()
		}
		if paid, err = paid.Add(r.Amount); err != nil {
			return purchaseTooLarge()
		}
		member = r.Member
	}
	changed := len(p.payments) > 0 || p.Total < p.stored.Total || p.Status != p.stored.Status
	if p.SupplierID.Has() || !changed || paid <= p.Total.RoundDong() {
		return nil
	}
	return p.tell(
		refusePurchase(member, "Phiếu nhập của nhà cung cấp lẻ chỉ cần trả %v, không thể trả %v (%s): nhà cung cấp lẻ không có công nợ để ghi phần trả thừa",
			p.Total, paid, member),
		refusePurchase(member, "Không thể trả nhiều hơn giá trị phiếu nhập của nhà cung cấp lẻ (%s): nhà cung cấp lẻ không có công nợ để ghi phần trả thừa", member))
}

// tell is the refusal with what was bought and paid, for who sees that; others get the plain one.
func (p *purchaseDraft) tell(full, plain error) error {
	return p.actor.Tell(right.SeePurchasePrices, full, plain)
}

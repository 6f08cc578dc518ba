package cash

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// CreateCashFlow books a receipt or a payment that belongs to no document. What is booked into the business results
// (usedForFinancialReporting 1) is income or expense of the branch; what is not, with a customer or a supplier, changes
// what they owe.
func CreateCashFlow(tx *db.Tx, in *taphoa.CashFlowInput) (taphoa.CashFlow, error) {
	r, err := readVoucher(tx, in)
	if err != nil {
		return taphoa.CashFlow{}, err
	}
	if err := namePartner(tx, in, &r); err != nil {
		return taphoa.CashFlow{}, err
	}
	keepsDebt := r.PartnerType == taphoa.PartnerCustomer || r.PartnerType == taphoa.PartnerSupplier
	switch booked := in.UsedForFinancialReporting; {
	case booked.Or(0) != 0 && booked.Value != 1:
		return taphoa.CashFlow{}, taphoa.Refuse(taphoa.CodeValidate, "usedForFinancialReporting",
			"Hạch toán kết quả kinh doanh (usedForFinancialReporting) nhận giá trị 0 hoặc 1")
	case booked.Has():
		r.UsedForFinancialReporting = booked.Value
	case !keepsDebt:
		r.UsedForFinancialReporting = 1
	}
	if r.Partner = Other(r.BranchID); keepsDebt && r.UsedForFinancialReporting == 0 {
		r.Partner = Account{r.PartnerType, r.PartnerID}
	}
	if r.CashFlowGroupID, err = findGroup(tx, in, r.Amount > 0); err != nil {
		return taphoa.CashFlow{}, err
	}
	id, err := Receive(tx, r)
	if err != nil {
		return taphoa.CashFlow{}, err
	}
	return GetCashFlow(tx, &taphoa.ByID{ID: id})
}

// readVoucher reads where, when, how and how much.
func readVoucher(tx *db.Tx, in *taphoa.CashFlowInput) (r Receipt, err error) {
	if in.BranchID.Or(0) == 0 {
		return r, taphoa.Refuse(taphoa.CodeValidate, "branchId", "Chi nhánh (branchId) không được để trống")
	}
	branch, err := org.GetBranch(tx, &taphoa.ByID{ID: in.BranchID.Value})
	if err != nil {
		return r, err
	}
	r = Receipt{
		BranchID: branch.ID, Amount: in.Amount.Or(0), AccountID: taphoa.SomeIf(in.AccountID.Or(0)), TransDate: in.TransDate.Or(tx.Clock),
		Description: in.Description,
	}
	if r.Method, err = taphoa.ParseMethod("method", in.Method); err == nil && r.Method == taphoa.MethodVoucher {
		err = taphoa.Refuse(taphoa.CodeValidate, "method", "Phiếu thu chi không nhận voucher: dùng Cash, Card hoặc Transfer (method)")
	}
	switch {
	case err != nil:
	case r.Amount == 0 || r.Amount > taphoa.MoneyMax || r.Amount < -taphoa.MoneyMax:
		err = taphoa.Refuse(taphoa.CodeValidate, "amount", "Số tiền (amount) phải khác 0 và không vượt quá %v", taphoa.MoneyMax)
	case in.IsReceipt.Or(false) && r.Amount < 0:
		err = taphoa.Refuse(taphoa.CodeValidate, "amount", "Số tiền (amount) của phiếu thu (isReceipt) phải lớn hơn 0")
	case in.IsReceipt.Has() && !in.IsReceipt.Value && r.Amount > 0:
		r.Amount = -r.Amount
	}
	return r, err
}

// namePartner finds whom a voucher names.
func namePartner(tx *db.Tx, in *taphoa.CashFlowInput, r *Receipt) error {
	r.PartnerType = strings.ToUpper(strings.TrimSpace(in.PartnerType.Or("")))
	if r.PartnerType == "" || r.PartnerType == taphoa.PartnerOther {
		r.PartnerType = taphoa.PartnerOther
		if name := strings.TrimSpace(in.PartnerName.Or("")); name != "" {
			r.PartnerName, r.PartnerSearch = taphoa.Some(name), taphoa.Some(db.Fold(name))
		}
		r.ContactNumber, r.Address = in.ContactNumber, in.Address
		return nil
	}
	for _, p := range partners {
		if p.letter != r.PartnerType {
			continue
		}
		living := " AND deleted_at = 0"
		if p.letter == taphoa.PartnerCarrier { // nobody deletes carriers
			living = ""
		}
		var err error
		var found bool
		r.PartnerID, found, err = db.One[int64](tx,
			`SELECT id FROM `+p.table+` WHERE retailer_id = :retailer AND id = ?`+living, in.PartnerID.Or(0))
		if err == nil && !found {
			err = taphoa.Refuse(taphoa.CodeValidate, "partnerId", "%s %d (partnerId) không tồn tại", taphoa.Term(p.called), in.PartnerID.Or(0))
		}
		return err
	}
	return taphoa.Refuse(taphoa.CodeValidate, "partnerType",
		"Đối tượng nộp/nhận %q (partnerType) không hợp lệ: dùng C (khách hàng), S (nhà cung cấp), U (nhân viên), D (đối tác giao hàng) hoặc O (khác)", r.PartnerType)
}

// findGroup answers the kind of voucher that a request names; 0 when it names none. A name that is new makes a new kind.
func findGroup(tx *db.Tx, in *taphoa.CashFlowInput, receipt bool) (int64, error) {
	if id := in.CashFlowGroupID.Or(0); id != 0 {
		_, found, err := db.One[int64](tx,
			`SELECT id FROM cash_flow_groups WHERE retailer_id = :retailer AND id = ? AND is_receipt = ?`, id, receipt)
		for _, g := range taphoa.CashFlowGroups {
			found = found || g.ID == id && g.IsReceipt == receipt
		}
		if err == nil && !found {
			err = taphoa.Refuse(taphoa.CodeValidate, "cashFlowGroupId",
				"Loại thu chi %d (cashFlowGroupId) không tồn tại hoặc không cùng chiều thu/chi với phiếu", id)
		}
		return id, err
	}
	name := strings.TrimSpace(in.CashGroup.Or(""))
	if name == "" {
		return 0, nil
	}
	key := db.Fold(name)
	for _, g := range taphoa.CashFlowGroups {
		if g.IsReceipt == receipt && db.Fold(g.Name) == key {
			return g.ID, nil
		}
	}
	id, found, err := db.One[int64](tx,
		`SELECT id FROM cash_flow_groups WHERE retailer_id = :retailer AND name_key = ? AND is_receipt = ?`, key, receipt)
	if err != nil || found {
		return id, err
	}
	if id, err = tx.NewID("cash_flow_groups"); err != nil {
		return 0, err
	}
	id += taphoa.CashFlowGroupOwn
	tx.Queue(`
		INSERT INTO cash_flow_groups (retailer_id, id, name, name_key, is_receipt, created_date)
		VALUES (:retailer, ?, ?, ?, ?, :now)`, id, name, key, receipt)
	return id, nil
}

// VoidCashFlow voids a free voucher; it stays readable. One that a document made is voided with the document, which
// counts on it. A voucher that is void already stays as it is.
func VoidCashFlow(tx *db.Tx, in *taphoa.ByID) (taphoa.CashFlowVoided, error) {
	v, err := GetCashFlow(tx, in)
	if err == nil && v.Origin == "Voucher" {
		err = taphoa.Refuse(taphoa.CodeValidate, "id",
			"Phiếu %s thu tiền bán voucher đã phát hành, không thể hủy; muốn trả lại tiền hãy lập phiếu chi", v.Code)
	} else if err == nil && v.Origin != "Manual" {
		err = taphoa.Refuse(taphoa.CodeValidate, "id",
			"Phiếu %s do đơn hàng, hóa đơn, phiếu trả hoặc phiếu nhập tạo ra; hãy hủy từ chứng từ đó (isVoidPayment)", v.Code)
	}
	if err == nil {
		err = Void(tx, in.ID)
	}
	if err != nil {
		return taphoa.CashFlowVoided{}, err
	}
	v, err = GetCashFlow(tx, in)
	return taphoa.CashFlowVoided{CashFlow: v, Message: taphoa.MessageDeleted}, err
}

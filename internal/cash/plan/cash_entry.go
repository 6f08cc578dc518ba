package plan

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/text"
)

// EntryFacts are what an entry of the cash book that belongs to no document depends on.
type EntryFacts struct {
	Branch      taphoa.Branch
	UserName    taphoa.Opt[string] // of the actor
	PartnerTerm taphoa.Term        // what a partner of the type is called; "" for a type that has no records
	Partner     *PartnerFacts      // whom the request names by type and id; nil when there is no such record
	Groups      []GroupRow         // of the shop, with the id or the name of the request
}

// GroupRow is a row of the table cash_flow_groups: a kind of receipts or payments.
type GroupRow struct {
	ID          int64
	Name        string
	NameKey     string // folded
	IsReceipt   bool
	CreatedDate taphoa.Time
}

// sharedGroups are the groups that every shop has.
var sharedGroups = func() (rows []GroupRow) {
	for _, g := range taphoa.CashFlowGroups {
		rows = append(rows, GroupRow{ID: g.ID, Name: g.Name, NameKey: text.Fold(g.Name), IsReceipt: g.IsReceipt})
	}
	return rows
}()

// GroupKey is what names of groups are compared by; "" when a request names none.
func GroupKey(in *taphoa.CashFlowInput) string { return text.Fold(in.CashGroup.Or("")) }

// Entry is a new entry of the cash book: what is to be written beside the ledger, and what the operation returns.
type Entry struct {
	NewGroup *GroupRow // nil when the group exists
	CashFlow taphoa.CashFlow

	payment int64
}

// PayNamed lets the entry settle documents that the request names, in their order. It refuses with CodeValidate what is no open
// document of the partner that the actor finds, and more than one leaves open or the entry has.
func (e *Entry) PayNamed(l *Ledger, documents []taphoa.PaidDocumentInput, seen func(DocumentRef) bool) error {
	pays, partner := l.itemOf(l.paymentOf(DocumentRef{kindPayment, e.payment}))
	for i := range documents {
		in := &documents[i]
		if !partner {
			return taphoa.Refuse(taphoa.CodeValidate, "documents",
				"Chỉ phiếu thu chi làm thay đổi công nợ của khách hàng hoặc nhà cung cấp mới trả cho chứng từ (documents)")
		}
		other := l.openItem(pays.account(), in)
		if other == nil || other.debtor == pays.debtor || other.OpenAmount == 0 || !seen(other.ref()) {
			return taphoa.Refuse(taphoa.CodeValidate, "documents.id",
				"Chứng từ %d (documents.id) loại %q (documents.type: invoice, return, purchaseOrder hoặc adjustment) không còn nợ hoặc không phải của đối tượng này",
				in.ID.Or(0), in.Type)
		}
		amount := in.Amount.Or(min(other.OpenAmount.Abs(), pays.OpenAmount.Abs())).RoundDong()
		switch {
		case amount <= 0 || amount > pays.OpenAmount.Abs():
			return taphoa.Refuse(taphoa.CodeValidate, "documents.amount",
				"Số tiền trả cho chứng từ %s (documents.amount) phải lớn hơn 0 và không quá %v còn lại của phiếu", other.Code, pays.OpenAmount.Abs())
		case amount > other.OpenAmount.Abs():
			return l.ctx.Actor.Tell(right.SeeDebts, taphoa.Refuse(taphoa.CodeValidate, "documents.amount",
				"Chứng từ %s chỉ còn nợ %v, không thể trả %v (documents.amount)", other.Code, other.OpenAmount.Abs(), amount),
				taphoa.Refuse(taphoa.CodeValidate, "documents.amount",
					"Chứng từ %s còn nợ ít hơn %v, không thể trả số tiền này (documents.amount)", other.Code, amount))
		case pays.debtor:
			l.allocate(other, pays, amount)
		default:
			l.allocate(pays, other, amount)
		}
	}
	return nil
}

// openItem finds an open document of an account that a request names; nil if there is none.
func (l *Ledger) openItem(account Account, in *taphoa.PaidDocumentInput) *openItem {
	for _, i := range l.items {
		if i.account() == account && i.DocumentID == in.ID.Or(0) && strings.EqualFold(DocumentType(i.Kind), strings.TrimSpace(in.Type)) {
			return i
		}
	}
	return nil
}

// PartnerTypeOf is the type of partner that a request names, O by default. It need not be valid.
func PartnerTypeOf(in *taphoa.CashFlowInput) string {
	if letter := strings.ToUpper(strings.TrimSpace(in.PartnerType.Or(""))); letter != "" {
		return letter
	}
	return taphoa.PartnerOther
}

// NewEntry adds a receipt or a payment that belongs to no document. An entry of the business results
// (usedForFinancialReporting 1) is income or expense of the branch; another one with a customer or a supplier changes their
// debt. It refuses with CodeValidate a method, an amount, a partner or a group that is not valid, and what
// [Ledger.Receive] refuses.
func NewEntry(l *Ledger, f *EntryFacts, in *taphoa.CashFlowInput) (e Entry, err error) {
	r := Receipt{
		BranchID: f.Branch.ID, AccountID: taphoa.SomeIf(in.AccountID.Or(0)), TransDate: in.TransDate.Or(l.ctx.Clock),
		Description: in.Description,
	}
	if r.Method, err = entryMethod(in); err != nil {
		return e, err
	}
	if r.Amount, err = entryAmount(in); err != nil {
		return e, err
	}
	if err := r.namePartner(f, in); err != nil {
		return e, err
	}
	if r.UsedForFinancialReporting, err = entryReporting(in, r.PartnerType); err != nil {
		return e, err
	}
	if r.Partner = Other(r.BranchID); keepsDebt(r.PartnerType) && r.UsedForFinancialReporting == 0 {
		r.Partner = Account{r.PartnerType, r.PartnerID}
	}
	if e.NewGroup, err = l.chooseGroup(&r, f, in); err != nil {
		return e, err
	}
	row, err := l.Receive(r)
	if err != nil {
		return e, err
	}
	e.payment = row.ID
	e.CashFlow, _ = l.CashFlow(&row)
	e.CashFlow.Account = l.accountLabel(row.AccountID)
	e.CashFlow.Branch, e.CashFlow.User = taphoa.Some(f.Branch.BranchName), f.UserName
	return e, nil
}

func entryMethod(in *taphoa.CashFlowInput) (taphoa.PaymentMethod, error) {
	method, err := taphoa.ParseMethod("method", in.Method)
	if err == nil && method.AcceptsVoucher() {
		err = taphoa.Refuse(taphoa.CodeValidate, "method", "Phiếu thu chi không nhận voucher: dùng %s (method)", taphoa.MethodChoices)
	}
	return method, err
}

// entryAmount is the amount with its sign: negative for a payment.
func entryAmount(in *taphoa.CashFlowInput) (taphoa.Money, error) {
	amount := in.Amount.Or(0).RoundDong()
	switch {
	case amount == 0 || amount > taphoa.MoneyMax || amount < -taphoa.MoneyMax:
		return 0, taphoa.Refuse(taphoa.CodeValidate, "amount", "Số tiền (amount) phải khác 0 và không vượt quá %v", taphoa.MoneyMax)
	case in.IsReceipt.Or(false) && amount < 0:
		return 0, taphoa.Refuse(taphoa.CodeValidate, "amount", "Số tiền (amount) của phiếu thu (isReceipt) phải lớn hơn 0")
	case in.IsReceipt.Has() && !in.IsReceipt.Value && amount > 0:
		return -amount, nil
	}
	return amount, nil
}

// namePartner sets whom an entry names: a record, or texts of the request.
func (r *Receipt) namePartner(f *EntryFacts, in *taphoa.CashFlowInput) error {
	switch r.PartnerType = PartnerTypeOf(in); {
	case r.PartnerType == taphoa.PartnerOther:
		if name := strings.TrimSpace(in.PartnerName.Or("")); name != "" {
			r.PartnerName, r.PartnerSearch = taphoa.Some(name), taphoa.Some(text.Fold(name))
		}
		r.ContactNumber, r.Address = in.ContactNumber, in.Address
	case f.PartnerTerm == "":
		return taphoa.Refuse(taphoa.CodeValidate, "partnerType",
			"Đối tượng nộp/nhận %q (partnerType) không hợp lệ: dùng C (khách hàng), S (nhà cung cấp), U (nhân viên), D (đối tác giao hàng) hoặc O (khác)", r.PartnerType)
	case f.Partner == nil:
		return taphoa.Refuse(taphoa.CodeValidate, "partnerId", "%s %d (partnerId) không tồn tại", f.PartnerTerm, in.PartnerID.Or(0))
	default:
		r.PartnerID = in.PartnerID.Or(0)
	}
	return nil
}

func keepsDebt(partnerType string) bool {
	return partnerType == taphoa.PartnerCustomer || partnerType == taphoa.PartnerSupplier
}

// entryReporting is 1 for income or expense of its own, 0 for the payment of a debt.
func entryReporting(in *taphoa.CashFlowInput, partnerType string) (int64, error) {
	switch booked := in.UsedForFinancialReporting; {
	case booked.Or(0) != 0 && booked.Value != 1:
		return 0, taphoa.Refuse(taphoa.CodeValidate, "usedForFinancialReporting",
			"Hạch toán kết quả kinh doanh (usedForFinancialReporting) nhận giá trị 0 hoặc 1")
	case booked.Has():
		return booked.Value, nil
	case keepsDebt(partnerType):
		return 0, nil
	}
	return 1, nil
}

// chooseGroup sets the group that a request names, if it names one, and gives the ledger the names that the cash book
// shows of group and partner. It returns the new group of a name that is new.
func (l *Ledger) chooseGroup(r *Receipt, f *EntryFacts, in *taphoa.CashFlowInput) (made *GroupRow, err error) {
	if f.Partner != nil {
		l.NamePartner(r.PartnerType, r.PartnerID, *f.Partner)
	}
	id, name, receipt := in.CashFlowGroupID.Or(0), text.Clean(in.CashGroup.Or("")), r.Amount > 0
	if id == 0 && name == "" {
		return nil, nil
	}
	key := GroupKey(in)
	for _, g := range slices.Concat(sharedGroups, f.Groups) {
		if g.IsReceipt == receipt && (id != 0 && g.ID == id || id == 0 && g.NameKey == key) {
			r.CashFlowGroupID = g.ID
			l.NameGroup(g.ID, g.Name)
			return nil, nil
		}
	}
	if id != 0 {
		return nil, taphoa.Refuse(taphoa.CodeValidate, "cashFlowGroupId",
			"Loại thu chi %d (cashFlowGroupId) không tồn tại hoặc không cùng chiều thu/chi với phiếu", id)
	}
	made = &GroupRow{
		ID: l.ctx.ID("cash_flow_groups") + taphoa.CashFlowGroupOwn, Name: name, NameKey: key, IsReceipt: receipt,
		CreatedDate: l.ctx.Now,
	}
	r.CashFlowGroupID = made.ID
	l.NameGroup(made.ID, name)
	return made, nil
}

// VoidEntry voids an entry of the cash book that belongs to no document, and returns it as the cash book shows it then: v
// is how it shows it now, with all names. An entry that is voided already stays as it is. It refuses, with CodeValidate, an
// entry that a document has made, because the document depends on it.
func VoidEntry(l *Ledger, v taphoa.CashFlow) (taphoa.CashFlow, error) {
	if at, found := l.find(v.ID); found && l.payments[at].HistoryOrigin.Has() {
		return v, taphoa.Refuse(taphoa.CodeValidate, "id",
			"Phiếu %s được sao chép từ gian hàng khác để tra cứu, không thể hủy: hãy lập phiếu mới", v.Code)
	}
	switch v.Origin {
	case "Manual":
	case "Voucher":
		return v, taphoa.Refuse(taphoa.CodeValidate, "id",
			"Phiếu %s thu tiền bán voucher đã phát hành, không thể hủy; muốn trả lại tiền hãy lập phiếu chi", v.Code)
	default:
		return v, taphoa.Refuse(taphoa.CodeValidate, "id",
			"Phiếu %s do đơn hàng, hóa đơn, phiếu trả hoặc phiếu nhập tạo ra; hãy hủy từ chứng từ đó (isVoidPayment)", v.Code)
	}
	l.NamePartner(v.PartnerType.Or(""), v.PartnerID.Or(0), PartnerFacts{v.PartnerName, v.ContactNumber, v.Address, v.WardName, v.LocationName})
	if v.CashGroup.Has() {
		l.NameGroup(v.CashFlowGroupID.Or(0), v.CashGroup.Value)
	}
	if _, err := l.Void(v.ID); err != nil {
		return v, err
	}
	v.Status, v.StatusValue = taphoa.PaymentVoided, taphoa.PaymentStatusValue(taphoa.PaymentVoided)
	return v, nil
}

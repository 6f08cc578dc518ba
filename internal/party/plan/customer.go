package plan

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/text"
)

// groupsMax is the largest number of groups of a customer in one request.
const groupsMax = 100

// CustomerRow is a row of customers.
type CustomerRow struct {
	ID                   int64
	Code                 string
	CodeKey              string
	Name                 string
	Search               string
	Type                 int64 // taphoa.CustomerPerson or taphoa.CustomerCompany
	Gender               taphoa.Opt[bool]
	BirthDate            taphoa.Opt[taphoa.Time]
	Birthday             int64 // month * 100 + day; 0 without a birth date
	ContactNumber        taphoa.Opt[string]
	PhoneKey             string
	KeyScope             int64 // where the contact number is unique: in a branch, or 0 for the shop
	SubNumber            taphoa.Opt[string]
	IdentificationNumber taphoa.Opt[string]
	Address              taphoa.Opt[string]
	LocationName         taphoa.Opt[string]
	WardName             taphoa.Opt[string]
	Email                taphoa.Opt[string]
	Organization         taphoa.Opt[string]
	Comments             taphoa.Opt[string]
	TaxCode              taphoa.Opt[string]
	PaymentDays          taphoa.Opt[int64] // in how many days invoices are due
	BranchID             taphoa.Opt[int64]
	PsidFacebook         taphoa.Opt[int64]
	IsActive             bool
	CreatedBy            taphoa.Opt[string] // name of the user
	TotalInvoiced        taphoa.Money
	TotalRevenue         taphoa.Money
	TotalPoint           int64
	RewardPoint          int64
	DebtLimit            taphoa.Opt[taphoa.Money] // up to what the customer may owe
	DebtLimitPolicy      taphoa.Opt[string]       // none without a limit
	CreatedDate          taphoa.Time
	ModifiedDate         taphoa.Opt[taphoa.Time]
	ChangedAt            taphoa.Time
}

// Ref returns the members that documents need of the customer, with the given groups.
func (r *CustomerRow) Ref(groups []int64) CustomerRef {
	return CustomerRef{
		ID: r.ID, Code: r.Code, Name: r.Name, ContactNumber: r.ContactNumber, Address: r.Address,
		WardName: r.WardName, LocationName: r.LocationName, BranchID: r.BranchID.Or(0), Groups: groups,
		DebtLimit: r.DebtLimit, DebtLimitPolicy: r.DebtLimitPolicy,
	}
}

// Data returns the data of the event customer.update.
func (r *CustomerRow) Data() taphoa.CustomerData {
	return taphoa.CustomerData{
		ID: r.ID, Code: r.Code, Name: r.Name, Gender: r.Gender, BirthDate: taphoa.Stamped(r.BirthDate),
		ContactNumber: r.ContactNumber, Address: r.Address, LocationName: r.LocationName, WardName: r.WardName,
		Email: r.Email, ModifiedDate: taphoa.Stamp(r.ModifiedDate.Or(r.CreatedDate)), Type: taphoa.Some(r.Type),
		Organization: r.Organization, TaxCode: r.TaxCode, Comments: r.Comments,
	}
}

// apply changes the members that are present. Blank texts are no texts.
func (r *CustomerRow) apply(in *taphoa.CustomerInput) {
	if name := strings.TrimSpace(in.Name.Or("")); name != "" {
		r.Name = name
	}
	if code := text.Clean(in.Code.Or("")); code != "" {
		r.Code = code
	}
	if in.Gender.Given() {
		r.Gender = in.Gender
	}
	if in.BirthDate.Given() {
		r.BirthDate = in.BirthDate
	}
	if in.PsidFacebook.Given() {
		r.PsidFacebook = in.PsidFacebook
	}
	if in.PaymentDays.Given() {
		r.PaymentDays = in.PaymentDays
	}
	for _, member := range []struct {
		to    *taphoa.Opt[string]
		given taphoa.Opt[string]
	}{
		{&r.ContactNumber, in.ContactNumber},
		{&r.SubNumber, in.SubNumber},
		{&r.IdentificationNumber, in.IdentificationNumber},
		{&r.Address, in.Address},
		{&r.LocationName, in.LocationName},
		{&r.WardName, in.WardName},
		{&r.Email, in.Email},
		{&r.Organization, in.Organization},
		{&r.Comments, in.Comments},
		{&r.TaxCode, in.TaxCode},
	} {
		if member.given.Given() {
			*member.to = NotBlank(member.given)
		}
	}
	r.Derive()
}

// limitDebt sets up to what the customer may owe, and what happens beyond it. It refuses a policy without a limit, and who does not see
// what customers owe.
func (r *CustomerRow) limitDebt(ctx *plan.Context, in *taphoa.CustomerInput) error {
	if (in.DebtLimit.Given() || in.DebtLimitPolicy.Given()) && !ctx.Actor.Held.Somewhere().Has(right.SeeDebts) {
		return right.LackField(right.SeeDebts, 0, "debtLimit", "Không thể đặt hạn mức nợ (debtLimit)")
	}
	if in.DebtLimit.Given() {
		r.DebtLimit = in.DebtLimit
	}
	if in.DebtLimitPolicy.Given() {
		r.DebtLimitPolicy = in.DebtLimitPolicy
	}
	switch {
	case r.DebtLimit.Has() && !r.DebtLimitPolicy.Has():
		r.DebtLimitPolicy = taphoa.Some(taphoa.DebtLimitRefuse)
	case !r.DebtLimit.Has() && in.DebtLimitPolicy.Has():
		return taphoa.Refuse(taphoa.CodeCustomer, "debtLimitPolicy",
			"Khách hàng chưa có hạn mức nợ: gửi debtLimit cùng với debtLimitPolicy")
	case !r.DebtLimit.Has():
		r.DebtLimit, r.DebtLimitPolicy = taphoa.Opt[taphoa.Money]{}, taphoa.Opt[string]{}
	}
	return nil
}

// Derive sets the columns that follow from others.
// Derive sets what follows from other members: keys, the search text, the type, the birthday.
func (r *CustomerRow) Derive() {
	r.CodeKey, r.Search, r.PhoneKey = text.CodeKey(r.Code), text.Fold(r.Name), text.PhoneKey(r.ContactNumber.Or(""))
	r.Type = taphoa.CustomerPerson
	if r.Organization.Has() {
		r.Type = taphoa.CustomerCompany
	}
	r.Birthday = 0
	if r.BirthDate.Has() {
		born := r.BirthDate.Value.Std()
		r.Birthday = int64(born.Month())*100 + int64(born.Day())
	}
}

// NotBlank returns an optional text, null for a blank one.
func NotBlank(member taphoa.Opt[string]) taphoa.Opt[string] {
	if strings.TrimSpace(member.Or("")) == "" {
		return taphoa.Null[string]()
	}
	return member
}

// NewCustomer returns the row of a new customer, with a code from the sequence KH if the input has none. Refused with
// taphoa.CodeCustomer, in this order, are: a blank name, an unknown branch, a code or a contact number that is in use,
// and an unknown group.
func NewCustomer(ctx *plan.Context, f *CustomerFacts, in *taphoa.CustomerInput) (*CustomerRow, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	if !f.Branch.Has() {
		id := in.BranchID.Or(0)
		return nil, taphoa.Refuse(taphoa.CodeCustomer, "branchId", "Chi nhánh %d (branchId) không tồn tại", id)
	}
	r := &CustomerRow{BranchID: f.Branch, IsActive: true, CreatedBy: f.UserName, CreatedDate: ctx.Now, ChangedAt: ctx.Now}
	r.apply(in)
	if err := r.limitDebt(ctx, in); err != nil {
		return nil, err
	}
	if err := r.checkKeys(f, &CustomerRow{}); err != nil {
		return nil, err
	}
	r.ID = ctx.ID("customers")
	if err := checkGroups(f, in.GroupIDs.Value); err != nil {
		return nil, err
	}
	if r.Code == "" {
		r.Code = ctx.Code("KH")
		r.CodeKey = text.CodeKey(r.Code)
	}
	return r, nil
}

// ChangeCustomer returns what a stored customer becomes by an input, with the refusals of [NewCustomer]. The branch
// stays.
func ChangeCustomer(ctx *plan.Context, f *CustomerFacts, stored *CustomerRow, in *taphoa.CustomerInput) (*CustomerRow, error) {
	r := *stored
	r.apply(in)
	if err := r.limitDebt(ctx, in); err != nil {
		return nil, err
	}
	if err := r.checkKeys(f, stored); err != nil {
		return nil, err
	}
	if err := checkGroups(f, in.GroupIDs.Value); err != nil {
		return nil, err
	}
	r.ModifiedDate, r.ChangedAt = taphoa.Some(ctx.Now), ctx.Now
	return &r, nil
}

// checkKeys refuses a code or a contact number that is new to this customer and in use by another. It sets where the
// number is unique; an unchanged number keeps its scope, so that after a change of the setting no old number is refused.
func (r *CustomerRow) checkKeys(f *CustomerFacts, before *CustomerRow) error {
	if r.CodeKey != before.CodeKey && f.ByCode.Has() && f.ByCode.Value.ID != r.ID {
		return taphoa.Refuse(taphoa.CodeCustomer, "code",
			"Mã khách hàng %s (code) đã tồn tại, hãy dùng mã khác hoặc để trống để được cấp mã", r.Code)
	}
	if r.PhoneKey == before.PhoneKey {
		return nil
	}
	r.KeyScope = 0
	if f.KeptByBranch {
		r.KeyScope = r.BranchID.Or(0)
	}
	if holder, used := f.byNumber(r.ID, r.BranchID.Or(0)); used {
		return taphoa.Refuse(taphoa.CodeCustomer, "contactNumber",
			"Số điện thoại %s (contactNumber) đã tồn tại ở khách hàng %s, hãy dùng số khác hoặc cập nhật khách hàng đó",
			r.ContactNumber.Value, holder.Code)
	}
	return nil
}

// checkGroups refuses too many groups, and one that does not exist.
func checkGroups(f *CustomerFacts, ids []int64) error {
	ids = SortedIDs(ids)
	if len(ids) > groupsMax {
		return taphoa.Refuse(taphoa.CodeCustomer, "groupIds",
			"Danh sách nhóm khách hàng (groupIds) chỉ được có tối đa %d nhóm", groupsMax)
	}
	for _, id := range ids {
		if !slices.Contains(f.KnownGroups, id) {
			return taphoa.Refuse(taphoa.CodeCustomer, "groupIds", "Nhóm khách hàng %d (groupIds) không tồn tại", id)
		}
	}
	return nil
}

// SortedIDs returns ids in order, each once.
func SortedIDs(ids []int64) []int64 {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

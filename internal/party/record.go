package party

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

// record is a row of customers: what is shown and what it is found by.
type record struct {
	taphoa.Customer
	CodeKey  string
	Search   string
	Birthday int64 // month * 100 + day; 0 without a birth date
	PhoneKey string
	KeyScope int64 // where the contact number is unique: in a branch, or 0 for the shop
}

// apply changes the members that are present. Blank texts are no texts.
func (r *record) apply(in *taphoa.CustomerInput) {
	if name := strings.TrimSpace(in.Name.Or("")); name != "" {
		r.Name = name
	}
	if code := strings.TrimSpace(in.Code.Or("")); code != "" {
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
	for _, text := range []struct {
		to   *taphoa.Opt[string]
		from taphoa.Opt[string]
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
		if text.from.Given() {
			*text.to = notBlank(text.from)
		}
	}
	r.derive()
}

// derive works out what follows from the members that are shown.
func (r *record) derive() {
	r.CodeKey, r.Search, r.PhoneKey = text.CodeKey(r.Code), text.Fold(r.Name), PhoneKey(r.ContactNumber.Or(""))
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

func notBlank(text taphoa.Opt[string]) taphoa.Opt[string] {
	if strings.TrimSpace(text.Or("")) == "" {
		return taphoa.Null[string]()
	}
	return text
}

// create stores a new customer. The code comes last, because its sequence stays locked until the commit.
func create(tx *db.Tx, in *taphoa.CustomerInput, shop *org.Settings) (*record, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	branch, err := homeBranch(tx, taphoa.CodeCustomer, in.BranchID.Or(0))
	if err != nil {
		return nil, err
	}
	r := &record{}
	r.BranchID = taphoa.Some(branch)
	r.apply(in)
	if err := r.checkKeys(tx, &record{}, shop); err != nil {
		return nil, err
	}
	if r.ID, err = tx.NewID("customers"); err != nil {
		return nil, err
	}
	if err := setGroups(tx, r.ID, in.GroupIDs); err != nil {
		return nil, err
	}
	if r.Code == "" {
		if r.Code, err = org.NextCode(tx, "KH", "customers", "AND deleted_at = 0"); err != nil {
			return nil, err
		}
		r.CodeKey = text.CodeKey(r.Code)
	}
	tx.Queue(`
		INSERT INTO customers (retailer_id, id, code, code_key, name, search, type, gender, birth_date, birthday,
			contact_number, phone_key, key_scope, sub_number, identification_number, address, location_name, ward_name, email,
			organization, comments, tax_code, branch_id, psid_facebook, is_active, created_by, created_date, changed_at)
		VALUES (:retailer, :id, :code, :code_key, :name, :search, :type, :gender, :birth_date, :birthday,
			:contact_number, :phone_key, :key_scope, :sub_number, :identification_number, :address, :location_name, :ward_name, :email,
			:organization, :comments, :tax_code, :branch_id, :psid_facebook, TRUE,
			(SELECT u.given_name FROM users u WHERE u.retailer_id = :retailer AND u.id = ?), :now, :now)`, r, tx.User)
	tx.Count("customers", 1, r.ID)
	customerUpdated.Emit(tx, r.ID)
	return r, nil
}

// homeBranch is the branch that a new customer or supplier belongs to: the given one, or the shop's first. A refusal has
// the code of the noun.
func homeBranch(tx *db.Tx, code string, id int64) (int64, error) {
	branches, err := db.All[int64](tx, `
		SELECT id FROM branches WHERE retailer_id = :retailer AND deleted_at = 0 AND id >= ? ORDER BY id LIMIT 1`, max(id, 0))
	if err == nil && (len(branches) == 0 || id != 0 && branches[0] != id) {
		err = taphoa.Refuse(code, "branchId", "Chi nhánh %d (branchId) không tồn tại", id)
	}
	if err != nil {
		return 0, err
	}
	return branches[0], nil
}

// update changes a customer. The row is locked while its new members are put together.
func update(tx *db.Tx, in *taphoa.CustomerUpdate, shop *org.Settings) error {
	if err := in.Validate(); err != nil {
		return err
	}
	r, found, err := db.One[record](tx, `
		SELECT `+customerColumns+socialColumns+`, c.code_key, c.phone_key, c.key_scope FROM customers c
		WHERE c.retailer_id = :retailer AND c.id = ? AND c.deleted_at = 0 :lock`, in.ID)
	if err == nil && !found {
		err = unknownCustomer()
	}
	if err != nil {
		return err
	}
	before := r
	r.apply(&in.CustomerInput)
	if err := r.checkKeys(tx, &before, shop); err != nil {
		return err
	}
	if err := setGroups(tx, r.ID, in.GroupIDs); err != nil {
		return err
	}
	_, err = tx.Exec(`
		UPDATE customers SET code = :code, code_key = :code_key, name = :name, search = :search, type = :type,
			gender = :gender, birth_date = :birth_date, birthday = :birthday, contact_number = :contact_number,
			phone_key = :phone_key, key_scope = :key_scope, sub_number = :sub_number,
			identification_number = :identification_number, address = :address, location_name = :location_name,
			ward_name = :ward_name, email = :email, organization = :organization, comments = :comments, tax_code = :tax_code,
			psid_facebook = :psid_facebook, modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = :id`, &r)
	customerUpdated.Emit(tx, r.ID)
	return err
}

// checkKeys refuses a code or a contact number that is new to this customer and in use by another. It settles where the
// number is unique; a number that stays keeps its scope, so that a change of the setting refuses nobody's old number.
func (r *record) checkKeys(tx *db.Tx, before *record, shop *org.Settings) error {
	if r.CodeKey != before.CodeKey {
		_, taken, err := another(tx, r.ID, "code_key = ?", r.CodeKey)
		if taken {
			err = taphoa.Refuse(taphoa.CodeCustomer, "code",
				"Mã khách hàng %s (code) đã tồn tại, hãy dùng mã khác hoặc để trống để được cấp mã", r.Code)
		}
		if err != nil {
			return err
		}
	}
	if r.PhoneKey == before.PhoneKey {
		return nil
	}
	r.KeyScope = 0
	if shop.ManagerCustomerByBranch {
		r.KeyScope = r.BranchID.Or(0)
	}
	if r.PhoneKey == "" {
		return nil
	}
	condition, args := sameNumber(r.PhoneKey, r.BranchID.Or(0), shop)
	holder, taken, err := another(tx, r.ID, condition, args...)
	if taken {
		err = taphoa.Refuse(taphoa.CodeCustomer, "contactNumber",
			"Số điện thoại %s (contactNumber) đã tồn tại ở khách hàng %s, hãy dùng số khác hoặc cập nhật khách hàng đó",
			r.ContactNumber.Value, holder.Code)
	}
	return err
}

// sameNumber is the condition for customers who would clash with a contact number in a branch. It asks for the branch
// and not for the scope, which is that of the time when the number was written. The index of numbers leaves out the empty
// one, and is used only by a statement that says that it is not asked for.
func sameNumber(phoneKey string, branchID int64, shop *org.Settings) (condition string, args []any) {
	if shop.ManagerCustomerByBranch {
		return "phone_key = ? AND phone_key <> '' AND branch_id = ?", []any{phoneKey, branchID}
	}
	return "phone_key = ? AND phone_key <> ''", []any{phoneKey}
}

// another finds a customer that a condition holds for, other than the one with this id.
func another(tx *db.Tx, id int64, condition string, args ...any) (CustomerRef, bool, error) {
	return db.One[CustomerRef](tx, `
		SELECT id, code, name FROM customers
		WHERE retailer_id = :retailer AND deleted_at = 0 AND id <> ? AND `+condition+` ORDER BY id LIMIT 1`,
		append([]any{id}, args...)...)
}

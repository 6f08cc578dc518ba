package party

import (
	"strconv"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/text"
)

const (
	supplierColumns = `s.id, s.code, s.name, s.contact_number, s.email, s.address, s.location_name, s.ward_name,
		s.organization, s.tax_code, s.comments, s.payment_days, s.is_active, s.modified_date, s.created_date, s.retailer_id, s.branch_id,
		s.created_by`
	supplierTotals = `, s.total_invoiced, s.total_invoiced_without_return`
	// A balance is what the partner owes; a supplier's debt is what the shop owes.
	supplierDebt     = `, -COALESCE(d.balance, 0) AS debt`
	supplierDebtJoin = `LEFT JOIN cash_balances d ON d.retailer_id = :retailer AND d.account_type = 'S' AND d.account_id = s.id`
	supplierDebtSort = `COALESCE((SELECT -o.balance FROM cash_balances o
		WHERE o.retailer_id = :retailer AND o.account_type = 'S' AND o.account_id = s.id), 0)`
)

var supplierOrders = db.Orders{
	"code": db.Text("s.code_key"), "name": db.Text("s.search"), "contactnumber": db.Text("s.phone_key"), "email": db.Text("s.email").OrNull(),
	"address": db.Long("s.address"), "locationname": db.Text("s.location_name").OrNull(), "wardname": db.Text("s.ward_name").OrNull(),
	"organization": db.Text("s.organization").OrNull(), "taxcode": db.Text("s.tax_code").OrNull(), "comments": db.Long("s.comments"),
	"paymentdays": db.Number("s.payment_days").OrNull(),
	"isactive":    db.Flag("s.is_active"), "branchid": db.Number("s.branch_id").OrNull(), "createdby": db.Text("s.created_by").OrNull(),
	"createddate": db.Number("s.created_date"), "modifieddate": db.Number("s.changed_at"), "debt": db.Number(supplierDebtSort),
	"totalinvoiced": db.Number("s.total_invoiced"), "totalinvoicedwithoutreturn": db.Number("s.total_invoiced_without_return"),
	"groups": db.Text(`(SELECT string_agg(g.name, ',' ORDER BY g.name_key, g.id) FROM supplier_group_members m
		JOIN supplier_groups g ON g.retailer_id = :retailer AND g.id = m.group_id
		WHERE m.retailer_id = :retailer AND m.supplier_id = s.id)`).OrNull(),
}

// ListSuppliers lists the shop's suppliers (contract suppliers, listSuppliers).
func ListSuppliers(tx *db.Tx, in *taphoa.SupplierQuery) (taphoa.Page[taphoa.Supplier], error) {
	list := db.List{
		Table: "suppliers s", Live: "s.deleted_at = 0", Columns: supplierColumns, Joins: supplierDebtJoin,
		Orders: supplierOrders,
	}
	if in.IncludeTotal {
		list.Columns += supplierTotals
	}
	list.Columns += supplierDebt
	if err := filterSuppliers(tx, &list, in); err != nil {
		return taphoa.Page[taphoa.Supplier]{}, err
	}
	page, err := db.ListPage[taphoa.Supplier](tx, &list, in.Paging)
	if err == nil && in.IncludeSupplierGroup {
		err = fillSupplierGroups(tx, page.Data)
	}
	if err == nil && in.IncludeRemoveIDs {
		page.RemovedIDs, err = db.Removed(tx, "suppliers", in.LastModifiedFrom, in.Paging)
		page.RemovedID = page.RemovedIDs
	}
	return page, err
}

func filterSuppliers(tx *db.Tx, list *db.List, in *taphoa.SupplierQuery) error {
	list.If(in.LastModifiedFrom.Has(), "s.changed_at >= ?", in.LastModifiedFrom.Value).
		If(in.IsActive.Has(), "s.is_active = ?", in.IsActive.Value).
		If(in.GroupID != 0, `s.id IN (
			SELECT m.supplier_id FROM supplier_group_members m WHERE m.retailer_id = :retailer AND m.group_id = ?)`, in.GroupID)
	if name := strings.TrimSpace(in.Name); name != "" {
		list.Where(`s.search LIKE ? ESCAPE '\'`, db.Contains(name))
	}
	return filterKeys(tx, list, in.Code, in.ContactNumber)
}

// GetSupplier returns one supplier by what its path names: digits are an id, or else a code (contract suppliers,
// getSupplierById and getSupplierByCode).
func GetSupplier(tx *db.Tx, in *taphoa.SupplierKey) (taphoa.SupplierDetail, error) {
	if id, err := strconv.ParseInt(in.Key, 10, 64); err == nil {
		if s, found, err := findSupplier(tx, "s.id = ?", id); err != nil || found {
			return s, err
		}
	}
	return GetSupplierByCode(tx, &taphoa.ByCode{Code: in.Key})
}

// GetSupplierByCode returns one supplier, or refuses an unknown one (contract suppliers, getSupplierByCode).
func GetSupplierByCode(tx *db.Tx, in *taphoa.ByCode) (taphoa.SupplierDetail, error) {
	s, found, err := findSupplier(tx, "s.code_key = ?", text.CodeKey(in.Code))
	if err == nil && !found {
		err = unknownSupplier()
	}
	return s, err
}

func findSupplier(tx *db.Tx, condition string, arg any) (taphoa.SupplierDetail, bool, error) {
	found, err := db.All[taphoa.Supplier](tx, `
		SELECT `+supplierColumns+supplierTotals+supplierDebt+` FROM suppliers s `+supplierDebtJoin+`
		WHERE s.retailer_id = :retailer AND s.deleted_at = 0 AND `+condition+` ORDER BY s.id`, arg)
	if err != nil || len(found) == 0 {
		return taphoa.SupplierDetail{}, false, err
	}
	err = fillSupplierGroups(tx, found)
	return taphoa.SupplierDetail{Supplier: found[0], Data: found[0]}, true, err
}

func unknownSupplier() error {
	return taphoa.NotFound(taphoa.CodeValidate, "Nhà cung cấp không tồn tại hoặc đã bị xóa")
}

// CreateSupplier adds a supplier. It refuses a blank name, an unknown branch or group, and a code that is in use.
func CreateSupplier(tx *db.Tx, in *taphoa.SupplierInput) (taphoa.SupplierDetail, error) {
	ref, err := createSupplier(tx, in)
	if err != nil {
		return taphoa.SupplierDetail{}, err
	}
	s, _, err := findSupplier(tx, "s.id = ?", ref.ID)
	return s, err
}

// supplierRow is a row of suppliers: what is shown and what it is found by.
type supplierRow struct {
	taphoa.Supplier
	CodeKey, Search, PhoneKey string
}

// apply changes the members that are present. Blank texts are no texts.
func (r *supplierRow) apply(in *taphoa.SupplierInput) {
	if name := strings.TrimSpace(in.Name.Or("")); name != "" {
		r.Name = name
	}
	if code := text.Clean(in.Code.Or("")); code != "" {
		r.Code = code
	}
	r.IsActive = in.IsActive.Or(r.IsActive)
	if in.PaymentDays.Given() {
		r.PaymentDays = in.PaymentDays
	}
	for _, text := range []struct {
		to   *taphoa.Opt[string]
		from taphoa.Opt[string]
	}{
		{&r.ContactNumber, in.ContactNumber},
		{&r.Email, in.Email},
		{&r.Address, in.Address},
		{&r.LocationName, in.LocationName},
		{&r.WardName, in.WardName},
		{&r.Organization, in.Organization},
		{&r.TaxCode, in.TaxCode},
		{&r.Comments, in.Comments},
	} {
		if text.from.Given() {
			*text.to = plan.NotBlank(text.from)
		}
	}
	r.CodeKey, r.Search, r.PhoneKey = text.CodeKey(r.Code), text.Fold(r.Name), text.PhoneKey(r.ContactNumber.Or(""))
}

// createSupplier stores a new supplier.
func createSupplier(tx *db.Tx, in *taphoa.SupplierInput) (SupplierRef, error) {
	if err := in.Validate(); err != nil {
		return SupplierRef{}, err
	}
	branch, err := homeBranch(tx, in.BranchID.Or(0))
	if err != nil {
		return SupplierRef{}, err
	}
	if !branch.Has() {
		id := in.BranchID.Or(0)
		return SupplierRef{}, taphoa.Refuse(taphoa.CodeValidate, "branchId", "Chi nhánh %d (branchId) không tồn tại", id)
	}
	r := &supplierRow{Supplier: taphoa.Supplier{IsActive: true, BranchID: branch}}
	r.apply(in)
	if err := r.refuseUsedCode(tx, ""); err != nil {
		return SupplierRef{}, err
	}
	if r.ID, err = tx.NewID("suppliers"); err != nil {
		return SupplierRef{}, err
	}
	if err := setSupplierGroups(tx, r.ID, in.GroupIDs); err != nil {
		return SupplierRef{}, err
	}
	if r.Code == "" {
		if r.Code, err = org.NextCode(tx, "NCC", "suppliers", "AND deleted_at = 0"); err != nil {
			return SupplierRef{}, err
		}
		r.CodeKey = text.CodeKey(r.Code)
	}
	tx.Queue(`
		INSERT INTO suppliers (retailer_id, id, code, code_key, name, search, contact_number, phone_key, email, address,
			location_name, ward_name, organization, tax_code, comments, payment_days, branch_id, is_active, created_by, created_date, changed_at)
		VALUES (:retailer, :id, :code, :code_key, :name, :search, :contact_number, :phone_key, :email, :address,
			:location_name, :ward_name, :organization, :tax_code, :comments, :payment_days, :branch_id, :is_active,
			(SELECT u.given_name FROM users u WHERE u.retailer_id = :retailer AND u.id = ?), :now, :now)`, r, tx.User)
	tx.Count("suppliers", 1, r.ID)
	supplierUpdated.Emit(tx, r.ID)
	return SupplierRef{r.ID, r.Code, r.Name}, nil
}

// refuseUsedCode refuses a code that is new to this supplier and in use by another.
func (r *supplierRow) refuseUsedCode(tx *db.Tx, before string) error {
	if r.CodeKey == before {
		return nil
	}
	_, used, err := anotherSupplier(tx, r.ID, "code_key = ?", r.CodeKey)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "code",
			"Mã nhà cung cấp %s (code) đã tồn tại, hãy dùng mã khác hoặc để trống để được cấp mã", r.Code)
	}
	return err
}

// anotherSupplier finds a supplier by a condition, other than the one with this id.
func anotherSupplier(tx *db.Tx, id int64, condition string, args ...any) (SupplierRef, bool, error) {
	return db.One[SupplierRef](tx, `
		SELECT id, code, name FROM suppliers
		WHERE retailer_id = :retailer AND deleted_at = 0 AND id <> ? AND `+condition+` ORDER BY id LIMIT 1`,
		append([]any{id}, args...)...)
}

// UpdateSupplier changes the members of a supplier that are present, with the refusals of [CreateSupplier].
func UpdateSupplier(tx *db.Tx, in *taphoa.SupplierUpdate) (taphoa.SupplierDetail, error) {
	if err := in.Validate(); err != nil {
		return taphoa.SupplierDetail{}, err
	}
	r, found, err := db.One[supplierRow](tx, `
		SELECT `+supplierColumns+`, s.code_key, s.search, s.phone_key FROM suppliers s
		WHERE s.retailer_id = :retailer AND s.id = ? AND s.deleted_at = 0 :lock`, in.ID)
	if err == nil && !found {
		err = unknownSupplier()
	}
	if err != nil {
		return taphoa.SupplierDetail{}, err
	}
	before := r
	r.apply(&in.SupplierInput)
	if err := r.refuseUsedCode(tx, before.CodeKey); err != nil {
		return taphoa.SupplierDetail{}, err
	}
	if err := setSupplierGroups(tx, r.ID, in.GroupIDs); err != nil {
		return taphoa.SupplierDetail{}, err
	}
	if in.GroupIDs.Given() || !db.Unchanged(&before, &r) {
		tx.Queue(`
			UPDATE suppliers SET code = :code, code_key = :code_key, name = :name, search = :search,
				contact_number = :contact_number, phone_key = :phone_key, email = :email, address = :address,
				location_name = :location_name, ward_name = :ward_name, organization = :organization, tax_code = :tax_code,
				comments = :comments, payment_days = :payment_days, is_active = :is_active, modified_date = :now, changed_at = :now
			WHERE retailer_id = :retailer AND id = :id`, &r)
		supplierUpdated.Emit(tx, r.ID)
	}
	s, _, err := findSupplier(tx, "s.id = ?", r.ID)
	return s, err
}

// DeleteSupplier removes a supplier from lists and groups. Purchase orders keep its id; its code can be used again. It refuses
// one with a debt, on either side, or with an order or a purchase that is not finished.
func DeleteSupplier(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	if err := supplierDeletable(tx, in.ID); err != nil {
		return taphoa.Message{}, err
	}
	tx.Queue(`
		UPDATE suppliers SET deleted_at = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, in.ID)
	tx.Queue(`DELETE FROM supplier_group_members WHERE retailer_id = :retailer AND supplier_id = ?`, in.ID)
	tx.Count("suppliers", -1, in.ID)
	supplierDeleted.Emit(tx, in.ID)
	return taphoa.Message{Message: taphoa.MessageDeleted}, nil
}

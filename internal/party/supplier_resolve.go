package party

import (
	"cmp"
	"errors"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/text"
)

// SupplierRef has the members of a supplier that documents store.
type SupplierRef struct {
	ID         int64
	Code, Name string
}

// ResolveSupplier returns the supplier of a document, none for an unnamed one (contract purchaseorders, rules). The
// supplier is the one with the id, in the object or beside it; else with the code; else with the contact number and the
// name, or with the one of the two that is given when there is no code; else a new one, created from the object, in the
// document's branch. An unknown id is refused. A known supplier is not changed.
//
// The name of a new supplier defaults to its contact number, or else its code.
func ResolveSupplier(tx *db.Tx, in *taphoa.DocumentSupplier, supplierID taphoa.Opt[int64], branchID int64) (taphoa.Opt[SupplierRef], error) {
	none := taphoa.Opt[SupplierRef]{}
	id, field := supplierID.Or(0), "supplierId"
	if in != nil && in.ID.Or(0) != 0 {
		id, field = in.ID.Value, "supplier.id"
	}
	if id != 0 {
		ref, found, err := anotherSupplier(tx, 0, "id = ?", id)
		if err == nil && !found {
			err = taphoa.Refuse(taphoa.CodeValidate, field, "Nhà cung cấp %d (%s) không tồn tại hoặc đã bị xóa", id, field)
		}
		return taphoa.Some(ref), err
	}
	if in == nil {
		return none, nil
	}
	code, number := text.Clean(in.Code.Or("")), strings.TrimSpace(in.ContactNumber.Or(""))
	name := strings.TrimSpace(in.Name.Or(""))
	if code == "" && number == "" && name == "" {
		return none, nil
	}
	if ref, found, err := findNamedSupplier(tx, code, number, name); err != nil || found {
		return taphoa.Some(ref), err
	}
	if !tx.Actor().Held.At(branchID).Has(right.ChangeSuppliers) {
		return none, right.LackField(right.ChangeSuppliers, branchID, "supplier", "Nhà cung cấp %s (supplier) chưa có trong danh sách", cmp.Or(name, number, code))
	}
	ref, err := createSupplier(tx, &taphoa.SupplierInput{
		Code: in.Code, Name: taphoa.Some(cmp.Or(name, number, code)), ContactNumber: in.ContactNumber, Address: in.Address,
		Email: in.Email, Comments: in.Comment, BranchID: taphoa.Some(branchID),
	})
	if refusal := (*taphoa.Error)(nil); errors.As(err, &refusal) { // perhaps another document has just created the supplier
		if ref, found, _ := findNamedSupplier(tx, code, number, name); found {
			return taphoa.Some(ref), nil
		}
	}
	if err != nil {
		return none, err
	}
	return taphoa.Some(ref), nil
}

func findNamedSupplier(tx *db.Tx, code, number, name string) (ref SupplierRef, found bool, err error) {
	if code != "" {
		if ref, found, err = anotherSupplier(tx, 0, "code_key = ?", text.CodeKey(code)); err != nil || found {
			return ref, found, err
		}
	}
	phone, search := text.PhoneKey(number), text.Fold(name)
	switch {
	case phone != "" && search != "":
		return anotherSupplier(tx, 0, "phone_key = ? AND search = ?", phone, search)
	case code != "": // one of the two is not enough to find a supplier with another code
		return ref, false, nil
	case phone != "":
		return anotherSupplier(tx, 0, "phone_key = ?", phone)
	case search != "" && number == "":
		return anotherSupplier(tx, 0, "search = ?", search)
	}
	return ref, false, nil
}

// SupplierTotals are changes of what was bought from a supplier; negative when a purchase is reversed.
type SupplierTotals struct {
	Invoiced      taphoa.Money // bought
	WithoutReturn taphoa.Money // bought minus returned
}

// AddSupplierTotals adds to the totals of a supplier, without a change of modification time. It does nothing for an unknown
// supplier.
func AddSupplierTotals(tx *db.Tx, supplierID int64, t SupplierTotals) {
	tx.Queue(`
		UPDATE suppliers SET total_invoiced = total_invoiced + ?, total_invoiced_without_return = total_invoiced_without_return + ?
		WHERE retailer_id = :retailer AND id = ?`, t.Invoiced, t.WithoutReturn, supplierID)
}

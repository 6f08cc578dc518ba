package plan

import (
	"cmp"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/right"
)

// CustomerRef is what documents, entries of the cash book, price books and vouchers need of a customer.
type CustomerRef struct {
	ID            int64
	Code, Name    string
	ContactNumber taphoa.Opt[string]
	Address       taphoa.Opt[string]
	WardName      taphoa.Opt[string]
	LocationName  taphoa.Opt[string]
	BranchID      int64   // the branch that created the customer; 0 for none
	Groups        []int64 // the groups that the customer is in, in order, if they were asked for

	DebtLimit       taphoa.Opt[taphoa.Money]
	DebtLimitPolicy taphoa.Opt[string]
	DeletedAt       taphoa.Time // 0 while the customer is in use
}

// CustomerFacts is what was asked for to resolve, create or change a customer. Deleted customers are not in it.
type CustomerFacts struct {
	ByID         taphoa.Opt[CustomerRef] // the customer with the id of the request
	ByCode       taphoa.Opt[CustomerRef] // with the code
	ByNumber     []CustomerRef           // with the contact number in any branch, in the order of ids
	KeptByBranch bool                    // the setting ManagerCustomerByBranch
	Branch       taphoa.Opt[int64]       // the branch of a new customer: the named one, or the first one of the shop; none if it is unknown
	UserName     taphoa.Opt[string]      // the given name of the acting user
	KnownGroups  []int64                 // those groups of the request that exist
}

// byNumber returns the first customer, other than the one with the id, that has the contact number in a branch.
// It compares the branch and not the scope, which is that of the time when the number was written.
func (f *CustomerFacts) byNumber(id, branchID int64) (CustomerRef, bool) {
	for _, c := range f.ByNumber {
		if c.ID != id && (!f.KeptByBranch || branchID != 0 && c.BranchID == branchID) {
			return c, true
		}
	}
	return CustomerRef{}, false
}

// Customer is the customer of a document.
type Customer struct {
	Ref taphoa.Opt[CustomerRef] // none for a walk-in
	New *CustomerRow            // to be saved, if the document creates the customer
}

// CustomerKeys is how a document names its customer.
type CustomerKeys struct {
	ID     int64 // 0 for none
	Field  string
	Code   string
	Number string
	Name   string
}

// CustomerKeysOf returns how a document names its customer: by the id in the object or beside it, or else by the texts
// of the object.
func CustomerKeysOf(in *taphoa.DocumentCustomer, customerID taphoa.Opt[int64]) CustomerKeys {
	k := CustomerKeys{ID: customerID.Or(0), Field: "customerId"}
	if in == nil {
		return k
	}
	if in.ID.Or(0) != 0 {
		k.ID, k.Field = in.ID.Value, "customer.id"
	}
	k.Code, k.Number = strings.TrimSpace(in.Code.Or("")), strings.TrimSpace(in.ContactNumber.Or(""))
	k.Name = strings.TrimSpace(in.Name.Or(""))
	return k
}

// WalkIn reports whether the document names no customer.
func (k *CustomerKeys) WalkIn() bool {
	return k.ID == 0 && k.Code == "" && k.Number == "" && k.Name == ""
}

// ResolveCustomer returns the customer of a document, none for a walk-in (contract orders, rules). The customer is the
// one with the id, in the object or beside it; else with the code; else with the contact number; else a new one, created
// from the object, in the document's branch. Known customers are not changed. An unknown id is refused with
// taphoa.CodeCustomer, and so is what [NewCustomer] refuses.
//
// The name of a new customer defaults to its contact number, or else its code.
func ResolveCustomer(
	ctx *plan.Context, f *CustomerFacts, in *taphoa.DocumentCustomer, customerID taphoa.Opt[int64], branchID int64,
) (Customer, error) {
	keys := CustomerKeysOf(in, customerID)
	switch {
	case keys.WalkIn():
		return Customer{}, nil
	case keys.ID != 0 && !f.ByID.Has():
		return Customer{}, taphoa.Refuse(taphoa.CodeCustomer, keys.Field,
			"Khách hàng %d (%s) không tồn tại hoặc đã bị xóa", keys.ID, keys.Field)
	case keys.ID != 0:
		return Customer{Ref: f.ByID}, nil
	case f.ByCode.Has():
		return Customer{Ref: f.ByCode}, nil
	}
	if known, found := f.byNumber(0, branchID); found {
		return Customer{Ref: taphoa.Some(known)}, nil
	}
	if !ctx.Actor.Held.At(branchID).Has(right.ChangeCustomers) {
		return Customer{}, right.LackField(right.ChangeCustomers, branchID, "customer", "Khách hàng %s (customer) chưa có trong danh sách",
			cmp.Or(keys.Name, keys.Number, keys.Code))
	}
	row, err := NewCustomer(ctx, f, &taphoa.CustomerInput{
		Code: in.Code, Name: taphoa.Some(cmp.Or(keys.Name, keys.Number, keys.Code)), Gender: in.Gender, BirthDate: in.BirthDate,
		ContactNumber: in.ContactNumber, Address: in.Address, LocationName: in.LocationName, WardName: in.WardName,
		Email: in.Email, Comments: in.Comment, BranchID: taphoa.Some(branchID),
	})
	if err != nil {
		return Customer{}, err
	}
	return Customer{Ref: taphoa.Some(row.Ref(nil)), New: row}, nil
}

// Totals are changes of what a customer has bought; negative when a sale is reversed.
type Totals struct {
	Invoiced taphoa.Money // sold
	Revenue  taphoa.Money // sold minus returned
	Points   int64        // whole reward points
}

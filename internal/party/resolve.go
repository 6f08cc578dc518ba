package party

import (
	"errors"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

// CustomerRef is what orders and invoices keep of their customer.
type CustomerRef struct {
	ID         int64
	Code, Name string
}

// ResolveCustomer answers the customer of a document, none for a walk-in (contract orders, rules). The customer is the
// one with the id, in the object or beside it; else with the code; else with the contact number; else a new one, made
// from the object, in the document's branch. An unknown id is refused. Who is found is left as it is.
//
// A new customer without a name is called by its contact number, or else its code.
func ResolveCustomer(tx *db.Tx, in *taphoa.DocumentCustomer, customerID taphoa.Opt[int64], branchID int64) (taphoa.Opt[CustomerRef], error) {
	none := taphoa.Opt[CustomerRef]{}
	id, field := customerID.Or(0), "customerId"
	if in != nil && in.ID.Or(0) != 0 {
		id, field = in.ID.Value, "customer.id"
	}
	if id != 0 {
		ref, found, err := another(tx, 0, "id = ?", id)
		if err == nil && !found {
			err = taphoa.Refuse(taphoa.CodeCustomer, field, "Khách hàng %d (%s) không tồn tại hoặc đã bị xóa", id, field)
		}
		return taphoa.Some(ref), err
	}
	if in == nil {
		return none, nil
	}
	code, number := strings.TrimSpace(in.Code.Or("")), strings.TrimSpace(in.ContactNumber.Or(""))
	name := strings.TrimSpace(in.Name.Or(""))
	if code == "" && number == "" && name == "" {
		return none, nil
	}
	shop, err := org.GetSettings(tx)
	if err != nil {
		return none, err
	}
	if ref, found, err := findByCodeOrNumber(tx, code, number, branchID, &shop); err != nil || found {
		return taphoa.Some(ref), err
	}
	if name == "" {
		name = number
	}
	if name == "" {
		name = code
	}
	r, err := create(tx, &taphoa.CustomerInput{
		Code: in.Code, Name: taphoa.Some(name), Gender: in.Gender, BirthDate: in.BirthDate, ContactNumber: in.ContactNumber,
		Address: in.Address, LocationName: in.LocationName, WardName: in.WardName, Email: in.Email, Comments: in.Comment,
		BranchID: taphoa.Some(branchID),
	}, &shop)
	if refusal := (*taphoa.Error)(nil); errors.As(err, &refusal) { // perhaps another order has just made the customer
		if ref, found, _ := findByCodeOrNumber(tx, code, number, branchID, &shop); found {
			return taphoa.Some(ref), nil
		}
	}
	if err != nil {
		return none, err
	}
	return taphoa.Some(CustomerRef{r.ID, r.Code, r.Name}), nil
}

func findByCodeOrNumber(tx *db.Tx, code, number string, branchID int64, shop *org.Settings) (ref CustomerRef, found bool, err error) {
	if code != "" {
		if ref, found, err = another(tx, 0, "code_key = ?", text.CodeKey(code)); err != nil || found {
			return ref, found, err
		}
	}
	if key := PhoneKey(number); key != "" {
		condition, args := sameNumber(key, branchID, shop)
		return another(tx, 0, condition, args...)
	}
	return ref, false, nil
}

// Totals are changes of what a customer has bought; negative when a sale is taken back.
type Totals struct {
	Invoiced taphoa.Money // sold
	Revenue  taphoa.Money // sold minus returned
	Points   int64        // whole reward points
}

// AddTotals adds to what a customer has bought. It says nothing of an unknown customer, and lists by modification time
// do not show the customer again: the sale changed, not who bought.
func AddTotals(tx *db.Tx, customerID int64, t Totals) {
	tx.Queue(`
		UPDATE customers SET total_invoiced = total_invoiced + ?, total_revenue = total_revenue + ?,
			total_point = total_point + ?, reward_point = reward_point + ?
		WHERE retailer_id = :retailer AND id = ?`, t.Invoiced, t.Revenue, t.Points, t.Points, customerID)
}

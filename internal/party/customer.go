package party

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// GetCustomer returns one customer, or refuses an unknown one (contract customers, getCustomerById).
func GetCustomer(tx *db.Tx, in *taphoa.ByID) (taphoa.Customer, error) {
	now, err := cash.CustomersNow(tx, in.ID)
	if err != nil {
		return taphoa.Customer{}, err
	}
	return getCustomer(tx, "c.id = ?", now[0])
}

// GetCustomerByCode returns one customer, or refuses an unknown one (contract customers, getCustomerByCode).
func GetCustomerByCode(tx *db.Tx, in *taphoa.ByCode) (taphoa.Customer, error) {
	key := text.CodeKey(in.Code)
	c, err := getCustomer(tx, "c.code_key = ?", key)
	if refusal := (*taphoa.Error)(nil); errors.As(err, &refusal) {
		if merged, err := cash.MergedCustomers(tx); err != nil || merged.WithCode(key) != 0 {
			return getCustomer(tx, "c.id = ?", merged.WithCode(key))
		}
	}
	return c, err
}

func getCustomer(tx *db.Tx, condition string, arg any) (taphoa.Customer, error) {
	found, err := db.All[taphoa.Customer](tx, `
		SELECT `+customerColumns+totalColumns+socialColumns+debtColumn+` FROM customers c `+debtJoin+`
		WHERE c.retailer_id = :retailer AND c.deleted_at = 0 AND `+condition+` ORDER BY c.id`, arg)
	if err == nil && len(found) == 0 {
		err = unknownCustomer()
	}
	if err != nil {
		return taphoa.Customer{}, err
	}
	err = fillGroups(tx, found)
	if found[0].CustomerGroupDetails == nil {
		found[0].CustomerGroupDetails = []taphoa.CustomerGroupDetail{}
	}
	return found[0], err
}

func unknownCustomer() error {
	return taphoa.NotFound(taphoa.CodeCustomer, "Khách hàng không tồn tại hoặc đã bị xóa")
}

// CreateCustomer adds a customer (contract customers, createCustomer). It refuses a blank name, an unknown branch or
// group, and a code or contact number that is in use.
func CreateCustomer(tx *db.Tx, in *taphoa.CustomerInput) (taphoa.CustomerWritten, error) {
	id, err := createCustomer(tx, in)
	if err != nil {
		return taphoa.CustomerWritten{}, err
	}
	return written(tx, id)
}

// UpdateCustomer changes the members of a customer that are present (contract customers, updateCustomer), with the
// refusals of [CreateCustomer].
func UpdateCustomer(tx *db.Tx, in *taphoa.CustomerUpdate) (taphoa.CustomerWritten, error) {
	id, err := updateCustomer(tx, in)
	if err != nil {
		return taphoa.CustomerWritten{}, err
	}
	return written(tx, id)
}

func written(tx *db.Tx, id int64) (taphoa.CustomerWritten, error) {
	customer, err := getCustomer(tx, "c.id = ?", id)
	return taphoa.CustomerWritten{Customer: customer, Message: taphoa.MessageUpdated, Data: customer}, err
}

// DeleteCustomer removes a customer from lists and groups (contract customers, deleteCustomer). Orders and invoices keep its
// id; its code and contact number are free again. It refuses one with a debt, with an open order, or to whom goods are on
// their way.
func DeleteCustomer(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	if err := customerDeletable(tx, in.ID); err != nil {
		return taphoa.Message{}, err
	}
	tx.Queue(`
		UPDATE customers SET deleted_at = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, in.ID)
	tx.Queue(`DELETE FROM customer_group_members WHERE retailer_id = :retailer AND customer_id = ?`, in.ID)
	tx.Count("customers", -1, in.ID)
	customerDeleted.Emit(tx, in.ID)
	return taphoa.Message{Message: taphoa.MessageDeleted}, nil
}

// BulkAddCustomers adds up to [taphoa.CustomerBulkMax] customers, all or none; a refusal names the first bad one
// (contract customers, bulkAddCustomers).
func BulkAddCustomers(tx *db.Tx, in *taphoa.CustomerBulkAdd) (taphoa.Message, error) {
	if err := bulk(len(in.ListCustomers)); err != nil {
		return taphoa.Message{}, err
	}
	for i := range in.ListCustomers {
		if _, err := createCustomer(tx, &in.ListCustomers[i]); err != nil {
			return taphoa.Message{}, inElement(i, err)
		}
	}
	return taphoa.Message{Message: taphoa.MessageCustomersAdded}, nil
}

// BulkUpdateCustomers changes up to [taphoa.CustomerBulkMax] customers, all or none; a refusal names the first bad one
// (contract customers, bulkUpdateCustomers).
func BulkUpdateCustomers(tx *db.Tx, in *taphoa.CustomerBulkUpdate) (taphoa.Message, error) {
	if err := bulk(len(in.ListCustomers)); err != nil {
		return taphoa.Message{}, err
	}
	ids := make([]int64, len(in.ListCustomers))
	for i := range ids {
		ids[i] = in.ListCustomers[i].ID
	}
	slices.Sort(ids)
	// Two lists that name the same customers in another order must not wait for each other.
	if _, err := db.All[int64](tx,
		`SELECT id FROM customers WHERE retailer_id = :retailer AND id IN ? ORDER BY id :lock`, ids); err != nil {
		return taphoa.Message{}, err
	}
	for i := range in.ListCustomers {
		if _, err := updateCustomer(tx, &in.ListCustomers[i]); err != nil {
			return taphoa.Message{}, inElement(i, err)
		}
	}
	return taphoa.Message{Message: taphoa.MessageCustomersUpdated}, nil
}

func bulk(count int) error {
	if count == 0 {
		return taphoa.Refuse(taphoa.CodeCustomer, "listCustomers", "Danh sách khách hàng (listCustomers) không được để trống")
	}
	if count > taphoa.CustomerBulkMax {
		return taphoa.Refuse(taphoa.CodeCustomer, "listCustomers",
			"Danh sách khách hàng (listCustomers) có %d phần tử, mỗi lần chỉ được tối đa %d", count, taphoa.CustomerBulkMax)
	}
	return nil
}

// inElement adds to a refusal the element of a bulk list that it is about.
func inElement(i int, err error) error {
	refusal, ok := errors.AsType[*taphoa.Error](err)
	if !ok {
		return err
	}
	return refusal.About(fmt.Sprintf("listCustomers[%d].%s", i, cmp.Or(refusal.Field, "id")), "Khách hàng thứ %d trong danh sách: %s", i+1)
}

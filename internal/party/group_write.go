package party

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// membersMax is the largest number of members in one request.
const membersMax = 1000

// GetCustomerGroup returns one customer group with its members, or refuses an unknown one.
func GetCustomerGroup(tx *db.Tx, in *taphoa.ByID) (taphoa.CustomerGroup, error) {
	group, err := findGroup(tx, in.ID, "")
	if err != nil {
		return group, err
	}
	groups := []taphoa.CustomerGroup{group}
	err = fillMembers(tx, groups)
	return groups[0], err
}

// findGroup reads a group, and locks it when lock is :lock.
func findGroup(tx *db.Tx, id int64, lock string) (taphoa.CustomerGroup, error) {
	group, found, err := db.One[taphoa.CustomerGroup](tx, `
		SELECT `+groupColumns+` FROM customer_groups g WHERE g.retailer_id = :retailer AND g.id = ? AND g.deleted_at = 0 `+lock, id)
	if err == nil && !found {
		err = taphoa.NotFound(taphoa.CodeValidate, "Nhóm khách hàng %d không tồn tại", id)
	}
	return group, err
}

// CreateCustomerGroup adds a customer group. It refuses a name that another group has. The vendor's API has no such
// operation.
func CreateCustomerGroup(tx *db.Tx, in *taphoa.CustomerGroupInput) (taphoa.CustomerGroup, error) {
	group := taphoa.CustomerGroup{
		Name: text.Clean(in.Name), Description: plan.NotBlank(in.Description), Discount: in.Discount, CreatedBy: tx.User,
	}
	if err := in.Validate(); err != nil {
		return group, err
	}
	if err := refuseUsedGroup(tx, &group); err != nil {
		return group, err
	}
	var err error
	if group.ID, err = tx.NewID("customer_groups"); err != nil {
		return group, err
	}
	tx.Queue(`
		INSERT INTO customer_groups (retailer_id, id, name, name_key, description, discount, created_by, created_date)
		VALUES (:retailer, :id, :name, ?, :description, :discount, :created_by, :now)`, &group, text.Fold(group.Name))
	if err := setMembers(tx, group.ID, in.Members); err != nil {
		return group, err
	}
	return GetCustomerGroup(tx, &taphoa.ByID{ID: group.ID})
}

// refuseUsedGroup refuses a group's name that another has.
func refuseUsedGroup(tx *db.Tx, group *taphoa.CustomerGroup) error {
	used, err := org.NameUsed(tx, "customer_groups", text.Fold(group.Name), group.ID)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "name", "Nhóm khách hàng %s đã tồn tại", group.Name)
	}
	return err
}

// UpdateCustomerGroup changes the members of a customer group that are present, with the refusals of
// [CreateCustomerGroup].
func UpdateCustomerGroup(tx *db.Tx, in *taphoa.CustomerGroupUpdate) (taphoa.CustomerGroup, error) {
	if err := in.Validate(); err != nil {
		return taphoa.CustomerGroup{}, err
	}
	group, err := findGroup(tx, in.ID, ":lock")
	if err != nil {
		return group, err
	}
	before := group
	if group.Name = cmp.Or(text.Clean(in.Name), group.Name); group.Name != before.Name {
		if err := refuseUsedGroup(tx, &group); err != nil {
			return group, err
		}
	}
	if in.Description.Given() {
		group.Description = plan.NotBlank(in.Description)
	}
	if in.Discount.Given() {
		group.Discount = in.Discount
	}
	if in.Members != nil || !db.Unchanged(&before, &group) {
		tx.Queue(`
			UPDATE customer_groups SET name = :name, name_key = ?, description = :description, discount = :discount, modified_date = :now
			WHERE retailer_id = :retailer AND id = :id`, &group, text.Fold(group.Name))
	}
	if err := setMembers(tx, in.ID, in.Members); err != nil {
		return group, err
	}
	return GetCustomerGroup(tx, &in.ByID)
}

// setMembers replaces the members of a group; nil leaves them. Unchanged ones keep their ids. Added and
// removed customers have changed, since customers show their groups.
func setMembers(tx *db.Tx, groupID int64, members []taphoa.GroupMember) error {
	if members == nil {
		return nil
	}
	if len(members) > membersMax {
		return taphoa.Refuse(taphoa.CodeValidate, "customerGroupDetails",
			"Danh sách khách hàng của nhóm (customerGroupDetails) chỉ được có tối đa %d khách", membersMax)
	}
	wanted := make([]int64, len(members))
	for i := range members {
		wanted[i] = members[i].CustomerID
	}
	wanted, err := cash.CustomersNow(tx, wanted...)
	if err != nil {
		return err
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	before, err := db.All[int64](tx, `
		SELECT customer_id FROM customer_group_members WHERE retailer_id = :retailer AND group_id = ?`, groupID)
	if err != nil {
		return err
	}
	existing, err := db.All[int64](tx, `
		SELECT id FROM customers WHERE retailer_id = :retailer AND id IN ? AND deleted_at = 0 ORDER BY id :lock`, append(append(before, wanted...), 0))
	if err != nil {
		return err
	}
	var (
		moved []int64
		added []memberRow
	)
	for _, customer := range before {
		if !slices.Contains(wanted, customer) {
			moved = append(moved, customer)
			tx.Queue(`DELETE FROM customer_group_members WHERE retailer_id = :retailer AND customer_id = ? AND group_id = ?`, customer, groupID)
		}
	}
	for _, customer := range wanted {
		if slices.Contains(before, customer) {
			continue
		}
		if !slices.Contains(existing, customer) {
			return taphoa.Refuse(taphoa.CodeValidate, "customerGroupDetails", "Khách hàng %d (customerGroupDetails) không tồn tại", customer)
		}
		moved = append(moved, customer)
		id, err := tx.NewID("customer_group_members")
		if err != nil {
			return err
		}
		added = append(added, memberRow{customer, groupID, id})
	}
	db.Insert(tx, "customer_group_members", added...)
	if len(moved) > 0 {
		tx.Queue(`
			UPDATE customers SET modified_date = :now, changed_at = :now
			WHERE retailer_id = :retailer AND id IN ? AND deleted_at = 0`, moved)
		customerUpdated.Emit(tx, moved...)
	}
	return nil
}

// DeleteCustomerGroup deletes a group that no customer is in. The vendor's API has no such operation.
func DeleteCustomerGroup(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	group, err := findGroup(tx, in.ID, ":lock")
	if err != nil {
		return taphoa.Message{}, err
	}
	code, used, err := db.One[string](tx, `
		SELECT c.code FROM customer_group_members m
		JOIN customers c ON c.retailer_id = :retailer AND c.id = m.customer_id AND c.deleted_at = 0
		WHERE m.retailer_id = :retailer AND m.group_id = ? ORDER BY c.id LIMIT 1`, in.ID)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "id",
			"Nhóm khách hàng %s đang có khách %s nên không thể xóa, hãy chuyển các khách sang nhóm khác trước", group.Name, code)
	}
	if err != nil {
		return taphoa.Message{}, err
	}
	tx.Queue(`UPDATE customer_groups SET deleted_at = :now WHERE retailer_id = :retailer AND id = ?`, in.ID)
	return taphoa.Message{Message: taphoa.MessageDeleted}, nil
}

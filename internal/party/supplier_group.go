package party

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// supplierGroupsMax is the largest number of groups of a supplier in one request.
const supplierGroupsMax = 100

const supplierGroupColumns = `g.id, g.name, g.description, g.retailer_id, g.created_by, g.modified_date, g.created_date`

var supplierGroupOrders = db.Orders{
	"name": db.Text("g.name_key"), "description": db.Long("g.description"), "createdby": db.Number("g.created_by"),
	"createddate": db.Number("g.created_date"), "modifieddate": db.Number("g.modified_date").OrNull(),
}

// ListSupplierGroups lists the supplier groups. The vendor's API has no such operation.
func ListSupplierGroups(tx *db.Tx, in *taphoa.SupplierGroupQuery) (taphoa.Page[taphoa.SupplierGroup], error) {
	list := db.List{
		Table: "supplier_groups g", Live: "g.deleted_at = 0", Columns: supplierGroupColumns,
		Orders: supplierGroupOrders,
	}
	return db.ListPage[taphoa.SupplierGroup](tx, &list, in.Paging)
}

// CreateSupplierGroup adds a supplier group. It refuses a name that another group has.
func CreateSupplierGroup(tx *db.Tx, in *taphoa.SupplierGroupInput) (taphoa.SupplierGroup, error) {
	group := taphoa.SupplierGroup{
		Name: text.Clean(in.Name), Description: plan.NotBlank(in.Description), RetailerID: tx.Retailer, CreatedBy: tx.User,
		CreatedDate: tx.Now,
	}
	if err := in.Validate(); err != nil {
		return group, err
	}
	if err := refuseUsedSupplierGroup(tx, 0, group.Name); err != nil {
		return group, err
	}
	var err error
	if group.ID, err = tx.NewID("supplier_groups"); err != nil {
		return group, err
	}
	tx.Queue(`
		INSERT INTO supplier_groups (retailer_id, id, name, name_key, description, created_by, created_date)
		VALUES (:retailer, :id, :name, ?, :description, :created_by, :now)`, &group, text.Fold(group.Name))
	return group, nil
}

func refuseUsedSupplierGroup(tx *db.Tx, id int64, name string) error {
	used, err := org.NameUsed(tx, "supplier_groups", text.Fold(name), id)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "name", "Nhóm nhà cung cấp %s (name) đã tồn tại, hãy dùng tên khác", name)
	}
	return err
}

// UpdateSupplierGroup changes the members of a supplier group that are present, with the refusals of
// [CreateSupplierGroup].
func UpdateSupplierGroup(tx *db.Tx, in *taphoa.SupplierGroupUpdate) (taphoa.SupplierGroup, error) {
	if err := in.Validate(); err != nil {
		return taphoa.SupplierGroup{}, err
	}
	group, found, err := db.One[taphoa.SupplierGroup](tx, `
		SELECT `+supplierGroupColumns+` FROM supplier_groups g
		WHERE g.retailer_id = :retailer AND g.id = ? AND g.deleted_at = 0 :lock`, in.ID)
	if err == nil && !found {
		err = unknownSupplierGroup()
	}
	if err != nil {
		return group, err
	}
	before := group
	group.Name = cmp.Or(text.Clean(in.Name), group.Name)
	if in.Description.Given() {
		group.Description = plan.NotBlank(in.Description)
	}
	if err := refuseUsedSupplierGroup(tx, group.ID, group.Name); err != nil {
		return group, err
	}
	if db.Unchanged(&before, &group) {
		return group, nil
	}
	group.ModifiedDate = taphoa.Some(tx.Now)
	tx.Queue(`
		UPDATE supplier_groups SET name = :name, name_key = ?, description = :description, modified_date = :now
		WHERE retailer_id = :retailer AND id = :id`, &group, text.Fold(group.Name))
	return group, nil
}

// DeleteSupplierGroup deletes a group of suppliers, but not its suppliers.
func DeleteSupplierGroup(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	n, err := tx.Exec(`
		UPDATE supplier_groups SET deleted_at = :now WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, in.ID)
	if err == nil && n == 0 {
		err = unknownSupplierGroup()
	}
	if err != nil {
		return taphoa.Message{}, err
	}
	tx.Queue(`DELETE FROM supplier_group_members WHERE retailer_id = :retailer AND group_id = ?`, in.ID)
	return taphoa.Message{Message: taphoa.MessageDeleted}, nil
}

func unknownSupplierGroup() error {
	return taphoa.NotFound(taphoa.CodeValidate, "Nhóm nhà cung cấp không tồn tại hoặc đã bị xóa")
}

// setSupplierGroups replaces the groups of a supplier when they are given.
func setSupplierGroups(tx *db.Tx, supplierID int64, given taphoa.Opt[[]int64]) error {
	if !given.Given() {
		return nil
	}
	wanted := slices.Clone(given.Value)
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	if len(wanted) > supplierGroupsMax {
		return taphoa.Refuse(taphoa.CodeValidate, "groupIds",
			"Danh sách nhóm nhà cung cấp (groupIds) chỉ được có tối đa %d nhóm", supplierGroupsMax)
	}
	tx.Queue(`DELETE FROM supplier_group_members WHERE retailer_id = :retailer AND supplier_id = ?`, supplierID)
	if len(wanted) == 0 {
		return nil
	}
	known, err := db.All[int64](tx,
		`SELECT id FROM supplier_groups WHERE retailer_id = :retailer AND id IN ? AND deleted_at = 0 ORDER BY id :lock`, wanted)
	if err != nil {
		return err
	}
	for _, group := range wanted {
		if !slices.Contains(known, group) {
			return taphoa.Refuse(taphoa.CodeValidate, "groupIds", "Nhóm nhà cung cấp %d (groupIds) không tồn tại", group)
		}
		tx.Queue(`INSERT INTO supplier_group_members (retailer_id, supplier_id, group_id) VALUES (:retailer, ?, ?)`,
			supplierID, group)
	}
	return nil
}

// fillSupplierGroups adds to suppliers the names of the groups that they are in.
func fillSupplierGroups(tx *db.Tx, suppliers []taphoa.Supplier) error {
	if len(suppliers) == 0 {
		return nil
	}
	ids, at := make([]int64, len(suppliers)), make(map[int64]int, len(suppliers))
	for i := range suppliers {
		ids[i], at[suppliers[i].ID] = suppliers[i].ID, i
	}
	return tx.Each(func(row db.Row) error {
		s, name := &suppliers[at[row.Int64(0)]], row.Text(1)
		if s.Groups.Has() {
			name = s.Groups.Value + "," + name
		}
		s.Groups = taphoa.Some(name)
		return nil
	}, `
		SELECT m.supplier_id, g.name FROM supplier_group_members m
		JOIN supplier_groups g ON g.retailer_id = :retailer AND g.id = m.group_id
		WHERE m.retailer_id = :retailer AND m.supplier_id IN ?
		ORDER BY m.supplier_id, g.name_key, g.id`, ids)
}

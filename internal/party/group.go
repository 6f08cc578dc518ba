package party

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

const groupColumns = `g.id, g.name, g.description, g.discount, g.retailer_id, g.created_by, g.modified_date, g.created_date`

var groupOrders = db.Orders{
	"name": db.Text("g.name_key"), "description": db.Long("g.description"), "discount": db.Number("g.discount").OrNull(),
	"createdby": db.Number("g.created_by"), "createddate": db.Number("g.created_date"), "modifieddate": db.Number("g.modified_date").OrNull(),
}

// ListCustomerGroups lists the customer groups with their members, all of them unless a page is asked for (contract
// customer-groups). Without a page size, that of the response is the number of groups.
func ListCustomerGroups(tx *db.Tx, in *taphoa.CustomerGroupQuery) (taphoa.Page[taphoa.CustomerGroup], error) {
	list := db.List{Table: "customer_groups g", Live: "g.deleted_at = 0", Columns: groupColumns, Orders: groupOrders}
	whole := in.PageSize <= 0 && in.Cursor == ""
	paging := taphoa.Paging{
		PageSize: in.PageSize, CurrentItem: in.CurrentItem, OrderBy: in.OrderBy, OrderDirection: in.OrderDirection, Cursor: in.Cursor,
	}
	paging.Clamp(taphoa.PageSizeMax)
	if whole {
		paging.PageSize = taphoa.IDMax
	}
	page, err := db.ListPage[taphoa.CustomerGroup](tx, &list, paging)
	if whole {
		page.PageSize = int64(len(page.Data))
	}
	if err != nil || len(page.Data) == 0 {
		return page, err
	}
	return page, fillMembers(tx, page.Data)
}

func fillMembers(tx *db.Tx, groups []taphoa.CustomerGroup) error {
	ids, at := make([]int64, len(groups)), make(map[int64]int, len(groups))
	for i := range groups {
		ids[i], at[groups[i].ID] = groups[i].ID, i
	}
	members, err := db.All[taphoa.CustomerGroupDetail](tx, `
		SELECT id, customer_id, group_id FROM customer_group_members
		WHERE retailer_id = :retailer AND group_id IN ? ORDER BY group_id, customer_id`, ids)
	for _, m := range members {
		g := &groups[at[m.GroupID]]
		g.CustomerGroupDetails = append(g.CustomerGroupDetails, m)
	}
	return err
}

// fillGroups adds to customers the groups that they are in, by name.
func fillGroups(tx *db.Tx, customers []taphoa.Customer) error {
	if len(customers) == 0 {
		return nil
	}
	ids, at := make([]int64, len(customers)), make(map[int64]int, len(customers))
	for i := range customers {
		ids[i], at[customers[i].ID] = customers[i].ID, i
	}
	type member struct {
		taphoa.CustomerGroupDetail
		Name string
	}
	members, err := db.All[member](tx, `
		SELECT m.id, m.customer_id, m.group_id, g.name FROM customer_group_members m
		JOIN customer_groups g ON g.retailer_id = :retailer AND g.id = m.group_id AND g.deleted_at = 0
		WHERE m.retailer_id = :retailer AND m.customer_id IN ?
		ORDER BY m.customer_id, g.name_key, g.id`, ids)
	for _, m := range members {
		c := &customers[at[m.CustomerID]]
		if c.Groups.Has() {
			m.Name = c.Groups.Value + "," + m.Name
		}
		c.Groups = taphoa.Some(m.Name)
		c.CustomerGroupDetails = append(c.CustomerGroupDetails, m.CustomerGroupDetail)
	}
	return err
}

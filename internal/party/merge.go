package party

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party/plan"
)

// Merge is a customer that is to be merged into another.
type Merge struct {
	Gone, Before plan.CustomerRow
	Kept         *plan.CustomerRow // what Before becomes
	groups       []membership      // of both
}

// AskMerge asks for two customers and plans what the one that is left becomes. It refuses unknown and deleted ones, a
// customer and itself, and, if the shop keeps customers by branch, those of two branches. It returns nil if the customer was
// merged into this one before.
func AskMerge(tx *db.Tx, in *taphoa.CustomerMerge) (*Merge, error) {
	merged, err := cash.MergedCustomers(tx)
	if err != nil {
		return nil, err
	}
	id := merged.Now(in.ID)
	if in.CustomerID == in.ID {
		return nil, taphoa.Refuse(taphoa.CodeCustomer, "customerId", "Khách hàng %d (customerId) không thể gộp vào chính mình", in.CustomerID)
	}
	b := tx.Batch()
	rows := db.Want[plan.CustomerRow](b, `
		SELECT `+db.Columns[plan.CustomerRow]("c")+` FROM customers c
		WHERE c.retailer_id = :retailer AND c.id IN ? AND c.deleted_at = 0`, []int64{id, in.CustomerID})
	groups := askGroups(b, true, "m.customer_id IN ?", []int64{id, in.CustomerID})
	if err := b.Run(); err != nil {
		return nil, err
	}
	m := &Merge{groups: groups.All()}
	for _, r := range rows.All() {
		switch r.ID {
		case id:
			m.Before = r
		case in.CustomerID:
			m.Gone = r
		}
	}
	now := merged.Now(in.CustomerID)
	switch {
	case m.Before.ID == 0:
		return nil, unknownCustomer()
	case now == id:
		return nil, nil //nolint:nilnil // there is nothing to merge
	case now != in.CustomerID:
		return nil, taphoa.Refuse(taphoa.CodeCustomer, "customerId", "Khách hàng %d (customerId) đã được gộp vào khách hàng %d", in.CustomerID, now)
	case m.Gone.ID == 0:
		return nil, taphoa.Refuse(taphoa.CodeCustomer, "customerId", "Khách hàng %d (%s) không tồn tại hoặc đã bị xóa", in.CustomerID, "customerId")
	}
	settings, err := org.GetSettings(tx)
	if err == nil && settings.ManagerCustomerByBranch && m.Gone.BranchID != m.Before.BranchID {
		err = taphoa.Refuse(taphoa.CodeCustomer, "customerId",
			"Khách hàng %s (customerId) thuộc chi nhánh khác với khách hàng %s nên không thể gộp: cửa hàng quản lý khách hàng theo chi nhánh",
			m.Gone.Code, m.Before.Code)
	}
	ctx := tx.PlanContext()
	m.Kept = plan.MergeCustomer(&ctx, &m.Before, &m.Gone)
	return m, err
}

// SaveMerge writes two customers that have become one, with their groups. It tells that one is gone and the other has
// changed.
func SaveMerge(tx *db.Tx, m *Merge) error {
	var added []memberRow
	for _, g := range m.groups {
		if g.CustomerID == m.Gone.ID && !slices.Contains(m.groups, membership{m.Kept.ID, g.GroupID}) {
			added = append(added, memberRow{m.Kept.ID, g.GroupID, tx.ID("customer_group_members")})
		}
	}
	tx.Queue(`
		UPDATE customers SET deleted_at = :now, changed_at = :now, total_invoiced = 0, total_revenue = 0, total_point = 0, reward_point = 0
		WHERE retailer_id = :retailer AND id = ?`, m.Gone.ID)
	tx.Queue(`DELETE FROM customer_group_members WHERE retailer_id = :retailer AND customer_id = ?`, m.Gone.ID)
	tx.Queue(`UPDATE merged_customers SET kept_id = ? WHERE retailer_id = :retailer AND kept_id = ?`, m.Kept.ID, m.Gone.ID)
	tx.Queue(`INSERT INTO merged_customers (retailer_id, id, kept_id, merged_at) VALUES (:retailer, ?, ?, :now)`, m.Gone.ID, m.Kept.ID)
	db.Insert(tx, "customer_group_members", added...)
	audit.Changed(tx, m.Kept.ID, m.Kept.Code, &m.Before, m.Kept)
	audit.Value(tx, "merged", nil, m.Gone.Code)
	db.Update(tx, "customers", &m.Before, m.Kept, "id")
	tx.Count("customers", -1, m.Gone.ID)
	customerDeleted.Emit(tx, m.Gone.ID)
	customerUpdated.EmitData(tx, m.Kept.ID, m.Kept.Data())
	return nil
}

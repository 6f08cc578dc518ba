package party

import (
	"errors"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// createCustomer stores a new customer and returns its id.
func createCustomer(tx *db.Tx, in *taphoa.CustomerInput) (int64, error) {
	b := tx.Batch()
	facts := askNewCustomer(tx, b, in.Code.Or(""), in.ContactNumber.Or(""), in.BranchID.Or(0))
	known, ready := askKnownGroups(b, in.GroupIDs.Value), noCode
	if text.CodeKey(in.Code.Or("")) == "" {
		ready = org.AskCodes(tx, b, customerCodes)
	}
	if err := b.Run(); err != nil {
		return 0, err
	}
	f, err := facts()
	if err == nil {
		err = ready()
	}
	if err != nil {
		return 0, err
	}
	f.KnownGroups = known.All()
	ctx := tx.PlanContext()
	r, err := plan.NewCustomer(&ctx, f, in)
	if err != nil {
		return 0, err
	}
	saveGroups(tx, r.ID, nil, in.GroupIDs)
	SaveCustomer(tx, r)
	audit.Record(tx, r.ID, r.Code)
	return r.ID, nil
}

// updateCustomer changes a stored customer, which is locked first, and returns its id.
func updateCustomer(tx *db.Tx, in *taphoa.CustomerUpdate) (int64, error) {
	if err := in.Validate(); err != nil {
		return 0, err
	}
	now, err := cash.CustomersNow(tx, in.ID)
	if err != nil {
		return 0, err
	}
	id := now[0]
	b := tx.Batch()
	stored := db.Want[plan.CustomerRow](b, `
		SELECT `+db.Columns[plan.CustomerRow]("c")+` FROM customers c
		WHERE c.retailer_id = :retailer AND c.id = ? AND c.deleted_at = 0 :lock`, id)
	facts := askNewCustomer(tx, b, in.Code.Or(""), in.ContactNumber.Or(""), 0)
	known := askKnownGroups(b, in.GroupIDs.Value)
	var groups *db.Rows[int64]
	if in.GroupIDs.Given() {
		groups = AskCustomerGroups(b, id)
	}
	if err := b.Run(); err != nil {
		return 0, err
	}
	before, found := stored.One()
	if !found {
		return 0, unknownCustomer()
	}
	f, err := facts()
	if err != nil {
		return 0, err
	}
	f.KnownGroups = known.All()
	ctx := tx.PlanContext()
	r, err := plan.ChangeCustomer(&ctx, f, &before, &in.CustomerInput)
	if err != nil {
		return 0, err
	}
	if db.Unchanged(&before, r) && !in.GroupIDs.Given() {
		return id, nil
	}
	saveGroups(tx, r.ID, groups.All(), in.GroupIDs)
	audit.Changed(tx, r.ID, r.Code, &before, r)
	if in.GroupIDs.Given() {
		audit.Value(tx, "groupIds", plan.SortedIDs(groups.All()), plan.SortedIDs(in.GroupIDs.Value))
	}
	db.Update(tx, "customers", &before, r, "id")
	customerUpdated.EmitData(tx, r.ID, r.Data())
	return id, nil
}

// homeBranch returns the branch that a new customer or supplier belongs to: the given one, or the shop's first; none if
// there is no such branch.
func homeBranch(tx *db.Tx, id int64) (taphoa.Opt[int64], error) {
	branch, err := db.Kept(tx, "home branch", id, func(tx *db.Tx) (int64, error) {
		branch, found, err := db.One[int64](tx, `
			SELECT id FROM branches WHERE retailer_id = :retailer AND deleted_at = 0 AND id >= ? ORDER BY id LIMIT 1`, max(id, 0))
		if err == nil && (!found || id != 0 && branch != id) {
			err = errNoBranch
		}
		return branch, err
	})
	if errors.Is(err, errNoBranch) {
		return taphoa.Opt[int64]{}, nil
	}
	return taphoa.Some(branch), err
}

var errNoBranch = errors.New("no such branch") // so that it is not cached

// actorName returns the given name of the acting user, none for a program.
func actorName(tx *db.Tx) (taphoa.Opt[string], error) {
	return db.Kept(tx, "given name", tx.User, func(tx *db.Tx) (taphoa.Opt[string], error) {
		name, found, err := db.One[string](tx, `SELECT given_name FROM users WHERE retailer_id = :retailer AND id = ?`, tx.User)
		if !found {
			return taphoa.Opt[string]{}, err
		}
		return taphoa.Some(name), err
	})
}

// askKnownGroups asks which of some groups of customers exist.
func askKnownGroups(b *db.Batch, ids []int64) *db.Rows[int64] {
	if len(ids) == 0 {
		return nil
	}
	return db.Want[int64](b, `SELECT id FROM customer_groups WHERE retailer_id = :retailer AND id IN ? AND deleted_at = 0`, plan.SortedIDs(ids))
}

// memberRow is a row of customer_group_members.
type memberRow struct{ CustomerID, GroupID, ID int64 }

// saveGroups replaces the groups of a customer when they are given; unchanged memberships keep their ids.
func saveGroups(tx *db.Tx, customerID int64, before []int64, given taphoa.Opt[[]int64]) {
	if !given.Given() {
		return
	}
	wanted := plan.SortedIDs(given.Value)
	var added []memberRow
	for _, group := range wanted {
		if !slices.Contains(before, group) {
			added = append(added, memberRow{customerID, group, tx.ID("customer_group_members")})
		}
	}
	db.Insert(tx, "customer_group_members", added...)
	gone := slices.DeleteFunc(slices.Clone(before), func(id int64) bool { return slices.Contains(wanted, id) })
	if len(gone) > 0 {
		tx.Queue(`DELETE FROM customer_group_members WHERE retailer_id = :retailer AND customer_id = ? AND group_id IN ?`, customerID, gone)
	}
}

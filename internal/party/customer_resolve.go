package party

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/party/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// customerRefColumns are the columns of [plan.CustomerRef].
const customerRefColumns = `c.id, c.code, c.name, c.contact_number, c.address, c.ward_name, c.location_name, c.branch_id,
	c.debt_limit, c.debt_limit_policy, c.deleted_at`

// AskCustomer adds to a batch the facts of [plan.ResolveCustomer], and returns a function to be called after the batch
// has run. A customer named by id costs one question; one named by a code or a contact number one for each. withGroups
// asks for the groups of the customer, too.
func AskCustomer(
	tx *db.Tx, b *db.Batch, in *taphoa.DocumentCustomer, customerID taphoa.Opt[int64], branchID int64, withGroups bool,
) func() (*plan.CustomerFacts, error) {
	keys := plan.CustomerKeysOf(in, customerID)
	if keys.WalkIn() {
		return func() (*plan.CustomerFacts, error) { return &plan.CustomerFacts{}, nil }
	}
	merged, err := cash.MergedCustomers(tx)
	if err != nil {
		return func() (*plan.CustomerFacts, error) { return nil, err }
	}
	if keys.ID != 0 {
		id := merged.Now(keys.ID)
		byID := askCustomers(b, "c.id = ?", id)
		groups := askGroups(b, withGroups, "m.customer_id = ?", id)
		return func() (*plan.CustomerFacts, error) {
			f := &plan.CustomerFacts{ByID: first(byID)}
			setGroups(groups, &f.ByID.Value)
			return f, nil
		}
	}
	found, ready := askNewCustomer(tx, b, keys.Code, keys.Number, branchID), noCode
	if keys.Code == "" {
		ready = org.AskCodes(tx, b, customerCodes)
	}
	var groups *db.Rows[membership]
	if withGroups {
		groups = askGroups(b, true, `m.customer_id IN (
			SELECT c.id FROM customers c WHERE c.retailer_id = :retailer AND c.deleted_at = 0 AND c.code_key = ?
			UNION ALL
			SELECT c.id FROM customers c
			WHERE c.retailer_id = :retailer AND c.deleted_at = 0 AND c.phone_key = ? AND c.phone_key <> '')`,
			text.CodeKey(keys.Code), text.PhoneKey(keys.Number))
	}
	return func() (*plan.CustomerFacts, error) {
		f, err := found()
		if err != nil {
			return nil, err
		}
		setGroups(groups, &f.ByCode.Value)
		for i := range f.ByNumber {
			setGroups(groups, &f.ByNumber[i])
		}
		if err := askMerged(tx, merged, &keys, f); err != nil {
			return nil, err
		}
		return f, ready()
	}
}

// askMerged adds the customer into which one with the code or the number was merged, where no customer has it now.
func askMerged(tx *db.Tx, merged *cash.Merged, keys *plan.CustomerKeys, f *plan.CustomerFacts) error {
	id := merged.WithCode(text.CodeKey(keys.Code))
	byCode := id != 0 && !f.ByCode.Has()
	if !byCode {
		id = merged.WithNumber(text.PhoneKey(keys.Number))
	}
	if id == 0 || f.ByCode.Has() || !byCode && len(f.ByNumber) > 0 {
		return nil
	}
	b := tx.Batch()
	row := askCustomers(b, "c.id = ?", id)
	groups := askGroups(b, true, "m.customer_id = ?", id)
	if err := b.Run(); err != nil {
		return err
	}
	kept := first(row)
	setGroups(groups, &kept.Value)
	if byCode {
		f.ByCode = kept
	} else if kept.Has() {
		f.ByNumber = []plan.CustomerRef{kept.Value}
	}
	return nil
}

// askNewCustomer asks which customers have the code and the contact number, and for the defaults of a new one.
func askNewCustomer(tx *db.Tx, b *db.Batch, code, number string, branchID int64) func() (*plan.CustomerFacts, error) {
	f := &plan.CustomerFacts{}
	settings, err := org.GetSettings(tx)
	f.KeptByBranch = settings.ManagerCustomerByBranch
	if err == nil {
		f.Branch, err = homeBranch(tx, branchID)
	}
	if err == nil {
		f.UserName, err = actorName(tx)
	}
	var byCode, byNumber *db.Rows[plan.CustomerRef]
	if key := text.CodeKey(code); key != "" {
		byCode = askCustomers(b, "c.code_key = ?", key)
	}
	if key := text.PhoneKey(number); key != "" {
		// The index of numbers is partial, without the empty one: it is used only by a statement with the same condition.
		byNumber = askCustomers(b, "c.phone_key = ? AND c.phone_key <> ''", key)
	}
	return func() (*plan.CustomerFacts, error) {
		f.ByCode, f.ByNumber = first(byCode), byNumber.All()
		return f, err
	}
}

func askCustomers(b *db.Batch, condition string, arg any) *db.Rows[plan.CustomerRef] {
	return db.Want[plan.CustomerRef](b, `
		SELECT `+customerRefColumns+` FROM customers c
		WHERE c.retailer_id = :retailer AND c.deleted_at = 0 AND `+condition+` ORDER BY c.id`, arg)
}

// membership is a customer's being in a group.
type membership struct{ CustomerID, GroupID int64 }

func askGroups(b *db.Batch, wanted bool, condition string, args ...any) *db.Rows[membership] {
	if !wanted {
		return nil
	}
	return db.Want[membership](b, `
		SELECT m.customer_id, m.group_id FROM customer_group_members m
		WHERE m.retailer_id = :retailer AND `+condition+` ORDER BY m.customer_id, m.group_id`, args...)
}

func setGroups(rows *db.Rows[membership], c *plan.CustomerRef) {
	for _, m := range rows.All() {
		if m.CustomerID == c.ID {
			c.Groups = append(c.Groups, m.GroupID)
		}
	}
}

// AskBuyer asks for the customer of a stored document, also one deleted since. withGroups asks for the customer's groups, too.
func AskBuyer(b *db.Batch, id int64, withGroups bool) func() (taphoa.Opt[plan.CustomerRef], error) {
	row := db.Want[plan.CustomerRef](b, `
		SELECT `+customerRefColumns+` FROM customers c WHERE c.retailer_id = :retailer AND c.id = ?`, id)
	groups := askGroups(b, withGroups, "m.customer_id = ?", id)
	return func() (taphoa.Opt[plan.CustomerRef], error) {
		c := first(row)
		setGroups(groups, &c.Value)
		return c, nil
	}
}

// AskCustomerGroups asks for the ids of the groups that a customer is in.
func AskCustomerGroups(b *db.Batch, customerID int64) *db.Rows[int64] {
	return db.Want[int64](b, `
		SELECT group_id FROM customer_group_members
		WHERE retailer_id = :retailer AND customer_id = ? ORDER BY group_id`, customerID)
}

func first[T any](rows *db.Rows[T]) taphoa.Opt[T] {
	row, found := rows.One()
	if !found {
		return taphoa.Opt[T]{}
	}
	return taphoa.Some(row)
}

func noCode() error { return nil }

// customerCodes are the codes of new customers without a code.
var customerCodes = org.Sequence{Prefix: "KH", Table: "customers", Narrow: "AND deleted_at = 0"}

// SaveCustomer writes a new customer. Nil is none.
func SaveCustomer(tx *db.Tx, r *plan.CustomerRow) {
	if r == nil {
		return
	}
	db.Insert(tx, "customers", *r)
	tx.Count("customers", 1, r.ID)
	customerUpdated.EmitData(tx, r.ID, r.Data())
}

// AddPoints adds to the points that a customer has, and to those that were ever given, in an operation of their own: unlike the
// totals of a sale, that changes the customer, and is told.
func AddPoints(tx *db.Tx, customerID, points, total int64) {
	tx.Queue(`
		UPDATE customers SET reward_point = reward_point + ?, total_point = total_point + ?, modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = ?`, points, total, customerID)
	customerUpdated.Emit(tx, customerID)
}

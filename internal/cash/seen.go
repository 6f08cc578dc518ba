package cash

import (
	"maps"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
)

// kinds are where documents are that others show: their tables, and who finds them.
var kinds = map[string]struct {
	table string
	db.Documents
}{
	"order":             {"orders", db.Documents{See: right.SeeOrders, Branches: atBranch, Persons: []string{"sold_by_id"}}},
	"invoice":           {"invoices", db.Documents{See: right.SeeInvoices, Branches: atBranch, Persons: []string{"sold_by_id"}}},
	"return":            {"returns", db.Documents{See: right.SeeReturns, Branches: atBranch, Persons: []string{"received_by_id", "sold_by_id"}}},
	"purchase":          {"purchase_orders", db.Documents{See: right.SeePurchases, Branches: atBranch, Persons: []string{"purchase_by_id"}}},
	"ordersupplier":     {"order_suppliers", db.Documents{See: right.SeePurchases, Branches: atBranch, Persons: []string{"user_id", "created_by"}}},
	"payment":           {"payments", db.Documents{See: right.SeeCash, Branches: atBranch, Persons: []string{"user_id"}}},
	plan.KindAdjustment: {"debt_adjustments", db.Documents{See: right.SeeDebts, Persons: []string{"created_by"}}},
}

var atBranch = []string{"branch_id"}

// DocumentsOf says who finds documents of a kind. It is said once, for lists of them and for what names them.
func DocumentsOf(kind string) db.Documents { return kinds[kind].Documents }

// Seen tells which of some documents the actor finds. What shows documents of several branches and persons, such as the account of a
// partner, shows the amounts of all of them, so that it adds up, and says of those that the reader does not find neither id nor code
// nor remark.
func Seen(tx *db.Tx, refs []plan.DocumentRef) (func(plan.DocumentRef) bool, error) {
	if tx.Actor().Held.Key() == "" { // no one's rights count
		return func(plan.DocumentRef) bool { return true }, nil
	}
	ids := map[string][]int64{}
	for _, ref := range refs {
		ids[ref.Kind] = append(ids[ref.Kind], ref.ID)
	}
	seen := map[plan.DocumentRef]bool{}
	for _, kind := range slices.Sorted(maps.Keys(ids)) {
		k, known := kinds[kind]
		if !known {
			continue
		}
		which, args := tx.Found(&k.Documents, "id IN ?", ids[kind])
		found, err := db.All[int64](tx, "SELECT id FROM "+k.table+" WHERE retailer_id = :retailer AND "+which, args...)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			seen[plan.DocumentRef{Kind: kind, ID: id}] = true
		}
	}
	return func(ref plan.DocumentRef) bool { return seen[ref] }, nil
}

// HideDocuments takes from entries of the cash book the ids and codes of the documents that the actor does not find: see [Seen].
func HideDocuments(tx *db.Tx, entries []taphoa.CashFlow) error {
	var refs []plan.DocumentRef
	for i := range entries {
		for _, d := range entries[i].Documents {
			refs = append(refs, plan.Ref(d.Type, d.ID))
		}
	}
	seen, err := Seen(tx, refs)
	if err != nil {
		return err
	}
	for i := range entries {
		for j := range entries[i].Documents {
			if d := &entries[i].Documents[j]; !seen(plan.Ref(d.Type, d.ID)) {
				d.ID, d.Code = 0, ""
			}
		}
	}
	return nil
}

package sales

import (
	"maps"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales/plan"
)

// Who finds orders, invoices and returns, whose alias is d.
var (
	orderDocuments   = cash.DocumentsOf(plan.KindOrder.Name).As("d")
	invoiceDocuments = cash.DocumentsOf(plan.KindInvoice.Name).As("d")
	returnDocuments  = cash.DocumentsOf(plan.KindReturn.Name).As("d")
)

// foundIDs is the statement for those of some ids that the actor finds.
func foundIDs(tx *db.Tx, table string, d *db.Documents, ids ...int64) (sql string, args []any) {
	return tx.Found(d, "SELECT d.id FROM "+table+" d WHERE d.retailer_id = :retailer AND d.id IN ?", ids)
}

// findsAll reports that the actor finds all documents of a kind.
func findsAll(tx *db.Tx, d *db.Documents) bool {
	everyone, _ := tx.Actor().Held.Finds(d.See)
	return everyone.All
}

// ordersBut are the orders of a list without those by members that name documents of another kind, for who does not find all of these.
func ordersBut(tx *db.Tx, all db.Orders, d *db.Documents, members ...string) db.Orders {
	if findsAll(tx, d) {
		return all
	}
	some := maps.Clone(all)
	for _, m := range members {
		delete(some, m)
	}
	return some
}

// keep reports whether an answer may name a document.
type keep func(kind string, id int64) bool

// hideOthers takes out of answers what they name of documents that the actor does not find. others calls keep for each document that an
// answer names besides its own, and takes it out where that is false. What an answer shares with others is not changed.
func hideOthers[T any](tx *db.Tx, shown []T, others func(*T, keep)) error {
	if tx.Actor().Held.Key() == "" { // no one's rights count
		return nil
	}
	var named []cashplan.DocumentRef
	for i := range shown {
		others(&shown[i], func(kind string, id int64) bool {
			named = append(named, cashplan.DocumentRef{Kind: kind, ID: id})
			return true
		})
	}
	seen, err := cash.Seen(tx, named)
	if err != nil {
		return err
	}
	for i := range shown {
		others(&shown[i], func(kind string, id int64) bool { return seen(cashplan.DocumentRef{Kind: kind, ID: id}) })
	}
	return nil
}

func othersOfOrder(o *taphoa.Order, keep keep) {
	surcharges := slices.Clone(o.InvoiceOrderSurcharges)
	for i := range surcharges {
		if id := &surcharges[i].InvoiceID; id.Has() && !keep(plan.KindInvoice.Name, id.Value) {
			*id = taphoa.Opt[int64]{}
		}
	}
	o.InvoiceOrderSurcharges = surcharges
}

func othersOfInvoice(v *taphoa.Invoice, keep keep) {
	if v.OrderID.Has() && !keep(plan.KindOrder.Name, v.OrderID.Value) {
		v.OrderID, v.OrderCode = taphoa.Opt[int64]{}, taphoa.Opt[string]{}
	}
	v.Allocations = kept(v.Allocations, keep)
}

func othersOfReturn(r *taphoa.Return, keep keep) {
	if r.InvoiceID.Has() && !keep(plan.KindInvoice.Name, r.InvoiceID.Value) {
		r.InvoiceID = taphoa.Opt[int64]{}
	}
	r.Allocations = kept(r.Allocations, keep)
}

func kept(all []taphoa.Allocation, keep keep) []taphoa.Allocation {
	return slices.DeleteFunc(slices.Clone(all), func(a taphoa.Allocation) bool { return !keep(a.Document, a.ID) })
}

// saved saves a sale, and returns a document of it as the actor sees it.
func saved[T any](tx *db.Tx, s *plan.Sale, shown *T, others func(*T, keep)) (*T, error) {
	err, answer := save(tx, s), []T{*shown}
	if err == nil {
		err = hideOthers(tx, answer, others)
	}
	return &answer[0], err
}

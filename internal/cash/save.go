package cash

import (
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
)

// Save writes what a plan has changed, in statements that travel with the commit, and emits cashflow.update with its data
// where the ledger knows it. An operation that saves a ledger makes all its changes of payments in that ledger, so that
// the data is still true at the commit. It returns the changes: what documents of others are paid is saved by those who own
// them. It refuses a ledger that was saved before.
func Save(tx *db.Tx, l *plan.Ledger) (plan.Changes, error) {
	c, err := l.Finish()
	if err != nil {
		return c, err
	}
	write(tx, &c)
	for _, e := range c.Events {
		if e.Data != nil {
			cashFlowUpdated.EmitData(tx, e.PaymentID, e.Data)
		} else {
			cashFlowUpdated.Emit(tx, e.PaymentID)
		}
	}
	return c, nil
}

func write(tx *db.Tx, c *plan.Changes) {
	db.Insert(tx, "payments", c.NewPayments...)
	for i := range c.NewPayments {
		if c.NewPayments[i].InCashBook() {
			tx.Count("payments", 1, c.NewPayments[i].ID)
		}
	}
	for i := range c.ChangedPayments {
		p := &c.ChangedPayments[i]
		db.Update(tx, "payments", &p.Stored, &p.Row, "id")
	}
	db.Insert(tx, "cash_postings", c.Postings...)
	for _, d := range c.Redated {
		db.Update(tx, "cash_postings", &plan.EffectiveDate{Kind: d.Kind, DocumentID: d.DocumentID}, &d, "kind", "document_id")
	}
	addBalances(tx, c.Balances...)
	writeAdjustments(tx, c)
	writeAllocations(tx, c)
}

func writeAllocations(tx *db.Tx, c *plan.Changes) {
	db.Insert(tx, "open_items", c.NewItems...)
	for i := range c.ChangedItems {
		db.Update(tx, "open_items", &c.ChangedItems[i].Stored, &c.ChangedItems[i].Row, "account_type", "account_id", "kind", "document_id")
	}
	for _, gone := range c.GoneItems {
		tx.Queue(`
			DELETE FROM open_items
			WHERE retailer_id = :retailer AND account_type = ? AND account_id = ? AND kind = ? AND document_id = ?`,
			gone.AccountType, gone.AccountID, gone.Kind, gone.DocumentID)
	}
	db.Insert(tx, "allocations", c.NewAllocations...)
	for i := range c.ChangedAllocations {
		db.Update(tx, "allocations", &c.ChangedAllocations[i].Stored, &c.ChangedAllocations[i].Row, "id")
	}
	if len(c.GoneAllocations) > 0 {
		tx.Queue(`DELETE FROM allocations WHERE retailer_id = :retailer AND id IN ?`, c.GoneAllocations)
	}
}

func addBalances(tx *db.Tx, rows ...plan.BalanceRow) {
	db.InsertOr(tx, "cash_balances", `ON CONFLICT (retailer_id, account_type, account_id)
		DO UPDATE SET balance = cash_balances.balance + excluded.balance`, rows...)
}

package cash

import (
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
)

// Save writes what a plan has changed, in statements that travel with the commit, and emits cashflow.update with its data
// where the ledger knows it. An operation that saves a ledger makes all its changes of payments in that ledger, so that
// the data is still true at the commit. It refuses a ledger that was saved before.
func Save(tx *db.Tx, l *plan.Ledger) error {
	c, err := l.Finish()
	if err != nil {
		return err
	}
	write(tx, &c)
	for _, e := range c.Events {
		if e.Data != nil {
			cashFlowUpdated.EmitData(tx, e.PaymentID, e.Data)
		} else {
			cashFlowUpdated.Emit(tx, e.PaymentID)
		}
	}
	return nil
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
}

func addBalances(tx *db.Tx, rows ...plan.BalanceRow) {
	db.InsertOr(tx, "cash_balances", `ON CONFLICT (retailer_id, account_type, account_id)
		DO UPDATE SET balance = cash_balances.balance + excluded.balance`, rows...)
}

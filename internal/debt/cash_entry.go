package debt

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/sales"
	"github.com/taphoa/taphoa/internal/supply"
)

// CreateCashFlow creates a receipt or a payment that belongs to no document, and returns it as [cash.GetCashFlow] does. One that
// changes the debt of a customer or a supplier settles the documents that it names, and then those that are open, the oldest
// first; what is left is credit. A payment back settles credit. Refused with CodeValidate is what [cash.NewCashFlow]
// refuses, and more than a document that is named leaves open.
func CreateCashFlow(tx *db.Tx, in *taphoa.CashFlowInput) (taphoa.CashFlow, error) {
	if err := allocateFirst(tx, cashplan.PartnerTypeOf(in), in.PartnerID.Or(0)); err != nil {
		return taphoa.CashFlow{}, err
	}
	e, l, err := cash.NewCashFlow(tx, in)
	if err == nil {
		err = payNamed(tx, &e, l, in.Documents)
	}
	if err != nil {
		return e.CashFlow, err
	}
	l.Settle()
	e.CashFlow.Documents, _ = l.ShownDocuments(e.CashFlow.ID)
	c, err := cash.SaveEntry(tx, &e, l)
	if err == nil {
		err = save(tx, &c)
	}
	shown := []taphoa.CashFlow{e.CashFlow}
	if err == nil {
		err = cash.HideDocuments(tx, shown)
	}
	return shown[0], err
}

// payNamed lets an entry settle the documents that a request names, as far as the actor finds them.
func payNamed(tx *db.Tx, e *cashplan.Entry, l *cashplan.Ledger, documents []taphoa.PaidDocumentInput) error {
	refs := make([]cashplan.DocumentRef, len(documents))
	for i := range documents {
		refs[i] = cashplan.Ref(documents[i].Type, documents[i].ID.Or(0))
	}
	seen, err := cash.Seen(tx, refs)
	if err == nil {
		err = e.PayNamed(l, documents, seen)
	}
	return err
}

// VoidCashFlow voids an entry of the cash book that belongs to no document; it stays readable. What it has settled is open again,
// and takes other credit of the partner. An entry that is voided already stays as it is. It refuses an entry that does not
// exist, and one that a document has made.
func VoidCashFlow(tx *db.Tx, in *taphoa.ByID) (taphoa.CashFlowVoided, error) {
	partner, err := cash.PartnerOf(tx, "payments", in.ID)
	if err == nil {
		err = allocateFirst(tx, partner.Type, partner.ID)
	}
	if err != nil {
		return taphoa.CashFlowVoided{}, err
	}
	v, l, err := cash.VoidCashFlow(tx, in)
	if err != nil {
		return taphoa.CashFlowVoided{}, err
	}
	l.Settle()
	v.Documents = nil
	c, err := cash.Save(tx, l)
	if err == nil {
		err = save(tx, &c)
	}
	return taphoa.CashFlowVoided{CashFlow: v, Message: taphoa.MessageDeleted}, err
}

// save lets those who own the documents of the accounts write what they are paid, and tells of partners whose debt has changed.
func save(tx *db.Tx, c *cashplan.Changes) error {
	party.DebtsChanged(tx, c.DebtsChanged)
	if err := sales.SaveSettled(tx, c); err != nil {
		return err
	}
	return supply.SaveSettled(tx, c)
}

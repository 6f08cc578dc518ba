package cash

import (
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
)

// change asks, lets do plan, and saves, for operations that do not plan as a whole. Since several changes may follow one
// another in a transaction, events are read at its end.
func change(tx *db.Tx, q Question, do func(*plan.Ledger) error) error {
	l, err := askAlone(tx, q)
	if err != nil {
		return err
	}
	if err := do(l); err != nil {
		return err
	}
	c, err := l.Finish()
	if err != nil {
		return err
	}
	write(tx, &c)
	for _, e := range c.Events {
		cashFlowUpdated.Emit(tx, e.PaymentID)
	}
	return nil
}

// Post is [plan.Ledger.Post] as an operation of its own.
func Post(tx *db.Tx, doc Document, want []Posting) (used bool, err error) {
	var q Question
	if doc.Step > 0 {
		q.Documents = []plan.DocumentRef{{Kind: doc.Kind, ID: doc.ID}}
	}
	err = change(tx, q, func(l *plan.Ledger) (err error) {
		used, err = l.Post(doc, want)
		return err
	})
	return used, err
}

// Receive is [plan.Ledger.Receive] as an operation of its own. It returns the id.
func Receive(tx *db.Tx, in Receipt) (id int64, err error) {
	err = change(tx, Question{Accounts: partnersAccount(in.Partner.Type, in.Partner.ID)}, func(l *plan.Ledger) error {
		row, err := l.Receive(in)
		id = row.ID
		return err
	})
	return id, err
}

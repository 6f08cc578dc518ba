package cash

import (
	"github.com/taphoa/taphoa"
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

// Settle is [plan.Ledger.Post] as an operation of its own.
func Settle(tx *db.Tx, doc Document, want []Posting) (used bool, err error) {
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
	err = change(tx, Question{}, func(l *plan.Ledger) error {
		row, err := l.Receive(in)
		id = row.ID
		return err
	})
	return id, err
}

// Void is [plan.Ledger.Void] as an operation of its own. An id that does not exist changes nothing.
func Void(tx *db.Tx, paymentID int64) error {
	return change(tx, Question{PaymentIDs: []int64{paymentID}}, func(l *plan.Ledger) error {
		if len(l.Payments(func(p *plan.PaymentRow) bool { return p.ID == paymentID })) == 0 {
			return nil
		}
		_, err := l.Void(paymentID)
		return err
	})
}

// AssignDeposits is [plan.Ledger.AssignDeposits] as an operation of its own.
func AssignDeposits(tx *db.Tx, orderID, invoiceID int64) (sum taphoa.Money, err error) {
	err = change(tx, Question{Orders: []int64{orderID}}, func(l *plan.Ledger) error {
		sum = l.AssignDeposits(orderID, invoiceID)
		return nil
	})
	return sum, err
}

// ReleaseDeposits is [plan.Ledger.ReleaseDeposits] as an operation of its own.
func ReleaseDeposits(tx *db.Tx, invoiceID int64) error {
	return change(tx, Question{Invoices: []int64{invoiceID}}, func(l *plan.Ledger) error {
		l.ReleaseDeposits(invoiceID)
		return nil
	})
}

// Lock locks what a partner owes until the commit. It is for operations that take a document's code before they move
// money.
func Lock(tx *db.Tx, account Account) {
	if account.ID != 0 {
		tx.Queue(`
			INSERT INTO cash_balances (retailer_id, account_type, account_id, balance) VALUES (:retailer, ?, ?, 0)
			ON CONFLICT (retailer_id, account_type, account_id) DO UPDATE SET balance = cash_balances.balance`,
			account.Type, account.ID)
	}
}

// OrderPayments lists the payments of some orders, oldest first.
func OrderPayments(tx *db.Tx, orderIDs []int64) ([]taphoa.Payment, error) {
	return shown(tx, Question{Orders: orderIDs}, orderIDs)
}

// InvoicePayments lists the payments of some invoices, oldest first.
func InvoicePayments(tx *db.Tx, invoiceIDs []int64) ([]taphoa.Payment, error) {
	return shown(tx, Question{Invoices: invoiceIDs}, invoiceIDs)
}

// ReturnPayments lists the payments of some returns, oldest first. What was paid out is negative.
func ReturnPayments(tx *db.Tx, returnIDs []int64) ([]taphoa.Payment, error) {
	return shown(tx, Question{Returns: returnIDs}, returnIDs)
}

// PurchasePayments lists the payments of some purchase orders, oldest first. What was paid out is negative.
func PurchasePayments(tx *db.Tx, purchaseIDs []int64) ([]taphoa.Payment, error) {
	return shown(tx, Question{Purchases: purchaseIDs}, purchaseIDs)
}

// shown are the payments that a question is about, as documents show them.
func shown(tx *db.Tx, q Question, ids []int64) ([]taphoa.Payment, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	l, err := askAlone(tx, q)
	if err != nil {
		return nil, err
	}
	var list []taphoa.Payment
	for _, p := range l.Payments(func(*plan.PaymentRow) bool { return true }) {
		list = append(list, l.Shown(&p))
	}
	return list, nil
}

package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales/plan"
)

// DeleteOrder voids an order (contract orders, deleteOrder). Its goods are free again; its payments stay unless isVoidPayment is
// given.
func DeleteOrder(tx *db.Tx, in *taphoa.OrderDelete) (taphoa.Message, error) {
	f, err := askOrderVoid(tx, in.ID)
	if err != nil {
		return taphoa.Message{}, err
	}
	s, err := plan.VoidOrder(f, in.IsVoidPayment)
	if err != nil {
		return taphoa.Message{}, err
	}
	audit.Record(tx, f.Order.Row.ID, f.Order.Row.Code)
	return taphoa.Message{Message: taphoa.MessageDeleted}, save(tx, s)
}

// askOrderVoid asks for no more of an order than what its event shows.
func askOrderVoid(tx *db.Tx, id int64) (*plan.Facts, error) {
	q, err := ask(tx)
	if err != nil {
		return nil, err
	}
	q.order(id, true)
	if err := q.run(); err != nil {
		return nil, err
	}
	o := q.facts.Order
	if o == nil {
		return q.facts, nil // the plan refuses it
	}
	q.orderLedgers(id)
	q.invoiced(o)
	q.account(o.Row.CustomerID)
	q.buyer(o.Row.CustomerID, false)
	if err := q.items(nil, o.Quantities(), o.Row.BranchID); err != nil {
		return nil, err
	}
	return q.finish()
}

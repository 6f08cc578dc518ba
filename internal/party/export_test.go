package party

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party/plan"
)

// CustomerData reads the data of events about customers.
var CustomerData = customerData

// CustomerRef has the members of a customer that documents store.
type CustomerRef struct {
	ID         int64
	Code, Name string
}

// ResolveCustomer asks, plans and saves the customer of a document: see [plan.ResolveCustomer].
func ResolveCustomer(tx *db.Tx, in *taphoa.DocumentCustomer, customerID taphoa.Opt[int64], branchID int64) (taphoa.Opt[CustomerRef], error) {
	none := taphoa.Opt[CustomerRef]{}
	b := tx.Batch()
	facts := AskCustomer(tx, b, in, customerID, branchID, false)
	if err := b.Run(); err != nil {
		return none, err
	}
	f, err := facts()
	if err != nil {
		return none, err
	}
	ctx := tx.PlanContext()
	c, err := plan.ResolveCustomer(&ctx, f, in, customerID, branchID)
	if err != nil || !c.Ref.Has() {
		return none, err
	}
	SaveCustomer(tx, c.New)
	return taphoa.Some(CustomerRef{c.Ref.Value.ID, c.Ref.Value.Code, c.Ref.Value.Name}), nil
}

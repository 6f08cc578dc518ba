package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales/plan"
)

// UpdateReturn changes the members of a return that are given (contract returns, updateReturn).
func UpdateReturn(tx *db.Tx, in *taphoa.ReturnUpdate) (*taphoa.Return, error) {
	f, err := askReturn(tx, in.ByID.ID, paysBack(&in.ReturnInput))
	if err != nil {
		return nil, err
	}
	s, err := plan.ChangeReturn(f, in)
	if err != nil {
		return nil, err
	}
	return saved(tx, s, s.ShowReturn(), othersOfReturn)
}

// DeleteReturn voids a return (contract returns, deleteReturn): the goods leave again, and the customer owes what they did before.
func DeleteReturn(tx *db.Tx, in *taphoa.ReturnDelete) (*taphoa.ReturnVoided, error) {
	f, err := askReturn(tx, in.ID, in.IsVoidPayment)
	if err != nil {
		return nil, err
	}
	s, err := plan.VoidReturn(f, in.IsVoidPayment)
	if err != nil {
		return nil, err
	}
	r, err := saved(tx, s, s.ShowReturn(), othersOfReturn)
	return &taphoa.ReturnVoided{Return: *r, Message: taphoa.MessageDeleted}, err
}

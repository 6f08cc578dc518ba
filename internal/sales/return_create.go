package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales/plan"
)

// CreateReturn takes goods back, of an invoice or without one (contract returns, createReturn).
func CreateReturn(tx *db.Tx, in *taphoa.ReturnInput) (*taphoa.Return, error) {
	f, err := askNewReturn(tx, in)
	if err != nil {
		return nil, err
	}
	s, err := plan.NewReturn(f, in)
	if err != nil {
		return nil, err
	}
	return saved(tx, s, s.ShowReturn(), othersOfReturn)
}

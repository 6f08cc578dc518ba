package cash

import (
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
)

// ReadCashFlow reads the data of cashflow.update.
func ReadCashFlow(tx *db.Tx, ids []int64) (any, error) { return cashFlowUpdated.Data(tx, ids) }

// StoredPayments are the payments that a question is about.
func StoredPayments(tx *db.Tx, q Question) ([]plan.PaymentRow, error) {
	l, err := ReadPayments(tx, q)
	if err != nil {
		return nil, err
	}
	return l.Payments(func(*plan.PaymentRow) bool { return true }), nil
}

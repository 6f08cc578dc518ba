package cash

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

// ReadCashFlow reads the data of cashflow.update.
func ReadCashFlow(tx *db.Tx, ids []int64) (any, error) { return cashFlowUpdated.Data(tx, ids) }

// StoredPayments are the payments that a question is about.
func StoredPayments(tx *db.Tx, q Question) ([]plan.PaymentRow, error) {
	l, err := askAlone(tx, q)
	if err != nil {
		return nil, err
	}
	return l.Payments(func(*plan.PaymentRow) bool { return true }), nil
}

// Void is [plan.Ledger.Void] as an operation of its own.
func Void(tx *db.Tx, paymentID int64) error {
	payments, err := StoredPayments(tx, Question{PaymentIDs: []int64{paymentID}})
	if err != nil {
		return err
	}
	q := Question{PaymentIDs: []int64{paymentID}, Accounts: partnersAccount(payments[0].PartnerType, payments[0].PartnerID)}
	return change(tx, q, func(l *plan.Ledger) error {
		_, err := l.Void(paymentID)
		return err
	})
}

// SurchargeLine is [plan.SurchargeLine].
type SurchargeLine = plan.SurchargeLine

// ResolveSurcharges is [plan.ResolveSurcharges] for the shop.
func ResolveSurcharges(tx *db.Tx, branchID int64, in []taphoa.SurchargeWrite) ([]SurchargeLine, error) {
	if len(in) == 0 {
		return nil, nil
	}
	shop, err := org.GetSettings(tx)
	if err != nil {
		return nil, err
	}
	known, err := Surcharges(tx)
	if err != nil {
		return nil, err
	}
	return plan.ResolveSurcharges(known, shop.UseSurcharge, branchID, in)
}

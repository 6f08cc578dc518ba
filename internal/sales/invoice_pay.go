package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales/plan"
)

// PayInvoice collects money on an invoice (contract cashflow, payInvoice).
func PayInvoice(tx *db.Tx, in *taphoa.InvoicePaymentInput) (taphoa.InvoicePayment, error) {
	f, err := askInvoice(tx, in.InvoiceID.Or(0), &taphoa.InvoiceInput{})
	if err != nil {
		return taphoa.InvoicePayment{}, err
	}
	s, answer, err := plan.PayInvoice(f, in)
	if err != nil {
		return answer, err
	}
	return answer, save(tx, s)
}

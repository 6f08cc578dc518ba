package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales/plan"
)

// UpdateInvoice changes the members of an invoice that are given (contract invoices, updateInvoice).
func UpdateInvoice(tx *db.Tx, in *taphoa.InvoiceUpdate) (*taphoa.Invoice, error) {
	f, err := askInvoice(tx, in.ByID.ID, &in.InvoiceInput)
	if err != nil {
		return nil, err
	}
	s, err := plan.ChangeInvoice(f, in)
	if err != nil {
		return nil, err
	}
	return saved(tx, s, s.ShowInvoice(), othersOfInvoice)
}

// askInvoice asks for a stored invoice and for what a change of it depends on.
func askInvoice(tx *db.Tx, id int64, in *taphoa.InvoiceInput) (*plan.Facts, error) {
	q, err := ask(tx)
	if err != nil {
		return nil, err
	}
	q.vouchers = requestVouchers(in.IsApplyVoucher, in.AllPayments())
	q.invoice(id)
	q.delivery(in.DeliveryDetail)
	if err := q.run(); err != nil {
		return nil, err
	}
	if v := q.facts.Invoice; v != nil {
		if err := q.invoiceParts(v, in.InvoiceDetails, q.groupsMatter(in.PriceBookID)); err != nil {
			return nil, err
		}
		seller := v.Row.SoldByID
		if in.SoldByID.Or(0) != 0 {
			seller = in.SoldByID
		}
		q.priceBook(in.PriceBookID, v.Row.PriceBookID, v.Row.BranchID, seller.Or(0), in.InvoiceDetails)
	}
	return q.finish()
}

// DeleteInvoice voids an invoice (contract invoices, deleteInvoiceById): its goods come back, the customer owes nothing
// for it, and its order is open again. Its payments stay, those of the order or of the customer, unless isVoidPayment is
// given.
func DeleteInvoice(tx *db.Tx, in *taphoa.InvoiceDelete) (*taphoa.InvoiceVoided, error) {
	f, err := askInvoice(tx, in.ID, &taphoa.InvoiceInput{})
	if err != nil {
		return nil, err
	}
	s, err := plan.VoidInvoice(f, in.IsVoidPayment)
	if err != nil {
		return nil, err
	}
	v, err := saved(tx, s, s.ShowInvoice(), othersOfInvoice)
	return &taphoa.InvoiceVoided{Invoice: *v, Message: taphoa.MessageDeleted}, err
}

package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales/plan"
)

// CreateInvoice sells: the goods leave the branch, the customer owes the total, what is paid is received. With an order
// it invoices that order, wholly or in part (contract invoices, createInvoice).
func CreateInvoice(tx *db.Tx, in *taphoa.InvoiceInput) (*taphoa.Invoice, error) {
	f, err := askNewInvoice(tx, in)
	if err != nil {
		return nil, err
	}
	s, err := plan.NewInvoice(f, in)
	if err != nil {
		return nil, err
	}
	return saved(tx, s, s.ShowInvoice(), othersOfInvoice)
}

func askNewInvoice(tx *db.Tx, in *taphoa.InvoiceInput) (*plan.Facts, error) {
	q, err := ask(tx)
	if err != nil {
		return nil, err
	}
	q.vouchers = requestVouchers(in.IsApplyVoucher, in.AllPayments())
	if id := in.OrderID.Or(0); id != 0 {
		q.order(id, len(q.vouchers) > 0)
		if err := q.run(); err != nil {
			return nil, err
		}
	}
	q.delivery(in.DeliveryDetail)
	q.codes(invoiceCodes)
	if err := q.sold(q.facts.Order, in); err != nil {
		return nil, err
	}
	return q.finish()
}

// sold asks for what an invoice sells and to whom, of an order if there is one.
func (q *question) sold(o *plan.StoredOrder, in *taphoa.InvoiceInput) error {
	branchID, seller, customer := in.BranchID.Or(0), in.SoldByID, in.CustomerID
	book, stored := taphoa.Opt[int64]{}, []plan.ProductQuantity(nil)
	if o != nil {
		if branchID == 0 {
			branchID = o.Row.BranchID
		}
		if seller.Or(0) == 0 {
			seller = o.Row.SoldByID
		}
		book, stored = o.Row.PriceBookID, o.Quantities()
		q.orderParts(o)
		q.account(o.Row.CustomerID)
	}
	withGroups := q.groupsMatter(in.PriceBookID)
	if o != nil && in.Customer == nil && (customer.Or(0) == 0 || customer.Or(0) == o.Row.CustomerID.Or(0)) {
		q.buyer(o.Row.CustomerID, withGroups)
	} else {
		q.customerOf(in.Customer, in.CustomerID, branchID, withGroups)
		if err := q.accountOf(in.Customer, in.CustomerID); err != nil {
			return err
		}
	}
	q.priceBook(in.PriceBookID, book, branchID, q.sellerID(seller), in.InvoiceDetails)
	if err := q.items(in.InvoiceDetails, stored, branchID); err != nil {
		return err
	}
	if o != nil {
		q.storedGoods(stored, branchID)
		q.storedGoods(stored, o.Row.BranchID)
		if in.InvoiceDetails == nil {
			q.storedLots(stored, branchID)
		}
	}
	return nil
}

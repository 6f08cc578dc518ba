package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales/plan"
)

// UpdateOrder changes the members of an open order that are given, voids it, or makes its invoice at once (contract
// orders, updateOrder).
func UpdateOrder(tx *db.Tx, in *taphoa.OrderUpdate) (*taphoa.Order, error) {
	in.PriceBookID = namedBook(&in.OrderInput)
	f, err := askOrderChange(tx, in)
	if err != nil {
		return nil, err
	}
	s, err := plan.ChangeOrder(f, in)
	if err != nil {
		return nil, err
	}
	return saved(tx, s, s.ShowOrder(), othersOfOrder)
}

func askOrderChange(tx *db.Tx, in *taphoa.OrderUpdate) (*plan.Facts, error) {
	q, err := ask(tx)
	if err != nil {
		return nil, err
	}
	q.vouchers = requestVouchers(in.IsApplyVoucher, in.Payments)
	void := in.Status.Or(0) == taphoa.OrderVoided
	q.order(in.ByID.ID, void || in.OrderDetails != nil || len(q.vouchers) > 0)
	if err := q.run(); err != nil {
		return nil, err
	}
	o := q.facts.Order
	if o == nil {
		return q.facts, nil // the plan refuses it
	}
	q.orderParts(o)
	q.account(o.Row.CustomerID)
	if void {
		q.buyer(o.Row.CustomerID, false)
		err = q.items(nil, o.Quantities(), o.Row.BranchID)
	} else {
		err = q.orderChange(o, &in.OrderInput)
	}
	if err != nil {
		return nil, err
	}
	return q.finish()
}

// orderChange asks for what an update of an order names.
func (q *question) orderChange(o *plan.StoredOrder, in *taphoa.OrderInput) error {
	branchID, seller := o.Row.BranchID, o.Row.SoldByID.Or(0)
	if id := in.BranchID.Or(0); id != 0 {
		branchID = id
	}
	if in.SoldByID.Has() {
		seller = q.sellerID(in.SoldByID)
	}
	withGroups := q.groupsMatter(in.PriceBookID)
	if o.KeepsCustomer(in.Customer, in.CustomerID) {
		q.buyer(o.Row.CustomerID, withGroups)
	} else {
		q.customerOf(in.Customer, in.CustomerID, branchID, withGroups)
		if err := q.accountOf(in.Customer, in.CustomerID); err != nil {
			return err
		}
	}
	q.delivery(in.OrderDelivery)
	if in.Surcharges != nil && !o.Row.HasSurcharges {
		q.charged(o)
	}
	if in.MakeInvoice {
		q.codes(invoiceCodes)
		if !o.Row.HasTaxes && in.OrderDetails != nil {
			q.invoicedTaxes(o)
		}
	}
	lines, stored := withoutLots(in.OrderDetails), o.Quantities()
	q.priceBook(in.PriceBookID, o.Row.PriceBookID, branchID, seller, lines)
	if err := q.items(lines, stored, branchID); err != nil {
		return err
	}
	q.storedGoods(stored, branchID)
	if in.MakeInvoice {
		q.storedLots(stored, branchID)
	}
	return nil
}

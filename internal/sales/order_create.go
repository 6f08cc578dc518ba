package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/sales/plan"
	"github.com/taphoa/taphoa/internal/wire"
)

// CreateOrder creates an order: it finds or creates the customer, reserves the goods, receives what is paid, and makes
// the invoice at once when asked to (contract orders, createOrder).
func CreateOrder(tx *db.Tx, in *taphoa.OrderInput) (*taphoa.Order, error) {
	in.PriceBookID = namedBook(in)
	f, err := askNewOrder(tx, in)
	if err != nil {
		return nil, err
	}
	s, err := plan.NewOrder(f, in)
	if err != nil {
		return nil, err
	}
	return saved(tx, s, s.ShowOrder(), othersOfOrder)
}

// namedBook is the price book that a request names: in the member, or else in the extra of the vendor's plugin, a text like
// {"PriceBookId":{"Id":1,"Name":"Web"}}. What is no such text names none.
func namedBook(in *taphoa.OrderInput) taphoa.Opt[int64] {
	var extra struct {
		Book struct {
			ID taphoa.Opt[int64] `json:"id"`
		} `json:"priceBookId"`
	}
	if !in.PriceBookID.Given() && in.Extra.Or("") != "" {
		var number struct {
			ID taphoa.Opt[int64] `json:"priceBookId"`
		}
		if wire.DecodeResponse([]byte(in.Extra.Value), &extra) == nil {
			return extra.Book.ID
		} else if wire.DecodeResponse([]byte(in.Extra.Value), &number) == nil {
			return number.ID
		}
	}
	return in.PriceBookID
}

func askNewOrder(tx *db.Tx, in *taphoa.OrderInput) (*plan.Facts, error) {
	q, err := ask(tx)
	if err != nil {
		return nil, err
	}
	branchID, lines := in.BranchID.Or(0), withoutLots(in.OrderDetails)
	if err := q.items(lines, nil, branchID); err != nil {
		return nil, err
	}
	q.vouchers = requestVouchers(in.IsApplyVoucher, in.Payments)
	q.customerOf(in.Customer, in.CustomerID, branchID, q.groupsMatter(in.PriceBookID))
	q.delivery(in.OrderDelivery)
	q.priceBook(in.PriceBookID, taphoa.Opt[int64]{}, branchID, q.sellerID(in.SoldByID), lines)
	q.codes(orderCodes)
	if in.MakeInvoice {
		q.codes(invoiceCodes)
		if err := q.accountOf(in.Customer, in.CustomerID); err != nil {
			return nil, err
		}
	}
	return q.finish()
}

// sellerID is the seller whom a request names, or the one who sells when it names none.
func (q *question) sellerID(id taphoa.Opt[int64]) int64 {
	seller, _ := q.facts.Seller("soldById", id.Or(0)) // an unknown one is refused by the plan
	return seller.ID
}

package sales

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/catalog"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock"
)

// piece is a quantity of a product, as documents count it (not in base units).
type piece struct {
	ProductID int64
	Quantity  taphoa.Quantity
}

// remaining is what is left of an order's lines after taking away what was invoiced.
func remaining(ordered, invoiced []piece) []piece {
	taken := map[int64]taphoa.Quantity{}
	for _, p := range invoiced {
		taken[p.ProductID] += p.Quantity
	}
	var left []piece
	for _, p := range ordered {
		n := min(p.Quantity, taken[p.ProductID])
		taken[p.ProductID] -= n
		if p.Quantity -= n; p.Quantity > 0 {
			left = append(left, p)
		}
	}
	return left
}

// invoicedPieces are what the invoices of an order that stand have sold of it.
func invoicedPieces(tx *db.Tx, orderID int64) ([]piece, error) {
	return db.All[piece](tx, `
		SELECT l.product_id, CAST(SUM(l.quantity) AS BIGINT) AS quantity
		FROM invoices i
		JOIN invoice_lines l ON l.retailer_id = :retailer AND l.invoice_id = i.id
		WHERE i.retailer_id = :retailer AND i.order_id = ? AND i.status <> 2
		GROUP BY l.product_id ORDER BY l.product_id`, orderID)
}

func orderedPieces(o *taphoa.Order) []piece {
	pieces := make([]piece, len(o.OrderDetails))
	for i, d := range o.OrderDetails {
		pieces[i] = piece{d.ProductID, d.Quantity}
	}
	return pieces
}

// pieceGoods are the goods of some pieces, in base units, at a branch. A product that was deleted meanwhile has none.
func pieceGoods(tx *db.Tx, pieces []piece, branchID int64) ([]stock.Goods, error) {
	if len(pieces) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(pieces))
	for i, p := range pieces {
		ids[i] = p.ProductID
	}
	products, _, err := catalog.Items(tx, ids, nil)
	if err != nil {
		return nil, err
	}
	var all []stock.Goods
	for _, p := range pieces {
		product := products[p.ProductID]
		if product == nil {
			continue
		}
		moved, err := product.Quantities(p.Quantity)
		if err != nil {
			return nil, err
		}
		for _, g := range moved {
			all = append(all, stock.Goods{ProductID: g.ProductID, BranchID: branchID, Quantity: g.Quantity})
		}
	}
	return all, nil
}

// reservePieces makes what an order holds back equal to some pieces.
func reservePieces(tx *db.Tx, o *taphoa.Order, pieces []piece, limits stock.Limits) error {
	want, err := pieceGoods(tx, pieces, o.BranchID)
	if err != nil {
		return err
	}
	return stock.Reserve(tx, "order", o.ID, want, limits)
}

// lockGoods locks all that an invoice touches before anything of it changes: its pieces, and those of its order.
func lockGoods(tx *db.Tx, branchID int64, pieces []piece, o *taphoa.Order) error {
	all, err := pieceGoods(tx, pieces, branchID)
	if err == nil && o != nil {
		var ordered []stock.Goods
		ordered, err = pieceGoods(tx, orderedPieces(o), o.BranchID)
		all = append(all, ordered...)
	}
	if err != nil {
		return err
	}
	return stock.Lock(tx, all)
}

func invoicePieces(v *taphoa.Invoice) []piece {
	pieces := make([]piece, len(v.InvoiceDetails))
	for i, d := range v.InvoiceDetails {
		pieces[i] = piece{d.ProductID, d.Quantity}
	}
	return pieces
}

func itemPieces(items []*item) []piece {
	pieces := make([]piece, len(items))
	for i, it := range items {
		pieces[i] = piece{it.product.ID, it.quantity}
	}
	return pieces
}

// follow brings an order in line with its invoices: completed when all is invoiced, under way when some is, open as
// before when none stands any more. What is not invoiced stays reserved.
func follow(tx *db.Tx, o *taphoa.Order, invoiced []piece) error {
	left := remaining(orderedPieces(o), invoiced)
	switch {
	case len(left) == 0:
		o.Status = taphoa.OrderCompleted
	case len(invoiced) > 0:
		o.Status = taphoa.OrderDelivering
	default:
		o.Status = o.OpenStatus
	}
	return reservePieces(tx, o, left, stock.Limits{BelowZero: true})
}

// followAgain is [follow] for an order whose invoice was changed or voided.
func followAgain(tx *db.Tx, o *taphoa.Order) error {
	if o == nil || o.Status == taphoa.OrderVoided {
		return nil
	}
	invoiced, err := invoicedPieces(tx, o.ID)
	if err != nil {
		return err
	}
	if err := follow(tx, o, invoiced); err != nil {
		return err
	}
	if err := sumOrderPayments(tx, o); err != nil {
		return err
	}
	saveOrder(tx, o)
	return nil
}

// sumOrderPayments sets what was paid on an order from its receipts.
func sumOrderPayments(tx *db.Tx, o *taphoa.Order) error {
	payments, err := cash.OrderPayments(tx, []int64{o.ID})
	o.TotalPayment = 0
	for _, p := range payments {
		if p.Status == taphoa.PaymentPaid {
			o.TotalPayment += p.Amount
		}
	}
	return err
}

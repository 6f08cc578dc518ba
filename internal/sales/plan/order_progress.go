package plan

import (
	"github.com/taphoa/taphoa"
	catalogplan "github.com/taphoa/taphoa/internal/catalog/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// ProductQuantity is a quantity of a product as documents count it: not in base units.
type ProductQuantity = catalogplan.Held

// remaining is what is left of each line after taking away what was invoiced, product by product.
func remaining(lines, invoiced []ProductQuantity) []taphoa.Quantity {
	gone := map[int64]taphoa.Quantity{}
	for _, p := range invoiced {
		gone[p.ProductID] += p.Quantity
	}
	left := make([]taphoa.Quantity, len(lines))
	for i, p := range lines {
		n := min(p.Quantity, gone[p.ProductID])
		gone[p.ProductID] -= n
		left[i] = p.Quantity - n
	}
	return left
}

// allInvoiced reports whether nothing is left of the lines behind what was invoiced.
func allInvoiced(lines, invoiced []ProductQuantity) bool {
	for _, quantity := range remaining(lines, invoiced) {
		if quantity > 0 {
			return false
		}
	}
	return true
}

func quantitiesOf(lines []*documentLine) []ProductQuantity {
	all := make([]ProductQuantity, len(lines))
	for i, l := range lines {
		all[i] = ProductQuantity{ProductID: l.product.ID, Quantity: l.quantity}
	}
	return all
}

// Quantities are the products of the lines.
func (o *Order) Quantities() []ProductQuantity {
	all := make([]ProductQuantity, len(o.Lines))
	for i, l := range o.Lines {
		all[i] = ProductQuantity{ProductID: l.ProductID, Code: l.ProductCode, Quantity: l.Quantity}
	}
	return all
}

// invoicedQuantities are the products of its valid invoices, except one of them.
func (o *StoredOrder) invoicedQuantities(exceptID int64) []ProductQuantity {
	all := make([]ProductQuantity, 0, len(o.Invoiced))
	for i := range o.Invoiced {
		if l := &o.Invoiced[i]; l.InvoiceID != exceptID {
			all = append(all, ProductQuantity{ProductID: l.ProductID, Code: l.ProductCode, Quantity: l.Quantity})
		}
	}
	return all
}

// Quantities are the products of the lines.
func (v *Invoice) Quantities() []ProductQuantity {
	all := make([]ProductQuantity, len(v.Lines))
	for i, l := range v.Lines {
		all[i] = ProductQuantity{ProductID: l.ProductID, Code: l.ProductCode, Quantity: l.Quantity}
	}
	return all
}

// updateOrderProgress brings an order in line with its invoices: completed when all is invoiced, under way when some is,
// open as before when no invoice is valid. What is not invoiced stays reserved. A product that was deleted since has no
// goods to reserve. now are the lines of an invoice whose goods are still to leave.
func (s *Sale) updateOrderProgress(invoiced []ProductQuantity, now []*documentLine) error {
	f, o := s.Facts, &s.Order.Order
	wholes := catalogplan.NewWholes(f.reservedFor(&o.Row), f.onHand(o.Row.BranchID))
	for _, l := range now {
		wholes.Leave(l.moved)
	}
	var want []stockplan.BranchQuantity
	open := false
	for i, quantity := range remaining(o.Quantities(), invoiced) {
		if quantity == 0 {
			continue
		}
		open = true
		product := f.Items.ByID(o.Lines[i].ProductID)
		if product == nil || product.Deleted {
			continue
		}
		moved, err := wholes.Take(product, quantity)
		if err != nil {
			return err
		}
		want = append(want, at(o.Row.BranchID, moved)...)
	}
	switch {
	case !open:
		o.Row.Status = taphoa.OrderCompleted
	case len(invoiced) > 0:
		o.Row.Status = taphoa.OrderDelivering
	default:
		o.Row.Status = o.Row.OpenStatus
	}
	return f.Stock.Reserve("order", o.Row.ID, want, stockplan.Limits{BelowZero: true})
}

// changed notes the instant of a change. The status to go back to is the last one in which the order was open.
func (o *OrderRow) changed(f *Facts) {
	if o.Status != taphoa.OrderCompleted && o.Status != taphoa.OrderVoided && o.Status != taphoa.OrderDelivering {
		o.OpenStatus = o.Status
	}
	o.ModifiedDate, o.ChangedAt = taphoa.Some(f.Now), f.Now
}

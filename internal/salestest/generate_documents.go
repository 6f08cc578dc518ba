package salestest

import (
	"slices"

	"github.com/taphoa/taphoa"
	salesplan "github.com/taphoa/taphoa/internal/sales/plan"
)

func (g *Generator) order() *taphoa.OrderInput {
	branch := g.branch()
	in := &taphoa.OrderInput{
		BranchID: taphoa.Some(branch), OrderDetails: g.lines(branch), TotalPayment: g.totalPayment(), Method: taphoa.SomeIf(g.method()),
		AccountID: g.account(), MakeInvoice: g.one(8), PurchaseDate: g.dated(),
	}
	in.Discount, in.DiscountRatio = g.discount()
	in.Customer, in.CustomerID = g.customer()
	if g.one(3) {
		in.Status = taphoa.Some[int64](taphoa.OrderConfirmed)
	}
	if g.one(4) {
		in.OrderDelivery = g.delivery(true)
	}
	if g.one(3) {
		in.Surcharges = g.surcharges()
	}
	if g.one(4) {
		in.Payments, in.IsApplyVoucher = g.payments()
	}
	in.PriceBookID = g.priceBook()
	in.SoldByID = g.seller()
	if g.one(40) {
		in.BranchID = taphoa.Some[int64](987_654)
	}
	return in
}

// changeOrder changes a stored order, or invoices what is left of it.
func (g *Generator) changeOrder() *taphoa.OrderUpdate {
	id := g.recentOrder()
	in := &taphoa.OrderUpdate{ByID: taphoa.ByID{ID: id}}
	o := g.m.Orders[id]
	if o == nil {
		return in
	}
	in.MakeInvoice = g.one(6)
	switch g.r.IntN(10) {
	case 0, 1, 2:
		in.OrderDetails = g.lines(o.Row.BranchID)
	case 3, 4:
		in.Discount, in.DiscountRatio = g.discount()
	case 5:
		in.Surcharges = g.surcharges()
	case 6:
		in.BranchID = taphoa.Some(g.branch())
	case 7:
		in.Customer, in.CustomerID = g.customer()
	case 8:
		in.OrderDelivery = g.delivery(true)
	case 9:
		in.PurchaseDate = g.dated()
	}
	if g.one(4) {
		in.Status = taphoa.Some(1 + g.r.Int64N(5))
	}
	if g.one(3) {
		in.TotalPayment, in.Method, in.AccountID = g.totalPayment(), taphoa.SomeIf(g.method()), g.account()
	}
	if g.one(6) {
		in.Payments, in.IsApplyVoucher = g.payments()
	}
	return in
}

func (g *Generator) priceBook() taphoa.Opt[int64] {
	if !g.one(5) || len(g.m.PriceBooks) == 0 {
		return taphoa.Opt[int64]{}
	}
	return taphoa.Some(pick(g, g.m.PriceBooks...).ID)
}

func (g *Generator) seller() taphoa.Opt[int64] {
	if !g.one(5) {
		return taphoa.Opt[int64]{}
	}
	ids, removed := make([]int64, 0, len(g.m.Directory.Users)), g.one(8)
	for id, user := range g.m.Directory.Users {
		if !user.Removed || removed {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return taphoa.Some(pick(g, ids...))
}

// invoice is a sale without an order.
func (g *Generator) invoice() *taphoa.InvoiceInput {
	branch := g.branch()
	in := &taphoa.InvoiceInput{BranchID: taphoa.Some(branch), InvoiceDetails: g.lines(branch), SoldByID: g.seller(), PriceBookID: g.priceBook()}
	in.Discount, in.DiscountRatio = g.discount()
	in.Customer, in.CustomerID = g.customer()
	if g.one(4) {
		in.Surcharges = g.surcharges()
	}
	g.pay(in)
	return in
}

// pay adds how an invoice is paid and delivered.
func (g *Generator) pay(in *taphoa.InvoiceInput) {
	in.TotalPayment, in.Method, in.AccountID, in.PurchaseDate = g.totalPayment(), taphoa.SomeIf(g.method()), g.account(), g.dated()
	if g.one(4) {
		in.Payments, in.IsApplyVoucher = g.payments()
	}
	if g.one(4) {
		in.DeliveryDetail = g.delivery(true)
	}
	if g.one(6) {
		in.Status = taphoa.Some(pick[int64](g, taphoa.InvoiceProcessing, taphoa.InvoiceCompleted))
	}
	if g.one(10) {
		in.CodPaymentMethod = taphoa.Some(pick(g, "Cash", "Transfer"))
	}
}

// invoiceOfOrder invoices an order: all that is left of it, some of it, or with members of its own.
func (g *Generator) invoiceOfOrder() *taphoa.InvoiceInput {
	id := g.recentOrder()
	in := &taphoa.InvoiceInput{OrderID: taphoa.Some(id)}
	o := g.m.Orders[id]
	if o == nil {
		return in
	}
	if g.one(3) {
		g.pay(in)
	}
	if !g.one(3) {
		in.InvoiceDetails = g.partOf(o)
	} else if slices.ContainsFunc(o.Lines, func(l salesplan.OrderLineRow) bool { return g.m.items[l.ProductID].IsSerial }) && !g.one(5) {
		in.InvoiceDetails = g.partOf(o)
	}
	switch g.r.IntN(12) {
	case 0:
		in.Discount = taphoa.Some[taphoa.Money](0)
	case 1:
		in.Discount, in.DiscountRatio = g.discount()
	case 2:
		in.Surcharges = []taphoa.SurchargeWrite{}
	case 3:
		in.Surcharges = g.surcharges()
	case 4:
		in.BranchID = taphoa.Some(g.branch())
	case 5:
		in.Customer, in.CustomerID = g.customer()
	case 6:
		in.UsingCod = taphoa.Some(g.one(2))
	}
	return in
}

// partOf are lines that name goods of an order, seldom more than it has.
func (g *Generator) partOf(o *salesplan.Order) (lines []taphoa.DetailInput) {
	for i, l := range o.Lines {
		item := g.m.items[l.ProductID]
		if i > 0 && g.one(3) {
			continue
		}
		d := taphoa.DetailInput{ProductID: taphoa.Some(l.ProductID), Quantity: taphoa.Some(l.Quantity)}
		if l.Quantity > taphoa.Units(1) && g.one(2) {
			d.Quantity = taphoa.Some(taphoa.Units(1 + g.r.Int64N(int64(l.Quantity/taphoa.Scale))))
		}
		if g.one(15) {
			d.Quantity = taphoa.Some(l.Quantity + taphoa.Units(1))
		}
		if item.IsSerial {
			d = g.line(item, o.Row.BranchID)
			d.Price, d.Discount, d.DiscountRatio, d.Taxes = taphoa.Opt[taphoa.Money]{}, taphoa.Opt[taphoa.Money]{}, taphoa.Opt[taphoa.Percent]{}, nil
		}
		if g.one(8) {
			d.Price = taphoa.Some(l.Price) // copied from the order
		}
		lines = append(lines, d)
	}
	return lines
}

// change changes a stored invoice.
func (g *Generator) change() *taphoa.InvoiceUpdate {
	id := g.recentInvoice()
	in := &taphoa.InvoiceUpdate{ByID: taphoa.ByID{ID: id}}
	v := g.m.Invoices[id]
	if v == nil {
		return in
	}
	switch g.r.IntN(8) {
	case 0, 1:
		in.InvoiceDetails = g.lines(v.Row.BranchID)
	case 2:
		in.InvoiceDetails = g.written(v)
	case 3, 4:
		in.DeliveryDetail = &taphoa.DeliveryInput{Status: taphoa.Some(1 + g.r.Int64N(12))}
		if g.one(3) {
			in.DeliveryDetail = g.delivery(true)
		}
	case 5:
		in.PurchaseDate = taphoa.Some(g.m.Clock - taphoa.Time(g.r.Int64N(int64(2*day))))
	case 6:
		in.Status = taphoa.Some(1 + g.r.Int64N(5))
	}
	if g.one(12) {
		in.PurchaseDate = taphoa.Some(g.m.Clock - taphoa.Time(g.r.Int64N(int64(2*day))))
	}
	if g.one(4) {
		in.TotalPayment, in.Method, in.AccountID = g.totalPayment(), taphoa.SomeIf(g.method()), g.account()
	}
	if g.one(8) {
		in.Payments, in.IsApplyVoucher = g.payments()
	}
	if g.one(8) {
		in.CodPaymentMethod = taphoa.Some(pick(g, "Cash", "Transfer"))
	}
	if g.one(8) {
		in.Description = taphoa.Some("Đã sửa")
	}
	return in
}

// written are the lines of an invoice as an answer shows them and programs send them back, sometimes with a change.
func (g *Generator) written(v *salesplan.Invoice) (lines []taphoa.DetailInput) {
	for _, l := range v.Lines {
		d := taphoa.DetailInput{
			ProductID: taphoa.Some(l.ProductID), ProductCode: taphoa.Some(l.ProductCode), Quantity: taphoa.Some(l.Quantity),
			Price: taphoa.Some(l.Price), Discount: l.Discount, DiscountRatio: l.DiscountRatio, Note: l.Note,
			SerialNumbers: l.SerialNumbers, ProductBatchExpireID: l.BatchID,
		}
		for _, t := range v.Taxes {
			if t.Line == l.Line {
				d.Taxes = append(d.Taxes, taphoa.TaxWrite{TaxID: t.TaxID, PriceAfterTax: t.PriceAfterTax, DiscountAfterTax: t.DiscountAfterTax})
			}
		}
		if g.one(4) && !l.SerialNumbers.Has() {
			d.Quantity = taphoa.Some(taphoa.Units(1 + g.r.Int64N(5)))
		}
		lines = append(lines, d)
	}
	return lines
}

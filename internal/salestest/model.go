package salestest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	salesplan "github.com/taphoa/taphoa/internal/sales/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// Model keeps the books of a shop in the simplest way: what every document has moved, as its lines and totals say. It
// knows neither ledgers nor steps.
type Model struct {
	m        *Memory
	onHand   map[stockplan.LevelKey]taphoa.Quantity
	reserved map[stockplan.LevelKey]taphoa.Quantity
	debt     map[int64]taphoa.Money // of customers; 0 is everybody without a name
	points   map[int64]int64
	sold     map[int64]taphoa.Money
	revenue  map[int64]taphoa.Money // sold less what came back
	invoices map[int64]invoiceBook
	returns  map[int64]returnBook
	orders   map[int64]map[stockplan.LevelKey]taphoa.Quantity
	payments map[int64]paymentBook
	codes    map[string]int64
	findings []string
	touched  map[stockplan.LevelKey]bool
	byHand   map[int64]int64 // statuses that orders were given, and keep until their invoices change
	parcels  map[int64]int64 // states of the deliveries of invoices
	brought  map[int64]int64 // by the id of a payment that a carrier has brought: for which invoice
	accounts *accountBooks
	whole    map[int64]bool // orders all of whose invoices have left out everything but goods
}

// invoiceBook is what an invoice has moved.
type invoiceBook struct {
	goods    map[stockplan.LevelKey]taphoa.Quantity
	customer int64
	total    taphoa.Money
	points   int64
}

type paymentBook struct {
	customer int64
	amount   taphoa.Money
}

// NewModel returns the books of a shop that has sold nothing yet.
func NewModel(m *Memory) *Model {
	b := &Model{
		m: m, onHand: map[stockplan.LevelKey]taphoa.Quantity{}, reserved: map[stockplan.LevelKey]taphoa.Quantity{},
		debt: map[int64]taphoa.Money{}, points: map[int64]int64{}, sold: map[int64]taphoa.Money{}, invoices: map[int64]invoiceBook{},
		orders: map[int64]map[stockplan.LevelKey]taphoa.Quantity{}, payments: map[int64]paymentBook{}, codes: maps.Clone(m.Codes),
		touched: map[stockplan.LevelKey]bool{}, whole: map[int64]bool{}, byHand: map[int64]int64{}, parcels: map[int64]int64{}, brought: map[int64]int64{},
		revenue: map[int64]taphoa.Money{}, returns: map[int64]returnBook{},
	}
	b.accounts = newAccountBooks(m, b.find)
	for key, l := range m.Levels {
		b.onHand[key] = l.OnHand
	}
	return b
}

func (b *Model) find(format string, args ...any) {
	b.findings = append(b.findings, fmt.Sprintf(format, args...))
}

// After enters an operation that the shop has accepted, and returns where the shop differs from these books.
func (b *Model) After(op *Operation, s *salesplan.Sale) []string {
	b.findings = b.findings[:0]
	clear(b.touched)
	if op.Receive != nil {
		for _, p := range op.Receive.Postings {
			key := stockplan.LevelKey{ProductID: p.ProductID, BranchID: int64(p.To)}
			b.onHand[key] += p.Quantity
			b.touched[key] = true
		}
	}
	if s != nil {
		b.afterSale(op, s)
	}
	if op.Entry != nil || op.VoidEntry != nil {
		b.afterEntry(op)
	}
	b.compareLevels(b.touched)
	b.checkAccounts()
	touched := b.accounts.enter(op, s)
	b.accounts.compare(touched)
	b.accounts.compareOrders(touched)
	return b.findings
}

func (b *Model) afterSale(op *Operation, s *salesplan.Sale) {
	var order, invoice, back int64
	customers := map[int64]bool{}
	if s.Order != nil {
		order = s.Order.Row.ID
	}
	if s.Invoice != nil {
		invoice = s.Invoice.Row.ID
		v := b.m.Invoices[invoice]
		b.checkCode("HD", v.Row.Code, s.Invoice.Stored == nil)
		b.enterInvoice(v)
		b.checkInvoice(v)
		b.checkParcel(v)
		customers[v.Row.CustomerID.Or(0)] = true
		if s.Return == nil {
			b.checkWhole(op, s)
		}
	}
	if s.Return != nil {
		back = s.Return.Row.ID
		r := b.m.Returns[back]
		b.checkCode("TH", r.Row.Code, s.Return.Stored == nil)
		b.enterReturn(r)
		customers[r.Row.CustomerID.Or(0)] = true
	}
	if invoice != 0 {
		b.checkReturned(b.m.Invoices[invoice])
	}
	if order != 0 {
		o := b.m.Orders[order]
		b.checkCode("DH", o.Row.Code, s.Order.Stored == nil)
		b.noteStatus(op, s)
		b.enterOrder(o)
		b.checkOrder(o)
		customers[o.Row.CustomerID.Or(0)] = true
	}
	var booked []*cashplan.PaymentRow
	for _, p := range slices.Concat(b.m.PaymentsOfOrder(order), b.m.PaymentsOfInvoice(invoice), b.m.PaymentsOfReturn(back)) {
		if _, known := b.payments[p.ID]; !known {
			booked = append(booked, p)
			prefix := "TTDH"
			if p.ReturnID.Has() {
				prefix = "PCTH"
			} else if p.InvoiceID.Has() || strings.HasPrefix(p.Code, "TTHD") {
				prefix = "TTHD"
			}
			b.checkCode(prefix, p.Code, true)
		}
		b.enterPayment(p)
		customers[p.PartnerID] = true
	}
	b.checkRequest(op, s)
	b.checkWalkIn(op, s, booked)
	for id := range customers {
		b.compareCustomer(id)
	}
}

// enterPayment puts a payment into the books in place of what it was.
func (b *Model) enterPayment(p *cashplan.PaymentRow) {
	old := b.payments[p.ID]
	b.debt[old.customer] += old.amount
	entry := paymentBook{customer: p.PartnerID}
	if p.Paid() && changesDebt(p) {
		entry.amount = p.Amount
	}
	b.debt[entry.customer] -= entry.amount
	b.payments[p.ID] = entry
}

// changesDebt reports whether a payment is one of a customer's account, and no income or expense of the shop's own.
func changesDebt(p *cashplan.PaymentRow) bool {
	return p.PartnerType == taphoa.PartnerCustomer && p.UsedForFinancialReporting == 0
}

// afterEntry enters a new entry of the cash book that belongs to no document, or one that is voided.
func (b *Model) afterEntry(op *Operation) {
	id := b.m.EntryIDs[len(b.m.EntryIDs)-1]
	if op.VoidEntry != nil {
		id = op.VoidEntry.ID
	}
	p := b.m.Payments[id]
	if op.Entry != nil {
		prefix := "TT"
		if p.Amount < 0 {
			prefix = "PC"
		}
		b.checkCode(prefix, p.Code, true)
	}
	b.enterPayment(p)
	b.compareCustomer(p.PartnerID)
}

// checkCode checks that codes have no gaps.
func (b *Model) checkCode(prefix, code string, isNew bool) {
	if !isNew {
		return
	}
	b.codes[prefix]++
	if want := fmt.Sprintf("%s%06d", prefix, b.codes[prefix]); code != want {
		b.find("code %s, want %s", code, want)
	}
}

// goodsOf adds what a quantity of a product is in base units.
func (b *Model) goodsOf(to map[stockplan.LevelKey]taphoa.Quantity, productID, branchID int64, quantity taphoa.Quantity) {
	item := b.m.items[productID]
	switch item.Type {
	case taphoa.ProductGoods:
		to[stockplan.LevelKey{ProductID: item.BaseID, BranchID: branchID}] += quantity * item.Conversion / taphoa.Scale
	case taphoa.ProductCombo:
		for _, material := range item.Materials {
			to[stockplan.LevelKey{ProductID: material.ProductID, BranchID: branchID}] += quantity * material.Quantity / taphoa.Scale
		}
	}
}

// enterInvoice puts an invoice into the books in place of what it was.
func (b *Model) enterInvoice(v *salesplan.Invoice) {
	old := b.invoices[v.Row.ID]
	for key, quantity := range old.goods {
		b.onHand[key] += quantity
		b.touched[key] = true
	}
	b.debt[old.customer] -= old.total
	b.sold[old.customer] -= old.total
	b.revenue[old.customer] -= old.total
	b.points[old.customer] -= old.points
	entry := invoiceBook{goods: map[stockplan.LevelKey]taphoa.Quantity{}, customer: v.Row.CustomerID.Or(0)}
	if v.Row.Status != taphoa.InvoiceVoid && !v.Row.GoodsReturned {
		for _, l := range v.Lines {
			b.goodsOf(entry.goods, l.ProductID, v.Row.BranchID, l.Quantity)
		}
		entry.total, entry.points = v.Row.Total, b.pointsOf(v)
	}
	for key, quantity := range entry.goods {
		b.onHand[key] -= quantity
		b.touched[key] = true
	}
	b.debt[entry.customer] += entry.total
	b.sold[entry.customer] += entry.total
	b.revenue[entry.customer] += entry.total
	b.points[entry.customer] += entry.points
	b.invoices[v.Row.ID] = entry
}

// validInvoices are the invoices of an order that are not voided.
func (b *Model) validInvoices(orderID int64) (all []*salesplan.Invoice) {
	for _, id := range b.m.InvoiceIDs {
		if v := b.m.Invoices[id]; v.Row.OrderID.Has() && v.Row.OrderID.Value == orderID && v.Row.Status != taphoa.InvoiceVoid {
			all = append(all, v)
		}
	}
	return all
}

// left is what the valid invoices of an order have not sold of it, by product.
func (b *Model) left(o *salesplan.Order, invoices []*salesplan.Invoice) map[int64]taphoa.Quantity {
	left := map[int64]taphoa.Quantity{}
	for _, l := range o.Lines {
		left[l.ProductID] += l.Quantity
	}
	for _, v := range invoices {
		for _, l := range v.Lines {
			left[l.ProductID] -= l.Quantity
		}
	}
	maps.DeleteFunc(left, func(_ int64, quantity taphoa.Quantity) bool { return quantity <= 0 })
	return left
}

// noteStatus notes which status an order is to have because a request says so.
func (b *Model) noteStatus(op *Operation, s *salesplan.Sale) {
	o := s.Order
	switch in := op.ChangeOrder; {
	case in != nil && (!in.MakeInvoice || in.Status.Or(0) == taphoa.OrderVoided):
		status := o.Stored.Row.Status
		if given := in.Status.Or(0); taphoa.OrderStatusValue(given) != "" {
			status = given
		}
		b.byHand[o.Row.ID] = status
	case op.VoidOrder != nil:
		b.byHand[o.Row.ID] = taphoa.OrderVoided
	case s.Invoice != nil && (s.Invoice.Stored == nil || s.Invoice.LinesReplaced || s.Invoice.Row.Status == taphoa.InvoiceVoid && s.Invoice.Stored.Row.Status != taphoa.InvoiceVoid):
		if b.byHand[o.Row.ID] != taphoa.OrderVoided {
			delete(b.byHand, o.Row.ID)
		}
	}
}

// enterOrder puts an order into the books in place of what it was, and checks its status.
func (b *Model) enterOrder(o *salesplan.Order) {
	for key, quantity := range b.orders[o.Row.ID] {
		b.reserved[key] -= quantity
		b.touched[key] = true
	}
	held := map[stockplan.LevelKey]taphoa.Quantity{}
	b.orders[o.Row.ID] = held
	invoices := b.validInvoices(o.Row.ID)
	left := b.left(o, invoices)
	want, byHand := b.byHand[o.Row.ID]
	switch {
	case byHand && (want == taphoa.OrderVoided || want == taphoa.OrderCompleted):
		clear(left)
	case len(left) == 0 && len(invoices) > 0:
		want = taphoa.OrderCompleted
	case byHand:
	case len(left) == 0:
		want = taphoa.OrderCompleted
	case len(invoices) > 0:
		want = taphoa.OrderDelivering
	default:
		want = o.Row.OpenStatus
	}
	if o.Row.Status != want {
		b.find("order %s has the status %d, want %d", o.Row.Code, o.Row.Status, want)
	}
	for id, quantity := range left {
		b.goodsOf(held, id, o.Row.BranchID, quantity)
	}
	for key, quantity := range held {
		b.reserved[key] += quantity
		b.touched[key] = true
	}
}

func (b *Model) compareLevels(keys map[stockplan.LevelKey]bool) {
	for key := range keys {
		l := b.m.Levels[key]
		if l.OnHand != b.onHand[key] || l.Reserved != b.reserved[key] {
			b.find("product %d at branch %d: on hand %v, reserved %v; want %v and %v", key.ProductID, key.BranchID, l.OnHand, l.Reserved,
				b.onHand[key], b.reserved[key])
		}
		if s := &b.m.Directory.Settings; l.OnHand < 0 && !s.AllowSellWhenOutStock {
			b.find("product %d at branch %d: on hand %v", key.ProductID, key.BranchID, l.OnHand)
		}
	}
}

func (b *Model) compareCustomer(id int64) {
	if id == 0 {
		return
	}
	c := b.m.Customers[id]
	if debt := b.m.debt(id); debt != b.debt[id] {
		b.find("customer %s owes %v, want %v", c.Code, debt, b.debt[id])
	}
	if c.RewardPoint != b.points[id] || c.TotalPoint != b.points[id] {
		b.find("customer %s has %d points, want %d", c.Code, c.RewardPoint, b.points[id])
	}
	if c.TotalInvoiced != b.sold[id] || c.TotalRevenue != b.revenue[id] {
		b.find("customer %s has bought for %v and %v, want %v and %v", c.Code, c.TotalInvoiced, c.TotalRevenue, b.sold[id], b.revenue[id])
	}
}

// checkWhole checks that the invoices of an order that leave out everything but goods come to the order.
func (b *Model) checkWhole(op *Operation, s *salesplan.Sale) {
	id := s.Invoice.Row.OrderID.Or(0)
	if id == 0 {
		return
	}
	o := b.m.Orders[id]
	if op.ChangeOrder != nil || len(b.validInvoices(id)) > 0 && b.byHand[id] != 0 {
		b.whole[id] = false
	}
	if _, known := b.whole[id]; !known {
		b.whole[id] = true
	}
	if in := op.Invoice; in != nil {
		plain := !in.Discount.Given() && !in.DiscountRatio.Given() && in.Surcharges == nil && in.PriceBookID.Or(0) == 0 &&
			!slices.ContainsFunc(in.InvoiceDetails, func(d taphoa.DetailInput) bool { return d.Price.Has() })
		b.whole[id] = b.whole[id] && plain && !b.sellsMore(o, s.Invoice)
	} else if op.ChangeInvoice != nil && s.Invoice.LinesReplaced {
		b.whole[id] = false
	}
	invoices := b.validInvoices(id)
	if !b.whole[id] || s.Invoice.Stored != nil || len(b.left(o, invoices)) > 0 {
		return
	}
	var total, tax, discount, extra taphoa.Money
	ordered := map[int64]taphoa.Quantity{}
	for _, l := range o.Lines {
		ordered[l.ProductID] += l.Quantity
	}
	for _, v := range invoices {
		total, tax = total+v.Row.Total, tax+v.Row.TotalTax.Value
		discount += v.Row.DiscountAfterTax.Or(v.Row.Discount.Or(0))
		for _, c := range v.Surcharges {
			extra += c.Price
		}
		for _, l := range v.Lines {
			ordered[l.ProductID] -= l.Quantity
		}
	}
	for _, quantity := range ordered {
		if quantity != 0 {
			return // sold more than was ordered
		}
	}
	var ownExtra taphoa.Money
	charged := map[int64]bool{}
	for _, c := range o.Surcharges {
		if id := c.SurchargeID.Or(0); charged[id] {
			return // at a price and by its ratio: invoices take the first for both
		}
		charged[c.SurchargeID.Or(0)] = true
		ownExtra += c.Price
	}
	if discount != o.Row.DiscountAfterTax.Or(o.Row.Discount.Or(0)) || extra != ownExtra || total != o.Row.Total || tax != o.Row.TotalTax.Value {
		b.find("the %d invoices of order %s come to %v with %v of tax, a discount of %v and %v of surcharges, the order to %v, %v, %v and %v",
			len(invoices), o.Row.Code, total, tax, discount, extra, o.Row.Total, o.Row.TotalTax.Value,
			o.Row.DiscountAfterTax.Or(o.Row.Discount.Or(0)), ownExtra)
	}
}

// sellsMore reports whether a new invoice sells more of a product than its order has left.
func (b *Model) sellsMore(o *salesplan.Order, v *salesplan.InvoiceChange) bool {
	others := slices.DeleteFunc(b.validInvoices(o.Row.ID), func(other *salesplan.Invoice) bool { return other.Row.ID == v.Row.ID })
	left := b.left(o, others)
	for _, l := range v.Lines {
		if left[l.ProductID] -= l.Quantity; left[l.ProductID] < 0 {
			return true
		}
	}
	return false
}

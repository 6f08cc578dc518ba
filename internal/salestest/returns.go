package salestest

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	salesplan "github.com/taphoa/taphoa/internal/sales/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

func (m *Memory) askNewReturn(in *taphoa.ReturnInput) *salesplan.Facts {
	q := m.ask()
	if id := in.InvoiceID.Or(0); id == 0 {
		q.customer(in.Customer, in.CustomerID, in.BranchID.Or(0))
		q.lines(salesplan.ReturnDetails(in), nil, in.BranchID.Or(0))
	} else if v := q.returned(id); v != nil {
		v.Issued = m.netIssued(stockplan.DocumentRef{Kind: "invoice", ID: id})
		q.buyer(v.Row.CustomerID)
		q.soldGoods(v, cmp.Or(in.BranchID.Or(0), v.Row.BranchID))
	}
	return q.finish()
}

// returned adds an invoice with its valid returns.
func (q *question) returned(id int64) *salesplan.StoredInvoice {
	row := q.m.Invoices[id]
	if row == nil {
		return nil
	}
	v := &salesplan.StoredInvoice{Invoice: *row}
	var refs []stockplan.DocumentRef
	for _, r := range q.m.validReturns(id) {
		v.Returns = append(v.Returns, r.Row)
		v.ReturnLines, v.ReturnTaxes = append(v.ReturnLines, r.Lines...), append(v.ReturnTaxes, r.Taxes...)
		refs = append(refs, stockplan.DocumentRef{Kind: "return", ID: r.Row.ID})
	}
	v.BroughtBack = q.m.netIssued(refs...)
	q.facts.Invoice = v
	q.invoices = append(q.invoices, id)
	return v
}

// soldGoods adds what decides which goods of an invoice come back to a branch.
func (q *question) soldGoods(v *salesplan.StoredInvoice, branchID int64) {
	for _, out := range v.Issued {
		q.levels[stockplan.LevelKey{ProductID: out.ProductID, BranchID: branchID}] = true
		if out.BatchID != 0 {
			q.stock.LotIDs = append(q.stock.LotIDs, out.BatchID)
		}
	}
	ref := stockplan.DocumentRef{Kind: "invoice", ID: v.Row.ID}
	q.stock.Origins = map[stockplan.DocumentRef]taphoa.Time{ref: 0}
	for _, r := range q.m.Postings[ref] {
		q.stock.Origins[ref] = max(q.stock.Origins[ref], r.EnteredAt)
	}
	q.lines(nil, v.Quantities(), branchID)
	for _, l := range v.Lines {
		for _, number := range stockplan.SplitSerials(l.SerialNumbers.Or("")) {
			q.stock.AskedSerials = append(q.stock.AskedSerials, stockplan.SerialKey{ProductID: q.m.items[l.ProductID].BaseID, Number: number})
		}
	}
}

func (m *Memory) askReturn(id int64) *salesplan.Facts {
	q := m.ask()
	row := m.Returns[id]
	if row == nil {
		return q.finish()
	}
	r := *row
	q.facts.Return = &r
	sold := r.Quantities()
	if v := q.returned(r.Row.InvoiceID.Or(0)); v != nil {
		sold = append(sold, v.Quantities()...)
	}
	q.buyer(r.Row.CustomerID)
	q.returns = append(q.returns, id)
	q.documents = append(q.documents, cashplan.DocumentRef{Kind: "return", ID: id})
	q.stock.Documents = append(q.stock.Documents, stockplan.DocumentRef{Kind: "return", ID: id})
	q.lines(nil, sold, r.Row.BranchID)
	return q.finish()
}

// validReturns are the returns of an invoice that are not void, by id.
func (m *Memory) validReturns(invoiceID int64) (all []*salesplan.Return) {
	for _, id := range m.invoiceReturns[invoiceID] {
		if r := m.Returns[id]; r.Row.Status == taphoa.ReturnDone {
			all = append(all, r)
		}
	}
	return all
}

// netIssued is what documents have taken out of the branches, by product and lot.
func (m *Memory) netIssued(refs ...stockplan.DocumentRef) (all []stockplan.NetIssued) {
	for _, ref := range refs {
		for _, r := range m.Postings[ref] {
			at, found := slices.BinarySearchFunc(all, r, func(n stockplan.NetIssued, r *stockplan.PostingRow) int {
				return cmp.Or(cmp.Compare(n.ProductID, r.ProductID), cmp.Compare(n.BatchID, r.BatchID))
			})
			if !found {
				all = slices.Insert(all, at, stockplan.NetIssued{ProductID: r.ProductID, BatchID: r.BatchID})
			}
			all[at].Quantity -= r.Net()
		}
	}
	return slices.DeleteFunc(all, func(n stockplan.NetIssued) bool { return n.Quantity == 0 })
}

// dependents are the receipts whose cost is taken from a document.
func (m *Memory) dependents(ref stockplan.DocumentRef) (all []stockplan.DependentReceipt) {
	if ref.Kind != "invoice" {
		return nil
	}
	for _, id := range m.invoiceReturns[ref.ID] {
		for _, r := range m.Postings[stockplan.DocumentRef{Kind: "return", ID: id}] {
			if r.OriginID == ref.ID {
				all = append(all, stockplan.DependentReceipt{
					DocumentRef: r.DocumentRef, ProductID: r.ProductID, BranchID: r.BranchID, CostOrder: r.CostOrder,
					OriginKind: r.OriginKind, OriginID: r.OriginID,
				})
			}
		}
	}
	return all
}

func (m *Memory) saveReturn(c *salesplan.ReturnChange) {
	r := c.Return
	m.Returns[r.Row.ID] = &r
	if c.Stored != nil {
		return
	}
	m.ReturnIDs = append(m.ReturnIDs, r.Row.ID)
	if id := r.Row.InvoiceID; id.Has() {
		m.invoiceReturns[id.Value] = append(m.invoiceReturns[id.Value], r.Row.ID)
	}
}

// PaymentsOfReturn are the payments of a return, by id.
func (m *Memory) PaymentsOfReturn(id int64) (rows []*cashplan.PaymentRow) {
	for _, payment := range m.returnPayments[id] {
		rows = append(rows, m.Payments[payment])
	}
	return rows
}

// returnGoods makes a return, mostly of an invoice.
func (g *Generator) returnGoods() *taphoa.ReturnInput {
	in := &taphoa.ReturnInput{ReturnDate: g.dated()}
	if g.one(3) {
		in.TotalPayment, in.Method, in.AccountID = taphoa.Some(g.amount(20_000)), taphoa.SomeIf(g.method()), g.account()
	}
	if g.one(4) {
		in.ReturnFee = taphoa.Some(taphoa.Dong(g.r.Int64N(2_000)))
	}
	if g.one(5) {
		branch := g.branch()
		in.BranchID = taphoa.Some(branch)
		for _, d := range g.lines(branch) {
			in.ReturnDetails = append(in.ReturnDetails, taphoa.ReturnDetailInput{DetailInput: d})
		}
		in.Customer, in.CustomerID = g.customer()
		return in
	}
	id := g.recentInvoice()
	for range 3 {
		if v := g.m.Invoices[id]; v != nil && v.Row.Status == taphoa.InvoiceCompleted {
			break
		}
		id = g.recentInvoice()
	}
	in.InvoiceID = taphoa.Some(id)
	v := g.m.Invoices[id]
	if v == nil || g.one(2) {
		return in
	}
	if g.one(6) {
		in.BranchID = taphoa.Some(g.branch())
	}
	for i, l := range v.Lines {
		if i > 0 && g.one(2) {
			continue
		}
		d := taphoa.ReturnDetailInput{}
		d.ProductID, d.Quantity = taphoa.Some(l.ProductID), taphoa.Some(l.Quantity-l.ReturnQuantity)
		if d.Quantity.Value > taphoa.Units(1) && g.one(2) {
			d.Quantity = taphoa.Some(taphoa.Units(1))
		}
		if serials := stockplan.SplitSerials(l.SerialNumbers.Or("")); len(serials) > 1 && d.Quantity.Value == taphoa.Units(1) {
			d.SerialNumbers = taphoa.Some(pick(g, serials...))
		}
		if g.one(2) {
			d.InvoiceDetailID = taphoa.Some(l.ID)
		}
		in.ReturnDetails = append(in.ReturnDetails, d)
	}
	return in
}

// changeReturn changes a stored return, or pays more of it out.
func (g *Generator) changeReturn() *taphoa.ReturnUpdate {
	in := &taphoa.ReturnUpdate{ByID: taphoa.ByID{ID: g.recent(g.m.ReturnIDs)}}
	if g.one(6) {
		in.TotalPayment, in.Method = taphoa.Some(g.amount(30_000)), taphoa.SomeIf(g.method())
	}
	switch g.r.IntN(4) {
	case 0:
		in.ReturnFee = taphoa.Some(taphoa.Dong(g.r.Int64N(2_000)))
	case 1:
		in.ReturnDate = taphoa.Some(g.m.Clock - taphoa.Time(g.r.Int64N(int64(2*day))))
	case 2:
		in.TotalPayment, in.Method = taphoa.Some(g.amount(30_000)), taphoa.SomeIf(g.method())
	case 3:
		in.Description = taphoa.Some("Đã sửa")
	}
	return in
}

// returnBook is what a return has moved.
type returnBook struct {
	goods    map[stockplan.LevelKey]taphoa.Quantity
	customer int64
	total    taphoa.Money
	points   int64
}

// enterReturn puts a return into the books in place of what it was.
func (b *Model) enterReturn(r *salesplan.Return) {
	old := b.returns[r.Row.ID]
	for key, quantity := range old.goods {
		b.onHand[key] -= quantity
		b.touched[key] = true
	}
	b.debt[old.customer] += old.total
	b.revenue[old.customer] += old.total
	b.points[old.customer] += old.points
	entry := returnBook{goods: map[stockplan.LevelKey]taphoa.Quantity{}, customer: r.Row.CustomerID.Or(0)}
	if r.Row.Status == taphoa.ReturnDone {
		for _, l := range r.Lines {
			b.goodsOf(entry.goods, l.ProductID, r.Row.BranchID, l.Quantity)
		}
		entry.total, entry.points = r.Row.ReturnTotal, r.Row.Points
	}
	for key, quantity := range entry.goods {
		b.onHand[key] += quantity
		b.touched[key] = true
	}
	b.debt[entry.customer] -= entry.total
	b.revenue[entry.customer] -= entry.total
	b.points[entry.customer] -= entry.points
	b.returns[r.Row.ID] = entry
}

// checkReturned checks that the valid returns of an invoice bring back no more of a line than it sold, and with all lines its
// whole value, all tax and all points, unless vouchers have paid.
func (b *Model) checkReturned(v *salesplan.Invoice) {
	returned := map[int64]taphoa.Quantity{}
	var value, fees, extra, tax, vouchers taphoa.Money
	var points int64
	returns := b.m.validReturns(v.Row.ID)
	for _, r := range returns {
		value, fees, points = value+r.Row.ReturnTotal, fees+r.Row.ReturnFee, points+r.Row.Points
		tax += r.Row.TotalTax.Value
		for _, l := range r.Lines {
			returned[l.InvoiceDetailID.Value] += l.Quantity
		}
	}
	all := len(returns) > 0
	for _, l := range v.Lines {
		all = all && returned[l.ID] == l.Quantity
		if returned[l.ID] != l.ReturnQuantity || l.ReturnQuantity > l.Quantity {
			b.find("line %d of invoice %s has %v returned, want %v of %v", l.Line, v.Row.Code, l.ReturnQuantity, returned[l.ID], l.Quantity)
		}
	}
	for _, c := range v.Surcharges {
		extra += c.Price
	}
	var taxOfGoods taphoa.Money // a gift that has come back alone has taken its own off
	for _, t := range v.Taxes {
		taxOfGoods += max(0, t.DetailTax.Value)
	}
	for _, p := range b.m.PaymentsOfInvoice(v.Row.ID) {
		if p.Paid() && p.VoucherID.Has() {
			vouchers += p.Amount
		}
	}
	for _, a := range b.m.Allocations { // those that came with the order
		if a.DebtorKind == "invoice" && a.DebtorID == v.Row.ID && a.CreditorKind == "payment" && b.m.Payments[a.CreditorID].VoucherID.Has() {
			vouchers += a.Amount
		}
	}
	whole := max(0, v.Row.Total-extra) // a surcharge may have paid for more gifts than goods
	if value+fees > whole || all && value+fees != whole && vouchers == 0 {
		b.find("the returns of invoice %s come to %v after fees of %v, its goods to %v, of which vouchers have paid %v",
			v.Row.Code, value, fees, whole, vouchers)
	}
	if tax > taxOfGoods || all && tax != v.Row.TotalTax.Value && vouchers == 0 {
		b.find("the returns of invoice %s have %v of tax, it has %v", v.Row.Code, tax, v.Row.TotalTax.Value)
	}
	if all && points != b.invoices[v.Row.ID].points {
		b.find("the returns of invoice %s take %d points, it gave %d", v.Row.Code, points, b.invoices[v.Row.ID].points)
	}
	if left := b.invoices[v.Row.ID].points - points; v.Row.Status != taphoa.InvoiceVoid && v.Row.Points != left {
		b.find("invoice %s gives %d points, want %d", v.Row.Code, v.Row.Points, left)
	}
}

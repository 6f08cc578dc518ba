package salestest

import (
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	salesplan "github.com/taphoa/taphoa/internal/sales/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// save applies what a plan decides, as package sales saves it.
func (m *Memory) save(s *salesplan.Sale) error {
	f := s.Facts
	money, err := f.Cash.Finish()
	if err != nil {
		return err
	}
	if c := s.Customer; c != nil {
		row := *c
		row.ContactNumber, row.Address, row.WardName, row.LocationName = stored(row.ContactNumber), stored(row.Address), stored(row.WardName), stored(row.LocationName)
		m.Customers[c.ID] = &row
	}
	if c := s.Carrier; c != nil {
		row := *c
		row.ContactNumber, row.Address, row.Email = stored(row.ContactNumber), stored(row.Address), stored(row.Email)
		m.Carriers[c.ID] = &row
	}
	used, _ := f.Vouchers.Used()
	for _, id := range used {
		m.Vouchers[id].Status = taphoa.CodeUsed
	}
	for _, id := range f.Vouchers.Released() {
		m.Vouchers[id].Status = taphoa.CodeReleased
	}
	m.saveStock(f.Stock)
	m.saveCash(&money)
	m.saveAllocations(&money)
	for _, b := range s.Buyers {
		if c := m.Customers[b.CustomerID]; c != nil {
			c.TotalInvoiced += b.Invoiced
			c.TotalRevenue += b.Revenue
			c.TotalPoint += b.Points
			c.RewardPoint += b.Points
		}
	}
	if c := s.Order; c != nil {
		m.saveOrder(c)
	}
	if c := s.Invoice; c != nil {
		m.saveInvoice(c)
	}
	if c := s.Return; c != nil {
		m.saveReturn(c)
	}
	m.saveSettled(&money, s)
	return nil
}

func (m *Memory) saveAllocations(c *cashplan.Changes) {
	key := func(row *cashplan.OpenItemRow) ItemKey {
		return ItemKey{cashplan.Account{Type: row.AccountType, ID: row.AccountID}, cashplan.DocumentRef{Kind: row.Kind, ID: row.DocumentID}}
	}
	for i := range c.NewItems {
		m.OpenItems[key(&c.NewItems[i])] = c.NewItems[i]
	}
	for i := range c.ChangedItems {
		m.OpenItems[key(&c.ChangedItems[i].Row)] = c.ChangedItems[i].Row
	}
	for i := range c.GoneItems {
		delete(m.OpenItems, key(&c.GoneItems[i]))
	}
	for _, row := range c.NewAllocations {
		if row.EndedAt == 0 {
			m.Allocations[row.ID] = row
		} else {
			m.Ended = append(m.Ended, row)
		}
	}
	for i := range c.ChangedAllocations {
		m.Allocations[c.ChangedAllocations[i].Row.ID] = c.ChangedAllocations[i].Row
	}
	for _, id := range c.GoneAllocations {
		delete(m.Allocations, id)
	}
}

// saveSettled applies what other documents than those of the sale are paid.
func (m *Memory) saveSettled(c *cashplan.Changes, s *salesplan.Sale) {
	for ref, by := range c.Settled {
		switch {
		case ref.Kind == salesplan.KindOrder.Name && (s == nil || s.Order == nil || s.Order.Row.ID != ref.ID):
			o := *m.Orders[ref.ID]
			o.Row.TotalPayment += by
			o.Row.ModifiedDate, o.Row.ChangedAt = taphoa.Some(m.Clock), m.Clock
			m.Orders[ref.ID] = &o
		case ref.Kind == salesplan.KindInvoice.Name && (s == nil || s.Invoice == nil || s.Invoice.Row.ID != ref.ID):
			v := *m.Invoices[ref.ID]
			v.Row.TotalPayment += by
			v.Row.ModifiedDate, v.Row.ChangedAt = taphoa.Some(m.Clock), m.Clock
			m.Invoices[ref.ID] = &v
		case ref.Kind == salesplan.KindReturn.Name && (s == nil || s.Return == nil || s.Return.Row.ID != ref.ID):
			r := *m.Returns[ref.ID]
			r.Row.TotalPayment += by
			r.Row.ModifiedDate, r.Row.ChangedAt = taphoa.Some(m.Clock), m.Clock
			m.Returns[ref.ID] = &r
		}
	}
}

// stored makes no difference between null and absent, as a table does.
func stored[T any](o taphoa.Opt[T]) taphoa.Opt[T] {
	if o.Has() {
		return o
	}
	return taphoa.Opt[T]{}
}

func (m *Memory) saveOrder(c *salesplan.OrderChange) {
	if c.Stored == nil {
		m.OrderIDs = append(m.OrderIDs, c.Row.ID)
	}
	o := c.Order
	if !c.LinesReplaced {
		old := m.Orders[c.Row.ID]
		o.Lines, o.Taxes, o.Surcharges = old.Lines, old.Taxes, old.Surcharges
	}
	m.Orders[o.Row.ID] = &o
}

func (m *Memory) saveInvoice(c *salesplan.InvoiceChange) {
	v := c.Invoice
	if c.Stored == nil {
		m.InvoiceIDs = append(m.InvoiceIDs, v.Row.ID)
		if v.Row.OrderID.Has() {
			m.orderInvoices[v.Row.OrderID.Value] = append(m.orderInvoices[v.Row.OrderID.Value], v.Row.ID)
		}
	} else if !c.LinesReplaced {
		v.Surcharges = m.Invoices[v.Row.ID].Surcharges
	}
	m.Invoices[v.Row.ID] = &v
}

func (m *Memory) saveCash(c *cashplan.Changes) {
	for i := range c.NewPayments {
		row := c.NewPayments[i]
		m.Payments[row.ID] = &row
		if row.OrderID.Has() {
			m.orderPayments[row.OrderID.Value] = append(m.orderPayments[row.OrderID.Value], row.ID)
		} else if row.ReturnID.Has() {
			m.returnPayments[row.ReturnID.Value] = append(m.returnPayments[row.ReturnID.Value], row.ID)
		} else if row.InvoiceID.Has() {
			m.directPayments[row.InvoiceID.Value] = append(m.directPayments[row.InvoiceID.Value], row.ID)
		} else {
			m.EntryIDs = append(m.EntryIDs, row.ID)
		}
	}
	for i := range c.ChangedPayments {
		row := c.ChangedPayments[i].Row
		m.Payments[row.ID] = &row
	}
	for _, p := range c.Postings {
		ref := cashplan.DocumentRef{Kind: p.Kind, ID: p.DocumentID}
		m.CashPostings[ref] = append(m.CashPostings[ref], p)
	}
	for _, d := range c.Redated {
		rows := m.CashPostings[cashplan.DocumentRef{Kind: d.Kind, ID: d.DocumentID}]
		for i := range rows {
			rows[i].EffectiveAt = d.EffectiveAt
		}
	}
	for _, b := range c.Balances {
		m.Balances[cashplan.Account{Type: b.AccountType, ID: b.AccountID}] += b.Balance
	}
	for _, a := range c.DebtsChanged {
		if r := m.Customers[a.ID]; r != nil && a == cashplan.Customer(a.ID) && r.CreatedDate < m.Clock {
			r.ModifiedDate, r.ChangedAt = taphoa.Some(m.Clock), m.Clock
		}
	}
}

// PaymentsOfOrder are the payments of an order, by id.
func (m *Memory) PaymentsOfOrder(id int64) (rows []*cashplan.PaymentRow) {
	for _, payment := range m.orderPayments[id] {
		rows = append(rows, m.Payments[payment])
	}
	return rows
}

// PaymentsOfInvoice are the payments of an invoice, by id.
func (m *Memory) PaymentsOfInvoice(id int64) (rows []*cashplan.PaymentRow) {
	for _, payment := range m.directPayments[id] {
		rows = append(rows, m.Payments[payment])
	}
	v := m.Invoices[id]
	if v == nil || !v.Row.OrderID.Has() {
		return rows
	}
	for _, p := range m.PaymentsOfOrder(v.Row.OrderID.Value) {
		if p.InvoiceID.Has() && p.InvoiceID.Value == id {
			rows = append(rows, p)
		}
	}
	return rows
}

func (m *Memory) saveStock(l *stockplan.Ledger) {
	c := l.Changes()
	for _, t := range c.Terms {
		for _, r := range m.Postings[t.DocumentRef] {
			if r.ProductID == t.ProductID && r.BatchID == t.BatchID && r.BranchID == t.BranchID && (r.From == t.Outside || r.To == t.Outside) {
				r.EffectiveAt, r.CostTerms = t.EffectiveAt, t.CostTerms
			}
		}
	}
	for _, level := range c.Lots {
		m.LotLevels[LotKey{level.BatchID, level.BranchID}] = *level
	}
	for _, s := range c.Serials {
		m.Serials[stockplan.SerialKey{ProductID: s.ProductID, Number: s.SerialNumber}] = *s
	}
	for _, p := range c.Postings {
		row := *p
		m.Postings[row.DocumentRef] = append(m.Postings[row.DocumentRef], &row)
		key := stockplan.LevelKey{ProductID: row.ProductID, BranchID: row.BranchID}
		m.atLevel[key] = append(m.atLevel[key], &row)
	}
	for _, r := range c.Reservations {
		key := stockplan.LevelKey{ProductID: r.ProductID, BranchID: r.BranchID}
		held := m.Reservations[r.DocumentRef]
		if held == nil {
			held = map[stockplan.LevelKey]taphoa.Quantity{}
			m.Reservations[r.DocumentRef] = held
		}
		if held[key] = r.Quantity; r.Quantity == 0 {
			delete(held, key)
		}
	}
	m.recost(c.Recost, recostMax*c.Steps)
	for _, l := range c.Levels {
		m.Levels[l.Key()] = stockplan.LevelState{Level: l.Level, EnteredAt: l.EnteredAt, ReceivedAt: l.ReceivedAt, RecostFrom: l.RecostFrom}
	}
}

// recostMax is how many postings package stock revalues at once in an operation.
const recostMax = 50

// recost revalues levels whose costs a plan has made wrong, as far as package stock does at once.
func (m *Memory) recost(levels []*stockplan.LevelState, most int) {
	byProduct := map[int64][]*stockplan.LevelState{}
	var products []int64
	for _, l := range levels {
		if byProduct[l.ProductID] == nil {
			products = append(products, l.ProductID)
		}
		byProduct[l.ProductID] = append(byProduct[l.ProductID], l)
	}
	slices.Sort(products)
	for _, product := range products {
		if most <= 0 {
			return
		}
		w := &stockplan.Window{ProductID: product, Levels: byProduct[product], Openings: map[int64]stockplan.Opening{}}
		complete := true
		for _, l := range w.Levels {
			rows, opening := m.since(l)
			complete = complete && len(rows) <= most
			w.Rows = append(w.Rows, rows...)
			w.Openings[l.BranchID] = opening
		}
		if !complete {
			most--
			continue
		}
		most -= len(w.Rows)
		m.addOrigins(w)
		m.setCosts(w.Revalue(m.Clock))
	}
}

// addOrigins adds to a window the documents that goods have come back from, and what has come back from its own.
func (m *Memory) addOrigins(w *stockplan.Window) {
	origins, sources := map[stockplan.DocumentRef]bool{}, map[stockplan.DocumentRef]bool{}
	for i := range w.Rows {
		r := &w.Rows[i]
		if r.OriginID != 0 {
			origins[stockplan.DocumentRef{Kind: r.OriginKind, ID: r.OriginID}] = true
		}
		if !r.To.IsBranch() {
			sources[r.DocumentRef] = true
		}
	}
	for ref := range origins {
		for _, r := range m.Postings[ref] {
			if r.ProductID == w.ProductID {
				w.Origins = append(w.Origins, *r)
			}
		}
	}
	for ref := range sources {
		for _, d := range m.dependents(ref) {
			if d.ProductID == w.ProductID {
				w.Dependents = append(w.Dependents, d)
			}
		}
	}
}

// since returns the postings of a level from its RecostFrom on, and what it had before.
func (m *Memory) since(l *stockplan.LevelState) (rows []stockplan.PostingRow, opening stockplan.Opening) {
	onHand := l.OnHand
	var last stockplan.CostOrder
	for _, r := range m.atLevel[l.Key()] {
		if r.CostOrder.Compare(l.RecostFrom.CostOrder) >= 0 {
			rows = append(rows, *r)
			onHand -= r.Net()
		} else if r.CostOrder.Compare(last) >= 0 {
			last, opening.Average = r.CostOrder, r.Average
		}
	}
	opening.OnHand = taphoa.Some(onHand)
	return rows, opening
}

// setCosts makes postings have the costs of a revaluation.
func (m *Memory) setCosts(r *stockplan.Revaluation) {
	for i := range r.Costs {
		c := &r.Costs[i]
		for _, p := range m.atLevel[stockplan.LevelKey{ProductID: c.ProductID, BranchID: c.BranchID}] {
			if p.Kind == c.Kind && p.BatchID == c.BatchID && (p.From == c.Outside || p.To == c.Outside) &&
				p.CostOrder.Compare(c.First) >= 0 && p.CostOrder.Compare(c.Last) <= 0 {
				p.Cost, p.Average = c.Cost, c.Average
			}
		}
	}
}

// FinishCosts revalues all levels that were left for later.
func (m *Memory) FinishCosts() {
	byProduct := map[int64]map[int64]*stockplan.LevelState{}
	for _, l := range m.Levels {
		if l.IsRecosting() {
			if byProduct[l.ProductID] == nil {
				byProduct[l.ProductID] = map[int64]*stockplan.LevelState{}
			}
			byProduct[l.ProductID][l.BranchID] = &l
		}
	}
	for product, levels := range byProduct {
		r := m.revalue(product, levels)
		for len(r.Outside) > 0 {
			for _, d := range r.Outside {
				if levels[d.BranchID] == nil {
					l := m.Levels[stockplan.LevelKey{ProductID: product, BranchID: d.BranchID}]
					levels[d.BranchID] = &l
				}
				levels[d.BranchID].SetRecostFrom(d.CostOrder)
			}
			r = m.revalue(product, levels)
		}
		m.setCosts(r)
		for _, l := range levels {
			m.Levels[l.Key()] = stockplan.LevelState{Level: l.Level, EnteredAt: l.EnteredAt, ReceivedAt: l.ReceivedAt}
		}
	}
}

func (m *Memory) revalue(product int64, levels map[int64]*stockplan.LevelState) *stockplan.Revaluation {
	w := &stockplan.Window{ProductID: product, Openings: map[int64]stockplan.Opening{}}
	for branch, l := range levels {
		rows, opening := m.since(l)
		w.Levels, w.Rows, w.Openings[branch] = append(w.Levels, l), append(w.Rows, rows...), opening
	}
	m.addOrigins(w)
	return w.Revalue(m.Clock)
}

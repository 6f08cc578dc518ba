package salestest

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
)

// applyEntry runs an operation of the cash book, as package debt does.
func (m *Memory) applyEntry(op *Operation) (shown any, err error) {
	if op.Entry != nil {
		return m.newEntry(op.Entry)
	}
	return m.voidEntry(op.VoidEntry.ID)
}

func (m *Memory) newEntry(in *taphoa.CashFlowInput) (any, error) {
	branch, err := m.Directory.Branch(in.BranchID.Or(0))
	if err != nil {
		return nil, err
	}
	q, f := m.ask(), cashplan.EntryFacts{Branch: branch, UserName: m.UserName}
	if cashplan.PartnerTypeOf(in) == taphoa.PartnerCustomer {
		f.PartnerTerm = "Khách hàng"
		if c := m.Customers[in.PartnerID.Or(0)]; c != nil {
			f.Partner = &cashplan.PartnerFacts{
				Name: taphoa.Some(c.Name), ContactNumber: c.ContactNumber, Address: c.Address, WardName: c.WardName, LocationName: c.LocationName,
			}
		}
		q.partner = in.PartnerID.Or(0)
	}
	l := q.finish().Cash
	e, err := cashplan.NewEntry(l, &f, in)
	if err == nil {
		err = e.PayNamed(l, in.Documents, func(cashplan.DocumentRef) bool { return true })
	}
	if err != nil {
		return nil, err
	}
	l.Settle()
	e.CashFlow.Documents, _ = l.ShownDocuments(e.CashFlow.ID)
	return e.CashFlow, m.saveMoney(l)
}

func (m *Memory) voidEntry(id int64) (any, error) {
	row := m.Payments[id]
	if row == nil || !row.InCashBook() {
		return nil, taphoa.NotFound(taphoa.CodeValidate, "Phiếu thu chi không tồn tại")
	}
	q := m.ask()
	q.payments = append(q.payments, id)
	if row.UsedForFinancialReporting == 0 && row.PartnerType == taphoa.PartnerCustomer {
		q.partner = row.PartnerID
	}
	l := q.finish().Cash
	if c := m.Customers[row.PartnerID]; c != nil {
		l.NamePartner(taphoa.PartnerCustomer, c.ID, cashplan.PartnerFacts{
			Name: taphoa.Some(c.Name), ContactNumber: stored(c.ContactNumber), Address: stored(c.Address), WardName: stored(c.WardName), LocationName: stored(c.LocationName),
		})
	}
	v, _ := l.CashFlow(row)
	v.User, v.Branch = m.UserName, taphoa.Some(m.Directory.Branches[row.BranchID].BranchName)
	for _, a := range m.BankAccounts {
		if a.ID == row.AccountID.Or(0) {
			v.Account = taphoa.Some(a.BankName + " - " + a.AccountNumber)
		}
	}
	v, err := cashplan.VoidEntry(l, v)
	if err != nil {
		return nil, err
	}
	l.Settle()
	v.Documents = nil
	return taphoa.CashFlowVoided{CashFlow: v, Message: taphoa.MessageDeleted}, m.saveMoney(l)
}

// saveMoney applies what an operation decides that concerns no sale.
func (m *Memory) saveMoney(l *cashplan.Ledger) error {
	money, err := l.Finish()
	if err != nil {
		return err
	}
	m.saveCash(&money)
	m.saveAllocations(&money)
	m.saveSettled(&money, nil)
	return nil
}

// entry is a receipt from a customer, or a payment to one, that belongs to no document.
func (g *Generator) entry() *taphoa.CashFlowInput {
	in := &taphoa.CashFlowInput{
		BranchID: taphoa.Some(g.branch()), Method: g.method(), AccountID: g.account(), TransDate: g.dated(),
		PartnerType: taphoa.Some(taphoa.PartnerCustomer), PartnerID: taphoa.Some(pick(g, sortedIDs(g.m.Customers)...)),
	}
	switch n := g.r.IntN(60); {
	case n < 3:
		in.PartnerType, in.PartnerID = taphoa.Opt[string]{}, taphoa.Opt[int64]{} // of the shop's own
	case n < 5:
		in.UsedForFinancialReporting = taphoa.Some[int64](1)
	case n == 5:
		in.PartnerID = taphoa.Some(pick[int64](g, 0, 987_654))
	}
	debt := g.m.debt(in.PartnerID.Or(0))
	switch n := g.r.IntN(10); {
	case debt != 0 && n < 2: // all that is owed, or is credit
		in.Amount = taphoa.Some(debt)
	case debt != 0 && n < 6:
		in.Amount = taphoa.Some(max(taphoa.Dong(1), taphoa.Money(g.r.Int64N(int64(debt.Abs())))))
		if debt < 0 {
			in.Amount.Value = -in.Amount.Value
		}
	case n < 8:
		in.Amount = taphoa.Some(g.amount(150_000))
	default:
		in.Amount, in.IsReceipt = taphoa.Some(g.amount(60_000)), taphoa.Some(g.one(4))
	}
	if g.one(2) {
		in.Documents = g.named(in)
	}
	return in
}

// named are documents that a new entry is to pay: those that are open, and sometimes others.
func (g *Generator) named(in *taphoa.CashFlowInput) (documents []taphoa.PaidDocumentInput) {
	out := in.Amount.Value < 0 || !in.IsReceipt.Or(true)
	var open []cashplan.OpenItemRow
	for key, row := range g.m.OpenItems {
		if key.Account.ID == in.PartnerID.Or(0) && (row.OpenAmount < 0 == out || g.one(20)) {
			open = append(open, row)
		}
	}
	slices.SortFunc(open, func(a, b cashplan.OpenItemRow) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.DocumentID, b.DocumentID))
	})
	g.r.Shuffle(len(open), func(i, k int) { open[i], open[k] = open[k], open[i] })
	left := in.Amount.Value.Abs().RoundDong()
	for _, row := range open[:min(len(open), 1+g.r.IntN(3))] {
		d := taphoa.PaidDocumentInput{Type: row.Kind, ID: taphoa.Some(row.DocumentID)}
		part := min(left, row.OpenAmount.Abs())
		if part <= 0 && !g.one(10) {
			break
		}
		if !g.one(3) && part > 0 {
			part = taphoa.Dong(1 + g.r.Int64N(int64(part/taphoa.Scale)))
			d.Amount = taphoa.Some(part)
		}
		if g.one(30) {
			d.Amount = taphoa.Some(g.amount(100_000))
		}
		left -= part
		documents = append(documents, d)
	}
	if g.one(40) {
		documents = append(documents, taphoa.PaidDocumentInput{Type: pick(g, "invoice", "return", "Invoice", ""), ID: taphoa.Some(g.recentInvoice())})
	}
	return documents
}

// entryToVoid is mostly one that belongs to no document.
func (g *Generator) entryToVoid() *taphoa.ByID {
	if len(g.m.EntryIDs) == 0 || g.one(30) {
		return &taphoa.ByID{ID: 1 + g.r.Int64N(g.m.IDs["payments"]+2)}
	}
	return &taphoa.ByID{ID: g.recent(g.m.EntryIDs)}
}

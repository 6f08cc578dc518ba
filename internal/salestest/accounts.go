package salestest

import (
	"slices"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	salesplan "github.com/taphoa/taphoa/internal/sales/plan"
)

// accounts adds the accounts of the customers in the facts with their open items, and the allocations of the documents and
// payments that the question has.
func (q *question) accounts(cash *cashplan.Facts) {
	m, f := q.m, q.facts
	account := func(id int64) {
		if a := cashplan.Customer(id); id != 0 && !slices.Contains(cash.Accounts, a) {
			cash.Accounts = append(cash.Accounts, a)
		}
	}
	account(q.partner)
	if f.Buyer.Has() {
		account(f.Buyer.Value.ID)
	}
	if c := f.Customer; c != nil {
		account(c.ByID.Value.ID)
		account(c.ByCode.Value.ID)
		for _, n := range c.ByNumber {
			account(n.ID)
		}
	}
	if o := f.Order; o != nil {
		account(o.Row.CustomerID.Or(0))
	}
	if v := f.Invoice; v != nil {
		account(v.Row.CustomerID.Or(0))
	}
	if r := f.Return; r != nil {
		account(r.Row.CustomerID.Or(0))
	}
	for key, row := range m.OpenItems {
		if slices.Contains(cash.Accounts, key.Account) {
			cash.OpenItems = append(cash.OpenItems, row)
		}
	}
	slices.SortFunc(cash.OpenItems, func(a, b cashplan.OpenItemRow) int {
		return int(a.DocumentID-b.DocumentID) + 1_000_000*(len(a.Kind)-len(b.Kind))
	})
	asked := func(ref cashplan.DocumentRef) bool {
		switch ref.Kind {
		case salesplan.KindInvoice.Name:
			return slices.Contains(q.invoices, ref.ID)
		case salesplan.KindReturn.Name:
			return slices.Contains(q.returns, ref.ID)
		case "payment":
			return slices.ContainsFunc(cash.Payments, func(p cashplan.PaymentRow) bool { return p.ID == ref.ID })
		}
		return false
	}
	for _, id := range sortedIDs(m.Allocations) {
		if row := m.Allocations[id]; asked(row.Creditor()) || asked(row.Debtor()) {
			cash.Allocations = append(cash.Allocations, row)
		}
	}
}

// paying are the payments that documents of the question show although they were not booked for them: they pay them already, or
// may be credit that does.
func (q *question) paying(cash *cashplan.Facts) (rows []*cashplan.PaymentRow) {
	for _, a := range cash.Allocations {
		for _, ref := range []cashplan.DocumentRef{a.Creditor(), a.Debtor()} {
			if ref.Kind == "payment" {
				rows = append(rows, q.m.Payments[ref.ID])
			}
		}
	}
	for _, i := range cash.OpenItems {
		if i.Kind == "payment" {
			rows = append(rows, q.m.Payments[i.DocumentID])
		}
	}
	return rows
}

func sortedIDs[V any](rows map[int64]V) []int64 {
	ids := make([]int64, 0, len(rows))
	for id := range rows {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// sums are what checkAccounts adds up: by document what it has been paid and what it has settled, and by customer the parts of the
// debt.
type sums struct {
	paid, spent              map[cashplan.DocumentRef]taphoa.Money
	debts, deposits, credits map[int64]taphoa.Money
}

// checkAccounts checks the two invariants of customers' accounts: totalPayment = Σ payments + Σ allocations, and
// debt = Σ (total − totalPayment) of debtor documents − deposits − credit.
func (b *Model) checkAccounts() {
	s := sums{
		paid: map[cashplan.DocumentRef]taphoa.Money{}, spent: map[cashplan.DocumentRef]taphoa.Money{},
		debts: map[int64]taphoa.Money{}, deposits: map[int64]taphoa.Money{}, credits: map[int64]taphoa.Money{},
	}
	for _, a := range b.m.Allocations {
		s.paid[a.Debtor()] += a.Amount
		s.spent[a.Creditor()] += a.Amount
		if a.DebtorKind == "payment" {
			s.paid[a.Creditor()] += a.Amount
			if a.CreditorKind == "return" {
				s.credits[a.AccountID] += a.Amount // which is paid out, and spent
			}
		}
		if a.Amount <= 0 || a.CreditorCode == "" || a.DebtorCode == "" {
			b.find("allocation %+v", a)
		}
	}
	for _, p := range b.m.Payments {
		b.addPayment(&s, p)
	}
	for _, v := range b.m.Invoices {
		b.addInvoice(&s, &v.Row)
	}
	for _, r := range b.m.Returns {
		b.addReturn(&s, &r.Row)
	}
	for id := range b.m.Customers {
		if debt := b.m.debt(id); debt != s.debts[id]-s.deposits[id]-s.credits[id] {
			b.find("customer %d owes %v: open %v, deposits %v, credit %v", id, debt, s.debts[id], s.deposits[id], s.credits[id])
		}
	}
	b.checkNoCreditBesideDebt()
}

func (b *Model) addPayment(s *sums, p *cashplan.PaymentRow) {
	ref := paymentRef(p.ID)
	if !p.Paid() {
		if p.Applied != 0 || s.spent[ref] != 0 {
			b.find("payment %s, which is void, pays %v", p.Code, p.Applied)
		}
		return
	}
	if !changesDebt(p) {
		return
	}
	left := p.Amount - p.Applied - s.spent[ref]
	if p.Amount < 0 {
		left = p.Amount - p.Applied + s.paid[ref]
	}
	switch {
	case p.InvoiceID.Has():
		s.paid[ownOf(p)] += p.Applied
	case p.ReturnID.Has():
		s.paid[ownOf(p)] -= p.Applied
	}
	open := b.m.OpenItems[ItemKey{cashplan.Customer(p.PartnerID), ref}].OpenAmount
	switch isDeposit := p.OrderID.Has() && !p.InvoiceID.Has(); {
	case isDeposit: // of which a part may have come back from another document as credit
		s.deposits[p.PartnerID] += left + open
		s.credits[p.PartnerID] -= open
	case open != -left && p.PartnerID != 0:
		b.find("payment %s of %v has %v left, but %v open", p.Code, p.Amount, left, open)
	default:
		s.credits[p.PartnerID] += left
	}
	if p.VoucherID.Has() && open != 0 {
		b.find("voucher %s is credit of %v", p.Code, open)
	}
}

func (b *Model) addInvoice(s *sums, v *salesplan.InvoiceRow) {
	ref, customer, due := cashplan.DocumentRef{Kind: "invoice", ID: v.ID}, v.CustomerID.Or(0), v.Total
	if v.GoodsReturned {
		due = 0
	}
	if v.TotalPayment != s.paid[ref] || v.TotalPayment > due {
		b.find("invoice %s of %v shows %v paid, its payments and allocations come to %v", v.Code, due, v.TotalPayment, s.paid[ref])
	}
	s.debts[customer] += due - v.TotalPayment
	if open := b.m.OpenItems[ItemKey{cashplan.Customer(customer), ref}].OpenAmount; customer != 0 && open != due-v.TotalPayment {
		b.find("invoice %s of %v is paid %v, but leaves %v open", v.Code, due, v.TotalPayment, open)
	}
}

func (b *Model) addReturn(s *sums, r *salesplan.ReturnRow) {
	ref, worth := cashplan.DocumentRef{Kind: "return", ID: r.ID}, r.ReturnTotal
	if r.Status == taphoa.ReturnVoid {
		worth = 0
	}
	if r.TotalPayment != s.paid[ref] {
		b.find("return %s shows %v paid out, its payments come to %v", r.Code, r.TotalPayment, s.paid[ref])
	}
	s.credits[r.CustomerID.Or(0)] += worth - r.TotalPayment - s.spent[ref]
}

// checkNoCreditBesideDebt: there is no credit beside an open document, but for what is to be collected on delivery.
func (b *Model) checkNoCreditBesideDebt() {
	open, credit := map[cashplan.Account]bool{}, map[cashplan.Account]bool{}
	for key, row := range b.m.OpenItems {
		if row.OpenAmount > row.HeldAmount {
			open[key.Account] = true
		}
		if row.OpenAmount < 0 {
			credit[key.Account] = true
		}
	}
	for a := range open {
		if credit[a] {
			b.find("customer %d has credit beside an open document", a.ID)
		}
	}
}

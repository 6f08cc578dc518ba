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

// checkAccounts checks the two invariants of customers' accounts: totalPayment = Σ payments + Σ allocations, and
// debt = Σ (total − totalPayment) of debtor documents − deposits − credit.
func (b *Model) checkAccounts() {
	m, paid, spent := b.m, map[cashplan.DocumentRef]taphoa.Money{}, map[cashplan.DocumentRef]taphoa.Money{}
	for _, a := range m.Allocations {
		paid[a.Debtor()] += a.Amount
		spent[a.Creditor()] += a.Amount
		if a.DebtorKind == "payment" {
			paid[a.Creditor()] += a.Amount
		}
		if a.Amount <= 0 || a.CreditorCode == "" || a.DebtorCode == "" {
			b.find("allocation %+v", a)
		}
	}
	deposits, credit, debts := map[int64]taphoa.Money{}, map[int64]taphoa.Money{}, map[int64]taphoa.Money{}
	for id, p := range m.Payments {
		if !p.Paid() {
			if p.Applied != 0 || spent[cashplan.DocumentRef{Kind: "payment", ID: id}] != 0 {
				b.find("payment %s, which is void, pays %v", p.Code, p.Applied)
			}
			continue
		}
		if !changesDebt(p) {
			continue
		}
		ref := cashplan.DocumentRef{Kind: "payment", ID: id}
		left := p.Amount - p.Applied - spent[ref]
		if p.Amount < 0 {
			left = p.Amount - p.Applied + paid[ref]
		}
		switch {
		case p.InvoiceID.Has():
			paid[cashplan.DocumentRef{Kind: "invoice", ID: p.InvoiceID.Value}] += p.Applied
		case p.ReturnID.Has():
			paid[cashplan.DocumentRef{Kind: "return", ID: p.ReturnID.Value}] -= p.Applied
		}
		open := m.OpenItems[ItemKey{cashplan.Customer(p.PartnerID), ref}].OpenAmount
		switch isDeposit := p.OrderID.Has() && !p.InvoiceID.Has(); {
		case isDeposit: // of which a part may have come back from another document as credit
			deposits[p.PartnerID] += left + open
			credit[p.PartnerID] -= open
		case open != -left && p.PartnerID != 0:
			b.find("payment %s of %v has %v left, but %v open", p.Code, p.Amount, left, open)
		default:
			credit[p.PartnerID] += left
		}
		if p.VoucherID.Has() && open != 0 {
			b.find("voucher %s is credit of %v", p.Code, open)
		}
	}
	for id, v := range m.Invoices {
		ref := cashplan.DocumentRef{Kind: "invoice", ID: id}
		due := v.Row.Total
		if v.Row.GoodsReturned {
			due = 0
		}
		if v.Row.TotalPayment != paid[ref] || v.Row.TotalPayment > due {
			b.find("invoice %s of %v shows %v paid, its payments and allocations come to %v", v.Row.Code, due, v.Row.TotalPayment, paid[ref])
		}
		debts[v.Row.CustomerID.Or(0)] += due - v.Row.TotalPayment
		if open := m.OpenItems[ItemKey{cashplan.Customer(v.Row.CustomerID.Or(0)), ref}].OpenAmount; v.Row.CustomerID.Has() && open != due-v.Row.TotalPayment {
			b.find("invoice %s of %v is paid %v, but leaves %v open", v.Row.Code, due, v.Row.TotalPayment, open)
		}
	}
	for id, r := range m.Returns {
		ref := cashplan.DocumentRef{Kind: "return", ID: id}
		worth := r.Row.ReturnTotal
		if r.Row.Status == taphoa.ReturnVoid {
			worth = 0
		}
		if r.Row.TotalPayment != paid[ref] {
			b.find("return %s shows %v paid out, its payments come to %v", r.Row.Code, r.Row.TotalPayment, paid[ref])
		}
		credit[r.Row.CustomerID.Or(0)] += worth - r.Row.TotalPayment - spent[ref]
		for _, a := range m.Allocations {
			if a.Creditor() == ref && a.DebtorKind == "payment" {
				credit[r.Row.CustomerID.Or(0)] += a.Amount // counted twice
			}
		}
	}
	for id := range m.Customers {
		if debt := m.debt(id); debt != debts[id]-deposits[id]-credit[id] {
			b.find("customer %d owes %v: open %v, deposits %v, credit %v", id, debt, debts[id], deposits[id], credit[id])
		}
	}
	b.checkNoCreditBesideDebt()
}

// checkNoCreditBesideDebt: credit never stands beside an open document, but for what is to be collected on delivery.
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

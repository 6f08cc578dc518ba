package salestest

import (
	"fmt"
	"maps"

	"github.com/taphoa/taphoa"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	salesplan "github.com/taphoa/taphoa/internal/sales/plan"
	stockplan "github.com/taphoa/taphoa/internal/stock/plan"
)

// debt is what a customer owes.
func (m *Memory) debt(customerID int64) taphoa.Money {
	return m.Balances[cashplan.Customer(customerID)]
}

// Check looks for what breaks the invariants of the ledgers, and compares all books. It returns one line for each finding.
func (b *Model) Check() []string {
	b.findings = b.findings[:0]
	b.checkGoods()
	b.checkPromises()
	b.checkMoney()
	b.checkAccounts()
	everybody := map[int64]bool{}
	for id := range b.accounts.accounts {
		everybody[id] = true
	}
	b.accounts.compare(everybody)
	b.accounts.compareOrders(everybody)
	b.checkVouchers()
	b.checkCosts()
	all := map[stockplan.LevelKey]bool{}
	for key := range b.m.Levels {
		all[key] = true
	}
	for key := range b.onHand {
		all[key] = true
	}
	b.compareLevels(all)
	for id := range b.m.Customers {
		b.compareCustomer(id)
	}
	return b.findings
}

// checkGoods: a level is the sum of its postings; lots and serials add up to it; no lot is below zero.
func (b *Model) checkGoods() {
	m := b.m
	sums, steps := map[stockplan.LevelKey]taphoa.Quantity{}, map[string]bool{}
	serials := map[stockplan.SerialKey]int{}
	for _, rows := range m.Postings {
		for _, r := range rows {
			if r.Quantity <= 0 || r.From == r.To {
				b.find("posting %+v moves nothing", r)
			}
			key := fmt.Sprint(r.DocumentRef, r.Step, r.Line)
			if steps[key] {
				b.find("posting %s is there twice", key)
			}
			steps[key] = true
			sums[keyOf(r)] += r.Net()
			for _, number := range r.Serials {
				serials[stockplan.SerialKey{ProductID: r.ProductID, Number: number}] += int(r.Net() / r.Quantity)
			}
			if n := len(r.Serials); n > 0 && r.Quantity != taphoa.Units(int64(n)) {
				b.find("posting %s moves %v with %d serials", key, r.Quantity, n)
			}
		}
	}
	lots, inStock := map[stockplan.LevelKey]taphoa.Quantity{}, map[stockplan.LevelKey]taphoa.Quantity{}
	for key, l := range m.LotLevels {
		lots[stockplan.LevelKey{ProductID: l.ProductID, BranchID: key.Branch}] += l.OnHand
		if l.OnHand < 0 {
			b.find("lot %d has %v at branch %d", key.Lot, l.OnHand, key.Branch)
		}
	}
	for key, s := range m.Serials {
		inStock[stockplan.LevelKey{ProductID: s.ProductID, BranchID: s.BranchID}] += taphoa.Units(s.Status)
		if int64(serials[key]) != s.Status {
			b.find("serial %s is in stock %d times, its postings say %d", key.Number, s.Status, serials[key])
		}
	}
	for key, l := range m.Levels {
		if sums[key] != l.OnHand {
			b.find("product %d at branch %d has %v, its postings come to %v", key.ProductID, key.BranchID, l.OnHand, sums[key])
		}
		if item := m.items[key.ProductID]; item.IsBatch && lots[key] != l.OnHand || item.IsSerial && inStock[key] != l.OnHand {
			b.find("product %d at branch %d has %v, its lots %v, its serials %v", key.ProductID, key.BranchID, l.OnHand, lots[key], inStock[key])
		}
		delete(sums, key)
	}
	for key := range sums {
		b.find("product %d at branch %d has no level", key.ProductID, key.BranchID)
	}
}

// checkPromises: what a level calls reserved is what open orders hold.
func (b *Model) checkPromises() {
	held := map[stockplan.LevelKey]taphoa.Quantity{}
	for ref, rows := range b.m.Reservations {
		for key, quantity := range rows {
			held[key] += quantity
			if quantity <= 0 {
				b.find("%s %d reserves %v", ref.Kind, ref.ID, quantity)
			}
		}
		if want := b.orders[ref.ID]; !maps.Equal(rows, want) {
			b.find("order %d holds %v, want %v", ref.ID, rows, want)
		}
	}
	for key, l := range b.m.Levels {
		if held[key] != l.Reserved {
			b.find("product %d at branch %d has %v reserved, orders hold %v", key.ProductID, key.BranchID, l.Reserved, held[key])
		}
	}
}

// checkMoney: a debt is the sum of its postings; a paid receipt has moved its amount, a voided one nothing; an invoice has
// moved its total.
func (b *Model) checkMoney() {
	balances, moved := map[cashplan.Account]taphoa.Money{}, map[cashplan.DocumentRef]taphoa.Money{}
	for ref, rows := range b.m.CashPostings {
		for _, p := range rows {
			from, to := cashplan.Account{Type: p.FromType, ID: p.FromID}, cashplan.Account{Type: p.ToType, ID: p.ToID}
			if p.Amount <= 0 || from == to {
				b.find("posting %+v moves nothing", p)
			}
			balances[from] -= p.Amount
			balances[to] += p.Amount
			if to.Type == taphoa.PartnerCustomer || to.Type == cashplan.Other(0).Type {
				moved[ref] += p.Amount
			} else {
				moved[ref] -= p.Amount
			}
		}
	}
	for account, balance := range b.m.Balances {
		if balances[account] != balance {
			b.find("account %v has %v, its postings come to %v", account, balance, balances[account])
		}
	}
	for id, p := range b.m.Payments {
		want := -p.Amount
		if !p.Paid() {
			want = 0
		}
		if got := moved[cashplan.DocumentRef{Kind: "payment", ID: id}]; got != want {
			b.find("payment %s of %v with the status %d has moved %v", p.Code, p.Amount, p.Status, got)
		}
	}
	entered := map[cashplan.Account]taphoa.Money{} // what the cash book says of drawers and bank accounts
	for _, p := range b.m.Payments {
		switch {
		case !p.Paid() || p.Method.AcceptsVoucher():
		case p.Method == taphoa.MethodCash:
			entered[cashplan.Drawer(p.BranchID)] += p.Amount
		default:
			entered[cashplan.Bank(p.AccountID.Or(0))] += p.Amount
		}
	}
	for account := range balances {
		if money := account == cashplan.Drawer(account.ID) || account == cashplan.Bank(account.ID); money && entered[account] != balances[account] {
			b.find("account %v has %v, the entries of the cash book come to %v", account, balances[account], entered[account])
		}
	}
	for id, v := range b.m.Invoices {
		if got := moved[cashplan.DocumentRef{Kind: "invoice", ID: id}]; got != b.invoices[id].total {
			b.find("invoice %s has moved %v, want %v", v.Row.Code, got, b.invoices[id].total)
		}
		b.checkReturned(v)
	}
	for id, r := range b.m.Returns {
		if got := moved[cashplan.DocumentRef{Kind: "return", ID: id}]; got != -b.returns[id].total {
			b.find("return %s has moved %v, want %v", r.Row.Code, got, -b.returns[id].total)
		}
	}
}

// phases are those of a delivery by its state.
var phases = map[int64]int{1: 1, 7: 1, 8: 1, 2: 2, 9: 2, 10: 2, 4: 3, 11: 3, 12: 3, 3: 4, 5: 4, 6: 4}

// checkParcel: a delivery goes forward; the carrier has brought its money once at most, and not for goods that came back.
func (b *Model) checkParcel(v *salesplan.Invoice) {
	if v.Delivery == nil {
		return
	}
	from, to := b.parcels[v.Row.ID], v.Delivery.Row.Status
	b.parcels[v.Row.ID] = to
	forward := phases[to] >= phases[from]
	switch from {
	case to:
		forward = true
	case taphoa.DeliveryDelivered:
		forward = to == taphoa.DeliveryReturning || to == taphoa.DeliveryReturned
	case taphoa.DeliveryReturned:
		forward = false
	case taphoa.DeliveryCancelled:
		forward = to == taphoa.DeliveryReturned
	}
	if !forward {
		b.find("the delivery of invoice %s goes from %d to %d", v.Row.Code, from, to)
	}
	brought := 0
	for _, p := range b.m.PaymentsOfInvoice(v.Row.ID) {
		if p.CashFlowGroupID.Or(0) != taphoa.CashFlowGroupFor(taphoa.PartnerTypeDelivery, true) {
			continue
		}
		if b.brought[p.ID] == 0 {
			b.brought[p.ID] = v.Row.ID // it may pay for another invoice of the order when this one is voided
		}
		if p.Paid() && b.brought[p.ID] == v.Row.ID {
			brought++
		}
	}
	if brought > 1 || brought > 0 && (to == taphoa.DeliveryReturned || !v.Row.CodCollected) {
		b.find("the carrier of invoice %s, whose delivery is %d, has brought money %d times", v.Row.Code, to, brought)
	}
}

// checkVouchers: a voucher has paid once or never, and is used if it has.
func (b *Model) checkVouchers() {
	uses := map[int64]int{}
	for _, p := range b.m.Payments {
		if p.Paid() && p.VoucherID.Has() {
			uses[p.VoucherID.Value]++
		}
	}
	for id, v := range b.m.Vouchers {
		if used := v.Status == taphoa.CodeUsed; uses[id] > 1 || used != (uses[id] == 1) {
			b.find("voucher %s has the status %d and has paid %d times", v.Code, v.Status, uses[id])
		}
	}
}

// checkCosts: the costs of all movements follow from their order.
func (b *Model) checkCosts() {
	b.m.FinishCosts()
	byProduct, levels := map[int64][]stockplan.PostingRow{}, map[int64][]stockplan.LevelState{}
	for _, rows := range b.m.Postings {
		for _, r := range rows {
			byProduct[r.ProductID] = append(byProduct[r.ProductID], *r)
		}
	}
	for key, l := range b.m.Levels {
		levels[key.ProductID] = append(levels[key.ProductID], l)
	}
	for product, rows := range byProduct {
		for _, e := range stockplan.CheckCosts(levels[product], rows) {
			b.find("product %d at branch %d costs %v, want %v", product, e.BranchID, e.Has, e.Want)
		}
	}
}

package plan

import "github.com/taphoa/taphoa"

// Owed is what the account of a partner, which was asked for, owed before the operation and owes so far: what its documents leave
// open, less credit. Deposits of open orders are not taken off, and what is to be collected on delivery is not counted.
func (l *Ledger) Owed(a Account) (before, now taphoa.Money) {
	for _, i := range l.items {
		if i.account() != a {
			continue
		}
		now += i.owed()
		if i.stored != nil {
			before += i.stored.owed()
		}
	}
	return before, now
}

// owed is what an open item counts: credit is negative.
func (r *OpenItemRow) owed() taphoa.Money {
	return r.OpenAmount - min(max(0, r.OpenAmount), max(0, r.HeldAmount))
}

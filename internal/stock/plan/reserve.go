package plan

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
)

// Reservation is what a document holds back of a product at a branch, a row of stock_reservations, or still expects from a
// supplier, a row of stock_awaited. Quantity 0 is no row.
type Reservation struct {
	DocumentRef
	ProductID, BranchID int64
	Quantity            taphoa.Quantity
}

func holdings(rows []Reservation) map[DocumentRef]map[LevelKey]taphoa.Quantity {
	all := map[DocumentRef]map[LevelKey]taphoa.Quantity{}
	for i := range rows {
		r := &rows[i]
		if all[r.DocumentRef] == nil {
			all[r.DocumentRef] = map[LevelKey]taphoa.Quantity{}
		}
		all[r.DocumentRef][LevelKey{r.ProductID, r.BranchID}] = r.Quantity
	}
	return all
}

// Reserve makes what a document holds back for its customer equal to want: everything for a new order, nothing for one
// that is done or voided. It returns a [*Short] when more is promised than is free and limits forbid that, and
// taphoa.CodeValidate for more than the ledger can hold.
func (l *Ledger) Reserve(kind string, documentID int64, want []BranchQuantity, limits Limits) error {
	ref := DocumentRef{kind, documentID}
	changes, err := l.differences(ref, want, l.reserved)
	if err != nil {
		return err
	}
	for _, c := range changes {
		reserved, err := c.level.Reserved.Add(c.delta)
		if err != nil {
			return tooMuch()
		}
		if c.delta > 0 && !limits.BelowZero && reserved > c.level.OnHand {
			return &Short{ProductID: c.level.ProductID, BranchID: c.level.BranchID, Free: max(0, c.level.OnHand-c.level.Reserved)}
		}
		c.level.Reserved = reserved
		l.change(c.level)
		l.changes.Reservations = set(l.changes.Reservations, l.reserved, ref, c)
	}
	return nil
}

// SetOnOrder makes what a document still expects from a supplier equal to want: everything for an order that was
// confirmed, the rest when some has come, nothing when it is done or voided. It returns taphoa.CodeValidate for more than
// the ledger can hold.
func (l *Ledger) SetOnOrder(kind string, documentID int64, want []BranchQuantity) error {
	ref := DocumentRef{kind, documentID}
	changes, err := l.differences(ref, want, l.onOrder)
	if err != nil {
		return err
	}
	for _, c := range changes {
		onOrder, err := c.level.OnOrder.Add(c.delta)
		if err != nil {
			return tooMuch()
		}
		c.level.OnOrder = onOrder
		l.write(c.level)
		l.changes.OnOrder = set(l.changes.OnOrder, l.onOrder, ref, c)
	}
	return nil
}

// difference is what is to change of a level's promises.
type difference struct {
	level         *LevelState
	wanted, delta taphoa.Quantity
}

// differences compares what is wanted with what a document holds, by branch and product.
func (l *Ledger) differences(ref DocumentRef, want []BranchQuantity, held map[DocumentRef]map[LevelKey]taphoa.Quantity) ([]difference, error) {
	wanted, delta := map[LevelKey]taphoa.Quantity{}, map[LevelKey]taphoa.Quantity{}
	for _, q := range want {
		sum, err := wanted[q.key()].Add(q.Quantity)
		if err != nil || q.Quantity > taphoa.QuantityMax {
			return nil, tooMuch()
		}
		wanted[q.key()], delta[q.key()] = sum, sum
	}
	for key, quantity := range held[ref] {
		delta[key] -= quantity
	}
	var all []difference
	for key, d := range delta {
		if d == 0 {
			continue
		}
		level, err := l.level(key)
		if err != nil {
			return nil, err
		}
		all = append(all, difference{level, wanted[key], d})
	}
	slices.SortFunc(all, func(a, b difference) int {
		return cmp.Or(cmp.Compare(a.level.BranchID, b.level.BranchID), cmp.Compare(a.level.ProductID, b.level.ProductID))
	})
	return all, nil
}

// set notes what a document now holds, and returns the rows to be written with that among them.
func set(rows []*Reservation, held map[DocumentRef]map[LevelKey]taphoa.Quantity, ref DocumentRef, c difference) []*Reservation {
	key := c.level.Key()
	if held[ref] == nil {
		held[ref] = map[LevelKey]taphoa.Quantity{}
	}
	if held[ref][key] = c.wanted; c.wanted == 0 {
		delete(held[ref], key)
	}
	at := slices.IndexFunc(rows, func(r *Reservation) bool {
		return r.DocumentRef == ref && r.ProductID == key.ProductID && r.BranchID == key.BranchID
	})
	if at >= 0 {
		rows[at].Quantity = c.wanted
		return rows
	}
	return append(rows, &Reservation{ref, key.ProductID, key.BranchID, c.wanted})
}

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

// heldBy is what documents reserve or expect.
type heldBy map[DocumentRef]map[LevelKey]taphoa.Quantity

func holdings(rows []Reservation) heldBy {
	var held heldBy
	for i := range rows {
		r := &rows[i]
		held.set(r.DocumentRef, LevelKey{r.ProductID, r.BranchID}, r.Quantity)
	}
	return held
}

func (h *heldBy) set(ref DocumentRef, key LevelKey, quantity taphoa.Quantity) {
	if *h == nil {
		*h = heldBy{}
	}
	if (*h)[ref] == nil {
		(*h)[ref] = map[LevelKey]taphoa.Quantity{}
	}
	if (*h)[ref][key] = quantity; quantity == 0 {
		delete((*h)[ref], key)
	}
}

// Reserved is what a document that was asked for reserves of a product at a branch, as planned so far.
func (l *Ledger) Reserved(kind string, documentID int64, key LevelKey) taphoa.Quantity {
	return l.reserved[DocumentRef{kind, documentID}][key]
}

// Reserve sets the quantities that a document reserves to want: everything for a new order, nothing for one
// that is completed or void. It returns a [*Short] when more is reserved than is available and limits forbid that, and
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
		l.reserved.set(ref, c.level.Key(), c.wanted)
		l.changes.Reservations = setHolding(l.changes.Reservations, ref, c.level.Key(), c.wanted)
	}
	return nil
}

// SetOnOrder sets the quantities that a document has on order to want: everything for an order that was confirmed, the
// rest when some was received, nothing when it is completed or void. It returns taphoa.CodeValidate for more than
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
		l.onOrder.set(ref, c.level.Key(), c.wanted)
		l.changes.OnOrder = setHolding(l.changes.OnOrder, ref, c.level.Key(), c.wanted)
	}
	return nil
}

// difference is what is to change of a level's promises.
type difference struct {
	level         *LevelState
	wanted, delta taphoa.Quantity
}

// differences compares what is wanted with what a document holds, by branch and product.
func (l *Ledger) differences(ref DocumentRef, want []BranchQuantity, held heldBy) ([]difference, error) {
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

// setHolding returns the rows to be written with what a document now holds among them.
func setHolding(rows []*Reservation, ref DocumentRef, key LevelKey, quantity taphoa.Quantity) []*Reservation {
	at := slices.IndexFunc(rows, func(r *Reservation) bool {
		return r.DocumentRef == ref && r.ProductID == key.ProductID && r.BranchID == key.BranchID
	})
	if at >= 0 {
		rows[at].Quantity = quantity
		return rows
	}
	return append(rows, &Reservation{ref, key.ProductID, key.BranchID, quantity})
}

package plan

import (
	"slices"

	"github.com/taphoa/taphoa"
)

// Count is what a stock take has counted of a product at a branch: how much, at what cost, or one of the two.
type Count struct {
	ProductID, BranchID int64
	OnHand              taphoa.Opt[taphoa.Quantity]
	Cost                taphoa.Opt[taphoa.Money] // of one base unit
}

// SetStock sets levels and costs to what was counted, by posting the difference from or to the location of adjustments as
// a document "stocktake" of its own. It is ordered after all movements of the ledger, also those that are dated later
// than now. newID is called once, if anything differs. No two counts are of one product and branch.
//
// Refusals: taphoa.CodeValidate for quantities, taphoa.CodeProduct for costs beyond what the ledger can hold.
func (l *Ledger) SetStock(counts []Count, newID func() (int64, error)) error {
	open := netMovements{}
	for _, c := range counts {
		if c.OnHand.Or(0) > taphoa.QuantityMax || c.OnHand.Or(0) < -taphoa.QuantityMax {
			return tooMuch()
		}
		if c.Cost.Or(0) < 0 || c.Cost.Or(0) > taphoa.MoneyMax {
			return taphoa.Refuse(taphoa.CodeProduct, "cost", "Giá vốn (cost) phải từ 0 đến %v", taphoa.MoneyMax)
		}
		level, err := l.level(LevelKey{c.ProductID, c.BranchID})
		if err != nil {
			return err
		}
		gone, err := level.OnHand.Sub(c.OnHand.Or(level.OnHand))
		if err != nil {
			return tooMuch()
		}
		m := open.at(flowKey{product: c.ProductID, branch: c.BranchID, outside: Adjustment})
		m.quantity, m.at = gone, max(l.clock, level.EnteredAt)
		if c.Cost.Has() {
			m.CostTerms, m.recount = CostTerms{OwnCost: c.Cost, SetsCost: true}, gone == 0
		}
	}
	if len(open.inOrder()) == 0 {
		return nil
	}
	id, err := newID()
	if err != nil {
		return err
	}
	_, err = l.post(&Document{Kind: "stocktake", ID: id}, open, nil, Limits{BelowZero: true, BelowReserved: true})
	return err
}

// CountedLine is what a stock take has counted of a product at a branch: all of it, or one lot of a product that is kept
// in lots. The serials of a product kept by serial are named.
type CountedLine struct {
	ProductID, BranchID, BatchID int64
	OnHand                       taphoa.Quantity
	BySerial                     bool
	Serials                      []string
}

// BookQuantity is what the ledger had of a [CountedLine] before it was corrected.
type BookQuantity struct {
	OnHand taphoa.Quantity
	Cost   taphoa.Money // of one base unit
}

// ApplyStockTake makes the ledger equal to the counted quantities of a new document: it posts the difference from or
// to the location of adjustments, all as one step. A surplus has the cost of the level. No two lines
// are of the same product, branch and lot. It returns what the ledger had, and whether the step is used.
//
// Of products kept by serial, the facts must have all serials in stock. Refusals are those of [Ledger.Post].
func (l *Ledger) ApplyStockTake(doc Document, lines []CountedLine) (found []BookQuantity, used bool, err error) {
	found = make([]BookQuantity, len(lines))
	var want []Posting
	for i := range lines {
		c := &lines[i]
		level, err := l.level(LevelKey{c.ProductID, c.BranchID})
		if err != nil {
			return nil, false, err
		}
		found[i] = BookQuantity{level.OnHand, level.Cost}
		if c.BatchID != 0 {
			found[i].OnHand = l.LotOnHand(c.BatchID, c.BranchID)
		}
		more, err := c.postings(found[i].OnHand, l.serialsInStock(c))
		if err != nil {
			return nil, false, err
		}
		for j := range more { // the count is ordered after all movements of the ledger
			more[j].EffectiveAt = max(doc.EffectiveAt, level.EnteredAt)
		}
		want = append(want, more...)
	}
	if len(lines) == 0 {
		return nil, false, nil
	}
	used, err = l.Post(doc, want, Limits{BelowZero: true, BelowReserved: true})
	return found, used, err
}

// serialsInStock are the serials that the ledger has at the branch of a line.
func (l *Ledger) serialsInStock(c *CountedLine) (numbers []string) {
	if !c.BySerial {
		return nil
	}
	for key, s := range l.serials {
		if s != nil && s.Status == 1 && key.ProductID == c.ProductID && s.BranchID == c.BranchID {
			numbers = append(numbers, key.Number)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// postings returns the postings that make the ledger equal to a line.
func (c *CountedLine) postings(onHand taphoa.Quantity, inStock []string) ([]Posting, error) {
	in := Posting{ProductID: c.ProductID, BatchID: c.BatchID, From: Adjustment, To: Location(c.BranchID)}
	out := Posting{ProductID: c.ProductID, BatchID: c.BatchID, From: Location(c.BranchID), To: Adjustment}
	if c.BySerial {
		in.Serials, out.Serials = without(c.Serials, inStock), without(inStock, c.Serials)
		in.Quantity, out.Quantity = taphoa.Units(int64(len(in.Serials))), taphoa.Units(int64(len(out.Serials)))
	} else {
		delta, err := c.OnHand.Sub(onHand)
		if err != nil || c.OnHand > taphoa.QuantityMax || delta > taphoa.QuantityMax || delta < -taphoa.QuantityMax {
			return nil, tooMuch()
		}
		in.Quantity, out.Quantity = max(0, delta), max(0, -delta)
	}
	return slices.DeleteFunc([]Posting{in, out}, func(p Posting) bool { return p.Quantity == 0 }), nil
}

// without are the texts of a that are not in b.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

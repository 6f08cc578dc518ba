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
	Book                         BookQuantity // when it was counted
}

// BookQuantity is what the ledger has of a [CountedLine].
type BookQuantity struct {
	OnHand  taphoa.Quantity
	Serials []string // in order
}

// CountConflict is the refusal of a line of a stock take: less is left of its lot than was missing, a serial that was missing
// is not in stock, or one that was found is.
type CountConflict struct {
	Line   int    // its index
	Serial string // "" for a lot
	Found  bool   // the serial was found
}

func (c *CountConflict) Error() string { return "counted goods have moved" }

// Book is what the ledger has now of a counted line.
func (l *Ledger) Book(c *CountedLine) BookQuantity {
	book := BookQuantity{OnHand: l.Level(LevelKey{c.ProductID, c.BranchID}).OnHand}
	if c.BatchID != 0 {
		book.OnHand = l.LotOnHand(c.BatchID, c.BranchID)
	}
	if c.BySerial {
		book.Serials = l.serialsInStock(c)
	}
	return book
}

// ApplyStockTake posts what lines have found more or less than the books had when they were counted, from or to the location
// of adjustments, all as one step of a new document. What has moved since stays moved, so a level may go below zero. A surplus
// has the cost of the level. No two lines are of the same product, branch and lot. It returns the costs of one base unit of
// each line, and whether the step is used.
//
// Refusals: a [*CountConflict], and those of [Ledger.Post].
func (l *Ledger) ApplyStockTake(doc Document, lines []CountedLine) (costs []taphoa.Money, used bool, err error) {
	costs = make([]taphoa.Money, len(lines))
	var want []Posting
	for i := range lines {
		c := &lines[i]
		level, err := l.level(LevelKey{c.ProductID, c.BranchID})
		if err != nil {
			return nil, false, err
		}
		costs[i] = level.Cost
		if err := l.spellCounted(c); err != nil {
			return nil, false, err
		}
		more, err := c.postings()
		if err != nil {
			return nil, false, err
		}
		for j := range more { // the count is ordered after all movements of the ledger
			if conflict := l.conflict(i, &more[j]); conflict != nil {
				return nil, false, conflict
			}
			more[j].EffectiveAt = max(doc.EffectiveAt, level.EnteredAt)
		}
		want = append(want, more...)
	}
	if len(lines) == 0 {
		return nil, false, nil
	}
	used, err = l.Post(doc, want, Limits{BelowZero: true, BelowReserved: true})
	return costs, used, err
}

// conflict is the refusal of a posting of a line whose lot or serials are not as they would have to be; nil without one.
func (l *Ledger) conflict(line int, p *Posting) error {
	if p.BatchID != 0 && p.From.IsBranch() && l.LotOnHand(p.BatchID, int64(p.From)) < p.Quantity {
		return &CountConflict{Line: line}
	}
	for _, number := range p.Serials {
		s := l.serials[SerialKey{p.ProductID, number}]
		inStock := s != nil && s.Status == 1
		switch {
		case p.To.IsBranch() && inStock:
			return &CountConflict{Line: line, Serial: number, Found: true}
		case p.From.IsBranch() && (!inStock || s.BranchID != int64(p.From)):
			return &CountConflict{Line: line, Serial: number}
		}
	}
	return nil
}

// spellCounted writes the serials of a line as the ledger does.
func (l *Ledger) spellCounted(c *CountedLine) error {
	c.Serials = l.spelled(&Posting{ProductID: c.ProductID, From: Location(c.BranchID), Serials: c.Serials}, nil)
	for i, s := range c.Serials {
		if slices.Contains(c.Serials[:i], s) {
			return namedTwice(s)
		}
	}
	return nil
}

// serialsInStock are the serials that the ledger has at the branch of a line.
func (l *Ledger) serialsInStock(c *CountedLine) (numbers []string) {
	for key, s := range l.serials {
		if s != nil && s.Status == 1 && key.ProductID == c.ProductID && s.BranchID == c.BranchID {
			numbers = append(numbers, key.Number)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// postings returns the postings of what a line has found more or less than the books had.
func (c *CountedLine) postings() ([]Posting, error) {
	in := Posting{ProductID: c.ProductID, BatchID: c.BatchID, From: Adjustment, To: Location(c.BranchID)}
	out := Posting{ProductID: c.ProductID, BatchID: c.BatchID, From: Location(c.BranchID), To: Adjustment}
	if c.BySerial {
		in.Serials, out.Serials = without(c.Serials, c.Book.Serials), without(c.Book.Serials, c.Serials)
		in.Quantity, out.Quantity = taphoa.Units(int64(len(in.Serials))), taphoa.Units(int64(len(out.Serials)))
	} else {
		delta, err := c.OnHand.Sub(c.Book.OnHand)
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

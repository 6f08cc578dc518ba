package plan

import (
	"cmp"

	"github.com/taphoa/taphoa"
)

// CostOrder is a movement's position in the order of cost: when the goods moved for the books, and among those of one
// instant when the ledger recorded the movement first. It never records two at once at the same branch and product.
type CostOrder struct{ EffectiveAt, EnteredAt taphoa.Time }

// Compare is negative when o comes later.
func (c CostOrder) Compare(o CostOrder) int {
	return cmp.Or(cmp.Compare(c.EffectiveAt, o.EffectiveAt), cmp.Compare(c.EnteredAt, o.EnteredAt))
}

// CostTerms are what a document determines of the cost of a movement.
type CostTerms struct {
	OwnCost    taphoa.Opt[taphoa.Money] // of one base unit, for receipts
	SetsCost   bool                     // OwnCost is that of all goods of the branch
	OriginKind string                   // the document with which the goods left; "" for none
	OriginID   int64
}

// changeAverage reports whether a movement with these terms can change the branch's average.
func (t *CostTerms) changeAverage() bool { return t.OwnCost.Has() || t.OriginID != 0 }

// flowKey is a product, lot, branch and outside location.
type flowKey struct {
	product, lot, branch int64
	outside              Location
}

func (k *flowKey) level() LevelKey { return LevelKey{k.product, k.branch} }

// phase orders one document's movements: receipts from outside, issues, receipts from other branches.
func phase(outside Location, leaves bool) int {
	switch {
	case leaves:
		return 1
	case outside == Transit:
		return 2
	}
	return 0
}

// PostingRow is a row of stock_postings.
type PostingRow struct {
	DocumentRef
	Step, Line                   int64
	ProductID, BatchID, BranchID int64
	From                         Location `db:"from_place"`
	To                           Location `db:"to_place"`
	Quantity                     taphoa.Quantity
	CostOrder
	CostTerms
	Cost, Average taphoa.Money // of one base unit: these goods, and the branch afterwards
	Serials       []string
}

// Net is the quantity with its sign: positive into the branch.
func (r *PostingRow) Net() taphoa.Quantity {
	if r.To.IsBranch() {
		return r.Quantity
	}
	return -r.Quantity
}

func (r *PostingRow) flow() flowKey {
	if r.To.IsBranch() {
		return flowKey{r.ProductID, r.BatchID, r.BranchID, r.From}
	}
	return flowKey{r.ProductID, r.BatchID, r.BranchID, r.To}
}

func (r *PostingRow) origin() DocumentRef { return DocumentRef{r.OriginKind, r.OriginID} }

// balance is what a branch has of a product and what one costs, at some position in the order of cost.
type balance struct {
	onHand  taphoa.Quantity
	average taphoa.Money
}

// apply is the rule of cost, invariant 7 of package stock: it applies a movement to a balance and returns its
// cost. origin is the cost of the issue by its document of origin, if there was one.
func (b *balance) apply(t *CostTerms, net taphoa.Quantity, origin taphoa.Opt[taphoa.Money]) (cost taphoa.Money, err error) {
	if cost = b.average; net >= 0 {
		cost = t.OwnCost.Or(origin.Or(b.average))
	}
	if net > 0 {
		b.average, err = b.mixed(net, cost)
	}
	b.onHand += net
	if t.SetsCost {
		b.average = t.OwnCost.Or(b.average)
	}
	return cost, err
}

// mixed is the average after a receipt. A branch that had none, or fewer than none, takes its cost, and so
// does one whose value exceeds the range, which is also an error.
func (b *balance) mixed(quantity taphoa.Quantity, cost taphoa.Money) (taphoa.Money, error) {
	if b.onHand <= 0 || cost == b.average {
		return cost, nil
	}
	had, err1 := b.average.Times(b.onHand)
	got, err2 := cost.Times(quantity)
	worth, err3 := had.Add(got)
	total, err4 := b.onHand.Add(quantity)
	average, err5 := worth.Div(total)
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if err != nil {
			return cost, tooMuch()
		}
	}
	return average, nil
}

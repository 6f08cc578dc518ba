package stock

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
)

// ref names a document.
type ref struct {
	Kind       string
	DocumentID int64
}

// lane is where goods of a product and batch go along: between a branch and a place outside.
type lane struct {
	product, batch, branch int64
	outside                Place
}

// moment is a movement's place in the order of cost: when the goods moved for the books, and among those of one instant
// when the ledger heard of the movement first. It never hears of two at once at the same branch and product.
type moment struct{ EffectiveAt, EnteredAt taphoa.Time }

func (m moment) compare(o moment) int {
	return cmp.Or(cmp.Compare(m.EffectiveAt, o.EffectiveAt), cmp.Compare(m.EnteredAt, o.EnteredAt))
}

// terms are what a document says about the cost of a movement.
type terms struct {
	OwnCost    taphoa.Opt[taphoa.Money] // of one base unit, for goods that come from outside
	SetsCost   bool                     // OwnCost is that of all goods of the branch
	OriginKind string                   // the document with which the goods left; "" for none
	OriginID   int64
}

// bring reports whether a movement with these terms can change the branch's average.
func (t *terms) bring() bool { return t.OwnCost.Has() || t.OriginID != 0 }

// booked is a row of stock_postings.
type booked struct {
	ref
	Step, Line                   int64
	ProductID, BatchID, BranchID int64
	FromPlace, ToPlace           Place
	Quantity                     taphoa.Quantity
	moment
	terms
	Cost, Average taphoa.Money
	Serials       []string
}

const bookedColumns = `kind, document_id, step, line, product_id, batch_id, branch_id, from_place, to_place, quantity,
	effective_at, entered_at, own_cost, sets_cost, origin_kind, origin_id, cost, COALESCE(average, cost) AS average`

// inwards reports the direction of a posting.
func (b *booked) inwards() bool { return b.ToPlace.branch() }

// net is the quantity with its sign: positive into the branch.
func (b *booked) net() taphoa.Quantity {
	if b.inwards() {
		return b.Quantity
	}
	return -b.Quantity
}

func (b *booked) lane() lane {
	if b.inwards() {
		return lane{b.ProductID, b.BatchID, b.BranchID, b.FromPlace}
	}
	return lane{b.ProductID, b.BatchID, b.BranchID, b.ToPlace}
}

// movement is what a document has moved along a lane, all its steps together: whoever changed or voided it counts as
// having entered it right at first.
type movement struct {
	ref
	lane
	moment
	terms
	net           taphoa.Quantity // into the branch
	cost, average taphoa.Money    // as the order has them
	booked        [2]taphoa.Money // as its postings have them
	uneven        bool            // they differ among themselves
}

// wrong reports that a movement's postings do not have the cost that the order gives it.
func (m *movement) wrong() bool { return m.uneven || m.booked != [2]taphoa.Money{m.cost, m.average} }

// phase makes one document's goods arrive from outside, then leave, then arrive from other branches.
func (m *movement) phase() int { return phase(m.outside, m.net < 0) }

func phase(outside Place, leaves bool) int {
	switch {
	case leaves:
		return 1
	case outside == Transit:
		return 2
	}
	return 0
}

// compare is the order in which movements count for the cost.
func (m *movement) compare(o *movement) int {
	return cmp.Or(m.moment.compare(o.moment), cmp.Compare(m.Kind, o.Kind), cmp.Compare(m.DocumentID, o.DocumentID),
		cmp.Compare(m.phase(), o.phase()), cmp.Compare(m.branch, o.branch), cmp.Compare(m.outside, o.outside),
		cmp.Compare(m.batch, o.batch))
}

// gather puts postings together into movements, in order.
func gather(rows []booked) []*movement {
	type key struct {
		ref
		lane
	}
	at := make(map[key]*movement, len(rows))
	all := make([]*movement, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		k, has := key{r.ref, r.lane()}, [2]taphoa.Money{r.Cost, r.Average}
		m := at[k]
		if m == nil {
			m = &movement{ref: r.ref, lane: k.lane, moment: r.moment, terms: r.terms, cost: r.Cost, average: r.Average, booked: has}
			at[k] = m
			all = append(all, m)
		}
		m.net += r.net()
		m.uneven = m.uneven || has != m.booked
	}
	slices.SortFunc(all, (*movement).compare)
	return all
}

// balance is what a branch has of a product and what one costs, at some moment.
type balance struct {
	onHand  taphoa.Quantity
	average taphoa.Money
}

// apply is the rule of cost, invariant 7 of the package comment: it lets a movement change a balance and answers what
// its goods cost. origin is the cost at which they left, if they did.
func (b *balance) apply(t *terms, net taphoa.Quantity, origin taphoa.Opt[taphoa.Money]) (cost taphoa.Money, err error) {
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

// mixed is the average once goods have come in. A branch that had none, or fewer than none, takes their cost, and so
// does one whose goods are worth more than can be said, which is an error besides.
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

// fold is the cost of one product, worked out movement by movement.
type fold struct {
	balances map[int64]*balance  // of the branches
	left     map[ref][]*movement // of the documents that others may name as the origin of their goods
}

func newFold() *fold { return &fold{balances: map[int64]*balance{}, left: map[ref][]*movement{}} }

// balance is that of a branch, empty at first.
func (f *fold) balance(branch int64) *balance {
	if f.balances[branch] == nil {
		f.balances[branch] = &balance{}
	}
	return f.balances[branch]
}

// know makes movements findable as origins. Those that are known already stay: they are the ones that are walked.
func (f *fold) know(all []*movement) {
	for _, m := range all {
		if !slices.ContainsFunc(f.left[m.ref], func(o *movement) bool { return o.lane == m.lane }) {
			f.left[m.ref] = append(f.left[m.ref], m)
		}
	}
}

// run works out the costs of movements, which are in order and known.
func (f *fold) run(all []*movement) {
	for _, m := range all {
		b := f.balance(m.branch)
		m.cost, _ = b.apply(&m.terms, m.net, f.originCost(m)) // what cannot be averaged has taken the new cost
		m.average = b.average
	}
	next := map[int64]*movement{}
	for _, m := range slices.Backward(all) { // the average after a moment is that after its last movement
		if n := next[m.branch]; n != nil && n.moment == m.moment {
			m.average = n.average
		}
		next[m.branch] = m
	}
}

// originCost is what the goods of a movement cost when they left for the place outside that they now come from.
func (f *fold) originCost(m *movement) taphoa.Opt[taphoa.Money] {
	if m.OriginID == 0 {
		return taphoa.Opt[taphoa.Money]{}
	}
	var (
		first    *movement
		worth    taphoa.Money
		quantity taphoa.Quantity
		even     = true
	)
	for _, o := range f.left[ref{m.OriginKind, m.OriginID}] {
		if o.net >= 0 || o.outside != m.outside || o.compare(m) >= 0 {
			continue
		}
		if first == nil {
			first = o
		}
		even = even && o.cost == first.cost
		value, err1 := o.cost.Times(-o.net)
		sum, err2 := worth.Add(value)
		all, err3 := quantity.Sub(o.net)
		if err1 != nil || err2 != nil || err3 != nil {
			return taphoa.Some(first.cost) // worth more than can be said
		}
		worth, quantity = sum, all
	}
	switch {
	case first == nil:
		return taphoa.Opt[taphoa.Money]{}
	case even:
		return taphoa.Some(first.cost)
	}
	average, err := worth.Div(quantity)
	if err != nil {
		average = first.cost
	}
	return taphoa.Some(average)
}

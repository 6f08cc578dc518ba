package plan

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
)

// movement is what a document has moved of a product and lot between a branch and an outside location, all its steps
// together: one that was changed or voided counts as if it had been entered right at first.
type movement struct {
	DocumentRef
	flowKey
	CostOrder
	CostTerms
	net           taphoa.Quantity // into the branch
	cost, average taphoa.Money    // as valued
	stored        [2]taphoa.Money // as its postings have them
	mixedCost     bool            // its postings differ among themselves
}

// isWrong reports that a movement's postings do not have the cost at which it is valued.
func (m *movement) isWrong() bool {
	return m.mixedCost || m.stored != [2]taphoa.Money{m.cost, m.average}
}

func (m *movement) phase() int { return phase(m.outside, m.net < 0) }

// compare is the order in which movements count for the cost.
func (m *movement) compare(o *movement) int {
	return cmp.Or(m.CostOrder.Compare(o.CostOrder), cmp.Compare(m.Kind, o.Kind), cmp.Compare(m.ID, o.ID),
		cmp.Compare(m.phase(), o.phase()), cmp.Compare(m.branch, o.branch), cmp.Compare(m.outside, o.outside),
		cmp.Compare(m.lot, o.lot))
}

// movements adds up postings to movements, in order.
func movements(rows []PostingRow) []*movement {
	type key struct {
		DocumentRef
		flowKey
	}
	byKey := make(map[key]*movement, len(rows))
	all := make([]*movement, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		k, has := key{r.DocumentRef, r.flow()}, [2]taphoa.Money{r.Cost, r.Average}
		m := byKey[k]
		if m == nil {
			m = &movement{
				DocumentRef: r.DocumentRef, flowKey: k.flowKey, CostOrder: r.CostOrder, CostTerms: r.CostTerms,
				cost: r.Cost, average: r.Average, stored: has,
			}
			byKey[k] = m
			all = append(all, m)
		}
		m.net += r.Net()
		m.mixedCost = m.mixedCost || has != m.stored
	}
	slices.SortFunc(all, (*movement).compare)
	return all
}

// valuation is the cost of one product, worked out movement by movement.
type valuation struct {
	balances map[int64]*balance          // of the branches
	origins  map[DocumentRef][]*movement // of the documents that others may name as the origin of their goods
}

func newValuation() *valuation {
	return &valuation{balances: map[int64]*balance{}, origins: map[DocumentRef][]*movement{}}
}

// balance is that of a branch, empty at first.
func (v *valuation) balance(branch int64) *balance {
	if v.balances[branch] == nil {
		v.balances[branch] = &balance{}
	}
	return v.balances[branch]
}

// addOrigins adds movements that may be origins. Those that are there already stay: they are the ones that are valued.
func (v *valuation) addOrigins(all []*movement) {
	for _, m := range all {
		if !slices.ContainsFunc(v.origins[m.DocumentRef], func(o *movement) bool { return o.flowKey == m.flowKey }) {
			v.origins[m.DocumentRef] = append(v.origins[m.DocumentRef], m)
		}
	}
}

// value works out the costs of movements, which are in order and among the origins.
func (v *valuation) value(all []*movement) {
	for _, m := range all {
		b := v.balance(m.branch)
		m.cost, _ = b.apply(&m.CostTerms, m.net, v.originCost(m)) // without an average it has the new cost
		m.average = b.average
	}
	next := map[int64]*movement{}
	for _, m := range slices.Backward(all) { // the average at one position is that after its last movement
		if n := next[m.branch]; n != nil && n.CostOrder == m.CostOrder {
			m.average = n.average
		}
		next[m.branch] = m
	}
}

// originCost is what the goods of a movement cost when they left for the outside location that they now come from.
func (v *valuation) originCost(m *movement) taphoa.Opt[taphoa.Money] {
	if m.OriginID == 0 {
		return taphoa.Opt[taphoa.Money]{}
	}
	var (
		first    *movement
		worth    taphoa.Money
		quantity taphoa.Quantity
		oneCost  = true
	)
	for _, o := range v.origins[DocumentRef{m.OriginKind, m.OriginID}] {
		if o.net >= 0 || o.outside != m.outside || o.compare(m) >= 0 {
			continue
		}
		if first == nil {
			first = o
		}
		oneCost = oneCost && o.cost == first.cost
		value, err1 := o.cost.Times(-o.net)
		sum, err2 := worth.Add(value)
		all, err3 := quantity.Sub(o.net)
		if err1 != nil || err2 != nil || err3 != nil {
			return taphoa.Some(first.cost) // its value exceeds the range
		}
		worth, quantity = sum, all
	}
	switch {
	case first == nil:
		return taphoa.Opt[taphoa.Money]{}
	case oneCost:
		return taphoa.Some(first.cost)
	}
	average, err := worth.Div(quantity)
	if err != nil {
		average = first.cost
	}
	return taphoa.Some(average)
}

// CostError says that the ledger has another cost at a branch than the order of all movements gives.
type CostError struct {
	BranchID  int64
	Has, Want taphoa.Money
}

// CheckCosts compares the costs of a product with those that its postings, all of them, have in their order. It returns at
// most one error for a branch: what follows a wrong cost is wrong, too.
func CheckCosts(levels []LevelState, rows []PostingRow) (errors []CostError) {
	v, all := newValuation(), movements(rows)
	v.addOrigins(all)
	v.value(all)
	report := func(branch int64, has, want taphoa.Money) {
		if !slices.ContainsFunc(errors, func(e CostError) bool { return e.BranchID == branch }) {
			errors = append(errors, CostError{branch, has, want})
		}
	}
	for _, m := range all {
		switch {
		case m.mixedCost || m.stored[0] != m.cost:
			report(m.branch, m.stored[0], m.cost)
		case m.isWrong():
			report(m.branch, m.stored[1], m.average)
		}
	}
	for i := range levels {
		if l := &levels[i]; l.Cost != v.balance(l.BranchID).average {
			report(l.BranchID, l.Cost, v.balance(l.BranchID).average)
		}
	}
	return errors
}

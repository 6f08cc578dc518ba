package plan

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
)

// netMovement is the quantity that a document still has to post for one product, lot, branch and outside location.
type netMovement struct {
	flowKey
	quantity taphoa.Quantity // positive outwards
	serials  map[string]int  // 1 outwards, -1 back
	wanted   bool            // the document still wants something of it
	at       taphoa.Time
	CostTerms
	recount bool // the quantity is moved out and in: a stock take that changes only the cost

	posted *postedTerms // nil when nothing has been posted yet
}

// postedTerms are the date and cost terms of postings that the document has already made.
type postedTerms struct {
	CostOrder
	CostTerms
}

// corrected reports that the document now wants another date or other terms for what it has posted.
func (m *netMovement) corrected() bool {
	return m.posted != nil && m.wanted && (m.at != m.posted.EffectiveAt || m.CostTerms != m.posted.CostTerms)
}

// changesAverage reports whether the movement can change the branch's average, or could by what was posted of it.
func (m *netMovement) changesAverage() bool {
	return m.changeAverage() || m.posted != nil && m.posted.changeAverage()
}

type netMovements map[flowKey]*netMovement

func (n netMovements) at(k flowKey) *netMovement {
	if n[k] == nil {
		n[k] = &netMovement{flowKey: k}
	}
	return n[k]
}

// add adds what postings of a document move.
func (n netMovements) add(doc *Document, postings []Posting) error {
	for _, p := range postings {
		if p.Quantity <= 0 || p.From == p.To || len(p.Serials) > 0 && p.Quantity != taphoa.Units(int64(len(p.Serials))) ||
			!p.From.IsBranch() && !p.To.IsBranch() {
			panic("stock: a posting that moves nothing, nowhere, or other than its serials")
		}
		if p.Quantity > taphoa.QuantityMax {
			return tooMuch()
		}
		if p.EffectiveAt == 0 {
			p.EffectiveAt = doc.EffectiveAt
		}
		if p.From.IsBranch() {
			outside := p.To
			if outside.IsBranch() {
				outside = Transit
			}
			if err := n.at(flowKey{p.ProductID, p.BatchID, int64(p.From), outside}).add(&p, 1); err != nil {
				return err
			}
		}
		if p.To.IsBranch() {
			in := p
			if in.From.IsBranch() {
				in.From = Transit
			}
			if in.From == Transit {
				in.Cost, in.OriginKind, in.OriginID = taphoa.Opt[taphoa.Money]{}, doc.Kind, doc.ID
			}
			if err := n.at(flowKey{p.ProductID, p.BatchID, int64(p.To), in.From}).add(&in, -1); err != nil {
				return err
			}
		}
	}
	return nil
}

// add adds a posting. Lines of one product with several costs have their average.
func (m *netMovement) add(p *Posting, sign int) (err error) {
	if sign < 0 {
		cost := p.Cost
		if m.OwnCost.Has() && cost != m.OwnCost {
			mixed := balance{-m.quantity, m.OwnCost.Value}
			if cost.Value, err = mixed.mixed(p.Quantity, cost.Or(m.OwnCost.Value)); err != nil {
				return err
			}
			cost.State = taphoa.OptValue
		}
		m.CostTerms = CostTerms{OwnCost: taphoa.Opt[taphoa.Money]{}, OriginKind: p.OriginKind, OriginID: p.OriginID}
		if cost.Has() {
			m.OwnCost = cost
		}
	}
	m.wanted, m.at = true, p.EffectiveAt
	if m.quantity, err = m.quantity.Add(taphoa.Quantity(sign) * p.Quantity); err != nil {
		return tooMuch()
	}
	for _, s := range p.Serials {
		if m.serials[s] != 0 {
			return namedTwice(s)
		}
		m.addSerial(s, sign)
	}
	return nil
}

func namedTwice(serial string) error {
	return taphoa.Refuse(taphoa.CodeValidate, "serialNumbers", "Serial/IMEI %s bị lặp lại", serial)
}

// addSerial notes that a serial is still to move, or no longer is.
func (m *netMovement) addSerial(number string, sign int) {
	if m.serials == nil {
		m.serials = map[string]int{}
	}
	if m.serials[number] += sign; m.serials[number] == 0 {
		delete(m.serials, number)
	}
}

// subtractPosted takes off what the document has posted so far.
func (n netMovements) subtractPosted(rows []*PostingRow) {
	for _, r := range rows {
		m := n.at(r.flow())
		m.posted = &postedTerms{r.CostOrder, r.CostTerms}
		m.quantity += r.Net()
		sign := -1
		if r.To.IsBranch() {
			sign = 1
		}
		for _, s := range r.Serials {
			m.addSerial(s, sign)
		}
	}
	for _, m := range n {
		if m.posted != nil && !m.wanted {
			m.at, m.CostTerms = m.posted.EffectiveAt, m.posted.CostTerms
		}
	}
}

// rows appends the postings that make up a movement: one way, or both ways when serials are exchanged.
func (m *netMovement) rows(all []*PostingRow, doc *Document, entered taphoa.Time) []*PostingRow {
	back, out := max(0, -m.quantity), max(0, m.quantity)
	var backSerials, outSerials []string
	if len(m.serials) > 0 {
		for serial, direction := range m.serials {
			if direction > 0 {
				outSerials = append(outSerials, serial)
			} else {
				backSerials = append(backSerials, serial)
			}
		}
		slices.Sort(outSerials)
		slices.Sort(backSerials)
		out, back = taphoa.Units(int64(len(outSerials))), taphoa.Units(int64(len(backSerials)))
	} else if m.recount {
		out, back = taphoa.Units(1), taphoa.Units(1)
	}
	add := func(from, to Location, quantity taphoa.Quantity, serials []string) {
		if quantity > 0 {
			all = append(all, &PostingRow{
				DocumentRef: doc.ref(), Step: doc.Step + 1, Line: int64(len(all) + 1),
				ProductID: m.product, BatchID: m.lot, BranchID: m.branch, From: from, To: to, Quantity: quantity,
				CostOrder: CostOrder{m.at, entered}, CostTerms: m.CostTerms, Serials: serials,
			})
		}
	}
	add(m.outside, Location(m.branch), back, backSerials)
	add(Location(m.branch), m.outside, out, outSerials)
	return all
}

// inOrder are the movements that do something, in the order in which they count for the cost.
func (n netMovements) inOrder() []*netMovement {
	var all []*netMovement
	for _, m := range n {
		if m.quantity != 0 || len(m.serials) > 0 || m.recount || m.corrected() {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b *netMovement) int {
		return cmp.Or(cmp.Compare(a.product, b.product), cmp.Compare(a.at, b.at),
			cmp.Compare(phase(a.outside, a.quantity > 0), phase(b.outside, b.quantity > 0)),
			cmp.Compare(a.branch, b.branch), cmp.Compare(a.outside, b.outside), cmp.Compare(a.lot, b.lot))
	})
	return all
}

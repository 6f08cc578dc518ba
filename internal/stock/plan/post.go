package plan

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
)

// Post makes the postings of a document equal to want, by posting the difference as the document's next step:
// everything for a new document, the reverse of everything for want == nil. It reports whether it posted anything, that
// is, whether the step is used.
//
// Where the document now wants another date or cost for what it has posted, the postings are corrected in place. Costs that
// change by that are computed again when the ledger is saved, or later in the background.
//
// Refusals: a [*Short] when a branch has too little; taphoa.CodeValidate for quantities beyond what the ledger can hold
// and for a serial that is named twice; taphoa.CodeProduct for lots that have too little and serials that are not there,
// or already are.
func (l *Ledger) Post(doc Document, want []Posting, limits Limits) (used bool, err error) {
	open := netMovements{}
	if err := open.add(&doc, l.spelledAlike(&doc, want)); err != nil {
		return false, err
	}
	var dependents []DependentReceipt
	if doc.Step > 0 {
		posted := l.documents[doc.ref()]
		if posted == nil {
			return false, notAsked("postings of %s %d", doc.Kind, doc.ID)
		}
		open.subtractPosted(posted.rows)
		dependents = l.dependents(doc.ref())
	}
	return l.post(&doc, open, dependents, limits)
}

// spelledAlike are postings with their serials as the ledger writes them.
func (l *Ledger) spelledAlike(doc *Document, want []Posting) []Posting {
	want = slices.Clone(want)
	var posted []*PostingRow
	if d := l.documents[doc.ref()]; d != nil {
		posted = d.rows
	}
	for i := range want {
		want[i].Serials = l.spelled(&want[i], posted)
	}
	return want
}

// SetEffectiveDate sets the effective date of all postings of a document to its EffectiveAt.
func (l *Ledger) SetEffectiveDate(doc Document) error {
	posted := l.documents[doc.ref()]
	if posted == nil {
		return notAsked("postings of %s %d", doc.Kind, doc.ID)
	}
	open := netMovements{}
	open.subtractPosted(posted.rows)
	for _, m := range open {
		m.quantity, m.wanted, m.at, m.CostTerms = 0, true, doc.EffectiveAt, m.posted.CostTerms
		clear(m.serials)
	}
	_, err := l.post(&doc, open, l.dependents(doc.ref()), Limits{BelowZero: true, BelowReserved: true})
	return err
}

// step is a document's step that is posted.
type step struct {
	*Ledger
	doc     *Document
	levels  []*LevelState // that it touches, by product and branch
	entered taphoa.Time   // when what is new is recorded
	rows    []*PostingRow
}

// post plans the postings and corrections of one step and moves the levels with them.
func (l *Ledger) post(doc *Document, open netMovements, dependents []DependentReceipt, limits Limits) (used bool, err error) {
	movements := open.inOrder()
	if len(movements) == 0 {
		return false, nil
	}
	dependents = slices.DeleteFunc(dependents, func(d DependentReceipt) bool {
		return !slices.ContainsFunc(movements, func(m *netMovement) bool { return m.product == d.ProductID })
	})
	s := &step{Ledger: l, doc: doc, rows: make([]*PostingRow, 0, len(movements))}
	if err := s.touch(movements, dependents); err != nil {
		return false, err
	}
	if err := s.assignEntered(open, dependents); err != nil {
		return false, err
	}
	for _, m := range movements {
		if err := s.move(m); err != nil {
			return false, err
		}
	}
	for _, d := range dependents {
		s.recostFrom(l.levels[d.key()], d.CostOrder)
	}
	for _, r := range s.rows {
		r.Average = l.levels[LevelKey{r.ProductID, r.BranchID}].Cost
		if err := l.moveLotAndSerials(r); err != nil {
			return false, err
		}
	}
	for _, level := range s.levels {
		if level.OnHand < level.was {
			if short := limits.check(&level.Level, level.was, level.OnHand); short != nil {
				return false, short
			}
		}
	}
	for _, level := range s.levels {
		l.change(level)
	}
	s.record()
	return len(s.rows) > 0, nil
}

// touch finds the levels that a step touches.
func (s *step) touch(movements []*netMovement, dependents []DependentReceipt) error {
	keys := make([]LevelKey, 0, len(movements)+len(dependents))
	for _, m := range movements {
		keys = append(keys, m.level())
	}
	for i := range dependents {
		keys = append(keys, dependents[i].key())
	}
	slices.SortFunc(keys, func(a, b LevelKey) int {
		return cmp.Or(cmp.Compare(a.ProductID, b.ProductID), cmp.Compare(a.BranchID, b.BranchID))
	})
	keys = slices.Compact(keys)
	s.levels = make([]*LevelState, 0, len(keys))
	for _, key := range keys {
		level, err := s.level(key)
		if err != nil {
			return err
		}
		level.was, level.moved = level.OnHand, CostOrder{}
		s.levels = append(s.levels, level)
	}
	return nil
}

// assignEntered sets the recording time of what is new: now, but later than any at the touched levels and, for returned
// goods, later than their issue and than earlier returns. It breaks ties between movements with the same effective
// date.
func (s *step) assignEntered(open netMovements, dependents []DependentReceipt) error {
	s.entered = s.clock
	after := func(t taphoa.Time) { s.entered = max(s.entered, t+1) }
	for _, level := range s.levels {
		after(level.EnteredAt)
	}
	for i := range dependents {
		after(dependents[i].EnteredAt)
	}
	for _, m := range open {
		if m.posted != nil {
			after(m.posted.EnteredAt)
		} else if origin := (DocumentRef{m.OriginKind, m.OriginID}); origin.ID != 0 && origin != s.doc.ref() {
			last, err := s.lastEntered(origin)
			if err != nil {
				return err
			}
			after(last)
		}
	}
	return nil
}

// lastEntered is when the last posting of a document was recorded; 0 for one that has posted nothing.
func (l *Ledger) lastEntered(ref DocumentRef) (last taphoa.Time, err error) {
	last, asked := l.origins[ref]
	d := l.documents[ref]
	if !asked && d == nil {
		return 0, notAsked("origin %s %d", ref.Kind, ref.ID)
	}
	if d != nil {
		for _, r := range d.rows {
			last = max(last, r.EnteredAt)
		}
	}
	return last, nil
}

// move applies a movement to its level and appends its postings.
func (s *step) move(m *netMovement) error {
	level := s.Ledger.levels[m.level()]
	at := CostOrder{m.at, s.entered}
	from := at
	if m.posted != nil {
		at.EnteredAt = m.posted.EnteredAt
		if from = at; m.posted.Compare(at) < 0 {
			from = m.posted.CostOrder
		}
	}
	first := len(s.rows)
	s.rows = m.rows(s.rows, s.doc, at.EnteredAt)
	rows := s.rows[first:]
	now := balance{level.OnHand, level.Cost}
	var net taphoa.Quantity
	for _, r := range rows {
		net += r.Net()
	}
	onHand, err := now.onHand.Add(net)
	if err != nil {
		return tooMuch()
	}
	cost := now.average
	if level.moved != (CostOrder{}) && level.moved != at || !m.isLast(level, from) {
		s.recostFrom(level, from)
		if net >= 0 {
			cost = m.OwnCost.Or(cost)
		}
	} else if m.posted == nil {
		if cost, err = now.apply(&m.CostTerms, net, taphoa.Opt[taphoa.Money]{}); err != nil {
			return err
		}
	}
	level.OnHand, level.Cost = onHand, now.average
	level.EnteredAt = max(level.EnteredAt, at.EnteredAt, at.EffectiveAt)
	if m.changesAverage() {
		level.received(at.EffectiveAt)
	}
	for _, r := range rows {
		r.Cost = cost
	}
	if m.corrected() {
		s.updateTerms(m)
	}
	level.moved = at
	return nil
}

// isLast reports that nothing follows a movement in the order of cost, or nothing that its change could change: then the
// level's present average is its cost. False is always safe: the cost is computed again then.
func (m *netMovement) isLast(level *LevelState, from CostOrder) bool {
	switch {
	case level.IsRecosting(): // costs after RecostFrom are computed later
		return from.Compare(level.RecostFrom.CostOrder) >= 0
	case m.OriginID != 0, m.posted != nil && m.posted.OriginID != 0:
		return false
	case m.posted != nil:
		return !m.changesAverage() && from.EffectiveAt > level.ReceivedAt
	case m.changesAverage():
		return from.EffectiveAt >= level.EnteredAt
	}
	return from.EffectiveAt >= level.ReceivedAt
}

// updateTerms rewrites the effective date and cost terms of the document's existing postings.
func (s *step) updateTerms(m *netMovement) {
	d := s.documents[s.doc.ref()]
	stored := false
	for i, r := range d.rows {
		if r.flow() == m.flowKey {
			r.EffectiveAt, r.CostTerms = m.at, m.CostTerms
			stored = stored || i < d.stored
		}
	}
	if stored {
		s.changes.Terms = append(s.changes.Terms, TermsUpdate{
			DocumentRef: s.doc.ref(), ProductID: m.product, BatchID: m.lot, BranchID: m.branch, Outside: m.outside,
			EffectiveAt: m.at, CostTerms: m.CostTerms,
		})
	}
}

// recostFrom has the costs of a level computed again from a position on.
func (s *step) recostFrom(level *LevelState, from CostOrder) {
	if !level.IsRecosting() {
		s.changes.Recost = append(s.changes.Recost, level)
	}
	level.SetRecostFrom(from)
}

// record adds the step's postings to the document's.
func (s *step) record() {
	s.changes.Steps++
	s.changes.Postings = append(s.changes.Postings, s.rows...)
	ref := s.doc.ref()
	d := s.documents[ref]
	if d == nil {
		d = &documentPostings{}
		s.setDocument(ref, d)
	}
	d.rows = append(d.rows, s.rows...)
}

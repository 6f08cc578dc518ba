package stock

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// few is how many postings a document may re-cost by itself; what is more is left to [RecostAll]. Only tests change it.
var few = 50

// booking is a document's step on its way into the ledger.
type booking struct {
	tx      *db.Tx
	doc     Document
	levels  shelf
	entered taphoa.Time // of what the ledger hears of for the first time
	rows    []booked
	marked  []spot // to be re-costed because of this step
}

// book writes the postings and corrections of one step and moves the levels with them.
func book(tx *db.Tx, doc Document, open flows, followers []follower, limits Limits) (used bool, err error) {
	flows := open.inOrder()
	if len(flows) == 0 {
		return false, nil
	}
	var spots []spot
	for _, f := range flows {
		spots = append(spots, spot{f.product, f.branch})
	}
	followers = slices.DeleteFunc(followers, func(o follower) bool {
		return !slices.ContainsFunc(flows, func(f *flow) bool { return f.product == o.ProductID })
	})
	for _, o := range followers {
		spots = append(spots, spot{o.ProductID, o.BranchID})
	}
	b := &booking{tx: tx, doc: doc, rows: make([]booked, 0, len(flows))}
	if b.levels, err = lock(tx, spots); err != nil {
		return false, err
	}
	if err := b.levels.readMarks(tx); err != nil {
		return false, err
	}
	for _, l := range b.levels {
		l.was.onHand, l.was.receivedAt, l.was.mark = l.OnHand, l.ReceivedAt, l.mark
	}
	if err := b.enter(open, followers); err != nil {
		return false, err
	}
	for _, f := range flows {
		if err := b.move(f); err != nil {
			return false, err
		}
	}
	for _, o := range followers {
		b.mark(spot{o.ProductID, o.BranchID}, o.moment)
	}
	if err := b.insert(); err != nil {
		return false, err
	}
	if err := b.recost(); err != nil {
		return false, err
	}
	return len(b.rows) > 0, b.levels.save(tx, limits)
}

// enter finds the moment of what the ledger has not heard of: now, but after all else at the levels, after the goods
// have left that it brings back, and after those that have come back before it. Two operations of one instant are told
// apart by that.
func (b *booking) enter(open flows, followers []follower) error {
	b.entered = b.tx.Clock
	after := func(t taphoa.Time) { b.entered = max(b.entered, t+1) }
	for _, level := range b.levels {
		after(level.EnteredAt)
	}
	for _, o := range followers {
		after(o.EnteredAt)
	}
	var origin ref
	for _, f := range open {
		if f.posted != nil {
			after(f.posted.EnteredAt)
		}
		named := ref{f.OriginKind, f.OriginID}
		if f.posted != nil || named.DocumentID == 0 || named == origin || named == (ref{b.doc.Kind, b.doc.ID}) {
			continue
		}
		origin = named
		left, _, err := db.One[taphoa.Time](b.tx, `
			SELECT COALESCE(MAX(entered_at), 0) FROM stock_postings
			WHERE retailer_id = :retailer AND kind = ? AND document_id = ?`, named.Kind, named.DocumentID)
		if err != nil {
			return err
		}
		after(left)
	}
	return nil
}

// move applies a flow to its level and makes its postings.
func (b *booking) move(f *flow) error {
	s := spot{f.product, f.branch}
	level := b.levels[s]
	at := moment{f.at, b.entered}
	from := at
	if f.posted != nil {
		at.EnteredAt = f.posted.EnteredAt
		if from = at; f.posted.compare(at) < 0 {
			from = f.posted.moment
		}
	}
	first := len(b.rows)
	b.rows = f.rows(b.rows, &b.doc, at.EnteredAt)
	rows := b.rows[first:]
	now := balance{level.OnHand, level.Cost}
	var net taphoa.Quantity
	for i := range rows {
		net += rows[i].net()
	}
	onHand, err := now.onHand.Add(net)
	if err != nil {
		return tooMuch()
	}
	cost := now.average
	if level.moved != (moment{}) && level.moved != at || !f.last(level, from) {
		b.mark(s, from)
		if net >= 0 {
			cost = f.OwnCost.Or(cost)
		}
	} else if f.posted == nil {
		if cost, err = now.apply(&f.terms, net, taphoa.Opt[taphoa.Money]{}); err != nil {
			return err
		}
	}
	level.OnHand, level.Cost = onHand, now.average
	level.EnteredAt = max(level.EnteredAt, at.EnteredAt, at.EffectiveAt)
	if f.brings() {
		level.received(at.EffectiveAt)
	}
	for i := range rows {
		rows[i].Cost = cost
	}
	if f.corrected() {
		f.correct(b.tx, b.doc)
	}
	level.moved = at
	return nil
}

// last reports that nothing comes behind a flow in the order of cost, or nothing that its change could change: then
// the level's present average is its cost. It may say no without need.
func (f *flow) last(level *costLevel, from moment) bool {
	switch {
	case level.waits(): // what comes behind the mark is worked out anyway
		return from.compare(level.mark.moment) >= 0
	case f.OriginID != 0, f.posted != nil && f.posted.OriginID != 0:
		return false
	case f.posted != nil:
		return !f.brings() && from.EffectiveAt > level.ReceivedAt
	case f.brings():
		return from.EffectiveAt >= level.EnteredAt
	}
	return from.EffectiveAt >= level.ReceivedAt
}

// correct makes what a document has posted say what it says now.
func (f *flow) correct(tx *db.Tx, doc Document) {
	tx.Queue(`
		UPDATE stock_postings SET effective_at = ?, own_cost = :own_cost, sets_cost = :sets_cost,
			origin_kind = :origin_kind, origin_id = :origin_id
		WHERE retailer_id = :retailer AND kind = ? AND document_id = ? AND +product_id = ? AND branch_id = ?
			AND batch_id = ? AND (from_place = ? OR to_place = ?)`,
		&f.terms, f.at, doc.Kind, doc.ID, f.product, f.branch, f.batch, int64(f.outside), int64(f.outside))
}

// mark notes that the costs of a level are to be worked out anew from a moment on.
func (b *booking) mark(s spot, from moment) {
	level := b.levels[s]
	if !level.waits() {
		b.marked = append(b.marked, s)
	}
	level.waitFrom(from)
}

// insert writes the postings, and the batches and serials that they move.
func (b *booking) insert() error {
	for i := range b.rows {
		r := &b.rows[i]
		r.Average = b.levels[spot{r.ProductID, r.BranchID}].Cost
		if err := moveParts(b.tx, r); err != nil {
			return err
		}
	}
	for i := range b.rows {
		r := &b.rows[i]
		if r.terms == (terms{}) && r.Average == r.Cost { // sales, and most else: null is the same as cost
			b.tx.Queue(`
				INSERT INTO stock_postings (retailer_id, kind, document_id, step, line, product_id, from_place, to_place,
					quantity, cost, batch_id, effective_at, posted_at, branch_id, entered_at)
				VALUES (:retailer, :kind, :document_id, :step, :line, :product_id, :from_place, :to_place, :quantity, :cost,
					:batch_id, :effective_at, :now, :branch_id, :entered_at)`, r)
			continue
		}
		b.tx.Queue(`
			INSERT INTO stock_postings (retailer_id, kind, document_id, step, line, product_id, from_place, to_place,
				quantity, cost, batch_id, effective_at, posted_at, branch_id, entered_at, average, own_cost, sets_cost,
				origin_kind, origin_id)
			VALUES (:retailer, :kind, :document_id, :step, :line, :product_id, :from_place, :to_place, :quantity, :cost,
				:batch_id, :effective_at, :now, :branch_id, :entered_at, :average, :own_cost, :sets_cost,
				:origin_kind, :origin_id)`, r)
	}
	return nil
}

// recost works out anew what the step has marked, product by product, as long as that is little. Levels that were
// waiting before go on waiting, and so do those whose costs change others' that are not at hand.
func (b *booking) recost() error {
	slices.SortFunc(b.marked, func(x, y spot) int {
		return cmp.Or(cmp.Compare(x.product, y.product), cmp.Compare(x.branch, y.branch))
	})
	left := few
	for len(b.marked) > 0 && left > 0 {
		product := b.marked[0].product
		w := &walk{tx: b.tx, product: product}
		for len(b.marked) > 0 && b.marked[0].product == product {
			w.levels = append(w.levels, b.levels[b.marked[0]])
			b.marked = b.marked[1:]
		}
		if whole, err := w.read(left); err != nil {
			return err
		} else if !whole {
			left--
			continue
		}
		left -= len(w.rows)
		if grow, err := w.work(); err != nil {
			return err
		} else if len(grow) == 0 {
			w.write()
		}
	}
	return nil
}

// save writes the changed levels, relative to what they were, after judging those that went down.
func (l shelf) save(tx *db.Tx, limits Limits) error {
	spots := make([]spot, 0, len(l))
	for s := range l {
		spots = append(spots, s)
	}
	slices.SortFunc(spots, func(a, b spot) int {
		return cmp.Or(cmp.Compare(a.product, b.product), cmp.Compare(a.branch, b.branch))
	})
	for _, s := range spots {
		if level := l[s]; level.OnHand < level.was.onHand {
			if short := limits.tooLittle(&level.Level, level.was.onHand, level.OnHand); short != nil {
				return short
			}
		}
	}
	for _, s := range spots {
		level := l[s]
		if level.mark != level.was.mark {
			level.mark.save(tx)
		}
		if level.ReceivedAt != level.was.receivedAt {
			tx.Queue(`
				UPDATE stock_levels SET received_at = :received_at
				WHERE retailer_id = :retailer AND product_id = :product_id AND branch_id = :branch_id`, level)
		}
		tx.Queue(`
			UPDATE stock_levels SET on_hand = on_hand + ?, cost = ?, entered_at = ?, changed_at = :now
			WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ?`,
			level.OnHand-level.was.onHand, level.Cost, level.EnteredAt, s.product, s.branch)
		levelChanged.Emit(tx, s)
	}
	return nil
}

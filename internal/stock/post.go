package stock

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Place is where goods are: a branch's id, or one of the places outside the shop's branches.
type Place int64

// The places outside.
const (
	Supplier   Place = -1
	Customer   Place = -2
	Transit    Place = -3
	Adjustment Place = -4
)

func (p Place) branch() bool { return p > 0 }

// Document names what moves goods. Step counts its changes: the document keeps it and hands in how many it has made.
type Document struct {
	Kind        string // "invoice", "purchase", "stocktake"
	ID          int64
	Step        int64
	EffectiveAt taphoa.Time // when the goods moved for the books
}

// Posting is one movement that a document wants.
type Posting struct {
	ProductID int64
	From, To  Place
	Quantity  taphoa.Quantity          // positive
	Cost      taphoa.Opt[taphoa.Money] // of one base unit, for goods that come from outside; else the level's
	BatchID   int64                    // for products kept in batches
	Serials   []string                 // for products kept by serial: Quantity of them
}

// lane is a pair of places between which goods of a product and batch move. Its direction is that of a positive
// quantity: from the branch outwards.
type lane struct {
	product, batch int64
	from, to       Place
}

func laneOf(product, batch int64, from, to Place) (at lane, sign int) {
	if from > to {
		return lane{product, batch, from, to}, 1
	}
	return lane{product, batch, to, from}, -1
}

// flow is what a document is still to move along a lane: positive outwards.
type flow struct {
	lane
	quantity taphoa.Quantity
	cost     taphoa.Opt[taphoa.Money]
	serials  map[string]int // 1 outwards, -1 back
	posted   taphoa.Quantity
	value    taphoa.Money // of what is posted, at cost
}

type flows map[lane]*flow

func (f flows) at(l lane) *flow {
	if f[l] == nil {
		f[l] = &flow{lane: l, serials: map[string]int{}}
	}
	return f[l]
}

// Settle makes the goods that a document has moved equal to want, by posting the difference as the document's next
// step: everything for a new document, the mirror of everything for want == nil. It answers whether it posted
// anything, that is, whether the step is used.
//
// It answers a [*Short] when a branch has too little, and taphoa.Error for serials and batches that do not fit.
func Settle(tx *db.Tx, doc Document, want []Posting, limits Limits) (bool, error) {
	open := flows{}
	if err := open.add(want); err != nil {
		return false, err
	}
	if doc.Step > 0 {
		if err := open.subtractPosted(tx, doc); err != nil {
			return false, err
		}
	}
	var moves []Posting
	for _, f := range open {
		moves = append(moves, f.moves()...)
	}
	if len(moves) == 0 {
		return false, nil
	}
	slices.SortFunc(moves, func(a, b Posting) int {
		return cmp.Or(cmp.Compare(a.ProductID, b.ProductID), cmp.Compare(a.BatchID, b.BatchID), cmp.Compare(a.From, b.From))
	})
	doc.Step++
	return true, post(tx, doc, moves, limits)
}

// add puts what postings move onto their lanes.
func (f flows) add(postings []Posting) (err error) {
	for _, p := range postings {
		if p.Quantity <= 0 || p.From == p.To || len(p.Serials) > 0 && p.Quantity != taphoa.Units(int64(len(p.Serials))) {
			panic("stock: a posting that moves nothing, nowhere, or other than its serials")
		}
		if p.Quantity > taphoa.QuantityMax {
			return tooMuch()
		}
		l, sign := laneOf(p.ProductID, p.BatchID, p.From, p.To)
		flow := f.at(l)
		if flow.quantity, err = flow.quantity.Add(taphoa.Quantity(sign) * p.Quantity); err != nil {
			return tooMuch()
		}
		flow.cost = p.Cost
		for _, s := range p.Serials {
			if flow.serials[s] != 0 {
				return taphoa.Refuse(taphoa.CodeValidate, "serialNumbers", "Serial/IMEI %s bị lặp lại", s)
			}
			flow.serials[s] = sign
		}
	}
	return nil
}

// tooMuch is the refusal of quantities beyond what the ledger can hold.
func tooMuch() error {
	return taphoa.Refuse(taphoa.CodeValidate, "quantity", "Số lượng (quantity) vượt quá giới hạn cho phép")
}

// subtractPosted takes what the document has posted so far from the flows.
func (f flows) subtractPosted(tx *db.Tx, doc Document) error {
	type row struct {
		ProductID, BatchID int64
		FromPlace, ToPlace Place
		Quantity           taphoa.Quantity
		Cost               taphoa.Money
	}
	rows, err := db.All[row](tx, `
		SELECT product_id, batch_id, from_place, to_place, quantity, cost FROM stock_postings
		WHERE retailer_id = :retailer AND kind = ? AND document_id = ?`, doc.Kind, doc.ID)
	if err != nil {
		return err
	}
	for _, r := range rows {
		l, sign := laneOf(r.ProductID, r.BatchID, r.FromPlace, r.ToPlace)
		flow, moved := f.at(l), taphoa.Quantity(sign)*r.Quantity
		worth, err := r.Cost.Times(moved)
		if err != nil {
			return tooMuch()
		}
		flow.quantity, flow.posted, flow.value = flow.quantity-moved, flow.posted+moved, flow.value+worth
	}
	return tx.Each(func(row db.Row) error {
		l, sign := laneOf(row.Int64(0), row.Int64(1), Place(row.Int64(2)), Place(row.Int64(3)))
		serials, serial := f.at(l).serials, row.Text(4)
		if serials[serial] -= sign; serials[serial] == 0 {
			delete(serials, serial)
		}
		return nil
	}, `
		SELECT p.product_id, p.batch_id, p.from_place, p.to_place, s.serial_number
		FROM stock_serial_postings s
		JOIN stock_postings p ON p.retailer_id = :retailer AND p.kind = s.kind AND p.document_id = s.document_id
			AND p.step = s.step AND p.line = s.line
		WHERE s.retailer_id = :retailer AND s.kind = ? AND s.document_id = ?`, doc.Kind, doc.ID)
}

// moves are the postings that make up a flow: one way, or both ways when serials are exchanged.
func (f *flow) moves() []Posting {
	out := Posting{ProductID: f.product, BatchID: f.batch, From: f.from, To: f.to, Cost: f.cost}
	back := Posting{ProductID: f.product, BatchID: f.batch, From: f.to, To: f.from, Cost: f.cost}
	if f.posted > 0 { // what comes back has the cost at which it left
		if average, err := f.value.Div(f.posted); err == nil {
			back.Cost = taphoa.Some(average)
		}
	}
	for serial, direction := range f.serials {
		if direction > 0 {
			out.Serials = append(out.Serials, serial)
		} else {
			back.Serials = append(back.Serials, serial)
		}
	}
	slices.Sort(out.Serials)
	slices.Sort(back.Serials)
	if len(f.serials) > 0 {
		out.Quantity, back.Quantity = taphoa.Units(int64(len(out.Serials))), taphoa.Units(int64(len(back.Serials)))
	} else {
		out.Quantity, back.Quantity = max(0, f.quantity), max(0, -f.quantity)
	}
	return slices.DeleteFunc([]Posting{out, back}, func(p Posting) bool { return p.Quantity == 0 })
}

// post writes the postings of one step and moves the levels with them.
func post(tx *db.Tx, doc Document, moves []Posting, limits Limits) error {
	var spots []spot
	for _, m := range moves {
		for _, place := range []Place{m.From, m.To} {
			if place.branch() {
				spots = append(spots, spot{m.ProductID, int64(place)})
			}
		}
	}
	before, err := lock(tx, spots)
	if err != nil {
		return err
	}
	after := shelf{}
	for s, level := range before {
		copied := *level
		after[s] = &copied
	}
	for i := range moves {
		if err := after.move(&moves[i]); err != nil {
			return err
		}
		if err := moveParts(tx, doc, &moves[i], int64(i+1)); err != nil {
			return err
		}
	}
	for i := range moves {
		m := &moves[i]
		tx.Queue(`
			INSERT INTO stock_postings (retailer_id, kind, document_id, step, line, product_id, from_place, to_place,
				quantity, cost, batch_id, effective_at, posted_at)
			VALUES (:retailer, ?, ?, ?, ?, :product_id, :from, :to, :quantity, :cost, :batch_id, ?, :now)`,
			m, doc.Kind, doc.ID, doc.Step, int64(i+1), doc.EffectiveAt)
	}
	return after.save(tx, before, limits)
}

// move applies a posting to the levels and fixes the posting's cost.
func (l shelf) move(m *Posting) error {
	if m.From.branch() {
		level := l[spot{m.ProductID, int64(m.From)}]
		if !m.Cost.Has() || !m.To.branch() {
			m.Cost = taphoa.Some(level.Cost)
		}
		var err error
		if level.OnHand, err = level.OnHand.Sub(m.Quantity); err != nil {
			return tooMuch()
		}
	}
	if m.To.branch() {
		level := l[spot{m.ProductID, int64(m.To)}]
		if !m.Cost.Has() {
			m.Cost = taphoa.Some(level.Cost)
		}
		return level.receive(m.Quantity, m.Cost.Value)
	}
	return nil
}

// receive adds goods to a level and moves its average cost. A level that was empty or below takes the new cost.
func (l *Level) receive(quantity taphoa.Quantity, cost taphoa.Money) error {
	total, err := l.OnHand.Add(quantity)
	if err != nil {
		return tooMuch()
	}
	switch {
	case cost == l.Cost:
	case l.OnHand <= 0:
		l.Cost = cost
	default:
		had, err1 := l.Cost.Times(l.OnHand)
		got, err2 := cost.Times(quantity)
		worth, err3 := had.Add(got)
		average, err4 := worth.Div(total)
		for _, err := range []error{err1, err2, err3, err4} {
			if err != nil {
				return tooMuch()
			}
		}
		l.Cost = average
	}
	l.OnHand = total
	return nil
}

// save writes the changed levels, relative to what they were, after judging those that went down.
func (l shelf) save(tx *db.Tx, before shelf, limits Limits) error {
	spots := make([]spot, 0, len(l))
	for s := range l {
		spots = append(spots, s)
	}
	slices.SortFunc(spots, func(a, b spot) int {
		return cmp.Or(cmp.Compare(a.product, b.product), cmp.Compare(a.branch, b.branch))
	})
	for _, s := range spots {
		if l[s].OnHand < before[s].OnHand {
			if short := limits.tooLittle(before[s], l[s].OnHand); short != nil {
				return short
			}
		}
	}
	for _, s := range spots {
		tx.Queue(`
			UPDATE stock_levels SET on_hand = on_hand + ?, cost = ?, changed_at = :now
			WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ?`,
			l[s].OnHand-before[s].OnHand, l[s].Cost, s.product, s.branch)
		levelChanged.Emit(tx, s)
	}
	return nil
}

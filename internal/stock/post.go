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

// Posting is one movement that a document wants. From branch to branch goods go through [Transit].
type Posting struct {
	ProductID   int64
	From, To    Place
	Quantity    taphoa.Quantity          // positive
	Cost        taphoa.Opt[taphoa.Money] // of one base unit, for goods that come from a supplier, a customer or an adjustment
	BatchID     int64                    // for products kept in batches
	Serials     []string                 // for products kept by serial: Quantity of them
	EffectiveAt taphoa.Time              // where it is not the document's: a transfer is received later than it was sent

	// OriginKind and OriginID name the document with which goods that come back had left (the invoice of a return): they
	// come at the cost at which they were sold, unless Cost says another. Goods out of Transit are of their own document.
	OriginKind string
	OriginID   int64
}

// flow is what a document says and is still to move along a lane.
type flow struct {
	lane
	quantity taphoa.Quantity // positive outwards
	serials  map[string]int  // 1 outwards, -1 back
	wanted   bool            // the document still says something about it
	at       taphoa.Time
	terms
	recount bool // what is moved out is moved in again: a stock take that changes nothing but the cost

	posted *said // nil when nothing has been yet
}

// said is what a document has said of what it has posted.
type said struct {
	moment
	terms
}

// corrected reports that the document now says something else of what it has posted.
func (f *flow) corrected() bool {
	return f.posted != nil && f.wanted && (f.at != f.posted.EffectiveAt || f.terms != f.posted.terms)
}

// brings reports whether the flow can change the branch's average, or could by what it has posted.
func (f *flow) brings() bool { return f.terms.bring() || f.posted != nil && f.posted.bring() }

type flows map[lane]*flow

func (f flows) at(l lane) *flow {
	if f[l] == nil {
		f[l] = &flow{lane: l}
	}
	return f[l]
}

// Settle makes the goods that a document has moved equal to want, by posting the difference as the document's next
// step: everything for a new document, the mirror of everything for want == nil. It answers whether it posted
// anything, that is, whether the step is used.
//
// What a document says otherwise than before about when its goods moved, and at what cost they came, is corrected where
// it stands. Costs that change with all that are worked out anew: few at once, many by [RecostAll].
//
// It answers a [*Short] when a branch has too little, and taphoa.Error for serials and batches that do not fit.
func Settle(tx *db.Tx, doc Document, want []Posting, limits Limits) (bool, error) {
	open := flows{}
	if err := open.add(doc, want); err != nil {
		return false, err
	}
	var followers []follower
	if doc.Step > 0 {
		var err error
		if followers, err = open.subtractPosted(tx, doc); err != nil {
			return false, err
		}
	}
	return book(tx, doc, open, followers, limits)
}

// Redate makes all that a document has moved effective at its EffectiveAt.
func Redate(tx *db.Tx, doc Document) error {
	open := flows{}
	followers, err := open.subtractPosted(tx, doc)
	if err != nil {
		return err
	}
	for _, f := range open {
		f.quantity, f.wanted, f.at, f.terms = 0, true, doc.EffectiveAt, f.posted.terms
		clear(f.serials)
	}
	_, err = book(tx, doc, open, followers, Limits{BelowZero: true, BelowReserved: true})
	return err
}

// add puts what postings move onto their lanes.
func (f flows) add(doc Document, postings []Posting) error {
	for i := range postings {
		p := &postings[i]
		if p.Quantity <= 0 || p.From == p.To || len(p.Serials) > 0 && p.Quantity != taphoa.Units(int64(len(p.Serials))) ||
			!p.From.branch() && !p.To.branch() {
			panic("stock: a posting that moves nothing, nowhere, or other than its serials")
		}
		if p.Quantity > taphoa.QuantityMax {
			return tooMuch()
		}
		if p.EffectiveAt == 0 {
			p.EffectiveAt = doc.EffectiveAt
		}
		if p.From.branch() {
			outside := p.To
			if outside.branch() {
				outside = Transit
			}
			if err := f.at(lane{p.ProductID, p.BatchID, int64(p.From), outside}).add(p, 1); err != nil {
				return err
			}
		}
		if p.To.branch() {
			in := *p
			if in.From.branch() {
				in.From = Transit
			}
			if in.From == Transit {
				in.Cost, in.OriginKind, in.OriginID = taphoa.Opt[taphoa.Money]{}, doc.Kind, doc.ID
			}
			if err := f.at(lane{p.ProductID, p.BatchID, int64(p.To), in.From}).add(&in, -1); err != nil {
				return err
			}
		}
	}
	return nil
}

// add puts a posting onto its flow. Lines of one product with several costs have their average.
func (f *flow) add(p *Posting, sign int) (err error) {
	if sign < 0 {
		cost := p.Cost
		if f.OwnCost.Has() && cost != f.OwnCost {
			mixed := balance{-f.quantity, f.OwnCost.Value}
			if cost.Value, err = mixed.mixed(p.Quantity, cost.Or(f.OwnCost.Value)); err != nil {
				return err
			}
			cost.State = taphoa.OptValue
		}
		f.terms = terms{OwnCost: taphoa.Opt[taphoa.Money]{}, OriginKind: p.OriginKind, OriginID: p.OriginID}
		if cost.Has() {
			f.OwnCost = cost
		}
	}
	f.wanted, f.at = true, p.EffectiveAt
	if f.quantity, err = f.quantity.Add(taphoa.Quantity(sign) * p.Quantity); err != nil {
		return tooMuch()
	}
	for _, s := range p.Serials {
		if f.serials[s] != 0 {
			return taphoa.Refuse(taphoa.CodeValidate, "serialNumbers", "Serial/IMEI %s bị lặp lại", s)
		}
		f.serial(s, sign)
	}
	return nil
}

// serial notes that a serial is still to move, or is not.
func (f *flow) serial(number string, sign int) {
	if f.serials == nil {
		f.serials = map[string]int{}
	}
	if f.serials[number] += sign; f.serials[number] == 0 {
		delete(f.serials, number)
	}
}

// tooMuch is the refusal of quantities beyond what the ledger can hold.
func tooMuch() error {
	return taphoa.Refuse(taphoa.CodeValidate, "quantity", "Số lượng (quantity) vượt quá giới hạn cho phép")
}

// follower is where goods came that name a document as their origin.
type follower struct {
	ProductID, BranchID int64
	moment
}

// subtractPosted takes what the document has posted so far from the flows, and answers who follows it.
func (f flows) subtractPosted(tx *db.Tx, doc Document) (followers []follower, err error) {
	rows, err := db.All[booked](tx, `
		SELECT `+bookedColumns+` FROM stock_postings
		WHERE retailer_id = :retailer AND kind = ? AND document_id = ?
		UNION ALL
		SELECT `+bookedColumns+` FROM stock_postings
		WHERE retailer_id = :retailer AND origin_kind = ? AND origin_id = ? AND origin_id > 0`,
		doc.Kind, doc.ID, doc.Kind, doc.ID)
	if err != nil {
		return nil, err
	}
	type posting struct {
		ref
		step, line int64
	}
	seen := map[posting]bool{} // goods that passed through Transit are of both kinds
	for i := range rows {
		r := &rows[i]
		at := posting{r.ref, r.Step, r.Line}
		if own := r.ref == (ref{doc.Kind, doc.ID}); own && !seen[at] {
			flow := f.at(r.lane())
			flow.posted = &said{r.moment, r.terms}
			flow.quantity += r.net()
		}
		if seen[at] = true; r.OriginKind == doc.Kind && r.OriginID == doc.ID {
			followers = append(followers, follower{r.ProductID, r.BranchID, r.moment})
		}
	}
	for _, flow := range f {
		if flow.posted != nil && !flow.wanted {
			flow.at, flow.terms = flow.posted.EffectiveAt, flow.posted.terms
		}
	}
	return followers, tx.Each(func(row db.Row) error {
		product, batch, branch, from, to := row.Int64(0), row.Int64(1), row.Int64(2), Place(row.Int64(3)), Place(row.Int64(4))
		outside, sign := to, 1
		if to.branch() {
			outside, sign = from, -1
		}
		f.at(lane{product, batch, branch, outside}).serial(row.Text(5), -sign)
		return nil
	}, `
		SELECT p.product_id, p.batch_id, p.branch_id, p.from_place, p.to_place, s.serial_number
		FROM stock_serial_postings s
		JOIN stock_postings p ON p.retailer_id = :retailer AND p.kind = s.kind AND p.document_id = s.document_id
			AND p.step = s.step AND p.line = s.line
		WHERE s.retailer_id = :retailer AND s.kind = ? AND s.document_id = ?`, doc.Kind, doc.ID)
}

// rows appends the postings that make up a flow: one way, or both ways when serials are exchanged.
func (f *flow) rows(all []booked, doc *Document, entered taphoa.Time) []booked {
	back, out := max(0, -f.quantity), max(0, f.quantity)
	var backSerials, outSerials []string
	if len(f.serials) > 0 {
		for serial, direction := range f.serials {
			if direction > 0 {
				outSerials = append(outSerials, serial)
			} else {
				backSerials = append(backSerials, serial)
			}
		}
		slices.Sort(outSerials)
		slices.Sort(backSerials)
		out, back = taphoa.Units(int64(len(outSerials))), taphoa.Units(int64(len(backSerials)))
	} else if f.recount {
		out, back = taphoa.Units(1), taphoa.Units(1)
	}
	add := func(from, to Place, quantity taphoa.Quantity, serials []string) {
		if quantity > 0 {
			all = append(all, booked{
				ref: ref{doc.Kind, doc.ID}, Step: doc.Step + 1, Line: int64(len(all) + 1),
				ProductID: f.product, BatchID: f.batch, BranchID: f.branch, FromPlace: from, ToPlace: to, Quantity: quantity,
				moment: moment{f.at, entered}, terms: f.terms, Serials: serials,
			})
		}
	}
	add(f.outside, Place(f.branch), back, backSerials)
	add(Place(f.branch), f.outside, out, outSerials)
	return all
}

// inOrder are the flows that do something, in the order in which they count for the cost.
func (f flows) inOrder() []*flow {
	var all []*flow
	for _, flow := range f {
		if flow.quantity != 0 || len(flow.serials) > 0 || flow.recount || flow.corrected() {
			all = append(all, flow)
		}
	}
	slices.SortFunc(all, func(a, b *flow) int {
		return cmp.Or(cmp.Compare(a.product, b.product), cmp.Compare(a.at, b.at),
			cmp.Compare(phase(a.outside, a.quantity > 0), phase(b.outside, b.quantity > 0)),
			cmp.Compare(a.branch, b.branch), cmp.Compare(a.outside, b.outside), cmp.Compare(a.batch, b.batch))
	})
	return all
}

package stock

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// Question names the rows of the goods ledger that an operation depends on. All lists may be empty; only what they need is
// asked.
type Question struct {
	Levels []plan.LevelKey // where goods may move, or be promised

	// Documents exist already: their postings, with serials, lots and dependent receipts, and their reservations are asked
	// for, and the levels that all those touch.
	Documents []plan.DocumentRef
	Posted    []plan.DocumentRef // as Documents, without reservations
	Reserving []plan.DocumentRef // as Documents, reservations only
	OnOrder   []plan.DocumentRef // as Documents, only what they still expect from suppliers

	Lots      []plan.LevelKey    // products kept in lots, at a branch: all lots with goods
	LotIDs    []int64            // lots named by the request, at all branches
	Serials   []plan.SerialKey   // serials named by the request
	SerialsAt []plan.LevelKey    // products kept by serial, at a branch: all serials in stock
	Origins   []plan.DocumentRef // documents that goods come back from
}

// AddPostings adds the questions of a document that posts want as its next step.
func (q *Question) AddPostings(doc plan.Document, want []plan.Posting) {
	ref := plan.DocumentRef{Kind: doc.Kind, ID: doc.ID}
	if doc.Step > 0 {
		q.Posted = append(q.Posted, ref)
	}
	for i := range want {
		p := &want[i]
		for _, place := range []plan.Location{p.From, p.To} {
			if place.IsBranch() {
				q.Levels = append(q.Levels, plan.LevelKey{ProductID: p.ProductID, BranchID: int64(place)})
			}
		}
		if p.BatchID != 0 {
			q.LotIDs = append(q.LotIDs, p.BatchID)
		}
		for _, number := range p.Serials {
			q.Serials = append(q.Serials, plan.SerialKey{ProductID: p.ProductID, Number: number})
		}
		if origin := (plan.DocumentRef{Kind: p.OriginKind, ID: p.OriginID}); origin.ID != 0 && origin != ref {
			q.Origins = append(q.Origins, origin)
		}
	}
}

// askedRows are the rows of a batch.
type askedRows struct {
	tx    *db.Tx
	facts plan.Facts

	levels       []*db.Rows[plan.LevelState]
	postings     []*db.Rows[plan.PostingRow]
	moved        []*db.Rows[serialPosting]
	dependents   []*db.Rows[plan.DependentReceipt]
	reservations []*db.Rows[plan.Reservation]
	onOrder      []*db.Rows[plan.Reservation]
	lots         []*db.Rows[plan.Lot]
	lotLevels    []*db.Rows[plan.LotLevel]
	lotsAt       *db.Rows[lotRow]
	serials      []*db.Rows[plan.Serial]
	origins      []*db.Rows[origin]
	recostFrom   *db.Rows[plan.RecostFrom]
}

// serialPosting is a row of stock_serial_postings.
type serialPosting struct {
	plan.DocumentRef
	Step, Line   int64
	SerialNumber string
}

// lotRow is what a branch has of a lot.
type lotRow struct {
	plan.Lot
	BranchID int64
	OnHand   taphoa.Quantity
}

type origin struct {
	plan.DocumentRef
	EnteredAt taphoa.Time
}

const (
	levelColumns     = `product_id, branch_id, on_hand, reserved, on_order, cost, changed_at`
	costLevelColumns = levelColumns + `, entered_at, received_at`
	postingColumns   = `kind, document_id, step, line, product_id, batch_id, branch_id, from_place, to_place, quantity,
	effective_at, entered_at, own_cost, sets_cost, origin_kind, origin_id, cost, COALESCE(average, cost) AS average`
	dependentColumns   = `kind, document_id, product_id, branch_id, effective_at, entered_at, origin_kind, origin_id`
	recostFromColumns  = `product_id, branch_id, effective_at, entered_at, on_hand, received_at`
	reservationColumns = `kind, document_id, product_id, branch_id, quantity`
	lotColumns         = `id, product_id, batch_name, expire_date, created_date`
	serialColumns      = `product_id, serial_number, serial_key, branch_id, status, created_date, modified_date`
)

// Ask adds to a batch what a question needs. After the batch has run, the result returns the ledger; it asks once more
// for what only the rows name: lots and serials of documents, and where levels are recosting from.
//
// No row is locked: a write holds its shop's head (ADR 0017), so what it has read cannot change before it commits.
func Ask(tx *db.Tx, b *db.Batch, q Question) (ledger func() (*plan.Ledger, error)) {
	a := &askedRows{tx: tx, facts: plan.Facts{
		Now: tx.Now, Clock: tx.Clock, Asked: q.Levels, LotsAt: q.Lots, LotIDs: q.LotIDs, AskedSerials: q.Serials,
	}}
	a.askLevels(b, q.Levels)
	posted := slices.Concat(q.Documents, q.Posted)
	a.facts.Documents = posted
	for _, d := range byKind(posted) {
		a.askPostings(b, d.kind, d.ids)
	}
	for _, d := range byKind(slices.Concat(q.Documents, q.Reserving)) {
		a.askHoldings(b, &a.reservations, "stock_reservations", d.kind, d.ids)
	}
	for _, d := range byKind(q.OnOrder) {
		a.askHoldings(b, &a.onOrder, "stock_awaited", d.kind, d.ids)
	}
	if len(q.Lots) > 0 {
		products, branches := split(q.Lots)
		a.lotsAt = db.Want[lotRow](b, `
			SELECT b.id, b.product_id, b.batch_name, b.expire_date, b.created_date, l.branch_id, l.on_hand
			FROM stock_batches b
			JOIN stock_batch_levels l ON l.retailer_id = :retailer AND l.batch_id = b.id
			WHERE b.retailer_id = :retailer AND b.product_id IN ? AND l.branch_id IN ? AND l.on_hand > 0`, products, branches)
	}
	a.askLots(b, q.LotIDs)
	a.askSerials(b, q.Serials)
	if len(q.SerialsAt) > 0 {
		products, branches := split(q.SerialsAt)
		a.serials = append(a.serials, db.Want[plan.Serial](b, `
			SELECT `+serialColumns+` FROM stock_serials
			WHERE retailer_id = :retailer AND product_id IN ? AND branch_id IN ? AND status = 1`, products, branches))
	}
	if len(q.Origins) > 0 {
		a.facts.Origins = map[plan.DocumentRef]taphoa.Time{}
	}
	for _, ref := range q.Origins {
		a.facts.Origins[ref] = 0
	}
	for _, d := range byKind(q.Origins) {
		a.origins = append(a.origins, db.Want[origin](b, `
			SELECT kind, document_id, MAX(entered_at) AS entered_at FROM stock_postings
			WHERE retailer_id = :retailer AND kind = ? AND document_id IN ? GROUP BY kind, document_id`, d.kind, d.ids))
	}
	return a.ledger
}

func (a *askedRows) askLevels(b *db.Batch, keys []plan.LevelKey) {
	products, branches := split(keys)
	switch len(branches) {
	case 0:
	case 1:
		a.levels = append(a.levels, db.Want[plan.LevelState](b, `
			SELECT `+costLevelColumns+` FROM stock_levels
			WHERE retailer_id = :retailer AND branch_id = ? AND product_id IN ?`, branches[0], products))
	default: // and perhaps some more, which do no harm
		a.levels = append(a.levels, db.Want[plan.LevelState](b, `
			SELECT `+costLevelColumns+` FROM stock_levels
			WHERE retailer_id = :retailer AND branch_id IN ? AND product_id IN ?`, branches, products))
	}
}

// askPostings asks for the postings of documents of one kind, their serials, the receipts that take costs from them, and
// the levels.
func (a *askedRows) askPostings(b *db.Batch, kind string, ids []int64) {
	a.postings = append(a.postings, db.Want[plan.PostingRow](b, `
		SELECT `+postingColumns+` FROM stock_postings
		WHERE retailer_id = :retailer AND kind = ? AND document_id IN ? ORDER BY document_id, step, line`, kind, ids))
	a.moved = append(a.moved, db.Want[serialPosting](b, `
		SELECT kind, document_id, step, line, serial_number FROM stock_serial_postings
		WHERE retailer_id = :retailer AND kind = ? AND document_id IN ? ORDER BY document_id, step, line, serial_number`, kind, ids))
	a.dependents = append(a.dependents, db.Want[plan.DependentReceipt](b, `
		SELECT `+dependentColumns+` FROM stock_postings
		WHERE retailer_id = :retailer AND origin_kind = ? AND origin_id IN ? AND origin_id > 0`, kind, ids))
	a.levels = append(a.levels, db.Want[plan.LevelState](b, `
		SELECT `+costLevelColumns+` FROM (
			SELECT product_id AS product, branch_id AS branch FROM stock_postings
			WHERE retailer_id = :retailer AND kind = ? AND document_id IN ?
			UNION SELECT product_id, branch_id FROM stock_postings
			WHERE retailer_id = :retailer AND origin_kind = ? AND origin_id IN ? AND origin_id > 0
		) d JOIN stock_levels l ON l.retailer_id = :retailer AND l.product_id = d.product AND l.branch_id = d.branch`,
		kind, ids, kind, ids))
}

// askHoldings asks for what documents of one kind reserve or expect, and for the levels.
func (a *askedRows) askHoldings(b *db.Batch, rows *[]*db.Rows[plan.Reservation], table, kind string, ids []int64) {
	*rows = append(*rows, db.Want[plan.Reservation](b, `
		SELECT `+reservationColumns+` FROM `+table+` WHERE retailer_id = :retailer AND kind = ? AND document_id IN ?`, kind, ids))
	a.levels = append(a.levels, db.Want[plan.LevelState](b, `
		SELECT `+costLevelColumns+` FROM (
			SELECT DISTINCT product_id AS product, branch_id AS branch FROM `+table+`
			WHERE retailer_id = :retailer AND kind = ? AND document_id IN ?
		) d JOIN stock_levels l ON l.retailer_id = :retailer AND l.product_id = d.product AND l.branch_id = d.branch`, kind, ids))
}

func (a *askedRows) askLots(b *db.Batch, ids []int64) {
	if len(ids) > 0 {
		ids = unique(ids)
		a.lots = append(a.lots, AskLots(b, ids))
		a.lotLevels = append(a.lotLevels, db.Want[plan.LotLevel](b, `
			SELECT batch_id, branch_id, product_id, on_hand FROM stock_batch_levels
			WHERE retailer_id = :retailer AND batch_id IN ?`, ids))
	}
}

func (a *askedRows) askSerials(b *db.Batch, keys []plan.SerialKey) {
	if len(keys) == 0 {
		return
	}
	var products []int64
	var numbers []string
	for _, key := range keys {
		products, numbers = append(products, key.ProductID), append(numbers, text.CodeKey(key.Number))
	}
	a.serials = append(a.serials, db.Want[plan.Serial](b, `
		SELECT `+serialColumns+` FROM stock_serials
		WHERE retailer_id = :retailer AND product_id IN ? AND serial_key IN ? ORDER BY product_id, serial_number`, unique(products), unique(numbers)))
}

// ledger returns the ledger of the rows.
func (a *askedRows) ledger() (*plan.Ledger, error) {
	f := &a.facts
	f.Levels, f.Postings, f.Dependents = all(a.levels), all(a.postings), all(a.dependents)
	f.Reservations, f.OnOrder = all(a.reservations), all(a.onOrder)
	if err := a.askFurther(); err != nil {
		return nil, err
	}
	for _, o := range all(a.origins) {
		f.Origins[o.DocumentRef] = o.EnteredAt
	}
	f.Lots, f.LotLevels = all(a.lots), all(a.lotLevels)
	for _, r := range a.lotsAt.All() {
		f.Lots = append(f.Lots, r.Lot)
		f.LotLevels = append(f.LotLevels, plan.LotLevel{BatchID: r.ID, BranchID: r.BranchID, ProductID: r.ProductID, OnHand: r.OnHand})
	}
	f.Serials = all(a.serials)
	if a.recostFrom != nil {
		setRecostFrom(f.Levels, a.recostFrom.All())
	}
	return plan.NewLedger(*f), nil
}

// askFurther asks for what the rows name.
func (a *askedRows) askFurther() error {
	b := a.tx.Batch()
	f := &a.facts
	var recosting, lots []int64
	for i := range f.Levels {
		if f.Levels[i].IsRecosting() {
			recosting = append(recosting, f.Levels[i].ProductID)
		}
	}
	if len(recosting) > 0 {
		a.recostFrom = wantRecostFrom(b, recosting)
	}
	for i := range f.Postings {
		if id := f.Postings[i].BatchID; id != 0 && !slices.Contains(f.LotIDs, id) {
			lots = append(lots, id)
		}
	}
	a.askLots(b, lots)
	var serials []plan.SerialKey
	if moved := all(a.moved); len(moved) > 0 {
		rows := make(map[serialPosting]*plan.PostingRow, len(f.Postings))
		for i := range f.Postings {
			r := &f.Postings[i]
			rows[serialPosting{DocumentRef: r.DocumentRef, Step: r.Step, Line: r.Line}] = r
		}
		for _, s := range moved {
			r := rows[serialPosting{DocumentRef: s.DocumentRef, Step: s.Step, Line: s.Line}]
			r.Serials = append(r.Serials, s.SerialNumber)
			serials = append(serials, plan.SerialKey{ProductID: r.ProductID, Number: s.SerialNumber})
		}
	}
	a.askSerials(b, serials)
	return b.Run()
}

func wantRecostFrom(b *db.Batch, products []int64) *db.Rows[plan.RecostFrom] {
	return db.Want[plan.RecostFrom](b, `
		SELECT `+recostFromColumns+` FROM stock_recosts WHERE retailer_id = :retailer AND product_id IN ?`, unique(products))
}

// setRecostFrom sets the position from which recosting levels are valued.
func setRecostFrom(levels []plan.LevelState, rows []plan.RecostFrom) {
	byKey := make(map[plan.LevelKey]*plan.RecostFrom, len(rows))
	for i := range rows {
		byKey[plan.LevelKey{ProductID: rows[i].ProductID, BranchID: rows[i].BranchID}] = &rows[i]
	}
	for i := range levels {
		if l := &levels[i]; l.IsRecosting() {
			l.RecostFrom = byKey[l.Key()]
		}
	}
}

// all are the rows of several questions.
func all[T any](questions []*db.Rows[T]) []T {
	if len(questions) == 1 {
		return questions[0].All()
	}
	var rows []T
	for _, q := range questions {
		rows = append(rows, q.All()...)
	}
	return rows
}

// documents are some documents of one kind.
type documents struct {
	kind string
	ids  []int64
}

// byKind groups documents by their kind, in the order in which they come.
func byKind(refs []plan.DocumentRef) (all []documents) {
	for _, ref := range refs {
		at := slices.IndexFunc(all, func(d documents) bool { return d.kind == ref.Kind })
		if at < 0 {
			at, all = len(all), append(all, documents{kind: ref.Kind})
		}
		if d := &all[at]; !slices.Contains(d.ids, ref.ID) {
			d.ids = append(d.ids, ref.ID)
		}
	}
	return all
}

// split are the products and the branches of keys.
func split(keys []plan.LevelKey) (products, branches []int64) {
	products = make([]int64, 0, len(keys))
	for _, key := range keys {
		products = append(products, key.ProductID)
		if !slices.Contains(branches, key.BranchID) {
			branches = append(branches, key.BranchID)
		}
	}
	slices.Sort(products)
	return slices.Compact(products), branches
}

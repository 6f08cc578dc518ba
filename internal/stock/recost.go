package stock

import (
	"context"
	"errors"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// chunk is how many postings of a branch are re-costed in one transaction: sales of the same goods wait for no more, and
// each chunk waits for those that sell before it. Only tests change it.
var chunk = 1000

// mark is a moment from which on the costs of a level are to be worked out anew: a row of stock_recosts.
type mark struct {
	ProductID, BranchID int64
	moment
	OnHand     taphoa.Opt[taphoa.Quantity] // before that moment, once somebody has counted it
	ReceivedAt taphoa.Time                 // what the level has when it no longer waits
}

const markColumns = `product_id, branch_id, effective_at, entered_at, on_hand, received_at`

func (m *mark) save(tx *db.Tx) {
	tx.Queue(`
		INSERT INTO stock_recosts (retailer_id, product_id, branch_id, effective_at, entered_at, on_hand, received_at)
		VALUES (:retailer, :product_id, :branch_id, :effective_at, :entered_at, :on_hand, :received_at)
		ON CONFLICT (retailer_id, product_id, branch_id) DO UPDATE SET effective_at = excluded.effective_at,
			entered_at = excluded.entered_at, on_hand = excluded.on_hand, received_at = excluded.received_at`, m)
}

// readMarks finds the marks of locked levels that wait.
func (l shelf) readMarks(tx *db.Tx) error {
	var products []int64
	for s, level := range l {
		if level.waits() {
			products = append(products, s.product)
		}
	}
	if len(products) == 0 {
		return nil
	}
	marks, err := db.All[mark](tx, `
		SELECT `+markColumns+` FROM stock_recosts WHERE retailer_id = :retailer AND product_id IN ?`, unique(products))
	for i := range marks {
		if level := l[spot{marks[i].ProductID, marks[i].BranchID}]; level != nil && level.waits() {
			level.mark = &marks[i]
		}
	}
	return err
}

// walk works out the costs of one product anew, at the levels that wait for it, from their marks on and in one order,
// because goods carry their cost from branch to branch.
type walk struct {
	tx      *db.Tx
	product int64
	levels  []*costLevel // locked

	rows    []booked // from the marks on, up to the horizon
	horizon moment   // where it has to stop this time; zero: nowhere
	blind   bool     // it does not know what was on hand at some mark
	fold    *fold
	moves   []*movement
}

// errUncounted says that a walk does not know what was on hand at a mark.
var errUncounted = errors.New("stock: re-costing begins where nobody has counted")

// read fetches up to limit postings of each level. It answers whether that is all; if not, the walk may go on up to its
// horizon.
func (w *walk) read(limit int) (whole bool, err error) {
	w.fold = newFold()
	for _, l := range w.levels {
		rows, next, err := w.readLevel(l, limit)
		if err != nil {
			return false, err
		}
		onHand := l.mark.OnHand
		if next == (moment{}) {
			onHand = taphoa.Some(l.OnHand)
			for i := range rows {
				onHand.Value -= rows[i].net()
			}
		} else if w.horizon == (moment{}) || next.compare(w.horizon) < 0 {
			w.horizon = next
		}
		average, _, err := db.One[taphoa.Money](w.tx, `
			SELECT COALESCE(average, cost) FROM stock_postings
			WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ? AND (effective_at, entered_at) < (?, ?)
			ORDER BY effective_at DESC, entered_at DESC LIMIT 1`, w.product, l.BranchID, l.mark.EffectiveAt, l.mark.EnteredAt)
		if err != nil {
			return false, err
		}
		w.blind = w.blind || !onHand.Has()
		w.fold.balances[l.BranchID] = &balance{onHand.Value, average}
		w.rows = append(w.rows, rows...)
	}
	if w.horizon == (moment{}) {
		return true, nil
	}
	w.rows = slices.DeleteFunc(w.rows, func(r booked) bool { return r.moment.compare(w.horizon) >= 0 })
	return false, nil
}

// readLevel fetches whole moments of a level, and answers the next one if there is one.
func (w *walk) readLevel(l *costLevel, limit int) (rows []booked, next moment, err error) {
	for ; ; limit *= 2 {
		rows, err = db.All[booked](w.tx, `
			SELECT `+bookedColumns+` FROM stock_postings
			WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ? AND (effective_at, entered_at) >= (?, ?)
			ORDER BY effective_at, entered_at LIMIT ?`, w.product, l.BranchID, l.mark.EffectiveAt, l.mark.EnteredAt, limit+1)
		if err != nil || len(rows) <= limit {
			return rows, moment{}, err
		}
		if next = rows[limit].moment; next != rows[0].moment {
			return rows, next, nil
		}
	}
}

// work works out the costs. It answers the levels that are to be marked before anything of it may be written, because
// goods carry a changed cost to them.
func (w *walk) work() (grow []follower, err error) {
	if w.blind {
		return nil, errUncounted
	}
	w.moves = gather(w.rows)
	w.fold.know(w.moves)
	named := map[string][]int64{}
	for _, m := range w.moves {
		if m.OriginID != 0 {
			named[m.OriginKind] = append(named[m.OriginKind], m.OriginID)
		}
	}
	for kind, ids := range named {
		rows, err := db.All[booked](w.tx, `
			SELECT `+bookedColumns+` FROM stock_postings
			WHERE retailer_id = :retailer AND kind = ? AND document_id IN ? AND +product_id = ?`, kind, unique(ids), w.product)
		if err != nil {
			return nil, err
		}
		w.fold.know(gather(rows))
	}
	w.fold.run(w.moves)
	return w.followers()
}

// followers are those of documents whose goods leave at another cost than before, as far as the walk will not come by
// their place anyway.
func (w *walk) followers() (grow []follower, err error) {
	since, changed := map[ref]moment{}, map[string][]int64{}
	for _, m := range w.moves {
		if m.net >= 0 || !m.uneven && m.cost == m.booked[0] {
			continue
		}
		if _, known := since[m.ref]; !known {
			since[m.ref] = m.moment
			changed[m.Kind] = append(changed[m.Kind], m.DocumentID)
		}
	}
	marks := map[int64]moment{}
	for _, l := range w.levels {
		marks[l.BranchID] = l.mark.moment
	}
	type row struct {
		follower
		OriginID int64
	}
	for kind, ids := range changed {
		rows, err := db.All[row](w.tx, `
			SELECT product_id, branch_id, effective_at, entered_at, origin_id FROM stock_postings
			WHERE retailer_id = :retailer AND origin_kind = ? AND origin_id IN ? AND origin_id > 0 AND +product_id = ?`,
			kind, unique(ids), w.product)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if mark, walked := marks[r.BranchID]; walked && mark.compare(r.moment) <= 0 || r.compare(since[ref{kind, r.OriginID}]) < 0 {
				continue
			}
			grow = append(grow, r.follower)
		}
	}
	return grow, nil
}

// run is a stretch of movements of one kind that cost the same, such as the sales between two purchases.
type run struct {
	kind          string
	lane          lane
	cost, average taphoa.Money
	first, last   moment // of those that are to be written
	wrong         bool
}

// runs are the stretches in which something is to be written. Nothing of the same kind that costs something else lies
// within one.
func (w *walk) runs() (all []*run) {
	type key struct {
		kind string
		lane lane
	}
	open := map[key]*run{}
	for _, m := range w.moves {
		r := open[key{m.Kind, m.lane}]
		if r == nil || r.cost != m.cost || r.average != m.average {
			r = &run{kind: m.Kind, lane: m.lane, cost: m.cost, average: m.average, first: m.moment}
			open[key{m.Kind, m.lane}] = r
		}
		if m.wrong() {
			if !r.wrong {
				r.wrong, r.first = true, m.moment
				all = append(all, r)
			}
			r.last = m.moment
		}
	}
	return all
}

// write makes postings say what they cost, and the levels how far the walk has come.
func (w *walk) write() {
	for _, r := range w.runs() {
		w.tx.Queue(`
			UPDATE stock_postings SET cost = ?, average = ?
			WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ?
				AND (effective_at, entered_at) >= (?, ?) AND (effective_at, entered_at) <= (?, ?)
				AND kind = ? AND batch_id = ? AND (from_place = ? OR to_place = ?) AND (cost <> ? OR COALESCE(average, cost) <> ?)`,
			r.cost, r.average, w.product, r.lane.branch, r.first.EffectiveAt, r.first.EnteredAt, r.last.EffectiveAt, r.last.EnteredAt,
			r.kind, r.lane.batch, int64(r.lane.outside), int64(r.lane.outside), r.cost, r.average)
	}
	for _, l := range w.levels {
		now := w.fold.balances[l.BranchID]
		switch {
		case w.horizon == (moment{}):
			if l.Cost != now.average {
				l.Cost, l.ChangedAt, l.recosted = now.average, w.tx.Now, true
			}
			l.waitNoMore()
		case l.mark.compare(w.horizon) < 0:
			l.mark.moment, l.mark.OnHand = w.horizon, taphoa.Some(now.onHand)
		}
	}
}

func unique(ids []int64) []int64 { return slices.Compact(slices.Sorted(slices.Values(ids))) }

// waiting is a product of a shop some of whose costs are to be worked out anew.
type waiting struct{ RetailerID, ProductID int64 }

// Waiting counts the levels of a shop whose costs are to be worked out anew by [RecostAll].
func Waiting(tx *db.Tx) (int64, error) {
	n, _, err := db.One[int64](tx, `SELECT COUNT(*) FROM stock_recosts WHERE retailer_id = :retailer`)
	return n, err
}

// RecostAll works out all costs, in all shops, that back-dated documents and changes of old ones have left to it: chunk
// by chunk, each in a short transaction of its own, while sales go on. Several may run at once.
func RecostAll(ctx context.Context, d *db.DB) error {
	for {
		var all []waiting
		err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
			all, err = db.All[waiting](tx.Everywhere(), `
				SELECT DISTINCT retailer_id, product_id FROM stock_recosts
				ORDER BY retailer_id, product_id LIMIT 1000`)
			return err
		})
		if err != nil || len(all) == 0 {
			return err
		}
		var failed error // of one product: the others are not to wait for it
		for _, w := range all {
			for done := false; !done && err == nil; {
				done, err = recostChunk(ctx, d, w)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			failed, err = errors.Join(failed, err), nil
		}
		if failed != nil {
			return failed
		}
	}
}

// recostChunk brings a product's costs on by a chunk and reports that it has come to their end.
func recostChunk(ctx context.Context, d *db.DB, of waiting) (done bool, err error) {
	who := db.Actor{Retailer: of.RetailerID}
	var found []mark
	err = d.Read(ctx, who, func(tx *db.Tx) (err error) {
		found, err = db.All[mark](tx, `
			SELECT `+markColumns+` FROM stock_recosts WHERE retailer_id = :retailer AND product_id = ? ORDER BY branch_id`,
			of.ProductID)
		for i := range found {
			if err == nil {
				err = found[i].count(tx) // which may take long, but holds nobody up here
			}
		}
		return err
	})
	if err != nil || len(found) == 0 {
		return true, err
	}
	var grow []follower
	err = d.Write(ctx, who, func(tx *db.Tx) (err error) {
		grow, done, err = advance(tx, of.ProductID, found)
		return err
	})
	if errors.Is(err, errUncounted) { // somebody has moved a mark meanwhile
		return false, nil
	}
	if err != nil || len(grow) == 0 {
		return done, err
	}
	return false, d.Write(ctx, who, func(tx *db.Tx) error { return markAll(tx, grow) })
}

// count finds out what was on hand before the mark, unless it is known.
func (m *mark) count(tx *db.Tx) (err error) {
	if m.OnHand.Has() {
		return nil
	}
	m.OnHand.State = taphoa.OptValue
	m.OnHand.Value, _, err = db.One[taphoa.Quantity](tx, `
		SELECT on_hand - CAST(COALESCE((
			SELECT SUM(CASE WHEN to_place = branch_id THEN quantity ELSE -quantity END) FROM stock_postings
			WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ? AND (effective_at, entered_at) >= (?, ?)), 0) AS BIGINT)
		FROM stock_levels WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ?`,
		m.ProductID, m.BranchID, m.EffectiveAt, m.EnteredAt, m.ProductID, m.BranchID)
	return err
}

// advance re-costs the next chunk of a product at the levels whose marks were found.
func advance(tx *db.Tx, productID int64, found []mark) (grow []follower, done bool, err error) {
	spots := make([]spot, len(found))
	for i := range found {
		spots[i] = spot{productID, found[i].BranchID}
	}
	locked, err := lock(tx, spots)
	if err == nil {
		err = locked.readMarks(tx)
	}
	if err != nil {
		return nil, false, err
	}
	w := &walk{tx: tx, product: productID}
	for i := range found {
		if l := locked[spots[i]]; l.waits() {
			if !l.mark.OnHand.Has() && l.mark.moment == found[i].moment {
				l.mark.OnHand = found[i].OnHand
			}
			w.levels = append(w.levels, l)
		}
	}
	if done, err = w.read(chunk); err != nil {
		return nil, false, err
	}
	if grow, err = w.work(); err != nil || len(grow) > 0 {
		return grow, false, err
	}
	w.write()
	for _, l := range w.levels {
		if l.waits() {
			l.mark.save(tx)
			continue
		}
		tx.Queue(`DELETE FROM stock_recosts WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ?`, productID, l.BranchID)
		tx.Queue(`
			UPDATE stock_levels SET cost = :cost, received_at = :received_at, changed_at = :changed_at
			WHERE retailer_id = :retailer AND product_id = :product_id AND branch_id = :branch_id`, l)
		if l.recosted {
			levelChanged.Emit(tx, spot{l.ProductID, l.BranchID})
		}
	}
	return nil, done, nil
}

// markAll marks levels before the cost changes that goods carry to them.
func markAll(tx *db.Tx, grow []follower) error {
	spots := make([]spot, len(grow))
	for i, g := range grow {
		spots[i] = spot{g.ProductID, g.BranchID}
	}
	levels, err := lock(tx, spots)
	if err == nil {
		err = levels.readMarks(tx)
	}
	if err != nil {
		return err
	}
	for _, g := range grow {
		if level := levels[spot{g.ProductID, g.BranchID}]; level.waitFrom(g.moment) {
			level.mark.save(tx)
			tx.Queue(`
				UPDATE stock_levels SET received_at = ? WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ?`,
				waits, g.ProductID, g.BranchID)
		}
	}
	return nil
}

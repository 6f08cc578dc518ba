package stock

import (
	"context"
	"errors"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// chunk is how many postings of a branch are re-costed in one transaction: sales of the same goods wait for no more.
// Only tests change it.
var chunk = 500

// walk works out the costs of one product anew, at the levels that wait for it, from their marks on and in one order,
// because goods carry their cost from branch to branch.
type walk struct {
	tx      *db.Tx
	product int64
	levels  []*costLevel // locked

	rows    []booked // from the marks on, up to the horizon
	horizon moment   // where it has to stop this time; zero: nowhere
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
		onHand := l.RecostOnHand
		if next == (moment{}) {
			onHand = taphoa.Some(l.OnHand)
			for i := range rows {
				onHand.Value -= rows[i].net()
			}
		} else if w.horizon == (moment{}) || next.compare(w.horizon) < 0 {
			w.horizon = next
		}
		average, _, err := db.One[taphoa.Money](w.tx, `
			SELECT average FROM stock_postings
			WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ? AND (effective_at, entered_at) < (?, ?)
			ORDER BY effective_at DESC, entered_at DESC LIMIT 1`, w.product, l.BranchID, l.RecostAt, l.RecostEnteredAt)
		if err != nil {
			return false, err
		}
		l.RecostOnHand = onHand
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
			ORDER BY effective_at, entered_at LIMIT ?`, w.product, l.BranchID, l.RecostAt, l.RecostEnteredAt, limit+1)
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
	for _, l := range w.levels {
		if !l.RecostOnHand.Has() {
			return nil, errUncounted
		}
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
		marks[l.BranchID] = l.mark()
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
				AND kind = ? AND batch_id = ? AND (from_place = ? OR to_place = ?) AND (cost <> ? OR average <> ?)`,
			r.cost, r.average, w.product, r.lane.branch, r.first.EffectiveAt, r.first.EnteredAt, r.last.EffectiveAt, r.last.EnteredAt,
			r.kind, r.lane.batch, int64(r.lane.outside), int64(r.lane.outside), r.cost, r.average)
	}
	for _, l := range w.levels {
		now := w.fold.balances[l.BranchID]
		switch {
		case w.horizon == (moment{}):
			if l.Cost != now.average {
				l.Cost, l.ChangedAt = now.average, w.tx.Now
			}
			l.RecostAt, l.RecostEnteredAt, l.RecostOnHand = 0, 0, taphoa.Opt[taphoa.Quantity]{}
		case l.mark().compare(w.horizon) < 0:
			l.RecostAt, l.RecostEnteredAt, l.RecostOnHand = w.horizon.EffectiveAt, w.horizon.EnteredAt, taphoa.Some(now.onHand)
		}
	}
}

func unique(ids []int64) []int64 { return slices.Compact(slices.Sorted(slices.Values(ids))) }

// waiting is a product of a shop some of whose costs are to be worked out anew.
type waiting struct{ RetailerID, ProductID int64 }

// Waiting counts the levels of a shop whose costs are to be worked out anew by [RecostAll].
func Waiting(tx *db.Tx) (int64, error) {
	n, _, err := db.One[int64](tx, `SELECT COUNT(*) FROM stock_levels WHERE retailer_id = :retailer AND recost_entered_at > 0`)
	return n, err
}

// RecostAll works out all costs, in all shops, that back-dated documents and changes of old ones have left to it: chunk
// by chunk, each in a short transaction of its own, while sales go on. Several may run at once.
func RecostAll(ctx context.Context, d *db.DB) error {
	for {
		var all []waiting
		err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
			all, err = db.All[waiting](tx.Everywhere(), `
				SELECT DISTINCT retailer_id, product_id FROM stock_levels WHERE recost_entered_at > 0
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
	var levels []costLevel
	err = d.Read(ctx, who, func(tx *db.Tx) (err error) { // what takes long is counted without holding anybody up
		levels, err = waitingLevels(tx, of.ProductID)
		for i := range levels {
			if err == nil {
				err = levels[i].count(tx)
			}
		}
		return err
	})
	if err != nil || len(levels) == 0 {
		return true, err
	}
	var grow []follower
	err = d.Write(ctx, who, func(tx *db.Tx) (err error) {
		grow, done, err = advance(tx, of.ProductID, levels)
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

func waitingLevels(tx *db.Tx, productID int64) ([]costLevel, error) {
	return db.All[costLevel](tx, `
		SELECT `+costLevelColumns+`, recost_on_hand FROM stock_levels
		WHERE retailer_id = :retailer AND product_id = ? AND recost_entered_at > 0 ORDER BY branch_id`, productID)
}

// count finds out what was on hand before the mark, unless it is known.
func (l *costLevel) count(tx *db.Tx) error {
	if l.RecostOnHand.Has() {
		return nil
	}
	since, _, err := db.One[taphoa.Quantity](tx, `
		SELECT CAST(COALESCE(SUM(CASE WHEN to_place = branch_id THEN quantity ELSE -quantity END), 0) AS BIGINT)
		FROM stock_postings
		WHERE retailer_id = :retailer AND product_id = ? AND branch_id = ? AND (effective_at, entered_at) >= (?, ?)`,
		l.ProductID, l.BranchID, l.RecostAt, l.RecostEnteredAt)
	l.RecostOnHand = taphoa.Some(l.OnHand - since)
	return err
}

// advance re-costs the next chunk of a product at the levels that were found waiting.
func advance(tx *db.Tx, productID int64, found []costLevel) (grow []follower, done bool, err error) {
	spots := make([]spot, len(found))
	for i := range found {
		spots[i] = spot{productID, found[i].BranchID}
	}
	if _, err = lock(tx, spots); err != nil {
		return nil, false, err
	}
	levels, err := waitingLevels(tx, productID)
	if err != nil {
		return nil, false, err
	}
	w := &walk{tx: tx, product: productID}
	for i := range levels {
		l := &levels[i]
		at := slices.IndexFunc(found, func(f costLevel) bool { return f.BranchID == l.BranchID })
		if at < 0 {
			continue // marked just now, and not locked
		}
		if !l.RecostOnHand.Has() && l.mark() == found[at].mark() {
			l.RecostOnHand = found[at].RecostOnHand
		}
		w.levels = append(w.levels, l)
	}
	if done, err = w.read(chunk); err != nil {
		return nil, false, err
	}
	if grow, err = w.work(); err != nil || len(grow) > 0 {
		return grow, false, err
	}
	w.write()
	for _, l := range w.levels {
		l.saveMark(tx)
		tx.Queue(`
			UPDATE stock_levels SET cost = :cost, changed_at = :changed_at
			WHERE retailer_id = :retailer AND product_id = :product_id AND branch_id = :branch_id`, l)
		if l.ChangedAt == tx.Now {
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
	if err != nil {
		return err
	}
	for _, g := range grow {
		if level := levels[spot{g.ProductID, g.BranchID}]; level.markFrom(g.moment) {
			level.saveMark(tx)
		}
	}
	return nil
}

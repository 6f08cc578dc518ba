package catalog

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

// stockChanged is the condition of products whose stock changed: their own, their base unit's, or a combo's material's. No index
// has the instants, since each sale would write it again: where the log names the products that it can be, the levels of those
// are looked at, else those of the whole shop. Its arguments are the products, the instant, 1 when all are looked at (in a
// list, because a cursor goes on when that changes), and the instant.
const stockChanged = `p.id IN (
	WITH changed AS (
		SELECT l.product_id AS id FROM stock_levels l WHERE l.retailer_id = :retailer AND l.product_id IN ? AND l.changed_at >= ?
		UNION ALL SELECT l.product_id FROM stock_levels l WHERE l.retailer_id = :retailer AND 1 IN ? AND l.changed_at >= ?),
	sold AS (
		SELECT id FROM changed
		UNION SELECT u.id FROM products u WHERE u.retailer_id = :retailer AND u.master_unit_id IN (SELECT id FROM changed))
	SELECT id FROM sold
	UNION SELECT f.product_id FROM product_formulas f WHERE f.retailer_id = :retailer AND f.material_id IN (SELECT id FROM sold))`

// How much of the log is looked through for what has changed: beyond that, looking at all levels costs less.
const (
	soldEvents   = 1000
	soldProducts = 2000
)

// soldSince returns products among which are all whose levels have changed since an instant. known is false if the log
// cannot name them: its events were dropped, or there are too many.
func soldSince(tx *db.Tx, since taphoa.Time) (ids []int64, known bool, err error) {
	none := []int64{0} // a list must not be empty
	head, err := tx.Head()
	if err != nil {
		return none, false, err
	}
	from, err := event.Before(tx, since)
	if err != nil || from == head.DroppedSeq && from > 0 || head.LastSeq-from > soldEvents {
		return none, false, err
	}
	events, err := event.Between(tx, from, head.LastSeq, "stock.update", event.Internal)
	ids = none
	for i := range events {
		named, err := event.Products(&events[i])
		if ids = append(ids, named...); err != nil || len(named) == 0 || len(ids) > soldProducts {
			return none, false, err
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), err == nil, err
}

var onHandOrders = db.Orders{
	"code": db.Text("p.code_key"), "name": db.Text("p.search"), "fullname": db.Text("p.search"), "baseprice": db.Number("p.base_price"),
	"categoryid": db.Number("p.category_id"), "type": db.Number("p.type"), "createddate": db.Number("p.created_date"),
	"modifieddate": onHandOrder(nil),
}

// onHandOrder sorts by the last change of the stock that products show, in some branches or in all that are in operation.
func onHandOrder(branches []int64) db.Order {
	there := ` JOIN branches b ON b.retailer_id = :retailer AND b.id = l.branch_id AND b.deleted_at = 0
		WHERE l.retailer_id = :retailer AND l.changed_at > 0`
	var args []any
	if len(branches) > 0 {
		there, args = there+" AND l.branch_id IN ?", []any{branches, branches}
	}
	return db.Number(`CASE p.type
		WHEN 2 THEN (SELECT MAX(l.changed_at) FROM stock_levels l`+there+` AND l.product_id = COALESCE(p.master_unit_id, p.id))
		WHEN 1 THEN (SELECT MAX(l.changed_at) FROM product_formulas f
			JOIN products m ON m.retailer_id = :retailer AND m.id = f.material_id AND m.type = 2
			JOIN stock_levels l ON l.product_id = COALESCE(m.master_unit_id, m.id)`+there+` AND f.retailer_id = :retailer AND f.product_id = p.id)
		END`, args...).OrNull()
}

// narrowed are those of the wanted branches, or of all where none is named, which are among some.
func narrowed(wanted, some []int64) []int64 {
	if len(wanted) == 0 {
		return some
	}
	kept := slices.DeleteFunc(slices.Clone(wanted), func(id int64) bool { return !slices.Contains(some, id) })
	if len(kept) == 0 {
		kept = []int64{0}
	}
	return kept
}

// ListProductOnHands lists stock by product and branch (contract products, listProductOnHands). An entry's date is the
// last change of stock, and lastModifiedFrom looks at that alone.
func ListProductOnHands(tx *db.Tx, in *taphoa.OnHandQuery) (taphoa.Page[taphoa.ProductOnHand], error) {
	if held := tx.Actor().Held; !held.Places().All {
		in.BranchIDs = narrowed(in.BranchIDs, held.Places().Branches)
	}
	list := db.List{
		Table: "products p", Live: "p.deleted_at = 0", Columns: "p.id, p.code, p.created_date, p.type, p.master_unit_id, p.conversion_value", Orders: onHandOrders,
	}
	if len(in.BranchIDs) > 0 {
		list.Orders = onHandOrders.With(db.Orders{"modifieddate": onHandOrder(in.BranchIDs)})
	}
	if since := in.LastModifiedFrom; since.Has() {
		ids, known, err := soldSince(tx, since.Value)
		if err != nil {
			return taphoa.Page[taphoa.ProductOnHand]{}, err
		}
		all := []int64{0}
		if !known {
			all[0] = 1
		}
		list.Where(stockChanged, db.Found{IDs: ids}, since.Value, db.Found{IDs: all}, since.Value)
	}
	rows, err := db.ListPage[productView](tx, &list, in.Paging)
	page := taphoa.Page[taphoa.ProductOnHand]{
		Total: rows.Total, PageSize: rows.PageSize, Timestamp: rows.Timestamp, NextCursor: rows.NextCursor,
		Data: make([]taphoa.ProductOnHand, len(rows.Data)),
	}
	if err != nil || len(rows.Data) == 0 {
		return page, err
	}
	pg := newPage(tx, rows.Data, &view{branches: in.BranchIDs})
	if pg.combos {
		if err := pg.fillFormulas(); err != nil {
			return page, err
		}
	}
	branches, err := openBranches(tx, in.BranchIDs)
	if err != nil {
		return page, err
	}
	sources := pg.sources()
	levels, err := readLevels(tx, sources, in.BranchIDs)
	for i := range rows.Data {
		p := taphoa.ProductOnHand{ID: rows.Data[i].ID, Code: rows.Data[i].Code, CreatedDate: rows.Data[i].CreatedDate}
		p.Inventories = make([]taphoa.BranchOnHand, len(branches))
		for j := range branches {
			level := levels.shown(&sources[i], branches[j].ID)
			changed := taphoa.SomeIf(level.ChangedAt)
			p.Inventories[j] = taphoa.BranchOnHand{
				BranchID: branches[j].ID, OnHand: level.OnHand, Reserved: level.Reserved, ModifiedDate: changed,
			}
			if changed.Value > p.ModifiedDate.Value {
				p.ModifiedDate = changed
			}
		}
		page.Data[i] = p
	}
	return page, err
}

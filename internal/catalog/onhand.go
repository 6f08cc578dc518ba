package catalog

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// stockChanged tells products whose stock changed: their own, their base unit's, or that of a combo's material. Its
// argument is an instant, three times.
const stockChanged = `p.id IN (
	SELECT l.product_id FROM stock_levels l WHERE l.retailer_id = :retailer AND l.changed_at >= ?
	UNION SELECT u.id FROM products u
		JOIN stock_levels l ON l.retailer_id = :retailer AND l.product_id = u.master_unit_id AND l.changed_at >= ?
		WHERE u.retailer_id = :retailer AND u.master_unit_id IS NOT NULL
	UNION SELECT f.product_id FROM product_formulas f
		JOIN products m ON m.retailer_id = :retailer AND m.id = f.material_id
		JOIN stock_levels l ON l.retailer_id = :retailer AND l.product_id = COALESCE(m.master_unit_id, m.id) AND l.changed_at >= ?
		WHERE f.retailer_id = :retailer)`

// lastChange is the last change of the stock that a product shows in the branches in operation. It lacks its closing bracket.
const lastChange = `(SELECT MAX(l.changed_at) FROM stock_levels l
	JOIN branches b ON b.retailer_id = :retailer AND b.id = l.branch_id AND b.deleted_at = 0
	WHERE l.retailer_id = :retailer AND l.changed_at > 0 AND (p.type = 2 AND l.product_id = COALESCE(p.master_unit_id, p.id)
		OR p.type = 1 AND l.product_id IN (
			SELECT COALESCE(m.master_unit_id, m.id) FROM product_formulas f
			JOIN products m ON m.retailer_id = :retailer AND m.id = f.material_id AND m.type = 2
			WHERE f.retailer_id = :retailer AND f.product_id = p.id))`

// ListProductOnHands lists stock by product and branch (contract products, listProductOnHands). An entry's date is the
// last change of stock, and lastModifiedFrom looks at that alone.
func ListProductOnHands(tx *db.Tx, in *taphoa.OnHandQuery) (taphoa.Page[taphoa.ProductOnHand], error) {
	list := db.List{
		Table: "products p", Live: "p.deleted_at = 0", Columns: "p.id, p.code, p.created_date, p.type, p.master_unit_id, p.conversion_value", Orders: productOrders,
	}
	if strings.EqualFold(in.OrderBy, "modifiedDate") {
		changed := db.Number(lastChange + ")")
		if len(in.BranchIDs) > 0 {
			changed = db.Number(lastChange+" AND l.branch_id IN ?)", in.BranchIDs)
		}
		list.Orders = db.Orders{"modifieddate": changed.OrNull()}
	}
	since := in.LastModifiedFrom.Value
	list.If(in.LastModifiedFrom.Has(), stockChanged, since, since, since)
	rows, err := db.ListPage[taphoa.Product](tx, &list, in.Paging)
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
	branches, err := places(tx, in.BranchIDs)
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

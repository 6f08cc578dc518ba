package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// stockTakeRow is a row of stocktakes.
type stockTakeRow struct {
	ID              int64
	Code            string
	CodeKey         string
	BranchID        int64
	Status          int64
	Description     taphoa.Opt[string]
	BalancedDate    taphoa.Opt[taphoa.Time]
	TotalDifference taphoa.Opt[taphoa.Money]
	CreatedByID     int64
	StockStep       int64 // number of its steps in the goods ledger
	CreatedDate     taphoa.Time
	ModifiedDate    taphoa.Opt[taphoa.Time]
	ChangedAt       taphoa.Time
}

// stockTakeLineRow is a row of stocktake_lines.
type stockTakeLineRow struct {
	taphoa.StockTakeLine
	StockTakeID, Line int64
	BookOnHand        taphoa.Opt[taphoa.Quantity] // base units when the number was written; none in drafts of before it was kept
	BookSerials       taphoa.Opt[string]          // in stock then, joined with commas
	BookCorrected     taphoa.Opt[taphoa.Quantity] // what counts had corrected in all by then
}

// lockStockTake locks and reads a stock take that the actor finds.
func lockStockTake(tx *db.Tx, id int64) (*stockTakeRow, error) {
	which, args := tx.Found(&stockTakeDocuments, "t.id = ?", id)
	row, found, err := db.One[stockTakeRow](tx,
		"SELECT "+db.Columns[stockTakeRow]("t")+" FROM stocktakes t WHERE t.retailer_id = :retailer AND "+which+" :lock", args...)
	if err == nil && !found {
		err = unknownStockTake()
	}
	return &row, err
}

// stockTakeLines reads the lines of some stock takes, in their order.
func stockTakeLines(tx *db.Tx, ids ...int64) ([]stockTakeLineRow, error) {
	return db.All[stockTakeLineRow](tx, "SELECT "+db.Columns[stockTakeLineRow]("l")+
		" FROM stocktake_lines l WHERE l.retailer_id = :retailer AND l.stock_take_id IN ? ORDER BY l.stock_take_id, l.line", ids)
}

// saveStockTake writes the row of a stock take. stored is the row as it was read, of id 0 for a new one;
// nothing happens when neither it nor its lines have changed.
func saveStockTake(tx *db.Tx, stored, row *stockTakeRow, lines bool) {
	row.CodeKey, row.ChangedAt = text.CodeKey(row.Code), tx.Now
	if stored.ID == 0 {
		row.CreatedDate = tx.Now
		db.Insert(tx, "stocktakes", *row)
		tx.Count("stocktakes", 1, row.ID)
	} else if !lines && db.Unchanged(stored, row) {
		return
	} else {
		row.ModifiedDate = taphoa.Some(tx.Now)
		db.Update(tx, "stocktakes", stored, row, "id")
	}
}

// writeLines replaces the stored lines.
func (c *stockTakeDraft) writeLines(tx *db.Tx) error {
	tx.Queue(`DELETE FROM stocktake_lines WHERE retailer_id = :retailer AND stock_take_id = ?`, c.t.ID)
	rows := make([]stockTakeLineRow, len(c.items))
	for i, it := range c.items {
		var err error
		if it.ID, err = tx.NewID("stocktake_lines"); err != nil {
			return err
		}
		it.StockTakeID, it.Line = c.t.ID, int64(i+1)
		rows[i] = it.stockTakeLineRow
	}
	db.Insert(tx, "stocktake_lines", rows...)
	return nil
}

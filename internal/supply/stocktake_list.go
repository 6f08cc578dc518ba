package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/text"
)

const stockTakeColumns = `t.id, t.code, t.branch_id, b.branch_name, t.status, t.retailer_id, t.description, t.balanced_date,
	t.total_difference, t.created_by_id, u.given_name AS created_by_name, t.created_date, t.modified_date`

const stockTakeJoins = `
	LEFT JOIN branches b ON b.retailer_id = :retailer AND b.id = t.branch_id
	LEFT JOIN users u ON u.retailer_id = :retailer AND u.id = t.created_by_id`

var stockTakeDocuments = db.Documents{See: right.SeeStockTakes, Branches: []string{"t.branch_id"}, Persons: []string{"t.created_by_id"}}

var stockTakeOrders = db.Orders{
	"code": db.Text("t.code_key"), "branchid": db.Number("t.branch_id"), "branchname": db.Named("branches", "branch_name", "t.branch_id"),
	"status": db.Number("t.status"), "statusvalue": db.Labels("t.status", taphoa.StockTakeVoided, taphoa.StockTakeStatusValue),
	"description": db.Long("t.description"), "balanceddate": db.Number("t.balanced_date").OrNull(),
	"totaldifference": db.Number("t.total_difference").OrNull(), "createdbyid": db.Number("t.created_by_id"),
	"createdbyname": db.Named("users", "given_name", "t.created_by_id"),
	"createddate":   db.Number("t.created_date"), "modifieddate": db.Number("t.changed_at"),
}

// ListStockTakes lists stock takes with their lines.
func ListStockTakes(tx *db.Tx, in *taphoa.StockTakeQuery) (taphoa.Page[taphoa.StockTake], error) {
	list := &db.List{
		Table: "stocktakes t", Columns: stockTakeColumns, Joins: stockTakeJoins,
		Orders: stockTakeOrders, Documents: &stockTakeDocuments,
	}
	list.If(len(in.BranchIDs) > 0, "t.branch_id IN ?", in.BranchIDs).
		If(len(in.Status) > 0, "t.status IN ?", in.Status).
		If(in.FromBalancedDate.Has(), "t.balanced_date >= ?", in.FromBalancedDate.Value).
		If(in.ToBalancedDate.Has(), "t.balanced_date <= ?", in.ToBalancedDate.Value).
		If(in.LastModifiedFrom.Has(), "t.changed_at >= ?", in.LastModifiedFrom.Value)
	page, err := db.ListPage[taphoa.StockTake](tx, list, in.Paging)
	if err != nil {
		return page, err
	}
	return page, fillStockTakes(tx, page.Data)
}

// GetStockTake returns a stock take, or an error if there is no such stock take.
func GetStockTake(tx *db.Tx, in *taphoa.ByID) (*taphoa.StockTake, error) {
	which, args := tx.Found(&stockTakeDocuments, "t.id = ?", in.ID)
	return findStockTake(tx, which, args...)
}

// GetStockTakeByCode is [GetStockTake] by code, in any letter case.
func GetStockTakeByCode(tx *db.Tx, in *taphoa.ByCode) (*taphoa.StockTake, error) {
	which, args := tx.Found(&stockTakeDocuments, "t.code_key = ?", text.CodeKey(in.Code))
	return findStockTake(tx, which, args...)
}

// findStockTake is how a stock take is shown, to who has just written it, too.
func findStockTake(tx *db.Tx, which string, args ...any) (*taphoa.StockTake, error) {
	rows, err := db.All[taphoa.StockTake](tx,
		"SELECT "+stockTakeColumns+" FROM stocktakes t "+stockTakeJoins+" WHERE t.retailer_id = :retailer AND "+which+" ORDER BY t.id", args...)
	if err == nil && len(rows) == 0 {
		err = unknownStockTake()
	}
	if err != nil {
		return nil, err
	}
	return &rows[0], fillStockTakes(tx, rows)
}

func unknownStockTake() error {
	return taphoa.NotFound(taphoa.CodeValidate, "Phiếu kiểm kho không tồn tại")
}

// fillStockTakes adds the lines of stock takes.
func fillStockTakes(tx *db.Tx, takes []taphoa.StockTake) error {
	if len(takes) == 0 {
		return nil
	}
	ids := make([]int64, len(takes))
	byID := make(map[int64]*taphoa.StockTake, len(takes))
	for i := range takes {
		t := &takes[i]
		ids[i], byID[t.ID] = t.ID, t
		t.StatusValue = taphoa.StockTakeStatusValue(t.Status)
	}
	lines, err := stockTakeLines(tx, ids...)
	for _, l := range lines {
		t := byID[l.StockTakeID]
		t.StockTakeDetails = append(t.StockTakeDetails, l.StockTakeLine)
	}
	return err
}

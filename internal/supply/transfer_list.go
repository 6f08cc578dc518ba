package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
	"github.com/taphoa/taphoa/internal/text"
)

const transferColumns = `t.id, t.code, t.from_branch_id, f.branch_name AS from_branch_name, t.to_branch_id,
	g.branch_name AS to_branch_name, t.status, t.retailer_id, t.description, t.dispatched_date, t.received_date,
	t.created_by_id, u.given_name AS created_by_name, t.note_by_destination`

const transferJoins = `
	LEFT JOIN branches f ON f.retailer_id = :retailer AND f.id = t.from_branch_id
	LEFT JOIN branches g ON g.retailer_id = :retailer AND g.id = t.to_branch_id
	LEFT JOIN users u ON u.retailer_id = :retailer AND u.id = t.created_by_id`

// transferDocuments are found at either branch.
var transferDocuments = db.Documents{
	See: right.SeeTransfers, Branches: []string{"t.from_branch_id", "t.to_branch_id"}, Persons: []string{"t.created_by_id"},
}

var transferOrders = db.Orders{
	"code": db.Text("t.code_key"), "status": db.Number("t.status"), "isactive": db.Flag("t.status <> 4"),
	"frombranchid": db.Number("t.from_branch_id"), "frombranchname": db.Named("branches", "branch_name", "t.from_branch_id"),
	"tobranchid": db.Number("t.to_branch_id"), "tobranchname": db.Named("branches", "branch_name", "t.to_branch_id"),
	"description": db.Long("t.description"), "dispatcheddate": db.Number("t.dispatched_date").OrNull(),
	"transferreddate": db.Number("t.dispatched_date").OrNull(), "receiveddate": db.Number("t.received_date").OrNull(),
	"createdbyid": db.Number("t.created_by_id"), "createdbyname": db.Named("users", "given_name", "t.created_by_id"),
	"notebydestination": db.Long("t.note_by_destination"),
	"createddate":       db.Number("t.created_date"), "modifieddate": db.Number("t.changed_at"),
}

// ListTransfers lists transfers with their lines (contract transfers, listTransfers).
func ListTransfers(tx *db.Tx, in *taphoa.TransferQuery) (taphoa.Page[taphoa.Transfer], error) {
	list := &db.List{
		Table: "transfers t", Columns: transferColumns, Joins: transferJoins,
		Orders: transferOrders, Documents: &transferDocuments,
	}
	list.If(len(in.ToBranchIDs) > 0, "t.to_branch_id IN ?", in.ToBranchIDs).
		If(len(in.FromBranchIDs) > 0, "t.from_branch_id IN ?", in.FromBranchIDs).
		If(len(in.Status) > 0, "t.status IN ?", in.Status).
		If(in.FromTransferDate.Has(), "t.dispatched_date >= ?", in.FromTransferDate.Value).
		If(in.ToTransferDate.Has(), "t.dispatched_date <= ?", in.ToTransferDate.Value).
		If(in.FromReceivedDate.Has(), "t.received_date >= ?", in.FromReceivedDate.Value).
		If(in.ToReceivedDate.Has(), "t.received_date <= ?", in.ToReceivedDate.Value)
	page, err := db.ListPage[taphoa.Transfer](tx, list, in.Paging)
	if err != nil {
		return page, err
	}
	return page, fillTransfers(tx, page.Data)
}

// GetTransfer returns a transfer in the format of this operation (contract transfers, getTransfer), or an error if there is
// no such transfer.
func GetTransfer(tx *db.Tx, in *taphoa.ByID) (taphoa.TransferView, error) {
	which, args := tx.Found(&transferDocuments, "t.id = ?", in.ID)
	return viewTransfer(tx, which, args...)
}

// GetTransferByCode is [GetTransfer] by code, in any letter case. The vendor's API has no such operation.
func GetTransferByCode(tx *db.Tx, in *taphoa.ByCode) (taphoa.TransferView, error) {
	which, args := tx.Found(&transferDocuments, "t.code_key = ?", text.CodeKey(in.Code))
	return viewTransfer(tx, which, args...)
}

func unknownTransfer() error {
	return taphoa.NotFound(taphoa.CodeValidate, "Phiếu chuyển hàng không tồn tại")
}

// findTransfers reads the transfers that match, without their lines. It refuses when there is none.
func findTransfers(tx *db.Tx, which string, args ...any) ([]taphoa.Transfer, error) {
	rows, err := db.All[taphoa.Transfer](tx,
		"SELECT "+transferColumns+" FROM transfers t "+transferJoins+" WHERE t.retailer_id = :retailer AND "+which+" ORDER BY t.id", args...)
	if err == nil && len(rows) == 0 {
		err = unknownTransfer()
	}
	return rows, err
}

// fillTransfers adds the lines of transfers.
func fillTransfers(tx *db.Tx, transfers []taphoa.Transfer) error {
	if len(transfers) == 0 {
		return nil
	}
	ids := make([]int64, len(transfers))
	byID := make(map[int64]*taphoa.Transfer, len(transfers))
	for i := range transfers {
		t := &transfers[i]
		ids[i], byID[t.ID] = t.ID, t
		t.IsActive = t.Status != taphoa.TransferVoided
	}
	lines, err := transferLines(tx, ids...)
	for _, l := range lines {
		t := byID[l.TransferID]
		if t.DispatchedDate.Has() {
			l.SendPrice = taphoa.Some(l.Price)
		}
		if t.ReceivedDate.Has() {
			l.ReceivePrice = taphoa.Some(l.Price)
		}
		t.TransferDetails = append(t.TransferDetails, l.TransferLine)
	}
	return err
}

func viewTransfer(tx *db.Tx, which string, args ...any) (taphoa.TransferView, error) {
	found, err := findTransfers(tx, which, args...)
	if err != nil {
		return taphoa.TransferView{}, err
	}
	t := &found[0]
	lines, err := transferLines(tx, t.ID)
	if err != nil {
		return taphoa.TransferView{}, err
	}
	v := taphoa.TransferView{
		ID: t.ID, Code: t.Code, Status: t.Status, TransferredDate: t.DispatchedDate, ReceivedDate: t.ReceivedDate,
		CreatedByID: t.CreatedByID, CreatedByName: t.CreatedByName, FromBranchID: t.FromBranchID, FromBranchName: t.FromBranchName,
		ToBranchID: t.ToBranchID, ToBranchName: t.ToBranchName, NoteBySource: t.Description, NoteByDestination: t.NoteByDestination,
		Details: make([]taphoa.TransferViewLine, len(lines)),
	}
	for i, l := range lines {
		d := &v.Details[i]
		*d = taphoa.TransferViewLine{
			ID: l.ID, ProductID: l.ProductID, ProductCode: l.ProductCode, ProductName: l.ProductName,
			TransferredQuantity: l.SendQuantity, ReceivedQuantity: l.ReceiveQuantity, Price: l.Price,
			SerialNumbers: l.SerialNumbers, ReceivedSerials: l.ReceivedSerials, BatchID: l.BatchID,
		}
		if d.TotalTransfer, err = l.Price.Times(l.SendQuantity); err != nil {
			return v, err
		}
		if d.TotalReceive, err = l.Price.Times(l.ReceiveQuantity); err != nil {
			return v, err
		}
	}
	return v, nil
}

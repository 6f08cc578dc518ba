package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// transferRow is a row of transfers.
type transferRow struct {
	ID                int64
	Code              string
	CodeKey           string
	FromBranchID      int64
	ToBranchID        int64
	Status            int64
	Description       taphoa.Opt[string]
	NoteByDestination taphoa.Opt[string]
	DispatchedDate    taphoa.Opt[taphoa.Time]
	ReceivedDate      taphoa.Opt[taphoa.Time]
	CreatedByID       int64
	StockStep         int64 // number of its steps in the goods ledger
	CreatedDate       taphoa.Time
	ModifiedDate      taphoa.Opt[taphoa.Time]
	ChangedAt         taphoa.Time
}

// transferLineRow is a row of transfer_lines.
type transferLineRow struct {
	taphoa.TransferLine
	ID, Line int64
}

// lockTransfer locks and reads a transfer that the actor finds.
func lockTransfer(tx *db.Tx, id int64) (*transferRow, error) {
	which, args := tx.Found(&transferDocuments, "t.id = ?", id)
	row, found, err := db.One[transferRow](tx,
		"SELECT "+db.Columns[transferRow]("t")+" FROM transfers t WHERE t.retailer_id = :retailer AND "+which+" :lock", args...)
	if err == nil && !found {
		err = unknownTransfer()
	}
	return &row, err
}

// transferLines reads the lines of some transfers, in their order.
func transferLines(tx *db.Tx, ids ...int64) ([]transferLineRow, error) {
	return db.All[transferLineRow](tx, "SELECT "+db.Columns[transferLineRow]("l")+
		" FROM transfer_lines l WHERE l.retailer_id = :retailer AND l.transfer_id IN ? ORDER BY l.transfer_id, l.line", ids)
}

// saveTransfer writes the row of a transfer and emits its event. stored is the row as it was read, of id 0 for a new one;
// nothing happens when neither it nor its lines have changed.
func saveTransfer(tx *db.Tx, stored, row *transferRow, lines bool) {
	row.CodeKey, row.ChangedAt = text.CodeKey(row.Code), tx.Now
	if stored.ID == 0 {
		row.CreatedDate = tx.Now
		db.Insert(tx, "transfers", *row)
		tx.Count("transfers", 1, row.ID)
	} else if !lines && db.Unchanged(stored, row) {
		return
	} else {
		row.ModifiedDate = taphoa.Some(tx.Now)
		db.Update(tx, "transfers", stored, row, "id")
	}
	transferUpdated.Emit(tx, row.ID)
}

// writeLines replaces the stored lines.
func (m *transferDraft) writeLines(tx *db.Tx) error {
	tx.Queue(`DELETE FROM transfer_lines WHERE retailer_id = :retailer AND transfer_id = ?`, m.t.ID)
	rows := make([]transferLineRow, len(m.items))
	for i, it := range m.items {
		it.TransferID, it.Line = m.t.ID, int64(i+1)
		if it.ID == 0 {
			var err error
			if it.ID, err = tx.NewID("transfer_lines"); err != nil {
				return err
			}
		}
		rows[i] = it.transferLineRow
	}
	db.Insert(tx, "transfer_lines", rows...)
	return nil
}

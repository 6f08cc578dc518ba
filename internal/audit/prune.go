package audit

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// OperationPrune is the operation of the entries of [Prune]. Such an entry has in FirstSeq the number of the last entry that was
// removed, and in Record its hash, by which the chain goes on.
const OperationPrune = "pruneAudit"

const pruned = 5000 // entries of a transaction

// Prune removes entries of the shop from before an instant, the oldest first, and notes that. more reports that there are others.
func Prune(tx *db.Tx, before taphoa.Time) (more bool, err error) {
	rows, err := db.All[Entry](tx, `SELECT `+columns+` FROM audit_log a WHERE a.retailer_id = :retailer AND a.n >= 0 ORDER BY a.n LIMIT ?`, int64(pruned))
	last := -1
	for i := range rows {
		if rows[i].At < before {
			last = i
		}
	}
	if err != nil || last < 0 {
		return false, err
	}
	end := &rows[last]
	tx.Queue(`DELETE FROM audit_log WHERE retailer_id = :retailer AND n <= ?`, end.N)
	head, err := tx.Head()
	if err != nil {
		return false, err
	}
	err = insert(tx, &Entry{At: max(tx.Now, head.At), Operation: OperationPrune, RecordID: ofLog, Record: end.Hash, FirstSeq: end.N, LastSeq: end.N})
	return last == len(rows)-1, err
}

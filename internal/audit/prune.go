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
	oldest, found, err := db.One[int64](tx, `SELECT n FROM audit_log WHERE retailer_id = :retailer ORDER BY n LIMIT 1`)
	if err != nil || !found {
		return false, err
	}
	head, err := tx.Head()
	if err != nil {
		return false, err
	}
	kept, err := firstAt(tx, before, oldest, head.Audits)
	if err != nil || kept == oldest {
		return false, err
	}
	last := min(kept, oldest+pruned) - 1
	hash, _, err := db.One[string](tx, `SELECT hash FROM audit_log WHERE retailer_id = :retailer AND n = ?`, last)
	if err != nil {
		return false, err
	}
	tx.Queue(`DELETE FROM audit_log WHERE retailer_id = :retailer AND n <= ?`, last)
	err = insert(tx, &Entry{At: max(tx.Now, head.At), Operation: OperationPrune, RecordID: ofLog, Record: hash, FirstSeq: last, LastSeq: last})
	return last < kept-1, err
}

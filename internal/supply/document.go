package supply

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

const (
	linesMax  = 1000 // lines of one document
	serialMax = 125  // characters of a serial
)

func refuse(field, format string, args ...any) error {
	return taphoa.Refuse(taphoa.CodeValidate, field, format, args...)
}

// openBranch refuses a branch that is missing, unknown or closed.
func openBranch(tx *db.Tx, label, field string, id int64) error {
	if id == 0 {
		return refuse(field, "%s (%s) không được để trống", taphoa.Term(label), field)
	}
	_, found, err := db.One[int64](tx, `SELECT id FROM branches WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, id)
	if err == nil && !found {
		err = refuse(field, "%s %d (%s) không tồn tại hoặc đã ngừng hoạt động", taphoa.Term(label), id, field)
	}
	return err
}

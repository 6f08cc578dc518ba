package event

import "github.com/taphoa/taphoa/internal/db"

// Totals are the numbers of events of all shops: Kept are stored, Told were ever appended.
type Totals struct{ Kept, Told int64 }

// Count counts the events of all shops, from their heads.
func Count(tx *db.Tx) (Totals, error) {
	t, _, err := db.One[Totals](tx.Everywhere(), `
		SELECT CAST(COALESCE(SUM(kept), 0) AS BIGINT) AS kept, CAST(COALESCE(SUM(told), 0) AS BIGINT) AS told FROM shop_heads`)
	return t, err
}

package event

import "github.com/taphoa/taphoa/internal/db"

// Totals are how many events of all shops are kept, and how many were ever told of.
type Totals struct{ Kept, Told int64 }

// Count counts the events of all shops, from their heads.
func Count(tx *db.Tx) (Totals, error) {
	t, _, err := db.One[Totals](tx.Everywhere(), `
		SELECT CAST(COALESCE(SUM(kept), 0) AS BIGINT) AS kept, CAST(COALESCE(SUM(told), 0) AS BIGINT) AS told FROM shop_heads`)
	return t, err
}

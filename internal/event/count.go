package event

import "github.com/taphoa/taphoa/internal/db"

// Totals are how many events of all shops are kept, and how many were ever told of.
type Totals struct{ Kept, Told int64 }

// Count counts the events of all shops, from their counters: numbers have no gap but the one where an epoch begins.
func Count(tx *db.Tx) (Totals, error) {
	t, _, err := db.One[Totals](tx.Everywhere(), `
		SELECT CAST(COALESCE(SUM(last_seq - dropped_seq - CASE WHEN dropped_seq < epoch_base THEN epoch_base - epoch_from ELSE 0 END), 0) AS BIGINT) AS kept,
			CAST(COALESCE(SUM(last_seq - epoch_base + epoch_from), 0) AS BIGINT) AS told
		FROM shop_heads`)
	return t, err
}

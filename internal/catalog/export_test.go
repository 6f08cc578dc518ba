package catalog

import "github.com/taphoa/taphoa/internal/db"

// StoredItems is [Items] by id without what is kept in memory.
func StoredItems(tx *db.Tx, ids []int64) (map[int64]*Item, error) {
	return items(tx, "p.deleted_at = 0 AND p.id IN ?", ids)
}

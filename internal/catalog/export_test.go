package catalog

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// KeptItems is how many products of the shop are kept in memory as tx sees them.
func KeptItems(tx *db.Tx) (int, error) {
	k, err := knownItems(tx)
	if err != nil {
		return 0, err
	}
	k.memory.mu.Lock()
	defer k.memory.mu.Unlock()
	if s := k.at(); s != nil {
		return len(s.byID), nil
	}
	return 0, nil
}

// StoredItems is [Items] by id without what is kept in memory.
func StoredItems(tx *db.Tx, ids []int64) (map[int64]*Item, error) {
	return items(tx, "p.deleted_at = 0 AND p.id IN ?", ids)
}

// SoldSince is what narrows the list of what was sold since an instant.
func SoldSince(tx *db.Tx, since taphoa.Time) (ids []int64, told bool, err error) {
	return soldSince(tx, since)
}

package catalog

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/wire"
)

// ChildTables returns which tables have more about a product, as bits.
func ChildTables(tx *db.Tx, in *taphoa.ByID) (int64, error) {
	bits, _, err := db.One[int64](tx, `SELECT parts FROM products WHERE retailer_id = :retailer AND id = ?`, in.ID)
	return bits, err
}

// KeptItems returns the number of products of the shop that are cached as tx sees them.
func KeptItems(tx *db.Tx) (int, error) {
	k, err := keptItems(tx)
	if err != nil {
		return 0, err
	}
	k.memory.mu.Lock()
	defer k.memory.mu.Unlock()
	if s := k.current(); s != nil {
		return len(s.byID), nil
	}
	return 0, nil
}

// StoredItems is [Items] by id without the cache.
func StoredItems(tx *db.Tx, ids []int64) (map[int64]*Item, error) {
	rows, err := readItems(tx, ids, nil)
	byID := map[int64]*Item{}
	for _, item := range rows {
		if !item.Deleted {
			byID[item.ID] = item
		}
	}
	return byID, err
}

// SoldSince is what narrows the list of what was sold since an instant.
func SoldSince(tx *db.Tx, since taphoa.Time) (ids []int64, known bool, err error) {
	return soldSince(tx, since)
}

// ListProductTextsSlowly is [ListProductTexts] for a reader that is delayed after it has read the number of the memory.
func ListProductTextsSlowly(tx *db.Tx, in *taphoa.ProductQuery, heldUp func() error) (wire.TextPage, error) {
	r, err := keptTexts(tx)
	if err == nil {
		err = heldUp()
	}
	if err != nil {
		return wire.TextPage{}, err
	}
	return textPage(tx, r, in, wire.Form{})
}

// KeptTexts is how many texts the memory holds for pages like one, and whether all ids of the shop are kept; counted are the
// bytes that it takes all for, and bytes what those of products with small ids have.
func KeptTexts(tx *db.Tx, in *taphoa.ProductQuery) (texts int, ids bool, counted, bytes int) {
	m := db.Memory[textMemory](tx)
	m.mu.Lock()
	defer m.mu.Unlock()
	for shop, s := range m.shops {
		for w := range s.formats {
			for block := range int64(100) {
				b, found := m.texts.Peek(textKey{s.generation, block, w})
				if !found {
					continue
				}
				for _, t := range b.texts {
					if t == nil {
						continue
					}
					bytes += len(t.json)
					if shop == tx.Retailer && w == (textFormat{viewOf(in).includes, wire.Form{}, ""}) {
						texts++
					}
				}
			}
		}
	}
	if s := m.shops[tx.Retailer]; s != nil {
		_, ids = m.ids.Peek(idsKey{s.generation, ""})
	}
	return texts, ids, m.texts.Size(), bytes
}

// TextsAreLocked reports whether the memory of texts is locked.
func TextsAreLocked(tx *db.Tx) func() bool {
	m := db.Memory[textMemory](tx)
	return func() bool {
		free := m.mu.TryLock()
		if free {
			m.mu.Unlock()
		}
		return !free
	}
}

// BoundTexts changes the bound of the memory, in bytes.
func BoundTexts(tx *db.Tx, bytes int) {
	m := db.Memory[textMemory](tx)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.texts.Max = bytes
}

// PriceBookScope is what a price book's terms are about.
type PriceBookScope = plan.PriceBookScope

// CheckPriceBook refuses a price book that does not exist or is not for a sale: see [plan.PriceBook.Check].
func CheckPriceBook(tx *db.Tx, id int64, s *PriceBookScope) error {
	b := tx.Batch()
	terms, limits := askTerms(b, id), askLimits(b, id, s.BranchID, s.UserID)
	groups := db.Want[int64](b, `
		SELECT group_id FROM customer_group_members WHERE retailer_id = :retailer AND customer_id = ?`, s.CustomerID)
	if err := b.Run(); err != nil {
		return err
	}
	p := terms(id)
	limits(p)
	return p.Check(s, groups.All())
}

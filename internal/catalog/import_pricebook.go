package catalog

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/text"
)

// importedPriceBook is a row of price_books.
type importedPriceBook struct {
	ID                                             int64
	Name, NameKey                                  string
	IsActive, IsGlobal, ForAllCusGroup, ForAllUser bool
	StartDate, EndDate                             taphoa.Opt[taphoa.Time]
	CreatedDate                                    taphoa.Time
	ModifiedDate                                   taphoa.Opt[taphoa.Time]
	ChangedAt                                      taphoa.Time
}

// ImportPriceBooks writes price books as another system shows them, with the branches, groups and users that they are for.
func ImportPriceBooks(tx *db.Tx, books []taphoa.PriceBook) error {
	rows, ids := make([]importedPriceBook, len(books)), make([]int64, len(books))
	for i := range books {
		b, r := &books[i], &rows[i]
		plan.CopyFields(r, b)
		r.NameKey, r.CreatedDate = text.NameKey(b.Name), b.CreatedDate.Or(0)
		r.ChangedAt, ids[i] = b.ModifiedDate.Or(r.CreatedDate), b.ID
	}
	if err := db.Import(tx, "price_books", rows, func(r *importedPriceBook) int64 { return r.ID }); err != nil {
		return err
	}
	last := map[*linkKind]int64{}
	for _, kind := range []*linkKind{&inBranches, &forGroups, &byUsers} {
		tx.Queue(kind.clear, ids)
	}
	link := func(kind *linkKind, book, named, id int64) {
		tx.Queue(kind.add, book, named, id)
		last[kind] = max(last[kind], id)
	}
	for i := range books {
		for _, r := range books[i].PriceBookBranches {
			link(&inBranches, books[i].ID, r.BranchID, r.ID)
		}
		for _, r := range books[i].PriceBookCustomerGroups {
			link(&forGroups, books[i].ID, r.CustomerGroupID, r.ID)
		}
		for _, r := range books[i].PriceBookUsers {
			link(&byUsers, books[i].ID, r.UserID, r.ID)
		}
	}
	for kind, id := range last {
		if err := tx.KeepIDs(kind.table, id); err != nil {
			return err
		}
	}
	priceBookUpdated.Emit(tx, ids...)
	return nil
}

// RemoveImportedPriceBooks notes which price books another system has deleted.
func RemoveImportedPriceBooks(tx *db.Tx, ids []int64) error {
	removed, err := db.RemoveImported(tx, "price_books", ids)
	priceBookDeleted.Emit(tx, removed...)
	return err
}

// ImportPrices writes prices of a price book as another system shows them. Those that are here already have not changed.
func ImportPrices(tx *db.Tx, book int64, prices []taphoa.PriceBookDetail) error {
	ids := make([]int64, len(prices))
	for i := range prices {
		ids[i] = prices[i].ProductID
	}
	stored, err := pricesIn(tx, book, ids)
	if err != nil {
		return err
	}
	var rows []priceRow
	var changed []int64
	for _, p := range prices {
		if price, is := stored[p.ProductID]; is && price == p.Price {
			continue
		}
		rows, changed = append(rows, priceRow{p.ProductID, book, p.Price, tx.Now}), append(changed, p.ProductID)
		priceUpdated.Emit(tx, priceKey{book, p.ProductID})
	}
	if len(rows) == 0 {
		return nil
	}
	savePrices(tx, rows...)
	refreshChildTables(tx, changed...)
	return nil
}

// LeaveImportedPrices removes the products with ids above one and up to another from a price book, but for some: another system has none
// of them in it.
func LeaveImportedPrices(tx *db.Tx, book, above, upTo int64, but []int64) error {
	gone, err := db.All[int64](tx, `
		DELETE FROM price_book_details
		WHERE retailer_id = :retailer AND price_book_id = ? AND product_id > ? AND product_id <= ? AND NOT product_id IN ?
		RETURNING product_id`, book, above, upTo, but)
	if err != nil || len(gone) == 0 {
		return err
	}
	slices.Sort(gone)
	for _, id := range gone {
		priceDeleted.Emit(tx, priceKey{book, id})
	}
	refreshChildTables(tx, gone...)
	return nil
}

// PriceBookIDs are the price books of a shop.
func PriceBookIDs(tx *db.Tx) ([]int64, error) {
	return db.All[int64](tx, `SELECT id FROM price_books WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id`)
}

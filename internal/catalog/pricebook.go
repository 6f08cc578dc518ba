package catalog

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// CreatePriceBook adds a price list and answers its id. The vendor's API has no operation for it.
func CreatePriceBook(tx *db.Tx, in *taphoa.PriceBookInput) (int64, error) {
	key := nameKey(in.Name)
	_, used, err := db.One[int64](tx, `
		SELECT id FROM price_books WHERE retailer_id = :retailer AND name_key = ? AND deleted_at = 0`, key)
	switch {
	case err != nil:
	case used || clean(in.Name) == "":
		err = taphoa.Refuse(taphoa.CodeValidate, "name", "Tên bảng giá %q trống hoặc đã tồn tại", in.Name)
	case in.StartDate.Has() && in.EndDate.Has() && in.StartDate.Value > in.EndDate.Value:
		err = taphoa.Refuse(taphoa.CodeValidate, "endDate", "Ngày kết thúc bảng giá (endDate) phải sau ngày bắt đầu (startDate)")
	}
	if err != nil {
		return 0, err
	}
	id, err := tx.NewID("price_books")
	if err == nil {
		tx.Queue(`
			INSERT INTO price_books (retailer_id, id, name, name_key, is_active, start_date, end_date, created_date, changed_at)
			VALUES (:retailer, ?, ?, ?, ?, :start_date, :end_date, :now, :now)`, in, id, clean(in.Name), key, in.IsActive.Or(true))
	}
	return id, err
}

// SetPrice sets a product's price in a price list; list 0 is the general one, the product's base price. The vendor's
// POST /pricebooks/detail is not served yet.
func SetPrice(tx *db.Tx, bookID, productID int64, price taphoa.Money) error {
	if price < 0 {
		return refuse("price", "Giá bán (price) không được âm")
	}
	if bookID == 0 {
		_, err := UpdateProduct(tx, &taphoa.ProductInput{ID: productID, BasePrice: taphoa.Some(price)})
		return err
	}
	n, err := tx.Exec(`
		UPDATE price_books SET modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, bookID)
	if err == nil && n == 0 {
		err = taphoa.NotFound(taphoa.CodeValidate, "Bảng giá %d không tồn tại", bookID)
	}
	if err != nil {
		return err
	}
	if _, err := lockProduct(tx, productID); err != nil {
		return err
	}
	tx.Queue(`
		INSERT INTO price_book_details (retailer_id, product_id, price_book_id, price) VALUES (:retailer, ?, ?, ?)
		ON CONFLICT (retailer_id, product_id, price_book_id) DO UPDATE SET price = excluded.price`, productID, bookID, price)
	refreshParts(tx, productID)
	return nil
}

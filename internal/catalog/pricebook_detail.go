package catalog

import (
	"errors"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
)

// pricesMax is how many prices one request may set.
const pricesMax = 1000

var priceOrders = db.Orders{
	"productid": db.Number("p.id"), "productcode": db.Text("p.code_key"), "code": db.Text("p.code_key"), "name": db.Text("p.search"),
	"price": db.Number("p.base_price"),
}

// GetPriceBook pages through the prices of one price book, those of the general one for id 0, and shows the book itself
// beside them (contract pricebooks, getPriceBook).
func GetPriceBook(tx *db.Tx, in *taphoa.PriceBookDetailQuery) (taphoa.PriceBookPage, error) {
	book, err := findPriceBook(tx, in.ID, in.PriceBookIncludes)
	if err != nil {
		return taphoa.PriceBookPage{}, err
	}
	list := db.List{
		Table: "products p", Live: "p.deleted_at = 0", Columns: "p.id AS product_id, p.code AS product_code, p.base_price",
		Orders: priceOrders,
	}
	since := in.LastModifiedFrom
	if in.ID == 0 {
		list.If(since.Has(), "p.changed_at >= ?", since.Value)
	} else {
		list.Orders = list.Orders.With(db.Orders{"price": db.Number(`(SELECT d.price FROM price_book_details d
			WHERE d.retailer_id = :retailer AND d.product_id = p.id AND d.price_book_id = ?)`, in.ID).OrNull()})
		list.Where(`p.id IN (SELECT d.product_id FROM price_book_details d
			WHERE d.retailer_id = :retailer AND d.price_book_id = ? AND d.changed_at >= ?)`, in.ID, since.Or(0))
	}
	page, err := db.ListPage[taphoa.PriceBookDetail](tx, &list, in.Paging)
	if err == nil && in.ID != 0 {
		err = fillPrices(tx, in.ID, page.Data)
	}
	return taphoa.PriceBookPage{Page: page, PriceBook: book}, err
}

// fillPrices replaces the products' own prices by those of a price book.
func fillPrices(tx *db.Tx, priceBookID int64, details []taphoa.PriceBookDetail) error {
	if len(details) == 0 {
		return nil
	}
	ids := make([]int64, len(details))
	for i := range details {
		ids[i] = details[i].ProductID
	}
	prices, err := pricesIn(tx, priceBookID, ids)
	for i := range details {
		details[i].Price = prices[details[i].ProductID]
	}
	return err
}

// pricesIn are the prices of some products in a price book; what is not in it is missing.
func pricesIn(tx *db.Tx, priceBookID int64, ids []int64) (map[int64]taphoa.Money, error) {
	type row struct {
		ProductID int64
		Price     taphoa.Money
	}
	rows, err := db.All[row](tx, `
		SELECT product_id, price FROM price_book_details
		WHERE retailer_id = :retailer AND price_book_id = ? AND product_id IN ?`, priceBookID, ids)
	prices := make(map[int64]taphoa.Money, len(rows))
	for _, r := range rows {
		prices[r.ProductID] = r.Price
	}
	return prices, err
}

// SetPrices sets prices in a price book, all or none: of one product or of several. A product that is not in the book
// comes into it. In the general book it sets base prices. What a shop can get wrong is reported in the response, which then
// is no success, because clients check nothing else (contract pricebooks, undocumented).
func SetPrices(tx *db.Tx, in *taphoa.PriceBookDetailWrite) (taphoa.PriceBookDetailResult, error) {
	err := setPrices(tx, in)
	if e := (*taphoa.Error)(nil); errors.As(err, &e) && (e.Kind == taphoa.KindRefused || e.Kind == taphoa.KindNotFound) {
		return taphoa.PriceBookDetailResult{Message: e.Message}, nil
	}
	return taphoa.PriceBookDetailResult{Message: taphoa.MessageUpdated, IsSuccess: true}, err
}

// setPrices does it, or refuses before it has written anything.
func setPrices(tx *db.Tx, in *taphoa.PriceBookDetailWrite) error {
	items := in.Details
	if in.ProductID != 0 || len(items) == 0 {
		items = append(slices.Clone(items), in.PriceBookDetailItem)
	}
	if len(items) > pricesMax {
		return refuse("details", "Danh sách (details) có %d giá, mỗi lần chỉ được gửi tối đa %d", len(items), pricesMax)
	}
	ids := make([]int64, len(items))
	for i, item := range items {
		switch {
		case !item.Price.Has():
			return refuse("price", "Giá bán (price) của sản phẩm %d không được để trống", item.ProductID)
		case item.Price.Value < 0 || item.Price.Value > taphoa.MoneyMax:
			return refuse("price", "Giá bán (price) của sản phẩm %d phải từ 0 đến %v", item.ProductID, taphoa.MoneyMax)
		}
		ids[i] = item.ProductID
	}
	var (
		book   string
		before map[int64]taphoa.Money
		err    error
	)
	if in.PriceBookID != 0 {
		if book, err = lockBook(tx, in.PriceBookID); err == nil {
			before, err = pricesIn(tx, in.PriceBookID, ids)
		}
		if err != nil {
			return err
		}
	}
	products, err := lockProducts(tx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if products[id] == nil {
			return unknown(id)
		}
	}
	for _, item := range items {
		of := products[item.ProductID]
		if in.PriceBookID == 0 {
			audit.Resource(tx, "products")
			audit.Record(tx, of.ID, of.Code)
			audit.Value(tx, "basePrice", of.BasePrice, item.Price.Value)
			tx.Queue(`UPDATE products SET base_price = ?, modified_date = :now, changed_at = :now WHERE retailer_id = :retailer AND id = ?`,
				item.Price, item.ProductID)
			emit(tx, item.ProductID)
			continue
		}
		audit.Record(tx, in.PriceBookID, book)
		if old, had := before[of.ID]; had {
			audit.Value(tx, of.Code+".price", old, item.Price.Value)
		} else {
			audit.Value(tx, of.Code+".price", nil, item.Price.Value)
		}
		savePrices(tx, priceRow{item.ProductID, in.PriceBookID, item.Price.Value, tx.Now})
		priceUpdated.Emit(tx, priceKey{in.PriceBookID, item.ProductID})
	}
	if in.PriceBookID != 0 {
		touchBook(tx, in.PriceBookID)
		refreshChildTables(tx, ids...)
	}
	return nil
}

// priceRow is a row of price_book_details.
type priceRow struct {
	ProductID, PriceBookID int64
	Price                  taphoa.Money
	ChangedAt              taphoa.Time
}

// savePrices writes prices, those of products that come into a price book, too.
func savePrices(tx *db.Tx, rows ...priceRow) {
	db.Upsert(tx, "price_book_details", []string{"product_id", "price_book_id"}, rows...)
}

// lockBook locks a price book until the commit, and returns its name.
func lockBook(tx *db.Tx, id int64) (name string, err error) {
	name, found, err := db.One[string](tx, `
		SELECT name FROM price_books WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0 :lock`, id)
	if err == nil && !found {
		err = unknownBook(id)
	}
	return name, err
}

// touchBook sets the time of change of a price book whose prices have changed; the events are about the prices.
func touchBook(tx *db.Tx, id int64) {
	tx.Queue(`UPDATE price_books SET modified_date = :now, changed_at = :now WHERE retailer_id = :retailer AND id = ?`, id)
}

// RemovePrices removes products from a price book: they are sold at their base prices again. What is not in it stays
// out. The vendor's API has no such operation.
func RemovePrices(tx *db.Tx, in *taphoa.PriceBookDetailDelete) (taphoa.Message, error) {
	done := taphoa.Message{Message: taphoa.MessageDeleted}
	switch {
	case in.PriceBookID == 0:
		return done, taphoa.Refuse(taphoa.CodeValidate, "pricebookId",
			"Không thể bỏ sản phẩm khỏi bảng giá chung, hãy gửi pricebookId của một bảng giá khác")
	case len(in.ProductIDs) == 0:
		return done, refuse("productIds", "Danh sách sản phẩm (productIds) không được để trống")
	case len(in.ProductIDs) > pricesMax:
		return done, refuse("productIds", "Danh sách (productIds) có %d sản phẩm, mỗi lần chỉ được gửi tối đa %d", len(in.ProductIDs), pricesMax)
	}
	book, err := lockBook(tx, in.PriceBookID)
	if err != nil {
		return done, err
	}
	products, err := lockProducts(tx, in.ProductIDs) // because products.parts changes
	if err != nil {
		return done, err
	}
	priced, err := pricesIn(tx, in.PriceBookID, in.ProductIDs)
	if err != nil || len(priced) == 0 {
		return done, err
	}
	tx.Queue(`DELETE FROM price_book_details WHERE retailer_id = :retailer AND price_book_id = ? AND product_id IN ?`,
		in.PriceBookID, in.ProductIDs)
	audit.Record(tx, in.PriceBookID, book)
	for _, id := range in.ProductIDs {
		if price, had := priced[id]; had {
			if of := products[id]; of != nil {
				audit.Value(tx, of.Code+".price", price, nil)
			}
			priceDeleted.Emit(tx, priceKey{in.PriceBookID, id})
		}
	}
	touchBook(tx, in.PriceBookID)
	refreshChildTables(tx, in.ProductIDs...)
	return done, nil
}

package catalog

import (
	"cmp"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

const priceBookColumns = `b.id, b.name, b.is_active, b.is_global, b.start_date, b.end_date, b.for_all_cus_group, b.for_all_user,
	b.retailer_id, b.created_date, b.modified_date`

var priceBookOrders = db.Orders{
	"name": db.Text("b.name_key"), "isactive": db.Flag("b.is_active"), "isglobal": db.Flag("b.is_global"),
	"startdate": db.Number("b.start_date").OrNull(), "enddate": db.Number("b.end_date").OrNull(),
	"forallcusgroup": db.Flag("b.for_all_cus_group"), "foralluser": db.Flag("b.for_all_user"),
	"createddate": db.Number("b.created_date"), "modifieddate": db.Number("b.changed_at"),
}

// ListPriceBooks lists the price books (contract pricebooks). The general one is none of them.
func ListPriceBooks(tx *db.Tx, in *taphoa.PriceBookQuery) (taphoa.Page[taphoa.PriceBook], error) {
	list := db.List{
		Table: "price_books b", Live: "b.deleted_at = 0", Columns: priceBookColumns,
		Orders: priceBookOrders,
	}
	list.If(in.LastModifiedFrom.Has(), "b.changed_at >= ?", in.LastModifiedFrom.Value)
	page, err := db.ListPage[taphoa.PriceBook](tx, &list, in.Paging)
	if err == nil && in.IncludeRemoveIDs {
		page.RemovedIDs, err = db.Removed(tx, "price_books", in.LastModifiedFrom, in.Paging)
	}
	if err != nil {
		return page, err
	}
	return page, fillPriceBooks(tx, page.Data, in.PriceBookIncludes)
}

// fillPriceBooks adds to price books the relations that are asked for. Deleted branches, groups and users are left out.
func fillPriceBooks(tx *db.Tx, books []taphoa.PriceBook, show taphoa.PriceBookIncludes) error {
	if len(books) == 0 {
		return nil
	}
	ids, at := make([]int64, len(books)), make(map[int64]*taphoa.PriceBook, len(books))
	for i := range books {
		b := &books[i]
		ids[i], at[b.ID] = b.ID, b
		if show.IncludeBranches {
			b.PriceBookBranches = []taphoa.PriceBookBranch{}
		}
		if show.IncludeGroups {
			b.PriceBookCustomerGroups = []taphoa.PriceBookCustomerGroup{}
		}
		if show.IncludeUsers {
			b.PriceBookUsers = []taphoa.PriceBookUser{}
		}
	}
	if show.IncludeBranches {
		rows, err := db.All[taphoa.PriceBookBranch](tx, `
			SELECT r.id, r.price_book_id, r.branch_id, x.branch_name FROM price_book_branches r
			JOIN branches x ON x.retailer_id = :retailer AND x.id = r.branch_id AND x.deleted_at = 0
			WHERE r.retailer_id = :retailer AND r.price_book_id IN ? ORDER BY r.price_book_id, r.branch_id`, ids)
		if err != nil {
			return err
		}
		for _, r := range rows {
			at[r.PriceBookID].PriceBookBranches = append(at[r.PriceBookID].PriceBookBranches, r)
		}
	}
	if show.IncludeGroups {
		rows, err := db.All[taphoa.PriceBookCustomerGroup](tx, `
			SELECT r.id, r.price_book_id, r.customer_group_id, x.name AS customer_group_name FROM price_book_customer_groups r
			JOIN customer_groups x ON x.retailer_id = :retailer AND x.id = r.customer_group_id AND x.deleted_at = 0
			WHERE r.retailer_id = :retailer AND r.price_book_id IN ? ORDER BY r.price_book_id, r.customer_group_id`, ids)
		if err != nil {
			return err
		}
		for _, r := range rows {
			at[r.PriceBookID].PriceBookCustomerGroups = append(at[r.PriceBookID].PriceBookCustomerGroups, r)
		}
	}
	if show.IncludeUsers {
		rows, err := db.All[taphoa.PriceBookUser](tx, `
			SELECT r.id, r.price_book_id, r.user_id, x.user_name FROM price_book_users r
			JOIN users x ON x.retailer_id = :retailer AND x.id = r.user_id AND x.deleted_at = 0
			WHERE r.retailer_id = :retailer AND r.price_book_id IN ? ORDER BY r.price_book_id, r.user_id`, ids)
		if err != nil {
			return err
		}
		for _, r := range rows {
			at[r.PriceBookID].PriceBookUsers = append(at[r.PriceBookID].PriceBookUsers, r)
		}
	}
	return nil
}

// findPriceBook returns one price book with the relations asked for. Book 0 is the general one: all products at their base
// prices, always and for everybody.
func findPriceBook(tx *db.Tx, id int64, show taphoa.PriceBookIncludes) (taphoa.PriceBook, error) {
	if id == 0 {
		return taphoa.PriceBook{
			Name: taphoa.GeneralPriceBook, IsActive: true, IsGlobal: true, ForAllCusGroup: true, ForAllUser: true, RetailerID: tx.Retailer,
		}, nil
	}
	books, err := db.All[taphoa.PriceBook](tx, onePriceBook, id)
	if err == nil && len(books) == 0 {
		err = unknownBook(id)
	}
	if err != nil {
		return taphoa.PriceBook{}, err
	}
	err = fillPriceBooks(tx, books, show)
	return books[0], err
}

const onePriceBook = `SELECT ` + priceBookColumns + ` FROM price_books b WHERE b.retailer_id = :retailer AND b.id = ? AND b.deleted_at = 0`

func unknownBook(id int64) *taphoa.Error {
	return taphoa.NotFound(taphoa.CodeValidate, "Bảng giá %d (priceBookId) không tồn tại", id)
}

// allRelations shows a price book whole.
var allRelations = taphoa.PriceBookIncludes{IncludeBranches: true, IncludeGroups: true, IncludeUsers: true}

// CreatePriceBook adds a price book without products. Unless the input says otherwise it is active, and it is for all
// branches, groups and users of which none are named. The vendor's API has no such operation.
func CreatePriceBook(tx *db.Tx, in *taphoa.PriceBookInput) (taphoa.PriceBook, error) {
	if err := in.Validate(); err != nil {
		return taphoa.PriceBook{}, err
	}
	b := taphoa.PriceBook{Name: text.Clean(in.Name), IsActive: true, IsGlobal: true, ForAllCusGroup: true, ForAllUser: true}
	links, err := changePriceBook(tx, &b, in)
	if err != nil {
		return taphoa.PriceBook{}, err
	}
	if b.ID, err = tx.NewID("price_books"); err != nil {
		return taphoa.PriceBook{}, err
	}
	tx.Queue(`
		INSERT INTO price_books (retailer_id, id, name, name_key, is_active, is_global, start_date, end_date, for_all_cus_group,
			for_all_user, created_date, changed_at)
		VALUES (:retailer, :id, :name, ?, :is_active, :is_global, :start_date, :end_date, :for_all_cus_group,
			:for_all_user, :now, :now)`, &b, text.NameKey(b.Name))
	priceBookUpdated.Emit(tx, b.ID)
	if err := saveLinks(tx, b.ID, links); err != nil {
		return taphoa.PriceBook{}, err
	}
	return findPriceBook(tx, b.ID, allRelations)
}

// UpdatePriceBook changes the members of a price book that are present, with the refusals of [CreatePriceBook].
func UpdatePriceBook(tx *db.Tx, in *taphoa.PriceBookUpdate) (taphoa.PriceBook, error) {
	if err := in.Validate(); err != nil {
		return taphoa.PriceBook{}, err
	}
	if in.ID == 0 {
		return taphoa.PriceBook{}, generalStays()
	}
	b, found, err := db.One[taphoa.PriceBook](tx, onePriceBook+` :lock`, in.ID)
	if err == nil && !found {
		err = unknownBook(in.ID)
	}
	if err != nil {
		return taphoa.PriceBook{}, err
	}
	before := b
	links, err := changePriceBook(tx, &b, &in.PriceBookInput)
	if err != nil {
		return taphoa.PriceBook{}, err
	}
	if db.Unchanged(&before, &b) && in.Branches == nil && in.CustomerGroups == nil && in.Users == nil {
		return findPriceBook(tx, b.ID, allRelations)
	}
	tx.Queue(`
		UPDATE price_books SET name = :name, name_key = ?, is_active = :is_active, is_global = :is_global,
			start_date = :start_date, end_date = :end_date, for_all_cus_group = :for_all_cus_group, for_all_user = :for_all_user,
			modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = :id`, &b, text.NameKey(b.Name))
	priceBookUpdated.Emit(tx, b.ID)
	if err := saveLinks(tx, b.ID, links); err != nil {
		return taphoa.PriceBook{}, err
	}
	return findPriceBook(tx, b.ID, allRelations)
}

func generalStays() error {
	return taphoa.Refuse(taphoa.CodeValidate, "id",
		"Bảng giá chung luôn có sẵn và áp dụng cho tất cả, không thể sửa hoặc xóa; giá của nó là giá bán (basePrice) của sản phẩm")
}

// changePriceBook applies what is given to a price book, and returns what becomes of its relations.
func changePriceBook(tx *db.Tx, b *taphoa.PriceBook, in *taphoa.PriceBookInput) ([]priceBookLink, error) {
	b.Name = cmp.Or(text.Clean(in.Name), b.Name)
	b.IsActive = in.IsActive.Or(b.IsActive)
	if in.StartDate.Given() {
		b.StartDate = in.StartDate
	}
	if in.EndDate.Given() {
		b.EndDate = in.EndDate
	}
	if b.StartDate.Has() && b.EndDate.Has() && b.StartDate.Value > b.EndDate.Value {
		return nil, taphoa.Refuse(taphoa.CodeValidate, "endDate", "Ngày kết thúc bảng giá (endDate) phải sau ngày bắt đầu (startDate)")
	}
	used, err := org.NameUsed(tx, "price_books", text.NameKey(b.Name), b.ID)
	if used || text.NameKey(b.Name) == text.NameKey(taphoa.GeneralPriceBook) {
		err = taphoa.Refuse(taphoa.CodeValidate, "name", "Tên bảng giá %s (name) đã được dùng", b.Name)
	}
	if err != nil {
		return nil, err
	}
	return linksOf(tx, b, in)
}

// DeletePriceBook deletes a price book. Documents keep its prices.
func DeletePriceBook(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	if in.ID == 0 {
		return taphoa.Message{}, generalStays()
	}
	n, err := tx.Exec(`
		UPDATE price_books SET deleted_at = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, in.ID)
	if err == nil && n == 0 {
		err = unknownBook(in.ID)
	}
	priceBookDeleted.Emit(tx, in.ID)
	return taphoa.Message{Message: taphoa.MessageDeleted}, err
}

package catalog

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Sale is what a price book's terms are about: where, when, to whom and by whom something is sold.
type Sale struct {
	BranchID   int64
	CustomerID int64 // 0 without a customer
	UserID     int64
	At         taphoa.Time
}

// CheckPriceBook refuses a price book that does not exist or is not for a sale, and says why not.
func CheckPriceBook(tx *db.Tx, id int64, s *Sale) error {
	type terms struct {
		Name                            string
		IsActive                        bool
		StartDate, EndDate              taphoa.Opt[taphoa.Time]
		ForBranch, ForCustomer, ForUser bool
	}
	b, found, err := db.One[terms](tx, `
		SELECT b.name, b.is_active, b.start_date, b.end_date,
			CASE WHEN b.is_global OR EXISTS (SELECT 1 FROM price_book_branches r
				WHERE r.retailer_id = :retailer AND r.price_book_id = b.id AND r.branch_id = ?) THEN TRUE ELSE FALSE END AS for_branch,
			CASE WHEN b.for_all_cus_group OR EXISTS (SELECT 1 FROM price_book_customer_groups r
				JOIN customer_groups g ON g.retailer_id = :retailer AND g.id = r.customer_group_id AND g.deleted_at = 0
				JOIN customer_group_members m ON m.retailer_id = :retailer AND m.group_id = g.id AND m.customer_id = ?
				WHERE r.retailer_id = :retailer AND r.price_book_id = b.id) THEN TRUE ELSE FALSE END AS for_customer,
			CASE WHEN b.for_all_user OR EXISTS (SELECT 1 FROM price_book_users r
				WHERE r.retailer_id = :retailer AND r.price_book_id = b.id AND r.user_id = ?) THEN TRUE ELSE FALSE END AS for_user
		FROM price_books b WHERE b.retailer_id = :retailer AND b.id = ? AND b.deleted_at = 0`,
		s.BranchID, s.CustomerID, s.UserID, id)
	if err != nil {
		return err
	}
	no := func(format string, args ...any) error {
		return taphoa.Refuse(taphoa.CodeValidate, "priceBookId", format, args...)
	}
	switch {
	case !found:
		return no("Bảng giá %d (priceBookId) không tồn tại", id)
	case !b.IsActive:
		return no("Bảng giá %s (priceBookId) đã ngừng áp dụng", b.Name)
	case b.StartDate.Has() && s.At < b.StartDate.Value:
		return no("Bảng giá %s (priceBookId) chỉ áp dụng từ %v", b.Name, b.StartDate.Value)
	case b.EndDate.Has() && s.At > b.EndDate.Value:
		return no("Bảng giá %s (priceBookId) đã hết hiệu lực từ %v", b.Name, b.EndDate.Value)
	case !b.ForBranch:
		return no("Bảng giá %s (priceBookId) không áp dụng cho chi nhánh này (branchId)", b.Name)
	case !b.ForCustomer && s.CustomerID == 0:
		return no("Bảng giá %s (priceBookId) chỉ áp dụng cho một số nhóm khách hàng, hãy gửi khách hàng (customerId) của chứng từ", b.Name)
	case !b.ForCustomer:
		return no("Bảng giá %s (priceBookId) không áp dụng cho nhóm khách hàng của khách này (customerId)", b.Name)
	case !b.ForUser:
		return no("Bảng giá %s (priceBookId) không áp dụng cho người bán này (soldById)", b.Name)
	}
	return nil
}

// BookPrices are the prices that a price book has for products named by id and by code, whatever its terms are. The keys
// of the second map are the codes as they were given. What the book does not have is missing, as is everything of a book
// that was deleted.
func BookPrices(tx *db.Tx, id int64, ids []int64, codes []string) (map[int64]taphoa.Money, map[string]taphoa.Money, error) {
	keys := []string{""}
	for _, code := range codes {
		keys = append(keys, codeKey(code))
	}
	type row struct {
		ID      int64
		CodeKey string
		Price   taphoa.Money
	}
	rows, err := db.All[row](tx, `
		SELECT p.id, p.code_key, d.price FROM price_book_details d
		JOIN products p ON p.retailer_id = :retailer AND p.id = d.product_id
		JOIN price_books b ON b.retailer_id = :retailer AND b.id = d.price_book_id AND b.deleted_at = 0
		WHERE d.retailer_id = :retailer AND d.price_book_id = ? AND d.product_id IN (`+byIDOrCode+`)`, id, append(ids, 0), keys)
	byID, byKey, byCode := map[int64]taphoa.Money{}, map[string]taphoa.Money{}, map[string]taphoa.Money{}
	for _, r := range rows {
		byID[r.ID], byKey[r.CodeKey] = r.Price, r.Price
	}
	for _, code := range codes {
		if price, found := byKey[codeKey(code)]; found {
			byCode[code] = price
		}
	}
	return byID, byCode, err
}

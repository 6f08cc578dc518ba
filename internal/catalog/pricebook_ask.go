package catalog

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/catalog/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// AskPriceBook asks for the terms of a price book, as far as they are about a branch and a seller, and for its prices of
// products by id and by code. After the batch has run, the function returns them. It returns nil for the general prices,
// whose id is 0.
func AskPriceBook(tx *db.Tx, b *db.Batch, id, branchID, userID int64, ids []int64, codes []string) func() (*plan.PriceBook, error) {
	if id == 0 {
		return func() (*plan.PriceBook, error) { return nil, nil }
	}
	terms, limits, prices := askTerms(b, id), askLimits(b, id, branchID, userID), askPrices(b, id, ids, codes)
	return func() (*plan.PriceBook, error) {
		p := terms(id)
		limits(p)
		if p.Found {
			prices(p)
		}
		return p, nil
	}
}

// askTerms asks for the row of a price book.
func askTerms(b *db.Batch, id int64) func(id int64) *plan.PriceBook {
	rows := db.Want[plan.PriceBook](b, `
		SELECT b.id, TRUE AS found, b.name, b.is_active, b.start_date, b.end_date, b.is_global, b.for_all_cus_group, b.for_all_user
		FROM price_books b WHERE b.retailer_id = :retailer AND b.id = ? AND b.deleted_at = 0`, id)
	return func(id int64) *plan.PriceBook {
		p, found := rows.One()
		if !found {
			p.ID = id
		}
		return &p
	}
}

// askLimits asks which of the branch, the seller and all customer groups a price book is for.
func askLimits(b *db.Batch, id, branchID, userID int64) func(*plan.PriceBook) {
	const branch, user, group = 1, 2, 3
	type limit struct{ Kind, RefID int64 }
	rows := db.Want[limit](b, `
		SELECT 1 AS kind, r.branch_id AS ref_id FROM price_book_branches r
		WHERE r.retailer_id = :retailer AND r.price_book_id = ? AND r.branch_id = ?
		UNION ALL
		SELECT 2, r.user_id FROM price_book_users r
		WHERE r.retailer_id = :retailer AND r.price_book_id = ? AND r.user_id = ?
		UNION ALL
		SELECT 3, r.customer_group_id FROM price_book_customer_groups r
		JOIN customer_groups g ON g.retailer_id = :retailer AND g.id = r.customer_group_id AND g.deleted_at = 0
		WHERE r.retailer_id = :retailer AND r.price_book_id = ?`, id, branchID, id, userID, id)
	return func(p *plan.PriceBook) {
		for _, r := range rows.All() {
			switch r.Kind {
			case branch:
				p.Branches = append(p.Branches, r.RefID)
			case user:
				p.Users = append(p.Users, r.RefID)
			case group:
				p.CustomerGroups = append(p.CustomerGroups, r.RefID)
			}
		}
	}
}

// askPrices asks for the prices that a price book has for products.
func askPrices(b *db.Batch, id int64, ids []int64, codes []string) func(*plan.PriceBook) {
	type row struct {
		ID      int64
		CodeKey string
		Price   taphoa.Money
	}
	var rows *db.Rows[row]
	switch {
	case len(codes) > 0:
		keys := make([]string, len(codes))
		for i, code := range codes {
			keys[i] = text.CodeKey(code)
		}
		rows = db.Want[row](b, `
			SELECT p.id, p.code_key, d.price FROM price_book_details d
			JOIN products p ON p.retailer_id = :retailer AND p.id = d.product_id
			WHERE d.retailer_id = :retailer AND d.price_book_id = ? AND d.product_id IN (`+byIDOrCode+`)`, id, slices.Concat(ids, []int64{0}), keys)
	case len(ids) > 0:
		rows = db.Want[row](b, `
			SELECT d.product_id AS id, d.price FROM price_book_details d
			WHERE d.retailer_id = :retailer AND d.price_book_id = ? AND d.product_id IN ?`, id, ids)
	}
	return func(p *plan.PriceBook) {
		p.Prices, p.CodePrices = map[int64]taphoa.Money{}, map[string]taphoa.Money{}
		for _, r := range rows.All() {
			p.Prices[r.ID] = r.Price
			if r.CodeKey != "" {
				p.CodePrices[r.CodeKey] = r.Price
			}
		}
	}
}

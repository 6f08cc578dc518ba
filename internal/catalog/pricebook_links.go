package catalog

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// linksMax is how many branches, groups or users one price book may name.
const linksMax = 1000

// linkKind is a kind of relation of price books.
type linkKind struct {
	table              string
	field, flag        string // the member that lists them, and the one for all
	known, label       string // which of some ids exist, and what the shop's staff call one
	named, add, remove string
	clear              string // of some price books
}

var (
	inBranches = linkKind{
		table: "price_book_branches", field: "priceBookBranches", flag: "isGlobal", label: "Chi nhánh",
		known:  `SELECT id FROM branches WHERE retailer_id = :retailer AND id IN ? AND deleted_at = 0`,
		named:  `SELECT branch_id FROM price_book_branches WHERE retailer_id = :retailer AND price_book_id = ?`,
		add:    `INSERT INTO price_book_branches (retailer_id, price_book_id, branch_id, id) VALUES (:retailer, ?, ?, ?)`,
		remove: `DELETE FROM price_book_branches WHERE retailer_id = :retailer AND price_book_id = ? AND branch_id = ?`,
		clear:  `DELETE FROM price_book_branches WHERE retailer_id = :retailer AND price_book_id IN ?`,
	}
	forGroups = linkKind{
		table: "price_book_customer_groups", field: "priceBookCustomerGroups", flag: "forAllCusGroup", label: "Nhóm khách hàng",
		known:  `SELECT id FROM customer_groups WHERE retailer_id = :retailer AND id IN ? AND deleted_at = 0`,
		named:  `SELECT customer_group_id FROM price_book_customer_groups WHERE retailer_id = :retailer AND price_book_id = ?`,
		add:    `INSERT INTO price_book_customer_groups (retailer_id, price_book_id, customer_group_id, id) VALUES (:retailer, ?, ?, ?)`,
		remove: `DELETE FROM price_book_customer_groups WHERE retailer_id = :retailer AND price_book_id = ? AND customer_group_id = ?`,
		clear:  `DELETE FROM price_book_customer_groups WHERE retailer_id = :retailer AND price_book_id IN ?`,
	}
	byUsers = linkKind{
		table: "price_book_users", field: "priceBookUsers", flag: "forAllUser", label: "Người dùng",
		known:  `SELECT id FROM users WHERE retailer_id = :retailer AND id IN ? AND deleted_at = 0`,
		named:  `SELECT user_id FROM price_book_users WHERE retailer_id = :retailer AND price_book_id = ?`,
		add:    `INSERT INTO price_book_users (retailer_id, price_book_id, user_id, id) VALUES (:retailer, ?, ?, ?)`,
		remove: `DELETE FROM price_book_users WHERE retailer_id = :retailer AND price_book_id = ? AND user_id = ?`,
		clear:  `DELETE FROM price_book_users WHERE retailer_id = :retailer AND price_book_id IN ?`,
	}
)

// priceBookLink is what becomes of one kind of relation of a price book.
type priceBookLink struct {
	*linkKind
	ids []int64 // sorted, each once
}

// linksOf returns the relations of a price book that a request changes, and sets the book's flags accordingly.
func linksOf(tx *db.Tx, b *taphoa.PriceBook, in *taphoa.PriceBookInput) (changed []priceBookLink, err error) {
	branches, groups, users := make([]int64, len(in.Branches)), make([]int64, len(in.CustomerGroups)), make([]int64, len(in.Users))
	for i := range branches {
		branches[i] = in.Branches[i].BranchID
	}
	for i := range groups {
		groups[i] = in.CustomerGroups[i].CustomerGroupID
	}
	for i := range users {
		users[i] = in.Users[i].UserID
	}
	for _, l := range []struct {
		priceBookLink
		given bool
		all   *bool
		flag  taphoa.Opt[bool]
	}{
		{priceBookLink{&inBranches, branches}, in.Branches != nil, &b.IsGlobal, in.IsGlobal},
		{priceBookLink{&forGroups, groups}, in.CustomerGroups != nil, &b.ForAllCusGroup, in.ForAllCusGroup},
		{priceBookLink{&byUsers, users}, in.Users != nil, &b.ForAllUser, in.ForAllUser},
	} {
		slices.Sort(l.ids)
		l.ids = slices.Compact(l.ids)
		change, err := l.decide(tx, l.all, l.flag, l.given)
		if err != nil {
			return nil, err
		}
		if change {
			changed = append(changed, l.priceBookLink)
		}
	}
	return changed, nil
}

// decide reports whether the relation changes. A flag that is true empties its list, a list that is not empty takes its
// flag back; a book that is neither for all nor for anybody is refused.
func (l *priceBookLink) decide(tx *db.Tx, all *bool, flag taphoa.Opt[bool], given bool) (change bool, err error) {
	wasForAll := *all
	*all = flag.Or(*all && len(l.ids) == 0)
	switch {
	case *all && len(l.ids) > 0:
		return false, taphoa.Refuse(taphoa.CodeValidate, l.field,
			"Bảng giá áp dụng cho tất cả (%s là true) thì không được kèm danh sách %s", l.flag, l.field)
	case *all:
		return true, nil
	case len(l.ids) == 0 && (given || wasForAll):
		return false, taphoa.Refuse(taphoa.CodeValidate, l.field,
			"Hãy gửi ít nhất một mục trong %s, hoặc %s là true để bảng giá áp dụng cho tất cả", l.field, l.flag)
	case len(l.ids) > linksMax:
		return false, taphoa.Refuse(taphoa.CodeValidate, l.field, "Danh sách %s chỉ được có tối đa %d mục", l.field, linksMax)
	case !given:
		return false, nil
	}
	known, err := db.All[int64](tx, l.known, l.ids)
	if err != nil {
		return false, err
	}
	for _, id := range l.ids {
		if !slices.Contains(known, id) {
			return false, taphoa.Refuse(taphoa.CodeValidate, l.field, "%s %d (%s) không tồn tại", taphoa.Term(l.label), id, l.field)
		}
	}
	return true, nil
}

// saveLinks sets the relations of a price book to those that were named. Unchanged ones keep their ids.
func saveLinks(tx *db.Tx, priceBookID int64, links []priceBookLink) error {
	for _, l := range links {
		had, err := db.All[int64](tx, l.named, priceBookID)
		if err != nil {
			return err
		}
		for _, named := range had {
			if !slices.Contains(l.ids, named) {
				tx.Queue(l.remove, priceBookID, named)
			}
		}
		for _, named := range l.ids {
			if slices.Contains(had, named) {
				continue
			}
			id, err := tx.NewID(l.table)
			if err != nil {
				return err
			}
			tx.Queue(l.add, priceBookID, named, id)
		}
	}
	return nil
}

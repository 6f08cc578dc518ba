package org

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

const userColumns = `u.id, u.user_name, u.given_name, u.address, u.mobile_phone, u.email, u.description, u.retailer_id,
	u.birth_date, u.created_date, u.modified_date`

// ListUsers lists the users who still work in the shop, without the super administrator (contract users).
func ListUsers(tx *db.Tx, in *taphoa.UserQuery) (taphoa.Page[taphoa.User], error) {
	list := db.List{
		Table: "users u", Columns: userColumns, Default: "u.id",
		Orders: map[string]string{
			"name": "u.search", "givenname": "u.search", "username": "u.name_key",
			"createddate": "u.created_date", "modifieddate": "u.changed_at",
		},
	}
	list.Where("u.retailer_id = :retailer AND u.deleted_at = 0 AND u.is_admin = FALSE").
		If(in.LastModifiedFrom.Has(), "u.changed_at >= ?", in.LastModifiedFrom.Value).
		If(in.Name.Has(), `u.search LIKE ? ESCAPE '\'`, db.Contains(in.Name.Value))
	page, err := db.ListPage[taphoa.User](tx, &list, in.Paging)
	if err == nil && in.IncludeRemoveIDs {
		page.RemovedIDs, err = db.Removed(tx, "users", in.LastModifiedFrom)
		page.RemoveIDs = page.RemovedIDs
	}
	return page, err
}

// GetUser answers one user other than the super administrator, or says that it does not exist.
func GetUser(tx *db.Tx, in *taphoa.ByID) (taphoa.User, error) {
	user, found, err := db.One[taphoa.User](tx, `
		SELECT `+userColumns+` FROM users u
		WHERE u.retailer_id = :retailer AND u.id = ? AND u.deleted_at = 0 AND u.is_admin = FALSE`, in.ID)
	if err == nil && !found {
		err = taphoa.NotFound(taphoa.CodeValidate, "Người dùng không tồn tại")
	}
	return user, err
}

// CreateUser adds a user.
func CreateUser(tx *db.Tx, in *taphoa.UserInput) (taphoa.User, error) {
	if err := in.Validate(); err != nil {
		return taphoa.User{}, err
	}
	id, err := createUser(tx, in, false)
	if err != nil {
		return taphoa.User{}, err
	}
	return GetUser(tx, &taphoa.ByID{ID: id})
}

func createUser(tx *db.Tx, in *taphoa.UserInput, admin bool) (int64, error) {
	key := strings.ToLower(strings.TrimSpace(in.UserName))
	_, used, err := db.One[int64](tx,
		`SELECT id FROM users WHERE retailer_id = :retailer AND name_key = ? AND deleted_at = 0`, key)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "userName", "Tên đăng nhập %s đã tồn tại", in.UserName)
	}
	if err != nil {
		return 0, err
	}
	id, err := tx.NewID("users")
	if err != nil {
		return 0, err
	}
	tx.Queue(`
		INSERT INTO users (retailer_id, id, user_name, name_key, given_name, search, address, mobile_phone, email,
			description, birth_date, is_admin, created_date, changed_at)
		VALUES (:retailer, ?, :user_name, ?, :given_name, ?, :address, :mobile_phone, :email,
			:description, :birth_date, ?, :now, :now)`,
		in, id, key, db.Fold(in.GivenName+" "+in.UserName), admin)
	return id, nil
}

// Seller is a user as documents name them.
type Seller struct {
	ID        int64
	GivenName string
}

// FindSeller answers the user of an id, the super administrator for 0, or says that the user does not exist.
func FindSeller(tx *db.Tx, field string, id int64) (Seller, error) {
	seller, found, err := db.One[Seller](tx, `
		SELECT id, given_name FROM users
		WHERE retailer_id = :retailer AND deleted_at = 0 AND (id = ? OR CAST(? AS BIGINT) = 0 AND is_admin)
		ORDER BY id LIMIT 1`, id, id)
	if err == nil && !found {
		err = taphoa.Refuse(taphoa.CodeValidate, field, "Người dùng %d (%s) không tồn tại", id, field)
	}
	return seller, err
}

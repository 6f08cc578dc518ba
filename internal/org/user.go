package org

import (
	"cmp"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

const userColumns = `u.id, u.user_name, u.given_name, u.address, u.mobile_phone, u.email, u.description, u.retailer_id,
	u.birth_date, u.created_date, u.modified_date`

var userOrders = db.Orders{
	"name": db.Text("u.search"), "givenname": db.Text("u.search"), "username": db.Text("u.name_key"), "address": db.Long("u.address"),
	"mobilephone": db.Text("u.mobile_phone").OrNull(), "email": db.Text("u.email").OrNull(), "description": db.Long("u.description"),
	"birthdate": db.Number("u.birth_date").OrNull(), "createddate": db.Number("u.created_date"), "modifieddate": db.Number("u.changed_at"),
}

// ListUsers lists the users of the shop that were not removed, without the super administrator (contract users).
func ListUsers(tx *db.Tx, in *taphoa.UserQuery) (taphoa.Page[taphoa.User], error) {
	list := db.List{
		Table: "users u", Live: "u.deleted_at = 0 AND u.is_admin = FALSE", Columns: userColumns,
		Orders: userOrders,
	}
	list.If(in.LastModifiedFrom.Has(), "u.changed_at >= ?", in.LastModifiedFrom.Value).
		If(in.Name.Has(), `u.search LIKE ? ESCAPE '\'`, db.Contains(in.Name.Value))
	page, err := db.ListPage[taphoa.User](tx, &list, in.Paging)
	if err == nil && in.IncludeRemoveIDs {
		page.RemovedIDs, err = db.Removed(tx, "users", in.LastModifiedFrom, in.Paging)
		page.RemoveIDs = page.RemovedIDs
	}
	return page, err
}

// GetUser returns one user other than the super administrator, or an error if there is no such user.
func GetUser(tx *db.Tx, in *taphoa.ByID) (taphoa.User, error) {
	user, found, err := db.One[taphoa.User](tx, oneUser, in.ID)
	if err == nil && !found {
		err = unknownUser()
	}
	return user, err
}

const oneUser = `SELECT ` + userColumns + ` FROM users u
	WHERE u.retailer_id = :retailer AND u.id = ? AND u.deleted_at = 0 AND u.is_admin = FALSE`

func unknownUser() error {
	return taphoa.NotFound(taphoa.CodeValidate, "Người dùng không tồn tại")
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
	if err := refuseUsedUserName(tx, 0, in.UserName); err != nil {
		return 0, err
	}
	id, err := tx.NewID("users")
	if err != nil {
		return 0, err
	}
	tx.Queue(`
		INSERT INTO users (retailer_id, id, user_name, name_key, given_name, search, address, mobile_phone, email,
			description, birth_date, is_admin, created_date, changed_at)
		VALUES (:retailer, ?, ?, ?, :given_name, ?, :address, :mobile_phone, :email,
			:description, :birth_date, ?, :now, :now)`,
		in, id, text.Clean(in.UserName), text.CodeKey(in.UserName), userSearch(in.GivenName, in.UserName), admin)
	return id, nil
}

func userSearch(givenName, userName string) string { return db.Fold(givenName + " " + userName) }

// refuseUsedUserName refuses a sign-in name that another user of the shop has.
func refuseUsedUserName(tx *db.Tx, id int64, name string) error {
	used, err := NameUsed(tx, "users", text.CodeKey(name), id)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "userName", "Tên đăng nhập %s đã tồn tại", name)
	}
	return err
}

// UpdateUser changes the members of a user that are present, with the refusals of [CreateUser]. The super administrator
// does not exist for it.
func UpdateUser(tx *db.Tx, in *taphoa.UserUpdate) (taphoa.User, error) {
	if err := in.Validate(); err != nil {
		return taphoa.User{}, err
	}
	user, found, err := db.One[taphoa.User](tx, oneUser+` :lock`, in.ID)
	if err == nil && !found {
		err = unknownUser()
	}
	if err != nil {
		return taphoa.User{}, err
	}
	before := user
	user.UserName, user.GivenName = cmp.Or(text.Clean(in.UserName), user.UserName), cmp.Or(in.GivenName, user.GivenName)
	if err := refuseUsedUserName(tx, in.ID, user.UserName); err != nil {
		return taphoa.User{}, err
	}
	replace(&user.Address, in.Address)
	replace(&user.MobilePhone, in.MobilePhone)
	replace(&user.Email, in.Email)
	replace(&user.Description, in.Description)
	replace(&user.BirthDate, in.BirthDate)
	if db.Unchanged(&before, &user) {
		return user, nil
	}
	tx.Queue(`
		UPDATE users SET user_name = :user_name, name_key = ?, given_name = :given_name, search = ?, address = :address,
			mobile_phone = :mobile_phone, email = :email, description = :description, birth_date = :birth_date,
			modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = :id`,
		&user, text.CodeKey(user.UserName), userSearch(user.GivenName, user.UserName))
	return GetUser(tx, &in.ByID)
}

// RemoveUser removes a user, whose name documents keep. The super administrator cannot be removed.
func RemoveUser(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	n, err := tx.Exec(`
		UPDATE users SET deleted_at = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0 AND is_admin = FALSE`, in.ID)
	if err == nil && n == 0 {
		err = unknownUser()
	}
	return taphoa.Message{Message: taphoa.MessageDeleted}, err
}

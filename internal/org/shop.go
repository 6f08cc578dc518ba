package org

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// Shop is one retailer of the database.
type Shop struct {
	RetailerID  int64
	Code        string // the shop name that clients send as the Retailer header
	Name        string
	CreatedDate taphoa.Time
}

const shopColumns = `retailer_id, code, name, created_date`

// CreateShop is [OpenShop] with the names that such users and branches usually have.
func CreateShop(tx *db.Tx, code, name string) (Shop, error) {
	return OpenShop(tx, code, name, &taphoa.UserInput{UserName: "admin", GivenName: "Admin"}, "Chi nhánh trung tâm")
}

// OpenShop opens a shop with its super administrator, who is its owner, its first branch, and the two sale channels that every
// shop has. It returns the shop; tx is from then on in that shop, of that user.
func OpenShop(tx *db.Tx, code, name string, owner *taphoa.UserInput, branch string) (Shop, error) {
	code, name, err := ShopNames(code, name)
	if err != nil {
		return Shop{}, err
	}
	if err := owner.Validate(); err != nil {
		return Shop{}, err
	}
	if _, found, err := FindShop(tx, code); err != nil || found {
		if found {
			err = taphoa.Refuse(taphoa.CodeValidate, "code", "Gian hàng %s đã tồn tại", code)
		}
		return Shop{}, err
	}
	id, err := tx.NewID("retailers")
	if err != nil {
		return Shop{}, err
	}
	shop := Shop{RetailerID: id, Code: code, Name: name, CreatedDate: tx.Now}
	tx.Retailer = id
	tx.Queue(`
		INSERT INTO retailers (retailer_id, code, code_key, name, created_date)
		VALUES (:retailer, ?, ?, ?, :now)`, code, text.CodeKey(code), name)
	admin, err := createUser(tx, owner, true)
	if err != nil {
		return Shop{}, err
	}
	tx.User = admin
	if _, err := CreateBranch(tx, &taphoa.BranchInput{BranchName: branch}); err != nil {
		return Shop{}, err
	}
	for _, name := range []string{"Bán trực tiếp", otherChannel} {
		if _, err := createChannel(tx, &taphoa.SaleChannelInput{Name: name}, true); err != nil {
			return Shop{}, err
		}
	}
	return shop, nil
}

// RenameShop gives the shop of tx another code, for a copy of a shop that clients know by a name of its own.
func RenameShop(tx *db.Tx, code string) error {
	shop, err := GetShop(tx)
	if err != nil {
		return err
	}
	if code, _, err = ShopNames(code, shop.Name); err != nil {
		return err
	}
	if other, found, err := FindShop(tx, code); err != nil || found && other.RetailerID != tx.Retailer {
		if found {
			err = taphoa.Refuse(taphoa.CodeValidate, "code", "Gian hàng %s đã tồn tại", code)
		}
		return err
	}
	tx.Queue(`UPDATE retailers SET code = ?, code_key = ? WHERE retailer_id = :retailer`, code, text.CodeKey(code))
	return nil
}

// ShopNames checks a shop's code and name, and returns them without the spaces around them.
func ShopNames(code, name string) (string, string, error) {
	code, name = text.Clean(code), text.Clean(name)
	if code == "" || strings.ContainsFunc(code, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", "", taphoa.Refuse(taphoa.CodeValidate, "code", "Mã gian hàng chỉ gồm chữ không dấu, chữ số và dấu gạch, ví dụ cobien")
	}
	if name == "" {
		return "", "", taphoa.Refuse(taphoa.CodeValidate, "name", "Tên gian hàng (name) không được để trống")
	}
	return code, name, nil
}

// FindShop finds a shop by its code, in any letter case. It looks at all shops.
func FindShop(tx *db.Tx, code string) (Shop, bool, error) {
	return db.One[Shop](tx.Everywhere(), `SELECT `+shopColumns+` FROM retailers WHERE code_key = ?`,
		text.CodeKey(code))
}

// GetShop returns the shop of tx.
func GetShop(tx *db.Tx) (Shop, error) {
	shop, found, err := db.One[Shop](tx, `SELECT `+shopColumns+` FROM retailers WHERE retailer_id = :retailer`)
	if err == nil && !found {
		err = taphoa.NotFound(taphoa.CodeValidate, "Gian hàng không tồn tại")
	}
	return shop, err
}

// ListShops lists all shops of the database.
func ListShops(tx *db.Tx) ([]Shop, error) {
	return db.All[Shop](tx.Everywhere(), `SELECT `+shopColumns+` FROM retailers ORDER BY retailer_id`)
}

// CountShops counts the shops of the database.
func CountShops(tx *db.Tx) (int64, error) {
	n, _, err := db.One[int64](tx.Everywhere(), `SELECT COUNT(*) FROM retailers`)
	return n, err
}

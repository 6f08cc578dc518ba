package cash

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

const bankAccountColumns = `b.id, b.bank_name, b.account_number, b.description, b.retailer_id, b.modified_date, b.created_date`

// ListBankAccounts lists the shop's bank accounts (contract bankaccounts).
func ListBankAccounts(tx *db.Tx, in *taphoa.BankAccountQuery) (taphoa.Page[taphoa.BankAccount], error) {
	list := db.List{
		Table: "bank_accounts b", Columns: bankAccountColumns, Default: "b.id",
		Orders: map[string]string{
			"name": "b.bank_name", "bankname": "b.bank_name", "accountnumber": "b.account_number",
			"createddate": "b.created_date", "modifieddate": "b.changed_at",
		},
	}
	list.Where("b.retailer_id = :retailer AND b.deleted_at = 0").
		If(in.LastModifiedFrom.Has(), "b.changed_at >= ?", in.LastModifiedFrom.Value)
	page, err := db.ListPage[taphoa.BankAccount](tx, &list, in.Paging)
	if err == nil && in.IncludeRemoveIDs {
		page.RemovedIDs, err = db.Removed(tx, "bank_accounts", in.LastModifiedFrom)
		page.RemoveIDs = page.RemovedIDs
	}
	return page, err
}

// GetBankAccount answers one bank account, or says that it does not exist.
func GetBankAccount(tx *db.Tx, in *taphoa.ByID) (taphoa.BankAccount, error) {
	account, found, err := db.One[taphoa.BankAccount](tx, `
		SELECT `+bankAccountColumns+` FROM bank_accounts b
		WHERE b.retailer_id = :retailer AND b.id = ? AND b.deleted_at = 0`, in.ID)
	if err == nil && !found {
		err = taphoa.NotFound(taphoa.CodeValidate, "Tài khoản ngân hàng không tồn tại")
	}
	return account, err
}

// CreateBankAccount adds a bank account. It refuses a number that another account has.
func CreateBankAccount(tx *db.Tx, in *taphoa.BankAccountInput) (taphoa.BankAccount, error) {
	if err := in.Validate(); err != nil {
		return taphoa.BankAccount{}, err
	}
	number := strings.TrimSpace(in.AccountNumber)
	_, used, err := db.One[int64](tx, `
		SELECT id FROM bank_accounts WHERE retailer_id = :retailer AND account_number = ? AND deleted_at = 0`, number)
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "accountNumber", "Số tài khoản %s (accountNumber) đã tồn tại", number)
	}
	if err != nil {
		return taphoa.BankAccount{}, err
	}
	id, err := tx.NewID("bank_accounts")
	if err != nil {
		return taphoa.BankAccount{}, err
	}
	tx.Queue(`
		INSERT INTO bank_accounts (retailer_id, id, bank_name, account_number, description, created_date, changed_at)
		VALUES (:retailer, ?, ?, ?, :description, :now, :now)`, in, id, strings.TrimSpace(in.BankName), number)
	return GetBankAccount(tx, &taphoa.ByID{ID: id})
}

package cash

import (
	"cmp"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

const bankAccountColumns = `b.id, b.bank_name, b.account_number, b.description, b.retailer_id, b.modified_date, b.created_date`

var bankAccountOrders = db.Orders{
	"name": db.Text("b.bank_name"), "bankname": db.Text("b.bank_name"), "accountnumber": db.Text("b.account_number"),
	"description": db.Long("b.description"), "createddate": db.Number("b.created_date"), "modifieddate": db.Number("b.changed_at"),
}

// ListBankAccounts lists the shop's bank accounts (contract bankaccounts).
func ListBankAccounts(tx *db.Tx, in *taphoa.BankAccountQuery) (taphoa.Page[taphoa.BankAccount], error) {
	list := db.List{
		Table: "bank_accounts b", Live: "b.deleted_at = 0", Columns: bankAccountColumns,
		Orders: bankAccountOrders,
	}
	list.If(in.LastModifiedFrom.Has(), "b.changed_at >= ?", in.LastModifiedFrom.Value)
	page, err := db.ListPage[taphoa.BankAccount](tx, &list, in.Paging)
	if err == nil && in.IncludeRemoveIDs {
		page.RemovedIDs, err = db.Removed(tx, "bank_accounts", in.LastModifiedFrom, in.Paging)
		page.RemoveIDs = page.RemovedIDs
	}
	return page, err
}

// GetBankAccount returns a bank account, or an error if there is no such account.
func GetBankAccount(tx *db.Tx, in *taphoa.ByID) (taphoa.BankAccount, error) {
	return db.Kept(tx, "bank account", in.ID, func(tx *db.Tx) (taphoa.BankAccount, error) {
		account, found, err := db.One[taphoa.BankAccount](tx, oneBankAccount, in.ID)
		if err == nil && !found {
			err = unknownBankAccount()
		}
		return account, err
	})
}

// BankAccounts returns the bank accounts of the shop as payments need them, deleted ones too. They are kept in memory.
func BankAccounts(tx *db.Tx) ([]plan.BankAccount, error) {
	return db.Kept(tx, "bank accounts", 0, func(tx *db.Tx) ([]plan.BankAccount, error) {
		return db.All[plan.BankAccount](tx, `
			SELECT id, bank_name, account_number, deleted_at FROM bank_accounts WHERE retailer_id = :retailer ORDER BY id`)
	})
}

const oneBankAccount = `SELECT ` + bankAccountColumns + ` FROM bank_accounts b
	WHERE b.retailer_id = :retailer AND b.id = ? AND b.deleted_at = 0`

func unknownBankAccount() error {
	return taphoa.NotFound(taphoa.CodeValidate, "Tài khoản ngân hàng không tồn tại")
}

// CreateBankAccount adds a bank account. It refuses a number that another account has.
func CreateBankAccount(tx *db.Tx, in *taphoa.BankAccountInput) (taphoa.BankAccount, error) {
	if err := in.Validate(); err != nil {
		return taphoa.BankAccount{}, err
	}
	number := text.Clean(in.AccountNumber)
	if err := refuseUsedNumber(tx, 0, number); err != nil {
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

// refuseUsedNumber refuses a number that an account of the shop has, other than the one of the id.
func refuseUsedNumber(tx *db.Tx, id int64, number string) error {
	used, err := org.KeyUsed(tx, "bank_accounts", "account_number", number, id, "AND deleted_at = 0")
	if used {
		err = taphoa.Refuse(taphoa.CodeValidate, "accountNumber", "Số tài khoản %s (accountNumber) đã tồn tại", number)
	}
	return err
}

// UpdateBankAccount changes the members of a bank account that are present, with the refusals of [CreateBankAccount].
func UpdateBankAccount(tx *db.Tx, in *taphoa.BankAccountUpdate) (taphoa.BankAccount, error) {
	if err := in.Validate(); err != nil {
		return taphoa.BankAccount{}, err
	}
	account, found, err := db.One[taphoa.BankAccount](tx, oneBankAccount+` :lock`, in.ID)
	if err == nil && !found {
		err = unknownBankAccount()
	}
	if err != nil {
		return taphoa.BankAccount{}, err
	}
	before := account
	account.BankName = cmp.Or(strings.TrimSpace(in.BankName), account.BankName)
	account.AccountNumber = cmp.Or(text.Clean(in.AccountNumber), account.AccountNumber)
	if in.Description.Given() {
		account.Description = in.Description
	}
	if err := refuseUsedNumber(tx, in.ID, account.AccountNumber); err != nil {
		return taphoa.BankAccount{}, err
	}
	if db.Unchanged(&before, &account) {
		return account, nil
	}
	tx.Queue(`
		UPDATE bank_accounts SET bank_name = :bank_name, account_number = :account_number, description = :description,
			modified_date = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = :id`, &account)
	return GetBankAccount(tx, &in.ByID)
}

// DeleteBankAccount ends the use of a bank account. Its receipts, and the money on it, stay in the ledger.
func DeleteBankAccount(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	n, err := tx.Exec(`
		UPDATE bank_accounts SET deleted_at = :now, changed_at = :now
		WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, in.ID)
	if err == nil && n == 0 {
		err = unknownBankAccount()
	}
	return taphoa.Message{Message: taphoa.MessageDeleted}, err
}

package cash

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
)

type (
	// Account is [plan.Account].
	Account = plan.Account
	// DocumentRef is [plan.DocumentRef].
	DocumentRef = plan.DocumentRef
	// Document is [plan.Document].
	Document = plan.Document
	// Posting is [plan.Posting].
	Posting = plan.Posting
	// Receipt is [plan.Receipt].
	Receipt = plan.Receipt
	// UnlinkedEntry is [plan.UnlinkedEntry].
	UnlinkedEntry = plan.UnlinkedEntry
)

// Customer is [plan.Customer].
func Customer(id int64) Account { return plan.Customer(id) }

// Supplier is [plan.Supplier].
func Supplier(id int64) Account { return plan.Supplier(id) }

// Drawer is [plan.Drawer].
func Drawer(branchID int64) Account { return plan.Drawer(branchID) }

// Bank is [plan.Bank].
func Bank(accountID int64) Account { return plan.Bank(accountID) }

// Vouchers is [plan.Vouchers].
func Vouchers(branchID int64) Account { return plan.Vouchers(branchID) }

// Income is [plan.Income].
func Income(branchID int64) Account { return plan.Income(branchID) }

// Purchases is [plan.Purchases].
func Purchases(branchID int64) Account { return plan.Purchases(branchID) }

// Other is [plan.Other].
func Other(branchID int64) Account { return plan.Other(branchID) }

// Debt is what a partner owes the shop; negative when the shop owes.
func Debt(tx *db.Tx, a Account) (taphoa.Money, error) {
	debt, _, err := db.One[taphoa.Money](tx, `
		SELECT balance FROM cash_balances WHERE retailer_id = :retailer AND account_type = ? AND account_id = ?`, a.Type, a.ID)
	return debt, err
}

// Balance is what has come to an account minus what has gone from it: the content of a drawer or a bank account.
func Balance(tx *db.Tx, a Account) (taphoa.Money, error) {
	balance, _, err := db.One[taphoa.Money](tx, `
		SELECT CAST(
			COALESCE((SELECT SUM(amount) FROM cash_postings WHERE retailer_id = :retailer AND to_type = ? AND to_id = ?), 0) -
			COALESCE((SELECT SUM(amount) FROM cash_postings WHERE retailer_id = :retailer AND from_type = ? AND from_id = ?), 0)
		AS BIGINT)`, a.Type, a.ID, a.Type, a.ID)
	return balance, err
}

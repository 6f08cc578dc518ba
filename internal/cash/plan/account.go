package plan

import (
	"cmp"
	"fmt"

	"github.com/taphoa/taphoa"
)

// Account is where money is or by whom it is owed.
type Account struct {
	Type string
	ID   int64
}

// Types of accounts, as the tables have them. Those of partners are the letters of taphoa.PartnerTypes.
const (
	typeCustomer  = taphoa.PartnerCustomer
	typeSupplier  = taphoa.PartnerSupplier
	typeDrawer    = "D"
	typeBank      = "B"
	typeVouchers  = "V"
	typeIncome    = "I"
	typePurchases = "P"
	typeOther     = "O"

	typeAdjustments = "A"
)

// Customer is the debt of a customer; 0 for walk-ins, whose debts are not stored.
func Customer(id int64) Account { return Account{typeCustomer, id} }

// Supplier is what a supplier owes; negative when the shop owes, as it does after a purchase. 0 for an unnamed one, whose
// debts are not stored.
func Supplier(id int64) Account { return Account{typeSupplier, id} }

// Drawer is the cash of a branch.
func Drawer(branchID int64) Account { return Account{typeDrawer, branchID} }

// Bank is a bank account of the shop; 0 when a client did not say which.
func Bank(accountID int64) Account { return Account{typeBank, accountID} }

// Vouchers is the sum of payments by gift vouchers at a branch, less the payments for them.
func Vouchers(branchID int64) Account { return Account{typeVouchers, branchID} }

// Income is what a branch has sold.
func Income(branchID int64) Account { return Account{typeIncome, branchID} }

// Purchases is what a branch has bought.
func Purchases(branchID int64) Account { return Account{typePurchases, branchID} }

// Other is what a branch has earned and spent beside its sales and purchases.
func Other(branchID int64) Account { return Account{typeOther, branchID} }

// Adjustments is what opening balances and adjustments have taken off the debts of partners, less what they have added. It is of the
// whole shop, and neither money nor income or expense: debts are changed by it, and nothing else.
func Adjustments() Account { return Account{typeAdjustments, 0} }

// hasStoredBalance reports whether the account has a row of cash_balances. Drawers, banks and income are summed up when
// asked for: every sale of a branch moves them.
func (a Account) hasStoredBalance() bool {
	return a.ID != 0 && (a.Type == typeCustomer || a.Type == typeSupplier)
}

func (a Account) compare(b Account) int {
	return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
}

// counterAccount is the account to or from which the money of a payment moves.
func counterAccount(method taphoa.PaymentMethod, branchID int64, bankAccountID taphoa.Opt[int64]) (Account, error) {
	switch method {
	case taphoa.MethodCash:
		return Drawer(branchID), nil
	case taphoa.MethodCard, taphoa.MethodTransfer:
		return Bank(bankAccountID.Or(0)), nil
	case taphoa.MethodVoucher:
		return Vouchers(branchID), nil
	}
	return Account{}, fmt.Errorf("no account is known for the payment method %q", method)
}

// Package debt has what concerns the accounts of customers and of suppliers at once: receipts and payments that belong to no
// document and settle what is open, opening balances and adjustments, statements, and debts by age.
//
// Each partner's account has debtor documents and creditor documents ([github.com/taphoa/taphoa/internal/cash]). The invariants,
// in the words of [Check] and of the tests:
//
//  1. totalPayment = Σ payments + Σ allocations
//  2. debt = Σ (total − totalPayment) of debtor documents − deposits − credit
//
// It owns no table but that of opening balances and adjustments. What a document is paid is written by those who own it.
package debt

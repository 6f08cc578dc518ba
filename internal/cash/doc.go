// Package cash is the money ledger: debts of partners, and balances of drawers and bank accounts.
//
// Money moves from an account to an account. Accounts are customers and suppliers (their debts), branches' drawers, bank
// accounts, the income, the purchases and the other business of a branch, and adjustments of debts. An invoice moves its total from income to
// the customer, a receipt moves money from the customer to a drawer or a bank; a purchase moves its total from the supplier
// to purchases, a payment moves money from a drawer or a bank to the supplier. Rent and the like move money
// between a drawer or a bank and the other business. Nothing is deleted: a posting that is no longer valid is reversed. Those
// of a customer who is merged into another become that one's, so that their documents can be changed and voided as before.
//
// The invariants, in the words of [Check] and of the property test:
//
//  1. conservation: what left all accounts equals what entered them
//  2. projection: a partner's debt is what came to the account minus what went from it
//  3. once: a document posts each line of a step at most once
//  4. receipts: a paid receipt has moved its amount, a voided one nothing
//  5. adjustments: a valid adjustment has moved its debt, a void one nothing
//  6. cash book: drawers and bank accounts hold what the entries of the cash book come to
//
// Receipts and payments in money are together the cash book ([ListCashFlow]): a payment by voucher is one of its document, and
// moves an account of its own. An entry that belongs to no document is created by [CreateCashFlow].
//
// An operation asks ([Ask]), plans (package plan), and saves ([Save]). The functions that do all three for one posting or
// one payment, such as [Receive], are for operations that do not plan as a whole.
//
// It owns the tables bank_accounts, surcharges, payments, cash_flow_groups, debt_adjustments, cash_postings and cash_balances.
package cash

package cash

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
)

// olderMax is how many accounts that are not allocated yet a shop keeps in memory. Where there are more, each is looked up.
const olderMax = 10_000

// unallocatedRow is a row of unallocated_partners: an account whose money is not allocated yet.
type unallocatedRow struct {
	AccountType string
	AccountID   int64
	Differs     taphoa.Money // what its documents come to more than its debt: it is left as it is
}

// Older says how much was allocated of what earlier versions have written.
type Older struct {
	Documents int // that were read
	Changed   int // whose totalPayment is another one than before
	Left      int // partners who are left as they are, because their documents do not come to their debt
}

// Add adds another one.
func (o *Older) Add(more Older) {
	o.Documents, o.Changed, o.Left = o.Documents+more.Documents, o.Changed+more.Changed, o.Left+more.Left
}

// unallocated are the accounts of a shop that are not allocated yet, from memory. Some of them may have been since.
func unallocated(tx *db.Tx) (map[Account]bool, error) {
	return db.Kept(tx, "unallocated partners", 0, func(tx *db.Tx) (map[Account]bool, error) {
		rows, err := db.All[Account](tx, `
			SELECT account_type AS type, account_id AS id FROM unallocated_partners
			WHERE retailer_id = :retailer AND differs = 0 ORDER BY account_type, account_id LIMIT ?`, int64(olderMax+1))
		accounts := make(map[Account]bool, len(rows))
		for _, a := range rows {
			accounts[a] = true
		}
		return accounts, err
	})
}

// IsOlder reports whether the money of an account is to be allocated before it changes. It is known from memory for a shop
// whose accounts are all allocated; else it may take a SELECT.
func IsOlder(tx *db.Tx, a Account) (bool, error) {
	kept, err := unallocated(tx)
	if err != nil || len(kept) <= olderMax && !kept[a] {
		return false, err
	}
	_, found, err := db.One[int64](tx, `
		SELECT account_id FROM unallocated_partners
		WHERE retailer_id = :retailer AND account_type = ? AND account_id = ? AND differs = 0`, a.Type, a.ID)
	return found, err
}

// PartnerOf is the account that a row of a table such as payments names, in a shop with accounts that are not allocated yet; none in
// other shops.
func PartnerOf(tx *db.Tx, table string, id int64) (Account, error) {
	kept, err := unallocated(tx)
	if err != nil || len(kept) == 0 {
		return Account{}, err
	}
	a, _, err := db.One[Account](tx, `
		SELECT partner_type AS type, partner_id AS id FROM `+table+` WHERE retailer_id = :retailer AND id = ?`, id)
	return a, err
}

// OlderAccounts returns accounts of a shop whose money is not allocated yet, after one, at most some. again has those that were left as
// they are, too.
func OlderAccounts(tx *db.Tx, after Account, again bool, some int64) ([]Account, error) {
	left := " AND differs = 0"
	if again {
		left = ""
	}
	return db.All[Account](tx, `
		SELECT account_type AS type, account_id AS id FROM unallocated_partners
		WHERE retailer_id = :retailer AND account_id <> 0 AND (account_type > ? OR account_type = ? AND account_id > ?)`+left+`
		ORDER BY account_type, account_id LIMIT ?`, after.Type, after.Type, after.ID, some)
}

// AskOlder adds to a batch the payments and adjustments of an account whose money is not allocated yet, and its balance. The
// function that it returns gives them once the batch has run.
func AskOlder(b *db.Batch, a Account) func() plan.OlderAccount {
	type adjustment struct {
		DocumentID  int64
		Amount      taphoa.Money
		EffectiveAt taphoa.Time
	}
	balance := db.Want[taphoa.Money](b, `
		SELECT balance FROM cash_balances WHERE retailer_id = :retailer AND account_type = ? AND account_id = ?`, a.Type, a.ID)
	payments := db.Want[plan.PaymentRow](b, `
		SELECT `+paymentColumns+` FROM payments p
		WHERE p.retailer_id = :retailer AND p.status = 0 AND p.id IN (
			SELECT c.document_id FROM cash_postings c
			WHERE c.retailer_id = :retailer AND c.from_type = ? AND c.from_id = ? AND c.kind = 'payment'
			UNION
			SELECT c.document_id FROM cash_postings c
			WHERE c.retailer_id = :retailer AND c.to_type = ? AND c.to_id = ? AND c.kind = 'payment')`, a.Type, a.ID, a.Type, a.ID)
	adjustments := db.Want[adjustment](b, `
		SELECT document_id, CAST(SUM(amount) AS BIGINT) AS amount, MIN(effective_at) AS effective_at FROM (
			SELECT document_id, -amount AS amount, effective_at FROM cash_postings
			WHERE retailer_id = :retailer AND from_type = ? AND from_id = ? AND kind = 'adjustment'
			UNION ALL
			SELECT document_id, amount, effective_at FROM cash_postings
			WHERE retailer_id = :retailer AND to_type = ? AND to_id = ? AND kind = 'adjustment'
		) t GROUP BY document_id HAVING SUM(amount) <> 0`, a.Type, a.ID, a.Type, a.ID)
	return func() plan.OlderAccount {
		f := plan.OlderAccount{Account: a}
		f.Balance, _ = balance.One()
		for _, p := range payments.All() {
			if p.PaysAccount(a) {
				f.Payments = append(f.Payments, p)
			}
		}
		for _, row := range adjustments.All() {
			f.Documents = append(f.Documents, plan.OlderAdjustment(a, row.DocumentID, row.Amount, row.EffectiveAt))
		}
		return f
	}
}

// OlderPayments adds to a batch the payments of those without a name for orders, invoices and returns.
func OlderPayments(b *db.Batch, orders, invoices, returns []int64) *db.Rows[plan.PaymentRow] {
	return db.Want[plan.PaymentRow](b, `
		SELECT `+paymentColumns+` FROM payments p
		WHERE p.retailer_id = :retailer AND p.status = 0 AND p.partner_type = 'C' AND p.partner_id = 0
			AND p.used_for_financial_reporting = 0 AND p.voucher_campaign_id IS NULL
			AND (p.order_id IN ? OR p.invoice_id IN ? OR p.return_id IN ?)`, append(orders, 0), append(invoices, 0), append(returns, 0))
}

// SaveOlder writes the money of an account that was allocated, without events: nothing that anybody owes has changed. An account
// whose documents do not come to its balance is left as it is.
func SaveOlder(tx *db.Tx, a Account, c *plan.OlderChanges) {
	if c.Differs != 0 {
		stored := unallocatedRow{AccountType: a.Type, AccountID: a.ID}
		row := stored
		row.Differs = c.Differs
		db.Update(tx, "unallocated_partners", &stored, &row, "account_type", "account_id")
		return
	}
	write(tx, &c.Changes)
	if a.ID != 0 {
		EndOlder(tx, a)
	}
}

// EndOlder notes that the money of an account is allocated. For Customer(0) it is when that of all without a name is.
func EndOlder(tx *db.Tx, a Account) {
	tx.Queue(`DELETE FROM unallocated_partners WHERE retailer_id = :retailer AND account_type = ? AND account_id = ?`, a.Type, a.ID)
}

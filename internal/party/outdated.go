package party

import "github.com/taphoa/taphoa/internal/db"

// outdated are the statements that find partners which earlier versions kept and today's rules would not: what they are,
// and their codes.
var outdated = []db.Finding{
	{What: "deleted customers with a debt or a credit", SQL: `
		SELECT c.code FROM customers c JOIN cash_balances b ON b.retailer_id = :retailer AND b.account_type = 'C' AND b.account_id = c.id
		WHERE c.retailer_id = :retailer AND c.deleted_at <> 0 AND b.balance <> 0 ORDER BY c.id`},
	{What: "customers with the contact number of another", SQL: `
		SELECT c.code FROM customers c WHERE c.retailer_id = :retailer AND c.deleted_at = 0 AND c.key_scope < 0 AND EXISTS (
			SELECT 1 FROM customers o
			WHERE o.retailer_id = :retailer AND o.deleted_at = 0 AND o.phone_key = c.phone_key AND o.phone_key <> '' AND o.id <> c.id)
		ORDER BY c.id`},
	{What: "deleted suppliers with a debt or a credit", SQL: `
		SELECT s.code FROM suppliers s JOIN cash_balances b ON b.retailer_id = :retailer AND b.account_type = 'S' AND b.account_id = s.id
		WHERE s.retailer_id = :retailer AND s.deleted_at <> 0 AND b.balance <> 0 ORDER BY s.id`},
}

// Outdated returns a line for each kind of partners which earlier versions kept and today's rules would not.
func Outdated(tx *db.Tx) ([]string, error) { return db.Findings(tx, outdated) }

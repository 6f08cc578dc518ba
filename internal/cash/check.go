package cash

import (
	"fmt"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// invariants are the statements that find what breaks each invariant: whose, and the two numbers that differ.
var invariants = []struct{ name, sql string }{
	{"conservation: a posting moves a positive amount between two different accounts", `
		SELECT document_id, amount, 0 FROM cash_postings
		WHERE retailer_id = :retailer AND (amount <= 0 OR from_type = to_type AND from_id = to_id)`},
	{"projection: a partner's debt is what came to the account minus what went from it", `
		SELECT id, CAST(SUM(stored) AS BIGINT), CAST(SUM(moved) AS BIGINT) FROM (
			SELECT account_type AS kind, account_id AS id, balance AS stored, 0 AS moved FROM cash_balances
			WHERE retailer_id = :retailer
			UNION ALL
			SELECT to_type, to_id, 0, amount FROM cash_postings
			WHERE retailer_id = :retailer AND to_type IN ('C', 'S') AND to_id <> 0
			UNION ALL
			SELECT from_type, from_id, 0, -amount FROM cash_postings
			WHERE retailer_id = :retailer AND from_type IN ('C', 'S') AND from_id <> 0
		) t GROUP BY kind, id HAVING SUM(stored) <> SUM(moved)`},
	{"receipts: a paid receipt has moved its amount, a voided one nothing", `
		SELECT id, CAST(SUM(amount) AS BIGINT), CAST(SUM(moved) AS BIGINT) FROM (
			SELECT id, CASE WHEN status = 0 THEN amount ELSE 0 END AS amount, 0 AS moved FROM payments
			WHERE retailer_id = :retailer AND history_origin IS NULL
			UNION ALL
			SELECT document_id, 0, CASE WHEN to_type IN ('D', 'B', 'V') THEN amount ELSE -amount END FROM cash_postings
			WHERE retailer_id = :retailer AND kind = 'payment'
		) t GROUP BY id HAVING SUM(amount) <> SUM(moved)`},
	{"adjustments: a valid adjustment has moved its debt, a void one nothing", `
		SELECT id, CAST(SUM(debt) AS BIGINT), CAST(SUM(moved) AS BIGINT) FROM (
			SELECT id, CASE WHEN status = 1 THEN debt ELSE 0 END AS debt, 0 AS moved FROM debt_adjustments
			WHERE retailer_id = :retailer
			UNION ALL
			SELECT document_id, 0, CASE WHEN to_type = 'C' OR from_type = 'S' THEN amount ELSE -amount END FROM cash_postings
			WHERE retailer_id = :retailer AND kind = 'adjustment'
		) t GROUP BY id HAVING SUM(debt) <> SUM(moved)`},
	{"cash book: drawers and bank accounts hold what the entries of the cash book come to", `
		SELECT id, CAST(SUM(entered) AS BIGINT), CAST(SUM(held) AS BIGINT) FROM (
			SELECT CASE WHEN p.method = 'Cash' THEN 'D' ELSE 'B' END AS type,
				CASE WHEN p.method = 'Cash' THEN p.branch_id ELSE COALESCE(p.account_id, 0) END AS id, p.amount AS entered, 0 AS held
			FROM payments p WHERE p.retailer_id = :retailer AND p.status = 0 AND p.history_origin IS NULL AND ` + cashBook + `
			UNION ALL
			SELECT to_type, to_id, 0, amount FROM cash_postings WHERE retailer_id = :retailer AND to_type IN ('D', 'B')
			UNION ALL
			SELECT from_type, from_id, 0, -amount FROM cash_postings WHERE retailer_id = :retailer AND from_type IN ('D', 'B')
		) t GROUP BY type, id HAVING SUM(entered) <> SUM(held)`},
}

// Check looks for what breaks the invariants of the package comment and returns one line for each finding. Invariant 3
// is the primary key of cash_postings.
func Check(tx *db.Tx) ([]string, error) {
	var findings []string
	for _, i := range invariants {
		err := tx.Each(func(row db.Row) error {
			findings = append(findings, fmt.Sprintf("%s: %d: %v and %v", i.name, row.Int64(0),
				taphoa.Money(row.Int64(1)), taphoa.Money(row.Int64(2))))
			return nil
		}, i.sql)
		if err != nil {
			return nil, err
		}
	}
	return findings, nil
}

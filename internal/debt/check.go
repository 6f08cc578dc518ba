package debt

import (
	"fmt"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// allocated limits rows g of an account to partners whose money is allocated; those without a name have the account 0.
const allocated = `NOT EXISTS (SELECT 1 FROM unallocated_partners u
	WHERE u.retailer_id = :retailer AND u.account_type = g.type AND u.account_id = g.account)`

// paidSums has a row for the totalPayment of each document, and one for each payment and allocation that it consists of. Of returns
// that is money alone. What was paid for an order, or for a draft of a purchase, counts there wholly until it pays an invoice.
const paidSums = `
	SELECT 'C' AS type, COALESCE(customer_id, 0) AS account, 'invoice' AS kind, id, total_payment AS shown, 0 AS paid
	FROM invoices WHERE retailer_id = :retailer AND NOT history
	UNION ALL
	SELECT 'C', COALESCE(customer_id, 0), 'return', id, total_payment, 0 FROM returns WHERE retailer_id = :retailer AND NOT history
	UNION ALL
	SELECT 'C', COALESCE(customer_id, 0), 'order', id, total_payment, 0 FROM orders WHERE retailer_id = :retailer AND NOT history
	UNION ALL
	SELECT 'S', COALESCE(supplier_id, 0), 'purchase', id, total_payment, 0 FROM purchase_orders WHERE retailer_id = :retailer AND NOT history
	UNION ALL
	SELECT '', 0, 'invoice', invoice_id, 0, applied FROM payments
	WHERE retailer_id = :retailer AND status = 0 AND invoice_id IS NOT NULL
	UNION ALL
	SELECT '', 0, 'return', return_id, 0, -applied FROM payments
	WHERE retailer_id = :retailer AND status = 0 AND return_id IS NOT NULL
	UNION ALL
	SELECT '', 0, 'order', order_id, 0, CASE WHEN invoice_id IS NULL THEN amount ELSE applied END FROM payments
	WHERE retailer_id = :retailer AND status = 0 AND order_id IS NOT NULL
	UNION ALL
	SELECT '', 0, 'purchase', p.purchase_id, 0, CASE WHEN d.status = 1 THEN -p.amount ELSE -p.applied END FROM payments p
	JOIN purchase_orders d ON d.retailer_id = :retailer AND d.id = p.purchase_id
	WHERE p.retailer_id = :retailer AND p.status = 0
	UNION ALL
	SELECT '', 0, debtor_kind, debtor_id, 0, amount FROM allocations
	WHERE retailer_id = :retailer AND ended_at = 0 AND debtor_kind IN ('invoice', 'purchase')
	UNION ALL
	SELECT '', 0, creditor_kind, creditor_id, 0, amount FROM allocations
	WHERE retailer_id = :retailer AND ended_at = 0 AND creditor_kind = 'return' AND debtor_kind = 'payment'`

// leftOpen has rows whose sum is what each document leaves open: positive of a debtor document, negative of credit. A payment is a
// deposit, and no credit, while its order or draft is open; a voucher never is credit.
const leftOpen = `
	SELECT 'C' AS type, COALESCE(customer_id, 0) AS account, 'invoice' AS kind, id,
		CASE WHEN goods_returned THEN 0 ELSE total END - total_payment AS amount, 0 AS deposit
	FROM invoices WHERE retailer_id = :retailer AND NOT history
	UNION ALL
	SELECT 'C', COALESCE(customer_id, 0), 'return', id, total_payment - CASE WHEN status = 2 THEN 0 ELSE return_total END, 0
	FROM returns WHERE retailer_id = :retailer AND NOT history
	UNION ALL
	SELECT 'S', COALESCE(supplier_id, 0), 'purchase', id, CASE WHEN status = 3 THEN total ELSE 0 END - total_payment, 0
	FROM purchase_orders WHERE retailer_id = :retailer AND NOT history AND status <> 1
	UNION ALL
	SELECT p.partner_type, p.partner_id, 'payment', p.id,
		CASE WHEN p.partner_type = 'C' THEN p.applied - p.amount ELSE p.amount - p.applied END,
		CASE WHEN p.order_id IS NOT NULL AND p.invoice_id IS NULL OR p.voucher_id IS NOT NULL OR d.id IS NOT NULL THEN 1 ELSE 0 END
	FROM payments p
	LEFT JOIN purchase_orders d ON d.retailer_id = :retailer AND d.id = p.purchase_id AND d.status = 1
	WHERE p.retailer_id = :retailer AND p.status = 0 AND p.history_origin IS NULL AND p.partner_type IN ('C', 'S')
		AND p.used_for_financial_reporting = 0 AND p.voucher_campaign_id IS NULL
	UNION ALL
	SELECT to_type, to_id, kind, document_id, CASE WHEN to_type = 'C' THEN amount ELSE -amount END, 0
	FROM cash_postings WHERE retailer_id = :retailer AND kind = 'adjustment' AND to_type IN ('C', 'S')
	UNION ALL
	SELECT from_type, from_id, kind, document_id, CASE WHEN from_type = 'C' THEN -amount ELSE amount END, 0
	FROM cash_postings WHERE retailer_id = :retailer AND kind = 'adjustment' AND from_type IN ('C', 'S')
	UNION ALL
	SELECT account_type, account_id, creditor_kind, creditor_id, amount, 0 FROM allocations
	WHERE retailer_id = :retailer AND ended_at = 0 AND NOT (creditor_kind = 'return' AND debtor_kind = 'payment')
	UNION ALL
	SELECT account_type, account_id, debtor_kind, debtor_id, -amount, 0 FROM allocations
	WHERE retailer_id = :retailer AND ended_at = 0 AND debtor_kind NOT IN ('invoice', 'purchase')`

// invariants are the statements that find what breaks each invariant: whose, and the two numbers that differ.
var invariants = []struct{ name, sql string }{
	{"totalPayment = Σ payments + Σ allocations", `
		SELECT g.kind, g.id, g.shown, g.paid FROM (
			SELECT MAX(type) AS type, MAX(account) AS account, kind, id, CAST(SUM(shown) AS BIGINT) AS shown, CAST(SUM(paid) AS BIGINT) AS paid
			FROM (` + paidSums + `) t GROUP BY kind, id
		) g WHERE g.shown <> g.paid AND ` + allocated},
	{"debt = Σ (total − totalPayment) of debtor documents − deposits − credit", `
		SELECT g.type, g.account, g.debt, g.documents FROM (
			SELECT type, account, CAST(SUM(debt) AS BIGINT) AS debt, CAST(SUM(amount) AS BIGINT) AS documents FROM (
				SELECT account_type AS type, account_id AS account, CASE WHEN account_type = 'C' THEN balance ELSE -balance END AS debt, 0 AS amount
				FROM cash_balances WHERE retailer_id = :retailer
				UNION ALL
				SELECT type, account, 0, amount FROM (` + leftOpen + `) d WHERE account <> 0
			) t GROUP BY type, account
		) g WHERE g.debt <> g.documents AND ` + allocated},
	{"open items: a document's is what it leaves open, without deposits and vouchers", `
		SELECT g.kind, g.id, g.stored, g.amount FROM (
			SELECT type, account, kind, id, CAST(SUM(stored) AS BIGINT) AS stored, CAST(SUM(amount) AS BIGINT) AS amount, MAX(deposit) AS deposit
			FROM (
				SELECT type, account, kind, id, amount, deposit, 0 AS stored FROM (` + leftOpen + `) d WHERE account <> 0
				UNION ALL
				SELECT account_type, account_id, kind, document_id, 0, 0, open_amount FROM open_items WHERE retailer_id = :retailer
			) t GROUP BY type, account, kind, id
		) g WHERE (g.deposit = 0 AND g.stored <> g.amount OR g.deposit = 1 AND (g.stored > 0 OR g.stored < g.amount)) AND ` + allocated},
	{"payments: none pays more than its amount, a voided one nothing", `
		SELECT 'payment', g.id, g.amount, g.spent FROM (
			SELECT id, MAX(type) AS type, MAX(account) AS account, CAST(SUM(amount) AS BIGINT) AS amount, CAST(SUM(spent) AS BIGINT) AS spent FROM (
				SELECT id, partner_type AS type, partner_id AS account,
					CASE WHEN status <> 0 THEN 0 WHEN amount < 0 THEN -amount ELSE amount END AS amount,
					CASE WHEN amount < 0 THEN -applied ELSE applied END AS spent
				FROM payments WHERE retailer_id = :retailer
				UNION ALL
				SELECT creditor_id, '', 0, 0, amount FROM allocations WHERE retailer_id = :retailer AND ended_at = 0 AND creditor_kind = 'payment'
				UNION ALL
				SELECT debtor_id, '', 0, 0, amount FROM allocations WHERE retailer_id = :retailer AND ended_at = 0 AND debtor_kind = 'payment'
			) t GROUP BY id
		) g WHERE (g.spent < 0 OR g.spent > g.amount) AND ` + allocated},
	{"credit: none stands beside a document that is open", `
		SELECT g.type, g.account, g.credit, g.due FROM (
			SELECT account_type AS type, account_id AS account,
				CAST(SUM(CASE WHEN open_amount < 0 THEN -open_amount ELSE 0 END) AS BIGINT) AS credit,
				CAST(SUM(CASE WHEN open_amount > 0 AND open_amount > held_amount
					THEN open_amount - CASE WHEN held_amount > 0 THEN held_amount ELSE 0 END ELSE 0 END) AS BIGINT) AS due
			FROM open_items WHERE retailer_id = :retailer GROUP BY account_type, account_id
		) g WHERE g.credit > 0 AND g.due > 0 AND ` + allocated},
}

// Check looks for what breaks the invariants of the package comment, and returns one line for each finding. Partners whose money is
// not allocated yet are left out: [Unallocated] has them.
func Check(tx *db.Tx) ([]string, error) {
	var findings []string
	for _, i := range invariants {
		err := tx.Each(func(row db.Row) error {
			findings = append(findings, fmt.Sprintf("%s: %s %d: %v and %v", i.name, row.Text(0), row.Int64(1),
				taphoa.Money(row.Int64(2)), taphoa.Money(row.Int64(3))))
			return nil
		}, i.sql)
		if err != nil {
			return nil, err
		}
	}
	return findings, nil
}

// LeftPartner is a partner who was left as an earlier version had him, because his documents do not come to his debt.
type LeftPartner struct {
	AccountType, Code string
	Differs           taphoa.Money // what the documents come to more than the debt
}

// Unallocated returns how many partners of the shop are not allocated yet, and those who are left as they are.
func Unallocated(tx *db.Tx) (waiting int64, left []LeftPartner, err error) {
	waiting, _, err = db.One[int64](tx, `SELECT COUNT(*) FROM unallocated_partners WHERE retailer_id = :retailer AND account_id <> 0 AND differs = 0`)
	if err == nil {
		left, err = db.All[LeftPartner](tx, `
			SELECT u.account_type, COALESCE(c.code, s.code, '') AS code, u.differs FROM unallocated_partners u
			LEFT JOIN customers c ON c.retailer_id = :retailer AND u.account_type = 'C' AND c.id = u.account_id
			LEFT JOIN suppliers s ON s.retailer_id = :retailer AND u.account_type = 'S' AND s.id = u.account_id
			WHERE u.retailer_id = :retailer AND u.differs <> 0 ORDER BY u.account_type, u.account_id`)
	}
	return waiting, left, err
}

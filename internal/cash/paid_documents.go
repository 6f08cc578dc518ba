package cash

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
)

// paidDocument is a document that an entry of the cash book pays, or is paid out of.
type paidDocument struct {
	PaymentID int64
	Kind      string
	ID        int64
	Code      string
	Amount    taphoa.Money
	Rank      int64
}

// fillDocuments adds to entries the documents that they pay, as [plan.Ledger.ShownDocuments] does.
func fillDocuments(tx *db.Tx, entries []taphoa.CashFlow) error {
	var ids, deposits []int64
	at := map[int64]*taphoa.CashFlow{}
	for i := range entries {
		e := &entries[i]
		if e.Status != taphoa.PaymentPaid {
			continue
		}
		at[e.ID], ids = e, append(ids, e.ID)
		if e.Origin == "Order" {
			deposits = append(deposits, e.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	b := tx.Batch()
	rows := db.Want[paidDocument](b, `
		SELECT p.id AS payment_id,
			CASE WHEN p.purchase_id IS NOT NULL THEN 'purchase' WHEN p.return_id IS NOT NULL THEN 'return' ELSE 'invoice' END AS kind,
			COALESCE(p.purchase_id, p.return_id, p.invoice_id) AS id, COALESCE(u.code, r.code, i.code, '') AS code,
			ABS(p.applied) AS amount, 0 AS rank
		FROM payments p
		LEFT JOIN purchase_orders u ON u.retailer_id = :retailer AND u.id = p.purchase_id
		LEFT JOIN returns r ON r.retailer_id = :retailer AND r.id = p.return_id
		LEFT JOIN invoices i ON i.retailer_id = :retailer AND i.id = p.invoice_id
		WHERE p.retailer_id = :retailer AND p.id IN ? AND p.applied <> 0
		UNION ALL
		SELECT a.creditor_id, a.debtor_kind, a.debtor_id, a.debtor_code, a.amount, a.id FROM allocations a
		WHERE a.retailer_id = :retailer AND a.creditor_kind = 'payment' AND a.creditor_id IN ? AND a.ended_at = 0
		UNION ALL
		SELECT a.debtor_id, a.creditor_kind, a.creditor_id, a.creditor_code, a.amount, a.id FROM allocations a
		WHERE a.retailer_id = :retailer AND a.debtor_kind = 'payment' AND a.debtor_id IN ? AND a.ended_at = 0
		ORDER BY payment_id, rank`, ids, ids, ids)
	var orders *db.Rows[paidDocument]
	if len(deposits) > 0 {
		orders = db.Want[paidDocument](b, `
			SELECT p.id AS payment_id, 'order' AS kind, o.id, o.code, p.amount + COALESCE(i.open_amount, 0) AS amount, 0 AS rank
			FROM payments p
			JOIN orders o ON o.retailer_id = :retailer AND o.id = p.order_id
			LEFT JOIN open_items i ON i.retailer_id = :retailer AND i.account_type = p.partner_type AND i.account_id = p.partner_id
				AND i.kind = 'payment' AND i.document_id = p.id
			WHERE p.retailer_id = :retailer AND p.id IN ?`, deposits)
	}
	if err := b.Run(); err != nil {
		return err
	}
	used := map[int64]taphoa.Money{}
	add := func(r *paidDocument, amount taphoa.Money) {
		used[r.PaymentID] += amount
		e := at[r.PaymentID]
		e.Documents = append(e.Documents, taphoa.PaidDocument{Type: plan.DocumentType(r.Kind), ID: r.ID, Code: r.Code, Amount: amount})
	}
	for _, r := range rows.All() {
		add(&r, r.Amount)
	}
	for _, r := range orders.All() {
		if left := r.Amount - used[r.PaymentID]; left > 0 {
			add(&r, left)
		}
	}
	return nil
}

package cash

import (
	"slices"
	"strings"

	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
)

// Question is what an operation depends on in the money ledger.
type Question struct {
	Orders, Invoices, Returns, Purchases []int64 // whose payments count
	PaymentIDs                           []int64
	Documents                            []plan.DocumentRef // whose postings so far count: those that have made steps
	Accounts                             []plan.Account     // whose open items count
}

var (
	paymentColumns = db.Columns[plan.PaymentRow]("p")
	postingColumns = db.Columns[plan.PostingRow]("c")

	allocationColumns = db.Columns[plan.AllocationRow]("a")
)

// Ask adds a question to a batch: one statement for payments, with them one for allocations, one for postings, one for open
// items, none where nothing is asked for. The function that it returns builds the ledger, after the batch has run. Bank
// accounts are kept in memory.
func Ask(tx *db.Tx, b *db.Batch, q Question) func() (*plan.Ledger, error) {
	accounts, err := BankAccounts(tx)
	payments := askPayments(b, &q)
	postings := askPostings(b, q.Documents)
	allocations, items := askAllocations(b, &q), askOpenItems(b, q.Accounts)
	ctx := tx.PlanContext()
	return func() (*plan.Ledger, error) {
		if err != nil {
			return nil, err
		}
		paid, err := withCredit(tx, payments.All(), items.All())
		if err != nil {
			return nil, err
		}
		return plan.NewLedger(&ctx, plan.Facts{
			Payments: paid, Documents: q.Documents, Postings: postings.All(), BankAccounts: accounts,
			Accounts: q.Accounts, OpenItems: items.All(), Allocations: allocations.All(),
		}), nil
	}
}

func askPayments(b *db.Batch, q *Question) *db.Rows[plan.PaymentRow] {
	var (
		conditions []string
		args       []any
	)
	for _, c := range []struct {
		sql string
		ids []int64
	}{
		{"p.order_id IN ?", q.Orders},
		{"p.invoice_id IN ?", q.Invoices},
		{"p.return_id IN ?", q.Returns},
		{"p.purchase_id IN ?", q.Purchases},
		{"p.id IN ?", q.PaymentIDs},
	} {
		if len(c.ids) > 0 {
			conditions, args = append(conditions, c.sql), append(args, c.ids)
		}
	}
	for i, ids := range [...][]int64{q.Invoices, q.Returns, q.Purchases} {
		kind := [...]string{"invoice", "return", "purchase"}[i]
		if len(ids) > 0 { // and those that pay them although they were not booked for them
			conditions = append(conditions, `p.id IN (SELECT a.creditor_id FROM allocations a
				WHERE a.retailer_id = :retailer AND a.debtor_kind = ? AND a.debtor_id IN ? AND a.creditor_kind = 'payment' AND a.ended_at = 0)`,
				`p.id IN (SELECT a.debtor_id FROM allocations a
				WHERE a.retailer_id = :retailer AND a.creditor_kind = ? AND a.creditor_id IN ? AND a.debtor_kind = 'payment' AND a.ended_at = 0)`)
			args = append(args, kind, ids, kind, ids)
		}
	}
	if len(conditions) == 0 {
		return nil
	}
	return db.Want[plan.PaymentRow](b, `
		SELECT `+paymentColumns+` FROM payments p
		WHERE p.retailer_id = :retailer AND (`+strings.Join(conditions, " OR ")+`)`, args...)
}

func askPostings(b *db.Batch, documents []plan.DocumentRef) *db.Rows[plan.PostingRow] {
	var (
		conditions []string
		args       []any
	)
	for _, d := range documents {
		conditions, args = append(conditions, "c.kind = ? AND c.document_id = ?"), append(args, d.Kind, d.ID)
	}
	if len(conditions) == 0 {
		return nil
	}
	return db.Want[plan.PostingRow](b, `
		SELECT `+postingColumns+` FROM cash_postings c
		WHERE c.retailer_id = :retailer AND (`+strings.Join(conditions, " OR ")+`)`, args...)
}

// withCredit adds the payments that are open items to those that were asked for: the documents which they come to pay show them. It
// reads only where a partner has such credit.
func withCredit(tx *db.Tx, payments []plan.PaymentRow, items []plan.OpenItemRow) ([]plan.PaymentRow, error) {
	var ids []int64
	for i := range items {
		known := func(p plan.PaymentRow) bool { return p.ID == items[i].DocumentID }
		if items[i].Kind == "payment" && !slices.ContainsFunc(payments, known) {
			ids = append(ids, items[i].DocumentID)
		}
	}
	if len(ids) == 0 {
		return payments, nil
	}
	more, err := db.All[plan.PaymentRow](tx, `
		SELECT `+paymentColumns+` FROM payments p WHERE p.retailer_id = :retailer AND p.id IN ?`, ids)
	return slices.Concat(payments, more), err
}

// askAllocations asks for the valid allocations of the documents whose payments are asked for, and of those payments.
func askAllocations(b *db.Batch, q *Question) *db.Rows[plan.AllocationRow] {
	var (
		conditions []string
		args       []any
	)
	add := func(kind, column string, ids []int64) {
		if len(ids) == 0 {
			return
		}
		if kind != "" { // orders are settled by nothing
			conditions = append(conditions, "a.creditor_kind = ? AND a.creditor_id IN ?", "a.debtor_kind = ? AND a.debtor_id IN ?")
			args = append(args, kind, ids, kind, ids)
		}
		if column != "" {
			payments := "(SELECT p.id FROM payments p WHERE p.retailer_id = :retailer AND p." + column + " IN ?)"
			conditions = append(conditions, "a.creditor_kind = 'payment' AND a.creditor_id IN "+payments, "a.debtor_kind = 'payment' AND a.debtor_id IN "+payments)
			args = append(args, ids, ids)
		}
	}
	add("", "order_id", q.Orders)
	add("invoice", "invoice_id", q.Invoices)
	add("return", "return_id", q.Returns)
	add("purchase", "purchase_id", q.Purchases)
	add("payment", "", q.PaymentIDs)
	if len(conditions) == 0 {
		return nil
	}
	return db.Want[plan.AllocationRow](b, `
		SELECT `+allocationColumns+` FROM allocations a
		WHERE a.retailer_id = :retailer AND a.ended_at = 0 AND (`+strings.Join(conditions, " OR ")+`) ORDER BY a.id`, args...)
}

func askOpenItems(b *db.Batch, accounts []plan.Account) *db.Rows[plan.OpenItemRow] {
	var (
		conditions []string
		args       []any
	)
	for _, a := range accounts {
		if a.ID != 0 {
			conditions, args = append(conditions, "o.account_type = ? AND o.account_id = ?"), append(args, a.Type, a.ID)
		}
	}
	if len(conditions) == 0 {
		return nil
	}
	return db.Want[plan.OpenItemRow](b, `
		SELECT `+db.Columns[plan.OpenItemRow]("o")+` FROM open_items o
		WHERE o.retailer_id = :retailer AND (`+strings.Join(conditions, " OR ")+`)`, args...)
}

// askAlone asks a question in a batch of its own.
func askAlone(tx *db.Tx, q Question) (*plan.Ledger, error) {
	b := tx.Batch()
	asked := Ask(tx, b, q)
	if err := b.Run(); err != nil {
		return nil, err
	}
	return asked()
}

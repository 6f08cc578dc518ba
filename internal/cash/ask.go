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
	Adjustments                          []int64            // whose allocations count, and the payments in them
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

// askedDocuments are documents of a kind whose payments count, and the column in which a payment names one.
type askedDocuments struct {
	kind, column string
	ids          []int64
}

func (q *Question) documents() []askedDocuments {
	return []askedDocuments{
		{"", "order_id", q.Orders}, // which are settled by nothing
		{"invoice", "invoice_id", q.Invoices},
		{"return", "return_id", q.Returns},
		{"purchase", "purchase_id", q.Purchases},
		{plan.KindAdjustment, "", q.Adjustments},
		{"payment", "id", q.PaymentIDs},
	}
}

// askPayments asks for the payments that were booked for documents, and for those that pay them although they were not. Each part
// goes by an index: PostgreSQL would read the whole table for an OR with a subquery, and SQLite one for a join in its own order.
func askPayments(b *db.Batch, q *Question) *db.Rows[plan.PaymentRow] {
	var (
		booked, parts []string
		args, others  []any
	)
	for _, d := range q.documents() {
		if len(d.ids) == 0 {
			continue
		}
		if d.column != "" {
			booked, args = append(booked, "p."+d.column+" IN ?"), append(args, d.ids)
		}
		if d.kind == "" || d.kind == "payment" {
			continue
		}
		for _, side := range [][2]string{{"creditor", "debtor"}, {"debtor", "creditor"}} {
			parts = append(parts, `
				SELECT `+paymentColumns+` FROM allocations a CROSS JOIN payments p
				WHERE p.retailer_id = :retailer AND p.id = a.`+side[0]+`_id AND a.retailer_id = :retailer AND a.`+side[0]+`_kind = 'payment' AND a.`+side[1]+`_kind = ? AND a.`+side[1]+`_id IN ? AND a.ended_at = 0`)
			others = append(others, d.kind, d.ids)
		}
	}
	if len(booked) > 0 {
		first := `SELECT ` + paymentColumns + ` FROM payments p WHERE p.retailer_id = :retailer AND (` + strings.Join(booked, " OR ") + `)`
		parts = append([]string{first}, parts...)
	}
	if len(parts) == 0 {
		return nil
	}
	return db.Want[plan.PaymentRow](b, strings.Join(parts, " UNION "), append(args, others...)...)
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
		parts []string
		args  []any
	)
	for _, d := range q.documents() {
		for _, side := range []string{"creditor", "debtor"} {
			if len(d.ids) > 0 && d.kind != "" {
				parts = append(parts, `
					SELECT `+allocationColumns+` FROM allocations a
					WHERE a.retailer_id = :retailer AND a.`+side+`_kind = ? AND a.`+side+`_id IN ? AND a.ended_at = 0`)
				args = append(args, d.kind, d.ids)
			}
			if len(d.ids) > 0 && d.column != "" && d.column != "id" {
				parts = append(parts, `
					SELECT `+allocationColumns+` FROM payments p CROSS JOIN allocations a
					WHERE a.retailer_id = :retailer AND a.`+side+`_kind = 'payment' AND a.`+side+`_id = p.id AND a.ended_at = 0 AND p.retailer_id = :retailer AND p.`+d.column+` IN ?`)
				args = append(args, d.ids)
			}
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return db.Want[plan.AllocationRow](b, strings.Join(parts, " UNION "), args...)
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

package cash

import (
	"strings"

	"github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
)

// Question is what an operation depends on in the money ledger.
type Question struct {
	Orders, Invoices, Returns, Purchases []int64 // whose payments count
	PaymentIDs                           []int64
	Documents                            []plan.DocumentRef // whose postings so far count: those that have made steps
}

var (
	paymentColumns = db.Columns[plan.PaymentRow]("p")
	postingColumns = db.Columns[plan.PostingRow]("c")
)

// Ask adds a question to a batch: one statement for payments, one for postings, none where nothing is asked for. The
// function that it returns builds the ledger, after the batch has run. Bank accounts are kept in memory.
func Ask(tx *db.Tx, b *db.Batch, q Question) func() (*plan.Ledger, error) {
	accounts, err := BankAccounts(tx)
	payments := askPayments(b, &q)
	postings := askPostings(b, q.Documents)
	ctx := tx.PlanContext()
	return func() (*plan.Ledger, error) {
		if err != nil {
			return nil, err
		}
		return plan.NewLedger(&ctx, plan.Facts{
			Payments: payments.All(), Documents: q.Documents, Postings: postings.All(), BankAccounts: accounts,
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

// askAlone asks a question in a batch of its own.
func askAlone(tx *db.Tx, q Question) (*plan.Ledger, error) {
	b := tx.Batch()
	asked := Ask(tx, b, q)
	if err := b.Run(); err != nil {
		return nil, err
	}
	return asked()
}

package debt

import (
	"fmt"
	"strings"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
)

// ageingOrders are what a page of debts by age can be sorted by: members in lower case.
var ageingOrders = map[string]string{
	"partnerid": "a.partner_id", "code": "x.code_key", "name": "x.search", "notdue": "a.not_due", "days1to30": "a.days1_to30",
	"days31to60": "a.days31_to60", "days61to90": "a.days61_to90", "daysover90": "a.days_over90", "credit": "a.credit",
	"deposits": "a.deposits", "debt": "a.debt", "paymentdays": "COALESCE(x.payment_days, -1)",
}

// aged is a row of debts by age as it is read: that of the sums has the number 0.
type aged struct {
	N, Partners int64
	taphoa.AgeingRow
}

// ListAgeing lists what customers owe the shop, or the shop suppliers, by the days that documents are overdue, with credit and the
// deposits of orders. As at now it reads what is open; as at the end of an earlier day, what documents had moved and settled until
// then, of all partners. What is dated later than today is open now. It refuses other types of partners.
func ListAgeing(tx *db.Tx, in *taphoa.AgeingQuery) (taphoa.Ageing, error) {
	s, err := sideOf(tx, in.PartnerType)
	if err != nil {
		return taphoa.Ageing{}, err
	}
	today := tx.Clock.Day()
	v := taphoa.Ageing{Date: in.Date.Or(today).Day(), PageSize: in.PageSize, Data: []taphoa.AgeingRow{}}
	documents, args := s.open(), []any(nil)
	if v.Date < today {
		documents, args = s.openAt(v.Date.Add(24*time.Hour - time.Microsecond))
	}
	rows, err := db.All[aged](tx, s.byAge(documents, order(in)), append(args, v.Date, in.CurrentItem, in.CurrentItem+in.PageSize)...)
	if err != nil {
		return v, err
	}
	for _, r := range rows {
		if r.N == 0 {
			v.Sums, v.Total = r.AgeingSums, r.Partners
		} else {
			v.Data = append(v.Data, r.AgeingRow)
		}
	}
	v.Timestamp, err = tx.LastChange()
	return v, err
}

// sideOf returns the side that a letter means. What suppliers are owed tells what purchases come to: who may not see that is refused.
func sideOf(tx *db.Tx, letter string) (*side, error) {
	s := sides[taphoa.PartnerOf(letter)]
	switch actor := tx.Actor(); {
	case s == nil:
		return nil, (&taphoa.AgeingQuery{PartnerType: letter}).Validate()
	case maySeeDebts(tx) != nil:
		return nil, maySeeDebts(tx)
	case s.letter == taphoa.PartnerSupplier && actor.Own.Hides("purchase"):
		return nil, right.Lack(right.SeePurchasePrices, 0)
	}
	return s, nil
}

// order is the ORDER BY of a page; the id comes last, so that there is only one.
func order(in *taphoa.AgeingQuery) string {
	direction := " ASC"
	if strings.EqualFold(in.OrderDirection, "desc") {
		direction = " DESC"
	}
	by := "a.partner_id" + direction
	if column, known := ageingOrders[strings.ToLower(in.OrderBy)]; known {
		by = column + direction + ", " + by
	}
	return by
}

// dayNumber is the number of the day of an instant, Vietnam time, from a day before all that can be stored: it must not be negative,
// because a division cuts towards 0.
func dayNumber(instant string) string {
	const daysBefore1970 = 719_468 // since 1 March of the year 0
	shift := (daysBefore1970*24 + 7) * time.Hour.Microseconds()
	return fmt.Sprintf("((%s + %d) / %d)", instant, shift, 24*time.Hour.Microseconds())
}

// byAge adds up documents by account and by the days that they are overdue at a day, its first argument: columns are what a
// document leaves open, and what it counts in the debt. A deposit counts, and is not open. It returns the sums of all, and a page.
func (s *side) byAge(documents, order string) string {
	sums := ""
	for _, b := range []struct{ name, is string }{
		{"not_due", "overdue <= 0"},
		{"days1_to30", "overdue BETWEEN 1 AND 30"},
		{"days31_to60", "overdue BETWEEN 31 AND 60"},
		{"days61_to90", "overdue BETWEEN 61 AND 90"},
		{"days_over90", "overdue > 90"},
	} {
		sums += "CAST(SUM(CASE WHEN open > 0 AND " + b.is + " THEN open ELSE 0 END) AS BIGINT) AS " + b.name + ", "
	}
	members := []string{"not_due", "days1_to30", "days31_to60", "days61_to90", "days_over90", "credit", "deposits", "debt"}
	var totals []string
	for _, m := range members {
		totals = append(totals, "CAST(COALESCE(SUM("+m+"), 0) AS BIGINT) AS "+m)
	}
	return `
		WITH documents AS (` + documents + `),
		overdue AS (
			SELECT d.account_id, d.open, d.owed, ` + dayNumber("?") + ` - ` + dayNumber("d.date") + ` - COALESCE(x.payment_days, 0) AS overdue
			FROM documents d LEFT JOIN ` + s.table + ` x ON x.retailer_id = :retailer AND x.id = d.account_id
		),
		aged AS (
			SELECT account_id AS partner_id, ` + sums + `
				CAST(SUM(CASE WHEN open < 0 THEN -open ELSE 0 END) AS BIGINT) AS credit,
				CAST(SUM(open) - SUM(owed) AS BIGINT) AS deposits, CAST(SUM(owed) AS BIGINT) AS debt
			FROM overdue GROUP BY account_id HAVING SUM(CASE WHEN open <> 0 THEN 1 ELSE 0 END) > 0 OR SUM(owed) <> 0
		)
		SELECT CAST(0 AS BIGINT) AS n, CAST(COUNT(*) AS BIGINT) AS partners, CAST(0 AS BIGINT) AS partner_id, '' AS code, '' AS name,
			CAST(NULL AS BIGINT) AS payment_days, ` + strings.Join(totals, ", ") + `
		FROM aged
		UNION ALL
		SELECT * FROM (
			SELECT ROW_NUMBER() OVER (ORDER BY ` + order + `) AS n, CAST(0 AS BIGINT) AS partners, a.partner_id, COALESCE(x.code, '') AS code,
				COALESCE(x.name, '') AS name, x.payment_days, a.` + strings.Join(members, ", a.") + `
			FROM aged a LEFT JOIN ` + s.table + ` x ON x.retailer_id = :retailer AND x.id = a.partner_id
		) t WHERE n > ? AND n <= ?
		ORDER BY n`
}

// open are the documents that are open now, and the debts, with the deposits in them.
func (s *side) open() string {
	return `
			SELECT account_id, document_date AS date, open_amount AS open, CAST(0 AS BIGINT) AS owed FROM open_items
			WHERE retailer_id = :retailer AND account_type = '` + s.letter + `'
			UNION ALL
			SELECT account_id, CAST(0 AS BIGINT), CAST(0 AS BIGINT), ` + s.sign + `balance FROM cash_balances
			WHERE retailer_id = :retailer AND account_type = '` + s.letter + `' AND balance <> 0`
}

// openAt are the documents that were open at an instant, and its deposits: what each had moved, less what allocations and the
// payments that were booked for it had settled.
//
// A payment was a deposit while its order had not ended. An order that has ended has done so when it was changed last.
func (s *side) openAt(at taphoa.Time) (documents string, args []any) {
	own := `CASE WHEN p.purchase_id IS NOT NULL THEN 'purchase' WHEN p.return_id IS NOT NULL THEN 'return' ELSE 'invoice' END`
	documentJoins := `
				LEFT JOIN invoices v ON v.retailer_id = :retailer AND v.id = p.invoice_id
				LEFT JOIN returns r ON r.retailer_id = :retailer AND r.id = p.return_id
				LEFT JOIN purchase_orders q ON q.retailer_id = :retailer AND q.id = p.purchase_id`
	allocated := `FROM allocations
				WHERE retailer_id = :retailer AND account_type = '` + s.letter + `' AND account_id <> 0
					AND effective_at <= ? AND (ended_at = 0 OR ended_at > ?)`
	args = append(args, at, at) // of payments; then of deposits, postings and allocations
	args = append(args, taphoa.OrderCompleted, taphoa.OrderVoided, at, at, at, taphoa.PurchaseDraft, at, at, at, at, at, at)
	return `
			WITH applied AS (
				SELECT p.partner_id, p.id, ` + own + ` AS own, COALESCE(p.purchase_id, p.return_id, p.invoice_id) AS own_id, ` + s.sign + `p.applied AS amount
				FROM payments p` + documentJoins + `
				WHERE p.retailer_id = :retailer AND p.partner_type = '` + s.letter + `' AND p.partner_id <> 0 AND p.applied <> 0
					AND p.trans_date <= ? AND COALESCE(q.purchase_date, r.return_date, v.purchase_date) <= ?
			)
			SELECT d.account_id, d.date, CASE WHEN d.deposit = 1 THEN 0 ELSE d.open END AS open, d.open AS owed FROM (
				SELECT m.account_id, m.date, m.open, CASE WHEN m.open < 0 AND (
					p.order_id IS NOT NULL AND p.invoice_id IS NULL
						AND (o.status NOT IN (?, ?) OR COALESCE(o.modified_date, o.created_date) > ?)
					OR v.purchase_date > ? OR q.purchase_date > ? OR q.status = ?) THEN 1 ELSE 0 END AS deposit
				FROM (
					SELECT account_id, kind, document_id, MIN(date) AS date, CAST(SUM(amount) AS BIGINT) AS open FROM (
						SELECT account_id, kind, document_id, effective_at AS date, amount FROM (` + s.moved("effective_at <= ?") + `) p
						UNION ALL SELECT account_id, debtor_kind, debtor_id, NULL, -amount ` + allocated + `
						UNION ALL SELECT account_id, creditor_kind, creditor_id, NULL, amount ` + allocated + `
						UNION ALL SELECT partner_id, own, own_id, NULL, -amount FROM applied
						UNION ALL SELECT partner_id, 'payment', id, NULL, amount FROM applied
					) parts GROUP BY account_id, kind, document_id HAVING SUM(amount) <> 0
				) m
				LEFT JOIN payments p ON p.retailer_id = :retailer AND m.kind = 'payment' AND p.id = m.document_id
				LEFT JOIN orders o ON o.retailer_id = :retailer AND o.id = p.order_id` + documentJoins + `
			) d`, args
}

// openDocument is an open document as it is read.
type openDocument struct {
	taphoa.OpenDocument
	HeldAmount taphoa.Money
}

func (d *openDocument) ref() cashplan.DocumentRef {
	return cashplan.DocumentRef{Kind: d.Type, ID: d.ID}
}

// ListOpenDocuments lists what the documents of a customer or a supplier leave open, the oldest first. Deposits of orders are not in
// it. It refuses an unknown partner.
func ListOpenDocuments(tx *db.Tx, in *taphoa.OpenDocumentQuery) (taphoa.OpenDocuments, error) {
	v := taphoa.OpenDocuments{PageSize: in.PageSize, Data: []taphoa.OpenDocument{}}
	s, err := sideOf(tx, in.PartnerType)
	if err != nil {
		return v, err
	}
	id := in.PartnerID
	if s.letter == taphoa.PartnerCustomer {
		now, err := cash.CustomersNow(tx, id)
		if err != nil {
			return v, err
		}
		id = now[0]
	}
	const where = `FROM open_items
		WHERE retailer_id = :retailer AND account_type = ? AND account_id = ? AND open_amount <> 0`
	b := tx.Batch()
	partners := s.ask(b, id)
	count := db.Want[int64](b, `SELECT COUNT(*) `+where, s.letter, id)
	page := db.Want[openDocument](b, `
		SELECT kind AS type, document_id AS id, code, document_date AS date, open_amount AS open, held_amount `+where+`
		ORDER BY document_date, kind, document_id LIMIT ? OFFSET ?`, s.letter, id, in.PageSize, in.CurrentItem)
	if err := b.Run(); err != nil {
		return v, err
	}
	p, found := partners.One()
	if !found {
		return v, s.unknown()
	}
	v.Total, _ = count.One()
	documents := page.All()
	seen, err := cash.Seen(tx, refs(documents, (*openDocument).ref))
	if err != nil {
		return v, err
	}
	for _, d := range documents {
		if !seen(d.ref()) {
			d.ID, d.Code = 0, ""
		}
		d.Type = cashplan.DocumentType(d.Type)
		if d.Open > 0 {
			d.DueDate = taphoa.Some(taphoa.DueDate(d.Date, p.PaymentDays))
			d.DaysOverdue = max(0, taphoa.DaysBetween(d.DueDate.Value, tx.Clock))
			d.Held = min(d.Open, max(0, d.HeldAmount))
		}
		v.Data = append(v.Data, d.OpenDocument)
	}
	v.Timestamp, err = tx.LastChange()
	return v, err
}

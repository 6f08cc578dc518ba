package debt

import (
	"math"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/right"
)

// side is how the accounts of customers or of suppliers are read. What a customer owes has come to the account, what the shop
// owes a supplier has gone from it.
type side struct {
	letter, table string
	more, less    string // columns of cash_postings: what is owed more has them as its account
	sign          string // of a balance
	unknown       func() error
}

var sides = map[string]*side{
	taphoa.PartnerCustomer: {"C", "customers", "to", "from", "", func() error {
		return taphoa.NotFound(taphoa.CodeCustomer, "Khách hàng không tồn tại hoặc đã bị xóa")
	}},
	taphoa.PartnerSupplier: {"S", "suppliers", "from", "to", "-", func() error {
		return taphoa.NotFound(taphoa.CodeValidate, "Nhà cung cấp không tồn tại hoặc đã bị xóa")
	}},
}

// moved are the postings of accounts of this side as a table of account_id, kind, document_id, effective_at, posted_at and amount,
// which is what is owed more. The condition takes its arguments twice. The partial indexes have the literal conditions.
func (s *side) moved(condition string) string {
	half := func(column, sign string) string {
		return `SELECT ` + column + `_id AS account_id, kind, document_id, effective_at, posted_at, ` + sign + `amount AS amount FROM cash_postings
		WHERE retailer_id = :retailer AND ` + column + `_type IN ('C', 'S') AND ` + column + `_id <> 0
			AND ` + column + `_type = '` + s.letter + `' AND ` + strings.ReplaceAll(condition, "account_id", column+"_id")
	}
	return half(s.more, "") + "\n\t\tUNION ALL\n\t\t" + half(s.less, "-")
}

// recorded are the tables of the documents that move accounts: what they call their date and their remark.
var recorded = []struct{ kind, table, alias, date, remark string }{
	{"invoice", "invoices", "v", "purchase_date", "description"},
	{"return", "returns", "r", "return_date", "description"},
	{"purchase", "purchase_orders", "q", "purchase_date", "description"},
	{"payment", "payments", "p", "trans_date", "description"},
	{"adjustment", "debt_adjustments", "j", "document_date", "reason"},
}

// partner is whose account is read.
type partner struct {
	ID          int64
	Code, Name  string
	PaymentDays taphoa.Opt[int64]
}

func (s *side) ask(b *db.Batch, id int64) *db.Rows[partner] {
	return db.Want[partner](b, `
		SELECT id, code, name, payment_days FROM `+s.table+` WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0`, id)
}

// CustomerStatement returns what has moved a customer's account, in the order of its dates, with the running balance. It refuses an
// unknown customer.
func CustomerStatement(tx *db.Tx, in *taphoa.StatementQuery) (taphoa.Statement, error) {
	now, err := cash.CustomersNow(tx, in.ID)
	if err != nil {
		return taphoa.Statement{}, err
	}
	return statement(tx, sides[taphoa.PartnerCustomer], now[0], in)
}

// SupplierStatement returns what has moved a supplier's account, in the order of its dates, with the running balance of what the
// shop owes. It refuses an unknown supplier.
func SupplierStatement(tx *db.Tx, in *taphoa.StatementQuery) (taphoa.Statement, error) {
	s, err := sideOf(tx, taphoa.PartnerSupplier)
	if err != nil {
		return taphoa.Statement{}, err
	}
	return statement(tx, s, in.ID, in)
}

// line is a line of a statement as it is read.
type line struct {
	taphoa.StatementLine
	Amount taphoa.Money
}

func (l *line) ref() cashplan.DocumentRef { return cashplan.DocumentRef{Kind: l.Type, ID: l.ID} }

// maySeeDebts refuses who does not see debts wherever they work: what a partner owes is owed to the whole shop, and adds up only with
// the documents of all branches and persons. Of those that the reader does not find, it is shown what they move, and not which they
// are ([cash.Seen]).
func maySeeDebts(tx *db.Tx) error {
	actor := tx.Actor()
	actor.Needs = right.SeeDebts
	return actor.May(0)
}

func refs[T any](rows []T, of func(*T) cashplan.DocumentRef) []cashplan.DocumentRef {
	all := make([]cashplan.DocumentRef, len(rows))
	for i := range rows {
		all[i] = of(&rows[i])
	}
	return all
}

func statement(tx *db.Tx, s *side, id int64, in *taphoa.StatementQuery) (taphoa.Statement, error) {
	if err := maySeeDebts(tx); err != nil {
		return taphoa.Statement{}, err
	}
	v := taphoa.Statement{PartnerType: s.letter, PartnerID: id, PageSize: in.PageSize, Data: []taphoa.StatementLine{}}
	from, to := in.From.Or(math.MinInt64), in.To.Or(math.MaxInt64) // without an end, what is dated later than now, too
	b := tx.Batch()
	partners := s.ask(b, id)
	sums := db.Want[taphoa.Statement](b, s.lines()+`
		SELECT CAST(COALESCE(SUM(CASE WHEN effective_at < ? THEN amount END), 0) AS BIGINT) AS opening_balance,
			CAST(COALESCE(SUM(CASE WHEN effective_at >= ? AND amount > 0 THEN amount END), 0) AS BIGINT) AS total_debit,
			CAST(COALESCE(SUM(CASE WHEN effective_at >= ? AND amount < 0 THEN -amount END), 0) AS BIGINT) AS total_credit,
			CAST(COUNT(CASE WHEN effective_at >= ? THEN 1 END) AS BIGINT) AS total
		FROM lines`, id, to, id, to, from, from, from, from)
	page := db.Want[line](b, s.lines()+pageOfLines(), id, to, id, to, from, in.PageSize, in.CurrentItem)
	if err := b.Run(); err != nil {
		return v, err
	}
	p, found := partners.One()
	if !found {
		return v, s.unknown()
	}
	sum, _ := sums.One()
	v.Code, v.Name, v.Total = p.Code, p.Name, sum.Total
	v.OpeningBalance, v.TotalDebit, v.TotalCredit = sum.OpeningBalance, sum.TotalDebit, sum.TotalCredit
	v.ClosingBalance = v.OpeningBalance + v.TotalDebit - v.TotalCredit
	lines := page.All()
	seen, err := cash.Seen(tx, refs(lines, (*line).ref))
	if err != nil {
		return v, err
	}
	for i := range lines {
		l := &lines[i]
		if !seen(l.ref()) {
			l.ID, l.Code, l.Description = 0, "", taphoa.Opt[string]{}
		}
		v.Data = append(v.Data, shown(&p, l))
	}
	v.Timestamp, err = tx.LastChange()
	return v, err
}

func shown(p *partner, l *line) taphoa.StatementLine {
	kind := l.Type
	l.Type = cashplan.DocumentType(kind)
	if l.Amount > 0 {
		l.Debit = l.Amount
	} else {
		l.Credit = -l.Amount
	}
	if l.Debit > 0 && kind != "payment" && !l.IsVoid {
		l.DueDate = taphoa.Some(taphoa.DueDate(l.Date, p.PaymentDays))
	}
	return l.StatementLine
}

// lines has the lines of an account up to an instant, both twice: what documents have moved at a time, unless that is nothing.
func (s *side) lines() string {
	return `
		WITH lines AS (
			SELECT kind, document_id, effective_at, MIN(posted_at) AS posted_at, CAST(SUM(amount) AS BIGINT) AS amount
			FROM (` + s.moved("account_id = ? AND effective_at <= ?") + `) m
			GROUP BY kind, document_id, effective_at HAVING SUM(amount) <> 0
		)`
}

// pageOfLines reads a page of lines with the running balance. Of those that were made at once, payments come last.
func pageOfLines() string {
	const order = `effective_at, posted_at, CASE kind WHEN 'payment' THEN 1 ELSE 0 END, kind, document_id`
	var code, date, remark, joins []string
	for _, t := range recorded {
		code, date, remark = append(code, t.alias+".code"), append(date, t.alias+"."+t.date), append(remark, t.alias+"."+t.remark)
		joins = append(joins, "LEFT JOIN "+t.table+" "+t.alias+" ON "+t.alias+".retailer_id = :retailer AND l.kind = '"+t.kind+"' AND "+
			t.alias+".id = l.document_id")
	}
	return `
		SELECT l.effective_at AS date, l.kind AS type, l.document_id AS id, COALESCE(` + strings.Join(code, ", ") + `, '') AS code,
			COALESCE(` + strings.Join(date, ", ") + `, l.effective_at) <> l.effective_at AS is_void,
			COALESCE(` + strings.Join(remark, ", ") + `) AS description, l.amount, l.balance
		FROM (
			SELECT * FROM (
				SELECT lines.*, ROW_NUMBER() OVER (ORDER BY ` + order + `) AS n, CAST(SUM(amount) OVER (ORDER BY ` + order + `) AS BIGINT) AS balance
				FROM lines
			) w WHERE effective_at >= ? ORDER BY n LIMIT ? OFFSET ?
		) l
		` + strings.Join(joins, "\n\t\t") + `
		ORDER BY l.n`
}

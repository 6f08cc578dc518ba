package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/taphoa/taphoa"
)

// DocumentRef names a document that moves money.
type DocumentRef struct {
	Kind string // "invoice", "return", "purchase", "payment"
	ID   int64
}

// Document is a document at one of its steps. The document counts its steps, and passes how many it has made.
type Document struct {
	Kind        string
	ID          int64
	Step        int64
	EffectiveAt taphoa.Time
}

// Posting is a movement of a positive amount.
type Posting struct {
	From, To Account
	Amount   taphoa.Money
}

// PostingRow is a row of the table cash_postings.
type PostingRow struct {
	Kind        string
	DocumentID  int64
	Step        int64
	Line        int64
	FromType    string
	FromID      int64
	ToType      string
	ToID        int64
	Amount      taphoa.Money
	EffectiveAt taphoa.Time
	PostedAt    taphoa.Time
}

func (r *PostingRow) document() DocumentRef { return DocumentRef{r.Kind, r.DocumentID} }

func (r *PostingRow) posting() Posting {
	return Posting{Account{r.FromType, r.FromID}, Account{r.ToType, r.ToID}, r.Amount}
}

// BalanceRow is a row of the table cash_balances, with what is to be added to the balance.
type BalanceRow struct {
	AccountType string
	AccountID   int64
	Balance     taphoa.Money
}

// Post makes the postings of a document equal to want, by posting the difference as the document's next step;
// want == nil reverses everything. It reports whether the step is used. Amounts beyond [taphoa.MoneyMax] are refused with
// CodeValidate. The postings of a document that has made steps must have been asked for.
func (l *Ledger) Post(doc Document, want []Posting) (used bool, err error) {
	ref := DocumentRef{doc.Kind, doc.ID}
	var posted []Posting
	if doc.Step > 0 {
		known := false
		if posted, known = l.posted[ref]; !known {
			return false, fmt.Errorf("the postings of %s %d were not asked for", doc.Kind, doc.ID)
		}
	}
	moves, err := difference(want, posted)
	if err != nil {
		return false, err
	}
	for i, m := range moves {
		l.postings = append(l.postings, PostingRow{
			Kind: doc.Kind, DocumentID: doc.ID, Step: doc.Step + 1, Line: int64(i + 1),
			FromType: m.From.Type, FromID: m.From.ID, ToType: m.To.Type, ToID: m.To.ID, Amount: m.Amount,
			EffectiveAt: doc.EffectiveAt, PostedAt: l.ctx.Now,
		})
	}
	l.posted[ref] = append(posted, moves...)
	return len(moves) > 0, nil
}

// difference returns what must be moved so that posted becomes want, ordered by account.
func difference(want, posted []Posting) ([]Posting, error) {
	type accountPair struct{ from, to Account } // from sorts before to; a negative amount goes back
	open := map[accountPair]taphoa.Money{}
	add := func(p Posting, amount taphoa.Money) (err error) {
		pair := accountPair{p.From, p.To}
		if p.From.compare(p.To) > 0 {
			pair, amount = accountPair{p.To, p.From}, -amount
		}
		if open[pair], err = open[pair].Add(amount); err != nil {
			return taphoa.Refuse(taphoa.CodeValidate, "total", "Số tiền vượt quá giới hạn cho phép")
		}
		return nil
	}
	for _, p := range want {
		if p.Amount > taphoa.MoneyMax {
			return nil, taphoa.Refuse(taphoa.CodeValidate, "total", "Số tiền không được vượt quá %v", taphoa.MoneyMax)
		}
		if err := add(p, p.Amount); err != nil {
			return nil, err
		}
	}
	for _, p := range posted {
		if err := add(p, -p.Amount); err != nil {
			return nil, err
		}
	}
	var moves []Posting
	for pair, amount := range open {
		if amount > 0 {
			moves = append(moves, Posting{pair.from, pair.to, amount})
		} else if amount < 0 {
			moves = append(moves, Posting{pair.to, pair.from, -amount})
		}
	}
	slices.SortFunc(moves, func(a, b Posting) int { return cmp.Or(a.From.compare(b.From), a.To.compare(b.To)) })
	return moves, nil
}

// balances are the net changes of the stored balances, ordered by account.
func balances(postings []PostingRow) []BalanceRow {
	net := map[Account]taphoa.Money{}
	for i := range postings {
		p := postings[i].posting()
		net[p.From] -= p.Amount
		net[p.To] += p.Amount
	}
	var rows []BalanceRow
	for a, amount := range net {
		if amount != 0 && a.hasStoredBalance() {
			rows = append(rows, BalanceRow{a.Type, a.ID, amount})
		}
	}
	slices.SortFunc(rows, func(a, b BalanceRow) int {
		return Account{a.AccountType, a.AccountID}.compare(Account{b.AccountType, b.AccountID})
	})
	return rows
}

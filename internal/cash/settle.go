package cash

import (
	"cmp"
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Account is where money is or by whom it is owed.
type Account struct {
	Type string
	ID   int64
}

// Customer is what a customer owes; 0 for walk-ins, whose debts nobody keeps.
func Customer(id int64) Account { return Account{"C", id} }

// Supplier is what a supplier owes; negative when the shop owes, as it does after a purchase. 0 for an unnamed one, whose
// debts nobody keeps.
func Supplier(id int64) Account { return Account{"S", id} }

// Drawer is the cash of a branch.
func Drawer(branchID int64) Account { return Account{"D", branchID} }

// Bank is a bank account of the shop; 0 when a client did not say which.
func Bank(accountID int64) Account { return Account{"B", accountID} }

// Vouchers is what vouchers have paid at a branch, less what was paid for them.
func Vouchers(branchID int64) Account { return Account{"V", branchID} }

// Income is what a branch has sold.
func Income(branchID int64) Account { return Account{"I", branchID} }

// Purchases is what a branch has bought.
func Purchases(branchID int64) Account { return Account{"P", branchID} }

// Other is what a branch has earned and spent beside its sales and purchases.
func Other(branchID int64) Account { return Account{"O", branchID} }

// kept reports whether the account's balance is stored. Drawers, banks and income are summed up when asked for: every
// sale of a branch touches them, and a stored balance would make all tills wait for one row.
func (a Account) kept() bool { return a.ID != 0 && (a.Type == "C" || a.Type == "S") }

func (a Account) compare(b Account) int {
	return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
}

// Document names what moves money. Step counts its changes: the document keeps it and hands in how many it has made.
type Document struct {
	Kind        string // "invoice", "payment"
	ID          int64
	Step        int64
	EffectiveAt taphoa.Time
}

// Posting is a movement of a positive amount.
type Posting struct {
	From, To Account
	Amount   taphoa.Money
}

// Settle makes the money that a document has moved equal to want, by posting the difference as the document's next
// step; want == nil takes everything back. It answers whether the step is used.
func Settle(tx *db.Tx, doc Document, want []Posting) (bool, error) {
	type lane struct{ from, to Account } // from sorts before to; a negative amount goes back
	open := map[lane]taphoa.Money{}
	add := func(from, to Account, amount taphoa.Money) (err error) {
		l := lane{from, to}
		if from.compare(to) > 0 {
			l, amount = lane{to, from}, -amount
		}
		if open[l], err = open[l].Add(amount); err != nil {
			err = taphoa.Refuse(taphoa.CodeValidate, "total", "Số tiền vượt quá giới hạn cho phép")
		}
		return err
	}
	for _, p := range want {
		if p.Amount > taphoa.MoneyMax {
			return false, taphoa.Refuse(taphoa.CodeValidate, "total", "Số tiền không được vượt quá %v", taphoa.MoneyMax)
		}
		if err := add(p.From, p.To, p.Amount); err != nil {
			return false, err
		}
	}
	if doc.Step > 0 {
		err := tx.Each(func(row db.Row) error {
			return add(Account{row.Text(0), row.Int64(1)}, Account{row.Text(2), row.Int64(3)}, -taphoa.Money(row.Int64(4)))
		}, `
			SELECT from_type, from_id, to_type, to_id, amount FROM cash_postings
			WHERE retailer_id = :retailer AND kind = ? AND document_id = ?`, doc.Kind, doc.ID)
		if err != nil {
			return false, err
		}
	}
	var moves []Posting
	for l, amount := range open {
		if amount > 0 {
			moves = append(moves, Posting{l.from, l.to, amount})
		} else if amount < 0 {
			moves = append(moves, Posting{l.to, l.from, -amount})
		}
	}
	slices.SortFunc(moves, func(a, b Posting) int { return cmp.Or(a.From.compare(b.From), a.To.compare(b.To)) })
	doc.Step++
	for i, m := range moves {
		post(tx, doc, int64(i+1), m)
	}
	return len(moves) > 0, nil
}

func post(tx *db.Tx, doc Document, line int64, m Posting) {
	tx.Queue(`
		INSERT INTO cash_postings (retailer_id, kind, document_id, step, line, from_type, from_id, to_type, to_id, amount,
			effective_at, posted_at)
		VALUES (:retailer, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, :now)`,
		doc.Kind, doc.ID, doc.Step, line, m.From.Type, m.From.ID, m.To.Type, m.To.ID, m.Amount, doc.EffectiveAt)
	move := func(a Account, amount taphoa.Money) {
		if a.kept() {
			tx.Queue(`
				INSERT INTO cash_balances (retailer_id, account_type, account_id, balance) VALUES (:retailer, ?, ?, ?)
				ON CONFLICT (retailer_id, account_type, account_id)
				DO UPDATE SET balance = cash_balances.balance + excluded.balance`, a.Type, a.ID, amount)
		}
	}
	move(m.From, -m.Amount)
	move(m.To, m.Amount)
}

// Lock locks what a partner owes until the commit. It is for operations that take a document's code before they move
// money: codes come last, because everybody waits for them.
func Lock(tx *db.Tx, account Account) {
	if account.kept() {
		tx.Queue(`
			INSERT INTO cash_balances (retailer_id, account_type, account_id, balance) VALUES (:retailer, ?, ?, 0)
			ON CONFLICT (retailer_id, account_type, account_id) DO UPDATE SET balance = cash_balances.balance`,
			account.Type, account.ID)
	}
}

// Debt is what a partner owes the shop; negative when the shop owes.
func Debt(tx *db.Tx, a Account) (taphoa.Money, error) {
	debt, _, err := db.One[taphoa.Money](tx, `
		SELECT balance FROM cash_balances WHERE retailer_id = :retailer AND account_type = ? AND account_id = ?`, a.Type, a.ID)
	return debt, err
}

// Balance is what has come to an account minus what has gone from it: the content of a drawer or a bank account.
func Balance(tx *db.Tx, a Account) (taphoa.Money, error) {
	balance, _, err := db.One[taphoa.Money](tx, `
		SELECT CAST(
			COALESCE((SELECT SUM(amount) FROM cash_postings WHERE retailer_id = :retailer AND to_type = ? AND to_id = ?), 0) -
			COALESCE((SELECT SUM(amount) FROM cash_postings WHERE retailer_id = :retailer AND from_type = ? AND from_id = ?), 0)
		AS BIGINT)`, a.Type, a.ID, a.Type, a.ID)
	return balance, err
}

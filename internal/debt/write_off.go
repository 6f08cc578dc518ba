package debt

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
)

// WriteOff ends debts by an adjustment of today, which is income or expense of a branch beside its sales, and settles what is open.
func WriteOff(tx *db.Tx, branchID int64, debts []cash.SmallDebt) error {
	for _, d := range debts {
		if err := writeOff(tx, branchID, cash.Account{Type: d.AccountType, ID: d.AccountID}, d.Balance); err != nil {
			return err
		}
	}
	return nil
}

func writeOff(tx *db.Tx, branchID int64, a cash.Account, balance taphoa.Money) error {
	if err := allocateFirst(tx, a.Type, a.ID); err != nil {
		return err
	}
	b := tx.Batch()
	asked := cash.Ask(tx, b, cash.Question{Accounts: []cash.Account{a}})
	if err := b.Run(); err != nil {
		return err
	}
	l, err := asked()
	if err != nil {
		return err
	}
	id, err := tx.NewID("debt_adjustments")
	if err != nil {
		return err
	}
	move := cash.Posting{From: a, To: cash.Other(branchID), Amount: balance}
	if balance < 0 {
		move = cash.Posting{From: move.To, To: a, Amount: -balance}
	}
	d := cashplan.OlderAdjustment(a, id, -balance, tx.Clock)
	if _, err := l.Post(cash.Document{Kind: d.Ref.Kind, ID: id, EffectiveAt: d.Date}, []cash.Posting{move}); err != nil {
		return err
	}
	l.Change(d.PartnerDocument, d.Amount)
	l.Settle()
	c, err := cash.Save(tx, l)
	if err == nil {
		err = save(tx, &c)
	}
	return err
}

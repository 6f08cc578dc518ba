package debt

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
)

// ImportDebts lets partners owe, or be owed, what another system shows, by an adjustment of what that is here. It returns those of whom
// it has changed with it. of is whose account it is, and what its debt is as partners of the type show it.
func ImportDebts[T any](tx *db.Tx, partners []T, of func(*T) (cash.Account, taphoa.Money)) (changed []T, err error) {
	for i := range partners {
		account, shown := of(&partners[i])
		now, err := cash.Debt(tx, account)
		if err != nil {
			return nil, err
		}
		if account.Type == taphoa.PartnerSupplier {
			now = -now
		}
		more := (shown - now).RoundDong()
		if more == 0 {
			continue
		}
		_, err = CreateAdjustment(tx, &taphoa.DebtAdjustmentInput{
			PartnerType: taphoa.Some(account.Type), PartnerID: taphoa.Some(account.ID), Debt: taphoa.Some(more),
		})
		if err != nil {
			return nil, err
		}
		changed = append(changed, partners[i])
	}
	return changed, nil
}

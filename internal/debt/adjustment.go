package debt

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	cashplan "github.com/taphoa/taphoa/internal/cash/plan"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
)

// CreateAdjustment makes an opening balance or an adjustment of what a customer or a supplier owes, or of the points of a customer. What
// is owed more takes credit at once, the oldest first; what is owed less settles open documents, the oldest first, and is credit
// beyond them. No money of a drawer or a bank account moves. The vendor's API has no such operation. It refuses with CodeValidate an
// unknown or deleted partner, a date in the future, a second valid opening of a partner and a day, and points that the customer has
// not.
func CreateAdjustment(tx *db.Tx, in *taphoa.DebtAdjustmentInput) (taphoa.DebtAdjustment, error) {
	if err := allocateFirst(tx, cashplan.AdjustedPartnerType(in), in.PartnerID.Or(0)); err != nil {
		return taphoa.DebtAdjustment{}, err
	}
	a, err := cash.NewAdjustment(tx, in)
	if err == nil {
		err = saveAdjustment(tx, &a, a.Row.Points, a.Row.TotalPoints())
	}
	if err != nil {
		return taphoa.DebtAdjustment{}, err
	}
	return cash.WrittenAdjustment(tx, a.Row.ID)
}

// VoidAdjustment voids an opening balance or an adjustment; it stays readable. What it has settled is open again and takes other credit
// of the partner; what it was settled by is credit and settles what else is open. Its points are those of the customer no more. One
// that is voided already stays as it is. It refuses an adjustment that does not exist, and one whose points were spent.
func VoidAdjustment(tx *db.Tx, in *taphoa.ByID) (taphoa.DebtAdjustmentVoided, error) {
	partner, err := cash.PartnerOf(tx, "debt_adjustments", in.ID)
	if err == nil {
		err = allocateFirst(tx, partner.Type, partner.ID)
	}
	if err != nil {
		return taphoa.DebtAdjustmentVoided{}, err
	}
	a, err := cash.VoidAdjustment(tx, in)
	if err == nil && a.Changed {
		err = saveAdjustment(tx, &a, -a.Row.Points, -a.Row.TotalPoints())
	}
	if err != nil {
		return taphoa.DebtAdjustmentVoided{}, err
	}
	v, err := cash.WrittenAdjustment(tx, in.ID)
	return taphoa.DebtAdjustmentVoided{DebtAdjustment: v, Message: taphoa.MessageDeleted}, err
}

// WriteOff ends debts by an adjustment each, of the transaction's time, which may be less than a đồng.
func WriteOff(tx *db.Tx, debts []cash.SmallDebt) error {
	for i := range debts {
		if err := allocateFirst(tx, debts[i].AccountType, debts[i].AccountID); err != nil {
			return err
		}
		a, err := cash.WriteOff(tx, &debts[i])
		if err == nil {
			err = saveAdjustment(tx, &a, 0, 0)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// saveAdjustment lets an adjustment settle what is open, and writes it and what has become of points.
func saveAdjustment(tx *db.Tx, a *cash.Adjustment, points, total int64) error {
	a.Ledger.Settle()
	c, err := cash.Save(tx, a.Ledger)
	if err != nil {
		return err
	}
	if points != 0 {
		party.AddPoints(tx, a.Row.PartnerID, points, total)
	}
	return save(tx, &c)
}

package demo

import (
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/debt"
)

// openingBalances are what partners owed, and were owed, before the shop used the program, and what was corrected since.
func (s *generator) openingBalances() error {
	before := taphoa.Some(s.at(firstDay, 0, 0).Add(-time.Second))
	opening := func(kind string, partner, amount, points int64) taphoa.DebtAdjustmentInput {
		return taphoa.DebtAdjustmentInput{
			Type: taphoa.Some(taphoa.AdjustmentOpening), PartnerType: taphoa.Some(kind), PartnerID: taphoa.Some(partner), DocumentDate: before,
			Debt: taphoa.SomeIf(taphoa.Dong(amount)), Points: taphoa.SomeIf(points), Reason: taphoa.Some("Số dư trong sổ cũ"),
		}
	}
	rebate := opening(taphoa.PartnerSupplier, s.suppliers[1], -150_000, 0)
	rebate.Type, rebate.DocumentDate = taphoa.Opt[string]{}, taphoa.Opt[taphoa.Time]{}
	rebate.Reason = taphoa.Some("Chiết khấu quý trước")
	for _, in := range []taphoa.DebtAdjustmentInput{
		opening(taphoa.PartnerCustomer, s.customers[4].id, 1_250_000, 85), opening(taphoa.PartnerCustomer, s.customers[5].id, -60_000, 0),
		opening(taphoa.PartnerSupplier, s.suppliers[0], 3_400_000, 0), opening(taphoa.PartnerSupplier, s.suppliers[1], 900_000, 0), rebate,
	} {
		if _, err := debt.CreateAdjustment(s.tx, &in); err != nil {
			return err
		}
	}
	mistake := opening(taphoa.PartnerCustomer, s.customers[6].id, 500_000, 0)
	v, err := debt.CreateAdjustment(s.tx, &mistake)
	if err == nil {
		_, err = debt.VoidAdjustment(s.tx, &taphoa.ByID{ID: v.ID})
	}
	return err
}

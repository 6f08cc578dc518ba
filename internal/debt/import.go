package debt

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
)

// ImportDebts lets customers owe what another system shows, by an adjustment of what they owe here. It returns those whose debt has
// changed with it.
func ImportDebts(tx *db.Tx, customers []taphoa.Customer) (changed []taphoa.Customer, err error) {
	for i := range customers {
		c := &customers[i]
		now, err := cash.Debt(tx, cash.Customer(c.ID))
		if err != nil {
			return nil, err
		}
		more := (c.Debt - now).RoundDong()
		if more == 0 {
			continue
		}
		_, err = CreateAdjustment(tx, &taphoa.DebtAdjustmentInput{
			PartnerType: taphoa.Some(taphoa.PartnerCustomer), PartnerID: taphoa.Some(c.ID), Debt: taphoa.Some(more),
		})
		if err != nil {
			return nil, err
		}
		changed = append(changed, *c)
	}
	return changed, nil
}

package promo

import (
	"slices"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/promo/plan"
)

// campaignsOf are the ids of the campaigns of some vouchers.
const campaignsOf = `(SELECT v.campaign_id FROM vouchers v WHERE v.retailer_id = :retailer AND v.id IN ?)`

// Ask adds to a batch the facts of [plan.Redeem] and [plan.Facts.Release], and returns a function to be called after the
// batch has run. voucherIDs are the vouchers that a request pays with, appliedIDs those that have paid for the document
// already. All of them are locked, in the order of ids. Without vouchers nothing is asked.
func Ask(tx *db.Tx, b *db.Batch, voucherIDs, appliedIDs []int64) func() (*plan.Facts, error) {
	ids := slices.Concat(voucherIDs, appliedIDs)
	if len(ids) == 0 {
		return func() (*plan.Facts, error) { return plan.NewFacts(nil, nil, nil, nil), nil }
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	vouchers := db.Want[plan.Voucher](b, `
		SELECT `+db.Columns[plan.Voucher]("v")+` FROM vouchers v
		WHERE v.retailer_id = :retailer AND v.id IN ? ORDER BY v.id :lock`, ids)
	campaigns := db.Want[plan.Campaign](b, `
		SELECT `+db.Columns[plan.Campaign]("c")+` FROM voucher_campaigns c
		WHERE c.retailer_id = :retailer AND c.id IN `+campaignsOf, ids)
	limits := db.Want[plan.Limit](b, `
		SELECT `+db.Columns[plan.Limit]("l")+` FROM voucher_campaign_limits l
		WHERE l.retailer_id = :retailer AND l.campaign_id IN `+campaignsOf, ids)
	return func() (*plan.Facts, error) {
		var (
			parents map[int64]int64
			err     error
		)
		if plan.CategoriesNeeded(limits.All()) {
			parents, err = categoryParents(tx)
		}
		return plan.NewFacts(vouchers.All(), campaigns.All(), limits.All(), parents), err
	}
}

// categoryParents returns the parents of the shop's categories, from memory.
func categoryParents(tx *db.Tx) (map[int64]int64, error) {
	return db.Kept(tx, "category parents", 0, func(tx *db.Tx) (map[int64]int64, error) {
		parents := map[int64]int64{}
		err := tx.Each(func(row db.Row) error {
			parents[row.Int64(0)] = row.Int64(1)
			return nil
		}, `SELECT id, parent_id FROM categories WHERE retailer_id = :retailer`)
		return parents, err
	})
}

// Save writes which vouchers were redeemed and which were released again.
func Save(tx *db.Tx, f *plan.Facts) {
	if used, at := f.Used(); len(used) > 0 {
		tx.Queue(`UPDATE vouchers SET status = 2, used_date = ? WHERE retailer_id = :retailer AND id IN ?`, at, used)
	}
	if released := f.Released(); len(released) > 0 {
		tx.Queue(`UPDATE vouchers SET status = 1, used_date = NULL WHERE retailer_id = :retailer AND id IN ?`, released)
	}
}

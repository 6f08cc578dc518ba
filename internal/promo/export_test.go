package promo

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/party"
	"github.com/taphoa/taphoa/internal/promo/plan"
)

type (
	// VoucherUse is [plan.VoucherUse].
	VoucherUse = plan.VoucherUse
	// VoucherLine is [plan.VoucherLine].
	VoucherLine = plan.VoucherLine
)

// Sale is [plan.VoucherScope] without the groups of the customer, which [Redeem] asks for.
type Sale struct {
	BranchID   int64
	SellerID   int64
	CustomerID taphoa.Opt[int64]
	Goods      []VoucherLine
	Open       taphoa.Money
	Standing   []int64
	Changed    bool
}

func voucherIDs(uses []VoucherUse) []int64 {
	ids := make([]int64, len(uses))
	for i, u := range uses {
		ids[i] = u.VoucherID
	}
	return ids
}

// Redeem asks, plans and saves what vouchers pay for a document: see [plan.Redeem]. It returns receipts that are to be
// booked for the document in the same transaction.
func Redeem(tx *db.Tx, sale *Sale, uses []VoucherUse) ([]cash.Receipt, error) {
	if len(uses) == 0 && !(sale.Changed && len(sale.Standing) > 0) {
		return nil, nil
	}
	b := tx.Batch()
	facts := Ask(tx, b, voucherIDs(uses), sale.Standing)
	var groups *db.Rows[int64]
	if sale.CustomerID.Has() && len(uses) > 0 {
		groups = party.AskCustomerGroups(b, sale.CustomerID.Value)
	}
	if err := b.Run(); err != nil {
		return nil, err
	}
	f, err := facts()
	if err != nil {
		return nil, err
	}
	ctx := tx.PlanContext()
	payments, err := plan.Redeem(&ctx, f, &plan.VoucherScope{
		BranchID: sale.BranchID, SellerID: sale.SellerID, CustomerID: sale.CustomerID, CustomerGroups: groups.All(), Lines: sale.Goods,
		Open: sale.Open, AppliedVouchers: sale.Standing, LinesChanged: sale.Changed,
	}, uses)
	if err != nil {
		return nil, err
	}
	Save(tx, f)
	var receipts []cash.Receipt
	for _, p := range payments {
		receipts = append(receipts, cash.Receipt{Amount: p.Amount, Method: taphoa.MethodVoucher, VoucherID: taphoa.Some(p.VoucherID)})
	}
	return receipts, nil
}

// Release asks, plans and saves that vouchers are released again: see [plan.Facts.Release].
func Release(tx *db.Tx, voucherIDs []int64) error {
	b := tx.Batch()
	facts := Ask(tx, b, nil, voucherIDs)
	if err := b.Run(); err != nil {
		return err
	}
	f, err := facts()
	if err == nil {
		f.Release(voucherIDs)
		Save(tx, f)
	}
	return err
}

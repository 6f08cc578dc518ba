package promo

import (
	"slices"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
)

// claimsMax is how many vouchers one request may pay with.
const claimsMax = 100

// Claim is a voucher that a request pays with.
type Claim struct {
	VoucherID  int64
	CampaignID int64        // 0 when the request does not say
	Amount     taphoa.Money // what the request says that it pays; 0 when it does not
}

// Goods is a line of what is sold.
type Goods struct {
	ProductID  int64
	CategoryID int64
	Amount     taphoa.Money // quantity × (price − discount of the line), as the customer sees it
}

// Sale is what the rules of a campaign look at.
type Sale struct {
	BranchID   int64
	SellerID   int64
	CustomerID taphoa.Opt[int64]
	Goods      []Goods
	Open       taphoa.Money // what is still to be paid, after the other payments of the request
	Standing   []int64      // vouchers that have paid for the document already
	Changed    bool         // its goods are others than when the standing vouchers paid: they must allow these, too
}

// held is a locked voucher.
type held struct {
	ID          int64
	Code        string
	CampaignID  int64
	Status      int64
	ReleaseDate taphoa.Time
}

// Lock locks the vouchers of some claims until the commit. It is for operations that touch goods before they know what is
// to be paid: vouchers come before goods.
func Lock(tx *db.Tx, claims []Claim) error {
	if len(claims) == 0 {
		return nil
	}
	_, err := lockVouchers(tx, claims)
	return err
}

func lockVouchers(tx *db.Tx, claims []Claim) (map[int64]*held, error) {
	ids := make([]int64, len(claims))
	for i, c := range claims {
		ids[i] = c.VoucherID
	}
	rows, err := db.All[held](tx, `
		SELECT id, code, campaign_id, status, COALESCE(release_date, 0) AS release_date FROM vouchers
		WHERE retailer_id = :retailer AND id IN ? AND deleted_at = 0 ORDER BY id :lock`, ids)
	byID := make(map[int64]*held, len(rows))
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
	}
	return byID, err
}

// Redeem spends vouchers on a document: it checks all rules of their campaigns, marks them used, and answers the receipts
// that are to be booked for the document in the same transaction. A voucher pays its face value, or the amount of the
// claim when that is less, but never more than is still open; what is left of it is forfeited. A voucher that has paid for
// the document already is passed over, so that a client may send the document back as it read it.
func Redeem(tx *db.Tx, sale *Sale, claims []Claim) ([]cash.Receipt, error) {
	claims = slices.DeleteFunc(slices.Clone(claims), func(c Claim) bool { return slices.Contains(sale.Standing, c.VoucherID) })
	if len(claims) == 0 && (!sale.Changed || len(sale.Standing) == 0) {
		return nil, nil
	}
	var found map[int64]*held
	if len(claims) > 0 {
		var err error
		if found, err = lockVouchers(tx, claims); err != nil {
			return nil, err
		}
		if err := checkClaims(claims, found); err != nil {
			return nil, err
		}
	}
	r, err := newRedemption(tx, sale, claims, found)
	if err != nil {
		return nil, err
	}
	var (
		receipts []cash.Receipt
		used     []int64
	)
	for _, c := range claims {
		v := found[c.VoucherID]
		amount, err := r.take(v, c)
		if err != nil {
			return nil, err
		}
		used = append(used, v.ID)
		receipts = append(receipts, cash.Receipt{Amount: amount, Method: taphoa.MethodVoucher, VoucherID: taphoa.Some(v.ID)})
	}
	if len(used) > 0 {
		tx.Queue(`UPDATE vouchers SET status = 2, used_date = ? WHERE retailer_id = :retailer AND id IN ?`, tx.Clock, used)
	}
	return receipts, nil
}

// checkClaims refuses claims on what is not there or cannot be spent.
func checkClaims(claims []Claim, found map[int64]*held) error {
	if len(claims) > claimsMax {
		return refuse("payments", "Mỗi chứng từ có tối đa %d voucher (payments)", claimsMax)
	}
	for i, c := range claims {
		v := found[c.VoucherID]
		switch {
		case v == nil:
			return refuse("payments.voucherId", "Voucher %d (voucherId) không tồn tại", c.VoucherID)
		case slices.ContainsFunc(claims[:i], func(o Claim) bool { return o.VoucherID == c.VoucherID }):
			return refuse("payments.voucherId", "Voucher %s (voucherId) bị lặp lại trong payments", v.Code)
		case c.CampaignID != 0 && c.CampaignID != v.CampaignID:
			return refuse("payments.voucherCampaignId", "Voucher %s không thuộc đợt phát hành %d (voucherCampaignId)", v.Code, c.CampaignID)
		case v.Status == taphoa.CodeUnused:
			return refuse("payments.voucherId", "Voucher %s chưa được phát hành", v.Code)
		case v.Status != taphoa.CodeReleased:
			return refuse("payments.voucherId", "Voucher %s đang ở trạng thái %s, không thể sử dụng", v.Code, taphoa.Term(taphoa.CodeStatusValue(v.Status)))
		}
	}
	return nil
}

// GiveBack makes used vouchers released again. It is for whoever voids the payments that they made, in the same
// transaction and before goods are touched.
func GiveBack(tx *db.Tx, voucherIDs []int64) error {
	if len(voucherIDs) == 0 {
		return nil
	}
	ids, err := db.All[int64](tx, `SELECT id FROM vouchers WHERE retailer_id = :retailer AND id IN ? ORDER BY id :lock`, voucherIDs)
	if err == nil && len(ids) > 0 {
		tx.Queue(`UPDATE vouchers SET status = 1, used_date = NULL WHERE retailer_id = :retailer AND id IN ? AND status = 2`, ids)
	}
	return err
}

// redemption is a sale with what the rules need to know.
type redemption struct {
	tx        *db.Tx
	sale      *Sale
	open      taphoa.Money
	campaigns map[int64]*taphoa.VoucherCampaign
	groups    []int64         // of the customer
	parents   map[int64]int64 // of categories
}

// newRedemption reads the campaigns of claims and standing vouchers and applies the rules that look at all of them.
func newRedemption(tx *db.Tx, sale *Sale, claims []Claim, found map[int64]*held) (*redemption, error) {
	ids, err := standing(tx, sale.Standing)
	if err != nil {
		return nil, err
	}
	before := len(ids)
	for _, c := range claims {
		ids = append(ids, found[c.VoucherID].CampaignID)
	}
	r := &redemption{tx: tx, sale: sale, open: sale.Open, campaigns: map[int64]*taphoa.VoucherCampaign{}}
	rows, err := db.All[taphoa.VoucherCampaign](tx,
		`SELECT `+campaignColumns+` FROM voucher_campaigns c WHERE c.retailer_id = :retailer AND c.id IN ?`, ids)
	if err == nil {
		err = fillLimits(tx, rows, true, true, true)
	}
	if err != nil {
		return nil, err
	}
	for i := range rows {
		r.campaigns[rows[i].ID] = &rows[i]
	}
	if err := r.readNeeded(); err != nil {
		return nil, err
	}
	for i, id := range ids {
		c := r.campaigns[id]
		if len(claims) > 0 && len(ids) > 1 && !c.UseVoucherCombineInvoice {
			return nil, refuse("payments.voucherId", "Voucher của đợt phát hành %s không được dùng chung với voucher khác", c.Code)
		}
		if i < before && sale.Changed {
			if err := r.goods(c); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

// standing are the campaigns of vouchers, one for each voucher.
func standing(tx *db.Tx, voucherIDs []int64) ([]int64, error) {
	if len(voucherIDs) == 0 {
		return nil, nil
	}
	return db.All[int64](tx, `SELECT campaign_id FROM vouchers WHERE retailer_id = :retailer AND id IN ? ORDER BY id`, voucherIDs)
}

// readNeeded reads the customer's groups and the tree of categories, if a campaign asks for them.
func (r *redemption) readNeeded() (err error) {
	groups, categories := false, false
	for _, c := range r.campaigns {
		groups = groups || !c.ForAllCusGroup
		categories = categories || len(c.PrereqCategoryIDs) > 0
	}
	if groups && r.sale.CustomerID.Has() {
		r.groups, err = db.All[int64](r.tx, `
			SELECT group_id FROM customer_group_members WHERE retailer_id = :retailer AND customer_id = ?`, r.sale.CustomerID.Value)
	}
	if categories && err == nil {
		r.parents = map[int64]int64{}
		err = r.tx.Each(func(row db.Row) error {
			r.parents[row.Int64(0)] = row.Int64(1)
			return nil
		}, `SELECT id, parent_id FROM categories WHERE retailer_id = :retailer`)
	}
	return err
}

// take checks what a campaign asks of a voucher and of the sale, and answers what the voucher pays.
func (r *redemption) take(v *held, claim Claim) (taphoa.Money, error) {
	c := r.campaigns[v.CampaignID]
	expires := c.EndDate
	if c.ExpireTime.Has() {
		expires = min(expires, v.ReleaseDate.Add(time.Duration(c.ExpireTime.Value)*24*time.Hour))
	}
	now := r.tx.Clock
	switch {
	case !c.IsActive:
		return 0, refuse("payments.voucherId", "Voucher %s không dùng được: đợt phát hành %s đang ngừng hoạt động", v.Code, c.Code)
	case now < c.StartDate || now < v.ReleaseDate:
		return 0, refuse("payments.voucherId", "Voucher %s chưa đến ngày sử dụng %v", v.Code, max(c.StartDate, v.ReleaseDate))
	case now > expires:
		return 0, refuse("payments.voucherId", "Voucher %s đã hết hạn từ %v", v.Code, expires)
	case claim.Amount < 0 || claim.Amount > c.Price:
		return 0, refuse("payments.amount", "Số tiền %v (payments.amount) phải từ 0 đến mệnh giá %v của voucher %s", claim.Amount, c.Price, v.Code)
	case !c.IsGlobal && !slices.ContainsFunc(c.VoucherBranchs, func(b taphoa.VoucherBranch) bool { return b.BranchID == r.sale.BranchID }):
		return 0, refuse("payments.voucherId", "Voucher %s không được dùng tại chi nhánh này (branchId)", v.Code)
	case !c.ForAllUser && !slices.ContainsFunc(c.VoucherUsers, func(u taphoa.VoucherUser) bool { return u.UserID == r.sale.SellerID }):
		return 0, refuse("payments.voucherId", "Người bán (soldById) không được nhận voucher %s", v.Code)
	case !c.ForAllCusGroup && !slices.ContainsFunc(c.VoucherCusGroups, func(g taphoa.VoucherCusGroup) bool { return slices.Contains(r.groups, g.GroupID) }):
		return 0, refuse("payments.voucherId", "Voucher %s chỉ dành cho khách hàng thuộc nhóm của đợt phát hành %s", v.Code, c.Code)
	}
	if err := r.goods(c); err != nil {
		return 0, err
	}
	if r.open <= 0 {
		return 0, refuse("payments.voucherId",
			"Không còn số tiền nào để voucher %s thanh toán: hãy giảm các khoản thanh toán khác (totalPayment) hoặc bỏ voucher", v.Code)
	}
	amount := c.Price
	if claim.Amount > 0 {
		amount = claim.Amount
	}
	amount = min(amount, r.open)
	r.open -= amount
	return amount, nil
}

// goods checks what a campaign asks of what is sold: one of its products, or a product of one of its categories, and so
// much money for them.
func (r *redemption) goods(c *taphoa.VoucherCampaign) error {
	var (
		total taphoa.Money
		any   bool
		err   error
	)
	for _, g := range r.sale.Goods {
		if !r.fits(c, g) {
			continue
		}
		any = true
		if total, err = total.Add(g.Amount); err != nil {
			return refuse("total", "Số tiền vượt quá giới hạn cho phép")
		}
	}
	if !any {
		return refuse("payments.voucherId", "Voucher của đợt phát hành %s chỉ dùng được khi mua hàng hóa hoặc nhóm hàng của đợt phát hành", c.Code)
	}
	if total < c.PrereqPrice.Or(0) {
		return refuse("payments.voucherId", "Voucher của đợt phát hành %s cần tổng tiền hàng từ %v, hiện là %v", c.Code, c.PrereqPrice.Value, total)
	}
	return nil
}

// fits reports whether a line counts for a campaign.
func (r *redemption) fits(c *taphoa.VoucherCampaign, g Goods) bool {
	if len(c.PrereqProductIDs) == 0 && len(c.PrereqCategoryIDs) == 0 || slices.Contains(c.PrereqProductIDs, g.ProductID) {
		return true
	}
	for id, depth := g.CategoryID, 0; id != 0 && depth < 10; id, depth = r.parents[id], depth+1 {
		if slices.Contains(c.PrereqCategoryIDs, id) {
			return true
		}
	}
	return false
}

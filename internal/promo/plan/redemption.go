package plan

import (
	"slices"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/plan"
)

// usesMax is how many vouchers one request may pay with.
const usesMax = 100

// VoucherUse is a voucher that a request pays with.
type VoucherUse struct {
	VoucherID  int64
	CampaignID int64        // 0 when the request does not name it
	Amount     taphoa.Money // what the request wants it to pay; 0 for as much as it can
}

// VoucherLine is a line of what is sold.
type VoucherLine struct {
	ProductID  int64
	CategoryID int64
	Amount     taphoa.Money // quantity × (price − discount of the line), as the customer sees it
}

// VoucherScope has the members of a document that the rules of campaigns check.
type VoucherScope struct {
	BranchID        int64
	SellerID        int64
	CustomerID      taphoa.Opt[int64]
	CustomerGroups  []int64 // the groups that the customer is in
	Lines           []VoucherLine
	Open            taphoa.Money // what is still to be paid, after the other payments of the request
	AppliedVouchers []int64      // vouchers that have paid for the document already
	LinesChanged    bool         // the lines are others than when the applied vouchers paid: these must allow them, too
}

// VoucherPayment is what a voucher pays.
type VoucherPayment struct {
	VoucherID int64
	Amount    taphoa.Money
}

func refuse(field, format string, args ...any) error {
	return taphoa.Refuse(taphoa.CodeValidate, field, format, args...)
}

// Redeem returns the payments of vouchers for a document and sets them used in the facts. A voucher pays its face value, or
// the amount of its use when that is less, but never more than is still open; what is left of it is forfeited. A voucher
// that has paid for the document already is left out, so that a client may send the document back as it read it.
//
// All refusals have taphoa.CodeValidate: too many vouchers, a voucher that is unknown, named twice, of another campaign
// or not released, one that cannot be combined, and what a campaign demands. A refusal leaves the facts as they were.
func Redeem(ctx *plan.Context, f *Facts, scope *VoucherScope, uses []VoucherUse) ([]VoucherPayment, error) {
	uses = slices.DeleteFunc(slices.Clone(uses), func(u VoucherUse) bool { return slices.Contains(scope.AppliedVouchers, u.VoucherID) })
	if err := f.checkUses(uses); err != nil {
		return nil, err
	}
	if err := f.checkCombination(scope, uses); err != nil {
		return nil, err
	}
	var payments []VoucherPayment
	open := scope.Open
	for _, u := range uses {
		amount, err := f.pay(ctx, scope, u, open)
		if err != nil {
			return nil, err
		}
		open -= amount
		payments = append(payments, VoucherPayment{u.VoucherID, amount})
	}
	for _, p := range payments {
		v := f.vouchers[p.VoucherID]
		v.Status, v.usedAt = taphoa.CodeUsed, ctx.Clock
	}
	return payments, nil
}

// checkUses refuses vouchers that do not exist or cannot be used.
func (f *Facts) checkUses(uses []VoucherUse) error {
	if len(uses) > usesMax {
		return refuse("payments", "Mỗi chứng từ có tối đa %d voucher (payments)", usesMax)
	}
	for i, u := range uses {
		v := f.vouchers[u.VoucherID]
		switch {
		case v == nil || v.DeletedAt != 0:
			return refuse("payments.voucherId", "Voucher %d (voucherId) không tồn tại", u.VoucherID)
		case slices.ContainsFunc(uses[:i], func(o VoucherUse) bool { return o.VoucherID == u.VoucherID }):
			return refuse("payments.voucherId", "Voucher %s (voucherId) bị lặp lại trong payments", v.Code)
		case u.CampaignID != 0 && u.CampaignID != v.CampaignID:
			return refuse("payments.voucherCampaignId", "Voucher %s không thuộc đợt phát hành %d (voucherCampaignId)", v.Code, u.CampaignID)
		case v.Status == taphoa.CodeUnused:
			return refuse("payments.voucherId", "Voucher %s chưa được phát hành", v.Code)
		case v.Status != taphoa.CodeReleased:
			return refuse("payments.voucherId", "Voucher %s đang ở trạng thái %s, không thể sử dụng", v.Code, taphoa.Term(taphoa.CodeStatusValue(v.Status)))
		}
	}
	return nil
}

// checkCombination applies the rules about all vouchers of a document: the applied ones, in the order of ids, and
// those of the request.
func (f *Facts) checkCombination(scope *VoucherScope, uses []VoucherUse) error {
	var all []*campaign
	for _, v := range f.sorted() {
		if slices.Contains(scope.AppliedVouchers, v.ID) {
			all = append(all, f.campaigns[v.CampaignID])
		}
	}
	applied := len(all)
	for _, u := range uses {
		all = append(all, f.campaigns[f.vouchers[u.VoucherID].CampaignID])
	}
	for i, c := range all {
		if len(uses) > 0 && len(all) > 1 && !c.UseVoucherCombineInvoice {
			return refuse("payments.voucherId", "Voucher của đợt phát hành %s không được dùng chung với voucher khác", c.Code)
		}
		if i < applied && scope.LinesChanged {
			if err := f.checkLines(scope, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// pay checks what a campaign demands of a voucher and of the document, and returns how much of what is open the voucher
// pays.
func (f *Facts) pay(ctx *plan.Context, scope *VoucherScope, use VoucherUse, open taphoa.Money) (taphoa.Money, error) {
	v := f.vouchers[use.VoucherID]
	c, now := f.campaigns[v.CampaignID], ctx.Clock
	released, expires := v.ReleaseDate.Or(0), c.EndDate
	if c.ExpireTime.Has() {
		expires = min(expires, released.Add(time.Duration(c.ExpireTime.Value)*24*time.Hour))
	}
	inGroup := func(id int64) bool { return slices.Contains(scope.CustomerGroups, id) }
	switch {
	case !c.IsActive:
		return 0, refuse("payments.voucherId", "Voucher %s không dùng được: đợt phát hành %s đang ngừng hoạt động", v.Code, c.Code)
	case now < c.StartDate || now < released:
		return 0, refuse("payments.voucherId", "Voucher %s chưa đến ngày sử dụng %v", v.Code, max(c.StartDate, released))
	case now > expires:
		return 0, refuse("payments.voucherId", "Voucher %s đã hết hạn từ %v", v.Code, expires)
	case use.Amount < 0 || use.Amount > c.Price:
		return 0, refuse("payments.amount", "Số tiền %v (payments.amount) phải từ 0 đến mệnh giá %v của voucher %s", use.Amount, c.Price, v.Code)
	case !c.IsGlobal && !slices.Contains(c.limits[LimitBranch], scope.BranchID):
		return 0, refuse("payments.voucherId", "Voucher %s không được dùng tại chi nhánh này (branchId)", v.Code)
	case !c.ForAllUser && !slices.Contains(c.limits[LimitUser], scope.SellerID):
		return 0, refuse("payments.voucherId", "Người bán (soldById) không được nhận voucher %s", v.Code)
	case !c.ForAllCusGroup && !slices.ContainsFunc(c.limits[LimitGroup], inGroup):
		return 0, refuse("payments.voucherId", "Voucher %s chỉ dành cho khách hàng thuộc nhóm của đợt phát hành %s", v.Code, c.Code)
	}
	if err := f.checkLines(scope, c); err != nil {
		return 0, err
	}
	if open <= 0 {
		return 0, refuse("payments.voucherId",
			"Không còn số tiền nào để voucher %s thanh toán: hãy giảm các khoản thanh toán khác (totalPayment) hoặc bỏ voucher", v.Code)
	}
	amount := c.Price
	if use.Amount > 0 {
		amount = use.Amount
	}
	return min(amount, open), nil
}

// checkLines checks what a campaign demands of what is sold: one of its products, or a product of one of its categories,
// and a minimum amount of them.
func (f *Facts) checkLines(scope *VoucherScope, c *campaign) error {
	var (
		total   taphoa.Money
		covered bool
		err     error
	)
	for _, line := range scope.Lines {
		if !f.covers(c, line) {
			continue
		}
		covered = true
		if total, err = total.Add(line.Amount); err != nil {
			return refuse("total", "Số tiền vượt quá giới hạn cho phép")
		}
	}
	if !covered {
		return refuse("payments.voucherId", "Voucher của đợt phát hành %s chỉ dùng được khi mua hàng hóa hoặc nhóm hàng của đợt phát hành", c.Code)
	}
	if total < c.PrereqPrice.Or(0) {
		return refuse("payments.voucherId", "Voucher của đợt phát hành %s cần tổng tiền hàng từ %v, hiện là %v", c.Code, c.PrereqPrice.Value, total)
	}
	return nil
}

// covers reports whether a line counts for a campaign.
func (f *Facts) covers(c *campaign, line VoucherLine) bool {
	products, categories := c.limits[LimitProduct], c.limits[LimitCategory]
	if len(products) == 0 && len(categories) == 0 || slices.Contains(products, line.ProductID) {
		return true
	}
	for id, depth := line.CategoryID, 0; id != 0 && depth < 10; id, depth = f.parents[id], depth+1 {
		if slices.Contains(categories, id) {
			return true
		}
	}
	return false
}

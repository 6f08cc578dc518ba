package promo

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/text"
)

// SetCouponsUsed sets coupons used, each on its own: a coupon that cannot be used does not prevent others (contract
// coupons, setCouponsUsed).
func SetCouponsUsed(tx *db.Tx, in *taphoa.SetCouponsUsed) (taphoa.SetCouponsUsedResult, error) {
	out := taphoa.SetCouponsUsedResult{Message: taphoa.MessageNoCouponMarked, DataError: []taphoa.CouponError{}}
	if len(in.Coupons) == 0 {
		return out, refuse("coupons", "Danh sách coupon (coupons) không được để trống")
	}
	if len(in.Coupons) > codesMax {
		return out, refuse("coupons", "Danh sách coupon (coupons) chỉ được có tối đa %d mã", codesMax)
	}
	keys := make([]string, len(in.Coupons))
	for i, c := range in.Coupons {
		keys[i] = text.CodeKey(c.Code)
	}
	locked, err := lockCoupons(tx, keys)
	if err != nil {
		return out, err
	}
	var used []int64
	for i, given := range in.Coupons {
		c := locked[keys[i]]
		if reason := c.whyNotUsable(tx.Clock, keys[i]); reason != "" {
			code := text.Clean(given.Code)
			out.DataError = append(out.DataError, taphoa.CouponError{Code: code + ": " + reason, Message: reason})
			continue
		}
		c.Status = taphoa.CodeUsed // a second mention finds it so
		used = append(used, c.ID)
	}
	if len(used) > 0 {
		out.Message = taphoa.MessageUpdated
		audit.Value(tx, "codes", nil, int64(len(used)))
		tx.Queue(`UPDATE coupons SET status = 2, used_date = ? WHERE retailer_id = :retailer AND id IN ?`, tx.Clock, used)
	}
	return out, nil
}

// lockedCoupon is a locked coupon with what decides whether it can be marked as used.
type lockedCoupon struct {
	ID         int64
	CodeKey    string
	Status     int64
	CampaignID int64
	EndDate    taphoa.Time `db:"-"`
}

// lockCoupons locks coupons and returns them by key: the first of those that have one, as in [codeKind.lockUnused].
func lockCoupons(tx *db.Tx, keys []string) (map[string]*lockedCoupon, error) {
	rows, err := db.All[lockedCoupon](tx, `
		SELECT id, code_key, status, campaign_id FROM coupons
		WHERE retailer_id = :retailer AND code_key IN ? AND deleted_at = 0 ORDER BY id DESC :lock`, keys)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	campaigns := make([]int64, len(rows))
	for i, r := range rows {
		campaigns[i] = r.CampaignID
	}
	ends := map[int64]taphoa.Time{}
	err = tx.Each(func(row db.Row) error {
		ends[row.Int64(0)] = taphoa.Time(row.Int64(1))
		return nil
	}, `SELECT id, end_date FROM coupon_campaigns WHERE retailer_id = :retailer AND id IN ?`, campaigns)
	byKey := make(map[string]*lockedCoupon, len(rows))
	for i := range rows {
		rows[i].EndDate = ends[rows[i].CampaignID]
		byKey[rows[i].CodeKey] = &rows[i]
	}
	return byKey, err
}

// whyNotUsable returns why a coupon cannot be marked, or "" (contract coupons, undocumented).
func (c *lockedCoupon) whyNotUsable(now taphoa.Time, key string) string {
	switch {
	case key == "":
		return "Mã coupon (code) không được để trống"
	case c == nil:
		return "Coupon không tồn tại"
	case c.Status == taphoa.CodeUsed:
		return "Coupon đã được sử dụng"
	case c.Status == taphoa.CodeCancelled:
		return "Coupon đã bị hủy"
	case now > c.EndDate:
		return "Coupon đã hết hạn"
	}
	return ""
}

var couponOrders = db.Orders{
	"code": db.Text("k.code_key"), "couponcampaignid": db.Number("k.campaign_id"), "status": db.Number("k.status"),
	"statusvalue": db.Labels("k.status", taphoa.CodeCancelled, taphoa.CodeStatusValue),
	"releasedate": db.Number("k.release_date").OrNull(), "useddate": db.Number("k.used_date").OrNull(),
	"expiredate":  db.Number(`(SELECT c.end_date FROM coupon_campaigns c WHERE c.retailer_id = :retailer AND c.id = k.campaign_id)`).OrNull(),
	"createddate": db.Number("k.created_date"),
}

// ListCoupons lists the shop's coupons.
func ListCoupons(tx *db.Tx, in *taphoa.CouponQuery) (taphoa.Page[taphoa.Coupon], error) {
	list := db.List{
		Table: "coupons k", Live: "k.deleted_at = 0",
		Columns: `k.id, k.code, k.campaign_id AS coupon_campaign_id, k.release_date, c.end_date AS expire_date, k.used_date, k.status`,
		Joins:   `JOIN coupon_campaigns c ON c.retailer_id = :retailer AND c.id = k.campaign_id`,
		Orders:  couponOrders,
	}
	list.If(in.CampaignID.Or(0) != 0, "k.campaign_id = ?", in.CampaignID.Value).
		If(len(in.Status) > 0, "k.status IN ?", in.Status)
	page, err := listPage[taphoa.Coupon](tx, &list, &in.WholePaging)
	for i := range page.Data {
		page.Data[i].StatusValue = taphoa.CodeStatusValue(page.Data[i].Status)
	}
	return page, err
}

// CreateCoupons adds coupons with given codes to an active campaign: all of them or none.
func CreateCoupons(tx *db.Tx, in *taphoa.CouponsInput) (taphoa.Message, error) {
	c, err := coupons.lockActive(tx, "campaignId", in.CampaignID)
	if err == nil {
		err = coupons.add(tx, &c, "coupons", in.Coupons)
	}
	return taphoa.Message{Message: taphoa.MessageCouponsCreated}, err
}

// ReleaseCoupons releases unused coupons of an active campaign.
func ReleaseCoupons(tx *db.Tx, in *taphoa.CouponsInput) (taphoa.Message, error) {
	c, err := coupons.lockActive(tx, "campaignId", in.CampaignID)
	if err != nil {
		return taphoa.Message{}, err
	}
	ids, err := coupons.lockUnused(tx, &c, "coupons", in.Coupons)
	if err == nil {
		tx.Queue(`UPDATE coupons SET status = 1, release_date = ? WHERE retailer_id = :retailer AND id IN ?`, tx.Clock, ids)
	}
	return taphoa.Message{Message: taphoa.MessageCouponsUpdated}, err
}

// CancelCoupons cancels unreleased coupons of an active campaign.
func CancelCoupons(tx *db.Tx, in *taphoa.CouponsInput) (taphoa.Message, error) {
	err := coupons.cancel(tx, "campaignId", in.CampaignID, "coupons", in.Coupons)
	return taphoa.Message{Message: taphoa.MessageCouponsUpdated}, err
}

const couponCampaignColumns = `c.id, c.code, c.name, c.is_active, c.start_date, c.end_date, c.quantity`

var couponCampaignOrders = db.Orders{
	"code": db.Text("c.code_key"), "name": db.Text("c.name_key"), "isactive": db.Flag("c.is_active"), "startdate": db.Number("c.start_date"),
	"enddate": db.Number("c.end_date"), "quantity": db.Number("c.quantity"), "createddate": db.Number("c.created_date"),
}

// ListCouponCampaigns lists the campaigns of coupons.
func ListCouponCampaigns(tx *db.Tx, in *taphoa.CouponCampaignQuery) (taphoa.Page[taphoa.CouponCampaign], error) {
	list := db.List{
		Table: "coupon_campaigns c", Live: "c.deleted_at = 0", Columns: couponCampaignColumns,
		Orders: couponCampaignOrders,
	}
	list.If(in.IsActive.Has(), "c.is_active = ?", in.IsActive.Value)
	return listPage[taphoa.CouponCampaign](tx, &list, &in.WholePaging)
}

// GetCouponCampaign returns one campaign of coupons, or an error if there is no such campaign.
func GetCouponCampaign(tx *db.Tx, in *taphoa.ByID) (taphoa.CouponCampaign, error) {
	return findCouponCampaign(tx, in.ID, "")
}

func findCouponCampaign(tx *db.Tx, id int64, lock string) (taphoa.CouponCampaign, error) {
	c, found, err := db.One[taphoa.CouponCampaign](tx, `
		SELECT `+couponCampaignColumns+` FROM coupon_campaigns c
		WHERE c.retailer_id = :retailer AND c.id = ? AND c.deleted_at = 0 `+lock, id)
	if err == nil && !found {
		err = coupons.unknownCampaign(id)
	}
	return c, err
}

// CreateCouponCampaign creates a campaign, without coupons.
func CreateCouponCampaign(tx *db.Tx, in *taphoa.CouponCampaignInput) (taphoa.CouponCampaign, error) {
	c := campaign{IsActive: true, StartDate: tx.Clock}
	err := c.apply(in.Code, in.Name, in.IsActive, in.StartDate, in.EndDate)
	if err == nil {
		err = coupons.refuseUsedCode(tx, 0, c.Code)
	}
	if err == nil {
		c.ID, err = tx.NewID("coupon_campaigns")
	}
	if err == nil && c.Code == "" {
		c.Code, err = coupons.nextCode(tx)
	}
	if err != nil {
		return taphoa.CouponCampaign{}, err
	}
	tx.Queue(`
		INSERT INTO coupon_campaigns (retailer_id, id, code, code_key, name, name_key, is_active, start_date, end_date, created_date)
		VALUES (:retailer, :id, :code, ?, :name, ?, :is_active, :start_date, :end_date, :now)`, &c, text.CodeKey(c.Code), text.Fold(c.Name))
	return findCouponCampaign(tx, c.ID, "")
}

// UpdateCouponCampaign changes the members of a campaign that are present.
func UpdateCouponCampaign(tx *db.Tx, in *taphoa.CouponCampaignUpdate) (taphoa.CouponCampaign, error) {
	before, err := findCouponCampaign(tx, in.ID, ":lock")
	if err != nil {
		return before, err
	}
	c := campaign(before)
	if err := c.apply(in.Code, in.Name, in.IsActive, in.StartDate, in.EndDate); err != nil {
		return before, err
	}
	if err := coupons.refuseUsedCode(tx, c.ID, c.Code); err != nil {
		return before, err
	}
	if c == campaign(before) {
		return before, nil
	}
	tx.Queue(`
		UPDATE coupon_campaigns SET code = :code, code_key = ?, name = :name, name_key = ?, is_active = :is_active,
			start_date = :start_date, end_date = :end_date, modified_date = :now
		WHERE retailer_id = :retailer AND id = :id`, &c, text.CodeKey(c.Code), text.Fold(c.Name))
	return findCouponCampaign(tx, in.ID, "")
}

// DeleteCouponCampaign removes a campaign of which no coupon before released, with its coupons.
func DeleteCouponCampaign(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	err := coupons.remove(tx, in.ID, taphoa.CodeReleased, taphoa.CodeUsed)
	return taphoa.Message{Message: taphoa.MessageDeleted}, err
}

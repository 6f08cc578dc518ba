package promo

import (
	"slices"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/promo/plan"
	"github.com/taphoa/taphoa/internal/text"
)

const campaignColumns = `c.id, c.code, c.name, c.is_active, c.start_date, c.end_date, c.expire_time, c.prereq_price, c.quantity,
	c.price, c.use_voucher_combine_invoice, c.is_global, c.for_all_cus_group, c.for_all_user`

// limit is a row of voucher_campaign_limits with the name of what it names, if that is shown.
type limit struct {
	CampaignID int64
	Kind       string
	RefID      int64
	Name       taphoa.Opt[string]
}

var campaignOrders = db.Orders{
	"code": db.Text("c.code_key"), "name": db.Text("c.name_key"), "isactive": db.Flag("c.is_active"), "startdate": db.Number("c.start_date"),
	"enddate": db.Number("c.end_date"), "expiretime": db.Number("c.expire_time").OrNull(), "prereqprice": db.Number("c.prereq_price").OrNull(),
	"quantity": db.Number("c.quantity"), "price": db.Number("c.price"), "usevouchercombineinvoice": db.Flag("c.use_voucher_combine_invoice"),
	"isglobal": db.Flag("c.is_global"), "forallcusgroup": db.Flag("c.for_all_cus_group"), "foralluser": db.Flag("c.for_all_user"),
	"createddate": db.Number("c.created_date"),
}

// ListVoucherCampaigns lists the campaigns of vouchers (contract vouchers, listVoucherCampaigns).
func ListVoucherCampaigns(tx *db.Tx, in *taphoa.VoucherCampaignQuery) (taphoa.Page[taphoa.VoucherCampaign], error) {
	list := db.List{
		Table: "voucher_campaigns c", Live: "c.deleted_at = 0", Columns: campaignColumns,
		Orders: campaignOrders,
	}
	list.If(in.IsActive.Has(), "c.is_active = ?", in.IsActive.Value).
		If(in.ID.Or(0) != 0, "c.id = ?", in.ID.Value).
		If(in.IsGlobal.Has(), "c.is_global = ?", in.IsGlobal.Value).
		If(in.ForAllCusGroup.Has(), "c.for_all_cus_group = ?", in.ForAllCusGroup.Value).
		If(in.ForAllUser.Has(), "c.for_all_user = ?", in.ForAllUser.Value)
	page, err := listPage[taphoa.VoucherCampaign](tx, &list, &in.WholePaging)
	if err != nil {
		return page, err
	}
	return page, fillLimits(tx, page.Data, in.IncludeVoucherBranchs, in.IncludeVoucherUsers, in.IncludeVoucherCusGroups)
}

// GetVoucherCampaign returns one campaign with all its limits, or an error if there is no such campaign.
func GetVoucherCampaign(tx *db.Tx, in *taphoa.ByID) (*taphoa.VoucherCampaign, error) {
	return findCampaign(tx, in.ID, "")
}

func findCampaign(tx *db.Tx, id int64, lock string) (*taphoa.VoucherCampaign, error) {
	rows, err := db.All[taphoa.VoucherCampaign](tx, `
		SELECT `+campaignColumns+` FROM voucher_campaigns c
		WHERE c.retailer_id = :retailer AND c.id = ? AND c.deleted_at = 0 `+lock, id)
	if err == nil && len(rows) == 0 {
		err = vouchers.unknownCampaign(id)
	}
	if err != nil {
		return nil, err
	}
	return &rows[0], fillLimits(tx, rows, true, true, true)
}

// fillLimits adds what campaigns are limited to, in the order of ids.
func fillLimits(tx *db.Tx, campaigns []taphoa.VoucherCampaign, branches, users, groups bool) error {
	if len(campaigns) == 0 {
		return nil
	}
	ids, at := make([]int64, len(campaigns)), make(map[int64]*taphoa.VoucherCampaign, len(campaigns))
	for i := range campaigns {
		c := &campaigns[i]
		ids[i], at[c.ID] = c.ID, c
		if branches {
			c.VoucherBranchs = []taphoa.VoucherBranch{}
		}
		if users {
			c.VoucherUsers = []taphoa.VoucherUser{}
		}
		if groups {
			c.VoucherCusGroups = []taphoa.VoucherCusGroup{}
		}
	}
	limits, err := db.All[limit](tx, `
		SELECT l.campaign_id, l.kind, l.ref_id, COALESCE(b.branch_name, u.user_name, g.name) AS name
		FROM voucher_campaign_limits l
		LEFT JOIN branches b ON b.retailer_id = :retailer AND b.id = l.ref_id AND l.kind = 'branch'
		LEFT JOIN users u ON u.retailer_id = :retailer AND u.id = l.ref_id AND l.kind = 'user'
		LEFT JOIN customer_groups g ON g.retailer_id = :retailer AND g.id = l.ref_id AND l.kind = 'group'
		WHERE l.retailer_id = :retailer AND l.campaign_id IN ? ORDER BY l.campaign_id, l.kind, l.ref_id`, ids)
	for _, l := range limits {
		switch c := at[l.CampaignID]; {
		case l.Kind == plan.LimitCategory:
			c.PrereqCategoryIDs = append(c.PrereqCategoryIDs, l.RefID)
		case l.Kind == plan.LimitProduct:
			c.PrereqProductIDs = append(c.PrereqProductIDs, l.RefID)
		case l.Kind == plan.LimitBranch && branches:
			c.VoucherBranchs = append(c.VoucherBranchs, taphoa.VoucherBranch{BranchID: l.RefID, BranchName: l.Name.Value})
		case l.Kind == plan.LimitUser && users:
			c.VoucherUsers = append(c.VoucherUsers, taphoa.VoucherUser{UserID: l.RefID, UserName: l.Name.Value})
		case l.Kind == plan.LimitGroup && groups:
			c.VoucherCusGroups = append(c.VoucherCusGroups, taphoa.VoucherCusGroup{GroupID: l.RefID, GroupName: l.Name.Value})
		}
	}
	return err
}

// CreateVoucherCampaign creates a campaign, without vouchers.
func CreateVoucherCampaign(tx *db.Tx, in *taphoa.VoucherCampaignInput) (*taphoa.VoucherCampaign, error) {
	c := &taphoa.VoucherCampaign{IsActive: true, StartDate: tx.Clock, IsGlobal: true, ForAllCusGroup: true, ForAllUser: true}
	if err := apply(c, in); err != nil {
		return nil, err
	}
	if err := vouchers.refuseUsedCode(tx, 0, c.Code); err != nil {
		return nil, err
	}
	var err error
	if c.ID, err = tx.NewID("voucher_campaigns"); err != nil {
		return nil, err
	}
	if _, err := writeLimits(tx, &taphoa.VoucherCampaign{}, c); err != nil {
		return nil, err
	}
	if c.Code == "" {
		if c.Code, err = vouchers.nextCode(tx); err != nil {
			return nil, err
		}
	}
	tx.Queue(`
		INSERT INTO voucher_campaigns (retailer_id, id, code, code_key, name, name_key, is_active, start_date, end_date, expire_time,
			prereq_price, price, use_voucher_combine_invoice, is_global, for_all_cus_group, for_all_user, created_date)
		VALUES (:retailer, :id, :code, ?, :name, ?, :is_active, :start_date, :end_date, :expire_time,
			:prereq_price, :price, :use_voucher_combine_invoice, :is_global, :for_all_cus_group, :for_all_user, :now)`,
		c, text.CodeKey(c.Code), text.Fold(c.Name))
	return findCampaign(tx, c.ID, "")
}

// UpdateVoucherCampaign changes the members of a campaign that are present. Its price stays once a voucher of it is
// released: its owner was promised that much.
func UpdateVoucherCampaign(tx *db.Tx, in *taphoa.VoucherCampaignUpdate) (*taphoa.VoucherCampaign, error) {
	c, err := findCampaign(tx, in.ID, ":lock")
	if err != nil {
		return nil, err
	}
	before := *c
	if err := apply(c, &in.VoucherCampaignInput); err != nil {
		return nil, err
	}
	if err := vouchers.refuseUsedCode(tx, c.ID, c.Code); err != nil {
		return nil, err
	}
	if c.Price != before.Price {
		_, issued, err := db.One[int64](tx, `
			SELECT id FROM vouchers
			WHERE retailer_id = :retailer AND campaign_id = ? AND status IN (1, 2) AND deleted_at = 0 ORDER BY id LIMIT 1`, c.ID)
		if issued {
			err = refuse("price", "Đợt phát hành %s đã có voucher được phát hành, không thể đổi mệnh giá (price) từ %v", before.Code, before.Price)
		}
		if err != nil {
			return nil, err
		}
	}
	limits, err := writeLimits(tx, &before, c)
	if err != nil || !limits && db.Unchanged(&before, c) {
		return c, err
	}
	tx.Queue(`
		UPDATE voucher_campaigns SET code = :code, code_key = ?, name = :name, name_key = ?, is_active = :is_active,
			start_date = :start_date, end_date = :end_date, expire_time = :expire_time, prereq_price = :prereq_price, price = :price,
			use_voucher_combine_invoice = :use_voucher_combine_invoice, is_global = :is_global,
			for_all_cus_group = :for_all_cus_group, for_all_user = :for_all_user, modified_date = :now
		WHERE retailer_id = :retailer AND id = :id`, c, text.CodeKey(c.Code), text.Fold(c.Name))
	return findCampaign(tx, c.ID, "")
}

// DeleteVoucherCampaign removes a campaign of which no voucher was released, with its vouchers.
func DeleteVoucherCampaign(tx *db.Tx, in *taphoa.ByID) (taphoa.Message, error) {
	err := vouchers.remove(tx, in.ID, taphoa.CodeReleased, taphoa.CodeUsed)
	return taphoa.Message{Message: taphoa.MessageDeleted}, err
}

// apply sets the members of a campaign that are given.
func apply(c *taphoa.VoucherCampaign, in *taphoa.VoucherCampaignInput) error {
	base := campaign{Code: c.Code, Name: c.Name, IsActive: c.IsActive, StartDate: c.StartDate, EndDate: c.EndDate}
	if err := base.apply(in.Code, in.Name, in.IsActive, in.StartDate, in.EndDate); err != nil {
		return err
	}
	c.Code, c.Name, c.IsActive, c.StartDate, c.EndDate = base.Code, base.Name, base.IsActive, base.StartDate, base.EndDate
	c.Price, c.UseVoucherCombineInvoice = in.Price.Or(c.Price), in.UseVoucherCombineInvoice.Or(c.UseVoucherCombineInvoice)
	replace(&c.ExpireTime, in.ExpireTime)
	replace(&c.PrereqPrice, in.PrereqPrice)
	switch {
	case c.Price <= 0 || c.Price > taphoa.MoneyMax:
		return refuse("price", "Mệnh giá voucher (price) phải lớn hơn 0 và không quá %v", taphoa.MoneyMax)
	case c.ExpireTime.Has() && (c.ExpireTime.Value < 1 || c.ExpireTime.Value > expireMax):
		return refuse("expireTime", "Số ngày hiệu lực (expireTime) phải từ 1 đến %d", expireMax)
	case c.PrereqPrice.Or(0) < 0 || c.PrereqPrice.Or(0) > taphoa.MoneyMax:
		return refuse("prereqPrice", "Tổng tiền hàng tối thiểu (prereqPrice) phải từ 0 đến %v", taphoa.MoneyMax)
	}
	if in.PrereqCategoryIDs.Given() {
		c.PrereqCategoryIDs = in.PrereqCategoryIDs.Value
	}
	if in.PrereqProductIDs.Given() {
		c.PrereqProductIDs = in.PrereqProductIDs.Value
	}
	err := limited(&c.IsGlobal, in.IsGlobal, &c.VoucherBranchs, in.VoucherBranchs, "isGlobal", "voucherBranchs")
	if err == nil {
		err = limited(&c.ForAllUser, in.ForAllUser, &c.VoucherUsers, in.VoucherUsers, "forAllUser", "voucherUsers")
	}
	if err == nil {
		err = limited(&c.ForAllCusGroup, in.ForAllCusGroup, &c.VoucherCusGroups, in.VoucherCusGroups, "forAllCusGroup", "voucherCusGroups")
	}
	return err
}

func replace[T any](member *taphoa.Opt[T], given taphoa.Opt[T]) {
	if given.Given() {
		*member = given
	}
}

// limited sets a list and the flag that there is no limit. The flag is used if both are given.
func limited[T any](all *bool, flag taphoa.Opt[bool], list *[]T, given taphoa.Opt[[]T], flagField, listField string) error {
	if given.Given() {
		*list = given.Value
		*all = len(given.Value) == 0
	}
	if *all = flag.Or(*all); *all {
		*list = nil
	} else if len(*list) == 0 {
		return refuse(listField, "Khi %s là false, danh sách %s không được để trống", flagField, listField)
	}
	return nil
}

// limitKinds are the kinds of limits of a campaign: the table of the records, their Vietnamese name, and their ids.
var limitKinds = []struct {
	kind, table, field, label string
	ids                       func(*taphoa.VoucherCampaign) []int64
}{
	{plan.LimitBranch, "branches", "voucherBranchs.branchId", "Chi nhánh", func(c *taphoa.VoucherCampaign) []int64 {
		return each(c.VoucherBranchs, func(b taphoa.VoucherBranch) int64 { return b.BranchID })
	}},
	{plan.LimitUser, "users", "voucherUsers.userId", "Người dùng", func(c *taphoa.VoucherCampaign) []int64 {
		return each(c.VoucherUsers, func(u taphoa.VoucherUser) int64 { return u.UserID })
	}},
	{plan.LimitGroup, "customer_groups", "voucherCusGroups.groupId", "Nhóm khách hàng", func(c *taphoa.VoucherCampaign) []int64 {
		return each(c.VoucherCusGroups, func(g taphoa.VoucherCusGroup) int64 { return g.GroupID })
	}},
	{plan.LimitCategory, "categories", "prereqCategoryIds", "Nhóm hàng", func(c *taphoa.VoucherCampaign) []int64 {
		return each(c.PrereqCategoryIDs, func(id int64) int64 { return id })
	}},
	{plan.LimitProduct, "products", "prereqProductIds", "Hàng hóa", func(c *taphoa.VoucherCampaign) []int64 {
		return each(c.PrereqProductIDs, func(id int64) int64 { return id })
	}},
}

// writeLimits writes the limits of a campaign that have changed, and reports whether there are any. Records of new ones must
// exist; those of old ones may be deleted.
func writeLimits(tx *db.Tx, before, c *taphoa.VoucherCampaign) (changed bool, err error) {
	for _, k := range limitKinds {
		stored, ids := k.ids(before), k.ids(c)
		if len(ids) > limitsMax {
			return false, refuse(k.field, "Danh sách %s chỉ được có tối đa %d mục", k.field, limitsMax)
		}
		added := difference(ids, stored)
		if removed := difference(stored, ids); len(removed) > 0 {
			changed = true
			tx.Queue(`DELETE FROM voucher_campaign_limits WHERE retailer_id = :retailer AND campaign_id = ? AND kind = ? AND ref_id IN ?`,
				c.ID, k.kind, removed)
		}
		if len(added) == 0 {
			continue
		}
		known, err := db.All[int64](tx, `SELECT id FROM `+k.table+` WHERE retailer_id = :retailer AND id IN ? AND deleted_at = 0`, added)
		if err != nil {
			return false, err
		}
		if unknown := difference(added, known); len(unknown) > 0 {
			return false, refuse(k.field, "%s %d (%s) không tồn tại", taphoa.Term(k.label), unknown[0], k.field)
		}
		changed = true
		for _, id := range added {
			tx.Queue(`INSERT INTO voucher_campaign_limits (retailer_id, campaign_id, kind, ref_id) VALUES (:retailer, ?, ?, ?)`,
				c.ID, k.kind, id)
		}
	}
	return changed, nil
}

// difference returns the ids that are not among others.
func difference(ids, others []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return slices.Contains(others, id) })
}

// each returns the ids of records, sorted, each once.
func each[T any](records []T, id func(T) int64) []int64 {
	ids := make([]int64, len(records))
	for i, t := range records {
		ids[i] = id(t)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

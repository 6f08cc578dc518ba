package promo

import (
	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

// codeKind is one of the two kinds of codes. Their tables share the columns that are used here.
type codeKind struct {
	label     string // in sentences
	campaigns string // tables
	codes     string
	prefix    string // of the campaigns' own codes
}

var (
	vouchers = codeKind{"voucher", "voucher_campaigns", "vouchers", "PHVC"}
	coupons  = codeKind{"coupon", "coupon_campaigns", "coupons", "PHCP"}
)

const (
	codesMax  = 1000   // that one request may name
	expireMax = 36_500 // days
	limitsMax = 1000   // branches, users and so on that one campaign is limited to
)

// campaign is what campaigns of both kinds have.
type campaign struct {
	ID        int64
	Code      string
	Name      string
	IsActive  bool
	StartDate taphoa.Time
	EndDate   taphoa.Time
	Quantity  int64
}

func refuse(field, format string, args ...any) error {
	return taphoa.Refuse(taphoa.CodeValidate, field, format, args...)
}

func (k *codeKind) unknownCampaign(id int64) error {
	return taphoa.NotFound(taphoa.CodeValidate, "Đợt phát hành %s %d không tồn tại", k.label, id)
}

// lockActive locks a campaign whose codes are about to change, and refuses an inactive one (contract vouchers, rules).
func (k *codeKind) lockActive(tx *db.Tx, field string, id int64) (campaign, error) {
	if id == 0 {
		return campaign{}, refuse(field, "Đợt phát hành (%s) không được để trống", field)
	}
	c, found, err := db.One[campaign](tx, `
		SELECT id, code, name, is_active, start_date, end_date, quantity FROM `+k.campaigns+`
		WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0 :lock`, id)
	switch {
	case err == nil && !found:
		err = k.unknownCampaign(id)
	case err == nil && !c.IsActive:
		err = refuse(field, "Đợt phát hành %s đang ngừng hoạt động, hãy kích hoạt lại trước (isActive)", c.Code)
	}
	return c, err
}

// codeList is the codes of a request, as they were given and as they are compared.
type codeList struct{ codes, keys []string }

// parse returns the codes of a request. It refuses an empty or too long list, and a code that is blank or named twice.
func (k *codeKind) parse(field string, in []taphoa.CodeInput) (codeList, error) {
	list := codeList{make([]string, len(in)), make([]string, len(in))}
	if len(in) == 0 {
		return list, refuse(field, "Danh sách mã %s (%s) không được để trống", k.label, field)
	}
	if len(in) > codesMax {
		return list, refuse(field, "Danh sách mã %s (%s) chỉ được có tối đa %d mã", k.label, field, codesMax)
	}
	seen := make(map[string]bool, len(in))
	for i := range in {
		list.codes[i], list.keys[i] = text.Clean(in[i].Code), text.CodeKey(in[i].Code)
		if list.keys[i] == "" {
			return list, refuse(field+".code", "Mã %s (code) ở vị trí %d không được để trống", k.label, i+1)
		}
		if seen[list.keys[i]] {
			return list, refuse(field+".code", "Mã %s %s (code) bị lặp lại trong danh sách", k.label, list.codes[i])
		}
		seen[list.keys[i]] = true
	}
	return list, nil
}

// add creates codes of a campaign: all or none.
func (k *codeKind) add(tx *db.Tx, c *campaign, field string, in []taphoa.CodeInput) error {
	list, err := k.parse(field, in)
	if err != nil {
		return err
	}
	used, err := db.All[string](tx,
		`SELECT code_key FROM `+k.codes+` WHERE retailer_id = :retailer AND code_key IN ? AND deleted_at = 0`, list.keys)
	if err != nil {
		return err
	}
	exists := make(map[string]bool, len(used))
	for _, key := range used {
		exists[key] = true
	}
	for i, code := range list.codes {
		if exists[list.keys[i]] {
			return refuse(field+".code", "Mã %s %s (code) đã tồn tại", k.label, code)
		}
		id, err := tx.NewID(k.codes)
		if err != nil {
			return err
		}
		tx.Queue(`
			INSERT INTO `+k.codes+` (retailer_id, id, code, code_key, campaign_id, created_date)
			VALUES (:retailer, ?, ?, ?, ?, :now)`, id, code, list.keys[i], c.ID)
	}
	tx.Queue(`UPDATE `+k.campaigns+` SET quantity = quantity + ? WHERE retailer_id = :retailer AND id = ?`, int64(len(list.codes)), c.ID)
	k.noted(tx, c, list.codes)
	return nil
}

// noted notes how many codes of a campaign a request is about.
func (k *codeKind) noted(tx *db.Tx, c *campaign, codes []string) {
	audit.Resource(tx, k.label+"campaign")
	audit.Record(tx, c.ID, c.Code)
	audit.Value(tx, "codes", nil, int64(len(codes))) // who has a code can spend it
}

// lockUnused locks codes of a campaign, all of which must be unused, and returns their ids. The refusal names the first
// one of the request that is not.
func (k *codeKind) lockUnused(tx *db.Tx, c *campaign, field string, in []taphoa.CodeInput) ([]int64, error) {
	list, err := k.parse(field, in)
	if err != nil {
		return nil, err
	}
	type row struct {
		ID      int64
		CodeKey string
		Status  int64
	}
	rows, err := db.All[row](tx, `
		SELECT id, code_key, status FROM `+k.codes+`
		WHERE retailer_id = :retailer AND code_key IN ? AND campaign_id = ? AND deleted_at = 0 ORDER BY id DESC :lock`, list.keys, c.ID)
	if err != nil {
		return nil, err
	}
	k.noted(tx, c, list.codes)
	byKey, ids := make(map[string]row, len(rows)), make([]int64, len(list.codes))
	for _, r := range rows { // of doubles from before codes were compared as they are now, the first counts
		byKey[r.CodeKey] = r
	}
	for i, code := range list.codes {
		switch r, found := byKey[list.keys[i]]; {
		case !found:
			return nil, refuse(field+".code", "Mã %s %s (code) không tồn tại trong đợt phát hành %s", k.label, code, c.Code)
		case r.Status != taphoa.CodeUnused:
			return nil, refuse(field+".code", "Mã %s %s (code) đang ở trạng thái %s, chỉ dùng được mã ở trạng thái %s", k.label,
				code, taphoa.Term(taphoa.CodeStatusValue(r.Status)), taphoa.Term(taphoa.CodeStatusValue(taphoa.CodeUnused)))
		default:
			ids[i] = r.ID
		}
	}
	return ids, nil
}

// cancel cancels codes that have not been released.
func (k *codeKind) cancel(tx *db.Tx, field string, campaignID int64, listField string, in []taphoa.CodeInput) error {
	c, err := k.lockActive(tx, field, campaignID)
	if err != nil {
		return err
	}
	ids, err := k.lockUnused(tx, &c, listField, in)
	if err == nil {
		tx.Queue(`UPDATE `+k.codes+` SET status = 3 WHERE retailer_id = :retailer AND id IN ?`, ids)
	}
	return err
}

// apply sets the members of a campaign that both kinds have, and refuses invalid ones.
func (c *campaign) apply(code, name taphoa.Opt[string], active taphoa.Opt[bool], start, end taphoa.Opt[taphoa.Time]) error {
	if given := text.Clean(code.Or("")); given != "" {
		c.Code = given
	}
	if given := text.Clean(name.Or("")); given != "" {
		c.Name = given
	}
	c.IsActive, c.StartDate, c.EndDate = active.Or(c.IsActive), start.Or(c.StartDate), end.Or(c.EndDate)
	switch {
	case c.Name == "":
		return refuse("name", "Tên đợt phát hành (name) không được để trống")
	case c.EndDate == 0:
		return refuse("endDate", "Ngày kết thúc (endDate) không được để trống")
	case c.EndDate <= c.StartDate:
		return refuse("endDate", "Ngày kết thúc (endDate) phải sau ngày bắt đầu (startDate)")
	}
	return nil
}

// refuseUsedCode refuses a code that another campaign has.
func (k *codeKind) refuseUsedCode(tx *db.Tx, id int64, code string) error {
	used, err := org.CodeUsed(tx, k.campaigns, code, id, "AND deleted_at = 0")
	if used {
		err = refuse("code", "Mã đợt phát hành %s (code) đã tồn tại", code)
	}
	return err
}

// nextCode is the code of a new campaign that was given none.
func (k *codeKind) nextCode(tx *db.Tx) (string, error) {
	return org.NextCode(tx, k.prefix, k.campaigns, "AND deleted_at = 0")
}

// remove deletes a campaign with its codes, unless one of them is in one of the statuses.
func (k *codeKind) remove(tx *db.Tx, id int64, kept ...int64) error {
	c, found, err := db.One[campaign](tx, `
		SELECT id, code, name, is_active, start_date, end_date, quantity FROM `+k.campaigns+`
		WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0 :lock`, id)
	if err == nil && !found {
		err = k.unknownCampaign(id)
	}
	if err != nil {
		return err
	}
	_, issued, err := db.One[int64](tx, `
		SELECT id FROM `+k.codes+`
		WHERE retailer_id = :retailer AND campaign_id = ? AND status IN ? AND deleted_at = 0 ORDER BY id LIMIT 1`, id, kept)
	if issued {
		err = refuse("id", "Đợt phát hành %s đã có %s được phát hành hoặc sử dụng, không thể xóa: hãy ngừng hoạt động (isActive là false)",
			c.Code, k.label)
	}
	if err == nil {
		tx.Queue(`UPDATE `+k.codes+` SET deleted_at = :now WHERE retailer_id = :retailer AND campaign_id = ? AND deleted_at = 0`, id)
		tx.Queue(`UPDATE `+k.campaigns+` SET deleted_at = :now WHERE retailer_id = :retailer AND id = ?`, id)
	}
	return err
}

// listPage returns a page of a list, or all of it unless a page is asked for.
func listPage[T any](tx *db.Tx, list *db.List, in *taphoa.WholePaging) (taphoa.Page[T], error) {
	page, err := db.ListPage[T](tx, list, in.Paging())
	if in.Whole() {
		page.PageSize = int64(len(page.Data))
	}
	return page, err
}

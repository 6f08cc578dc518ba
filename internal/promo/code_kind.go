package promo

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

// family is one of the two kinds of codes. Their tables have the columns in common that stand here.
type family struct {
	noun      string // as sentences call it
	campaigns string // tables
	codes     string
	prefix    string // of the campaigns' own codes
}

var (
	vouchers = family{"voucher", "voucher_campaigns", "vouchers", "PHVC"}
	coupons  = family{"coupon", "coupon_campaigns", "coupons", "PHCP"}
)

const (
	codesMax  = 1000   // that one request may name
	expireMax = 36_500 // days
	limitsMax = 1000   // branches, users and so on that one campaign is limited to
)

// campaign is what campaigns of both families have.
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

func (f *family) unknownCampaign(id int64) error {
	return taphoa.NotFound(taphoa.CodeValidate, "Đợt phát hành %s %d không tồn tại", f.noun, id)
}

// lockActive locks a campaign whose codes are about to change. It must be active (contract vouchers, rules).
func (f *family) lockActive(tx *db.Tx, field string, id int64) (campaign, error) {
	if id == 0 {
		return campaign{}, refuse(field, "Đợt phát hành (%s) không được để trống", field)
	}
	c, found, err := db.One[campaign](tx, `
		SELECT id, code, name, is_active, start_date, end_date, quantity FROM `+f.campaigns+`
		WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0 :lock`, id)
	switch {
	case err == nil && !found:
		err = f.unknownCampaign(id)
	case err == nil && !c.IsActive:
		err = refuse(field, "Đợt phát hành %s đang ngừng hoạt động, hãy kích hoạt lại trước (isActive)", c.Code)
	}
	return c, err
}

// named are the codes of a request, as they were given and as they are compared.
type named struct{ codes, keys []string }

// names refuses a list of codes that is empty or too long, or of which one is blank, too long or named twice.
func (f *family) names(field string, in []taphoa.CodeInput) (named, error) {
	n := named{make([]string, len(in)), make([]string, len(in))}
	if len(in) == 0 {
		return n, refuse(field, "Danh sách mã %s (%s) không được để trống", f.noun, field)
	}
	if len(in) > codesMax {
		return n, refuse(field, "Danh sách mã %s (%s) chỉ được có tối đa %d mã", f.noun, field, codesMax)
	}
	seen := make(map[string]bool, len(in))
	for i := range in {
		n.codes[i], n.keys[i] = strings.TrimSpace(in[i].Code), text.CodeKey(in[i].Code)
		if n.keys[i] == "" {
			return n, refuse(field+".code", "Mã %s (code) ở vị trí %d không được để trống", f.noun, i+1)
		}
		if seen[n.keys[i]] {
			return n, refuse(field+".code", "Mã %s %s (code) bị lặp lại trong danh sách", f.noun, n.codes[i])
		}
		seen[n.keys[i]] = true
	}
	return n, nil
}

// add makes codes of a campaign: all or none.
func (f *family) add(tx *db.Tx, c *campaign, field string, in []taphoa.CodeInput) error {
	n, err := f.names(field, in)
	if err != nil {
		return err
	}
	used, err := db.All[string](tx,
		`SELECT code_key FROM `+f.codes+` WHERE retailer_id = :retailer AND code_key IN ? AND deleted_at = 0`, n.keys)
	if err != nil {
		return err
	}
	taken := make(map[string]bool, len(used))
	for _, key := range used {
		taken[key] = true
	}
	for i, code := range n.codes {
		if taken[n.keys[i]] {
			return refuse(field+".code", "Mã %s %s (code) đã tồn tại", f.noun, code)
		}
		id, err := tx.NewID(f.codes)
		if err != nil {
			return err
		}
		tx.Queue(`
			INSERT INTO `+f.codes+` (retailer_id, id, code, code_key, campaign_id, created_date)
			VALUES (:retailer, ?, ?, ?, ?, :now)`, id, code, n.keys[i], c.ID)
	}
	tx.Queue(`UPDATE `+f.campaigns+` SET quantity = quantity + ? WHERE retailer_id = :retailer AND id = ?`, int64(len(n.codes)), c.ID)
	return nil
}

// lockUnused locks codes of a campaign, all of which must be unused, and answers their ids. The refusal names the first
// one of the request that is not.
func (f *family) lockUnused(tx *db.Tx, c *campaign, field string, in []taphoa.CodeInput) ([]int64, error) {
	n, err := f.names(field, in)
	if err != nil {
		return nil, err
	}
	type row struct {
		ID      int64
		CodeKey string
		Status  int64
	}
	rows, err := db.All[row](tx, `
		SELECT id, code_key, status FROM `+f.codes+`
		WHERE retailer_id = :retailer AND code_key IN ? AND campaign_id = ? AND deleted_at = 0 ORDER BY id :lock`, n.keys, c.ID)
	if err != nil {
		return nil, err
	}
	byKey, ids := make(map[string]row, len(rows)), make([]int64, len(rows))
	for i, r := range rows {
		byKey[r.CodeKey], ids[i] = r, r.ID
	}
	for i, code := range n.codes {
		switch r, found := byKey[n.keys[i]]; {
		case !found:
			return nil, refuse(field+".code", "Mã %s %s (code) không tồn tại trong đợt phát hành %s", f.noun, code, c.Code)
		case r.Status != taphoa.CodeUnused:
			return nil, refuse(field+".code", "Mã %s %s (code) đang ở trạng thái %s, chỉ dùng được mã ở trạng thái %s", f.noun,
				code, taphoa.Term(taphoa.CodeStatusValue(r.Status)), taphoa.Term(taphoa.CodeStatusValue(taphoa.CodeUnused)))
		}
	}
	return ids, nil
}

// cancel ends codes that nobody has.
func (f *family) cancel(tx *db.Tx, field string, campaignID int64, listField string, in []taphoa.CodeInput) error {
	c, err := f.lockActive(tx, field, campaignID)
	if err != nil {
		return err
	}
	ids, err := f.lockUnused(tx, &c, listField, in)
	if err == nil {
		tx.Queue(`UPDATE `+f.codes+` SET status = 3 WHERE retailer_id = :retailer AND id IN ?`, ids)
	}
	return err
}

// apply sets the members of a campaign that both families have, and refuses what they cannot be.
func (c *campaign) apply(code, name taphoa.Opt[string], active taphoa.Opt[bool], start, end taphoa.Opt[taphoa.Time]) error {
	if given := strings.TrimSpace(code.Or("")); given != "" {
		c.Code = given
	}
	if given := strings.TrimSpace(name.Or("")); given != "" {
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

// freeCode refuses a code that another campaign has.
func (f *family) freeCode(tx *db.Tx, id int64, code string) error {
	taken, err := f.taken(tx, id, code)
	if taken {
		err = refuse("code", "Mã đợt phát hành %s (code) đã tồn tại", code)
	}
	return err
}

func (f *family) taken(tx *db.Tx, id int64, code string) (bool, error) {
	_, taken, err := db.One[int64](tx, `
		SELECT id FROM `+f.campaigns+` WHERE retailer_id = :retailer AND code_key = ? AND id <> ? AND deleted_at = 0`,
		text.CodeKey(code), id)
	return taken, err
}

// nextCode is the code of a new campaign that was given none.
func (f *family) nextCode(tx *db.Tx) (string, error) {
	return org.NextCode(tx, f.prefix, f.campaigns, "AND deleted_at = 0")
}

// remove deletes a campaign with its codes, unless somebody has one of them in one of the statuses.
func (f *family) remove(tx *db.Tx, id int64, kept ...int64) error {
	c, found, err := db.One[campaign](tx, `
		SELECT id, code, name, is_active, start_date, end_date, quantity FROM `+f.campaigns+`
		WHERE retailer_id = :retailer AND id = ? AND deleted_at = 0 :lock`, id)
	if err == nil && !found {
		err = f.unknownCampaign(id)
	}
	if err != nil {
		return err
	}
	_, out, err := db.One[int64](tx, `
		SELECT id FROM `+f.codes+`
		WHERE retailer_id = :retailer AND campaign_id = ? AND status IN ? AND deleted_at = 0 ORDER BY id LIMIT 1`, id, kept)
	if out {
		err = refuse("id", "Đợt phát hành %s đã có %s được phát hành hoặc sử dụng, không thể xóa: hãy ngừng hoạt động (isActive là false)",
			c.Code, f.noun)
	}
	if err == nil {
		tx.Queue(`UPDATE `+f.codes+` SET deleted_at = :now WHERE retailer_id = :retailer AND campaign_id = ? AND deleted_at = 0`, id)
		tx.Queue(`UPDATE `+f.campaigns+` SET deleted_at = :now WHERE retailer_id = :retailer AND id = ?`, id)
	}
	return err
}

// listed answers a list whose answer is whole unless a page is asked for.
func listed[T any](tx *db.Tx, list *db.List, in *taphoa.WholePaging) (taphoa.Page[T], error) {
	page, err := db.ListPage[T](tx, list, in.Paging())
	if in.Whole() {
		page.PageSize = int64(len(page.Data))
	}
	return page, err
}

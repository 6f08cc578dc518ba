package promo

import (
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/text"
)

// A released voucher expires a number of days after its release, but no later than its campaign ends (contract vouchers,
// undocumented).
const (
	voucherColumns = `v.id, v.code, v.campaign_id AS voucher_campaign_id, v.release_date, v.used_date, v.status, v.sell_type, c.price,
		v.partner_type, v.partner_id, v.partner_name, ` + voucherExpires + ` AS expire_date`
	voucherExpires = `CASE WHEN v.release_date IS NULL THEN NULL
			WHEN c.expire_time IS NOT NULL AND v.release_date + c.expire_time * 86400000000 < c.end_date
			THEN v.release_date + c.expire_time * 86400000000
			ELSE c.end_date END`
	voucherCampaign = `JOIN voucher_campaigns c ON c.retailer_id = :retailer AND c.id = v.campaign_id`
)

var voucherOrders = db.Orders{
	"code": db.Text("v.code_key"), "vouchercampaignid": db.Number("v.campaign_id"), "status": db.Number("v.status"),
	"releasedate": db.Number("v.release_date").OrNull(), "useddate": db.Number("v.used_date").OrNull(),
	"expiredate": ofCampaign(voucherExpires), "price": ofCampaign("c.price"), "selltype": db.Number("v.sell_type").OrNull(),
	"partnertype": db.Text("v.partner_type").OrNull(), "partnerid": db.Number("v.partner_id").OrNull(),
	"partnername": db.Text("v.partner_name").OrNull(), "createddate": db.Number("v.created_date"),
}

func ofCampaign(expression string) db.Order {
	return db.Number("(SELECT " + expression + " FROM voucher_campaigns c WHERE c.retailer_id = :retailer AND c.id = v.campaign_id)").OrNull()
}

// ListVouchers lists the vouchers of a campaign (contract vouchers, listVouchers).
func ListVouchers(tx *db.Tx, in *taphoa.VoucherQuery) (taphoa.Page[taphoa.Voucher], error) {
	if err := in.Validate(); err != nil {
		return taphoa.Page[taphoa.Voucher]{}, err
	}
	list := db.List{
		Table: "vouchers v", Live: "v.deleted_at = 0", Columns: voucherColumns, Joins: voucherCampaign,
		Orders: voucherOrders,
	}
	list.Where("v.campaign_id = ?", in.CampaignID.Value).
		If(len(in.Status) > 0, "v.status IN ?", in.Status)
	return listPage[taphoa.Voucher](tx, &list, &in.WholePaging)
}

// GetVoucher returns a voucher, or an error if there is no such voucher.
func GetVoucher(tx *db.Tx, in *taphoa.ByID) (taphoa.Voucher, error) {
	return findVoucher(tx, "v.id = ?", in.ID)
}

// GetVoucherByCode returns one voucher by its code, in any letter case, as a till reads it.
func GetVoucherByCode(tx *db.Tx, in *taphoa.ByCode) (taphoa.Voucher, error) {
	return findVoucher(tx, "v.code_key = ?", text.CodeKey(in.Code))
}

func findVoucher(tx *db.Tx, which string, arg any) (taphoa.Voucher, error) {
	v, found, err := db.One[taphoa.Voucher](tx, `
		SELECT `+voucherColumns+` FROM vouchers v `+voucherCampaign+`
		WHERE v.retailer_id = :retailer AND v.deleted_at = 0 AND `+which+` ORDER BY v.id`, arg)
	if err == nil && !found {
		err = taphoa.NotFound(taphoa.CodeValidate, "Voucher không tồn tại")
	}
	return v, err
}

// CreateVouchers adds vouchers with given codes to an active campaign: all of them or none (contract vouchers,
// createVouchers).
func CreateVouchers(tx *db.Tx, in *taphoa.VoucherCreate) (taphoa.Message, error) {
	c, err := vouchers.lockActive(tx, "voucherCampaignId", in.VoucherCampaignID)
	if err == nil {
		err = vouchers.add(tx, &c, "data", in.Data)
	}
	return taphoa.Message{Message: taphoa.MessageVouchersCreated}, err
}

// ReleaseVouchers releases unused vouchers of an active campaign as gifts, without a partner (contract vouchers,
// releaseVouchers).
func ReleaseVouchers(tx *db.Tx, in *taphoa.VoucherRelease) (taphoa.Message, error) {
	return release(tx, in, &partner{SellType: taphoa.VoucherGiven})
}

// SellVouchers releases unused vouchers of an active campaign as sold, and books their face value: one receipt for all.
// It is no income: that comes with the goods that the vouchers pay for.
func SellVouchers(tx *db.Tx, in *taphoa.VoucherSale) (taphoa.Message, error) {
	p, err := findPartner(tx, in)
	if err != nil {
		return taphoa.Message{}, err
	}
	method, err := taphoa.ParseMethod("Method", in.Method)
	if err == nil && method == taphoa.MethodVoucher {
		err = refuse("Method", "Không thể mua voucher bằng voucher: dùng %s (Method)", taphoa.MethodChoices)
	}
	if err != nil {
		return taphoa.Message{}, err
	}
	branchID, err := payBranch(tx, in.BranchID.Or(0))
	if err == nil {
		err = tx.Actor().May(branchID)
	}
	if err != nil {
		return taphoa.Message{}, err
	}
	sold, err := release(tx, &in.VoucherRelease, p)
	if err != nil {
		return taphoa.Message{}, err
	}
	c, _, err := db.One[struct{ Price taphoa.Money }](tx,
		`SELECT price FROM voucher_campaigns WHERE retailer_id = :retailer AND id = ?`, in.CampaignID)
	if err != nil {
		return taphoa.Message{}, err
	}
	amount, err := c.Price.Times(taphoa.Units(int64(len(in.Vouchers))))
	if err != nil || amount > taphoa.MoneyMax {
		return taphoa.Message{}, refuse("Vouchers", "Số tiền vượt quá giới hạn cho phép")
	}
	receipt := cash.Receipt{
		BranchID: branchID, Partner: cash.Vouchers(branchID), CampaignID: taphoa.Some(in.CampaignID), Amount: amount, Method: method,
		AccountID: taphoa.SomeIf(in.AccountID.Or(0)), TransDate: tx.Clock,
		UnlinkedEntry: cash.UnlinkedEntry{PartnerType: p.PartnerType.Value, PartnerID: p.PartnerID.Or(0)},
	}
	if p.PartnerName.Has() && !p.PartnerID.Has() {
		receipt.PartnerName, receipt.PartnerSearch = p.PartnerName, taphoa.Some(text.Fold(p.PartnerName.Value))
	}
	_, err = cash.Receive(tx, receipt)
	return sold, err
}

// payBranch is where a sale of vouchers is paid: the branch with the id, or the shop's first one when it is 0.
func payBranch(tx *db.Tx, id int64) (int64, error) {
	if id != 0 {
		branch, err := org.GetBranch(tx, &taphoa.ByID{ID: id})
		return branch.ID, err
	}
	first, _, err := db.One[int64](tx, `SELECT id FROM branches WHERE retailer_id = :retailer AND deleted_at = 0 ORDER BY id LIMIT 1`)
	return first, err
}

// partner has the members of a voucher about its buyer.
type partner struct {
	SellType    int64
	PartnerType taphoa.Opt[string]
	PartnerID   taphoa.Opt[int64]
	PartnerName taphoa.Opt[string]
}

func release(tx *db.Tx, in *taphoa.VoucherRelease, p *partner) (taphoa.Message, error) {
	c, err := vouchers.lockActive(tx, "CampaignId", in.CampaignID)
	if err != nil {
		return taphoa.Message{}, err
	}
	at := in.ReleaseDate.Or(tx.Clock)
	if at > c.EndDate {
		return taphoa.Message{}, refuse("ReleaseDate", "Ngày phát hành (ReleaseDate) phải trước ngày kết thúc %v của đợt phát hành %s",
			c.EndDate, c.Code)
	}
	ids, err := vouchers.lockUnused(tx, &c, "Vouchers", in.Vouchers)
	if err != nil {
		return taphoa.Message{}, err
	}
	tx.Queue(`
		UPDATE vouchers SET status = 1, release_date = ?, sell_type = :sell_type, partner_type = :partner_type,
			partner_id = :partner_id, partner_name = :partner_name
		WHERE retailer_id = :retailer AND id IN ?`, p, at, ids)
	return taphoa.Message{Message: taphoa.MessageVouchersUpdated}, nil
}

// partners are the tables of buyers of vouchers, by their type. Of other types only the name is stored.
var partners = map[string]struct{ label, name, table string }{
	taphoa.PartnerTypeUser:     {"Người dùng", "given_name", "users WHERE deleted_at = 0 AND "},
	taphoa.PartnerTypeCustomer: {"Khách hàng", "name", "customers WHERE deleted_at = 0 AND "},
	taphoa.PartnerTypeSupplier: {"Nhà cung cấp", "name", "suppliers WHERE deleted_at = 0 AND "},
	taphoa.PartnerTypeDelivery: {"Đối tác giao hàng", "name", "delivery_partners WHERE "},
}

func findPartner(tx *db.Tx, in *taphoa.VoucherSale) (*partner, error) {
	kind := strings.ToUpper(strings.TrimSpace(in.PartnerType))
	if kind == "" {
		kind = taphoa.PartnerTypeOther
	}
	p := &partner{SellType: taphoa.VoucherSold, PartnerType: taphoa.Some(kind)}
	at, known := partners[kind]
	if !known {
		if kind != taphoa.PartnerTypeOther {
			return nil, refuse("PartnerType", "Loại đối tượng %q (PartnerType) không hợp lệ: dùng U, C, S, D hoặc O", in.PartnerType)
		}
		p.PartnerName = taphoa.SomeIf(strings.TrimSpace(in.PartnerName.Or("")))
		return p, nil
	}
	id := in.PartnerID.Or(0)
	if kind == taphoa.PartnerTypeCustomer {
		now, err := cash.CustomersNow(tx, id)
		if err != nil {
			return nil, err
		}
		id = now[0]
	}
	name, found, err := db.One[string](tx, `SELECT `+at.name+` FROM `+at.table+`retailer_id = :retailer AND id = ?`, id)
	if err == nil && !found {
		err = refuse("PartnerId", "%s %d (PartnerId) không tồn tại", taphoa.Term(at.label), in.PartnerID.Or(0))
	}
	p.PartnerID, p.PartnerName = taphoa.Some(id), taphoa.Some(name)
	return p, err
}

// MergeCustomer makes the vouchers that a customer has bought another's.
func MergeCustomer(tx *db.Tx, gone, kept int64, name string) {
	tx.Queue(`
		UPDATE vouchers SET partner_id = ?, partner_name = ?
		WHERE retailer_id = :retailer AND partner_type = ? AND partner_id = ?`, kept, name, taphoa.PartnerTypeCustomer, gone)
}

// CancelVouchers cancels unreleased vouchers of an active campaign (contract vouchers, cancelVouchers and its
// conflict).
func CancelVouchers(tx *db.Tx, in *taphoa.VoucherCancel) (taphoa.Message, error) {
	err := vouchers.cancel(tx, "CampaignId", in.CampaignID, "Vouchers", in.Vouchers)
	return taphoa.Message{Message: taphoa.MessageVouchersUpdated}, err
}

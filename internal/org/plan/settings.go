package plan

import (
	"strconv"

	"github.com/taphoa/taphoa"
)

// Settings are all settings of a shop. The names of the fields are those of the command setting set.
type Settings struct {
	ManagerCustomerByBranch    bool // customers belong to branches
	AllowOrderWhenOutStock     bool // orders beyond the free stock
	AllowSellWhenOrderOutStock bool // selling what is reserved by orders
	AllowSellWhenOutStock      bool // selling beyond the stock

	AllowOrder           bool // Cho phép đặt hàng
	UseDelivery          bool // Sử dụng tính năng giao hàng
	UseCod               bool // Quản lý thu hộ tiền
	ForbidSaleTimeChange bool // Không cho phép thay đổi thời gian bán hàng
	UseSurcharge         bool // Hỗ trợ các khoản thu khác khi bán hàng

	PricingMode     taphoa.PricingMode
	RewardPointRate taphoa.Money // how much must be spent for one point; 0 gives no points

	// The format of webhooks where the vendor's sources differ (contract webhooks, conflicts).
	WebhookBareAction    bool   // Action without the shop's id after the type
	WebhookImageStrings  bool   // Images as links instead of the documented objects
	WebhookVendorRetries bool   // three attempts within five minutes, then the delivery is given up
	WebhookSignature     string // sha1, sha256 or none: what is in front of the hash
	WebhookBatch         int64  // how many events may travel in one request

	AuditDays int64 // for which the audit log is kept, at least auditDaysMin; 0: for ever
}

const (
	auditDaysMin = 90
	auditDaysMax = 36_500
)

// DefaultSettings returns the settings of a new shop (contract settings, undocumented: all sales are allowed).
func DefaultSettings() Settings {
	return Settings{
		AllowOrderWhenOutStock: true, AllowSellWhenOrderOutStock: true, AllowSellWhenOutStock: true,
		AllowOrder: true, UseDelivery: true, UseCod: true, UseSurcharge: true,
		PricingMode:         taphoa.PricingDirect,
		WebhookImageStrings: true, // objects end the vendor's own plugin in a fatal error (contract webhooks, conflict Images)
		WebhookSignature:    "sha1", WebhookBatch: 1,
	}
}

// Set changes the named setting from its text. It refuses an unknown name and a value that the setting cannot have
// ([taphoa.CodeValidate]).
func (s *Settings) Set(name, text string) error {
	flags := map[string]*bool{
		"ManagerCustomerByBranch": &s.ManagerCustomerByBranch, "AllowOrderWhenOutStock": &s.AllowOrderWhenOutStock,
		"AllowSellWhenOrderOutStock": &s.AllowSellWhenOrderOutStock, "AllowSellWhenOutStock": &s.AllowSellWhenOutStock,
		"AllowOrder": &s.AllowOrder, "UseDelivery": &s.UseDelivery, "UseCod": &s.UseCod,
		"ForbidSaleTimeChange": &s.ForbidSaleTimeChange, "UseSurcharge": &s.UseSurcharge,
		"WebhookBareAction": &s.WebhookBareAction, "WebhookImageStrings": &s.WebhookImageStrings,
		"WebhookVendorRetries": &s.WebhookVendorRetries,
	}
	if flag := flags[name]; flag != nil {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return taphoa.Refuse(taphoa.CodeValidate, name, "Thiết lập %s nhận giá trị true hoặc false", name)
		}
		*flag = on
		return nil
	}
	switch name {
	case "PricingMode":
		mode := taphoa.PricingMode(text)
		if mode != taphoa.PricingDirect && mode != taphoa.PricingBeforeTax && mode != taphoa.PricingAfterTax {
			return taphoa.Refuse(taphoa.CodeValidate, name, "Thiết lập PricingMode nhận giá trị direct, before hoặc after")
		}
		s.PricingMode = mode
	case "RewardPointRate":
		rate, err := taphoa.ParseDecimal(text)
		if err != nil || rate < 0 {
			return taphoa.Refuse(taphoa.CodeValidate, name, "Thiết lập RewardPointRate phải là số tiền không âm")
		}
		s.RewardPointRate = taphoa.Money(rate)
	case "WebhookSignature":
		if text != "sha1" && text != "sha256" && text != "none" {
			return taphoa.Refuse(taphoa.CodeValidate, name, "Thiết lập WebhookSignature nhận giá trị sha1, sha256 hoặc none")
		}
		s.WebhookSignature = text
	case "AuditDays":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n != 0 && (n < auditDaysMin || n > auditDaysMax) {
			return taphoa.Refuse(taphoa.CodeValidate, name, "Thiết lập AuditDays nhận giá trị từ %d đến %d, hoặc 0 để giữ mãi", int64(auditDaysMin), int64(auditDaysMax))
		}
		s.AuditDays = n
	case "WebhookBatch":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 || n > webhookBatchMax {
			return taphoa.Refuse(taphoa.CodeValidate, name, "Thiết lập WebhookBatch nhận giá trị từ 1 đến %d", int64(webhookBatchMax))
		}
		s.WebhookBatch = n
	default:
		return taphoa.Refuse(taphoa.CodeValidate, "name", "Không có thiết lập tên %s", name)
	}
	return nil
}

const webhookBatchMax = 100

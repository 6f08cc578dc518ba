package org

import (
	"strconv"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
)

// Settings are all settings of a shop. The names of the fields are the names that setting set takes.
type Settings struct {
	ManagerCustomerByBranch    bool // customers are kept per branch
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

	// What webhooks look like where the vendor's sources differ (contract webhooks, conflicts).
	WebhookBareAction    bool   // Action without the shop's id behind the type
	WebhookImageStrings  bool   // Images as links instead of objects
	WebhookVendorRetries bool   // three attempts within five minutes, then the delivery is given up
	WebhookSignature     string // sha1, sha256 or none: what stands before the hash
	WebhookBatch         int64  // how many events may travel in one request
}

// defaults are the settings of a new shop (contract settings, undocumented: all sales are allowed).
var defaults = Settings{
	AllowOrderWhenOutStock: true, AllowSellWhenOrderOutStock: true, AllowSellWhenOutStock: true,
	AllowOrder: true, UseDelivery: true, UseCod: true, UseSurcharge: true,
	PricingMode: taphoa.PricingDirect, WebhookSignature: "sha1", WebhookBatch: 1,
}

// DefaultSettings are the settings of a new shop.
func DefaultSettings() Settings { return defaults }

// SettingNames lists the settings that [SetSetting] takes, in the order of the documentation.
var SettingNames = []string{
	"ManagerCustomerByBranch", "AllowOrderWhenOutStock", "AllowSellWhenOrderOutStock", "AllowSellWhenOutStock",
	"AllowOrder", "UseDelivery", "UseCod", "ForbidSaleTimeChange", "UseSurcharge", "PricingMode", "RewardPointRate",
	"WebhookBareAction", "WebhookImageStrings", "WebhookVendorRetries", "WebhookSignature", "WebhookBatch",
}

// set changes the named setting from its text, or says why it cannot.
func (s *Settings) set(name, text string) error {
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

// GetSettings answers the shop's settings.
func GetSettings(tx *db.Tx) (Settings, error) {
	return db.Kept(tx, "settings", 0, func(tx *db.Tx) (Settings, error) {
		s := defaults
		err := tx.Each(func(row db.Row) error { return s.set(row.Text(0), row.Text(1)) },
			`SELECT name, value FROM settings WHERE retailer_id = :retailer`)
		return s, err
	})
}

// SetSetting changes one setting of the shop.
func SetSetting(tx *db.Tx, name, value string) error {
	s := defaults
	if err := s.set(name, value); err != nil {
		return err
	}
	_, err := tx.Exec(`
		INSERT INTO settings (retailer_id, name, value) VALUES (:retailer, ?, ?)
		ON CONFLICT (retailer_id, name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}

// UpdateSettings changes the settings that are given. The vendor's API has no such operation.
func UpdateSettings(tx *db.Tx, in *taphoa.SettingsInput) (taphoa.Settings, error) {
	changes := []struct {
		name  string
		value taphoa.Opt[string]
	}{
		{"ManagerCustomerByBranch", flag(in.ManagerCustomerByBranch)},
		{"AllowOrderWhenOutStock", flag(in.AllowOrderWhenOutStock)},
		{"AllowSellWhenOrderOutStock", flag(in.AllowSellWhenOrderOutStock)},
		{"AllowSellWhenOutStock", flag(in.AllowSellWhenOutStock)},
		{"AllowOrder", flag(in.AllowOrder)},
		{"UseDelivery", flag(in.UseDelivery)},
		{"UseCod", flag(in.UseCod)},
		{"ForbidSaleTimeChange", flag(in.ForbidSaleTimeChange)},
		{"UseSurcharge", flag(in.UseSurcharge)},
		{"PricingMode", in.PricingMode},
		{"RewardPointRate", taphoa.Opt[string]{Value: in.RewardPointRate.Value.String(), State: in.RewardPointRate.State}},
		{"WebhookBareAction", flag(in.WebhookBareAction)},
		{"WebhookImageStrings", flag(in.WebhookImageStrings)},
		{"WebhookVendorRetries", flag(in.WebhookVendorRetries)},
		{"WebhookSignature", in.WebhookSignature},
		{"WebhookBatch", taphoa.Opt[string]{Value: strconv.FormatInt(in.WebhookBatch.Value, 10), State: in.WebhookBatch.State}},
	}
	for _, c := range changes {
		var err error
		if c.value.Has() {
			err = SetSetting(tx, c.name, c.value.Value)
		} else if c.value.Given() {
			_, err = tx.Exec(`DELETE FROM settings WHERE retailer_id = :retailer AND name = ?`, c.name)
		}
		if err != nil {
			return taphoa.Settings{}, err
		}
	}
	return ShowSettings(tx, nil)
}

// flag is a switch as [SetSetting] takes it.
func flag(on taphoa.Opt[bool]) taphoa.Opt[string] {
	return taphoa.Opt[string]{Value: strconv.FormatBool(on.Value), State: on.State}
}

// ShowSettings answers the settings: those that the vendor's API shows (contract settings), and ours behind them.
func ShowSettings(tx *db.Tx, _ *struct{}) (taphoa.Settings, error) {
	s, err := GetSettings(tx)
	camel := taphoa.SettingsCamel{
		ManagerCustomerByBranch: s.ManagerCustomerByBranch, AllowOrderWhenOutStock: s.AllowOrderWhenOutStock,
		AllowSellWhenOrderOutStock: s.AllowSellWhenOrderOutStock, AllowSellWhenOutStock: s.AllowSellWhenOutStock,
	}
	return taphoa.Settings{
		ManagerCustomerByBranch: s.ManagerCustomerByBranch, AllowOrderWhenOutStock: s.AllowOrderWhenOutStock,
		AllowSellWhenOrderOutStock: s.AllowSellWhenOrderOutStock, AllowSellWhenOutStock: s.AllowSellWhenOutStock,
		Data: camel,
		SettingsOurs: taphoa.SettingsOurs{
			AllowOrder: s.AllowOrder, UseDelivery: s.UseDelivery, UseCod: s.UseCod, ForbidSaleTimeChange: s.ForbidSaleTimeChange,
			UseSurcharge: s.UseSurcharge, PricingMode: s.PricingMode, RewardPointRate: s.RewardPointRate,
			WebhookBareAction: s.WebhookBareAction, WebhookImageStrings: s.WebhookImageStrings,
			WebhookVendorRetries: s.WebhookVendorRetries, WebhookSignature: s.WebhookSignature, WebhookBatch: s.WebhookBatch,
		},
	}, err
}

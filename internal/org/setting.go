package org

import (
	"strconv"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org/plan"
)

// Settings are all settings of a shop.
type Settings = plan.Settings

// DefaultSettings returns the settings of a new shop.
func DefaultSettings() Settings { return plan.DefaultSettings() }

// SettingNames lists the settings of [SetSetting], in the order of the documentation.
var SettingNames = []string{
	"ManagerCustomerByBranch", "AllowOrderWhenOutStock", "AllowSellWhenOrderOutStock", "AllowSellWhenOutStock",
	"AllowOrder", "UseDelivery", "UseCod", "ForbidSaleTimeChange", "UseSurcharge", "PricingMode", "RewardPointRate",
	"WebhookBareAction", "WebhookImageStrings", "WebhookVendorRetries", "WebhookSignature", "WebhookBatch", "AuditDays",
}

// configuration is what every write needs of a shop: read at once, and kept.
type configuration struct {
	Settings
	mirrorOf string // the address of the API that the shop is a copy of; empty: it is one of its own
}

func configurationOf(tx *db.Tx) (configuration, error) {
	return db.Kept(tx, "settings", 0, func(tx *db.Tx) (configuration, error) {
		c := configuration{Settings: plan.DefaultSettings()}
		err := tx.Each(func(row db.Row) error {
			if row.Text(0) == "" {
				c.mirrorOf = row.Text(1)
				return nil
			}
			return c.Set(row.Text(0), row.Text(1))
		}, `
			SELECT name, value FROM settings WHERE retailer_id = :retailer
			UNION ALL SELECT '', source FROM mirrors WHERE retailer_id = :retailer`)
		return c, err
	})
}

// GetSettings returns the shop's settings.
func GetSettings(tx *db.Tx) (Settings, error) {
	c, err := configurationOf(tx)
	return c.Settings, err
}

// SetSetting changes one setting of the shop.
func SetSetting(tx *db.Tx, name, value string) error {
	s := plan.DefaultSettings()
	if err := s.Set(name, value); err != nil {
		return err
	}
	before, had, err := db.One[string](tx, `SELECT value FROM settings WHERE retailer_id = :retailer AND name = ?`, name)
	if err != nil || had && before == value {
		return err
	}
	noteSetting(tx, name, before, value)
	_, err = tx.Exec(`
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
		{"AuditDays", taphoa.Opt[string]{Value: strconv.FormatInt(in.AuditDays.Value, 10), State: in.AuditDays.State}},
	}
	for _, c := range changes {
		var err error
		if c.value.Has() {
			err = SetSetting(tx, c.name, c.value.Value)
		} else if c.value.Given() {
			var before string
			if before, _, err = db.One[string](tx, `DELETE FROM settings WHERE retailer_id = :retailer AND name = ? RETURNING value`, c.name); before != "" {
				noteSetting(tx, c.name, before, "")
			}
		}
		if err != nil {
			return taphoa.Settings{}, err
		}
	}
	return ShowSettings(tx, nil)
}

// noteSetting notes a setting that has changed for the audit log; an empty value is the default.
func noteSetting(tx *db.Tx, name, before, after string) {
	text := func(value string) any {
		if value == "" {
			return nil
		}
		if on, err := strconv.ParseBool(value); err == nil && len(value) > 1 {
			return on
		}
		return value
	}
	audit.Value(tx, name, text(before), text(after))
}

// flag parses a boolean of [SetSetting].
func flag(on taphoa.Opt[bool]) taphoa.Opt[string] {
	return taphoa.Opt[string]{Value: strconv.FormatBool(on.Value), State: on.State}
}

// ShowSettings returns the settings: those that the vendor's API shows (contract settings), then ours.
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
			AuditDays: s.AuditDays,
		},
	}, err
}

package main

import (
	"context"
	"reflect"
	"strings"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/org"
)

// meanings describe the settings; a test checks that each has one.
var meanings = map[string]string{
	"ManagerCustomerByBranch":    "Customers belong to the branch that added them.",
	"AllowOrderWhenOutStock":     "Take orders for more than is in stock.",
	"AllowSellWhenOrderOutStock": "Sell what other customers have ordered.",
	"AllowSellWhenOutStock":      "Sell more than is in stock.",
	"AllowOrder":                 "Take orders.",
	"UseDelivery":                "Orders and invoices may have a delivery.",
	"UseCod":                     "Deliveries may collect money.",
	"ForbidSaleTimeChange":       "Refuse a time of sale more than a day away.",
	"UseSurcharge":               "Sales may have surcharges.",
	"PricingMode":                "Prices are before tax, after tax, or direct: before, after, direct.",
	"RewardPointRate":            "What must be spent for one point; 0 gives none.",
	"WebhookBareAction":          "Webhooks: Action without the shop's id.",
	"WebhookImageStrings":        "Webhooks: images as links, not as objects.",
	"WebhookVendorRetries":       "Webhooks: three tries in five minutes, then none.",
	"WebhookSignature":           "Webhooks: the prefix of the hash: sha1, sha256 or none.",
	"WebhookBatch":               "Webhooks: events in one request, 1 to 100.",
	"AuditDays":                  "Days for which the audit log is kept, from 90 on; 0 keeps it for ever.",
}

type settingSet struct {
	ofShop
	Name  string `arg:"" help:"The name of the setting, as setting list shows it, in any letter case."`
	Value string `arg:"" help:"true or false; direct, before or after (tax) for PricingMode; an amount for RewardPointRate."`
}

// Run changes the setting.
func (c *settingSet) Run(ctx context.Context, p *program) error {
	name, err := settingName(c.Name)
	if err != nil {
		return err
	}
	err = c.write(ctx, p, func(tx *db.Tx) error { return org.SetSetting(tx, name, c.Value) })
	if err == nil {
		p.say("%s is %s", name, c.Value)
	}
	return err
}

// settingName returns the name of a setting; its error names a similar one.
func settingName(text string) (string, error) {
	for _, name := range org.SettingNames {
		if strings.EqualFold(name, text) {
			return name, nil
		}
	}
	if near := nearest(text, org.SettingNames); near != "" {
		return "", message.Errorf("there is no setting %s, did you mean %s? {taphoa} setting list shows all", text, near)
	}
	return "", message.Errorf("there is no setting %s: {taphoa} setting list shows all", text)
}

type settingList struct{ ofShop }

// Run prints each setting with its value, its default and its meaning.
func (c *settingList) Run(ctx context.Context, p *program) error {
	return c.read(ctx, p, func(tx *db.Tx) error {
		settings, err := org.GetSettings(tx)
		if err != nil {
			return err
		}
		now, fresh := reflect.ValueOf(settings), reflect.ValueOf(org.DefaultSettings())
		var rows [][]any
		for _, name := range org.SettingNames {
			row := []any{name, now.FieldByName(name), fresh.FieldByName(name), ""}
			for i, line := range wrap(p.text(meanings[name]), meaningColumns) {
				if i > 0 {
					row = []any{"", "", "", ""}
				}
				row[3] = line
				rows = append(rows, row)
			}
		}
		p.table([]string{"NAME", "VALUE", "DEFAULT", "MEANING"}, rows)
		return nil
	})
}

// meaningColumns is the width that the other columns leave.
const meaningColumns = 33

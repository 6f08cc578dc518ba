package main

import (
	"context"
	"reflect"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

type settingSet struct {
	ofShop
	Name  string `arg:"" help:"One of ${settings}."`
	Value string `arg:"" help:"true or false; direct, before or after (tax) for PricingMode; an amount for RewardPointRate."`
}

func (c *settingSet) Run(ctx context.Context, p *program) error {
	err := c.write(ctx, p, func(tx *db.Tx) error { return org.SetSetting(tx, c.Name, c.Value) })
	if err == nil {
		p.say("%s is %s", c.Name, c.Value)
	}
	return err
}

type settingList struct{ ofShop }

func (c *settingList) Run(ctx context.Context, p *program) error {
	return c.read(ctx, p, func(tx *db.Tx) error {
		settings, err := org.GetSettings(tx)
		if err != nil {
			return err
		}
		rows := make([][]any, len(org.SettingNames))
		for i, name := range org.SettingNames {
			rows[i] = []any{name, reflect.ValueOf(settings).FieldByName(name)}
		}
		p.table("NAME VALUE", rows)
		return nil
	})
}

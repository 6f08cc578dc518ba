package main

import (
	"context"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

type shopCreate struct {
	Code string `arg:"" help:"What clients send as the Retailer header: letters without accents, digits and dashes, such as cobien."`
	Name string `arg:"" help:"What people call the shop."`
}

func (c *shopCreate) Run(ctx context.Context, p *program) error {
	if _, _, err := org.ShopNames(c.Code, c.Name); err != nil {
		return err // before a database is created for it
	}
	return with(ctx, p.url(), db.Options{}, func(d *db.DB) error {
		var shop org.Shop
		err := d.Write(ctx, db.Actor{}, p.audited(func(tx *db.Tx) (err error) {
			shop, err = org.CreateShop(tx, c.Code, c.Name)
			return err
		}))
		if err == nil {
			p.say("the shop %s is open, with id %d", shop.Code, shop.RetailerID)
			p.example(p.text("Give a program its id and its secret:"), p.text("{taphoa} client create --shop %s --name NAME%s", quoted(shop.Code), p.sameDatabase()))
			p.example(p.text("Start the server:"), programName+" serve"+p.sameDatabase())
		}
		return err
	})
}

type shopList struct{}

func (shopList) Run(ctx context.Context, p *program) error {
	return with(ctx, p.url(), db.Options{Existing: true}, func(d *db.DB) error {
		return d.Read(ctx, db.Actor{}, func(tx *db.Tx) error {
			shops, err := org.ListShops(tx)
			if err != nil {
				return err
			}
			rows := make([][]any, len(shops))
			for i, s := range shops {
				rows[i] = []any{s.RetailerID, s.Code, p.when(s.CreatedDate), s.Name}
			}
			p.table([]string{"ID", "CODE", "CREATED", "NAME"}, rows)
			return nil
		})
	})
}

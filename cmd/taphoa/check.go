package main

import (
	"context"

	"github.com/taphoa/taphoa/internal/cash"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/promo"
	"github.com/taphoa/taphoa/internal/stock"
	"github.com/taphoa/taphoa/internal/supply"
)

type check struct {
	Shop string `variable:"TAPHOA_SHOP" placeholder:"CODE" help:"Look at this shop only."`
}

func (c *check) Run(ctx context.Context, p *program) error {
	return with(ctx, p.url(), db.Options{Existing: true}, func(d *db.DB) error {
		var shops []org.Shop
		err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
			if c.Shop == "" {
				shops, err = org.ListShops(tx)
				return err
			}
			shop, err := findShop(tx, c.Shop)
			shops = []org.Shop{shop}
			return err
		})
		if err != nil {
			return err
		}
		faults := 0
		for _, shop := range shops {
			n, err := p.checkShop(ctx, d, shop)
			if err != nil {
				return err
			}
			faults += n
		}
		if faults > 0 {
			return message.Errorf("the ledgers have %d faults", faults)
		}
		p.say("OK, shops checked: %d", len(shops))
		return nil
	})
}

// checkShop prints what is wrong in the ledgers of a shop, or how much is right, and answers the number of faults.
func (p *program) checkShop(ctx context.Context, d *db.DB, shop org.Shop) (int, error) {
	var (
		goods, money, codes []string
		counts              [2]int64
		waiting             int64
	)
	err := d.Read(ctx, db.Actor{Retailer: shop.RetailerID}, func(tx *db.Tx) error {
		settings, err := org.GetSettings(tx)
		if err != nil {
			return err
		}
		limits := stock.Limits{BelowZero: settings.AllowSellWhenOutStock, BelowReserved: settings.AllowSellWhenOrderOutStock}
		if goods, err = stock.Check(tx, limits); err != nil {
			return err
		}
		moved, err := supply.Check(tx)
		if err != nil {
			return err
		}
		goods = append(goods, moved...)
		if waiting, err = stock.Waiting(tx); err != nil {
			return err
		}
		if money, err = cash.Check(tx); err != nil {
			return err
		}
		if codes, err = promo.Check(tx); err != nil {
			return err
		}
		for i, table := range []string{"stock_postings", "cash_postings"} {
			counts[i], _, err = db.One[int64](tx, `SELECT COUNT(*) FROM `+table+` WHERE retailer_id = :retailer`)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, finding := range goods {
		p.say("%s: goods: %s", shop.Code, finding)
	}
	for _, finding := range money {
		p.say("%s: money: %s", shop.Code, finding)
	}
	if waiting > 0 { // no fault: serve does it
		p.say("%s: goods: levels whose costs are being worked out and were not checked: %d", shop.Code, waiting)
	}
	for _, finding := range codes {
		p.say("%s: vouchers and coupons: %s", shop.Code, finding)
	}
	faults := len(goods) + len(money) + len(codes)
	if faults == 0 {
		p.say("%s: OK, postings checked: %d of goods, %d of money", shop.Code, counts[0], counts[1])
	}
	return faults, nil
}

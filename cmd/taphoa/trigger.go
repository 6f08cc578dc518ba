package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/demo"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/org"
)

type trigger struct {
	Shop string `variable:"TAPHOA_SHOP" placeholder:"CODE" help:"Change this shop; the demo's unless given."`
	Type string `arg:"" help:"The type of the event, such as invoice.update."`
}

// Run makes a change that causes the event, and prints the events that the change has caused.
func (c *trigger) Run(ctx context.Context, p *program) error {
	known := demo.Triggers()
	kind := strings.ToLower(c.Type)
	if event.CheckType("type", kind) != nil {
		return fmt.Errorf("there is no event %s: the types are %s", c.Type, strings.Join(known, ", "))
	}
	return with(ctx, p.url(), db.Options{Existing: true}, func(d *db.DB) error {
		shop, err := c.shop(ctx, d)
		if err != nil {
			return err
		}
		who := db.Actor{Retailer: shop.RetailerID}
		var (
			before int64
			at     taphoa.Time
		)
		err = d.Write(ctx, who, func(tx *db.Tx) (err error) {
			at = tx.Now
			if before, _, err = event.Bounds(tx); err != nil {
				return err
			}
			return demo.Trigger(tx, kind)
		})
		if err != nil {
			return err
		}
		return d.Read(ctx, who, func(tx *db.Tx) error {
			feed, err := event.Feed(tx, &taphoa.EventQuery{After: taphoa.Some(before), Limit: taphoa.EventLimitMax})
			for _, e := range feed.Data {
				if e.At == taphoa.Stamp(at) { // others may be at work
					p.say("%s", lineOf(e))
				}
			}
			return err
		})
	})
}

func (c *trigger) shop(ctx context.Context, d *db.DB) (shop org.Shop, err error) {
	err = d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		if c.Shop != "" {
			shop, err = findShop(tx, c.Shop)
			return err
		}
		var found bool
		shop, found, err = org.FindShop(tx, demo.ShopCode)
		if err == nil && !found {
			err = errors.New("the database has no demo shop: name with --shop CODE the one whose data is to be changed")
		}
		return err
	})
	return shop, err
}

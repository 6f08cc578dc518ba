package main

import (
	"context"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/org"
)

type migrate struct {
	Recount bool `help:"Count the rows of all lists again, which corrects the faults of lists that check reports."`
}

// Run migrates an existing database and prints which migrations were applied.
func (m *migrate) Run(ctx context.Context, p *program) error {
	return withNewest(ctx, p.url(), db.Options{Existing: true}, func(d *db.DB, done []string) error {
		if len(done) == 0 {
			p.say("the database has the newest schema already")
		} else {
			p.say("the database has the newest schema now: migrations applied: %d, the last one %s", len(done), done[len(done)-1])
		}
		if err := p.allocateOlder(ctx, d); err != nil {
			return err
		}
		if m.Recount {
			return p.recount(ctx, d)
		}
		return nil
	})
}

// recount counts the rows of the lists of each shop again. Servers may run: each shop's writes wait meanwhile.
func (p *program) recount(ctx context.Context, d *db.DB) error {
	var shops []org.Shop
	err := d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
		shops, err = org.ListShops(tx)
		return err
	})
	for _, shop := range shops {
		if err == nil {
			err = d.Write(ctx, db.Actor{Retailer: shop.RetailerID}, func(tx *db.Tx) error {
				db.RecountRows(tx)
				return nil
			})
		}
	}
	if err == nil {
		p.say("the rows of all lists were counted again; shops: %d", len(shops))
	}
	return err
}

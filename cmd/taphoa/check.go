package main

import (
	"context"
	"errors"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/schema"
)

type check struct {
	Shop string `variable:"TAPHOA_SHOP" placeholder:"CODE" help:"Look at this shop only."`
}

// Run changes neither the database, which may be a backup, nor its other files.
func (c *check) Run(ctx context.Context, p *program) error {
	url := p.url()
	p.warnExposed(url)
	unattended := db.Unattended(url)
	return openUnmigrated(ctx, url, db.Options{Existing: true, ReadOnly: true}, func(d *db.DB) error {
		faults, err := p.engine(ctx, d)
		if err != nil {
			return err
		}
		waiting, err := missingMigrations(ctx, d)
		if errors.Is(err, schema.ErrForeign) {
			return message.Errorf("this is no database of Taphoa's, or an empty one: --database names another")
		} else if faults > 0 {
			return message.Errorf("the database is damaged, with %d faults; the ledgers were not checked", faults)
		} else if err != nil {
			return err
		}
		shops := 0
		checkShops := func(d *db.DB) error {
			return d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
				shops, faults, err = p.checkAll(tx, c.Shop)
				return err
			})
		}
		if len(waiting) == 0 {
			err = checkShops(d)
		} else if err = inMigratedCopy(ctx, d, checkShops); err == nil {
			p.say("the database has the shape of an older program and was left so; %d migrations were carried out in a copy for the check", len(waiting))
		} else if errors.Is(err, db.ErrNoClone) {
			return message.Errorf("the database has the shape of an older program, %d migrations are missing: its ledgers were not checked, {taphoa} migrate comes first", len(waiting))
		}
		if err != nil {
			return err
		}
		if unattended {
			p.say("note: if this is a copy of a database that was in use, its newest documents are missing: compare the newest one above with the shop's; {taphoa} backup makes whole copies")
		}
		if faults > 0 {
			return message.Errorf("the ledgers have %d faults", faults)
		}
		p.say("OK, shops checked: %d", shops)
		return nil
	})
}

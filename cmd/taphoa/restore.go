package main

import (
	"context"
	"errors"
	"time"

	"github.com/taphoa/taphoa/internal/access"
	"github.com/taphoa/taphoa/internal/audit"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/oauth"
	"github.com/taphoa/taphoa/internal/org"
	"github.com/taphoa/taphoa/internal/schema"
)

type restore struct {
	File  string `arg:"" file:"" help:"The backup to restore from."`
	Force bool   `help:"On PostgreSQL: go on although other programs of Taphoa's are connected."`
}

func (c *restore) Run(ctx context.Context, p *program) error {
	began := time.Now()
	step, end := p.progress()
	faults := 0
	result, err := db.Restore(ctx, p.url(), c.File, db.RestoreOptions{
		Force: c.Force, Progress: step, Accept: schema.Accept, Tables: schema.Tables(),
		Prepare: func(ctx context.Context, d *db.DB) error {
			end()
			if _, err := schema.Migrate(ctx, d); err != nil {
				return err
			}
			if err := d.Write(ctx, db.Actor{}, afterRestore); err != nil {
				return err
			}
			return d.Read(ctx, db.Actor{}, func(tx *db.Tx) (err error) {
				_, faults, err = p.checkAll(tx, "")
				return err
			})
		},
	})
	end()
	if result.Kept != "" {
		p.say("the database that was there before is kept in %s; remove it when you do not need it any more", result.Kept)
	}
	for _, table := range result.Left {
		p.say("the table %s is not in the backup and was left as it is; if a newer Taphoa made it, drop it before you upgrade", table)
	}
	if err != nil {
		return c.explain(err)
	}
	p.say("restored from %s in %s, complete and checked", c.File, p.duration(time.Since(began)))
	if faults > 0 {
		return message.Errorf("the backup was restored as it is, but the ledgers have %d faults", faults)
	}
	return nil
}

// afterRestore begins a new epoch of each shop's feed of events before the restored database is used: events after the
// backup are lost, and readers of the feed that have seen them must notice. Sessions and links that have ended since the backup
// must not come back.
func afterRestore(tx *db.Tx) error {
	access.EndEverything(tx)
	oauth.EndEverything(tx)
	shops, err := org.ListShops(tx)
	for _, shop := range shops {
		if tx.Retailer = shop.RetailerID; err == nil {
			err = tx.BeginEpoch()
		}
		if err == nil {
			err = audit.Note(tx, programName+" restore")
		}
	}
	return err
}

// explain returns an error with what to do about it.
func (c *restore) explain(err error) error {
	newer, damage := (*schema.NewerError)(nil), (*db.DamagedError)(nil)
	switch {
	case errors.Is(err, db.ErrInUse):
		return message.Errorf("the database is in use: stop all servers and other programs first; nothing was changed")
	case errors.Is(err, db.ErrSameFile):
		return message.Errorf("%s is the database itself: name a backup", c.File)
	case errors.Is(err, db.ErrNoBackup), errors.Is(err, schema.ErrForeign):
		return message.Errorf("%s is no backup of Taphoa's for this kind of database; nothing was changed", c.File)
	case errors.As(err, &newer):
		return message.Errorf("%s was made by a newer program, which has the migration %s: restore it with that one; nothing was changed", c.File, newer.Migration)
	case errors.As(err, &damage):
		return message.Errorf("%s is damaged: %s (%d faults)", c.File, damage.Faults[0], len(damage.Faults))
	}
	return explainTool(err)
}

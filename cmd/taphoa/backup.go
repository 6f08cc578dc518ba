package main

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/message"
	"github.com/taphoa/taphoa/internal/schema"
)

type backup struct {
	File  string `arg:"" file:"" help:"The file to make, such as backup.db, or taphoa.dump on PostgreSQL."`
	Force bool   `help:"Replace the file if it exists, once the new backup is complete and checked."`
}

func (c *backup) Run(ctx context.Context, p *program) error {
	began := time.Now()
	return openUnmigrated(ctx, p.url(), db.Options{Existing: true, ReadOnly: true}, func(d *db.DB) error {
		waiting, err := missingMigrations(ctx, d)
		if errors.Is(err, schema.ErrForeign) {
			return message.Errorf("this is no database of Taphoa's, or an empty one: --database names another")
		} else if err != nil {
			return c.explain(err)
		}
		step, end := p.progress()
		faults := 0
		size, err := d.Backup(ctx, c.File, c.Force, step, func(tx *db.Tx) (err error) {
			end()
			if len(waiting) == 0 {
				_, faults, err = p.checkAll(tx, "")
			}
			return err
		})
		end()
		if err != nil {
			return c.explain(err)
		}
		if len(waiting) > 0 {
			p.say("the database has the shape of an older program, and so has the backup: its ledgers were not checked")
		}
		p.say("the backup is %s: %s in %s, complete and checked; it holds the key that signs tokens, keep it like a password",
			c.File, bytesOf(size), p.duration(time.Since(began)))
		if faults > 0 {
			return message.Errorf("the backup is a true copy, but the ledgers have %d faults", faults)
		}
		return nil
	})
}

// explain returns an error with what to do about it.
func (c *backup) explain(err error) error {
	if errors.Is(err, fs.ErrExist) {
		return message.Errorf("%s exists: name another file, or replace it with --force", c.File)
	}
	if errors.Is(err, db.ErrInUse) {
		return message.Errorf("%s is a database that is in use: name another file for the backup", c.File)
	}
	if damage := (*db.DamagedError)(nil); errors.As(err, &damage) {
		return message.Errorf("no backup was made, because the database is damaged: %s (%d faults; {taphoa} check lists them)", damage.Faults[0], len(damage.Faults))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return message.Errorf("the directory %s does not exist: make it first", filepath.Dir(c.File))
	}
	return explainTool(err)
}

// explainTool returns an error with the command to run if a program of the engine is missing.
func explainTool(err error) error {
	tool := (*db.ToolError)(nil)
	if !errors.As(err, &tool) {
		return err
	}
	if tool.Have == 0 {
		return message.Errorf("%s is not installed here: install it (PostgreSQL's client programs, %d or newer), or type where it is: %s", tool.Tool, tool.Need, tool.Line)
	}
	return message.Errorf("%s is of PostgreSQL %d, the server of %d: install the newer client programs, or type where they are: %s", tool.Tool, tool.Have, tool.Need, tool.Line)
}

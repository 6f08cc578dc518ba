package main

import (
	"context"
	"time"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/schema"
)

type migrate struct{}

// Run brings an existing database to the newest shape and says what was done.
func (migrate) Run(ctx context.Context, p *program) error {
	began := taphoa.TimeOf(time.Now())
	return with(ctx, p.url(), db.Options{Existing: true}, func(d *db.DB) error {
		done, err := schema.Since(ctx, d, began)
		if err != nil {
			return err
		}
		if len(done) == 0 {
			p.say("the database has the newest schema already")
		} else {
			p.say("the database has the newest schema now: migrations applied: %d, the last one %s", len(done), done[len(done)-1])
		}
		return nil
	})
}

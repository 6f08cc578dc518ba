package main

import (
	"context"

	"github.com/taphoa/taphoa/internal/db"
)

type migrate struct{}

// Run brings an existing database to the newest shape and says what was done.
func (migrate) Run(ctx context.Context, p *program) error {
	return withNewest(ctx, p.url(), db.Options{Existing: true}, func(_ *db.DB, done []string) error {
		if len(done) == 0 {
			p.say("the database has the newest schema already")
		} else {
			p.say("the database has the newest schema now: migrations applied: %d, the last one %s", len(done), done[len(done)-1])
		}
		return nil
	})
}

package main

import (
	"context"

	"github.com/taphoa/taphoa/internal/db"
)

type migrate struct{}

func (migrate) Run(ctx context.Context, p *program) error {
	return with(ctx, p.url(), db.Options{}, func(*db.DB) error {
		p.say("the database has the newest shape")
		return nil
	})
}

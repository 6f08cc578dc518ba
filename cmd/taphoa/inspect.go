package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/taphoa/taphoa/internal/db"
)

const (
	// findingsShown is how many findings a line of the log names.
	findingsShown = 5

	// inspectAgain is how long after a failure the database is looked through again.
	inspectAgain = time.Minute
)

// inspect looks for damage in the database's files, beside requests. What it finds is shown by /readyz as well.
func inspect(ctx context.Context, d *db.DB, log *slog.Logger) {
	for {
		began := time.Now()
		damage, err := d.Inspect(ctx)
		large := (*db.TooLargeError)(nil)
		switch {
		case damage != nil:
			log.Error("the database is damaged: run taphoa check, and restore a backup", "database", d.Where(), "findings", len(damage.Faults),
				"first", damage.Faults[:min(len(damage.Faults), findingsShown)])
			return
		case ctx.Err() != nil:
			return
		case errors.As(err, &large):
			log.Info("the database was not looked through for damage: run taphoa check", "reason", large.Error())
			return
		case err == nil:
			log.Debug("no damage was found in the database", "took", time.Since(began).String())
			return
		}
		d.Report(ctx, log, "the database could not be looked through for damage", err)
		pause(ctx, inspectAgain)
	}
}

package api

import (
	"context"
	"errors"
	"time"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/stock"
)

// recostEvery is how long costs after a back-dated document wait for their recalculation, at most.
const recostEvery = 200 * time.Millisecond

// KeepCosts recalculates the costs of goods that documents have left to it, until the context ends.
func (s *Server) KeepCosts(ctx context.Context) {
	wait := recostEvery
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = recostEvery
		if err := stock.RecostAll(ctx, s.db); err != nil && ctx.Err() == nil {
			s.db.Report(ctx, s.log, "costs could not be worked out", err)
			if wait = time.Minute; errors.Is(err, db.ErrUnavailable) {
				wait = time.Second
			}
		}
	}
}

package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	analyseEvery = 2 * time.Second

	// outgrown finds the tables that have ten times the rows that the planner knows of, from 200 rows on. An empty table
	// is never analysed: that would have the planner assume that it stays empty, and plans that are kept would read it whole. The
	// server's own daemon wakes once a minute, which is late for a shop on its first day.
	outgrown = `
		SELECT s.relid::regclass::text FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
		WHERE s.n_live_tup >= 200 AND s.n_live_tup >= 10 * GREATEST(c.reltuples, 20)
			AND pg_has_role(c.relowner, 'USAGE') AND s.schemaname = current_schema()`
)

// analyse lets the planner know of tables as they pass 200, 2,000, 20,000 … rows, and at the start of those that a restored
// backup has filled.
func (e *postgres) analyse(ctx context.Context) {
	tick := time.NewTicker(analyseEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		// An error is the server's, which others meet and report; the next round tries again.
		_ = e.pool.Load().AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
			rows, err := conn.Query(ctx, outgrown)
			if err != nil {
				return err
			}
			tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
			for _, table := range tables {
				if _, err = conn.Exec(ctx, "ANALYZE "+table); err != nil {
					return err
				}
			}
			return err
		})
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

package db

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
)

var (
	// storageCodes are disk_full, io_error and read_only_sql_transaction: of a standby, or of a server set read-only.
	storageCodes = []string{"53100", "58030", "25006"}
	// awayClasses are connection exceptions, insufficient resources and operator intervention; 57014 is not: it is a
	// statement that was cancelled.
	awayClasses = []string{"08", "53", "57"}
)

func (e *postgres) trouble(err error) error {
	var (
		answer  *pgconn.PgError
		connect *pgconn.ConnectError
		network *net.OpError
	)
	switch {
	case errors.As(err, &answer) && slices.Contains(storageCodes, answer.Code):
		return ErrStorage
	case answer != nil && answer.Code != "57014" && slices.Contains(awayClasses, answer.Code[:min(2, len(answer.Code))]),
		errors.As(err, &connect), errors.As(err, &network), errors.Is(err, pgconn.ErrConnClosed),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrUnavailable
	}
	return nil
}

func (e *postgres) free() int64 { return -1 }

func (e *postgres) stats(ctx context.Context) Stats {
	p := e.pool.Load().Stat()
	s := Stats{Pool: PoolStats{
		Max: int64(p.MaxConns()), Busy: int64(p.AcquiredConns()), Idle: int64(p.IdleConns()),
		Waits: p.EmptyAcquireCount(), WaitTime: p.EmptyAcquireWaitTime(),
	}}
	if err := e.pool.Load().QueryRow(ctx, `SELECT pg_database_size(current_database())`).Scan(&s.Size); err != nil {
		s.Size = 0
	}
	return s
}

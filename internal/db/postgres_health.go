package db

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

var (
	// storageCodes are disk_full, io_error and read_only_sql_transaction: of a standby, or of a server set read-only.
	storageCodes = []string{"53100", "58030", "25006"}
	// awayClasses are connection exceptions, insufficient resources and operator intervention; 57014 is not: it is a
	// statement that was cancelled.
	awayClasses = []string{"08", "53", "57"}
)

// damage reports that a server has met a file that it cannot use, or that is gone. The class of internal errors is that of
// damage, except for a change of the schema under a statement.
func damage(e *pgconn.PgError) bool {
	const undefinedFile, internal = "58P01", "XX000"
	if e.Code == internal {
		return !strings.Contains(e.Message, "concurrently") && !strings.Contains(e.Message, "cache lookup failed")
	}
	return strings.HasPrefix(e.Code, "XX") || e.Code == undefinedFile
}

func (e *postgres) trouble(err error) error {
	answer := (*pgconn.PgError)(nil)
	switch errors.As(err, &answer); {
	case errors.As(err, new(*DamagedError)), answer != nil && damage(answer):
		return ErrDamaged
	case answer != nil && slices.Contains(storageCodes, answer.Code):
		return ErrStorage
	case answer != nil && answer.Code != "57014" && slices.Contains(awayClasses, answer.Code[:min(2, len(answer.Code))]),
		errors.As(err, new(*pgconn.ConnectError)), errors.Is(err, errLost):
		return ErrUnavailable
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled): // the request's own, which close a connection
	case errors.As(err, new(*net.OpError)), errors.Is(err, errBroken), errors.Is(err, pgconn.ErrConnClosed),
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

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

// damage reports that a server has met a file that it cannot use, or that is gone: none of a library. The class of internal
// errors is that of damage, except for a change of the schema, or of statistics, under a statement.
func damage(e *pgconn.PgError) bool {
	const undefinedFile, internal = "58P01", "XX000"
	switch {
	case e.File == "dfmgr.c":
		return false
	case e.Code == internal: // the text may be translated, the routine is not
		return !strings.HasPrefix(e.Routine, "simple_heap_") && !strings.Contains(e.Message, "concurrently") &&
			!strings.Contains(e.Message, "cache lookup failed")
	}
	return strings.HasPrefix(e.Code, "XX") || e.Code == undefinedFile
}

// takesSpace writes 1 MiB that cannot be compressed: a full disk takes small changes of pages that are there.
func (e *postgres) takesSpace() string {
	return `CREATE TEMP TABLE write_test AS SELECT string_agg(md5(CAST(i AS TEXT)), '') AS text FROM generate_series(1, 32768) i`
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

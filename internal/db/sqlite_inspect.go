package db

import (
	"context"
	"errors"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// inspect checks the schema with the list of free pages, then one table with its indexes after the other, on a connection of
// its own. Between two it rests for as long as the last one took.
func (e *sqliteEngine) inspect(ctx context.Context) (faults []string, err error) {
	conn, err := sqlite.OpenConn(e.file, sqlite.OpenReadWrite) // a database that has gone is not made
	if err != nil {
		return nil, err
	}
	defer func() {
		if err = errors.Join(err, conn.Close()); ctx.Err() != nil { // any statement is interrupted then
			err = ctx.Err()
		}
	}()
	conn.SetBusyTimeout(busyTime)
	conn.SetInterrupt(ctx.Done())
	defer conn.SetInterrupt(nil)
	if err := errors.Join(pragma(conn, "query_only=ON"), pragma(conn, "cache_size=-1024")); err != nil {
		return damageFound(nil, err)
	}
	tables := []string{"sqlite_schema"}
	err = sqlitex.ExecuteTransient(conn, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			tables = append(tables, stmt.ColumnText(0))
			return nil
		},
	})
	if err != nil {
		return damageFound(nil, err)
	}
	for _, table := range tables {
		began := time.Now()
		err := sqlitex.ExecuteTransient(conn, "SELECT * FROM pragma_integrity_check(?)", &sqlitex.ExecOptions{
			Args: []any{table},
			ResultFunc: func(stmt *sqlite.Stmt) error {
				for line := range strings.Lines(stmt.ColumnText(0)) {
					if line = strings.TrimSpace(line); line != "ok" && !strings.HasPrefix(line, "***") {
						faults = append(faults, "table "+table+": "+line)
					}
				}
				return nil
			},
		})
		if ctx.Err() != nil {
			return faults, ctx.Err()
		}
		if err != nil {
			if faults, err = damageFound(faults, err); err != nil {
				return faults, err
			}
		}
		if err := rest(ctx, time.Since(began)); err != nil {
			return faults, err
		}
	}
	return faults, nil
}

// damageFound adds an error to the faults if it is one of a damaged file, else it is returned.
func damageFound(faults []string, err error) ([]string, error) {
	if isDamage(err) {
		return append(faults, err.Error()), nil
	}
	return faults, err
}

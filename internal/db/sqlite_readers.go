package db

import (
	"context"
	"errors"

	"zombiezen.com/go/sqlite"
)

// openReaders opens the connections that read: of a volatile database, of which there are many, only one before more are needed. Each
// parses the schema.
func (e *sqliteEngine) openReaders(n int, volatile bool) error {
	e.readers = make(chan *sqlite.Conn, n)
	if volatile {
		e.unopened.Store(int64(n - 1))
		n = 1
	}
	for range n {
		conn, err := e.openReader(volatile)
		if err != nil {
			return err
		}
		e.readers <- conn
	}
	return nil
}

func (e *sqliteEngine) openReader(volatile bool) (*sqlite.Conn, error) {
	conn, err := openSQLiteConn(e.file, 8<<10, volatile)
	if err == nil {
		conn.SetBusyTimeout(patience)
	}
	return conn, err
}

// lend returns a connection that reads. Who has it gives it back to e.readers.
func (e *sqliteEngine) lend(ctx context.Context) (*sqlite.Conn, error) {
	select {
	case conn := <-e.readers:
		return conn, nil
	default:
	}
	if e.unopened.Add(-1) >= 0 {
		conn, err := e.openReader(true)
		if err != nil {
			e.unopened.Add(1)
		}
		return conn, err
	}
	e.unopened.Add(1)
	select {
	case conn := <-e.readers:
		return conn, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *sqliteEngine) closeReaders() (err error) {
	for range cap(e.readers) - int(e.unopened.Load()) {
		err = errors.Join(err, (<-e.readers).Close())
	}
	return err
}

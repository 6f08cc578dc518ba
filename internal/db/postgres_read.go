package db

import (
	"context"
	"errors"
)

const beginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

func (e *postgres) read(ctx context.Context, tx *Tx, op func(*Tx) error) error {
	fresh := *tx
	for try := 1; ; try++ {
		err := e.readOnce(ctx, tx, op, try > 1)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, errMoved):
		case try < tries && e.deadlocked(err):
			pause(ctx, 5)
		default:
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		*tx = fresh
		tx.heads = &heads{read: true}
	}
}

// readOnce runs a reading operation, strictly in a transaction from its first question on.
func (e *postgres) readOnce(ctx context.Context, tx *Tx, op func(*Tx) error, strictly bool) error {
	conn, err := e.acquire(ctx)
	if err != nil {
		return err
	}
	s := &pgSession{conn: conn.Conn(), counts: &e.db.counts}
	s.begin = []pgItem{{sql: beginRead}}
	head := &eagerHead{session: s, shop: tx.Retailer, strictly: strictly}
	if tx.Retailer != 0 {
		st, err := compile(selectHead)
		if err != nil {
			conn.Release()
			return err
		}
		head.item = pgItem{sql: st.postgres, args: []any{tx.Retailer}, each: head.scan}
		s.begin = append(s.begin, head.item)
		tx.heads.eager = head
	}
	tx.session = s
	if err = guard(tx, op); head.moved {
		err = errMoved
	}
	if err == nil && s.sent { // else it has found all in memory
		e.db.reading.end()
	}
	begun := s.sent && s.begin == nil
	if err == nil && begun {
		go func() { // no one needs to wait for the end of a read
			s.add("COMMIT", nil, nil)
			_ = s.flush(context.WithoutCancel(ctx))
			rollback(conn)
			conn.Release()
		}()
		return nil
	}
	if begun {
		rollback(conn)
	}
	conn.Release()
	return err
}

// errMoved says that a shop was written after its head was read, or stored, that an operation has worked with.
var errMoved = errors.New("the head of the shop has moved")

// eagerHead is the head of a shop on its way to a reader.
type eagerHead struct {
	Head
	session  *pgSession
	item     pgItem
	shop     int64
	strictly bool // in the transaction, and not before
	seen     bool
	found    bool
	moved    bool // it is not what was seen
}

// readEarly reads the head alone, unless the transaction has begun: an operation that finds all in memory needs none.
func (e *eagerHead) readEarly(ctx context.Context) error {
	s := e.session
	if e.seen || e.strictly || s.begin == nil || len(s.items) > 0 {
		return nil
	}
	s.items = append(s.items, e.item)
	_, err := s.send(ctx)
	e.seen = true
	return err
}

// read reads the head as the transaction sees it.
func (e *eagerHead) read(ctx context.Context) error {
	if e.seen {
		return nil
	}
	e.session.open()
	return e.session.flush(ctx)
}

func (e *eagerHead) scan(row Row) error {
	var h Head
	if err := h.scan(row); err != nil {
		return err
	}
	if e.seen && (h != e.Head || !e.found) {
		e.moved = true
		return errMoved
	}
	e.Head, e.found, e.seen = h, true, true
	return nil
}

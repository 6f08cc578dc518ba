package db

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/taphoa/taphoa/internal/plan"
	"github.com/taphoa/taphoa/internal/right"
)

// Batch gathers questions that are asked in one round trip. On SQLite each is asked at once. Their order is that in
// which they are added, after what is queued already.
type Batch struct {
	tx    *Tx
	err   error
	asked bool
}

// Batch begins a batch of questions.
func (tx *Tx) Batch() *Batch { return &Batch{tx: tx} }

// Rows are the rows of a question of a batch, known after [Batch.Run].
type Rows[T any] struct{ list []T }

// All returns the rows: structs, filled by column name, or single values.
func (r *Rows[T]) All() []T {
	if r == nil {
		return nil
	}
	return r.list
}

// One returns the first row, and whether there is one.
func (r *Rows[T]) One() (row T, found bool) {
	if r == nil || len(r.list) == 0 {
		return row, false
	}
	return r.list[0], true
}

// Want adds a question to a batch. Its error comes out of [Batch.Run].
func Want[T any](b *Batch, sql string, args ...any) *Rows[T] {
	rows := &Rows[T]{}
	if b.err != nil {
		return rows
	}
	st, values, err := b.tx.prepare(sql, args)
	if err != nil {
		b.err = err
		return rows
	}
	b.tx.changes(st)
	b.asked = true
	var s *scanner
	b.err = b.tx.session.ask(b.tx.ctx, st, values, func(row Row) (err error) {
		if s == nil {
			if s, err = st.scanner(reflect.TypeFor[T](), row); err != nil {
				return err
			}
		}
		var next T
		s.scan(unsafe.Pointer(&next), row)
		rows.list = append(rows.list, next)
		return nil
	})
	return rows
}

// Run asks the questions. A batch without any costs nothing.
func (b *Batch) Run() error {
	if b.err != nil || !b.asked {
		return b.err
	}
	b.asked = false
	return b.tx.session.flush(b.tx.ctx)
}

// ID returns an id for a new record of the named table, like [Tx.NewID]. Its error comes out of the next statement or of
// the commit.
func (tx *Tx) ID(table string) int64 {
	id, err := tx.NewID(table)
	if err != nil && tx.state.failed == nil {
		tx.state.failed = err
	}
	return id
}

// Code returns the next code of a sequence of the shop, such as HD000123: the prefix and at least six digits. Whether a
// client has used it is for the caller to know. Its error comes out of the next statement or of the commit.
func (tx *Tx) Code(prefix string) string {
	number, err := tx.NextNumber(prefix)
	if err != nil && tx.state.failed == nil {
		tx.state.failed = err
	}
	return fmt.Sprintf("%s%06d", prefix, number)
}

// PlanContext is what the operation's plan is given beside rows.
func (tx *Tx) PlanContext() plan.Context {
	return plan.Context{
		Retailer: tx.Retailer, Now: tx.Now, Clock: tx.Clock, ID: tx.ID, Code: tx.Code,
		Actor: tx.Actor(),
	}
}

// Actor is who acts in the operation, and what they may do.
func (tx *Tx) Actor() plan.Actor {
	return plan.Actor{UserID: tx.User, Client: tx.client, ApproverID: tx.approver, Held: tx.held, Own: tx.own, Needs: tx.needs}
}

// Approve adds what the approver may do at a branch to what the actor may do in the operation.
func (tx *Tx) Approve(by, branch int64, allowed right.Set) {
	tx.approver, tx.held = by, tx.held.With(branch, allowed)
}

package db

import "github.com/taphoa/taphoa"

// CommitHook is work that an operation leaves for the end of its transaction: because it must come last, or must be done
// once however often the operation asks for it.
type CommitHook interface {
	// Finish runs in the transaction when the operation has succeeded, before the commit.
	Finish(tx *Tx) error
}

// BeforeCommit returns the hook of type T of this transaction, a new one at the first call. Several run in the order of
// their first calls.
func BeforeCommit[T any, P interface {
	*T
	CommitHook
}](tx *Tx) P {
	for _, h := range tx.state.hooks {
		if p, ok := h.(P); ok {
			return p
		}
	}
	p := P(new(T))
	tx.state.hooks = append(tx.state.hooks, p)
	return p
}

// AtLast is [BeforeCommit] for what sees all that the operation has done: it runs after the others.
func AtLast[T any, P interface {
	*T
	CommitHook
}](tx *Tx) P {
	p, ok := tx.state.last.(P)
	if !ok {
		p = P(new(T))
		tx.state.last = p
	}
	return p
}

// opState is what an operation leaves in its transaction. When it runs again, it begins with an empty one.
type opState struct {
	failed error // the first error of a queued statement, shown at the next call and at the commit
	hooks  []CommitHook
	last   CommitHook

	wrote    bool        // a row was written
	changed  bool        // one that is not a request's key
	refs     bool        // one of a reference table
	headless bool        // a table was used that is written without the head
	latest   taphoa.Time // the newest instant that AsOf has replaced
	rows     rowCounts   // what was given to [Tx.Count]
}

func (e *opState) finish(tx *Tx) error {
	for i := 0; i < len(e.hooks) && e.failed == nil; i++ {
		if err := e.hooks[i].Finish(tx); err != nil {
			return err
		}
	}
	if e.last != nil && e.failed == nil {
		if err := e.last.Finish(tx); err != nil {
			return err
		}
	}
	if e.failed == nil {
		return tx.heads.finish(tx)
	}
	return e.failed
}

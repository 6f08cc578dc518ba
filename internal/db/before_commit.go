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
func BeforeCommit[T any, P hookOf[T]](tx *Tx) P { return hook[T, P](&tx.state.hooks) }

// AtLast is [BeforeCommit] for what sees all that the operation has done: it runs after the others.
func AtLast[T any, P hookOf[T]](tx *Tx) P { return hook[T, P](&tx.state.last) }

type hookOf[T any] interface {
	*T
	CommitHook
}

func hook[T any, P hookOf[T]](hooks *[]CommitHook) P {
	for _, h := range *hooks {
		if p, ok := h.(P); ok {
			return p
		}
	}
	p := P(new(T))
	*hooks = append(*hooks, p)
	return p
}

// opState is what an operation leaves in its transaction. When it runs again, it begins with an empty one.
type opState struct {
	failed error // the first error of a queued statement, shown at the next call and at the commit
	hooks  []CommitHook
	last   []CommitHook // behind the others

	wrote    bool        // a row was written
	changed  bool        // one that is not a request's key
	refs     bool        // one of a reference table
	headless bool        // a table was used that is written without the head
	latest   taphoa.Time // the newest instant that AsOf has replaced
	rows     rowCounts   // what was given to [Tx.Count]
}

func (e *opState) finish(tx *Tx) error {
	for _, hooks := range []*[]CommitHook{&e.hooks, &e.last} {
		for i := 0; i < len(*hooks) && e.failed == nil; i++ { // one may add others
			if err := (*hooks)[i].Finish(tx); err != nil {
				return err
			}
		}
	}
	if e.failed == nil {
		return tx.heads.finish(tx)
	}
	return e.failed
}

package db

import "github.com/taphoa/taphoa"

// Last is what an operation leaves for the end of its transaction: what must come last, because everybody waits for
// it, or must happen once however often the operation asks for it.
type Last interface {
	// Finish runs in the transaction when the operation has succeeded, before the commit.
	Finish(tx *Tx) error
}

// AtLast answers the T of this transaction, a new one at the first call. Several run in the order of their first calls.
func AtLast[T any, P interface {
	*T
	Last
}](tx *Tx) P {
	for _, l := range tx.end.last {
		if p, ok := l.(P); ok {
			return p
		}
	}
	p := P(new(T))
	tx.end.last = append(tx.end.last, p)
	return p
}

// end is what a transaction keeps until its commit; a run of its operation again begins with an empty one.
type end struct {
	failed error  // the first error of a queued statement, shown at the next call and at the commit
	last   []Last // what Finish is to be called of

	wrote  bool        // a row was written
	refs   bool        // one of a reference table
	aside  bool        // a table was used that is written aside of the head
	latest taphoa.Time // the newest instant that AsOf has replaced
	rows   rowCounts   // what [Tx.Count] was told
}

func (e *end) finish(tx *Tx) error {
	for i := 0; i < len(e.last) && e.failed == nil; i++ {
		if err := e.last[i].Finish(tx); err != nil {
			return err
		}
	}
	if e.failed == nil {
		return tx.heads.finish(tx)
	}
	return e.failed
}

package db

import (
	"reflect"
	"sync"
)

// watchedTables are tables whose rows are kept in memory one by one, and dropped when an event reports their change.
var watchedTables = map[string]bool{"products": true, "product_formulas": true, "product_limits": true}

// eventSpans has, for each shop, through which of its events no watched table has changed, as far as this process has
// written them: for those, caches of rows need not read the log.
type eventSpans struct {
	mu    sync.Mutex
	spans map[int64]span
}

// span is a range of event numbers: the watched tables are the same at each of them.
type span struct{ from, to int64 }

// commit notes that the numbers after base, up to last, are committed.
func (q *eventSpans) commit(shop, base, last int64, touched bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.spans == nil {
		q.spans = map[int64]span{}
	}
	s := q.spans[shop]
	switch {
	case touched:
		s = span{last, last}
	case s.to == base:
		s.to = last
	default: // others have written in between
		s = span{base, last}
	}
	q.spans[shop] = s
}

func (q *eventSpans) between(shop, since, now int64) bool {
	if since == now {
		return true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	s, known := q.spans[shop]
	return known && s.from <= since && s.to == now
}

// Committed returns the number of the shop's newest committed event as the transaction sees it. ok is false when what the
// transaction shows of watched tables is not what is committed, or not that of any number.
func (tx *Tx) Committed() (seq, refs int64, ok bool, err error) {
	if tx.Retailer == 0 || tx.withoutHead {
		return 0, 0, false, nil
	}
	h, err := tx.heads.of(tx)
	if err != nil {
		return 0, 0, false, err
	}
	ok = !h.isNew && !tx.heads.touched && !tx.state.refs && h.Refs == h.stored.Refs
	return h.stored.LastSeq, h.stored.Refs, ok, nil
}

// UnchangedBetween reports that no watched table has changed between two numbers of the shop's events. If it returns
// false, the log has what changed.
func (tx *Tx) UnchangedBetween(since, now int64) bool {
	return tx.db.spans.between(tx.Retailer, since, now)
}

// Memory returns the T that a package keeps of the database between transactions.
func Memory[T any](tx *Tx) *T {
	if m, ok := tx.db.memories.Load(reflect.TypeFor[T]()); ok {
		return m.(*T)
	}
	m, _ := tx.db.memories.LoadOrStore(reflect.TypeFor[T](), new(T))
	return m.(*T)
}

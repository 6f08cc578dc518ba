package db

import (
	"sync"
	"time"
)

// On PostgreSQL the lock of a shop's head would be a round trip of its own. Instead the first operation of a group works
// with the head that this process stored last, and the lock travels with BEGIN before what the operation asks first. If
// another head arrives, because another process has written meanwhile, the transaction fails with errMoved and the group
// runs again with the head read before all else. No operation ends before the head has arrived, and no statement succeeds
// after another one has: neither a response nor a cache such as that of [Kept] can hold what was read at a wrong head.

// expectedHeads are the heads as this process has stored them, of all shops that it has written.
type expectedHeads struct {
	mu     sync.Mutex
	byShop map[int64]expectedHead
}

type expectedHead struct {
	Head
	unchanged bool // it was found as it was stored before: no other process writes this shop now
}

// of returns the head that a shop is expected to have.
func (e *expectedHeads) of(shop int64) (h Head, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x := e.byShop[shop]
	return x.Head, x.unchanged
}

// store notes the head of a shop as it was found under the lock, and as it was committed.
func (e *expectedHeads) store(shop int64, found, committed Head) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.byShop == nil {
		e.byShop = map[int64]expectedHead{}
	}
	before, known := e.byShop[shop]
	e.byShop[shop] = expectedHead{committed, !known || before.Head == found}
}

// forget drops all: another server has taken over.
func (e *expectedHeads) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.byShop = nil
}

// expect begins an operation with the head that its shop is expected to have, if there is one and the engine can check it.
func (hs *heads) expect(tx *Tx, t transaction) {
	if hs.exact || tx.Retailer == 0 || tx.withoutHead || hs.byShop[tx.Retailer] != nil {
		return
	}
	expected, ok := tx.db.expected.of(tx.Retailer)
	if !ok || !t.expectHead(tx, expected, func() { hs.awaited, hs.began = false, time.Now() }) {
		return
	}
	hs.awaited = true
	hs.add(tx.Retailer, &headState{Head: expected, stored: expected})
}

package catalog

import (
	"sync"

	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
)

// itemsMax is how many items are kept for all shops together; more are forgotten together. An item has about 400 bytes.
const itemsMax = 100_000

// itemMemory keeps items between transactions. What it keeps of a shop is as it was at one number of the shop's events.
type itemMemory struct {
	mu    sync.Mutex
	shops map[int64]*shopItems
	count int
}

type shopItems struct {
	seq, refs int64
	byID      map[int64]*Item
	byKey     map[string]*Item
}

// knowing is the memory as one transaction may use it: at its own number, or not at all.
type knowing struct {
	memory    *itemMemory
	shop      int64
	seq, refs int64
	usable    bool
}

// knownItems brings the memory of the shop to the number that the transaction sees, unless it is ahead of it.
func knownItems(tx *db.Tx) (*knowing, error) {
	k := &knowing{memory: db.Memory[itemMemory](tx), shop: tx.Retailer}
	var err error
	if k.seq, k.refs, k.usable, err = tx.Committed(); err != nil || !k.usable {
		return k, err
	}
	m := k.memory
	m.mu.Lock()
	s := m.shops[k.shop]
	if s == nil || s.refs != k.refs { // the names of categories and brands are part of an item
		s = m.fresh(k)
	}
	since := s.seq
	m.mu.Unlock()
	if since > k.seq {
		k.usable = false // an older snapshot
		return k, nil
	}
	var changed []int64
	told := true
	if !tx.Quiet(since, k.seq) {
		if changed, told, err = changedProducts(tx, since, k.seq); err != nil {
			k.usable = false
			return k, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !told {
		m.fresh(k)
		return k, nil
	}
	if k.usable = m.shops[k.shop] == s && s.seq == since; !k.usable { // somebody else was faster
		return k, nil
	}
	for _, id := range changed {
		m.forget(s, id)
	}
	s.seq = k.seq
	return k, nil
}

// forget forgets a product. The memory is locked.
func (m *itemMemory) forget(s *shopItems, id int64) {
	if item := s.byID[id]; item != nil {
		delete(s.byID, id)
		delete(s.byKey, codeKey(item.Code))
		m.count--
	}
}

// fresh forgets what is kept of a shop. The memory is locked.
func (m *itemMemory) fresh(k *knowing) *shopItems {
	if old := m.shops[k.shop]; old != nil {
		m.count -= len(old.byID)
	}
	if m.shops == nil {
		m.shops = map[int64]*shopItems{}
	}
	s := &shopItems{seq: k.seq, refs: k.refs, byID: map[int64]*Item{}, byKey: map[string]*Item{}}
	m.shops[k.shop] = s
	return s
}

// followMax is how many events are looked through; after more than that, reading the products again costs less.
const followMax = 1000

// changedProducts answers the products that the events between two numbers tell of; ok is false when those events are too
// many, no longer kept, or cannot tell.
func changedProducts(tx *db.Tx, since, now int64) (ids []int64, ok bool, err error) {
	head, err := tx.Head()
	if err != nil || since < head.DroppedSeq || now-since > followMax {
		return nil, false, err
	}
	events, err := event.Between(tx, since, now, productUpdated.Type, productDeleted.Type, event.Internal)
	for i := range events {
		named, err := event.Products(&events[i])
		if err != nil || len(named) == 0 {
			return nil, false, err
		}
		ids = append(ids, named...)
	}
	return ids, err == nil, err
}

// at answers what is kept of the shop, if that is still as the transaction sees it. The memory is locked.
func (k *knowing) at() *shopItems {
	if s := k.memory.shops[k.shop]; k.usable && s != nil && s.seq == k.seq && s.refs == k.refs {
		return s
	}
	return nil
}

// byIDs answers the items that are in memory, and the ids of the others.
func (k *knowing) byIDs(ids []int64) (found map[int64]*Item, unknown []int64) {
	k.memory.mu.Lock()
	defer k.memory.mu.Unlock()
	found = make(map[int64]*Item, len(ids))
	s := k.at()
	for _, id := range ids {
		if s != nil && s.byID[id] != nil {
			found[id] = clone(s.byID[id])
		} else {
			unknown = append(unknown, id)
		}
	}
	return found, unknown
}

func (k *knowing) byCode(key string) *Item {
	k.memory.mu.Lock()
	defer k.memory.mu.Unlock()
	if s := k.at(); s != nil {
		return clone(s.byKey[key])
	}
	return nil
}

// keep keeps items that the transaction has read.
func (k *knowing) keep(found map[int64]*Item) {
	m := k.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	s := k.at()
	if s == nil {
		return
	}
	if m.count+len(found) > itemsMax {
		m.shops, m.count = nil, 0
		return
	}
	for id, item := range found {
		if s.byID[id] == nil {
			m.count++
		}
		item = clone(item)
		s.byID[id], s.byKey[codeKey(item.Code)] = item, item
	}
}

// clone keeps what is kept apart from what an operation works with.
func clone(item *Item) *Item {
	if item == nil {
		return nil
	}
	copied := *item
	return &copied
}

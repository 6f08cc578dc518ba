package catalog

import (
	"sync"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/event"
	"github.com/taphoa/taphoa/internal/text"
)

// itemsMax is the largest number of cached items of all shops together; beyond it all are dropped. An item has about 400 bytes.
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

// itemView is the memory as one transaction may use it: at its own number, or not at all.
type itemView struct {
	memory    *itemMemory
	shop      int64
	seq, refs int64
	usable    bool
}

// keptItems updates the memory of the shop to the number that the transaction sees, unless it is ahead of it.
func keptItems(tx *db.Tx) (*itemView, error) {
	v := &itemView{memory: db.Memory[itemMemory](tx), shop: tx.Retailer}
	var err error
	if v.seq, v.refs, v.usable, err = tx.Committed(); err != nil || !v.usable {
		return v, err
	}
	m := v.memory
	m.mu.Lock()
	s := m.shops[v.shop]
	if s == nil || s.refs != v.refs { // the names of categories and brands are part of an item
		s = m.reset(v)
	}
	since := s.seq
	m.mu.Unlock()
	if since > v.seq {
		v.usable = false // an older snapshot
		return v, nil
	}
	var changed []int64
	known := true
	if !tx.UnchangedBetween(since, v.seq) {
		if changed, known, err = changedProducts(tx, since, v.seq); err != nil {
			v.usable = false
			return v, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !known {
		m.reset(v)
		return v, nil
	}
	if v.usable = m.shops[v.shop] == s && s.seq == since; !v.usable { // another transaction was faster
		return v, nil
	}
	for _, id := range changed {
		m.forget(s, id)
	}
	s.seq = v.seq
	return v, nil
}

// forget drops a product. The memory is locked.
func (m *itemMemory) forget(s *shopItems, id int64) {
	if item := s.byID[id]; item != nil {
		delete(s.byID, id)
		if key := text.CodeKey(item.Code); s.byKey[key] == item {
			delete(s.byKey, key)
		}
		m.count--
	}
}

// reset drops all items of a shop. The memory is locked.
func (m *itemMemory) reset(v *itemView) *shopItems {
	if old := m.shops[v.shop]; old != nil {
		m.count -= len(old.byID)
	}
	if m.shops == nil {
		m.shops = map[int64]*shopItems{}
	}
	s := &shopItems{seq: v.seq, refs: v.refs, byID: map[int64]*Item{}, byKey: map[string]*Item{}}
	m.shops[v.shop] = s
	return s
}

// itemEventsMax is the largest number of events that are read; for more than that, reading the products again costs less.
const itemEventsMax = 1000

// changedProducts returns the products that the events between two numbers name; ok is false when those events are too
// many, were dropped, or do not name them.
func changedProducts(tx *db.Tx, since, now int64) (ids []int64, ok bool, err error) {
	events, ok, err := eventsBetween(tx, since, now, itemEventsMax, productUpdated.Type, productDeleted.Type, event.Internal)
	for i := range events {
		named, err := event.Products(&events[i])
		if err != nil || len(named) == 0 {
			return nil, false, err
		}
		ids = append(ids, named...)
	}
	return ids, ok, err
}

// eventsBetween returns the events of some types with the numbers since < number <= now; ok is false when there are more
// than maximum numbers, or some of the events are no longer kept.
func eventsBetween(tx *db.Tx, since, now, maximum int64, types ...string) (events []taphoa.Event, ok bool, err error) {
	head, err := tx.Head()
	if err != nil || since < head.DroppedSeq || now-since > maximum {
		return nil, false, err
	}
	events, err = event.Between(tx, since, now, types...)
	return events, err == nil, err
}

// current returns what is kept of the shop, if that is still as the transaction sees it. The memory is locked.
func (v *itemView) current() *shopItems {
	if s := v.memory.shops[v.shop]; v.usable && s != nil && s.seq == v.seq && s.refs == v.refs {
		return s
	}
	return nil
}

// find returns the items that are kept, and the ids and code keys of the others.
func (v *itemView) find(ids []int64, keys []string) (items []*Item, missingIDs []int64, missingKeys []string) {
	v.memory.mu.Lock()
	defer v.memory.mu.Unlock()
	s := v.current()
	if s == nil {
		return nil, ids, keys
	}
	for _, id := range ids {
		if item := s.byID[id]; item != nil {
			items = append(items, item)
		} else {
			missingIDs = append(missingIDs, id)
		}
	}
	for _, key := range keys {
		if item := s.byKey[key]; item != nil {
			items = append(items, item)
		} else {
			missingKeys = append(missingKeys, key)
		}
	}
	return items, missingIDs, missingKeys
}

// keep keeps items that the transaction has read, but for deleted ones.
func (v *itemView) keep(found []*Item) {
	m := v.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	s := v.current()
	if s == nil {
		return
	}
	if m.count+len(found) > itemsMax {
		m.shops, m.count = nil, 0
		return
	}
	for _, item := range found {
		if item.Deleted {
			continue
		}
		if s.byID[item.ID] == nil {
			m.count++
		}
		if s.byID[item.ID] = item; !item.Doubled {
			s.byKey[text.CodeKey(item.Code)] = item
		}
	}
}

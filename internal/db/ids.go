package db

import (
	"errors"
	"slices"
	"sync"
)

// idBlock is how many ids are reserved at once. A crash loses what is left of a block, which is only a gap.
const idBlock = 100

// idStore are the ids that this process has reserved, by table, and not given out yet.
type idStore struct {
	mu   sync.Mutex
	left map[string]*idRange
	low  map[string]bool // tables whose block is half used up
}

type idRange struct{ next, last int64 }

func (r *idRange) take() (int64, bool) {
	if r == nil || r.next > r.last {
		return 0, false
	}
	r.next++
	return r.next - 1, true
}

// putBack returns an id, if it is the last one given out.
func (r *idRange) putBack(id int64) bool {
	if r == nil || r.next != id+1 {
		return false
	}
	r.next = id
	return true
}

func (s *idStore) take(table string) (int64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.left[table]
	id, ok := r.take()
	if ok && r.last-r.next < idBlock/2 {
		if s.low == nil {
			s.low = map[string]bool{}
		}
		s.low[table] = true
	}
	return id, ok
}

// putBack returns an id to the store, if it is still the last one given out.
func (s *idStore) putBack(table string, id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left[table].putBack(id)
}

// add gives the store a reserved range. What is left of the one before is used up first, if it is next to it; otherwise
// it is given up.
func (s *idStore) add(table string, r idRange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == nil {
		s.left = map[string]*idRange{}
	}
	if old := s.left[table]; old != nil && old.last+1 == r.next {
		old.last = r.last
		return
	}
	s.left[table] = &r
}

// forget gives up what is reserved: the server that takes over may give it out again.
func (s *idStore) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left, s.low = nil, nil
}

// wanted returns the tables that a block should be reserved for, each once.
func (s *idStore) wanted() (tables []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for table := range s.low {
		tables = append(tables, table)
	}
	s.low = nil
	return tables
}

// ids hands out ids inside a transaction: from the store, or from a block that the transaction reserves. That one is its
// own until the commit, so that no id is handed out twice when it is rolled back.
type ids struct {
	store *idStore
	own   map[string]*idRange
	inOp  []string // tables of own whose block was reserved in the running operation

	temporary bool // the running operation is a dry run
	borrowed  []borrowedID
}

// borrowedID is an id that a dry run has used.
type borrowedID struct {
	table string
	id    int64
}

// reserveIDs raises the last reserved id of a table by one block and returns it.
const reserveIDs = `
	INSERT INTO id_blocks (name, value) VALUES (?, ?)
	ON CONFLICT (name) DO UPDATE SET value = id_blocks.value + excluded.value
	RETURNING value`

func (s *ids) take(tx *Tx, table string) (int64, error) {
	if s == nil {
		return 0, errors.New("a read operation asks for an id")
	}
	id, ok := s.own[table].take()
	if !ok {
		id, ok = s.store.take(table)
	}
	if ok {
		if s.temporary {
			s.borrowed = append(s.borrowed, borrowedID{table, id})
		}
		return id, nil
	}
	last, _, err := One[int64](tx.Everywhere(), reserveIDs, table, int64(idBlock))
	if err != nil {
		return 0, err
	}
	r := &idRange{last - idBlock + 1, last}
	if s.own == nil {
		s.own = map[string]*idRange{}
	}
	s.own[table] = r
	s.inOp = append(s.inOp, table)
	id, _ = r.take()
	return id, nil
}

// raiseIDs raises the last reserved id of a table to at least a given one.
const raiseIDs = `
	INSERT INTO id_blocks (name, value) VALUES (?, ?)
	ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE id_blocks.value < excluded.value`

// keepUpTo keeps a table's ids up to last from being given out, also those of blocks that are reserved already.
func (s *ids) keepUpTo(tx *Tx, table string, last int64) error {
	if s == nil {
		return errors.New("a read operation keeps ids")
	}
	if r := s.own[table]; r != nil && r.next <= last {
		delete(s.own, table)
	}
	s.store.keepUpTo(table, last)
	_, err := tx.Everywhere().Exec(raiseIDs, table, last)
	return err
}

// keepUpTo gives up the block of a table that has ids up to last.
func (s *idStore) keepUpTo(table string, last int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.left[table]; r != nil && r.next <= last {
		delete(s.left, table)
	}
}

// keep ends an operation whose changes stay, undo one whose changes do not.
func (s *ids) keep() { s.inOp = s.inOp[:0] }

func (s *ids) undo() {
	for _, table := range s.inOp {
		delete(s.own, table)
	}
	s.inOp = s.inOp[:0]
	for _, b := range slices.Backward(s.borrowed) {
		if r := s.own[b.table]; r == nil || !r.putBack(b.id) {
			s.store.putBack(b.table, b.id)
		}
	}
	s.borrowed = s.borrowed[:0]
}

// settle leaves to the others what is left after the commit.
func (s *ids) settle() {
	for table, r := range s.own {
		if r.next <= r.last {
			s.store.add(table, *r)
		}
	}
}

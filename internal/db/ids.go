package db

import "sync"

// idBlock is how many ids are reserved at once. A crash loses what is left of a block, which is only a gap.
const idBlock = 100

// idSource hands out ids.
type idSource interface {
	take(tx *Tx, table string) (int64, error)
}

// blocks are the reserved ids of this process, by table.
type blocks struct {
	mu   sync.Mutex
	left map[string]*block
}

type block struct{ next, last int64 }

// take answers the next reserved id, or false when the block is used up.
func (b *blocks) take(table string) (int64, bool) {
	k := b.left[table]
	if k == nil || k.next > k.last {
		return 0, false
	}
	k.next++
	return k.next - 1, true
}

func (b *blocks) fill(table string, last int64) {
	if b.left == nil {
		b.left = map[string]*block{}
	}
	b.left[table] = &block{next: last - idBlock + 1, last: last}
}

// reserveIDs moves the mark of a table on by one block and answers its new place.
const reserveIDs = `
	INSERT INTO id_blocks (name, value) VALUES (?, ?)
	ON CONFLICT (name) DO UPDATE SET value = id_blocks.value + excluded.value
	RETURNING value`

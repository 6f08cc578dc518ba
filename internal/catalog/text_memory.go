package catalog

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/taphoa/taphoa"
	"github.com/taphoa/taphoa/internal/db"
	"github.com/taphoa/taphoa/internal/lru"
	"github.com/taphoa/taphoa/internal/wire"
)

// Bounds of the cached texts and ids of all shops together, in bytes: 32 MiB.
const (
	textsMax = 28 << 20
	idsMax   = 4 << 20
)

// textMemory caches products as pages show them: written, one text a product and format. The texts of a shop are as of one
// number of the shop's events. Only readers at that number use it, and only they add to it: the snapshot of another may be
// older than what was dropped.
type textMemory struct {
	mu          sync.Mutex // never held while SQL runs
	shops       map[int64]*shopTexts
	texts       lru.Cache[textKey, *textBlock]
	ids         lru.Cache[idsKey, []int64] // of a shop's products; never changed
	generations int64
}

type shopTexts struct {
	seq, refs  int64
	generation int64 // of the keys; entries with another one are not used
	formats    map[textFormat]bool
	skipped    map[string]int64 // by order: products that were skipped or read for pages since the ids were last cached
}

// idsKey names the ids of a shop's products in an order: that of an orderBy, ascending; "" for the ids' own.
type idsKey struct {
	generation int64
	order      string
}

// textFormat has all that the text of a product depends on besides the product.
type textFormat struct {
	includes
	form   wire.Form
	reader string // [right.Held.Key] of who has no role in the whole shop
}

// textKey is the key of the texts of products with adjacent ids, which are mostly on the same pages.
type textKey struct {
	generation, block int64
	format            textFormat
}

const (
	blockBits = 6
	blockMask = 1<<blockBits - 1
)

type textBlock struct {
	texts [blockMask + 1]*productText // by the last bits of the id
	bytes int
}

// blockBytes is what a block without texts takes, textBytes what a text takes beside its JSON.
const (
	blockBytes = 8 * (blockMask + 2)
	textBytes  = 40
)

type productText struct {
	json wire.Raw
	sum  uint64 // a hash of it
}

// textView is the memory for a reader, as long as it is at the reader's number.
type textView struct {
	memory   *textMemory
	retailer int64
	shop     *shopTexts
	seq      int64
}

// keptTexts updates the memory to the number that the transaction sees. It returns nil if it is ahead of it, and in
// transactions without a number.
func keptTexts(tx *db.Tx) (*textView, error) {
	h, ok, err := tx.Snapshot()
	if err != nil || !ok {
		return nil, err
	}
	m := db.Memory[textMemory](tx)
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.shops[tx.Retailer]
	if s == nil || s.refs < h.Refs && s.seq <= h.LastSeq {
		s = m.forgetAll(tx.Retailer, &h)
	}
	if since := s.seq; since < h.LastSeq && s.refs == h.Refs {
		m.mu.Unlock()
		changed, known, err := changesSince(tx, since, &h)
		m.mu.Lock()
		switch {
		case err != nil:
			return nil, err
		case m.shops[tx.Retailer] != s || s.seq != since: // another reader was faster
			s = m.shops[tx.Retailer]
		case !known:
			s = m.forgetAll(tx.Retailer, &h)
		default:
			m.forget(s, &changed)
			s.seq = h.LastSeq
		}
	}
	if s.seq != h.LastSeq || s.refs != h.Refs {
		return nil, nil
	}
	return &textView{m, tx.Retailer, s, h.LastSeq}, nil
}

// forgetAll drops all texts of a shop. The memory is locked.
func (m *textMemory) forgetAll(shop int64, h *db.Head) *shopTexts {
	if m.shops == nil {
		m.shops = map[int64]*shopTexts{}
		m.texts.Max, m.ids.Max = cmp.Or(m.texts.Max, textsMax), idsMax
	}
	m.generations++
	s := &shopTexts{seq: h.LastSeq, refs: h.Refs, generation: m.generations, formats: map[textFormat]bool{}, skipped: map[string]int64{}}
	m.shops[shop] = s
	return s
}

// changes are the records that the events between two numbers name.
type changes struct {
	texts    []int64 // products whose texts may have changed
	products []int64 // created, changed or deleted
	living   []int64 // those of them that are there
}

// forget drops what has changed. The memory is locked.
func (m *textMemory) forget(s *shopTexts, c *changes) {
	for _, id := range c.texts {
		for w := range s.formats {
			key := textKey{s.generation, id >> blockBits, w}
			b, _ := m.texts.Peek(key)
			if b == nil {
				continue
			}
			if at := &b.texts[id&blockMask]; *at != nil {
				gone := len((*at).json) + textBytes
				*at, b.bytes = nil, b.bytes-gone
				m.texts.Shrink(key, gone)
			}
		}
	}
	if len(c.products) == 0 {
		return
	}
	for order := range s.skipped {
		if order != "" { // its place in it would have to be asked
			m.ids.Remove(idsKey{s.generation, order})
		}
	}
	ids, found := m.ids.Peek(idsKey{s.generation, ""})
	if !found {
		return
	}
	ids = slices.Clone(ids)
	for _, id := range c.products {
		at, listed := slices.BinarySearch(ids, id)
		switch _, lives := slices.BinarySearch(c.living, id); {
		case lives && !listed:
			ids = slices.Insert(ids, at, id)
		case !lives && listed:
			ids = slices.Delete(ids, at, at+1)
		}
	}
	m.ids.Put(idsKey{s.generation, ""}, ids, 8*cap(ids))
}

// current reports whether the memory is still at the reader's number. It is locked.
func (r *textView) current() bool { return r.memory.shops[r.retailer] == r.shop && r.shop.seq == r.seq }

// fill sets the texts that are cached.
func (r *textView) fill(shown textFormat, ids []int64, texts []wire.Raw, sums []uint64) {
	m := r.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if !r.current() {
		return
	}
	key := textKey{r.shop.generation, -1, shown}
	var b *textBlock
	for i, id := range ids {
		if block := id >> blockBits; block != key.block {
			key.block = block
			b, _ = m.texts.Get(key)
		}
		if b == nil {
			continue
		}
		if t := b.texts[id&blockMask]; t != nil {
			texts[i], sums[i] = t.json, t.sum
		}
	}
}

// keep keeps texts that were read.
func (r *textView) keep(shown textFormat, found map[int64]*productText) {
	m := r.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if !r.current() { // some of them may have been dropped
		return
	}
	r.shop.formats[shown] = true
	for id, t := range found {
		key := textKey{r.shop.generation, id >> blockBits, shown}
		b, _ := m.texts.Peek(key)
		if b == nil {
			b = &textBlock{bytes: blockBytes}
		}
		if at := &b.texts[id&blockMask]; *at == nil {
			*at, b.bytes = t, b.bytes+len(t.json)+textBytes
		}
		m.texts.Put(key, b, b.bytes)
	}
}

// list returns a page of all products in an order, from memory if their ids are cached. They are read after as many products
// were skipped as there are: then it costs no more than the pages before.
func (r *textView) list(tx *db.Tx, l *db.List, p taphoa.Paging) (page taphoa.Page[int64], err error) {
	order := strings.ToLower(p.OrderBy)
	if _, known := productOrders[order]; !known {
		order = ""
	}
	if all, ok := r.ids(order); ok {
		page.Total, page.PageSize = int64(len(all)), p.PageSize
		from := min(p.CurrentItem, page.Total)
		to := min(from+p.PageSize, page.Total)
		if strings.EqualFold(p.OrderDirection, "desc") {
			page.Data = slices.Clone(all[page.Total-to : page.Total-from])
			slices.Reverse(page.Data)
		} else {
			page.Data = all[from:to]
		}
		page.Timestamp, err = tx.LastChange()
		return page, err
	}
	page, err = db.ListPage[int64](tx, l, p)
	skipped := int64(len(page.Data))
	if order != "" {
		skipped += p.CurrentItem
	}
	if err == nil && r.pays(order, page.Total, skipped) {
		var all []int64
		all, err = db.AllIDs(tx, l, taphoa.Paging{OrderBy: p.OrderBy})
		r.keepIDs(order, all)
	}
	return page, err
}

func (r *textView) ids(order string) (all []int64, ok bool) {
	r.memory.mu.Lock()
	defer r.memory.mu.Unlock()
	if !r.current() {
		return nil, false
	}
	return r.memory.ids.Get(idsKey{r.shop.generation, order})
}

// pays adds skipped products, and reports whether the ids of all should be read now.
func (r *textView) pays(order string, total, skipped int64) bool {
	r.memory.mu.Lock()
	defer r.memory.mu.Unlock()
	if r.shop.skipped[order] += skipped; r.shop.skipped[order] < total || 8*total > idsMax {
		return false
	}
	r.shop.skipped[order] = 0
	return true
}

func (r *textView) keepIDs(order string, all []int64) {
	r.memory.mu.Lock()
	defer r.memory.mu.Unlock()
	if r.current() {
		r.memory.ids.Put(idsKey{r.shop.generation, order}, all, 8*cap(all))
	}
}

package api

import (
	"bytes"
	"reflect"
	"strings"
	"sync"

	"github.com/taphoa/taphoa"
)

// cacheMax is how many bytes of answers are kept.
const cacheMax = 32 << 20

// cache keeps the answers of reading operations for as long as nothing in the database changes. Programs that poll a
// shop ask the same again and again; what they get is what a fresh answer would say, to the byte.
type cache struct {
	mu      sync.Mutex
	version int64 // of the database, that all answers belong to
	answers map[cacheKey]*kept
	size    int
}

type cacheKey struct {
	retailer    int64
	path, query string
}

// kept is an answer that may be given again.
type kept struct {
	body   []byte
	tag    []string
	pack   sync.Once
	packed []byte // the body in gzip's form, from its first use on
}

// cached answers a reading operation from the cache if it can; otherwise the answer of this call will be kept.
func (s *Server) cached(c *call) bool {
	if c.version, c.keep = s.db.Version(); !c.keep {
		return false
	}
	k := s.cache.get(keyOf(c), c.version)
	if k == nil {
		return false
	}
	s.sendKept(c, k)
	return true
}

func keyOf(c *call) cacheKey {
	return cacheKey{c.who.Retailer, c.r.URL.EscapedPath(), c.r.URL.RawQuery}
}

func (a *cache) get(key cacheKey, version int64) *kept {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.version != version {
		return nil
	}
	return a.answers[key]
}

// put keeps an answer that was worked out after the version was read.
func (a *cache) put(key cacheKey, version int64, k *kept) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.version != version || a.size+len(k.body) > cacheMax || a.answers == nil {
		a.version, a.size, a.answers = version, 0, map[cacheKey]*kept{}
	}
	if _, known := a.answers[key]; known {
		return
	}
	key.path, key.query = strings.Clone(key.path), strings.Clone(key.query)
	a.answers[key] = k
	a.size += len(k.body) + len(key.path) + len(key.query)
}

// zip is the kept answer's body in gzip's form, worked out on first use.
func (a *cache) zip(k *kept) []byte {
	k.pack.Do(func() {
		k.packed = pack(nil, k.body)
		a.mu.Lock()
		a.size += len(k.packed)
		a.mu.Unlock()
	})
	return k.packed
}

const (
	stampName   = `"timestamp":"`
	stampLength = len(stampName + `2026-10-07T14:39:09.4969693+07:00"`)

	// stampRest bounds what stands behind a timestamp; it is nearly always a bracket.
	stampRest = 16 << 10
)

// stampIn is where in a page its timestamp begins and ends, twice the page's length if it has none.
func stampIn(page []byte) (from, to int) {
	window := max(0, len(page)-stampLength-stampRest)
	from = bytes.LastIndex(page[window:], []byte(stampName)) // a quote within a text would have a backslash
	if to = window + from + stampLength; from < 0 || to > len(page) || page[to-1] != '"' {
		return len(page), len(page)
	}
	return window + from, to
}

// isStamped reports whether answers of a type have the timestamp of a page.
func isStamped(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type == reflect.TypeFor[taphoa.Stamp]() && f.Tag.Get("json") == "timestamp" || f.Anonymous && isStamped(f.Type) {
			return true
		}
	}
	return false
}
